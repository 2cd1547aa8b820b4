"""Logs and errors reveal neither keys, positions nor internals."""

import json
from typing import Any

import httpx
import pytest

from adlrisk.api.limits.api_keys import digest_key, generate_key
from support.hostile.failure_cases import FAILURES
from support.running import ADMIN_KEY, API_KEY, example, serving


def test_log_contains_neither_keys_nor_positions() -> None:
    """No key, header, query, body, number or id of a request is in a log line, whether it succeeds or fails."""
    private = "of-a-trader-alone"
    numbers = ("31415.9265", "2718.28182", "16180.3398")
    position = {"side": "short", "size": 31415.9265, "entry_price": 2718.28182, "mark_price": 16180.3398, "leverage": 5}
    keys = {"api_keys": digest_key(API_KEY), "admin_keys": digest_key(ADMIN_KEY)}
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
    for word in (*numbers, private, "BTC-SECRET", API_KEY, ADMIN_KEY, digest_key(API_KEY)[:16], "198.51.100.77"):
        assert word not in lines, word
    allowed = {"event", "level", "timestamp", "route", "method", "status", "milliseconds", "request_id", "key"}
    assert {name for line in logged for name in line} == allowed


def test_a_key_sent_as_a_request_id_is_neither_logged_nor_echoed() -> None:
    """If a caller puts a key into X-Request-ID, the service gives the request another id, accepted or not."""
    key = generate_key()
    with serving(api_keys=digest_key(key)) as (server, client):
        for sent in ({"x-api-key": key}, {}):
            for path, body in (("/score", example("score.request")), ("/score", {}), ("/scores", {}), ("/nowhere", {})):
                answer = client.post(path, json=body, headers={**sent, "x-request-id": key})
                assert answer.headers["x-request-id"]
                assert key not in str(answer.headers) + answer.text
        named = client.post(
            "/score", json=example("score.request"), headers={"x-api-key": key, "x-request-id": "adl-1"}
        )
        lines = server.log.getvalue()
    assert named.headers["x-request-id"] == "adl-1"
    assert key not in lines
    assert len(server.log_lines()) == 9


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.title)
def test_errors_reveal_nothing_internal(admin: httpx.Client, failure: Any) -> None:
    """No documented error contains a file path, module, exception type or traceback."""
    headers = {**failure.headers, "x-api-key": failure.headers.get("x-api-key", ADMIN_KEY)}
    answer = admin.request(failure.method, failure.path, content=failure.body, headers=headers)
    said = json.dumps(json.loads(answer.content)) if answer.content else ""
    for inside in ("Traceback", 'File \\"', ".py", "site-packages", "msgspec", "litestar", "Error(", "adlrisk.api"):
        assert inside not in said, said
