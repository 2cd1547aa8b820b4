"""Raw connections to a running server, and what is seen from outside of how busy it is."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx

from support.hostile.failure_cases import SCORE
from support.running import WEDNESDAY, RunningServer

HEAD = b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"


@contextlib.contextmanager
def connected(server: RunningServer, *, sends: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(sends)
        yield connection


def the_rest(connection: socket.socket) -> bytes:
    """What comes until the server ends the connection."""
    with connection.makefile("rb") as reader:
        return reader.read()


def answer_of(received: bytes) -> httpx.Response:
    head, _, content = received.partition(b"\r\n\r\n")
    first, *lines = head.decode().splitlines()
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return httpx.Response(int(first.split()[1]), headers=headers, content=content)


def seen(server: RunningServer, metric: str, **labels: str) -> float:
    return server.app.service.metrics.registry.get_sample_value(metric, labels) or 0.0


@contextlib.contextmanager
def busy(server: RunningServer) -> Iterator[None]:
    """While it holds, the server's only thread works on a score and looks at nothing else."""
    begun, goes_on = threading.Event(), threading.Event()

    def clock() -> Any:
        begun.set()
        assert goes_on.wait(20)
        return WEDNESDAY

    server.app.service.clock = clock
    with connected(server, sends=HEAD % (b"/score", len(SCORE)) + SCORE) as first:
        assert begun.wait(10)
        yield
        time.sleep(0.1)  # what was sent to it meanwhile lies ready
        goes_on.set()
        assert first.recv(65536).startswith(b"HTTP/1.1 200 ")
