"""The queue of a book: documented order and shares, ties, eligibility, and agreement with the single position."""

from typing import Any

import hypothesis.strategies as st
import msgspec
import numpy as np
import pytest
from hypothesis import assume, given

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Position
from adlrisk.domain.queue.queue import SideQueue, fifths_of, rank_book, sort_by_priority
from adlrisk.domain.rules.card import Ranking
from adlrisk.domain.rules.formulas import FORMULAS
from adlrisk.domain.rules.meter import FractionMeter, LevelMeter
from support.builders import a_position, book_of, books, rules, scored

FRACTION = FractionMeter(field="f", endpoint="GET /f", direction_confidence="documented")


def levels(weighting: Any = "quantity") -> LevelMeter:
    return LevelMeter(
        field="l", endpoint="GET /l", levels=(5, 4, 3, 2, 1), weighting=weighting, direction_confidence="documented"
    )


def queue_of(held: list[Position], side: Any = "long", **card: Any) -> SideQueue:
    """The queue of positions that share the first one's mark price and contract."""
    first = held[0] if held else a_position()
    book = book_of(held, mark_price=first.mark_price, contract=first.contract, size=first.contract_size)
    return rank_book(book, rules(**card)).queues[side]


def longs(*keys: float, sizes: list[float] | None = None) -> list[Position]:
    """Longs marked at 110 whose keys under value_ratio_leverage have the order of ``keys``."""
    return [
        a_position(mark_price=110.0, leverage=float(key), size=float(size))
        for key, size in zip(keys, sizes or [1.0] * len(keys), strict=True)
    ]


BY_LEVERAGE = {"ranking": Ranking(formula="value_ratio_leverage")}


def test_bitmex_table_is_reproduced() -> None:
    """BitMEX, autoDeleveragingExamples: quantities and scores of six longs give this order and these fifths."""
    held = longs(3, 6, 1, 4, 5, 2, sizes=[10, 10, 20, 30, 20, 10])
    queue = queue_of(held, **BY_LEVERAGE, meter=levels())
    assert [place + 1 for place in queue.indices] == [2, 5, 4, 1, 6, 3]
    assert (fifths_of(queue.percentile) * 20).tolist() == [20, 40, 60, 80, 80, 100]
    assert queue.percentile == pytest.approx([0.1, 0.3, 0.6, 0.7, 0.8, 1.0])
    assert queue.size_ahead.tolist() == [0, 10, 30, 60, 70, 80]
    assert queue.notional_ahead == pytest.approx([0, 1100, 3300, 6600, 7700, 8800])
    assert (queue.count, queue.eligible, queue.size, queue.notional) == (6, 6, 100.0, 11000.0)
    assert queue.adl_meter is not None
    assert queue.adl_meter.tolist() == [5, 4, 3, 2, 2, 1]


def test_weighting_by_accounts_ignores_sizes() -> None:
    """A venue that counts accounts puts five positions into five fifths, whatever their sizes."""
    held = longs(5, 4, 3, 2, 1, sizes=[1000, 1, 1, 1, 1])
    by_accounts = queue_of(held, **BY_LEVERAGE, meter=levels("accounts"))
    by_quantity = queue_of(held, **BY_LEVERAGE, meter=levels("quantity"))
    unknown = queue_of(held, **BY_LEVERAGE, meter=levels("unknown"))
    assert by_accounts.percentile == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert by_accounts.adl_meter is not None
    assert by_accounts.adl_meter.tolist() == [5, 4, 3, 2, 1]
    assert by_accounts.size_ahead.tolist() == [0, 1000, 1001, 1002, 1003]
    assert by_quantity.percentile[0] == pytest.approx(1000 / 1004)
    assert unknown.percentile.tolist() == by_quantity.percentile.tolist()


@pytest.mark.parametrize("size", [1.0, 0.1, 0.3, 1e-7, 123.456])
def test_equal_quantities_spread_evenly_over_fifths(size: float) -> None:
    """Of 50 positions of equal size ten fall into each fifth, however the size rounds."""
    queue = queue_of(longs(*range(1, 51), sizes=[size] * 50), **BY_LEVERAGE, meter=levels())
    assert np.bincount(fifths_of(queue.percentile)).tolist() == [0, 10, 10, 10, 10, 10]


def test_a_tiny_first_position_is_in_the_first_fifth() -> None:
    """A negligible position at the front of a queue of 10^12 still shows the level of the first fifth."""
    queue = queue_of(longs(2, 1, sizes=[1.0, 1e12]), **BY_LEVERAGE, meter=levels())
    assert fifths_of(queue.percentile).tolist() == [1, 5]
    assert queue.adl_meter is not None
    assert queue.adl_meter.tolist() == [5.0, 1.0]
    assert queue.adl_meter.dtype == np.float64


@pytest.mark.parametrize("meter", [None, levels(), levels("accounts"), FRACTION])
def test_an_empty_queue_has_empty_columns(meter: Any) -> None:
    """If no position is eligible, every column is empty and the sums are 0."""
    insolvent = a_position(entry_price=200.0, mark_price=110.0, margin=1.0)
    for held in ([], [insolvent]):
        queue = queue_of(held, **BY_LEVERAGE, meter=meter)
        assert (queue.count, queue.eligible, queue.size, queue.notional) == (len(held), 0, 0.0, 0.0)
        columns = [queue.priority, queue.percentile, queue.size_ahead, queue.notional_ahead, queue.adl_meter]
        assert [len(column) for column in columns if column is not None] == [0] * (4 if meter is None else 5)


def test_ranking_returns_the_state_of_the_book() -> None:
    """Columns of the whole book, in its order, for positions of either side."""
    held = [*longs(2), a_position(side="short", mark_price=110.0, size=3.0)]
    state = rank_book(book_of(held, mark_price=110.0), rules(**BY_LEVERAGE)).state
    assert state.notional.tolist() == [110.0, 330.0]
    assert state.equity.tolist() == [60.0, 20.0]


def test_a_fraction_meter_shows_one_minus_the_share_ahead() -> None:
    """The first position shows 1, the others 1 minus the share ahead of them."""
    queue = queue_of(longs(3, 2, 1, sizes=[10, 30, 60]), **BY_LEVERAGE, meter=FRACTION)
    assert queue.adl_meter == pytest.approx([1.0, 0.9, 0.6])


def test_a_venue_without_a_meter_has_no_readings() -> None:
    """There is no reading, and shares are weighted by quantity."""
    queue = queue_of(longs(2, 1, sizes=[30, 10]), **BY_LEVERAGE, meter=None)
    assert queue.adl_meter is None
    assert queue.percentile == pytest.approx([0.75, 1.0])


def test_ties_are_ordered_by_size_then_by_the_book() -> None:
    """Of equal keys the larger size is reduced first; of equal sizes the one listed first."""
    held = longs(2, 2, 3, 2, 2, sizes=[5, 7, 1, 5, 7])
    assert queue_of(held, **BY_LEVERAGE).indices.tolist() == [2, 1, 4, 0, 3]
    in_front = longs(3, 3, 1, sizes=[1, 5, 1])
    assert queue_of(in_front, **BY_LEVERAGE).indices.tolist() == [1, 0, 2]
    twice = longs(4, 2, 2, 3, 3, 1, sizes=[1, 1, 5, 1, 5, 9])
    assert queue_of(twice, **BY_LEVERAGE).indices.tolist() == [0, 4, 3, 2, 1, 5]


@pytest.mark.parametrize("formula", ["pnl_leverage", "price_ratio_leverage", "value_ratio_leverage"])
@pytest.mark.parametrize("contract", ["linear", "inverse"])
def test_equal_entry_and_leverage_tie_whatever_the_size(formula: str, contract: str) -> None:
    """Positions that differ only in size are tied, though their keys differ in the last bit: the larger is first."""
    winning = {"entry_price": 107.8, "mark_price": 110.0, "leverage": 3.0}
    held = [a_position(size=tenths / 10, contract=contract, **winning) for tenths in range(1, 11)]
    assert queue_of(held, ranking=Ranking(formula=formula)).indices.tolist() == list(range(9, -1, -1))


@pytest.mark.parametrize("left", [1e-3, 1e-5, 1e-7])
@pytest.mark.parametrize("contract", ["linear", "inverse"])
def test_equal_entry_and_leverage_tie_near_bankruptcy(left: float, contract: str) -> None:
    """Near bankruptcy rounding affects more than a key's last bit, and still decides no rank."""
    lost = (1.0 - left) / 7.0  # of the value at entry
    mark = 107.83 * (1.0 - lost) if contract == "linear" else 107.83 / (1.0 + lost)
    held = [
        a_position(size=tenths / 10, contract=contract, entry_price=107.83, mark_price=mark, leverage=7.0)
        for tenths in range(1, 41)
    ]
    queue = queue_of(held, ranking=Ranking(formula="pnl_leverage"))
    assert queue.eligible == 40
    assert queue.indices.tolist() == list(range(39, -1, -1))


def test_a_run_of_close_keys_is_not_one_key() -> None:
    """Though each key is tied with its neighbour, sizes decide only between keys within 1e-12 of each other."""
    keys = np.cumprod(np.full(10_000, 1.0 + 9e-13))
    order = sort_by_priority(np.arange(10_000), priority=keys, size=np.arange(10_000)[::-1])
    behind = np.minimum.accumulate(keys[order])
    assert np.all(keys[order] <= behind * (1.0 + 1.1e-12))
    two = sort_by_priority(np.arange(3), priority=np.array([1.0, 1.0 + 5e-13, 2.0]), size=np.array([7.0, 5.0, 1.0]))
    assert two.tolist() == [2, 0, 1]


def test_a_zero_maintenance_margin_counts_as_missing() -> None:
    """If the tier deduction takes all of it, the result is 0 and not a key made of rounding."""
    held = [a_position(entry_price=99.0, mark_price=110.0, size=0.3, leverage=10.0, maintenance_margin_rate=0.025)]
    nothing = [msgspec.structs.replace(held[0], maintenance_amount=0.825)]
    assert queue_of(held, ranking=Ranking(formula="pnl_over_margin_ratio")).eligible == 1
    with pytest.raises(RefusedError):
        queue_of(nothing, ranking=Ranking(formula="pnl_over_margin_ratio"))


def test_binance_losers_tie_and_are_ordered_by_size() -> None:
    """Losers share the key 0 under Binance's formula, so they are ordered by size, behind the winners."""
    held = [
        a_position(entry_price=entry, mark_price=100.0, margin=50.0, size=size, maintenance_margin=1.0)
        for entry, size in ((101.0, 1.0), (110.0, 3.0), (99.0, 1.0), (100.0, 2.0))
    ]
    queue = queue_of(held, ranking=Ranking(formula="profit_times_margin_ratio"))
    assert queue.indices.tolist() == [2, 1, 3, 0]
    assert queue.priority[1:].tolist() == [0.0, 0.0, 0.0]


def test_ineligible_positions_come_last_without_a_share() -> None:
    """Insolvent positions come after the queue, in the order of the book, and do not count in its shares."""
    held = [*longs(2), a_position(entry_price=200.0, mark_price=110.0, margin=1.0, size=99.0), *longs(3)]
    queue = queue_of(held, **BY_LEVERAGE, meter=levels())
    assert queue.indices.tolist() == [2, 0, 1]
    assert (queue.count, queue.eligible, queue.size) == (3, 2, 2.0)
    assert queue.percentile.tolist() == [0.5, 1.0]


def test_longs_and_shorts_have_separate_queues() -> None:
    """A side's queue holds that side only; an empty side has an empty queue."""
    held = longs(2, 1)
    book = book_of(held, mark_price=110.0)
    assert rank_book(book, rules(**BY_LEVERAGE)).queues["short"].count == 0
    only = rank_book(book, rules(**BY_LEVERAGE), sides=("short",))
    assert set(only.queues) == {"short"}


@pytest.mark.parametrize(
    ("card", "problem"),
    [
        ({"mechanism": "random", "mechanism_note": "By chance.", "ranking": Ranking()}, "venue-has-no-queue"),
        ({"mechanism": "socialised", "mechanism_note": "Shared.", "ranking": Ranking()}, "venue-has-no-queue"),
        ({"mechanism": "unknown", "mechanism_note": "Nobody says.", "ranking": Ranking()}, "queue-formula-unknown"),
        ({"mechanism_note": "A queue.", "ranking": Ranking()}, "queue-formula-unknown"),
    ],
)
def test_a_venue_without_a_formula_is_refused(card: dict[str, Any], problem: str) -> None:
    """A venue without a queue, or with an unknown formula, is refused with an explanation."""
    with pytest.raises(RefusedError) as refused:
        queue_of(longs(1), **card)
    assert (refused.value.problem, refused.value.path) == (problem, ("venue",))
    assert refused.value.detail.endswith(card["mechanism_note"])
    assert "send `formula`" in refused.value.detail


@pytest.mark.parametrize("formula", [name for name, kind in FORMULAS.items() if kind.needs_maintenance_margin])
def test_a_missing_maintenance_margin_is_located_by_index(formula: str) -> None:
    """The refusal locates the first eligible position without the maintenance margin that the formula needs."""
    held = [
        a_position(mark_price=110.0, maintenance_margin=1.0),
        a_position(entry_price=300.0, mark_price=110.0, margin=1.0),  # insolvent: not in the queue, so it needs none
        a_position(mark_price=110.0),
    ]
    with pytest.raises(RefusedError) as refused:
        queue_of(held, ranking=Ranking(formula=formula))
    assert refused.value.problem == "maintenance-margin-required"
    assert refused.value.path == (2, "maintenance_margin_rate")
    assert refused.value.detail == (
        "The venue ranks by maintenance margin: give maintenance_margin_rate or maintenance_margin, above 0"
    )


def test_a_flat_position_is_not_a_winner() -> None:
    """At its entry price a position has Binance's key of losers, which needs no maintenance margin."""
    queue = queue_of([a_position()], ranking=Ranking(formula="profit_times_margin_ratio"))
    assert (queue.eligible, queue.priority.tolist()) == (1, [0.0])


@pytest.mark.parametrize("formula", FORMULAS)
def test_ineligible_positions_may_divide_by_zero(formula: str) -> None:
    """Equity and maintenance margin of exactly 0 outside the queue affect no other key."""
    held = [
        a_position(mark_price=110.0, maintenance_margin=1.0),
        a_position(entry_price=120.0, mark_price=110.0, margin=10.0, maintenance_margin=1.0),
        a_position(
            entry_price=120.0, mark_price=110.0, margin=10.0, maintenance_margin_rate=0.01, maintenance_amount=9.0
        ),
    ]
    queue = queue_of(held, ranking=Ranking(formula=formula))
    assert (queue.count, queue.eligible, queue.indices.tolist()) == (3, 1, [0, 1, 2])


def test_an_unrequested_side_needs_no_fields() -> None:
    """Fields missing on shorts do not prevent ranking the longs."""
    held = [a_position(mark_price=110.0, maintenance_margin=1.0), a_position(side="short", mark_price=110.0)]
    book = book_of(held, mark_price=110.0)
    card = rules(ranking=Ranking(formula="pnl_over_margin_ratio"))
    assert rank_book(book, card, sides=("long",)).queues["long"].eligible == 1
    with pytest.raises(RefusedError):
        rank_book(book, card, sides=("short",))


@pytest.mark.parametrize("formula", FORMULAS)
@given(held=books(maintenance_margin=3.0))
def test_a_book_agrees_with_its_single_positions(formula: str, held: list[Position]) -> None:
    """The key of each position in a book equals, to the last bit, the key that a score shows for it alone."""
    for side in ("long", "short"):
        queue = queue_of(held, side, ranking=Ranking(formula=formula))
        for step, place in enumerate(queue.indices):
            alone = scored(msgspec.structs.replace(held[place], adl_meter=None), ranking=Ranking(formula=formula)).queue
            assert alone is not None
            assert alone.eligible is (step < queue.eligible)
            assert alone.priority == (queue.priority[step] if alone.eligible else None)


@given(held=books(maintenance_margin=None, maintenance_margin_rate=0.01, maintenance_amount=0.0))
def test_a_maintenance_rate_agrees_with_the_single_position(held: list[Position]) -> None:
    """The same with a maintenance margin computed from a rate, at mark and at entry."""
    for basis in ("mark", "entry"):
        card: Any = {"ranking": Ranking(formula="pnl_over_margin_ratio"), "maintenance_basis": basis}
        queue = queue_of(held, "long", **card)
        for step, place in enumerate(queue.indices[: queue.eligible]):
            alone = scored(msgspec.structs.replace(held[place], adl_meter=None), **card).queue
            assert alone is not None
            assert alone.priority == queue.priority[step]


@given(held=books(maintenance_margin=3.0), seed=st.randoms(use_true_random=False))
def test_the_order_of_the_book_does_not_matter(held: list[Position], seed: Any) -> None:
    """A shuffled book without ties gives every position the same rank and shares."""
    shuffled = list(range(len(held)))
    seed.shuffle(shuffled)
    before = queue_of(held)
    assume(not np.any(np.diff(before.priority) >= -1e-11 * np.abs(before.priority[1:])))
    after = queue_of([held[place] for place in shuffled])
    assert [shuffled[place] for place in after.indices[: after.eligible]] == before.indices[: before.eligible].tolist()
    assert after.percentile.tolist() == before.percentile.tolist()


@given(held=books(maintenance_margin=3.0), factor=st.sampled_from((2.0**-10, 4.0, 2.0**20)))
def test_scaling_sizes_changes_no_rank(held: list[Position], factor: float) -> None:
    """Sizes scaled together, with leverage instead of margin, leave order, keys and shares unchanged."""
    before = queue_of(held)
    scaled = [msgspec.structs.replace(position, size=position.size * factor) for position in held]
    after = queue_of(scaled)
    assert after.indices.tolist() == before.indices.tolist()
    assert after.priority.tolist() == before.priority.tolist()
    assert after.percentile.tolist() == before.percentile.tolist()
    assert after.size_ahead.tolist() == (before.size_ahead * factor).tolist()


@given(held=books(maintenance_margin=3.0))
def test_size_ahead_is_the_sum_of_sizes_before(held: list[Position]) -> None:
    """Keys fall, shares rise to 1, and the size ahead is the sum of the sizes before."""
    queue = queue_of(held, meter=FRACTION)
    eligible = queue.indices[: queue.eligible]
    assert np.all(np.diff(queue.priority) <= 1e-10 * np.abs(queue.priority[1:]))
    assert np.all(np.diff(queue.percentile) >= 0.0)
    assert queue.count == sum(position.side == "long" for position in held)
    if len(eligible) == 0:
        assert (queue.size, queue.notional) == (0.0, 0.0)
        return
    sizes = [held[place].size for place in eligible]
    for step in range(len(eligible)):
        assert queue.size_ahead[step] == pytest.approx(sum(sizes[:step]))
    assert queue.percentile[-1] == 1.0
    assert queue.size == pytest.approx(sum(sizes))
    assert queue.adl_meter is not None
    assert np.all((queue.adl_meter >= 0.0) & (queue.adl_meter <= 1.0))
    assert queue.adl_meter[0] == 1.0


@pytest.mark.parametrize("formula", ["pnl_leverage", "pnl_over_margin_ratio"])
@given(held=books(maintenance_margin=3.0))
def test_winners_rank_before_losers(formula: str, held: list[Position]) -> None:
    """If losers have negative keys, no loser ranks before a winner."""
    queue = queue_of(held, ranking=Ranking(formula=formula))
    wins = [held[place].entry_price < held[place].mark_price for place in queue.indices[: queue.eligible]]
    assert wins == sorted(wins, reverse=True)
