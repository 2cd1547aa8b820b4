"""Benchmark of the trigger chain: a step and an exposure in this process, and scores beside one in a running service.

Run by ``make bench-chain`` (SIZES="1000 100000" for some sizes); not a test. The book is made up: leverage log-normal
with median 3 and a sigma of 0.8, entries with a standard deviation of 10 %, 2 % of open interest within one percent.
The first table is milliseconds of a step beyond decoding: with few accounts due, with many, and with many that the fund
cannot pay for. The second is seconds of an exposure (101 moves × 3 cases, 10 ids): the gaps alone, and with the walks.
The third is an exposure of 100,000 accounts over HTTP and the latency of ``POST /score`` meanwhile. The last checks the
defaults: how much of what is liquidated by a move is liquidated because of the permanent impact of liquidations,
beside the branching ratio of 0.1 to 0.2 that was measured for perpetual futures.
"""

import http.client
import itertools
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final

import msgspec
import numpy as np

from adlrisk.domain.queue.book import Book
from adlrisk.domain.stress.chain.step import begin, do_nothing, run_step
from adlrisk.domain.stress.depth import Depth
from adlrisk.domain.stress.exposure import expose
from adlrisk.domain.stress.fund import Fund
from adlrisk.domain.stress.moves import Moves, weigh_moves
from adlrisk.domain.stress.paths.gap import take_gaps
from adlrisk.domain.stress.paths.outcome import Watch
from adlrisk.domain.stress.paths.scene import Scene
from adlrisk.domain.stress.terms import Terms
from books import VENUES, serving
from million import scoring

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
LARGEST_SERVED: Final = 100_000  # more than the service takes in an exposure of this size otherwise
MARK: Final = 100.0
CASES: Final = {"calm": 1.0, "typical": 0.29, "severe": 0.06}
FEW, MANY = 0.01, 0.2
IMPACT: Final = 0.67
ENDLESS: Final = 1e15
UNKNOWN: Final = np.float64(np.nan)


def made_up(count: int) -> Book:
    """A book of about ``count`` accounts of which nobody is due at the mark price."""
    random = np.random.default_rng(7)
    leverage = np.minimum(np.exp(np.log(3.0) + 0.8 * random.standard_normal(count)), 50.0)
    entry = np.maximum(np.round(MARK * (1.0 + 0.1 * random.standard_normal(count)), 2), 40.0)
    size = np.ceil(random.lognormal(1.0, 1.5, count) * 1000.0) / 1000.0
    is_long = random.random(count) < 0.5  # noqa: PLR2004
    rate = np.where(random.random(count) < 0.7, 0.005, 0.02)  # noqa: PLR2004
    equity = size * entry / leverage + size * np.where(is_long, 1.0, -1.0) * (MARK - entry)
    safe = equity > size * MARK * rate
    columns = {
        "is_long": is_long,
        "size": size,
        "entry_price": entry,
        "leverage": leverage,
        "maintenance_margin_rate": rate,
        "maintenance_amount": np.zeros(count),
    }
    absent = ("equity", "margin", "wallet_balance", "maintenance_margin", "maintenance_on_entry")
    given: dict[str, Any] = {name: values[safe] for name, values in columns.items()}
    given |= {name: np.broadcast_to(UNKNOWN, int(safe.sum())) for name in absent}
    return Book(mark_price=MARK, contract="linear", contract_size=1.0, **given)


def open_interest(book: Book) -> float:
    """Contracts of the larger side."""
    return float(max(book.size[book.is_long].sum(), book.size[~book.is_long].sum()))


def terms(book: Book, *, fund: float, impact: float = 0.0) -> Terms:
    """The terms of all tables; ``fund`` is a share of open interest at the mark price."""
    contracts = open_interest(book)
    return Terms(
        rules=VENUES["bitmex"].rules,
        depth=Depth(size_for_one_percent=0.02 * contracts),
        fund=Fund(balance=min(fund * contracts * MARK, ENDLESS)),
        fill_price="bankruptcy",
        lot_size=0.001,
        permanent_impact=impact,
    )


def milliseconds_of_step(book: Book, *, move: float, fund: float, rounds: int) -> tuple[float, float]:
    """Median time of one step, and the share of the accounts that are due."""
    given = terms(book, fund=fund)
    state, ladders = begin(book, given)
    taken, due = [], 0
    for _ in range(rounds):
        started = time.perf_counter()
        done = run_step(state, given, ladders, mark_price=MARK * (1.0 + move), depth_left=1.0)
        taken.append(time.perf_counter() - started)
        due = sum(len(each.due.indices) for each in done.rounds)
    return statistics.median(taken) * 1e3, due / len(book)


def seconds_of_exposure(book: Book, *, volatility: float) -> tuple[float, float, float]:
    """Seconds of the gaps alone and of the whole exposure, and the share of the accounts due at the furthest move."""
    given, moves = terms(book, fund=0.001), weigh_moves(Moves(volatility=volatility, horizon_hours=8.0))
    state, ladders = begin(book, given)
    furthest = run_step(state, given, ladders, mark_price=MARK * (1.0 + moves.moves[0]), depth_left=1.0)
    due = sum(len(each.due.indices) for each in furthest.rounds) / len(book)
    started = time.perf_counter()
    take_gaps(
        Scene(
            start=state,
            terms=given,
            ladders=ladders,
            mark_price=MARK,
            weighted=moves,
            cases=CASES,
            watch=Watch(np.arange(10), count=len(book), fund=state.fund),
            pulse=do_nothing,
        )
    )
    gaps = time.perf_counter() - started
    started = time.perf_counter()
    expose(book, given, moves, CASES, watched={f"id-{index}": index for index in range(10)})
    return gaps, time.perf_counter() - started, due


def requested(book: Book) -> dict[str, Any]:
    """The exposure of ``book`` as a request."""
    given = terms(book, fund=0.001)
    return {
        "venue": "bitmex",
        "mark_price": MARK,
        "lot_size": given.lot_size,
        "columns": {
            "id": [f"acc-{index:07d}" for index in range(len(book))],
            "side": np.where(book.is_long, "long", "short").tolist(),
            "size": book.size.tolist(),
            "entry_price": book.entry_price.tolist(),
            "leverage": book.leverage.tolist(),
            "maintenance_margin_rate": book.maintenance_margin_rate.tolist(),
        },
        "fund": {"balance": given.fund.balance},
        "depth": {"size_for_one_percent": given.depth.size_for_one_percent},
        "moves": {"volatility": 0.8, "horizon_hours": 8},
        "ids": [f"acc-{index:07d}" for index in range(10)],
    }


def print_scores_beside(count: int) -> None:
    """Print what scores take while an exposure is worked out, and while none is."""
    body = msgspec.json.encode(requested(made_up(count)))
    print("| exposure | seconds | `/score` p50, p99, max in ms |\n| --- | --- | --- |")
    with serving() as (port, _):
        with scoring(port) as scores:
            time.sleep(4.0)
        print(f"| none |  | {latencies(scores)} |", flush=True)
        for _ in range(2):  # the worker starts with the first
            with scoring(port) as scores, closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
                started = time.perf_counter()
                connection.request("POST", "/adl/exposure", body, {"content-type": "application/json"})
                answer = connection.getresponse()
                content = answer.read()
                taken = time.perf_counter() - started
            if answer.status != 200:  # noqa: PLR2004
                raise RuntimeError(content[:500])
            print(f"| {count:,} accounts | {taken:.2f} | {latencies(scores)} |", flush=True)


def latencies(scores: list[float]) -> str:
    """Three quantiles of ``scores``."""
    return f"{statistics.median(scores):.2f}, {statistics.quantiles(scores, n=100)[98]:.1f}, {max(scores):.0f}"


def print_amplification(count: int) -> None:
    """Print which share of the liquidated value is due to the permanent impact of liquidations."""
    book = made_up(count)
    print("| fall | liquidated, share of open interest | the same with permanent impact | 1 − first/second |")
    print("| --- | --- | --- | --- |")
    for percent in range(1, 6):
        sizes = []
        for impact in (0.0, IMPACT):
            given = terms(book, fund=ENDLESS, impact=impact)
            state, ladders = begin(book, given)
            done = run_step(state, given, ladders, mark_price=MARK * (1.0 - percent / 100.0), depth_left=1.0)
            lots = sum(int(each.due.lots.sum()) for each in done.rounds)
            sizes.append(lots * given.lot_size / open_interest(book))
        cells = [f"{percent} %", *(f"{size:.2%}" for size in sizes), f"{1.0 - sizes[0] / sizes[1]:.2f}"]
        print("| " + " | ".join(cells) + " |", flush=True)


def main(sizes: Sequence[int]) -> None:
    """Print the tables."""
    print("| accounts | 1 % fall, ms (due) | 20 % fall, ms (due) | the same, fund used up, ms |\n|" + " --- |" * 4)
    for count in sizes:
        book, rounds = made_up(count), max(3, min(15, 300_000 // count))
        few, many, unpaid = (
            milliseconds_of_step(book, move=-move, fund=fund, rounds=rounds)
            for move, fund in ((FEW, ENDLESS), (MANY, ENDLESS), (MANY, 0.001))
        )
        cells = [f"{count:,}", f"{few[0]:.1f} ({few[1]:.1%})", f"{many[0]:.1f} ({many[1]:.1%})", f"{unpaid[0]:.1f}"]
        print("| " + " | ".join(cells) + " |", flush=True)
    print("\n| accounts | volatility | due at the furthest move | gaps, s | whole, s |\n|" + " --- |" * 5)
    for count, volatility in itertools.product(sizes, (0.3, 0.8, 2.0)):
        gaps, whole, due = seconds_of_exposure(made_up(count), volatility=volatility)
        print(f"| {count:,} | {volatility:.0%} | {due:.1%} | {gaps:.2f} | {whole:.2f} |", flush=True)
    print()
    print_amplification(min(max(sizes), LARGEST_SERVED))
    print()
    print_scores_beside(min(max(sizes), LARGEST_SERVED))


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or SIZES)
