"""Benchmark of ``POST /score`` over HTTP: the service as shipped against other frameworks.

``http_peers.py [servers]``, run by ``make bench-http`` and ``make bench-servers``. Every peer runs on one core and is
loaded by a client on another, one after the other, several rounds; ratios are those of a round, so that changes of the
machine's speed affect them little. Prints tables in Markdown.
"""

import contextlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Final

from msgspec import Struct

from batch import report_batches
from load import Seen
from served import SHIPPED, Peer, Served, granian, serving, uvicorn

ROUNDS: Final = int(os.environ.get("ROUNDS", "15"))
SECONDS: Final = float(os.environ.get("SECONDS_EACH", "1"))

BARE: Final = uvicorn("bare ASGI", "peers.bare:app")
FASTAPI: Final = uvicorn("FastAPI, pydantic, prometheus-client", "peers.plain_fastapi:app")
PEERS: Final = (BARE, SHIPPED, uvicorn("plain Litestar", "peers.plain_litestar:app"), FASTAPI)

_TAIL: Final = 3.0  # times as long, for a percentile of few
_FACTORY: Final = "adlrisk.api.app:create_app"
SERVERS: Final = (
    BARE,
    uvicorn("bare ASGI, asyncio's loop", "peers.bare:app", "--loop", "asyncio"),
    uvicorn("bare ASGI, h11", "peers.bare:app", "--http", "h11"),
    granian("bare ASGI, granian", "peers.bare:app"),
    SHIPPED,
    uvicorn("adlrisk, uvicorn as it comes", _FACTORY, "--factory"),
    granian("adlrisk, granian", _FACTORY, "--factory"),
)


class Round(Struct, frozen=True, kw_only=True):
    """The results of a peer in one round: at full speed, and at half of that rate."""

    most: Seen
    half: Seen


def main(what: str = "peers") -> None:
    """Print the tables."""
    peers = SERVERS if what == "servers" else PEERS
    with contextlib.ExitStack() as running, tempfile.TemporaryDirectory() as logs:
        served = [running.enter_context(serving(peer, Path(logs))) for peer in peers]
        refuse_unlike(served)
        idle = [one.resident_megabytes for one in served]
        rounds = measured(served)
        report(peers, rounds, against=(BARE, FASTAPI) if what == "peers" else (BARE,))
        print("\n| | process to first answer, s | resident, idle, MB | after the load, MB |")
        print("| --- | --- | --- | --- |")
        for one, before in zip(served, idle, strict=True):
            after = one.resident_megabytes
            print(f"| {one.peer.name} | {one.first_answer_seconds:.2f} | {before:.0f} | {after:.0f} |")
        if what == "peers":
            report_batches(next(one.port for one in served if one.peer == SHIPPED), rounds=max(1, ROUNDS // 3))
    print(f"\n{surroundings()}")


def refuse_unlike(served: Sequence[Served]) -> None:
    """Check that all give the same answer.

    Raises:
        SystemExit: one does not.
    """
    for one in served:
        if one.answer != served[0].answer:
            raise SystemExit(f"{one.peer.name} answers {one.answer}, and not {served[0].answer}")


def measured(served: Sequence[Served]) -> list[dict[str, Round]]:
    """The rounds, each of all peers in turn."""
    for one in served:
        one.asked(seconds=1.0)
    rounds = []
    for _ in range(ROUNDS):
        most = {one.peer.name: one.asked(seconds=SECONDS) for one in served}
        half = {
            one.peer.name: one.asked(seconds=_TAIL * SECONDS, rate=most[one.peer.name].per_second / 2.0)
            for one in served
        }
        rounds.append({name: Round(most=most[name], half=half[name]) for name in most})
    return rounds


def report(peers: Sequence[Peer], rounds: list[dict[str, Round]], *, against: Sequence[Peer]) -> None:
    """Print the table of speed."""
    titles = [f"of {peer.name}: min, median, max" for peer in against]
    print(
        f"\n| | requests/s | {' | '.join(titles)} | p50, p99 at half of it, µs | p99 of {BARE.name}: min, median, max |"
    )
    print("| --- " * (len(titles) + 4) + "|")
    for peer in peers:
        own = [one[peer.name] for one in rounds]
        ratios = [spread(rounds, peer, other, lambda one: one.most.per_second) for other in against]
        tail = spread(rounds, peer, BARE, lambda one: one.half.p99)
        p50, p99 = (median(getattr(one.half, name) for one in own) for name in ("p50", "p99"))
        speed = median(one.most.per_second for one in own)
        print(f"| {peer.name} | {speed:,.0f} | {' | '.join(ratios)} | {p50:.0f}, {p99:.0f} | {tail} |")


def spread(rounds: list[dict[str, Round]], peer: Peer, other: Peer, figure: Callable[[Round], float]) -> str:
    """The ratio of a figure of ``peer`` to that of ``other`` in the same round: minimum, median, maximum."""
    ratios = [figure(one[peer.name]) / figure(one[other.name]) for one in rounds]
    return f"{min(ratios):.2f}, **{median(ratios):.2f}**, {max(ratios):.2f}"


def surroundings() -> str:
    """The machine, Python and library versions, and the date."""
    names = ("uvicorn", "uvloop", "httptools", "msgspec", "litestar", "fastapi", "pydantic", "granian")
    versions = []
    for name in names:
        with contextlib.suppress(PackageNotFoundError):
            versions.append(f"{name} {version(name)}")
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    return f"{len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}, {', '.join(versions)}, {day}"


if __name__ == "__main__":
    main(*sys.argv[1:])
