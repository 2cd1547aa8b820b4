"""What answers say to browsers, which pages may ask, and what stays out of logs and errors."""

import json
from typing import Any

import httpx
import pytest

from adlrisk.api.app import ENDPOINTS
from adlrisk.api.http.headers import Headers
from adlrisk.api.limits.api_keys import ApiKeys, digest_of
from adlrisk.settings import Settings
from support.hostile.failure_cases import FAILURES, JSON, SCORE
from support.running import ADMIN_KEY, API_KEY, example, path_of, serving

DESK = "https://desk.example"
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
        assert {"authorization", "content-type", "x-api-key"} <= set(
            preflight.headers["access-control-allow-headers"].split(", ")
        )
        for body, status in ((SCORE, 200), (b"{", 400)):
            answer = client.post("/score", content=body, headers={**JSON, "origin": DESK})
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == DESK
            assert "retry-after" in answer.headers["access-control-expose-headers"]
        got = client.get("/venues", headers={"origin": DESK})
        assert {part.strip() for part in got.headers["vary"].split(",")} == {"accept", "origin"}


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


def test_log_contains_neither_keys_nor_positions() -> None:
    """No key, header, query, body, number or id of a request is in a log line, whether it succeeds or fails."""
    private = "of-a-trader-alone"
    numbers = ("31415.9265", "2718.28182", "16180.3398")
    position = {"side": "short", "size": 31415.9265, "entry_price": 2718.28182, "mark_price": 16180.3398, "leverage": 5}
    keys = {"api_keys": digest_of(API_KEY), "admin_keys": digest_of(ADMIN_KEY)}
    with serving(rate_limit="100/second", **keys) as (server, client):
        for key in (API_KEY, ADMIN_KEY, private):
            given = {"x-api-key": key, "cookie": private, "user-agent": private, "x-forwarded-for": "198.51.100.77"}
            for symbol in ("BTC-SECRET", private + " "):
                client.post("/score?" + private, json={"position": position, "symbol": symbol}, headers=given)
            book = {**example("queue-rank.request")}
            book["positions"] = [{**row, "id": f"{private}-{place}"} for place, row in enumerate(book["positions"])]
            client.post("/queue/rank", json=book, headers=given)
            client.post(
                "/queue/rank", json={**book, "positions": [{**book["positions"][0], "size": private}]}, headers=given
            )
            client.get(f"/venues/{private}", headers=given)
            client.get(f"/{private}", headers=given)
        lines = server.log.getvalue()
        logged = server.log_lines()
    assert len(logged) >= 18
    for word in (*numbers, private, "BTC-SECRET", API_KEY, ADMIN_KEY, digest_of(API_KEY)[:16], "198.51.100.77"):
        assert word not in lines, word
    allowed = {"event", "level", "timestamp", "route", "method", "status", "milliseconds", "request_id"}
    assert {name for line in logged for name in line} == allowed


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.title)
def test_errors_reveal_nothing_internal(admin: httpx.Client, failure: Any) -> None:
    """No documented error contains a file path, module, exception type or traceback."""
    headers = {**failure.headers, "x-api-key": failure.headers.get("x-api-key", ADMIN_KEY)}
    answer = admin.request(failure.method, failure.path, content=failure.body, headers=headers)
    said = json.dumps(json.loads(answer.content)) if answer.content else ""
    for inside in ("Traceback", 'File \\"', ".py", "site-packages", "msgspec", "litestar", "Error(", "adlrisk.api"):
        assert inside not in said, said


def test_every_known_key_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Timing does not reveal which key was nearly right: all digests are compared, each in constant time."""
    compared: list[tuple[str, str]] = []

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr("hmac.compare_digest", compare)
    known = [digest_of(name) for name in ("one", "two", "three")]
    keys = ApiKeys(Settings(api_keys=",".join(known)))
    for presented in ("one", "three", "none of them"):
        compared.clear()
        keys.known(Headers([(b"x-api-key", presented.encode())]))
        assert [digest for digest, _ in compared] == known
