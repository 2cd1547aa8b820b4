"""The worker process for large books: it drops the books of clients that left, and its end blocks nobody."""

import contextlib
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from support.redis_servers import wait_for
from support.running import RunningServer, serving
from support.sockets import HEAD, LIVE, answer_of, connected, next_answer, seen

BOOK = json.dumps(
    {
        "venue": "bitmex",
        "mark_price": 110.0,
        "columns": {
            "id": [f"account-{number}" for number in range(100)],
            "side": ["long", "short"] * 50,
            "size": [1.0] * 100,
            "entry_price": [100.0] * 100,
            "leverage": [2.0] * 100,
        },
    }
).encode()
REQUEST = HEAD % (b"/queue/rank", len(BOOK)) + BOOK


@pytest.fixture
def server() -> Iterator[RunningServer]:
    """A server whose worker runs, and gets every book of more than a kilobyte."""
    with serving(inline_book_bytes=1024, max_books=2) as (running, _):
        rank_book(running)
        yield running


def rank_book(server: RunningServer) -> None:
    """Send a book to rank, and check its answer."""
    with connected(server, sends=REQUEST) as connection:
        assert answer_of(next_answer(connection)).status_code == 200


def process_of(server: RunningServer) -> Any:
    worker = server.app.context.worker_pool._worker  # noqa: SLF001 (no other name leads to the process)
    assert worker is not None
    return worker._process  # noqa: SLF001


def books_in_progress(server: RunningServer) -> float:
    return seen(server, "adlrisk_places_taken", limit="books")


@contextlib.contextmanager
def send_book(server: RunningServer, *, books: int) -> Iterator[socket.socket]:
    """Send a book on a new connection, and wait until that many books are in progress."""
    with connected(server, sends=REQUEST) as connection:
        wait_for(lambda: books_in_progress(server) == books, "the book")
        with connected(server, sends=LIVE) as other:  # by then the book is with the worker, or waits for its turn
            next_answer(other)
        yield connection


def test_book_is_dropped_when_its_client_disconnects(server: RunningServer) -> None:
    """Its slot is released before the worker has finished, it counts as aborted, and the next book is ranked."""
    stopped = process_of(server)
    os.kill(stopped.pid, signal.SIGSTOP)
    with send_book(server, books=1):
        pass
    wait_for(lambda: books_in_progress(server) == 0, "the slot of a book that nobody waits for")
    labels = {"route": "/queue/rank", "method": "POST", "status": "499"}
    wait_for(lambda: seen(server, "adlrisk_http_requests_total", **labels) == 1, "a request that was cut off")
    rank_book(server)
    assert process_of(server).pid != stopped.pid


def test_waiting_book_is_dropped_without_disturbing_the_worker(server: RunningServer) -> None:
    """A client that disconnects while its book waits does not affect the book in the worker."""
    process = process_of(server)
    os.kill(process.pid, signal.SIGSTOP)
    with send_book(server, books=1) as first:
        with send_book(server, books=2):
            pass
        wait_for(lambda: books_in_progress(server) == 1, "the slot of the book that waited")
        os.kill(process.pid, signal.SIGCONT)
        assert answer_of(next_answer(first)).status_code == 200
    assert process_of(server).pid == process.pid


def test_no_request_waits_for_a_worker_to_end(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that takes long to die blocks neither health, nor the next book, nor the event loop."""
    dying, may_end = process_of(server), threading.Event()
    wait = dying.wait

    def wait_long(*given: Any) -> int:
        assert may_end.wait(60)
        code: int = wait(*given)
        return code

    monkeypatch.setattr(dying, "wait", wait_long)
    os.kill(dying.pid, signal.SIGSTOP)
    with send_book(server, books=1) as connection:
        os.kill(dying.pid, signal.SIGKILL)
        assert answer_of(next_answer(connection)).status_code == 503
    rank_book(server)
    assert not may_end.is_set()
    may_end.set()


def test_dead_worker_is_replaced_before_it_is_reaped(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between two books, it does not affect the next one, although its process still counts as running."""
    dead = process_of(server)
    monkeypatch.setattr(dead, "poll", lambda: None)
    os.kill(dead.pid, signal.SIGKILL)
    worker = server.app.context.worker_pool._worker  # noqa: SLF001 (what the service knows of it)
    assert worker is not None
    wait_for(worker._reader.at_eof, "the end of what the worker sends")  # noqa: SLF001
    rank_book(server)
    assert process_of(server).pid != dead.pid
