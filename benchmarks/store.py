"""Benchmark of ``POST /score`` while Redis fails: latency before, during and after, and failed requests.

Run by ``make bench-store``. One connection scores every two milliseconds, each time another of 200 symbols of which
every second has a record, so that records are read from the store all the time. For each way of failing it prints the
latency in milliseconds and how many scores waited for the store. Not shown: many connections at once.
"""

import http.client
import json
import os
import signal
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from adlrisk.api.limits.api_keys import digest_key
from books import serving
from support.redis_servers import Proxy, RedisServer, wait_for

SYMBOLS = 200
EVERY_SECONDS = 0.002
PHASE_SECONDS = 5.0
WAITED_MILLISECONDS = 50.0
KEY = "benchmark"
JSON = {"content-type": "application/json", "x-api-key": KEY}
POSITION = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 100, "leverage": 12}


class Scorer:
    """A scorer; records latencies and failures by phase."""

    def __init__(self, port: int) -> None:
        self.milliseconds: dict[str, list[float]] = {}
        self.failed = 0
        self.phase = "before"
        self._port = port
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._run)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Score while the condition holds."""
        self._thread.start()
        try:
            yield
        finally:
            self._finished.set()
            self._thread.join()

    def _run(self) -> None:
        bodies = [
            json.dumps({"venue": "binance", "symbol": f"S{number}", "position": POSITION}) for number in range(SYMBOLS)
        ]
        count = 0
        with closing(http.client.HTTPConnection("127.0.0.1", self._port)) as connection:
            while not self._finished.wait(EVERY_SECONDS):
                phase, started = self.phase, time.perf_counter()
                connection.request("POST", "/score", bodies[count % SYMBOLS], JSON)
                response = connection.getresponse()
                response.read()
                self.milliseconds.setdefault(phase, []).append((time.perf_counter() - started) * 1000.0)
                self.failed += response.status != 200  # noqa: PLR2004
                count += 1


def measure(name: str, port: int, breaks: Callable[[], object], mends: Callable[[], object]) -> None:
    """A row of the table."""
    for number in range(0, SYMBOLS, 2):
        ask(port, "PUT", f"/venues/binance/markets/S{number}", {"funding_rate": 0.01, "ttl_seconds": 3600})
    scorer = Scorer(port)
    with scorer.running():
        time.sleep(PHASE_SECONDS)
        scorer.phase = "during"
        breaks()
        time.sleep(PHASE_SECONDS)
        mends()
        wait_for(lambda: ask(port, "GET", "/health/ready")["status"] == "ready", "recovery")
        scorer.phase = "after"
        time.sleep(PHASE_SECONDS)
    cells = [name]
    for phase in ("before", "during", "after"):
        taken = scorer.milliseconds[phase]
        p99 = statistics.quantiles(taken, n=100)[98]
        waited = sum(each >= WAITED_MILLISECONDS for each in taken)
        cells.append(f"{statistics.median(taken):.2f}, {p99:.2f}, {max(taken):.0f}, {waited} of {len(taken):,}")
    print("| " + " | ".join([*cells, str(scorer.failed)]) + " |", flush=True)


def ask(port: int, method: str, path: str, body: object = None) -> dict[str, object]:
    """The answer to one request."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request(method, path, None if body is None else json.dumps(body), JSON)
        answer: dict[str, object] = json.loads(connection.getresponse().read())
        return answer


def main() -> None:
    """Print the table."""
    print("| the store is | before: p50, p99, max, waited | during | after | failed |")
    print("| --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        kept = ("--appendonly", "yes")
        with RedisServer(Path(folder) / "redis", *kept) as server, Proxy(server.port) as proxy:
            settings = {"ADLRISK_ADMIN_KEYS": digest_key(KEY), "ADLRISK_REDIS_URL": f"redis://127.0.0.1:{proxy.port}"}
            with serving(**settings) as (port, _):
                measure(
                    "stopped (SIGSTOP)",
                    port,
                    lambda: server.signal(signal.SIGSTOP),
                    lambda: server.signal(signal.SIGCONT),
                )
                measure("slow (100 ms each way)", port, lambda: slowed(proxy, 0.1), lambda: slowed(proxy, 0.0))
                measure("cut off again and again", port, lambda: cutting(proxy), lambda: None)
                measure("killed, then started", port, server.kill, server.start)


def slowed(proxy: Proxy, seconds: float) -> None:
    """Delay the store's answers."""
    proxy.delay_seconds = seconds


def cutting(proxy: Proxy) -> None:
    """Close all connections, ten times."""
    for _ in range(10):
        proxy.cut()
        time.sleep(0.2)


if __name__ == "__main__":
    os.environ.pop("ADLRISK_REDIS_URL", None)
    main()
