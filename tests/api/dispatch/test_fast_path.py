"""The fast path: it answers exactly like the normal path, and declines everything else."""

import asyncio
import contextlib
import io
import itertools
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from adlrisk.api.app import ENDPOINTS, create_app
from adlrisk.api.dispatch.fast_path import CachedHead, FastPath, HeadCache, Prepared
from adlrisk.api.endpoints.venues.markets import PUT_MARKET
from adlrisk.api.http import codecs
from adlrisk.api.limits.api_keys import digest_key
from adlrisk.api.server.connection import Connection
from adlrisk.settings import Settings
from support.clocks import HandClock, reading_by
from support.hostile.failure_cases import JSON, SCORE, changed, encoded
from support.line import Line, on_a_line
from support.redis_servers import wait_for
from support.running import ADMIN_KEY, API_KEY, RunningServer, assert_problem, example, path_of, serving
from support.sockets import HEAD, answer_of, busy, connected, next_answer, seen

POSTS = [endpoint for endpoint in ENDPOINTS if endpoint.method == "POST" and endpoint.body]
EXAMPLES = [(endpoint.path, name) for endpoint in POSTS for name in (endpoint.body.examples if endpoint.body else ())]
NEVER_SHORT = {"/adl/exposure"}  # it always goes to the worker
FORMATS = [("application/json", "application/json"), ("application/msgpack", "application/x-msgpack")]


@pytest.fixture(scope="module", autouse=True)
def _records_that_stay_fresh() -> Iterator[None]:
    """Cached records do not expire, however long a test takes."""
    with reading_by(HandClock()):
        yield


@pytest.fixture
def fast_path_answers(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each complete request, whether the fast path answered it."""
    outcomes: list[bool] = []
    prepare, respond = FastPath.prepare, FastPath.respond

    def watched_prepare(self: FastPath, scope: Any) -> Any:
        asked = prepare(self, scope)
        if asked is None:
            outcomes.append(False)
        return asked

    def watched_respond(self: FastPath, asked: Any, body: bytes) -> Any:
        finished = respond(self, asked, body)
        outcomes.append(finished is not None)
        return finished

    monkeypatch.setattr(FastPath, "prepare", watched_prepare)
    monkeypatch.setattr(FastPath, "respond", watched_respond)
    return outcomes


def prepare_request() -> Prepared:
    """Prepare a request whose content does not matter."""
    headers = [(b"content-type", b"application/json")]
    scope: Any = {"path": "/score", "method": "POST", "headers": headers}
    prepared = create_app(Settings(log_level="error")).fast_path.prepare(scope)
    assert prepared is not None
    return prepared


def head_of(path: str, body: bytes, **headers: str) -> bytes:
    named = {"host": "x", "content-type": "application/json", "content-length": str(len(body)), "x-request-id": "same"}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in (named | headers).items()), "", ""]
    return "\r\n".join(lines).encode()


def ask(server: RunningServer, connection: socket.socket, *parts: bytes) -> httpx.Response:
    """Send a request in these parts and return the answer; in more than one part it takes the normal path."""
    wait_for(lambda: seen(server, "adlrisk_http_requests_in_flight") == 0, "the answer before")
    connection.sendall(parts[0])
    for part in parts[1:]:
        wait_for(lambda: seen(server, "adlrisk_http_requests_in_flight") == 1, "the normal path")
        connection.sendall(part)
    return answer_of(next_answer(connection))


@contextlib.contextmanager
def connection_to(**settings: Any) -> Iterator[tuple[RunningServer, socket.socket]]:
    with serving(**settings) as (server, _), connected(server) as connection:
        yield server, connection


@pytest.fixture(scope="module")
def connection() -> Iterator[tuple[RunningServer, socket.socket]]:
    """A connection to a server that has ranked a book already, so that numpy is there."""
    with connection_to() as (server, opened):
        body = encoded(example("queue-rank.request"))
        assert ask(server, opened, head_of("/queue/rank", body) + body).status_code == 200
        yield server, opened


@pytest.mark.parametrize("formats", FORMATS, ids=["JSON", "MessagePack"])
@pytest.mark.parametrize("path_and_name", EXAMPLES, ids=lambda case: case[1])
def test_fast_path_and_normal_path_answer_alike(
    connection: tuple[RunningServer, socket.socket],
    fast_path_answers: list[bool],
    path_and_name: tuple[str, str],
    formats: tuple[str, str],
) -> None:
    """For every example in both formats, status, all headers but the date, and every byte of the content are equal."""
    path, name = path_and_name
    sent, accepted = formats
    body = codecs.CODECS[sent].encode(example(f"{name}.request"))
    head = head_of(path, body, **{"content-type": sent, "accept": accepted})
    ask(*connection, head + body)  # reads what is on record
    short, long = ask(*connection, head + body), ask(*connection, head, body)
    assert fast_path_answers[1:] == [path not in NEVER_SHORT]
    assert short.status_code == long.status_code == 200
    assert short.content == long.content
    for answer in (short, long):
        del answer.headers["date"]
    assert sorted(short.headers.multi_items()) == sorted(long.headers.multi_items())
    assert short.headers["content-type"] == accepted


def test_fast_path_and_normal_path_are_counted_and_logged_alike(fast_path_answers: list[bool]) -> None:
    """The counters increase equally, and the log lines differ only in duration."""
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    counted = (
        ("adlrisk_http_requests_total", {"route": "/score", "method": "POST", "status": "200"}, 1),
        ("adlrisk_http_request_duration_seconds_count", {"route": "/score", "method": "POST"}, 1),
        ("adlrisk_http_request_body_bytes_sum", {"route": "/score"}, len(SCORE)),
        ("adlrisk_scores_total", {"venue": "binance", "band": "high"}, 1),
        ("adlrisk_signals_total", {"venue": "binance", "signal": "funding", "outcome": "fired"}, 1),
    )
    with connection_to() as (server, opened):
        head = head_of("/score", SCORE, traceparent=trace)
        ask(server, opened, head, SCORE)
        for parts in ((head, SCORE), (head + SCORE,)):
            before = [seen(server, name, **labels) for name, labels, _ in counted]
            answered = ask(server, opened, *parts)
            rises = [seen(server, name, **labels) - was for (name, labels, _), was in zip(counted, before, strict=True)]
            assert rises == [by for _, _, by in counted]
            assert answered.headers["x-request-id"] == "same"
        assert fast_path_answers == [True]
        sent = seen(server, "adlrisk_http_response_body_bytes_sum", route="/score")
        assert sent == 3 * len(answered.content)
        *_, long, short = server.log_lines()
        assert {**long, "timestamp": "", "milliseconds": 0.0} == {**short, "timestamp": "", "milliseconds": 0.0}
        assert short["request_id"] == "same"
        assert short["trace_id"] == trace.split("-")[1]


DECLINED = [
    ("a body that does not match the schema", {}, encoded(changed("position.size", -1)), 400),
    ("an unknown venue", {}, encoded(changed("venue", "nowhere")), 422),
    ("a reading off the scale", {}, encoded(changed("position.adl_meter", 7.5)), 422),
    ("an unsupported Content-Type", {"content-type": "text/plain"}, SCORE, 415),
    ("an unsupported Accept", {"accept": "text/html"}, SCORE, 406),
    ("larger than the fast path accepts", {}, SCORE + b" " * (16 << 10), 200),
    ("Expect: 100-continue", {"expect": "100-continue"}, SCORE, 200),
    ("Connection: close", {"connection": "close"}, SCORE, 200),
]


@pytest.mark.parametrize(("headers", "body", "status"), [case[1:] for case in DECLINED], ids=[c[0] for c in DECLINED])
def test_unusual_requests_take_the_normal_path(
    fast_path_answers: list[bool], headers: dict[str, str], body: bytes, status: int
) -> None:
    """An unusual request is answered on the normal path, and counted once."""
    log = io.StringIO()

    async def story(line: Line) -> None:
        received = await line.answer_to(head_of("/score", body, **headers) + body)
        assert received.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").startswith(b"HTTP/1.1 %d " % status)
        assert True not in fast_path_answers
        assert line.seen("adlrisk_http_requests_total", route="/score", method="POST", status=str(status)) == 1

    on_a_line(story, log=log)
    assert log.getvalue().count("\n") == 1


def test_fast_path_requires_the_key(fast_path_answers: list[bool]) -> None:
    """With a known key the fast path answers a score; without one, or with another, it is rejected as usual."""
    with connection_to(api_keys=digest_key(API_KEY)) as (server, opened):
        assert_problem(ask(server, opened, head_of("/score", SCORE) + SCORE), "unauthorized", 401)
        assert_problem(
            ask(server, opened, head_of("/score", SCORE, **{"x-api-key": "another"}) + SCORE), "unauthorized", 401
        )
        assert fast_path_answers == [False, False]
        fast_path_answers.clear()
        head = head_of("/score", SCORE, **{"x-api-key": API_KEY})
        assert ask(server, opened, head, SCORE).status_code == 200
        assert ask(server, opened, head + SCORE).status_code == 200
        assert fast_path_answers == [True]


def test_rate_limited_requests_take_the_normal_path(fast_path_answers: list[bool]) -> None:
    """With a rate limit, every request is counted against it once."""
    with connection_to(rate_limit="3/hour") as (server, opened):
        answers = [ask(server, opened, head_of("/score", SCORE) + SCORE) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert fast_path_answers == [False] * 4


def test_fast_path_adds_cors_headers(fast_path_answers: list[bool]) -> None:
    """Answers of the fast path have the CORS headers as well."""
    with connection_to(cors_origins="https://desk.example") as (server, opened):
        named, other = (
            [ask(server, opened, head_of("/score", SCORE, origin=origin) + SCORE) for _ in range(2)][1]
            for origin in ("https://desk.example", "https://other.example")
        )
        assert fast_path_answers[1] is fast_path_answers[3] is True
        assert named.headers["access-control-allow-origin"] == "https://desk.example"
        assert "access-control-allow-origin" not in other.headers
        assert named.headers.get_list("vary") == other.headers.get_list("vary") == ["accept", "origin"]


def test_fast_path_uses_records_in_memory(fast_path_answers: list[bool]) -> None:
    """A symbol's record fills in the first answer, and every later one after its cached copy has expired."""
    symbol = json.dumps({**json.loads(SCORE), "symbol": "BTCUSDT", "market": {}}).encode()
    clock, key = HandClock(), {"authorization": f"Bearer {ADMIN_KEY}"}
    with (
        reading_by(clock),
        serving(write_keys=digest_key(ADMIN_KEY)) as (server, client),
        connected(server) as opened,
    ):
        client.put(path_of(PUT_MARKET), json=example("market.request"), headers=key).raise_for_status()
        answers = []
        for _ in range(3):
            clock.seconds += 2.0  # twice as long as a copy is fresh
            answers.append(ask(server, opened, head_of("/score", symbol) + symbol))
        assert fast_path_answers[-3:] == [True, True, True]
        assert [answer.json()["market"]["symbol"] for answer in answers] == ["BTCUSDT"] * 3


def test_draining_server_closes_connections(fast_path_answers: list[bool]) -> None:
    """Clients with open connections are told to close them, on the normal path."""
    with connection_to() as (server, opened):
        server.app.context.drain()
        assert ask(server, opened, head_of("/score", SCORE) + SCORE).headers["connection"] == "close"
        assert fast_path_answers == [False]


def test_pipelined_requests_are_answered_in_order() -> None:
    """Pipelined requests do not overtake each other, whichever path each takes."""
    bodies = [SCORE if number % 3 else b"{}" for number in range(20)]
    packet = b"".join(head_of("/score", body, **{"x-request-id": f"n{n}"}) + body for n, body in enumerate(bodies))
    with connection_to() as (_, opened):
        opened.sendall(packet)
        opened.settimeout(10)
        received = b""
        while received.count(b"HTTP/1.1 ") < 20:
            received += opened.recv(1 << 16)
        assert re.findall(rb"x-request-id: n([0-9]+)\r\n", received) == [b"%d" % number for number in range(20)]
        statuses = re.findall(rb"HTTP/1.1 ([0-9]+) ", received)
        assert statuses == [b"200" if number % 3 else b"400" for number in range(20)]


def test_complete_scores_need_no_slot(fast_path_answers: list[bool]) -> None:
    """Each is answered the moment it is read, so ten at once do not fill the only slot."""
    with serving(max_requests=1) as (server, client), contextlib.ExitStack() as open_ones:
        assert client.post("/score", content=SCORE, headers=JSON).status_code == 200
        callers = [open_ones.enter_context(connected(server)) for _ in range(10)]
        with busy(server, *callers):
            for connection in callers:
                connection.sendall(head_of("/score", SCORE) + SCORE)
        assert all(connection.recv(65536).startswith(b"HTTP/1.1 200 ") for connection in callers)
        assert fast_path_answers[1:] == [True] * 11
        assert seen(server, "adlrisk_rejections_total", limit="requests") == 0
        assert seen(server, "adlrisk_places_taken", limit="requests") == 0


def test_fast_path_waits_for_a_body_after_its_head(fast_path_answers: list[bool]) -> None:
    """Clients that send head and body separately also get the fast path, and hold no slot in between."""
    head = head_of("/score", SCORE)

    async def story(line: Line) -> None:
        await line.answer_to(head + SCORE)
        line.send(head)
        assert (await line.another().answer_to(head + SCORE)).startswith(b"HTTP/1.1 200 ")
        assert (await line.answer_to(SCORE)).startswith(b"HTTP/1.1 200 ")
        assert fast_path_answers == [True, True, True]
        assert line.seen("adlrisk_places_taken", limit="requests") == 0

    on_a_line(story, max_requests=1)


@pytest.mark.parametrize(
    ("framing", "is_awaited"),
    [(b"content-length: 16384", True), (b"content-length: 16385", False), (b"transfer-encoding: chunked", False)],
)
@pytest.mark.parametrize("path", ["/scores", "/nowhere"])
def test_application_does_not_wait_for_a_large_body(path: str, framing: bytes, *, is_awaited: bool) -> None:
    """A small body has a moment to follow its head; a large one would be read only once the application takes it."""

    async def story(line: Line) -> None:
        line.send(
            b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n%s\r\n\r\n" % (path.encode(), framing)
        )
        await asyncio.sleep(0.01)
        answered = line.received.startswith(b"HTTP/1.1 404 ")
        has_started = answered or line.seen("adlrisk_http_requests_in_flight") == 1
        assert has_started is not is_awaited
        await asyncio.sleep(0.02)
        assert line.received.startswith(b"HTTP/1.1 404 ") or line.seen("adlrisk_http_requests_in_flight") == 1

    on_a_line(story)


def test_same_head_is_not_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parsed head is cached by its bytes; another head, or a body of another length, is parsed."""
    fed: list[bytes] = []
    feed = Connection.feed

    def seen_to_feed(self: Connection, data: bytes) -> None:
        fed.append(data)
        feed(self, data)

    monkeypatch.setattr(Connection, "feed", seen_to_feed)
    with connection_to() as (server, opened):
        head = HEAD % (b"/score", len(SCORE))
        answers = [ask(server, opened, head + SCORE) for _ in range(4)]
        assert len(fed) == 1  # the first, which is known from then on
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.headers["x-request-id"] for answer in answers}) == 4
        assert len({answer.content for answer in answers}) == 1
        assert ask(server, opened, head + b" " + SCORE[:-1]).status_code == 400  # of the same length
        assert len(fed) == 2
        assert ask(server, opened, HEAD % (b"/score", len(SCORE) + 1) + b" " + SCORE).content == answers[0].content
        assert len(fed) == 3
        assert ask(server, opened, head.replace(b"host: x", b"host: y") + SCORE).content == answers[0].content
        assert len(fed) == 4
        assert seen(server, "adlrisk_http_requests_total", route="/score", method="POST", status="200") == 6


def test_cached_head_waits_briefly_for_its_body(fast_path_answers: list[bool]) -> None:
    """A body within 20 ms takes the fast path; one in pieces or later takes the normal path."""
    head = HEAD % (b"/score", len(SCORE))

    async def story(line: Line) -> None:
        plain = [content_of(await line.answer_to(head + SCORE)) for _ in range(2)][1]
        for milliseconds, parts, is_at_once in (
            (19, (SCORE,), [True]),
            (21, (SCORE,), []),
            (2, (SCORE[:10], SCORE[10:]), []),
            (2, (SCORE[:1], SCORE[1:2], SCORE[2:]), []),
        ):
            fast_path_answers.clear()
            line.send(head)
            await asyncio.sleep(milliseconds / 1000)
            assert content_of(await line.answer_to(*parts)) == plain
            assert fast_path_answers == is_at_once, milliseconds
        assert content_of(await line.answer_to(head + SCORE + head)) == plain
        assert content_of(await line.answer_to(SCORE)) == plain
        line.send(head)
        line.hang_up()
        await asyncio.sleep(1.0)
        assert line.seen("adlrisk_http_requests_total", route="/score", method="POST", status="499") == 1

    on_a_line(story)


def content_of(received: bytes) -> bytes:
    return answer_of(received).content


CHUNKED = b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
HEAD_OF_CHUNKS = len(CHUNKED)


@pytest.mark.parametrize("cuts", [(), (HEAD_OF_CHUNKS,), (HEAD_OF_CHUNKS, HEAD_OF_CHUNKS + 7), (9,)])
def test_chunked_head_is_never_cached(cuts: tuple[int, ...]) -> None:
    """A chunked body has no announced length, so bytes after the same head need not be its body."""
    sent = CHUNKED + b"%x\r\n%b\r\n0\r\n\r\n" % (len(SCORE), SCORE)
    parts = [sent[start:end] for start, end in itertools.pairwise((0, *cuts, len(sent)))]

    async def story(line: Line) -> None:
        for _ in range(2):
            await line.answer_to(HEAD % (b"/score", len(SCORE)) + SCORE)  # so that the connection is one that goes on
        known = len(line.app.fast_path.heads)
        assert known == 1
        assert (await line.answer_to(*parts)).startswith(b"HTTP/1.1 200 ")
        assert len(line.app.fast_path.heads) == known
        assert (await line.answer_to(CHUNKED + SCORE)).startswith(b"HTTP/1.1 400 ")

    on_a_line(story)


def test_head_with_a_request_id_is_not_cached() -> None:
    """Request ids and traces belong to one request, so such a head does not come again."""
    with connection_to() as (server, opened):
        for number in range(3):
            answered = ask(server, opened, head_of("/score", SCORE, **{"x-request-id": f"n{number}"}) + SCORE)
            assert answered.headers["x-request-id"] == f"n{number}"
        assert [line["request_id"] for line in server.log_lines() if line["event"] == "request"] == ["n0", "n1", "n2"]


def test_head_cache_is_bounded() -> None:
    """However many and however long heads are, they do not fill the memory."""
    known, asked = HeadCache(), prepare_request()
    for number in range(5_000):
        known.put(b"POST %d\r\n\r\n" % number, CachedHead(asked, 1))
        assert len(known) <= 1024
    assert known.get(b"POST 4999\r\n\r\n") is not None
    known.put(b"x" * 1025, CachedHead(asked, 1))
    assert known.get(b"x" * 1025) is None


def test_connection_in_use_is_not_idle(fast_path_answers: list[bool]) -> None:
    """Requests with cached heads keep a connection open beyond the idle timeout, after which it is closed."""

    async def story(line: Line) -> None:
        for _ in range(8):
            assert (await line.answer_to(HEAD % (b"/score", len(SCORE)) + SCORE)).startswith(b"HTTP/1.1 200 ")
            await asyncio.sleep(0.9)
        assert fast_path_answers == [True] * 8
        assert line.is_open
        await asyncio.sleep(0.2)
        assert not line.is_open

    on_a_line(story, keep_alive_seconds=1.0)


def test_fast_path_applies_venue_changes_at_once() -> None:
    """Heads are cached, answers never: every score uses the rules in force."""
    with serving(admin_keys=digest_key(ADMIN_KEY)) as (server, client), connected(server) as opened:
        head = HEAD % (b"/score", len(SCORE))
        before = [ask(server, opened, head + SCORE) for _ in range(3)][2].json()
        admin = {"authorization": f"Bearer {ADMIN_KEY}", "content-type": "application/merge-patch+json"}
        patch = json.dumps({"score": {"leverage": 99.0}}).encode()
        client.patch("/venues/binance", content=patch, headers=admin).raise_for_status()
        after = ask(server, opened, head + SCORE).json()
        assert before["signals"][0]["threshold"] == 15.0
        assert after["signals"][0]["threshold"] == 99.0


def test_client_that_leaves_before_the_body_is_counted() -> None:
    """A head without its body is counted as an aborted request, however soon its client disconnects."""
    with serving() as (server, _):
        with connected(server, sends=head_of("/score", SCORE)):
            pass
        labels = {"route": "/score", "method": "POST", "status": "499"}
        wait_for(lambda: seen(server, "adlrisk_http_requests_total", **labels) == 1, "the request that was cut off")
        assert seen(server, "adlrisk_places_taken", limit="requests") == 0


def test_fast_path_rejects_scores_when_no_slot_is_free(fast_path_answers: list[bool]) -> None:
    """The fast path follows the same limit: with the only slot taken, a score is told to retry."""
    with connection_to(max_requests=1) as (server, opened):
        server.app.context.pools.requests.acquire()
        assert_problem(ask(server, opened, head_of("/score", SCORE) + SCORE), "overloaded", 503)
        server.app.context.pools.requests.release()
        assert ask(server, opened, head_of("/score", SCORE) + SCORE).status_code == 200
        assert fast_path_answers[0] is False


def test_connection_continues_after_a_slow_head(fast_path_answers: list[bool]) -> None:
    """A request whose head came in two pieces takes the fast path, and its timer ends with it."""

    async def story(line: Line) -> None:
        request = head_of("/score", SCORE) + SCORE
        for parts in ((request,), (request[:30], request[30:]), (request,)):
            assert (await line.answer_to(*parts)).startswith(b"HTTP/1.1 200 ")
            await asyncio.sleep(0.9)
        assert fast_path_answers == [True, True, True]

    on_a_line(story, head_timeout_seconds=0.5)
