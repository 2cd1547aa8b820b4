"""What holds for every endpoint: media types, limits, methods, request ids, caching, health."""

import asyncio
import importlib
import itertools
import json
import socket
from typing import Any

import httpx
import pytest

from adlrisk.api.app import ENDPOINTS
from adlrisk.api.endpoints.venues.markets import PUT_MARKET
from adlrisk.api.http.problem_types import PROBLEMS
from support.hostile.failure_cases import JSON, SCORE
from support.line import Line, on_a_line
from support.running import RunningServer, assert_problem, example, path_of
from support.sockets import answer_of, connected, next_answer, the_rest


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", 'application/json;charset="UTF-8"']
)
def test_content_type_accepts_a_utf8_charset(client: httpx.Client, content_type: str) -> None:
    """The media type's case and a UTF-8 charset do not matter."""
    assert client.post("/score", content=SCORE, headers={"content-type": content_type}).status_code == 200


def test_announced_body_beyond_the_limit_is_rejected_unread(server: RunningServer) -> None:
    """If Content-Length is beyond the limit, 413 comes before the body is sent."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 65537\r\n\r\n"
        )
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"/problems/body-too-large" in answer


UPGRADE = (
    b"POST /score HTTP/1.1\r\nhost: x\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\n"
    b"http2-settings: AAMAAABkAAQBAAAAAAIAAAAA\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
) % len(SCORE)


@pytest.mark.parametrize("cuts", [(), (len(UPGRADE),), (30, len(UPGRADE) + 50)], ids=["whole", "head", "pieces"])
def test_server_ignores_an_offered_upgrade(cuts: tuple[int, ...]) -> None:
    """A client that offers h2c (Java's does, always) is answered as HTTP/1.1, its body read, in any packets."""
    sent = UPGRADE + SCORE
    parts = [sent[start:end] for start, end in itertools.pairwise([0, *cuts, len(sent)])]

    async def story(line: Line) -> None:
        answer = await line.answer_to(*parts)
        assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
        assert b'"score":8' in answer
        assert answer.count(b"HTTP/1.1 ") == 1
        await line.ended.wait()  # nothing more comes until the connection has been idle for too long
        assert line.received == answer

    on_a_line(story)


def test_connection_continues_after_an_ignored_upgrade(server: RunningServer) -> None:
    """The next request on the connection is answered as well."""
    with connected(server, sends=UPGRADE + SCORE) as connection:
        assert b'"score":8' in next_answer(connection)
        connection.sendall(b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert b'"status":"alive"' in the_rest(connection)


def test_server_ignores_many_pipelined_upgrades(server: RunningServer) -> None:
    """A hundred pipelined requests that offer an upgrade get a hundred answers."""
    one = b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: a\r\n\r\n"
    last = b"GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(one * 99 + last)
        with connection.makefile("rb") as reader:
            answer = reader.read()
    assert answer.count(b"HTTP/1.1 200 ") == 100


@pytest.mark.parametrize(
    "broken",
    [
        b"BREW / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n",
        b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n",
        b"CONNECT x:443 HTTP/1.1\r\nhost: x:443\r\n\r\n",
        b"CONNECT /score HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}",
    ],
)
def test_invalid_http_yields_a_problem(server: RunningServer, client: httpx.Client, broken: bytes) -> None:
    """A request that is not HTTP/1.1 gets a 400 `bad-request` like any other problem, and is counted."""
    with connected(server, sends=broken) as connection:
        assert_problem(answer_of(next_answer(connection)), "bad-request", 400)
    assert 'adlrisk_problems_total{type="bad-request"}' in client.get("/metrics").text


def test_content_length_accepts_leading_zeros(server: RunningServer) -> None:
    """However many there are, leading zeros are legal: neither a defect nor a large body."""
    head = b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: "
    length = b"0" * 5000 + str(len(SCORE)).encode()
    with connected(server, sends=head + length + b"\r\nconnection: close\r\n\r\n" + SCORE) as connection:
        answer = the_rest(connection)
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:100]


def test_incomplete_body_times_out_and_releases_its_slot() -> None:
    """A half-sent body is answered 408 in time, and does not hold a book's slot for ever."""
    importlib.import_module("adlrisk.domain.queue.queue")  # otherwise a thread imports it for the first book
    head = b"POST /queue/rank HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    book = json.dumps(example("queue-rank.request")).encode()

    async def story(stalled: Line) -> None:
        stalled.send(head % 500 + b"{")
        await asyncio.sleep(0.9)
        other = stalled.another()
        assert_problem(answer_of(await other.answer_to(head % len(book) + book)), "overloaded", 503)
        assert not stalled.received
        await asyncio.sleep(0.2)
        assert_problem(answer_of(stalled.received), "body-too-slow", 408)
        assert (await other.answer_to(head % len(book) + book)).startswith(b"HTTP/1.1 200 ")

    on_a_line(story, body_timeout_seconds=1.0, max_books=1)


def test_rejected_body_does_not_cut_the_connection(client: httpx.Client) -> None:
    """A client that sends five megabytes before it listens can still read its 413."""
    for _ in range(5):
        response = client.post("/score", content=b" " * 5_000_000, headers=JSON)
        assert_problem(response, "body-too-large", 413)


@pytest.mark.parametrize("path", ["/docs", "/metrics"])
def test_content_type_has_one_charset(client: httpx.Client, path: str) -> None:
    """Content-Type names its charset once."""
    assert client.get(path).headers["content-type"].count("charset") == 1


def test_doubled_slashes_are_ignored(server: RunningServer) -> None:
    """A path with doubled slashes is routed, and recognised when it fails."""
    with connected(server, sends=b"GET //score HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n") as connection:
        answer = the_rest(connection)
    assert answer.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nallow: OPTIONS, POST\r\n" in answer


def test_body_at_the_limit_is_accepted(client: httpx.Client) -> None:
    """A body of exactly 64 KiB is within the limit."""
    body = SCORE + b" " * (65536 - len(SCORE))
    assert client.post("/score", content=body, headers=JSON).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/score", "OPTIONS, POST"),
        ("PUT", "/score", "OPTIONS, POST"),
        ("DELETE", "/venues", "GET, HEAD, OPTIONS"),
        ("POST", "/venues/okx", "GET, HEAD, OPTIONS, PATCH"),
        ("GET", "/venues/okx/override", "DELETE, OPTIONS"),
        ("DELETE", "/venues/okx/markets/X", "GET, HEAD, OPTIONS, PUT"),
        ("TRACE", "/score", "OPTIONS, POST"),
        ("POST", "/", "GET, HEAD, OPTIONS"),
    ],
)
def test_other_methods_are_rejected_with_allow(client: httpx.Client, method: str, path: str, allowed: str) -> None:
    """A method that the path does not support gets a 405 with an Allow header."""
    response = client.request(method, path)
    assert_problem(response, "method-not-allowed", 405)
    assert response.headers["allow"] == allowed
    options = client.options(path)
    assert (options.status_code, options.headers["allow"]) == (204, allowed)
    assert not {"content-length", "content-type"} & set(options.headers)


LASTING = {"ttl_seconds": 86_400}  # a record that outlives every test


@pytest.mark.parametrize("path", [path_of(endpoint) for endpoint in ENDPOINTS if endpoint.method == "GET"])
def test_head_works_wherever_get_does(admin: httpx.Client, path: str) -> None:
    """HEAD answers with the status and headers of GET, and no body."""
    admin.put(path_of(PUT_MARKET), json=LASTING).raise_for_status()
    got, head = admin.get(path), admin.head(path)
    assert head.status_code == got.status_code == 200
    assert head.content == b""
    if path != "/metrics":  # which changes with every request
        assert head.headers["content-length"] == got.headers["content-length"]
    assert head.headers["content-type"] == got.headers["content-type"]


def test_valid_request_id_is_echoed(client: httpx.Client) -> None:
    """A well-formed X-Request-ID comes back, also as the instance of problems."""
    headers = {"x-request-id": "bot-7:42_a.b"}
    assert client.get("/venues", headers=headers).headers["x-request-id"] == "bot-7:42_a.b"
    assert assert_problem(client.get("/nowhere", headers=headers), "not-found", 404)["instance"] == "bot-7:42_a.b"


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "ä", 'a"b'])
def test_invalid_request_id_is_replaced(client: httpx.Client, given: str) -> None:
    """Anything else is replaced by an id that the service generates, a new one each time."""
    made = {client.get("/", headers=[(b"x-request-id", given.encode())]).headers["x-request-id"] for _ in range(3)}
    assert len(made) == 3
    assert given not in made


def test_health_checks_pass_while_serving(client: httpx.Client) -> None:
    """While the service is serving, both health checks say so, and readiness names the store."""
    assert client.get("/health/live").json() == {"status": "alive"}
    assert client.get("/health/ready").json() == {"status": "ready", "store": "memory", "reasons": []}


def test_readiness_fails_while_draining(server: RunningServer, client: httpx.Client) -> None:
    """A draining service is not ready, but continues to answer."""
    service = server.app.context
    service.drain()
    try:
        response = client.get("/health/ready")
        assert_problem(response, "not-ready", 503)
        assert int(response.headers["retry-after"]) >= 1
        assert client.get("/health/live").status_code == 200
        assert client.post("/score", content=SCORE, headers=JSON).status_code == 200
    finally:
        service.phase = "serving"


@pytest.mark.parametrize("slug", PROBLEMS)
def test_every_problem_type_has_an_explanation(client: httpx.Client, slug: str) -> None:
    """The path in `type` answers with the explanation."""
    page = client.get(f"/problems/{slug}").json()
    assert page["type"] == f"/problems/{slug}"
    assert page["title"] == PROBLEMS[slug].title
    assert len(page["explanation"]) > 20


def test_defect_reveals_nothing(server: RunningServer, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception is a 500 problem that reveals nothing internal, and one log line with the traceback."""

    def broken() -> None:
        raise ZeroDivisionError("the secret inside")

    monkeypatch.setattr(server.app.context, "clock", broken)
    response = client.post("/score", content=SCORE, headers=JSON)
    assert_problem(response, "internal-error", 500)
    assert "secret" not in response.text
    (line,) = [line for line in server.log_lines() if line["event"] == "defect"]
    assert line["request_id"] == response.headers["x-request-id"]
    assert "the secret inside" in line["exception"]


def test_root_links_work(client: httpx.Client) -> None:
    """Every link of the root answers 200."""
    root: dict[str, Any] = client.get("/").json()
    assert root["name"] == "adlrisk"
    assert "not investment advice" in root["notice"]
    assert len(root["links"]) >= 5
    for link in root["links"].values():
        assert client.get(link).status_code == 200, link
