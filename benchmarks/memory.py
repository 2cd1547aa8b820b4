"""Benchmark of memory: the largest books that the default settings take, one after the other, on the running service.

Run by ``make bench-memory`` on Linux. Prints for each: the size of request and answer, the largest resident memory of
service and worker together, what each of the two has a second later, and the duration. What it does not show: several
books at once, and clients that read nothing; for them see tests/api/server/test_memory.py.
"""

import itertools
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any

from adlrisk.api.http.codecs import Codec
from adlrisk.settings import Settings, variable_of
from books import CODECS, serving
from million import family, resident_megabytes, watching
from support.large_books import allocation_request, in_rows, rank_request

COUNT = 300_000
LIMITS = ("max_book_bytes", "max_positions", "max_answer_bytes", "max_worker_bytes", "book_timeout_seconds")
REQUESTS: dict[str, tuple[str, Callable[[int], dict[str, Any]]]] = {
    "ranked, in rows": ("/queue/rank", rank_request),
    "six policies, in columns": ("/adl/allocate", lambda count: allocation_request(count, layout="columns")),
}


def answered(port: int, path: str, body: bytes, codec: Codec) -> tuple[int, int]:
    """Status and size of the answer."""
    media_type = codec.media_types[0]
    connection = HTTPConnection("127.0.0.1", port, timeout=600)
    connection.request("POST", path, body, {"content-type": media_type, "accept": media_type})
    response = connection.getresponse()
    size = 0
    while piece := response.read(1 << 20):
        size += len(piece)
    connection.close()
    return response.status, size


def main(count: int = COUNT) -> None:
    """Print the table for dense books of ``count`` positions."""
    print("| answer | book | format | request, MiB | status | answer, MiB | peak, MiB | a second later | seconds |")
    print("|" + " --- |" * 9)
    defaults = {variable_of(name): str(getattr(Settings(), name)) for name in LIMITS}
    with serving(**defaults) as (port, process):
        for (answer, (path, request)), rows, codec in itertools.product(REQUESTS.items(), (False, True), CODECS):
            body = codec.encode(in_rows(request(count)) if rows else request(count))
            started = time.perf_counter()
            with watching(process) as memory:
                status, size = answered(port, path, body, codec)
            took = time.perf_counter() - started
            time.sleep(1.0)
            later = ", ".join(f"{resident_megabytes(each):.0f}" for each in family(process))
            cells = (answer, "rows" if rows else "columns", codec.name, f"{len(body) / 2**20:.0f}", str(status))
            figures = (f"{size / 2**20:.0f}", f"{max(memory):.0f}", later, f"{took:.1f}")
            print("| " + " | ".join([*cells, *figures]) + " |", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
