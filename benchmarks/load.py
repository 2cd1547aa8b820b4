"""The load generator: one process that sends requests at full speed or at a fixed rate, on several connections.

``load.py HOST PORT CONNECTIONS SECONDS RATE``, where a rate of 0 sends the next request as soon as an answer has come.
Prints its results as JSON. At a fixed rate latency counts from the moment the request was due, so that a stalled server
delays every request that should have been sent meanwhile (no coordinated omission). Written on asyncio's protocols and
uvloop: Python's general HTTP clients reach a tenth of the requests per second needed here.
"""

import asyncio
import sys
import time
from array import array
from collections import deque
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import uvloop
from msgspec import Struct

_BODY: Final = (Path(__file__).parents[1] / "openapi" / "examples" / "score.request.json").read_bytes()
_REQUEST: Final = (
    b"POST /score HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    % len(_BODY)
) + _BODY


class Seen(Struct, frozen=True, kw_only=True):
    """Results of a client: answers per second, and latencies in microseconds."""

    per_second: float
    failures: int
    p50: float
    p99: float
    longest: float


class Connection(asyncio.Protocol):
    """One connection with at most one request in flight."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._received = b""
        self._due = 0.0

    def connection_made(self, transport: Any) -> None:
        """Add the connection to the idle ones."""
        self._transport = transport
        self._load.idle.append(self)

    def data_received(self, data: bytes) -> None:
        """Receive a piece of an answer."""
        received = self._received = self._received + data if self._received else data
        head_ends = received.find(b"\r\n\r\n")
        if head_ends < 0:
            return
        begins = received.find(b"content-length: ") + 16
        length = int(received[begins : received.find(b"\r\n", begins)])
        if len(received) < head_ends + 4 + length:
            return
        self._received = b""
        self._load.answered(self, due=self._due, is_good=received.startswith(b"HTTP/1.1 200 "))

    def connection_lost(self, _error: Exception | None) -> None:
        """Count the request in flight as failed."""
        self._load.failures += not self._load.is_over

    def ask(self, due: float) -> None:
        """Send the request that was due at that time."""
        self._due = due
        self._transport.write(_REQUEST)


class Load:
    """Requests on all connections, one after the other.

    The loop never sleeps. A timer's millisecond would send in bursts; and a server whose client sleeps pays for waking
    it with every answer, on a virtual machine as much as the answer itself takes, while one that answers faster than
    its client can ask pays nothing.
    """

    def __init__(self, *, rate: float) -> None:
        self.idle: deque[Connection] = deque()
        self.failures = 0
        self.is_over = False
        self._rate = rate
        self._taken = array("d")

    async def run(self, host: str, port: int, *, connections: int, seconds: float) -> Seen:
        """The results of a run of so many seconds."""
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            await loop.create_connection(lambda: Connection(self), host, port)
        started = time.perf_counter()
        await (self._ask_at_rate(started, seconds) if self._rate else self._ask_at_will(seconds))
        self.is_over = True
        passed = time.perf_counter() - started
        p50, p99, longest = np.percentile(np.array(self._taken) * 1e6, [50, 99, 100])
        return Seen(
            per_second=len(self._taken) / passed,
            failures=self.failures,
            p50=float(p50),
            p99=float(p99),
            longest=float(longest),
        )

    def answered(self, connection: Connection, *, due: float, is_good: bool) -> None:
        """Record an answer, and send the next request."""
        now = time.perf_counter()
        self._taken.append(now - due)
        self.failures += not is_good
        if self._rate or self.is_over:
            self.idle.append(connection)
        else:
            connection.ask(now)

    async def _ask_at_will(self, seconds: float) -> None:
        while self.idle:
            self.idle.popleft().ask(time.perf_counter())
        ends = time.perf_counter() + seconds
        while time.perf_counter() < ends:  # noqa: ASYNC110 (never to sleep is the point)
            await asyncio.sleep(0)

    async def _ask_at_rate(self, started: float, seconds: float) -> None:
        asked, total = 0, int(self._rate * seconds)
        while asked < total:
            due = started + asked / self._rate
            if self.idle and due <= time.perf_counter():
                self.idle.popleft().ask(due)
                asked += 1
            else:
                await asyncio.sleep(0)


def main(host: str, port: str, connections: str, seconds: str, rate: str) -> None:
    """Print the results as JSON."""
    load = Load(rate=float(rate))
    seen = uvloop.run(load.run(host, int(port), connections=int(connections), seconds=float(seconds)))
    sys.stdout.buffer.write(msgspec.json.encode(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
