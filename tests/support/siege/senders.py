"""What attackers do, each in a process of its own; every function returns how often what came of it."""

import contextlib
import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from support.siege import messages
from support.siege.others import Client

Outcome = Counter[str]

_CHUNKS_AT_ONCE: Final = 20_000
_PATIENCE_SECONDS: Final = 60.0
_DOCS_AT_ONCE: Final = 10
_READS_NOTHING_SECONDS: Final = 15.0  # in which a worker is done with some of them


def send_unknown_symbols(port: int, seconds: float, *, prefix: str, per_second: float) -> Outcome:
    """Batches of 10,000 symbols that nobody has put."""
    batch = messages.request("/scores", messages.unknown_symbols(10_000, prefix=prefix))
    return _ask_at_rate(port, seconds, batch, per_second=per_second)


def send_tiny_chunks(port: int, seconds: float, *, path: str, connections: int) -> Outcome:
    """Chunks of one byte without an end; a connection that ends is replaced at once."""
    piece = messages.chunks(_CHUNKS_AT_ONCE)

    def send(until: float) -> str:
        with _connect(port) as connection:
            connection.settimeout(_PATIENCE_SECONDS)
            connection.sendall(messages.chunked_head(path))
            while time.monotonic() < until:
                connection.sendall(piece)
        return "went on"

    return _at_the_same_time(connections, seconds, send)


def get_docs(port: int, seconds: float, *, connections: int) -> Outcome:
    """``GET /docs``, pipelined."""
    page = messages.head("/docs", method="GET")
    asked = page * (_DOCS_AT_ONCE - 1) + messages.head("/docs", method="GET", close=True)

    def send(_: float) -> str:
        with _connect(port) as connection:
            connection.sendall(asked)
            while connection.recv(1 << 16):
                pass
        return "answered"

    return _at_the_same_time(connections, seconds, send)


def send_books(
    port: int, _: float, *, book: Callable[[int], bytes], size: int, path: str, callers: int, reads: bool = True
) -> Outcome:
    """One book of that size from each caller, who reads the answer, or does nothing for a while."""
    asked = messages.request(path, book(size), close=True)

    def send(_: float) -> str:
        with Client(port, timeout_seconds=_PATIENCE_SECONDS) as client:
            if reads:
                return str(client.ask(asked)[0] or "lost")
        with _connect(port) as connection:
            connection.settimeout(_PATIENCE_SECONDS)
            with contextlib.suppress(ConnectionError):  # it may have been answered before all was sent
                connection.sendall(asked)
            time.sleep(_READS_NOTHING_SECONDS)
            connection.settimeout(1.0)
            with contextlib.suppress(TimeoutError):
                return connection.recv(12).decode()[-3:]
        return "nothing"

    return _at_the_same_time(callers, 0.0, send)


def ask_at_rate(port: int, seconds: float, *, path: str, body: bytes, per_second: float, callers: int) -> Outcome:
    """One request again and again: ``per_second`` of all callers together, or as many as are answered."""
    asked = messages.request(path, body)

    def send(_: float) -> Outcome:
        return _ask_at_rate(port, seconds, asked, per_second=per_second / callers)

    return _at_the_same_time(callers, 0.0, send)


def hold_silent(port: int, seconds: float, *, count: int) -> Outcome:
    """So many connections that send nothing; one that is closed is replaced at once."""
    until, outcome = time.monotonic() + seconds, Outcome()
    with selectors.DefaultSelector() as held:
        while time.monotonic() < until:
            while len(held.get_map()) < count and time.monotonic() < until:
                with contextlib.suppress(OSError):
                    held.register(_connect(port), selectors.EVENT_READ)
                    outcome["opened"] += 1
            for key, _ in held.select(timeout=0.05):
                held.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]  # all are sockets
        for key in list(held.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]  # all are sockets
    return outcome


def half_close(port: int, _: float, *, times: int) -> Outcome:
    """A batch of 300 and the end of sending right after it."""
    asked, outcome = messages.request("/scores", messages.batch(300)), Outcome()
    for _ in range(times):
        with _connect(port) as connection:
            connection.settimeout(_PATIENCE_SECONDS)
            connection.sendall(asked)
            connection.shutdown(socket.SHUT_WR)
            outcome[connection.recv(12).decode()[-3:] or "no answer"] += 1
    return outcome


def _ask_at_rate(port: int, seconds: float, asked: bytes, *, per_second: float) -> Outcome:
    began, outcome = time.monotonic(), Outcome()
    with Client(port, timeout_seconds=_PATIENCE_SECONDS) as client:
        while (now := time.monotonic()) < began + seconds:
            time.sleep(max(0.0, began + outcome.total() / per_second - now))
            outcome[str(client.ask(asked)[0] or "lost")] += 1
    return outcome


def _at_the_same_time(count: int, seconds: float, act: Callable[[float], str | Outcome]) -> Outcome:
    """What comes of ``act`` in so many threads, each again and again until its time is over."""
    until, outcome = time.monotonic() + seconds, Outcome()

    def repeat() -> None:
        goes_on = True
        while goes_on:
            try:
                done = act(until)
            except OSError:
                done = "closed"
            outcome.update([done] if isinstance(done, str) else done)
            goes_on = time.monotonic() < until

    threads = [threading.Thread(target=repeat) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=5.0)
