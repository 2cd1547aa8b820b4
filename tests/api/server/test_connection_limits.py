"""Limits of a connection: size of heads, time to send and to read, pipelining, and what ends it."""

import asyncio
import contextlib
import io
import json
import socket
import struct
from collections.abc import Iterator

import pytest

from adlrisk.settings import Settings
from support.hostile.failure_cases import SCORE, WORKED
from support.line import Line, on_a_line
from support.redis_servers import wait_for
from support.running import RunningServer, assert_problem, example, serving
from support.sockets import (
    HEAD,
    LIVE,
    answer_of,
    assert_all_slots_are_free,
    connected,
    next_answer,
    seen,
    the_rest,
)


@pytest.mark.parametrize("path", [b"/score", b"/health/live"])
def test_slow_head_times_out(path: bytes) -> None:
    """The answer is 408 when the time is over, however steadily bytes drip; a second later the connection ends."""

    async def story(line: Line) -> None:
        line.send(b"POST %s HTTP/1.1\r\n" % path)
        for _ in range(9):
            await asyncio.sleep(0.1)
            line.send(b"x-drip: 1\r\n")
        assert not line.received
        await asyncio.sleep(0.2)
        answer = answer_of(line.received)
        assert_problem(answer, "head-too-slow", 408)
        assert answer.headers["connection"] == "close"
        await asyncio.sleep(1.0)
        assert not line.is_open

    on_a_line(story, head_timeout_seconds=1.0)


@pytest.mark.parametrize("sends", [b"", b"\r\n", LIVE], ids=["nothing", "line breaks", "after an answer"])
def test_silent_connection_is_closed(sends: bytes) -> None:
    """No answer is due, so it is closed in time and without one, even while line breaks drip."""

    async def story(line: Line) -> None:
        answered = await line.answer_to(sends) if sends == LIVE else b""
        for _ in range(9):
            await asyncio.sleep(0.1)
            line.send(b"\r\n" if sends == b"\r\n" else b"")
        assert line.is_open
        await asyncio.sleep(0.2)
        assert not line.is_open
        assert line.received == answered
        assert line.seen("adlrisk_places_taken", limit="connections") == 0

    on_a_line(story, head_timeout_seconds=1.0, keep_alive_seconds=1.0)


def test_silent_connection_beyond_the_limit_has_a_second() -> None:
    """It is closed long before one with a slot, so that others can read why they get none; a slow head is 408 then."""

    async def story(line: Line) -> None:
        silent, slow = line.another(), line.another()
        slow.send(b"GET /health/live HT")
        await asyncio.sleep(0.9)
        assert silent.is_open
        assert not slow.received
        await asyncio.sleep(0.2)
        assert not silent.is_open
        problem = assert_problem(answer_of(slow.received), "head-too-slow", 408)
        assert problem["detail"].endswith(" 1 seconds")
        assert line.is_open

    on_a_line(story, max_connections=1)


def test_incomplete_head_does_not_end_the_request_before_it() -> None:
    """The first bytes of a second request on the connection do not cost the first its answer."""

    async def story(line: Line) -> None:
        line.send(HEAD % (b"/score", len(SCORE)) + SCORE[:5])
        await asyncio.sleep(2.0)  # the body may take longer than a head
        first = await line.answer_to(SCORE[5:] + b"POST /score HT")
        assert first.startswith(b"HTTP/1.1 200 ")
        await asyncio.sleep(1.5)
        assert line.received.removeprefix(first).startswith(b"HTTP/1.1 408 ")

    on_a_line(story, head_timeout_seconds=1.0)


LONG = b"GET /health/live HTTP/1.1\r\nhost: x\r\nx-long: "


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([LONG + b"a" * 20_000 + b"\r\n\r\n"], id="one header, at once"),
        pytest.param([LONG, *[b"a" * 1000] * 100], id="one header without an end"),
        pytest.param([b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n"], id="a long path"),
        pytest.param([b"GET /" + b"a" * 20_000 + b" HTTP/1.0\r\n\r\n"], id="a long path and no header"),
        pytest.param([LONG[:-8], *[b"x-%d: y\r\n" % number for number in range(2000)]], id="many headers"),
    ],
)
def test_large_head_is_rejected(pieces: list[bytes]) -> None:
    """The answer is 431, and a client that is still sending can read it."""
    with serving(max_head_bytes=8192) as (server, _), connected(server) as connection:
        with contextlib.suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
        answer = answer_of(next_answer(connection))
        assert seen(server, "adlrisk_problems_total", type="head-too-large") == 1
    assert_problem(answer, "head-too-large", 431)
    assert answer.headers["connection"] == "close"


def test_head_limit_ignores_the_body() -> None:
    """Only request line and headers count, wherever packets are cut, and however many requests follow."""
    body = SCORE + b" " * 60_000
    one = HEAD % (b"/score", len(body)) + body

    async def story(line: Line) -> None:
        assert (await line.answer_to(one * 5 + one[:40])).count(b"HTTP/1.1 200 ") == 5
        assert (await line.answer_to(one[40:] + one)).count(b"HTTP/1.1 200 ") == 2
        assert (await line.answer_to(one[:-3000], one[-3000:] + one[:40], one[40:])).count(b"HTTP/1.1 200 ") == 2

    on_a_line(story, max_head_bytes=1024)


def test_clients_that_do_not_read_are_cut_off() -> None:
    """Answers that the client does not read end the connection, and no request stays in flight."""
    with serving(body_timeout_seconds=0.5) as (server, _):
        ask = b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n"
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.connect(("127.0.0.1", server.port))
            deaf.settimeout(5)
            deaf.sendall(ask * 100)
            wait_for(lambda: seen(server, "adlrisk_places_taken", limit="connections") == 0, "the connection gone")
            wait_for(lambda: seen(server, "adlrisk_http_requests_in_flight") == 0, "nothing in flight")
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="requests") == 0, "no slot kept")


@pytest.fixture(scope="module")
def usual() -> Iterator[RunningServer]:
    """A server with the usual limits, to which nobody holds a connection."""
    with RunningServer(Settings(), log=io.StringIO()) as server:
        yield server


def test_garbage_after_a_request_does_not_affect_its_answer(usual: RunningServer) -> None:
    """The request before is answered, then the connection ends; its answer is never mixed up."""
    with connected(usual, sends=HEAD % (b"/score", len(SCORE)) + SCORE + b"nonsense\r\n\r\n") as one:
        received = the_rest(one)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert b'"score":8' in received
    assert b"HTTP/1.1 400" not in received


def test_invalid_chunk_is_rejected_at_once(usual: RunningServer) -> None:
    """A chunk with an invalid size is 400 without waiting for the rest."""
    head = b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
    with connected(usual, sends=head) as connection:
        wait_for(lambda: seen(usual, "adlrisk_http_requests_in_flight") == 1, "the request")
        connection.sendall(b"nonsense\r\n")
        assert_problem(answer_of(next_answer(connection)), "bad-request", 400)
        wait_for(lambda: seen(usual, "adlrisk_http_requests_in_flight") == 0, "nothing in flight")


CHUNKED = (
    b"POST /score HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n%s\r\n"
    b"%x\r\n%s\r\n0\r\n"
)


def test_trailers_are_limited() -> None:
    """What follows a chunked body is limited like a head."""
    with serving(max_head_bytes=4096) as (server, _):
        for piece in (b"x-more: 1\r\n" * 400, b"x-one: " + b"a" * 5000):
            with connected(server, sends=CHUNKED % (b"", len(SCORE), SCORE)) as connection:
                with contextlib.suppress(OSError):
                    for _ in range(20):
                        connection.sendall(piece)
                assert_problem(answer_of(next_answer(connection)), "head-too-large", 431)
        wait_for(lambda: seen(server, "adlrisk_http_requests_in_flight") == 0, "nothing in flight")


def test_trailers_are_not_headers() -> None:
    """A request is answered as its head says: trailers do not change who the client is."""
    head = b"x-forwarded-for: 192.0.2.1\r\nconnection: close\r\n"
    with serving(rate_limit="2/hour", trusted_proxies="127.0.0.1") as (server, _):
        received = []
        for number in range(4):
            trailers = b"x-forwarded-for: 198.51.100.%d\r\n\r\n" % number
            with connected(server, sends=CHUNKED % (head, len(SCORE), SCORE) + trailers) as connection:
                received.append(the_rest(connection)[:13])
    assert received == [b"HTTP/1.1 200 "] * 2 + [b"HTTP/1.1 429 "] * 2


def test_unread_small_answer_does_not_keep_the_connection() -> None:
    """Closing waits for the client to read, so it has a timeout as well."""
    with (
        serving(keep_alive_seconds=0.5, body_timeout_seconds=0.5, head_timeout_seconds=0.5) as (server, _),
        contextlib.ExitStack() as open_ones,
    ):
        for _ in range(5):
            deaf = open_ones.enter_context(socket.socket())
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            deaf.connect(("127.0.0.1", server.port))
            deaf.settimeout(0.2)
            with contextlib.suppress(OSError):
                for _ in range(3000):  # until both kernels' buffers are full, and little is left for ours
                    deaf.sendall(b"GET /problems/not-found HTTP/1.1\r\nhost: x\r\n\r\n")
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="connections") == 0, "all slots")
        wait_for(lambda: seen(server, "adlrisk_http_requests_in_flight") == 0, "nothing in flight")


def test_endless_pipelining_is_cut(usual: RunningServer) -> None:
    """Of thousands at once about a hundred are answered, then the connection ends: none is held in memory for long."""
    with connected(usual, sends=LIVE * 5000) as connection:
        received = the_rest(connection)
    assert 100 <= received.count(b"HTTP/1.1 200 ") <= 102
    assert received.count(b"HTTP/1.1 ") == received.count(b"HTTP/1.1 200 ") + 1
    assert_problem(answer_of(received[received.rindex(b"HTTP/1.1 ") :]), "bad-request", 400)
    assert_all_slots_are_free(usual)
    assert not [line for line in usual.log_lines() if line["event"] != "request"]


def test_steady_readers_are_not_cut_off() -> None:
    """A large answer may take longer than a body, as long as it is read; a client that stops reading is cut off."""
    body = json.dumps({"items": [WORKED] * 400}).encode()
    a_quarter = 256 << 10

    async def story(line: Line) -> None:
        line.takes_all = False
        await line.answer_to(HEAD % (b"/scores", len(body)) + body)
        assert line.get_write_buffer_size() > 4 * a_quarter
        for _ in range(3):
            await asyncio.sleep(1.9)
            line.take(a_quarter)
        assert line.is_open
        await asyncio.sleep(4.1)
        assert not line.is_open

    on_a_line(story, body_timeout_seconds=2.0)


def test_invalid_request_behind_another_does_not_affect_its_answer(usual: RunningServer) -> None:
    """The first is answered as if it were alone; the invalid one behind it is dropped."""
    broken = CHUNKED[: CHUNKED.index(b"%x")] % b"" + b"nonsense\r\n"
    for path, body in ((b"/score", SCORE), (b"/queue/rank", json.dumps(example("queue-rank.request")).encode())):
        with connected(usual, sends=HEAD % (path, len(body)) + body + broken) as connection:
            received = the_rest(connection)
        assert received.startswith(b"HTTP/1.1 200 ")
        assert received.count(b"HTTP/1.1 ") == 1
        wait_for(lambda: seen(usual, "adlrisk_http_requests_in_flight") == 0, "nothing in flight")


def test_head_limit_adds_up_packets() -> None:
    """One packet with most of a head and one with its end count like a single packet."""

    async def story(line: Line) -> None:
        assert_problem(answer_of(await line.answer_to(LONG + b"a" * 60_000, b"\r\n\r\n")), "head-too-large", 431)

    on_a_line(story, max_head_bytes=8192)


def test_disconnect_during_pipelining_logs_no_defect(usual: RunningServer) -> None:
    """Requests that wait behind others are dropped with their connection, without a traceback."""
    for _ in range(20):
        with connected(usual, sends=b"GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n" * 50) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ends with RST
    assert_all_slots_are_free(usual)
    assert not [line for line in usual.log_lines() if line["event"] != "request"]
