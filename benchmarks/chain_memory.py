"""Benchmark of the chain's memory: the largest simulations and exposures that the default settings take.

Run by ``make bench-chain-memory`` on Linux. Prints for each: the size of request and answer, the largest resident
memory of service and worker together, what each of the two has a second later, and the duration.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from adlrisk.api.http.codecs import JSON
from adlrisk.settings import Settings, variable_of
from books import serving
from memory import LIMITS, answered
from million import family, resident_megabytes, watching
from support.large_simulations import day_of_marks, every_cohort, every_id, largest_book, longest_curves

REQUESTS: Final[dict[str, tuple[str, Callable[[], dict[str, Any]]]]] = {
    "simulation of 1,440 marks and 69,444 positions": ("/adl/simulate", day_of_marks),
    "exposure of 300,000 positions, 101 moves, 3 cases": ("/adl/exposure", lambda: largest_book(points=101)),
    "exposure of 401 moves, 8 cases, 31,000 positions": ("/adl/exposure", longest_curves),
    "exposure of 401 moves, 8 cases, 4 mixes, 101 ids": ("/adl/exposure", lambda: every_id(4)),
    "exposure of 80,000 cohorts in 4 mixes, 401 moves, 3 cases": ("/adl/exposure", every_cohort),
}


def main() -> None:
    """Print the table."""
    print("| request | MiB | status | answer, MiB | peak, MiB | a second later | seconds |\n|" + " --- |" * 7)
    defaults = {variable_of(name): str(getattr(Settings(), name)) for name in LIMITS}
    with serving(**defaults) as (port, process):
        for title, (path, request) in REQUESTS.items():
            body = JSON.encode(request())
            started = time.perf_counter()
            with watching(process) as memory:
                status, size = answered(port, path, body, JSON)
            took = time.perf_counter() - started
            time.sleep(1.0)
            later = ", ".join(f"{resident_megabytes(each):.0f}" for each in family(process))
            cells = (title, f"{len(body) / 2**20:.1f}", str(status), f"{size / 2**20:.1f}", f"{max(memory):.0f}", later)
            print("| " + " | ".join([*cells, f"{took:.1f}"]) + " |", flush=True)


if __name__ == "__main__":
    main()
