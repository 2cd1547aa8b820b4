"""`/mcp`: an endpoint like any other, within the limits of the service."""

import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from mcp import Client

from adlrisk.api.limits.api_keys import digest_key
from adlrisk.settings import Settings
from support.mcp_calls import MODERN, use_url
from support.running import API_KEY, RunningServer, serving

POSITION = {"side": "short", "size": 10, "entry_price": 2000, "mark_price": 1800, "margin": 1000}
JSON = {"content-type": "application/json"}
SITE = "https://desk.example"
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(mcp="on", cors_origins=SITE) as (_, client):
        yield client


def post(client: httpx.Client, message: Any, **headers: str) -> httpx.Response:
    return client.post("/mcp", json=message, headers=headers)


async def score(client: Client) -> Any:
    return await client.call_tool("score_position", {"position": POSITION})


def test_it_is_off_by_default() -> None:
    """Without the setting there is no such path."""
    with serving() as (_, client):
        assert post(client, PING).json()["type"] == "/problems/not-found"


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_only_posts_are_answered(client: httpx.Client, method: str) -> None:
    """There are no streams to get and no sessions to delete."""
    response = client.request(method, "/mcp")
    assert response.status_code == 405
    assert "POST" in response.headers["allow"]


def test_requests_of_other_sites_are_rejected(client: httpx.Client) -> None:
    """A page of another site may not call, whatever host it names; a listed one may, and so may a program."""
    host = str(client.base_url.netloc, "ascii")
    for origin in ("https://evil.example", f"http://{host}", "null"):
        response = post(client, PING, origin=origin)
        assert (response.status_code, response.json()["type"]) == (403, "/problems/foreign-origin")
    for headers in ({}, {"origin": SITE}, {"origin": SITE.upper()}):
        assert post(client, PING, **headers).json() == {"jsonrpc": "2.0", "id": 1, "result": {}}


def test_listed_sites_may_send_the_headers_of_the_protocol(client: httpx.Client) -> None:
    """A preflight of a listed site is answered with the headers that a client of the stateless revision sends."""
    asked = {"origin": SITE, "access-control-request-method": "POST"}
    allowed = client.options("/mcp", headers=asked).headers["access-control-allow-headers"]
    assert {"mcp-protocol-version", "mcp-method", "mcp-name"} <= set(allowed.split(", "))


@pytest.mark.parametrize(
    ("content", "headers", "status", "slug"),
    [
        (b"{}", {"content-type": "text/plain"}, 415, "unsupported-media-type"),
        (b"{}", {**JSON, "accept": "text/html"}, 406, "not-acceptable"),
        (b" " * 70_000, JSON, 413, "body-too-large"),
    ],
)
def test_limits_are_those_of_the_service(
    client: httpx.Client, content: bytes, headers: dict[str, str], status: int, slug: str
) -> None:
    """Media types and sizes are refused with the problems of the API."""
    response = client.post("/mcp", content=content, headers=headers)
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{slug}")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{nope", b"[]", b"null", b"1", b"{}", b'{"jsonrpc":"2.0","id":1}', b"[" * 30_000, b"\xff", b'"\\ud800"',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":1}}',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"score_position","arguments":[]}}',
        b'{"jsonrpc":"2.0","id":1e400,"method":"ping"}',
        b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\\ud800","arguments":{}}}',
        b'{"jsonrpc":"2.0","id":1,"method":"resources/list"}',
        b'{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen"}',
    ],
)  # fmt: skip
@pytest.mark.parametrize("version", [None, "2025-06-18", MODERN, "2099-01-01"])
def test_no_message_makes_a_defect(client: httpx.Client, content: bytes, version: str | None) -> None:
    """What is no request of the protocol is an error of the protocol, in every revision, and never a 500."""
    headers = {**JSON, **({"mcp-protocol-version": version} if version else {})}
    response = client.post("/mcp", content=content, headers=headers)
    if response.status_code == 202:  # an id that is none: the SDK takes it for a notification
        assert (b"1e400" in content, response.content) == (True, b"")
        return
    assert response.status_code in (200, 400, 404), response.text
    assert response.json()["error"]["code"] < 0
    assert "Traceback" not in response.text


def test_notifications_are_accepted(client: httpx.Client) -> None:
    """A message that wants no answer gets none."""
    response = post(client, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (response.status_code, response.content) == (202, b"")


def test_calls_need_the_keys_of_the_api() -> None:
    """Where scores need a key, so does every request to /mcp, and the key is used for the call of the API."""
    with serving(mcp="on", api_keys=digest_key(API_KEY)) as (server, client):
        response = post(client, PING)
        assert (response.status_code, response.headers["www-authenticate"]) == (401, 'Bearer realm="adlrisk"')
        result = use_url(server.url, score, headers={"authorization": f"Bearer {API_KEY}"})
    assert result.structured_content["score"] in range(11)


def test_calls_count_against_the_rate_limit() -> None:
    """A call of a tool counts as the request that it is and as the call of the API that it makes."""
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "venue_rule", "arguments": {"venue": "okx"}},
    }
    with serving(mcp="on", rate_limit="3/hour") as (_, client):
        first, second, third = (post(client, call) for _ in range(3))
    assert first.json()["result"]["isError"] is False
    assert second.json()["result"]["structuredContent"]["type"] == "/problems/rate-limited"
    assert (third.status_code, third.json()["type"]) == (429, "/problems/rate-limited")
    assert int(third.headers["retry-after"]) > 0


def test_requests_are_counted_and_logged_like_others() -> None:
    """A call is a request of the route in metrics and log, counts its score, and leaves no argument in either."""
    with serving(mcp="on") as (server, client):
        result = use_url(server.url, score)
        metrics = client.get("/metrics").text
        lines = server.log_lines()
    assert not result.is_error
    assert 'adlrisk_http_requests_total{method="POST",route="/mcp",status="200"}' in metrics
    assert "adlrisk_scores_total{" in metrics
    assert {line["route"] for line in lines if line["event"] == "request"} >= {"/mcp"}
    assert "entry_price" not in json.dumps(lines)


def test_market_records_fill_in_what_is_not_sent() -> None:
    """Over HTTP a symbol's market record is used, as by the API."""
    settings = Settings(mcp="on", write_keys=digest_key("w"))
    record = {
        "observed_at": "2026-11-18T11:59:50Z",
        "funding_rate": 0.002,
        "funding_interval_hours": 8,
        "ttl_seconds": 60,
    }
    with RunningServer(settings, log=io.StringIO()) as server:
        stored = httpx.put(f"{server.url}/venues/okx/markets/X", json=record, headers={"x-api-key": "w"})
        assert stored.is_success, stored.text

        async def work(client: Client) -> Any:
            return await client.call_tool("score_position", {"venue": "okx", "symbol": "X", "position": POSITION})

        funding = use_url(server.url, work).structured_content["signals"][2]
    assert (funding["signal"], funding["source"], funding["fired"]) == ("funding", "cache", True)
