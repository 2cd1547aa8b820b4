"""A demonstration with two collectors, a fake venue, a store and the service: ``make run-collectors``.

The venue answers as OKX documents it, with made-up data; its open interest comes and goes by the minute, and SIGUSR1
makes it liquidate a large position. The store holds the history of a collector that has been running for two days.
"""

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol

import httpx

from support.collect.calm import OPEN_INTEREST, store_calm_history
from support.collect.fake_okx import FakeOkx
from support.collect.fake_venues import LINEAR
from support.redis_servers import RedisServer

RECORD: Final = "/venues/okx/markets/BTC-USDT-SWAP"


class Running(Protocol):
    """What is asked of a process."""

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""


def main(port: int) -> int:
    """Serve on ``port`` and collect on the next two until SIGINT or SIGTERM; return the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory() as folder, RedisServer(Path(folder)) as store, FakeOkx() as venue:
        store_calm_history(store)
        environ = {
            **os.environ,
            "ADLRISK_REDIS_URL": store.url,
            "ADLRISK_COLLECT_URLS": f"okx={venue.url}",
            "ADLRISK_COLLECT_MARKETS": f"okx:{LINEAR}",
            "ADLRISK_LOG_LEVEL": "warning",
        }
        commands = [("serve", port), ("collect", port + 1), ("collect", port + 2)]
        running = []
        for what, number in commands:
            running.append(
                subprocess.Popen([sys.executable, "-m", "adlrisk", what, "--port", str(number)], env=environ)
            )
            time.sleep(1.0)  # so that the first collector leads
        sys.stdout.write("Starting; the first market record takes some seconds.\n")
        sys.stdout.flush()
        signal.signal(signal.SIGUSR1, lambda *_: _liquidate(venue))
        threading.Thread(target=_trade, args=(venue,), daemon=True).start()
        with contextlib.suppress(KeyboardInterrupt):
            if wait_for_record(f"http://127.0.0.1:{port}{RECORD}", running):
                sys.stdout.write(describe(port, ones=running[1].pid, others=running[2].pid))
                sys.stdout.flush()
                running[0].wait()
        ended = [process.poll() for process in running]
        for process in running:
            process.terminate()
            process.wait()
    # One that ended by itself has said why; the service may also have been stopped with Ctrl-C, by this terminal.
    return next((code for code in ended if code and code > 0), 0)


def wait_for_record(url: str, running: Sequence[Running], *, pause: Callable[[float], None] = time.sleep) -> bool:
    """Wait until ``url`` answers 200; return whether it did while all of ``running`` went on."""
    while all(process.poll() is None for process in running):
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url).status_code == httpx.codes.OK:
                return True
        pause(0.2)
    return False


def describe(port: int, *, ones: int, others: int) -> str:
    """What to do next: the first market record is there."""
    return (
        f"The first market record is there: open http://localhost:{port}{RECORD}\n"
        f"The service is on port {port}, collectors are on {port + 1} and {port + 2}; stop with Ctrl-C. Paste into "
        "another terminal, to kill a collector (kill -KILL $ONE) or to let the venue liquidate (kill -USR1 $VENUE):"
        "\n\n"
        f"export ONE={ones} OTHER={others} VENUE={os.getpid()}\n\n"
    )


def _trade(venue: FakeOkx) -> None:
    """A fiftieth of the open interest is closed in one minute and opened again in the next, at the mark of then."""
    (row,) = venue.answers["/api/v5/public/open-interest?instId=BTC-USDT-SWAP"]["data"]
    for left in itertools.cycle((0.98, 1.0)):
        time.sleep(60.0)
        row["oi"] = f"{left * OPEN_INTEREST:.0f}"


def _liquidate(venue: FakeOkx) -> None:
    """300,000 USDT: 500 contracts of 0.01 BTC at 60,000."""
    venue.send(venue.liquidation(side="long", price="60000", size="500", at=str(round(time.time() * 1000.0))))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
