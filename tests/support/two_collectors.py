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
from pathlib import Path

from support.collect.calm import OPEN_INTEREST, store_calm_history
from support.collect.fake_okx import FakeOkx
from support.collect.fake_venues import LINEAR
from support.redis_servers import RedisServer


def main(port: int) -> None:
    """Serve on ``port`` and collect on the next two until SIGINT or SIGTERM."""
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
        signal.signal(signal.SIGUSR1, lambda *_: _liquidate(venue))
        threading.Thread(target=_trade, args=(venue,), daemon=True).start()
        sys.stdout.write(
            f"The service on port {port}, collectors on {port + 1} and {port + 2}; stop with Ctrl-C. Paste into "
            "another terminal, to kill a collector (kill -KILL $ONE) or to let the venue liquidate (kill -USR1 $VENUE):"
            "\n\n"
            f"export ONE={running[1].pid} OTHER={running[2].pid} VENUE={os.getpid()}\n\n"
            "The first market record is there after some 20 s: "
            f"curl -s localhost:{port}/venues/okx/markets/BTC-USDT-SWAP\n\n"
        )
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            running[0].wait()
        for process in running:
            process.terminate()
            process.wait()


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
    main(int(sys.argv[1]))
