"""Pipelining: a hundred unanswered requests on a connection, and what the next one is told."""

import asyncio
import contextlib
import io
import re
import socket
from collections.abc import Iterator

import pytest

from adlrisk.settings import Settings
from support.hostile.failure_cases import SCORE
from support.line import Line, on_a_line
from support.running import RunningServer, assert_problem
from support.sockets import HEAD, LIVE, answer_of, assert_all_slots_are_free, connected, the_rest

VENUE = b"GET /venues/okx HTTP/1.1\r\nhost: x\r\n\r\n"
POST = HEAD % (b"/score", len(SCORE)) + SCORE
NO_HOST = b"GET /health/live HTTP/1.1\r\n\r\n"
EACH = pytest.mark.parametrize("one", [LIVE, VENUE, POST], ids=["health", "venue", "score"])


def statuses_of(received: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


def last_of(received: bytes) -> bytes:
    return received[received.rindex(b"HTTP/1.1 ") :]


@EACH
def test_a_hundred_at_once_are_answered_and_the_connection_goes_on(one: bytes) -> None:
    """In one packet, or after others on the same connection."""

    async def story(line: Line) -> None:
        for _ in range(2):
            before = len(line.received)
            line.send(one * 100)
            await asyncio.sleep(1.0)
            assert statuses_of(line.received[before:]) == [200] * 100
        assert b"connection: close" not in line.received
        assert line.is_open

    on_a_line(story)


@EACH
@pytest.mark.parametrize("sent", [101, 150, 1000])
def test_the_one_beyond_a_hundred_is_told_and_ends_the_connection(one: bytes, sent: int) -> None:
    """Those before it get their answers, it gets a problem, and those behind it get none."""

    async def story(line: Line) -> None:
        line.send(one * sent)
        await asyncio.sleep(0.5)
        assert statuses_of(line.received) == [200] * 100 + [400]
        told = answer_of(last_of(line.received))
        problem = assert_problem(told, "bad-request", 400)
        assert problem["detail"].startswith("More than 100 requests wait for their answers on this connection")
        assert told.headers["connection"] == "close"
        assert line.received.count(b"connection: close") == 1
        assert line.has_end
        line.send(one)
        line.send_end()
        await asyncio.sleep(0.1)
        assert not line.is_open
        assert statuses_of(line.received) == [200] * 100 + [400]
        assert line.seen("adlrisk_problems_total", type="bad-request") == 1

    on_a_line(story)


def test_only_unanswered_requests_count() -> None:
    """Any number may follow each other, as long as a hundred are waiting at most."""

    async def story(line: Line) -> None:
        for _ in range(10):
            line.send(LIVE * 60)
            line.send(LIVE * 40)
            await asyncio.sleep(1.0)
        assert statuses_of(line.received) == [200] * 1000
        assert line.is_open

    on_a_line(story)


def test_a_client_that_closes_its_side_is_told_as_well() -> None:
    """As with `nc -N`: all that is due comes, then the connection ends."""

    async def story(line: Line) -> None:
        line.send(LIVE * 150)
        line.send_end()
        await asyncio.sleep(0.5)
        assert statuses_of(line.received) == [200] * 100 + [400]
        assert not line.is_open

    on_a_line(story)


def test_a_request_that_asks_to_end_the_connection_ends_it() -> None:
    """What was sent behind it is not answered, whatever it is."""
    last = LIVE.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")

    async def story(line: Line) -> None:
        line.send(LIVE * 99 + last + LIVE * 50)
        await asyncio.sleep(0.5)
        assert statuses_of(line.received) == [200] * 100
        assert line.received.count(b"connection: close") == 1
        assert not line.is_open
        assert line.seen("adlrisk_problems_total", type="bad-request") == 0

    on_a_line(story)


def test_a_head_at_fault_behind_others_is_told() -> None:
    """A whole request that is refused for its head gets its answer in its turn, and is the last."""

    async def story(line: Line) -> None:
        line.send(LIVE * 3 + NO_HOST + LIVE)
        await asyncio.sleep(0.5)
        assert statuses_of(line.received) == [200] * 3 + [400]
        assert_problem(answer_of(last_of(line.received)), "bad-request", 400)
        assert line.received.count(b"connection: close") == 1

    on_a_line(story)


def test_a_drain_ends_with_the_answers() -> None:
    """A server that shuts down gives the answers that are due, and the connection ends with the last of them."""

    async def story(line: Line) -> None:
        line.send(LIVE * 150)
        line.connection.shutdown()
        await asyncio.sleep(2.0)
        assert statuses_of(line.received) == [200] * 100
        assert b"connection: close" in last_of(line.received)
        assert not line.is_open

    on_a_line(story)


@pytest.fixture(scope="module")
def usual() -> Iterator[RunningServer]:
    """A server with the usual limits, to which nobody holds a connection."""
    with RunningServer(Settings(), log=io.StringIO()) as server:
        yield server


@EACH
@pytest.mark.parametrize("packets", [1, 3, 40])
@pytest.mark.parametrize("sent", [100, 101, 150, 1000])
def test_no_answer_is_lost_on_a_socket(usual: RunningServer, one: bytes, sent: int, packets: int) -> None:
    """All come, the refusal last if there is one, and then the end: never a reset while something is unread."""
    stream = one * sent
    size = -(-len(stream) // packets)
    with connected(usual) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(stream), size):
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # sending after the end
                connection.sendall(stream[start : start + size])
        connection.shutdown(socket.SHUT_WR)
        statuses = statuses_of(the_rest(connection))
    answered = statuses.count(200)
    assert statuses == [200] * answered + [400] * (answered < sent)
    assert min(sent, 100) <= answered <= sent
    assert_all_slots_are_free(usual)
