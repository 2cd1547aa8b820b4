"""CORS: which origins the answers allow."""

import httpx
import pytest

from support.hostile.failure_cases import JSON, SCORE
from support.running import serving

DESK = "https://desk.example"


def test_cors_is_off_by_default(client: httpx.Client) -> None:
    """By default no answer allows any origin, and a preflight gets only the methods."""
    answers = [
        client.post("/score", content=SCORE, headers={**JSON, "origin": DESK}),
        client.options("/score", headers={"origin": DESK, "access-control-request-method": "POST"}),
    ]
    for answer in answers:
        assert answer.is_success
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_cors_allows_a_listed_origin() -> None:
    """Preflight, answer and error allow the listed origin and no other, and have a Vary header."""
    with serving(cors_origins=f"{DESK}, http://localhost:3000") as (_, client):
        preflight = client.options("/score", headers={"origin": DESK, "access-control-request-method": "POST"})
        assert preflight.status_code == 204
        assert "POST" in preflight.headers["access-control-allow-methods"]
        assert {"authorization", "content-encoding", "content-type", "x-api-key"} <= set(
            preflight.headers["access-control-allow-headers"].split(", ")
        )
        for body, status in ((SCORE, 200), (b"{", 400)):
            answer = client.post("/score", content=body, headers={**JSON, "origin": DESK})
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == DESK
            assert "retry-after" in answer.headers["access-control-expose-headers"]
        got = client.get("/venues", headers={"origin": DESK})
        assert {part.strip() for part in got.headers["vary"].split(",")} == {"accept", "accept-encoding", "origin"}


@pytest.mark.parametrize(
    "origin", ["https://deskXexample", "https://desk.example.evil", "http://desk.example", "null", "https://evil", ""]
)
def test_cors_rejects_other_origins(origin: str) -> None:
    """An origin is compared as a whole: no pattern, no prefix, no other scheme."""
    with serving(cors_origins=DESK) as (_, client):
        asked = {"origin": origin, "access-control-request-method": "POST"}
        for answer in (client.options("/score", headers=asked), client.get("/venues", headers={"origin": origin})):
            assert answer.is_success
            assert not [name for name in answer.headers if name.startswith("access-control")]


def test_cors_star_allows_all_origins() -> None:
    """A star allows all origins, and never asks a browser for cookies."""
    with serving(cors_origins="*") as (_, client):
        answer = client.post("/score", content=SCORE, headers={**JSON, "origin": "https://anywhere"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
