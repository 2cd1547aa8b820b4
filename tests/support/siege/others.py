"""The others beside an attack: bots that ask for scores, probes of health, and the memory of all processes."""

import contextlib
import http.client
import itertools
import json
import math
import os
import statistics
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from support.siege import messages
from support.siege.besieged import KEY, Besieged
from support.soak.replica import Replica

BOTS: Final = 4
EVERY_SECONDS: Final = 0.05
PROBE_EVERY_SECONDS: Final = 0.2
TIMEOUT_SECONDS: Final = 2.0  # that of the chart's probes

_MEMORY_EVERY_SECONDS: Final = 0.02
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_MIB: Final = 1024.0 * 1024.0


class Tally:
    """What became of one kind of requests."""

    def __init__(self) -> None:
        self.asked = 0
        self.seconds: list[float] = []  # from when each was due until it was answered, with 200
        self.without_record = 0

    def add(self, status: int, content: bytes, *, seconds: float) -> None:
        """Count one of them."""
        self.asked += 1
        if status == 200:
            self.seconds.append(seconds)
            self.without_record += lacks_record(content)

    def milliseconds(self, percentile: int) -> float | None:
        """A percentile of the times; ``None`` where nothing was answered."""
        if len(self.seconds) < 2:
            return 1000.0 * self.seconds[0] if self.seconds else None
        return 1000.0 * statistics.quantiles(self.seconds, n=100, method="inclusive")[percentile - 1]


class Others:
    """A context in which they ask, each kind in its own tally, and memory is read."""

    def __init__(self, besieged: Besieged, *, reconnect: bool = False) -> None:
        """With ``reconnect`` each score comes on a new connection."""
        self.scores, self.health, self.probes = Tally(), Tally(), Tally()
        self.peak_mib = 0.0
        self._ends = threading.Event()
        self._replica = besieged.replica
        scores = [
            messages.request("/score", messages.score(symbol), key=KEY, close=reconnect) for symbol in besieged.symbols
        ]
        live = [messages.request("/health/live", method="GET", close=True)]
        self._threads = [self._asking(self.scores, besieged.port, scores, EVERY_SECONDS) for _ in range(BOTS)]
        for tally, port in ((self.health, besieged.port), (self.probes, besieged.probe_port)):
            if port is not None:
                self._threads.append(self._asking(tally, port, live, PROBE_EVERY_SECONDS))
        self._threads.append(threading.Thread(target=self._watch_memory))

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _asking(self, tally: Tally, port: int, requests: Sequence[bytes], every_seconds: float) -> threading.Thread:
        def ask() -> None:
            due = time.monotonic()
            with Client(port) as client:
                for request in itertools.cycle(requests):
                    due += every_seconds
                    if self._ends.wait(max(0.0, due - time.monotonic())):
                        break
                    tally.add(*client.ask(request), seconds=time.monotonic() - due)
            tally.asked += max(0, math.floor((time.monotonic() - due) / every_seconds))  # those due meanwhile

        return threading.Thread(target=ask)

    def _watch_memory(self) -> None:
        while not self._ends.wait(_MEMORY_EVERY_SECONDS):
            self.peak_mib = max(self.peak_mib, memory_of(self._replica))


class Client:
    """One connection after the other to a server; whatever goes wrong is a status of its own, 0."""

    def __init__(self, port: int, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to it."""
        try:
            if self._connection.sock is None:
                self._connection.connect()
            with contextlib.suppress(ConnectionError):  # it may have been answered before all was sent
                self._connection.sock.sendall(request)
            response = http.client.HTTPResponse(self._connection.sock, method="POST")
            response.begin()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0, b""
        if response.will_close:
            self._connection.close()
        return response.status, content


def lacks_record(content: bytes) -> bool:
    """Whether an answer to the others' score was computed without the market record, in any version."""
    market = json.loads(content).get("market", {"status": "used"})
    return market is None or market.get("status", "used") != "used"


def memory_of(replica: Replica) -> float:
    """Resident memory of the service and its worker, MiB; 0 where there is none."""
    pids = filter(None, (replica.pid, replica.worker))
    return sum(map(_resident_pages, pids)) * _PAGE / _MIB


def _resident_pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:  # it has ended
        return 0
