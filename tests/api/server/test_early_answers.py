"""Requests that are answered before their body has come: the connection ends, and the client can read the answer."""

import asyncio
import contextlib
import gc
import http.client
import io
import socket
import time
import weakref
from collections.abc import Iterator

import httpx
import pytest

from adlrisk.api.limits.api_keys import digest_key
from adlrisk.settings import Settings
from support.hostile.failure_cases import JSON, SCORE
from support.line import Line, on_a_line
from support.redis_servers import wait_for
from support.running import ADMIN_KEY, API_KEY, RunningServer, assert_problem
from support.sockets import HEAD, LIVE, answer_of, assert_all_slots_are_free, connected, seen, the_rest

CHUNKED = b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n%stransfer-encoding: chunked\r\n\r\n"
WITH_KEY = b"x-api-key: %s\r\n" % API_KEY.encode()
EARLY = {
    "401": (CHUNKED % (b"/scores", b""), "unauthorized", 401),
    "404": (CHUNKED % (b"/nowhere", WITH_KEY), "not-found", 404),
    "405": (CHUNKED % (b"/venues", WITH_KEY), "method-not-allowed", 405),
    "413": (HEAD.replace(b"\r\n\r\n", b"\r\n" + WITH_KEY + b"\r\n") % (b"/score", 10**9), "body-too-large", 413),
    "415": (CHUNKED.replace(b"json", b"xml") % (b"/score", WITH_KEY), "unsupported-media-type", 415),
    "403": (CHUNKED.replace(b"POST", b"PUT") % (b"/venues/okx/markets/BTC", WITH_KEY), "writing-disabled", 403),
    "expected": (CHUNKED % (b"/nowhere", b"expect: 100-continue\r\n"), "not-found", 404),
    "old": (HEAD.replace(b"HTTP/1.1", b"HTTP/1.0") % (b"/nowhere", 10**6), "not-found", 404),
    "upgrade": (CHUNKED % (b"/nowhere", b"connection: upgrade\r\nupgrade: h2c\r\n"), "not-found", 404),
}


@pytest.mark.parametrize("case", EARLY)
def test_early_answer_is_the_last_of_its_connection(case: str) -> None:
    """It says so, the server ends its side at once, and no byte of the rest is parsed, be it a request."""
    head, slug, status = EARLY[case]

    async def story(line: Line) -> None:
        answer = await line.answer_to(head + b"1\r\n \r\n")
        assert_problem(answer_of(answer), slug, status)
        assert answer.count(b"connection: close\r\n") == 1
        assert line.has_end
        assert line.is_open
        assert await line.answer_to(b"0\r\n\r\n" + LIVE, LIVE, b"nonsense\r\n\r\n") == b""
        line.send_end()
        await asyncio.sleep(0.01)
        assert not line.is_open
        assert line.seen("adlrisk_places_taken", limit="connections") == 0
        assert line.seen("adlrisk_places_taken", limit="requests") == 0

    on_a_line(story, api_keys=digest_key(API_KEY))


def test_answer_to_a_complete_request_keeps_the_connection() -> None:
    """An error does not end the connection where its small body follows the head at once, as with most clients."""

    async def story(line: Line) -> None:
        for _ in range(3):
            answer = await line.answer_to(HEAD % (b"/nowhere", len(SCORE)), SCORE)
            assert_problem(answer_of(answer), "not-found", 404)
            assert b"connection: close" not in answer
        assert not line.has_end

    on_a_line(story)


def test_requests_before_an_early_answer_are_answered() -> None:
    """Of pipelined requests, those before it get their answers first, and none behind it does."""

    async def story(line: Line) -> None:
        line.send(LIVE * 3 + HEAD % (b"/nowhere", 10**6))
        line.send(LIVE * 3)
        await asyncio.sleep(1.0)
        statuses = [part[:3] for part in line.received.split(b"HTTP/1.1 ")[1:]]
        assert statuses == [b"200"] * 3 + [b"404"]
        assert line.received.count(b"connection: close") == 1
        assert line.has_end

    on_a_line(story)


def test_client_has_the_time_of_a_body_to_read_an_early_answer() -> None:
    """A connection lingers while its client sends, for the time of a body and not longer."""

    async def story(line: Line) -> None:
        await line.answer_to(HEAD % (b"/nowhere", 10**6))
        for _ in range(29):
            await asyncio.sleep(0.2)
            line.send(b" ")
        assert line.is_open
        await asyncio.sleep(0.3)
        assert not line.is_open

    on_a_line(story, body_timeout_seconds=6.0)


def test_silent_client_is_not_waited_for() -> None:
    """One that neither sends nor closes after an early answer loses its connection after two seconds."""

    async def story(line: Line) -> None:
        await line.answer_to(HEAD % (b"/nowhere", 10**6) + b" ")
        await asyncio.sleep(1.9)
        assert line.is_open
        await asyncio.sleep(0.2)
        assert not line.is_open

    on_a_line(story)


def test_connection_lingers_for_no_more_than_the_largest_body() -> None:
    """Once as many bytes have come as the largest body may have, it is closed."""

    async def story(line: Line) -> None:
        await line.answer_to(HEAD % (b"/nowhere", 10**9))
        for _ in range(8):
            line.send(b" " * 8192)
            await asyncio.sleep(0.01)
        assert line.is_open
        line.send(b" ")
        await asyncio.sleep(0.01)
        assert not line.is_open

    on_a_line(story, max_score_bytes=1024, max_scores_bytes=1024, max_book_bytes=65_536)


def test_lingering_connection_keeps_its_slot() -> None:
    """It counts against the limit of connections like any other, so there are never more."""

    async def story(line: Line) -> None:
        await line.answer_to(HEAD % (b"/nowhere", 10**6))
        assert line.seen("adlrisk_places_taken", limit="connections") == 1
        assert_problem(answer_of(await line.another().answer_to(HEAD % (b"/score", 2) + b"{}")), "overloaded", 503)
        await asyncio.sleep(2.1)
        assert line.seen("adlrisk_places_taken", limit="connections") == 0

    on_a_line(story, max_connections=1)


@pytest.mark.parametrize("rest", [b"1\r\n \r\n", b"ZZ\r\n"], ids=["answered early", "refused"])
def test_lingering_connection_keeps_no_body(rest: bytes) -> None:
    """What had come of it is freed with the answer, or hundreds of such connections would fill the memory."""

    async def story(line: Line) -> None:
        path = b"/nowhere" if rest.startswith(b"1") else b"/scores"
        line.send(CHUNKED % (path, b"") + b"10000\r\n" + b" " * 65_536 + b"\r\n" + rest)
        await asyncio.sleep(0.1)
        assert line.received.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))
        assert line.is_open
        assert not line.connection.cycle.body

    on_a_line(story)


def test_shutdown_does_not_wait_for_lingering_connections() -> None:
    """They have a second then, whatever their clients send."""

    async def story(line: Line) -> None:
        await line.answer_to(HEAD % (b"/nowhere", 10**6))
        line.connection.shutdown()
        for _ in range(9):
            await asyncio.sleep(0.1)
            line.send(b" ")
        assert line.is_open
        await asyncio.sleep(0.2)
        assert not line.is_open

    on_a_line(story)


@pytest.mark.parametrize("ends_first", ["client", "server", "broken"])
def test_connection_is_freed_after_an_early_answer(ends_first: str) -> None:
    """No cycle of references keeps it, whoever ends it."""

    async def story(line: Line) -> None:
        closed = line.another()
        await closed.answer_to(HEAD % (b"/nowhere", 10**6) + b" ", b" ")
        connection = weakref.ref(closed.connection)
        if ends_first == "client":
            closed.send_end()
        elif ends_first == "broken":
            closed.hang_up()
        await asyncio.sleep(5.0)
        assert not closed.is_open
        del closed.protocol, closed.connection
        assert connection() is None

    gc.collect()
    gc.disable()
    try:
        on_a_line(story)
    finally:
        gc.enable()


@pytest.fixture(scope="module")
def guarded() -> Iterator[RunningServer]:
    """A server that wants a key."""
    with RunningServer(
        Settings(api_keys=digest_key(API_KEY), admin_keys=digest_key(ADMIN_KEY)), log=io.StringIO()
    ) as server:
        yield server


@pytest.mark.parametrize(
    ("path", "key", "slug", "status"),
    [
        ("/score", "", "unauthorized", 401),
        ("/nowhere", API_KEY, "not-found", 404),
        ("/score", API_KEY, "body-too-large", 413),
    ],
)
def test_client_that_sends_twenty_megabytes_reads_its_answer(
    guarded: RunningServer, path: str, key: str, slug: str, status: int
) -> None:
    """It is never reset before it has read the answer, with a length or in chunks, by httpx and by http.client."""
    piece = b" " * 100_000
    headers = {**JSON, "x-api-key": key}
    for content in (piece * 200, (piece for _ in range(200))):
        response = httpx.post(f"{guarded.url}{path}", content=content, headers=headers, timeout=60)
        assert_problem(response, slug, status)
        assert response.headers["connection"] == "close"
    connection = http.client.HTTPConnection("127.0.0.1", guarded.port, timeout=60)
    connection.request("POST", path, piece * 200, headers)
    answer = connection.getresponse()
    assert answer.status == status
    answer.read()
    connection.close()
    assert_all_slots_are_free(guarded)


def test_client_that_sends_garbage_behind_a_request_reads_its_answer(guarded: RunningServer) -> None:
    """Megabytes that are no request do not cost the request before them its answer."""
    with connected(guarded, sends=LIVE + b"x" * 10_000_000) as connection:
        assert the_rest(connection).startswith(b"HTTP/1.1 200 ")


def test_client_that_aborts_while_its_connection_lingers_leaves_nothing(guarded: RunningServer) -> None:
    """Every slot is free again at once, and nothing is logged but the requests."""
    for _ in range(20):
        with connected(guarded, sends=HEAD % (b"/nowhere", 10**7) + b" " * 100_000) as connection:
            assert connection.recv(65_536)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # ends with RST
    assert_all_slots_are_free(guarded)
    assert not [line for line in guarded.log_lines() if line["event"] != "request"]


def test_flood_after_an_early_answer_is_read_slowly(guarded: RunningServer) -> None:
    """A client that goes on sending as fast as it can has most of it left in its own hands."""
    with connected(guarded, sends=HEAD % (b"/nowhere", 10**9)) as connection:
        assert connection.recv(65_536).startswith(b"HTTP/1.1 404 ")
        sent, started = 0, time.monotonic()
        with contextlib.suppress(OSError):
            while True:
                sent += connection.send(b" " * 1_000_000)
    # 256 KB each 5 ms, and what the kernel buffers.
    assert sent < 52e6 * (time.monotonic() - started) + 20e6
    wait_for(lambda: seen(guarded, "adlrisk_places_taken", limit="connections") == 0, "the end")
