"""Benchmark of compression: what it saves and takes by size, and what others notice of large answers and of bombs.

Run by ``make bench-compression`` on Linux. The first tables are measured in process, the best of several runs; the last
ones on the running service, with a score after the other from a client of its own. What it does not show: a network,
clients that are slow, and the time that a client takes to unpack.
"""

import asyncio
import gzip
import http.client
import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from adlrisk.api.app import create_app
from adlrisk.api.dispatch.endpoint import Call
from adlrisk.api.dispatch.respond import run
from adlrisk.api.endpoints.score.batch import handle_scores
from adlrisk.api.endpoints.score.schema import ScoresRequest
from adlrisk.api.http.codings.accept_encoding import CODINGS, Coding
from adlrisk.api.http.codings.compress import Effort, compress_pieces
from adlrisk.api.http.codings.zstandard import zstd
from adlrisk.api.http.headers import Headers
from adlrisk.settings import Settings
from served import BODY, CLIENTS_CORE, SHIPPED, serving
from support.candidates import candidates

_ALL_CORES: Final = os.sched_getaffinity(0)
_MIB: Final = 1 << 20
_RUNS: Final = 9
_ITEMS: Final = (1, 2, 3, 5, 10, 20, 100, 500)
_BYTE_MICROSECONDS: Final = 0.008  # at 1 Gbit/s
_POSITIONS: Final = 200_000
_JSON: Final = {"content-type": "application/json"}

T = TypeVar("T")


def report_sizes() -> None:
    """Print what compressing a batch's answer takes and saves, from one item to five hundred."""
    print(
        "| items | answer, bytes | coding | bytes | µs | µs saved at 1 Gbit/s |\n| --- | --- | --- | --- | --- | --- |"
    )
    for count, coding in itertools.product(_ITEMS, CODINGS):
        answer = _answer(candidates()[:count])
        packed, micros = _measure(answer, coding, "quick")
        saved = (len(answer) - packed) * _BYTE_MICROSECONDS
        print(f"| {count} | {len(answer):,} | {coding} | {packed:,} | {micros:.0f} | {saved:.0f} |")


def report_candidates() -> None:
    """Print how large 500 candidates are either way, as they are compressed in a thread."""
    body = msgspec.json.encode({"items": candidates()})
    answer = _answer(candidates())
    print("\n| 500 candidates | request, bytes | answer, bytes | ms |\n| --- | --- | --- | --- |")
    print(f"| as they are | {len(body):,} | {len(answer):,} | |")
    for coding in CODINGS:
        packed, micros = _measure(answer, coding, "thorough")
        request, _ = _measure(body, coding, "thorough")
        print(f"| {coding} | {request:,} | {packed:,} | {micros / 1e3:.1f} |")


def report_neighbours() -> None:
    """Print the times of scores beside a large book that is answered as it is, in gzip and in zstd."""
    book = _book()
    print(f"\n| scores beside {_POSITIONS:,} positions ranked | answer, MB | s | scores | p50, ms | p99 | most |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as logs, serving(SHIPPED, Path(logs)) as served:
        os.sched_setaffinity(served.process, _ALL_CORES)
        _post(served.port, "/queue/rank", book, {})  # which starts the worker
        for coding in ("identity", "gzip", "zstd") * 2:
            ask = partial(_post, served.port, "/queue/rank", book, {"accept-encoding": coding})
            seconds, (_, size), times = _beside(served.port, ask)
            ranked = statistics.quantiles(times, n=100)
            print(
                f"| {coding} | {size / 1e6:.1f} | {seconds:.2f} | {len(times)} | {ranked[49] * 1e3:.2f} "
                f"| {ranked[98] * 1e3:.2f} | {max(times) * 1e3:.1f} |"
            )


def report_bombs() -> None:
    """Print what a gigabyte of zeros takes of a service that has just started, and how long others wait meanwhile."""
    bombs: dict[str, tuple[dict[str, str], bytes]] = {
        "a body of 33 MB, refused by its length": ({}, b" " * (33 * _MIB)),
        "gzip": ({"content-encoding": "gzip"}, gzip.compress(bytes(_MIB)) * 1000),
        "gzip, one member": ({"content-encoding": "gzip"}, gzip.compress(bytes(1024 * _MIB), 1)),
        "zstd": ({"content-encoding": "zstd"}, b"".join(_zeros(1024))),
        "1,001 empty gzip members": ({"content-encoding": "gzip"}, gzip.compress(b"") * 1001),
    }
    print("\n| a bomb of 1 GiB for /queue/rank | sent, kB | status | ms | memory, MB more | most, ms, for a score |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, (headers, body) in bombs.items():
        with tempfile.TemporaryDirectory() as logs, serving(SHIPPED, Path(logs)) as served:
            os.sched_setaffinity(served.process, _ALL_CORES)
            before = _peak_megabytes(served.process)
            seconds, status, times = _beside(served.port, partial(_post, served.port, "/queue/rank", body, headers))
            more = _peak_megabytes(served.process) - before
            print(
                f"| {name} | {len(body) / 1e3:,.0f} | {status[0]} | {seconds * 1e3:.0f} | {more:.0f} "
                f"| {max(times) * 1e3:.1f} |"
            )


def _measure(answer: bytes, coding: Coding, effort: Effort) -> tuple[int, float]:
    """The bytes of a compressed answer, and the microseconds that it took at best."""
    best, size = float("inf"), 0
    for _ in range(_RUNS):
        started = time.perf_counter()
        pieces = compress_pieces([answer], coding, effort)
        best, size = min(best, time.perf_counter() - started), sum(map(len, pieces))
    return size, best * 1e6


def _answer(items: list[Any]) -> bytes:
    """The answer to a batch, without market records."""
    with open(os.devnull, "w") as log:  # noqa: PTH123 (a device)
        context = create_app(Settings(), log=log).context
    body = msgspec.json.decode(msgspec.json.encode({"items": items}), type=ScoresRequest)
    call = Call(context=context, headers=Headers([]), request_id="benchmark", body=body)

    async def read_records(keys: Any) -> Any:
        return dict.fromkeys(keys, "absent")

    return b"".join(asyncio.run(run(handle_scores(call), read_records, turns=context.turns)).pieces)


def _book() -> bytes:
    """A book to rank, with random sizes and prices, answered in rows."""
    chance = random.Random(1)  # noqa: S311 (chance, not secrets)
    count = range(_POSITIONS)
    columns = {
        "id": [f"account-{chance.randrange(10**9)}-{index}" for index in count],
        "side": [chance.choice(("long", "short")) for _ in count],
        "size": [round(chance.uniform(0.001, 9.0), 3) for _ in count],
        "entry_price": [round(chance.uniform(80_000.0, 110_000.0), 1) for _ in count],
        "leverage": [chance.choice((2, 3, 5, 10, 20, 50)) for _ in count],
        "maintenance_margin_rate": [0.004] * _POSITIONS,
    }
    return json.dumps({"venue": "binance", "mark_price": 96000.5, "columns": columns}, separators=(",", ":")).encode()


def _beside(port: int, ask: Callable[[], T]) -> tuple[float, T, list[float]]:
    """Seconds and outcome of ``ask``, and the seconds of scores that another client asks one after the other."""
    command = [sys.executable, __file__, "scores", str(port)]
    scores = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if scores.stdout is None or not scores.stdout.readline():
        raise SystemExit("the client of scores did not start")
    started = time.perf_counter()
    outcome = ask()
    seconds = time.perf_counter() - started
    output, _ = scores.communicate("\n")
    return seconds, outcome, json.loads(output)


def _ask_scores(port: int) -> None:
    """Print the seconds of scores, one after the other until there is something on standard input."""
    os.sched_setaffinity(0, {CLIENTS_CORE})
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/score", BODY, _JSON)
    connection.getresponse().read()
    print("connected", flush=True)
    waiting = threading.Thread(target=sys.stdin.readline)
    waiting.start()
    times: list[float] = []
    while waiting.is_alive() or not times:
        started = time.perf_counter()
        connection.request("POST", "/score", BODY, _JSON)
        connection.getresponse().read()
        times.append(time.perf_counter() - started)
        time.sleep(0.0005)
    print(json.dumps(times))


def _post(port: int, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, int]:
    """The status and the size of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", path, body, {**_JSON, **headers})
    response = connection.getresponse()
    return response.status, len(response.read())


def _zeros(mebibytes: int) -> Iterator[bytes]:
    """So many zeros in one zstd frame."""
    compressor = zstd.ZstdCompressor()
    for _ in range(mebibytes):
        yield compressor.compress(bytes(_MIB))
    yield compressor.flush()


def _peak_megabytes(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["scores"]:
        _ask_scores(int(sys.argv[2]))
    else:
        report_sizes()
        report_candidates()
        report_neighbours()
        report_bombs()
