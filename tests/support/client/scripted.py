"""A server that does to each connection what a script says, and keeps what it was asked."""

import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Final, Self

import msgspec

from adlrisk.api.http.problem_types import PROBLEMS
from support.sockets import is_whole

# What happens to a request: bytes to answer with, or a function of the connection; then the connection is closed.
Deed = bytes | Callable[[socket.socket], None]

CUT: Final = b""


def answer(content: bytes, *, status: int = 200, media_type: str = "application/msgpack", **headers: str) -> bytes:
    """A whole answer, after which the connection is closed."""
    lines = [f"HTTP/1.1 {status} X", f"content-type: {media_type}", f"content-length: {len(content)}"]
    lines.append("connection: close")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content


def problem(slug: str, **headers: str) -> bytes:
    """A problem of the service."""
    kind = PROBLEMS[slug]
    told = {"type": f"/problems/{slug}", "title": kind.title, "detail": "d", "instance": "i", "errors": []}
    return answer(
        msgspec.json.encode({**told, "status": kind.statuses[0]}),
        status=kind.statuses[0],
        media_type="application/problem+json",
        **headers,
    )


class ScriptedServer:
    """Does the deeds in turn, one for each request, and the last one for all that follow."""

    def __init__(self, *deeds: Deed) -> None:
        self.deeds: Sequence[Deed] = deeds
        self.asked: list[str] = []  # the first line of each request
        self.closed = 0  # connections
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(30)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, contextlib.suppress(OSError):
                    self._answer(connection)
                self.closed += 1

    def _answer(self, connection: socket.socket) -> None:
        received = b""
        while not is_whole(received) and not received.startswith(b"GET ") and not received.startswith(b"DELETE "):
            piece = connection.recv(1 << 16)
            if not piece:
                return
            received += piece
        self.asked.append(received.partition(b" HTTP/")[0].decode())
        deed = self.deeds[min(len(self.asked), len(self.deeds)) - 1]
        if callable(deed):
            deed(connection)
        else:
            connection.sendall(deed)


def wait_for_the_end(connection: socket.socket) -> None:
    """Answer nothing until the client has closed the connection."""
    while connection.recv(1 << 16):
        pass


def reset(connection: socket.socket) -> None:
    """End the connection with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def refused_url() -> str:
    """The URL of a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
