"""Clients that close their sending side after their requests, as ``nc -N`` does: they are answered, then it ends."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Iterator

import pytest

from support.hostile.failure_cases import SCORE, WORKED
from support.line import Line, on_a_line
from support.redis_servers import wait_for
from support.running import RunningServer, example, serving
from support.sockets import HEAD, LIVE, assert_all_slots_are_free, connected, next_answer, seen, the_rest

BATCH = json.dumps({"items": [WORKED] * 300}).encode()
BOOK = json.dumps(example("queue-rank.request")).encode() + b" " * 2048
ONE = HEAD % (b"/score", len(SCORE)) + SCORE
VENUE = b"GET /venues/okx HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.fixture(scope="module")
def alone() -> Iterator[RunningServer]:
    """A server that has no other clients, so that its connections can be counted."""
    with serving() as (server, client):
        client.close()
        yield server


def answers_to(server: RunningServer, sent: bytes) -> list[int]:
    """The statuses that come after these bytes and a FIN, until the server ends the connection."""
    with connected(server, sends=sent) as connection:
        connection.shutdown(socket.SHUT_WR)
        received = the_rest(connection)
    return [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        pytest.param(HEAD % (b"/scores", len(BATCH)) + BATCH, [200], id="a batch that takes turns"),
        pytest.param(ONE, [200], id="a score"),
        pytest.param(ONE * 2 + VENUE * 3 + ONE, [200] * 6, id="pipelined"),
        pytest.param(VENUE * 2 + ONE[:-1], [200] * 2, id="an incomplete body behind others"),
        pytest.param(VENUE * 2 + ONE[:20], [200] * 2, id="an incomplete head behind others"),
        pytest.param(VENUE + b"nonsense\r\n\r\n", [200], id="no request behind another"),
        pytest.param(b"nonsense\r\n\r\n", [400], id="no request"),
        pytest.param(ONE[:-1], [], id="an incomplete body"),
        pytest.param(HEAD % (b"/score", 30_000) + SCORE, [], id="an incomplete large body"),
        pytest.param(ONE[:20], [], id="an incomplete head"),
        pytest.param(b"", [], id="nothing"),
    ],
)
def test_complete_requests_are_answered(alone: RunningServer, sent: bytes, statuses: list[int]) -> None:
    """Those before the FIN get their answers, incomplete ones none, and then the connection ends."""
    for _ in range(3):  # known heads are answered on another way
        assert answers_to(alone, sent) == statuses
    assert_all_slots_are_free(alone)


def test_idle_connection_is_closed_at_once() -> None:
    """A FIN on a connection that has been answered ends it, held head or not."""

    async def story(line: Line) -> None:
        for sent in (LIVE, ONE):
            for rest in (b"", ONE[: -len(SCORE)], ONE[:30]):
                one = line.another()
                await one.answer_to(sent)
                answered = one.received
                one.send(rest)
                one.send_end()
                await asyncio.sleep(0.001)
                assert not one.is_open
                assert one.received == answered
        assert line.seen("adlrisk_places_taken", limit="connections") == 1

    on_a_line(story)


def test_client_that_does_not_read_is_cut_off() -> None:
    """A connection that is half closed has the usual time limits, with a large answer and with a small one."""

    async def story(line: Line) -> None:
        for sent in (HEAD % (b"/scores", len(BATCH)) + BATCH, VENUE, VENUE * 3):
            deaf = line.another()
            deaf.takes_all = False
            deaf.send(sent)
            deaf.send_end()
            await asyncio.sleep(1.9)
            assert deaf.is_open
            await asyncio.sleep(2.2)
            assert not deaf.is_open
        assert line.seen("adlrisk_http_requests_in_flight") == 0

    on_a_line(story, body_timeout_seconds=2.0)


@pytest.mark.parametrize("when", ["with the body", "while it is ranked"])
def test_large_book_is_given_up(when: str) -> None:
    """A client that has gone away altogether looks the same, so nobody waits for a large book after a FIN."""
    book = HEAD % (b"/queue/rank", len(BOOK)) + BOOK
    with serving(inline_book_bytes=1024) as (server, _):
        with connected(server, sends=book) as connection:
            assert next_answer(connection).startswith(b"HTTP/1.1 200 ")
        worker = server.app.context.worker_pool._worker  # noqa: SLF001 (no other name leads to the process)
        assert worker is not None
        os.kill(worker._process.pid, signal.SIGSTOP)  # noqa: SLF001
        with connected(server, sends=book) as connection:
            if when == "while it is ranked":
                wait_for(lambda: seen(server, "adlrisk_places_taken", limit="books") == 1, "the book")
                with connected(server, sends=LIVE) as other:  # by then the book is with the worker
                    next_answer(other)
            connection.shutdown(socket.SHUT_WR)
            assert the_rest(connection) == b""
        assert_all_slots_are_free(server)
        labels = {"route": "/queue/rank", "method": "POST", "status": "499"}
        assert seen(server, "adlrisk_http_requests_total", **labels) == 1
        with connected(server, sends=book) as connection:  # by another worker
            assert next_answer(connection).startswith(b"HTTP/1.1 200 ")


def test_given_up_book_gets_no_answer() -> None:
    """The connection is closed as soon as the answers before it are read, and nothing is written for the book."""

    async def story(line: Line) -> None:
        pool = line.app.context.worker_pool
        pool._run_in_worker = lambda *_: asyncio.sleep(1000)  # noqa: SLF001 (a worker that takes long)
        line.takes_all = False
        line.send(VENUE + HEAD % (b"/queue/rank", len(BOOK)) + BOOK + VENUE)
        line.send_end()
        await asyncio.sleep(0.1)
        line.take(1_000_000)
        assert not line.is_open
        assert line.received.count(b"HTTP/1.1 ") == line.received.count(b"HTTP/1.1 200 ") == 1
        assert line.seen("adlrisk_places_taken", limit="books") == 0

    on_a_line(story, inline_book_bytes=1024)


def test_a_reset_leaves_nothing_behind() -> None:
    """An idle connection whose client has reset it has no timer left that would find nobody."""

    async def story(line: Line) -> None:
        idle = line.another()
        await idle.answer_to(LIVE)
        assert idle.connection.timeout_keep_alive_task is not None
        idle.connection.connection_lost(ConnectionResetError())
        assert idle.connection.timeout_keep_alive_task is None

    on_a_line(story)
