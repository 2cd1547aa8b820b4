"""Benchmark of ``POST /queue/rank`` against a floor: decoding and encoding the same bytes, and one sort.

Run by ``make bench``; not a test. For each size, layout and format it times, in this process:

- decode: the request's bytes to Structs
- read: Structs to the columns of the domain, with the checks across positions
- rank: both queues
- encode: the answer's pieces
- whole: bytes to answer, as the service's worker does it
- request: the same through a running server, over a socket, from the first byte sent to the last received
- floor: msgspec decodes the request's bytes and encodes the decoded answer again, and one argsort

and prints microseconds per position, with the ratio of the last two. Ratios of one run compare; times of two
machines do not. What it does not show: several books at once, and a slow or distant client.
"""

import gc
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from typing import Any

import msgspec
import numpy as np

from adlrisk.api.bulk.job import Job, run_job
from adlrisk.api.endpoints.queue.rank_book import RANK_BOOK
from adlrisk.api.endpoints.queue.schema import Queue, RankRequest
from adlrisk.api.endpoints.shared.book import read_book
from adlrisk.api.http import codecs
from adlrisk.domain.queue.queue import rank_book
from adlrisk.venues.catalogue import load_catalogue

SIZES = (1_000, 10_000, 100_000, 1_000_000)
LAYOUTS = ("columns", "rows")
CODECS = (codecs.JSON, codecs.MSGPACK)
VENUES = load_catalogue()
GIBIBYTE = 1 << 30


class Answered(msgspec.Struct):
    """The answer decoded into its Structs, for the floor."""

    queues: dict[str, Queue]


def book(count: int, layout: str) -> dict[str, Any]:
    """A request with ``count`` realistic positions, answered in its own layout."""
    random = np.random.default_rng(7)
    entry = np.round(random.uniform(90.0, 120.0, count), 2)
    columns: dict[str, list[Any]] = {
        "id": [f"acc-{number:07d}" for number in range(count)],
        "side": np.where(random.random(count) < 0.5, "long", "short").tolist(),  # noqa: PLR2004
        "size": np.round(random.lognormal(1.0, 1.5, count) + 0.001, 3).tolist(),
        "entry_price": entry.tolist(),
        "leverage": random.integers(1, 51, count).tolist(),
    }
    request: dict[str, Any] = {"venue": "bitmex", "mark_price": 105.25, "layout": layout}
    if layout == "columns":
        return {**request, "columns": columns}
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return {**request, "positions": rows}


def seconds(run: Callable[[], Any], rounds: int) -> float:
    """The median time of ``run``."""
    times = []
    for _ in range(rounds):
        gc.collect()
        gc.disable()  # as in the worker, and for the floor alike
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
        gc.enable()
    return statistics.median(times)


def measure(count: int, layout: str, codec: codecs.Codec, port: int) -> dict[str, float]:
    """Median seconds of each step."""
    rounds = max(3, min(15, 300_000 // count))
    body = codec.encode(book(count, layout))
    return {**_steps(body, codec, rounds), "request": requested("/queue/rank", body, codec, rounds, port)[0]}


def _steps(body: bytes, codec: codecs.Codec, rounds: int) -> dict[str, float]:
    """Median seconds of each step in process, and of the floor."""
    decode = codec.build_decoder(RankRequest)
    request = decode(body)
    given = {"mark_price": request.mark_price, "contract": request.contract, "contract_size": request.contract_size}
    columns = read_book(request.positions, request.columns, **given)[1]
    rules = VENUES["bitmex"].rules
    media_type = codec.media_types[0]
    job = Job(
        operation="rankQueue",
        body_media_type=media_type,
        answer_media_type=media_type,
        request_id="bench",
        now=datetime.now(UTC),
    )

    def whole() -> bytes:
        outcome = run_job(job, [body], handler=RANK_BOOK, venues=VENUES)
        return b"".join(outcome.pieces)

    answered = codec.build_decoder(Answered)(whole())
    keys = np.random.default_rng(7).random(len(columns))
    found = {
        "decode": seconds(lambda: decode(body), rounds),
        "read": seconds(lambda: read_book(request.positions, request.columns, **given), rounds),
        "rank": seconds(lambda: rank_book(columns, rules), rounds),
        "whole": seconds(whole, rounds),
    }
    sort = seconds(lambda: np.argsort(keys), rounds)
    return {**found, "floor": found["decode"] + seconds(lambda: codec.encode(answered), rounds) + sort}


def requested(path: str, body: bytes, codec: codecs.Codec, rounds: int, port: int) -> tuple[float, bytes]:
    """Median seconds of a request to the running service, and its answer."""
    media_type = codec.media_types[0]
    headers = {"content-type": media_type, "accept": media_type}

    def request() -> bytes:
        with closing(HTTPConnection("127.0.0.1", port, timeout=600)) as connection:
            connection.request("POST", path, body=body, headers=headers)
            response = connection.getresponse()
            content = response.read()
        if response.status != 200:  # noqa: PLR2004
            raise RuntimeError(content[:500])
        return content

    content = request()  # the worker starts with the first book
    return seconds(request, rounds), content


@contextmanager
def serving(**more: str) -> Iterator[tuple[int, int]]:
    """The service as a separate process, with ``more`` settings; yields its port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    settings = {
        "ADLRISK_LOG_LEVEL": "error",
        "ADLRISK_MAX_BOOK_BYTES": str(GIBIBYTE),
        "ADLRISK_MAX_POSITIONS": "10000000",
        "ADLRISK_MAX_ANSWER_BYTES": str(GIBIBYTE),
        "ADLRISK_MAX_WORKER_BYTES": str(8 * GIBIBYTE),
        "ADLRISK_BOOK_TIMEOUT_SECONDS": "600",
        **more,
    }
    command = [sys.executable, "-m", "adlrisk", "serve", "--port", str(port)]
    with subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL) as process:
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.05)
            yield port, process.pid
        finally:
            process.terminate()


def main(sizes: Sequence[int]) -> None:
    """Print the table."""
    header = (
        "positions",
        "layout",
        "format",
        "decode",
        "read",
        "rank",
        "whole",
        "request",
        "floor",
        "whole/floor",
        "request/floor",
    )
    print("| " + " | ".join(header) + " |")
    print("|" + " --- |" * len(header))
    with serving() as (port, _):
        for count in sizes:
            for layout in LAYOUTS:
                for codec in CODECS:
                    found = measure(count, layout, codec, port)
                    each = [
                        f"{found[step] / count * 1e6:.2f}"
                        for step in ("decode", "read", "rank", "whole", "request", "floor")
                    ]
                    ratios = [f"{found[step] / found['floor']:.2f}" for step in ("whole", "request")]
                    print("| " + " | ".join([f"{count:,}", layout, codec.name, *each, *ratios]) + " |", flush=True)


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or SIZES)
