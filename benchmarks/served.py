"""Servers under test: each a process pinned to one core, with its start-up time and memory."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from load import Seen

ROOT: Final = Path(__file__).parents[1]
BODY: Final = (ROOT / "openapi" / "examples" / "score.request.json").read_bytes()
SERVERS_CORE, CLIENTS_CORE = min(os.sched_getaffinity(0)), max(os.sched_getaffinity(0))

_RUN: Final = (sys.executable, "-m")
_FASTAPI_RUN: Final = (str(Path(sys.prefix).with_name("fastapi") / "bin" / "python"), "-m")  # an environment of its own
_STARTS_SECONDS: Final = 30.0


class Peer(Struct, frozen=True, kw_only=True):
    """A peer: a command that serves the score, with the port as its last argument."""

    name: str
    command: tuple[str, ...]


class Served(Struct, frozen=True, kw_only=True):
    """A peer that is running."""

    peer: Peer
    port: int
    process: int
    first_answer_seconds: float
    answer: Any

    def asked(self, *, seconds: float, rate: float = 0.0, connections: int = 16) -> Seen:
        """The results of a client on the other core."""
        return ask(self.port, seconds=seconds, rate=rate, connections=connections)

    @property
    def resident_megabytes(self) -> float:
        """Resident memory of all its processes."""
        return sum(map(_resident_megabytes, _family(self.process)))

    @property
    def cpu_seconds(self) -> float:
        """The time that all its processes have spent on a processor."""
        return sum(map(_cpu_seconds, _family(self.process)))


def uvicorn(name: str, app: str, *options: str) -> Peer:
    """An application under stock uvicorn, with uvloop and httptools unless the options say otherwise."""
    run = _FASTAPI_RUN if "fastapi" in app else _RUN
    command = (*run, "uvicorn", app, "--no-access-log", "--log-level", "warning", *options, "--port")
    return Peer(name=name, command=command)


def granian(name: str, app: str, *options: str) -> Peer:
    """An application under granian, on one thread of one process, like all the others."""
    threads = ("--workers", "1", "--runtime-threads", "1", "--loop", "uvloop", "--http", "1", "--no-ws")
    command = (*_RUN, "granian", app, "--interface", "asgi", *threads, "--log-level", "warning", *options, "--port")
    return Peer(name=name, command=command)


SHIPPED: Final = Peer(name="adlrisk as shipped", command=(*_RUN, "adlrisk", "serve", "--port"))


@contextlib.contextmanager
def serving(peer: Peer, logs: Path) -> Iterator[Served]:
    """The peer on a free port, its log in a file of ``logs``."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "benchmarks")}
    with (logs / f"{port}.log").open("wb") as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            [*peer.command, str(port)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            preexec_fn=lambda: os.sched_setaffinity(0, {SERVERS_CORE}),  # noqa: PLW1509 (there are no threads here)
        )
        try:
            answer = _first_answer(peer, process, port)
            yield Served(
                peer=peer,
                port=port,
                process=process.pid,
                first_answer_seconds=time.perf_counter() - started,
                answer=answer,
            )
        finally:
            process.terminate()
            process.wait(10)


def ask(port: int, *, seconds: float, rate: float, connections: int) -> Seen:
    """The results of a client in a separate process, on the other core.

    Raises:
        SystemExit: not every answer was one.
    """
    options = ("127.0.0.1", str(port), str(connections), str(seconds), str(rate))
    client = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "load.py", *options],
        stdout=subprocess.PIPE,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {CLIENTS_CORE}),
    )
    seen = msgspec.json.decode(client.stdout, type=Seen)
    if seen.failures:
        raise SystemExit(f"port {port}: {seen.failures} requests failed")
    return seen


def _first_answer(peer: Peer, process: subprocess.Popen[bytes], port: int) -> Any:
    ends = time.perf_counter() + _STARTS_SECONDS
    while time.perf_counter() < ends and process.poll() is None:
        with (
            contextlib.suppress(ConnectionError),
            contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection,
        ):
            connection.request("POST", "/score", BODY, {"content-type": "application/json"})
            return msgspec.json.decode(connection.getresponse().read())
        time.sleep(0.002)
    raise SystemExit(f"{peer.name} did not start: {' '.join(peer.command)}")


def _family(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(member for child in children for member in _family(int(child)))]


def _cpu_seconds(process: int) -> float:
    times = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


def _resident_megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
