"""Benchmark of scores while the running service ranks a million positions.

Run by ``make bench-million`` on Linux. Prints, for each layout and format: the size of request and answer, the
duration, the latency of ``POST /score`` meanwhile, and the largest resident memory of all processes together.
"""

import http.client
import itertools
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from books import CODECS, LAYOUTS, book, serving

COUNT = 1_000_000
SCORE = Path(__file__).parents[1].joinpath("openapi", "examples", "score.request.json").read_bytes()
JSON = {"content-type": "application/json"}


@contextmanager
def scoring(port: int) -> Iterator[list[float]]:
    """Score every two milliseconds on a separate connection; yields the latencies in milliseconds."""
    taken: list[float] = []
    finished = threading.Event()

    def score() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            while not finished.wait(0.002):
                started = time.perf_counter()
                connection.request("POST", "/score", SCORE, JSON)
                connection.getresponse().read()
                taken.append((time.perf_counter() - started) * 1000.0)

    scorer = threading.Thread(target=score)
    scorer.start()
    try:
        yield taken
    finally:
        finished.set()
        scorer.join()


@contextmanager
def watching(process: int) -> Iterator[list[float]]:
    """Sample the memory of a process and its children; yields the megabytes."""
    seen = [0.0]
    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(0.02):
            seen.append(sum(map(resident_megabytes, family(process))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        finished.set()
        watcher.join()


def family(process: int) -> list[int]:
    """The process and its descendants."""
    tasks = Path(f"/proc/{process}/task")
    children = [int(child) for task in tasks.glob("*/children") for child in task.read_text().split()]
    return [process, *itertools.chain.from_iterable(map(family, children))]


def resident_megabytes(process: int) -> float:
    """Resident memory of one process; 0 once it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0.0)


def rank(port: int, body: bytes, media_type: str) -> tuple[float, int]:
    """Seconds and bytes of one ranking."""
    started = time.perf_counter()
    received = 0
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=600)) as connection:
        connection.request("POST", "/queue/rank", body, {"content-type": media_type, "accept": media_type})
        answer = connection.getresponse()
        while piece := answer.read(1 << 20):
            received += len(piece)
    if answer.status != 200:  # noqa: PLR2004
        raise RuntimeError(answer.reason)
    return time.perf_counter() - started, received


def report(what: str, scores: list[float], rest: str) -> None:
    """A row of the table."""
    cuts = statistics.quantiles(scores, n=100)
    print(f"| {what} | {statistics.median(scores):.2f}, {cuts[98]:.1f}, {max(scores):.0f} | {rest} |", flush=True)


def main(count: int = COUNT) -> None:
    """Print the table for books of ``count`` positions."""
    print("| book | `/score` p50, p99, max in ms | request MB, answer MB, seconds, peak memory in MB |")
    print("| --- | --- | --- |")
    with serving() as (port, process):
        with scoring(port) as scores:
            time.sleep(4.0)
        report("none", scores, f"{resident_megabytes(process):.0f}")
        for layout, codec in itertools.product(LAYOUTS, CODECS):
            body = codec.encode(book(count, layout))
            with watching(process) as memory, scoring(port) as scores:
                seconds, received = rank(port, body, codec.media_types[0])
            figures = f"{len(body) / 1e6:.0f}, {received / 1e6:.0f}, {seconds:.1f}, {max(memory):.0f}"
            report(f"{layout}, {codec.name}", scores, figures)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
