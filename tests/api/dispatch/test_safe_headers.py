"""Safety headers of every answer, and who may cache it."""

import httpx
import pytest

from adlrisk.api.app import ENDPOINTS
from support.hostile.failure_cases import JSON, SCORE
from support.running import path_of

SAFE = {
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@pytest.mark.parametrize("path", [path_of(endpoint) for endpoint in ENDPOINTS] + ["/nowhere"])
def test_answers_carry_safe_headers(client: httpx.Client, path: str) -> None:
    """Whatever the path and the outcome, browsers must not guess the type, frame, execute or cache the answer."""
    for answer in (client.get(path), client.post(path, content=b"{", headers=JSON)):
        assert {name: answer.headers[name] for name in SAFE} == SAFE
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] in ("no-store", "no-cache")
        assert "server" not in answer.headers


def test_cards_are_revalidated_and_scores_not_cached(client: httpx.Client) -> None:
    """Venues have ETags and must be revalidated; scores and errors are not cached."""
    assert client.get("/venues").headers["cache-control"] == "no-cache"
    assert client.get("/venues/okx").headers["cache-control"] == "no-cache"
    assert client.post("/score", content=SCORE, headers=JSON).headers["cache-control"] == "no-store"
    assert client.get("/venues/nowhere").headers["cache-control"] == "no-store"
