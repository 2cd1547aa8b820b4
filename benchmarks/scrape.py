"""Benchmark of ``POST /score`` while metrics are scraped, ten times a second.

Run by ``make bench-scrape``. A service that has scored every venue is scored every two milliseconds on one connection,
first alone, then while another connection scrapes the metrics. Prints size and duration of a scrape, and the latency of
the scores in milliseconds. Not shown: Prometheus itself.
"""

import http.client
import json
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from books import serving
from million import JSON, SCORE, scoring

SECONDS = 10.0
EVERY_SECONDS = 0.1
FORMATS = {"text": "text/plain", "OpenMetrics": "application/openmetrics-text; version=1.0.0"}


@contextmanager
def scraping(port: int, accept: str) -> Iterator[list[tuple[float, int]]]:
    """Scrape the metrics repeatedly; yields the milliseconds and lines of each scrape."""
    seen: list[tuple[float, int]] = []
    finished = threading.Event()

    def scrape() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            while not finished.wait(EVERY_SECONDS):
                started = time.perf_counter()
                connection.request("GET", "/metrics", headers={"accept": accept})
                content = connection.getresponse().read()
                seen.append(((time.perf_counter() - started) * 1000.0, content.count(b"\n")))

    scraper = threading.Thread(target=scrape)
    scraper.start()
    try:
        yield seen
    finally:
        finished.set()
        scraper.join()


def latency(taken: list[float]) -> str:
    """Median, 99th percentile and maximum."""
    centiles = statistics.quantiles(taken, n=100)
    return f"{statistics.median(taken):.2f} | {centiles[98]:.2f} | {max(taken):.1f}"


def touch_everything(port: int) -> None:
    """Score at every venue, so that every series exists."""
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("GET", "/venues")
        venues = [venue["id"] for venue in json.loads(connection.getresponse().read())["venues"]]
        for venue in venues:
            position = {**json.loads(SCORE)["position"], "adl_meter": None}
            connection.request("POST", "/score", json.dumps({"venue": venue, "position": position}), JSON)
            connection.getresponse().read()


def main() -> None:
    """Print the table."""
    with serving() as (port, _):
        touch_everything(port)
        print("| metrics | lines | read in ms | score p50 | p99 | longest |")
        print("| --- | --- | --- | --- | --- | --- |")
        with scoring(port) as taken:
            time.sleep(SECONDS)
        print(f"| not read | | | {latency(taken)} |")
        for name, accept in FORMATS.items():
            with scoring(port) as taken, scraping(port, accept) as seen:
                time.sleep(SECONDS)
            milliseconds, lines = zip(*seen, strict=True)
            print(f"| {name} | {lines[-1]} | {statistics.median(milliseconds):.1f} | {latency(taken)} |")


if __name__ == "__main__":
    main()
