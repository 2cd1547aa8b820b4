"""Benchmark of the page: how long its answers take, and how much a first visit transfers.

One client on another core waits for each answer, compressed as browsers ask for it. The first answer of each page is
that of a service that has just started and has answered nothing of the kind. CPU is the service's own, per answer;
other work on the machine hardly changes it.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import httpx

from adlrisk.page.assets import ASSETS
from served import CLIENTS_CORE, SHIPPED, Served, serving
from support.browser.showcase import ETH_SHORT, HEDGED, LITTLE_KNOWN, WORKED_EXAMPLE, address_of

_TIMES: Final = int(sys.argv[1]) if len(sys.argv) > 1 else 40
_PAGES: Final = {
    "empty": "/page",
    "little known": address_of(LITTLE_KNOWN),
    "the worked example": address_of(WORKED_EXAMPLE),
    "an account with a hedge": address_of(HEDGED),
    "with the chain to an ADL": address_of(ETH_SHORT),
    "all venues": "/page/venues",
    "a venue": "/page/venues/binance",
    "an empty book": "/page/book",
}
_BROWSERS: Final = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-encoding": "gzip, deflate, br, zstd"}


def main() -> None:
    """Print the table."""
    print("| page | first, ms | median, ms | longest, ms | CPU, ms | HTML, bytes | first visit, bytes |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as logs, serving(SHIPPED, Path(logs)) as service:
        url = f"http://127.0.0.1:{service.port}"
        with httpx.Client(base_url=url, headers=_BROWSERS, timeout=60) as client:
            for name, address in _PAGES.items():
                _report(client, service, name, address)


def _report(client: httpx.Client, service: Served, name: str, address: str) -> None:
    first, answer = _ask(client, address)
    used = service.cpu_seconds
    others = [_ask(client, address)[0] for _ in range(_TIMES)]
    spent = (service.cpu_seconds - used) / _TIMES * 1e3
    parts = [client.get(asset.address) for asset in ASSETS.values()]
    transferred = sum(part.num_bytes_downloaded + len(str(part.headers)) for part in (answer, *parts))
    print(f"| {name} | {first:.0f} | **{statistics.median(others):.1f}** | {max(others):.0f} | {spent:.1f} ", end="")
    print(f"| {len(answer.content):,} | {transferred:,} |")


def _ask(client: httpx.Client, address: str) -> tuple[float, httpx.Response]:
    """How many milliseconds the answer took, and the answer."""
    started = time.perf_counter()
    answer = client.get(address).raise_for_status()
    return (time.perf_counter() - started) * 1e3, answer


if __name__ == "__main__":
    os.sched_setaffinity(0, {CLIENTS_CORE})
    main()
