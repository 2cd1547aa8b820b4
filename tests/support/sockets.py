"""Raw connections to a running server, and what is seen from outside of how busy it is."""

import contextlib
import fcntl
import socket
import struct
import termios
import threading
from collections.abc import Iterator
from typing import Any

import httpx

from support.hostile.failure_cases import SCORE
from support.redis_servers import wait_for
from support.running import WEDNESDAY, RunningServer

HEAD = b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
LIVE = b"GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n"


@contextlib.contextmanager
def connected(server: RunningServer, *, sends: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(sends)
        yield connection


def the_rest(connection: socket.socket) -> bytes:
    """What comes until the server ends the connection."""
    with connection.makefile("rb") as reader:
        return reader.read()


def next_answer(connection: socket.socket) -> bytes:
    """The next answer on a connection, as long as its head says."""
    received = b""
    while not is_whole(received):
        piece = connection.recv(1 << 20)
        assert piece, received
        received += piece
    return received


def is_whole(received: bytes) -> bool:
    """Whether an answer with a length has come to its end."""
    head, _, content = received.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return bool(length) and len(content) >= int(length)


def answer_of(received: bytes) -> httpx.Response:
    head, _, content = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().splitlines()
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return httpx.Response(int(first.split()[1]), headers=headers, content=content)


def seen(server: RunningServer, metric: str, **labels: str) -> float:
    return server.app.context.metrics.registry.get_sample_value(metric, labels) or 0.0


def assert_all_slots_are_free(server: RunningServer) -> None:
    """Assert that every slot is free, at once or soon."""
    for limit in ("requests", "batches", "books", "connections"):
        wait_for(lambda limit=limit: seen(server, "adlrisk_places_taken", limit=limit) == 0, f"no {limit}")


@contextlib.contextmanager
def busy(server: RunningServer, *senders: socket.socket) -> Iterator[None]:
    """While it holds, the server's only thread works on a score; what ``senders`` send lies ready then."""
    begun, goes_on = threading.Event(), threading.Event()

    def clock() -> Any:
        begun.set()
        assert goes_on.wait(60)
        return WEDNESDAY

    before, server.app.context.clock = server.app.context.clock, clock
    with connected(server, sends=HEAD % (b"/score", len(SCORE)) + SCORE) as first:
        assert begun.wait(60)
        yield
        wait_for(lambda: not any(map(_is_on_its_way, senders)), "what was sent to arrive")
        goes_on.set()
        assert first.recv(65536).startswith(b"HTTP/1.1 200 ")
    server.app.context.clock = before


def _is_on_its_way(sender: socket.socket) -> bool:
    """Whether something that was sent has not arrived yet."""
    (unsent,) = struct.unpack("i", fcntl.ioctl(sender, termios.TIOCOUTQ, bytes(4)))
    return bool(unsent)
