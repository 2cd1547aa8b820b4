"""Allocation: documented shares, a slow reference for every policy, and the laws that policies keep or break."""

from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import msgspec
import numpy as np
import pytest
from hypothesis import assume, given

from adlrisk.domain.deleverage.allocation import Allocation, Counterparties, allocate, find_counterparties
from adlrisk.domain.deleverage.apportionment import apportion_by_holding, apportion_by_weight
from adlrisk.domain.deleverage.policies import POLICIES, RANKED_POLICIES, Bankrupt, Policy, resolve_fill_price
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Position
from adlrisk.domain.queue.book import derive_columns
from adlrisk.domain.queue.queue import rank_book
from adlrisk.domain.rules.card import Execution, Ranking
from adlrisk.domain.rules.formulas import FORMULAS
from support.builders import a_position, book_of, contracts, rules

UNRANKED = tuple(policy for policy in POLICIES if policy not in RANKED_POLICIES)
SPREADING = ("pro_rata_size", "pro_rata_profit", "pro_rata_score", "risk_aware", "min_max_leverage")


class Case(msgspec.Struct, kw_only=True, frozen=True):
    """A bankrupt position of ``requested`` lots and the book it is closed against."""

    held: list[Position]
    requested: int
    side: Any = "short"  # of the bankrupt
    fill: float = 100.0
    mark: float = 100.0
    contract: Any = "linear"
    lot_size: float = 1.0

    def others(self, policies: tuple[Policy, ...] = POLICIES, **card: Any) -> Counterparties:
        return find_counterparties(
            book_of(self.held, mark_price=self.mark, contract=self.contract),
            rules(**card),
            bankrupt=Bankrupt(side=self.side, size=self.requested * self.lot_size, bankruptcy_price=self.fill),
            fill_price=self.fill,
            lot_size=self.lot_size,
            policies=policies,
        )

    def closed(self, policy: Policy, **card: Any) -> list[int]:
        """Lots closed of each position of the book."""
        return lots_of(allocate(self.others(**card), policy), len(self.held))


def lots_of(found: Allocation, count: int) -> list[int]:
    lots = [0] * count
    for place, closed in zip(found.fills.indices.tolist(), found.fills.closed_lots.tolist(), strict=True):
        lots[place] = closed
    return lots


def winners(*profits: float, size: float = 1.0, leverage: float = 2.0) -> list[Position]:
    """Longs marked at 100 with these profits per unit."""
    return [a_position(entry_price=100.0 - profit, size=size, leverage=leverage) for profit in profits]


# Documented examples of venues and papers.


def test_bitmex_example_is_reproduced() -> None:
    """BitMEX, autoDeleveragingExamples: a short of 20 closes 10 and 10 of 20 in the queue 10, 20, 30, 10, 10, 20."""
    queue = [(6, 10.0), (5, 20.0), (4, 30.0), (3, 10.0), (2, 10.0), (1, 20.0)]
    held = [a_position(entry_price=600.0, leverage=float(score), size=size) for score, size in queue]
    case = Case(held=held, requested=20, fill=650.0, mark=655.0)
    found = allocate(case.others(), "venue")
    assert lots_of(found, 6) == [10, 10, 0, 0, 0, 0]
    assert found.fills.remaining.tolist() == [0.0, 10.0]
    assert found.fills.realized_pnl.tolist() == [500.0, 500.0]
    assert (found.closed_lots, found.uncovered_lots, found.accounts_hit, found.accounts_closed) == (20, 0, 2, 1)
    assert found.total_haircut == pytest.approx(100.0)
    assert found.largest_share == 0.5


def test_ties_near_bankruptcy_close_the_largest_first() -> None:
    """Equal entry and leverage give one key, even with a ten-thousandth of the margin left: 40, then 39 lots."""
    mark = 107.83 * (1.0 - (1.0 - 1e-4) / 7.0)
    held = [
        a_position(size=float(lots), entry_price=107.83, mark_price=mark, leverage=7.0)
        for lots in (7, 40, 13, 39, 21, 3, 38, 11)
    ]
    closed = Case(held=held, requested=60, mark=mark, fill=mark).closed("venue")
    assert closed == [0, 40, 0, 20, 0, 0, 0, 0]


def test_largest_remainder_reproduces_the_vega_example() -> None:
    """Wins of 1,400 and 700 with 1,600 to collect give 1,067 and 533."""
    held = winners(0.7, 0.35, size=2000.0)
    assert Case(held=held, requested=1600).closed("pro_rata_profit") == [1067, 533]


def test_a_fill_worse_than_mark_costs_each_lot_the_same() -> None:
    """Closing longs at 90 that are marked at 100 costs 10 per lot, and the leverage after it includes that."""
    held = [a_position(entry_price=80.0, size=10.0, margin=300.0)]
    found = allocate(Case(held=held, requested=4, fill=90.0).others(), "pro_rata_size")
    assert found.fills.haircut.tolist() == [40.0]
    assert found.fills.realized_pnl.tolist() == [40.0]
    assert found.fills.leverage_after.tolist() == pytest.approx([600.0 / (500.0 - 40.0)])


def test_inverse_fills_are_in_the_base_currency() -> None:
    """Shorts of 1,000 USD from 8,000, closed at 5,000 where the mark is 4,000: 1/5,000 − 1/8,000 a unit."""
    held = [a_position(side="short", entry_price=8000.0, size=1000.0, margin=0.1)]
    case = Case(held=held, requested=500, side="long", fill=5000.0, mark=4000.0, contract="inverse")
    found = allocate(case.others(), "pro_rata_size")
    assert found.fills.realized_pnl.tolist() == pytest.approx([500 * (1 / 5000 - 1 / 8000)])
    assert found.fills.haircut.tolist() == pytest.approx([500 * (1 / 4000 - 1 / 5000)])
    equity = 0.1 + 1000 * (1 / 4000 - 1 / 8000)
    assert found.fills.leverage_after.tolist() == pytest.approx([500 / 4000 / (equity - 500 * (1 / 4000 - 1 / 5000))])


def test_a_fill_better_than_mark_has_no_haircut() -> None:
    """An account that gains by the fill pays nothing, and the gain adds to its remaining equity."""
    held = [a_position(size=10.0, margin=300.0)]
    found = allocate(Case(held=held, requested=4, fill=110.0).others(), "pro_rata_size")
    assert found.total_haircut == 0.0
    assert found.fills.leverage_after.tolist() == pytest.approx([600.0 / 340.0])


def test_lots_of_a_tenth_add_up() -> None:
    """Closing 0.1 + 0.2 of a position of 0.3 leaves nothing."""
    held = [a_position(size=0.3), a_position(size=0.1)]
    case = Case(held=held, requested=4, lot_size=0.1)
    found = allocate(case.others(), "venue")
    assert found.fills.closed.tolist() == [0.3, 0.1]
    assert found.fills.remaining.tolist() == [0.0, 0.0]


def test_contract_size_scales_amounts() -> None:
    """Ten contracts of 100 closed at 90 and marked at 100 lose 10 · 100 each."""
    held = [a_position(entry_price=80.0, size=10.0, margin=30_000.0)]
    book = book_of(held, size=100.0)
    others = find_counterparties(
        book,
        rules(),
        bankrupt=Bankrupt(side="short", size=4.0, bankruptcy_price=90.0),
        fill_price=90.0,
        lot_size=1.0,
        policies=POLICIES,
    )
    found = allocate(others, "venue")
    assert found.fills.closed.tolist() == [4.0]
    assert found.fills.haircut.tolist() == [4000.0]
    assert found.fills.realized_pnl.tolist() == [4000.0]
    assert found.fills.leverage_after.tolist() == pytest.approx([60_000.0 / (50_000.0 - 4000.0)])


def test_equal_remainders_favour_the_larger_then_the_first() -> None:
    """Quotas of 0.5 and 1.5 round to 0 and 2; of 0.5 and 0.5 to 1 and 0."""
    assert Case(held=[*winners(5.0, size=1.0), *winners(5.0, size=3.0)], requested=2).closed("pro_rata_size") == [0, 2]
    assert Case(held=winners(5.0, 5.0), requested=1).closed("pro_rata_size") == [1, 0]


def test_equal_leverage_closes_the_larger_then_the_first() -> None:
    """Of equal leverage, one lot of two comes from the larger position; of equal sizes, from the first listed."""
    held = [*winners(5.0, size=10.0), *winners(5.0, size=20.0), *winners(5.0, size=20.0)]
    assert Case(held=held, requested=1).closed("min_max_leverage") == [0, 1, 0]


def test_pro_rata_score_weighs_size_times_key() -> None:
    """Equal sizes with keys 1 to 3 share 1 to 3; equal keys with sizes 1 to 2 share 1 to 2."""
    formula = Ranking(formula="value_ratio_leverage")
    by_key = [*winners(5.0, size=100.0, leverage=1.0), *winners(5.0, size=100.0, leverage=3.0)]
    assert Case(held=by_key, requested=40).closed("pro_rata_score", ranking=formula) == [10, 30]
    by_size = [*winners(5.0, size=100.0), *winners(5.0, size=200.0)]
    assert Case(held=by_size, requested=30).closed("pro_rata_score", ranking=formula) == [10, 20]


def test_risk_aware_weighs_profit_times_leverage_squared() -> None:
    """100 lots each at 2× and 4×: weights are 4 to 16 with equal profits, 8 to 16 with twice the profit."""
    by_leverage = [a_position(entry_price=90.0, size=100.0, margin=margin) for margin in (4000.0, 1500.0)]
    assert Case(held=by_leverage, requested=50).closed("risk_aware") == [10, 40]
    by_profit = [a_position(entry_price=80.0, size=100.0, margin=3000.0), by_leverage[1]]
    assert Case(held=by_profit, requested=60).closed("risk_aware") == [20, 40]


# Eligibility.


def test_excluded_positions_are_counted() -> None:
    """The bankrupt's side, the insolvent, and those the fill would bankrupt; the rest of the request is uncovered."""
    held = [
        a_position(side="short"),
        a_position(entry_price=200.0, margin=1.0),  # insolvent
        a_position(entry_price=100.0, margin=10.0),  # a close at 90 leaves nothing
        a_position(entry_price=100.0, margin=10.1),
    ]
    others = Case(held=held, requested=3, fill=90.0).others()
    assert (others.same_side, others.ineligible, others.indices.tolist()) == (1, 2, [3])
    found = allocate(others, "pro_rata_size")
    assert (found.closed_lots, found.uncovered_lots) == (1, 2)


def test_a_queue_of_winners_excludes_losers_under_every_policy() -> None:
    """If the venue's queue holds only winners, every policy closes only winners."""
    held = winners(5.0, -5.0)
    formula = Ranking(formula="price_ratio_leverage")
    for policy in POLICIES:
        others = Case(held=held, requested=2).others((policy,), ranking=formula)
        assert lots_of(allocate(others, policy), 2) == [1, 0], policy


def test_equity_that_is_mere_rounding_is_excluded() -> None:
    """0.03 of equity less a loss of 0.3 · 0.1 is nothing, though the doubles differ in their last bits."""
    assert 0.03 - 0.3 * (100.0 - 99.9) > 0.0
    held = [a_position(size=0.3, margin=0.03)]
    assert Case(held=held, requested=1, fill=99.9, lot_size=0.1).others().ineligible == 1


def test_excluded_positions_need_no_maintenance_margin() -> None:
    """Only positions that can be closed must have the fields that the ranking needs."""
    held = [a_position(margin=10.0), a_position(margin=50.0, maintenance_margin=1.0)]
    others = Case(held=held, requested=1, fill=90.0).others(ranking=Ranking(formula="pnl_over_margin_ratio"))
    assert others.indices.tolist() == [1]


def test_without_a_queue_all_solvent_positions_count() -> None:
    """At a venue without a queue the four policies without a ranking work, and the two ranked ones are refused."""
    card: Any = {"mechanism": "socialised", "mechanism_note": "Shared.", "ranking": Ranking()}
    case = Case(held=winners(5.0, -5.0), requested=2)
    others = case.others(UNRANKED, **card)
    assert [sum(lots_of(allocate(others, policy), 2)) for policy in UNRANKED] == [2, 1, 1, 2]
    for policy in RANKED_POLICIES:
        with pytest.raises(RefusedError) as refused:
            case.others((policy,), **card)
        assert refused.value.problem == "venue-has-no-queue"


@pytest.mark.parametrize("formula", [name for name, kind in FORMULAS.items() if kind.needs_maintenance_margin])
def test_only_the_ranked_policies_need_maintenance_margin(formula: str) -> None:
    """Without it the unranked policies work; the ranked ones name the first eligible position that lacks it."""
    card: Any = {"ranking": Ranking(formula=formula)}
    held = [a_position(side="short"), *winners(5.0)]
    case = Case(held=held, requested=1)
    assert len(case.others(UNRANKED, **card).indices) == 1
    for policy in RANKED_POLICIES:
        with pytest.raises(RefusedError) as refused:
            case.others((policy,), **card)
        assert refused.value.path == (1, "maintenance_margin_rate")


def test_an_empty_other_side_leaves_all_uncovered() -> None:
    """It is no error: nothing is closed, and there is no largest share and no top leverage."""
    for held in ([], [a_position(side="short")]):
        others = Case(held=held, requested=7).others()
        for policy in POLICIES:
            found = allocate(others, policy)
            assert (found.closed_lots, found.uncovered_lots, found.accounts_hit) == (0, 7, 0)
            assert (found.largest_share, found.top_leverage_after, found.total_haircut) == (None, None, 0.0)


def test_zero_weights_close_nothing() -> None:
    """If no position has profit, policies by profit close nothing and report it as uncovered."""
    case = Case(held=winners(-1.0, 0.0), requested=1)
    for policy in ("pro_rata_profit", "pro_rata_score", "risk_aware"):
        found = allocate(case.others(), policy)
        assert (found.closed_lots, found.uncovered_lots) == (0, 1), policy
    assert sum(case.closed("min_max_leverage")) == sum(case.closed("pro_rata_size")) == 1


@pytest.mark.parametrize(
    ("sizes", "lot_size", "index"),
    [([1.0, 1.5], 1.0, 2), ([1.0, 2.0**49], 1.0, 2), ([2.0**48] * 16384, 1.0, 16384)],
)
def test_sizes_that_are_not_whole_lots_are_refused_by_index(sizes: list[float], lot_size: float, index: int) -> None:
    """A fractional number of lots, too many lots, and the size at which the total becomes too large."""
    book = [a_position(side="short", size=0.5), *(a_position(size=size, leverage=1.0) for size in sizes)]
    with pytest.raises(RefusedError) as refused:
        Case(held=book, requested=1, lot_size=lot_size).others()
    assert (refused.value.problem, refused.value.path) == ("not-a-lot-multiple", (index, "size"))


@pytest.mark.parametrize(
    ("given_", "card", "expected"),
    [
        (None, "bankruptcy", (90.0, "bankruptcy")),
        (None, "mark", (100.0, "mark")),
        ("mark", "bankruptcy", (100.0, "mark")),
        ("bankruptcy", "unknown", (90.0, "bankruptcy")),
        (95.5, "unknown", (95.5, "given")),
        (95, "mark", (95.0, "given")),
    ],
)
def test_the_requested_fill_price_overrides_the_card(given_: Any, card: Any, expected: tuple[float, str]) -> None:
    """A rule or a number in the request takes precedence over the card's rule."""
    bankrupt = Bankrupt(side="long", size=1.0, bankruptcy_price=90.0)
    execution = rules(execution=Execution(price=card))
    assert resolve_fill_price(given_, bankrupt=bankrupt, mark_price=100.0, rules=execution) == expected


def test_an_unknown_fill_price_is_required() -> None:
    """If neither the venue nor the request states a fill price, the request is refused."""
    bankrupt = Bankrupt(side="long", size=1.0, bankruptcy_price=90.0)
    with pytest.raises(RefusedError) as refused:
        resolve_fill_price(None, bankrupt=bankrupt, mark_price=100.0, rules=rules(execution=Execution()))
    assert (refused.value.problem, refused.value.path) == ("fill-price-required", ("fill_price",))
    assert refused.value.detail == (
        "At which price Made-up closes positions is not published: send bankruptcy, mark or a number"
    )


def test_a_bankrupt_size_that_is_not_whole_lots_is_refused() -> None:
    """The bankrupt's size is counted in the same lots as the others'."""
    with pytest.raises(RefusedError) as refused:
        find_counterparties(
            book_of(winners(5.0)),
            rules(),
            bankrupt=Bankrupt(side="short", size=1.5, bankruptcy_price=100.0),
            fill_price=100.0,
            lot_size=1.0,
            policies=POLICIES,
        )
    assert (refused.value.problem, refused.value.path) == ("not-a-lot-multiple", ("bankrupt", "size"))


def test_an_unrequested_ranking_is_not_computed() -> None:
    """Counterparties found for unranked policies have no ranking, and a ranked policy then raises an error."""
    others = Case(held=winners(5.0), requested=1).others(UNRANKED)
    assert (others.priority, others.queue_order) == (None, None)
    for policy in RANKED_POLICIES:
        with pytest.raises(LookupError) as missing:
            allocate(others, policy)
        assert str(missing.value) == "the counterparties were found for policies that need no ranking"


# A slow and simple reference for each policy.


def exact_quotas(total: int, weights: list[Fraction], held: list[int]) -> list[Fraction]:
    """Exact shares by weight: accounts that reach what they hold are filled and removed, repeatedly."""
    quotas = [Fraction(0)] * len(held)
    sharing = [index for index, weight in enumerate(weights) if weight > 0]
    left = Fraction(total)
    while sharing:
        together = sum(weights[index] for index in sharing)
        full = [index for index in sharing if weights[index] * left >= held[index] * together]
        for index in full or sharing:
            quotas[index] = Fraction(held[index]) if full else weights[index] * left / together
        if not full:
            break
        left -= sum(held[index] for index in full)
        sharing = [index for index in sharing if index not in full]
    return quotas


def by_largest_remainder(quotas: list[Fraction], held: list[int]) -> list[int]:
    """Quotas rounded down; remaining lots go to the largest remainders, ties to the larger holder, then the first."""
    lots = [int(quota) for quota in quotas]
    over = round(sum(quotas)) - sum(lots)
    order = sorted(range(len(held)), key=lambda index: (lots[index] - quotas[index], -held[index], index))
    for index in order[:over]:
        lots[index] += 1
    return lots


def close_most_levered(
    total: int, held: list[int], equity: list[Fraction], value: Fraction, loss: Fraction
) -> list[int]:
    """Close one lot at a time from the most levered account."""
    taken = [0] * len(held)
    for _ in range(min(total, sum(held))):
        leverage = [
            (Fraction(held[i] - taken[i]) * value / (equity[i] - loss * taken[i]), held[i], -i)
            for i in range(len(held))
            if taken[i] < held[i]
        ]
        taken[-max(leverage)[2]] += 1
    return taken


def close_from_front(total: int, order: list[int], held: list[int]) -> list[int]:
    """Close one lot at a time from the first of the queue that has any."""
    taken = [0] * len(held)
    for _ in range(min(total, sum(held))):
        first = next(place for place in order if taken[place] < held[place])
        taken[first] += 1
    return taken


# Created once: creating a strategy for each draw costs more than the draw.
_SIDES = {side: st.sampled_from(("long", "short", other)) for side, other in (("long", "short"), ("short", "long"))}
_ONE_SIDE = st.sampled_from(("long", "short"))
_LOT_SIZES = st.sampled_from((1.0, 0.1, 1e-8, 2.5))
_LOTS = st.integers(min_value=1, max_value=30)
_ENTRIES = st.sampled_from((60.0, 80.0, 95.0, 99.0, 100.0, 101.0, 120.0, 150.0))
_LEVERAGES = st.sampled_from((0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 50.0))
_COUNTS = st.integers(min_value=0, max_value=8)
_REQUESTS = st.integers(min_value=1, max_value=8 * 30)
_FILLS = st.sampled_from((80.0, 97.0, 100.0, 103.0, 125.0))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Small books around a mark of 100, some with ties, with fills on either side of the mark."""
    side, lot_size = draw(_ONE_SIDE), draw(_LOT_SIZES)
    held = [
        a_position(
            side=draw(_SIDES[side]),
            size=draw(_LOTS) * lot_size,
            entry_price=draw(_ENTRIES),
            leverage=draw(_LEVERAGES),
            maintenance_margin=3.0,
        )
        for _ in range(draw(_COUNTS))
    ]
    return Case(
        held=held, requested=draw(_REQUESTS), side=side, fill=draw(_FILLS), contract=draw(contracts), lot_size=lot_size
    )


@given(case=cases())
def test_venue_policy_matches_the_reference(case: Case) -> None:
    """`venue` closes lot by lot from the front of the queue that `POST /queue/rank` shows."""
    others = case.others()
    side: Any = "short" if case.side == "long" else "long"
    queue = rank_book(book_of(case.held, contract=case.contract), rules()).queues[side]
    step_of = {place: step for step, place in enumerate(others.indices.tolist())}
    order = [step_of[place] for place in queue.indices.tolist() if place in step_of]
    expected = close_from_front(case.requested, order, others.lots.tolist())
    found = allocate(others, "venue")
    assert lots_of(found, len(case.held)) == lots_in_book(expected, others, case)
    assert [step_of[place] for place in found.fills.indices.tolist()] == [step for step in order if expected[step]]


def lots_in_book(lots: list[int], others: Counterparties, case: Case) -> list[int]:
    """Lots of the counterparties as lots of the book."""
    found = [0] * len(case.held)
    for place, closed in zip(others.indices.tolist(), lots, strict=True):
        found[place] = closed
    return found


@given(case=cases())
def test_pro_rata_size_matches_the_reference(case: Case) -> None:
    """`pro_rata_size` is the textbook's largest-remainder method to the last lot."""
    others = case.others()
    held = others.lots.tolist()
    quotas = exact_quotas(case.requested, [Fraction(lots) for lots in held], held)
    assert case.closed("pro_rata_size") == lots_in_book(by_largest_remainder(quotas, held), others, case)


@pytest.mark.parametrize("policy", ["pro_rata_profit", "pro_rata_score", "risk_aware"])
@given(case=cases())
def test_weighted_policies_match_the_reference(policy: Policy, case: Case) -> None:
    """Shares by the weights of domain.md are the exact quotas, rounded up at the largest remainders."""
    others = case.others()
    book = book_of(case.held, contract=case.contract)
    state, indices = derive_columns(book), others.indices
    assert others.priority is not None
    profit = np.maximum(state.unrealized_pnl[indices], 0.0)
    weights = {
        "pro_rata_profit": profit,
        "pro_rata_score": book.size[indices] * np.maximum(others.priority, 0.0),
        "risk_aware": profit * state.effective_leverage[indices] ** 2,
    }[policy]
    quotas = exact_quotas(case.requested, [Fraction(weight) for weight in weights.tolist()], others.lots.tolist())
    found = [case.closed(policy)[place] for place in indices.tolist()]
    assert sum(found) == round(sum(quotas))
    up = [float(quota - int(quota)) for quota, lots in zip(quotas, found, strict=True) if lots > quota]
    down = [float(quota - int(quota)) for quota, lots in zip(quotas, found, strict=True) if lots <= quota]
    assert all(abs(quota - lots) < 1.0 + 1e-9 for quota, lots in zip(quotas, found, strict=True))
    assert not up or not down or min(up) >= max((part for part in down if part < 1.0 - 1e-9), default=0.0) - 1e-9


@given(case=cases())
def test_min_max_leverage_matches_the_reference(case: Case) -> None:
    """`min_max_leverage` leaves the same top leverage as closing lot by lot from the most levered."""
    others = case.others()
    equity = [Fraction(amount) for amount in others.equity.tolist()]
    value, loss = Fraction(others.lot_value), Fraction(others.lot_loss)
    held = others.lots.tolist()
    expected = close_most_levered(case.requested, held, equity, value, loss)
    found = allocate(others, "min_max_leverage")
    assert found.closed_lots == sum(expected)
    if held:
        top = max((h - x) * value / (e - loss * x) for h, x, e in zip(held, expected, equity, strict=True))
        assert found.top_leverage_after == pytest.approx(float(top), rel=1e-9)


# Laws.


@pytest.mark.parametrize("policy", POLICIES)
@given(case=cases())
def test_closed_plus_uncovered_equals_requested(policy: Policy, case: Case) -> None:
    """In whole lots, exactly; no position beyond its size, none twice; the summary agrees with the fills."""
    others = case.others()
    found = allocate(others, policy)
    fills = found.fills
    assert found.policy == policy
    assert found.closed_lots + found.uncovered_lots == case.requested
    assert found.uncovered_lots >= 0
    assert int(fills.closed_lots.sum()) == found.closed_lots
    assert len(set(fills.indices.tolist())) == len(fills.indices) == found.accounts_hit
    assert np.all(fills.closed_lots > 0)
    for step, place in enumerate(fills.indices.tolist()):
        size = case.held[place].size
        lots = round(size / case.lot_size)
        assert fills.closed_lots[step] <= lots
        assert (fills.remaining[step] == 0.0) == (fills.closed_lots[step] == lots) == (fills.closed[step] == size)
        assert fills.closed[step] + fills.remaining[step] == pytest.approx(size, rel=1e-12)
    assert found.accounts_closed == int(np.count_nonzero(fills.remaining == 0.0))
    assert found.total_haircut == pytest.approx(float(fills.haircut.sum()))
    assert np.all(fills.haircut >= 0.0)
    if found.closed_lots:
        assert found.largest_share == pytest.approx(int(fills.closed_lots.max()) / found.closed_lots)


@pytest.mark.parametrize("policy", ["venue", "pro_rata_size", "min_max_leverage"])
@given(case=cases())
def test_eligible_lots_are_used_before_any_is_uncovered(policy: Policy, case: Case) -> None:
    """Nothing is uncovered while an eligible position still holds a lot."""
    others = case.others()
    found = allocate(others, policy)
    assert found.closed_lots == min(case.requested, int(others.lots.sum()))


@given(case=cases())
def test_the_queue_leaves_at_most_one_partial_fill(case: Case) -> None:
    """Only the last position reached may keep a part, and only if nothing is uncovered."""
    fills = allocate(case.others(), "venue").fills
    assert np.count_nonzero(fills.remaining) <= 1
    assert np.all(fills.remaining[:-1] == 0.0)


def has_no_ties(case: Case) -> bool:
    """Whether no two positions are so alike that only their order distinguishes them."""
    priority = case.others().priority
    assert priority is not None
    ordered = np.sort(priority)
    alike = {(position.entry_price, position.leverage) for position in case.held}
    return len(alike) == len(case.held) and not np.any(np.diff(ordered) <= 1e-9 * np.abs(ordered[1:]))


@pytest.mark.parametrize("policy", POLICIES)
@given(case=cases(), seed=st.randoms(use_true_random=False))
def test_the_order_of_the_book_does_not_matter(policy: Policy, case: Case, seed: Any) -> None:
    """In a shuffled book each position is closed by the same amount, ties aside."""
    assume(has_no_ties(case))
    shuffled = list(range(len(case.held)))
    seed.shuffle(shuffled)
    again = msgspec.structs.replace(case, held=[case.held[place] for place in shuffled])
    before, after = case.closed(policy), again.closed(policy)
    exact = policy == "venue" or len({position.size for position in case.held}) == len(case.held)
    assert [before[place] for place in shuffled] == pytest.approx(after, abs=0 if exact else 1)


@pytest.mark.parametrize("policy", POLICIES)
@given(case=cases(), factor=st.sampled_from((2, 5, 64)))
def test_scaling_the_book_scales_the_result(policy: Policy, case: Case, factor: int) -> None:
    """With all sizes, margins and the request multiplied, every closed size is multiplied by the same factor."""
    held = [msgspec.structs.replace(position, size=position.size * factor) for position in case.held]
    scaled = msgspec.structs.replace(case, held=held, requested=case.requested * factor)
    before, after = allocate(case.others(), policy), allocate(scaled.others(), policy)
    # Within a lot; but the common level absorbs the rounding of all accounts closed down to it.
    allowed = {"venue": 0, "min_max_leverage": factor * before.accounts_hit}.get(policy, factor)
    small, large = lots_of(before, len(held)), lots_of(after, len(held))
    assert all(abs(more - factor * few) <= allowed for few, more in zip(small, large, strict=True))
    if policy == "min_max_leverage" and before.top_leverage_after is not None:
        assert after.top_leverage_after is not None
        assert after.top_leverage_after <= before.top_leverage_after * (1.0 + 1e-9)  # finer lots give no worse level


@pytest.mark.parametrize("policy", SPREADING)
@given(case=cases(), which=st.integers(min_value=0))
def test_splitting_an_account_moves_at_most_a_lot_per_part(policy: Policy, case: Case, which: int) -> None:
    """Holding two accounts instead of one gains nothing but the rounding of a lot per part."""
    assume(case.held)
    place = which % len(case.held)
    whole = case.held[place]
    lots = round(whole.size / case.lot_size)
    assume(lots >= 2)
    first = lots // 2 * case.lot_size
    parts = [msgspec.structs.replace(whole, size=size) for size in (first, whole.size - first)]
    split = msgspec.structs.replace(case, held=case.held[:place] + parts + case.held[place + 1 :])
    assume(split.others().ineligible - case.others().ineligible in (0, 1))
    before, after = case.closed(policy), split.closed(policy)
    rest_before = before[:place] + before[place + 1 :]
    rest_after = after[:place] + after[place + 2 :]
    assert all(abs(one - other) <= 2 for one, other in zip(rest_before, rest_after, strict=True))
    assert abs(sum(rest_before) - sum(rest_after)) <= 2


def test_splitting_an_account_can_avoid_the_queue() -> None:
    """Of two with the same key the larger goes first; split in two, it is spared and the other is closed."""
    large, small = winners(5.0, size=10.0)[0], winners(5.0, size=8.0)[0]
    half = msgspec.structs.replace(large, size=5.0)
    assert Case(held=[large, small], requested=8).closed("venue") == [8, 0]
    assert Case(held=[half, half, small], requested=8).closed("venue") == [0, 0, 8]


def after_round(case: Case, closed: list[int], requested: int) -> Case:
    """The book after ``closed`` has been closed at the fill price, with no withdrawal, and a new request."""
    state = derive_columns(book_of(case.held, contract=case.contract))
    held = []
    for place, position in enumerate(case.held):
        size = (round(position.size / case.lot_size) - closed[place]) * case.lot_size
        closed_size = closed[place] * case.lot_size
        gain = (case.fill - position.entry_price) * (1.0 if position.side == "long" else -1.0)
        per_unit = gain if case.contract == "linear" else gain / (case.fill * position.entry_price)
        margin = float(state.margin[place]) + closed_size * per_unit
        if size > 0.0:
            held.append(msgspec.structs.replace(position, size=size, margin=margin, leverage=None))
    return msgspec.structs.replace(case, held=held, requested=requested)


@given(case=cases(), share=st.floats(min_value=0.1, max_value=0.9))
def test_two_rounds_of_min_max_leverage_equal_one(case: Case, share: float) -> None:
    """`min_max_leverage` of Q1 and then of Q2 equals that of Q1 + Q2, up to a lot per account."""
    first = max(1, int(case.requested * share))
    assume(first < case.requested)
    at_once = case.closed("min_max_leverage")
    one = msgspec.structs.replace(case, requested=first).closed("min_max_leverage")
    second = after_round(case, one, case.requested - first)
    two = second.closed("min_max_leverage")
    kept = [place for place, position in enumerate(case.held) if round(position.size / case.lot_size) > one[place]]
    together = list(one)
    for place, lots in zip(kept, two, strict=True):
        together[place] += lots
    assert all(abs(a - b) <= 1 for a, b in zip(at_once, together, strict=True))


@given(case=cases())
def test_min_max_leverage_leaves_the_lowest_top_leverage(case: Case) -> None:
    """No policy that closes as much leaves a lower top leverage than `min_max_leverage`."""
    others = case.others()
    best = allocate(others, "min_max_leverage").top_leverage_after
    for policy in POLICIES:
        found = allocate(others, policy).top_leverage_after
        if best is not None and found is not None:
            assert best <= found * (1.0 + 1e-9), policy


def test_the_queue_does_not_leave_the_lowest_top_leverage() -> None:
    """The queue closes the large profit first and leaves the thin margin as levered as before."""
    held = [
        a_position(entry_price=50.0, size=10.0, margin=200.0),  # p 1.0, L 1.43
        a_position(entry_price=99.0, size=10.0, margin=50.0),  # p 0.01, L 16.7
    ]
    others = Case(held=held, requested=10).others()
    queue, level = allocate(others, "venue"), allocate(others, "min_max_leverage")
    assert queue.top_leverage_after == pytest.approx(1000 / 60)
    assert level.top_leverage_after is not None
    assert level.top_leverage_after < 2.0


# Numbers near the limits of their types.


def test_shares_of_the_largest_books_are_exact() -> None:
    """Thousands of holders of up to 2^48 lots, with products beyond 2^63: each share is the exact integer quotient."""
    random = np.random.default_rng(5)
    held = random.integers(2**40, 2**48, 10_000, dtype=np.int64)
    whole = int(held.sum())
    assert whole < 2**62
    for total in (1, 9_999, 12_345_678_901, whole * 5 // 7, whole // 3, whole - 1, whole):
        found = apportion_by_holding(total, held=held)
        assert sum(found.tolist()) == total
        quotients = [lots * total // whole for lots in held.tolist()]
        assert all(0 <= share - quotient <= 1 for share, quotient in zip(found.tolist(), quotients, strict=True))
        raised = [
            lots * total % whole for lots, s, q in zip(held.tolist(), found.tolist(), quotients, strict=True) if s > q
        ]
        kept = [
            lots * total % whole for lots, s, q in zip(held.tolist(), found.tolist(), quotients, strict=True) if s == q
        ]
        assert not raised or min(raised) >= max(kept)


@pytest.mark.parametrize("spread_", [0.5, 3.0, 8.0])
def test_weighted_shares_of_the_largest_books_add_up(spread_: float) -> None:
    """With weights over many orders of magnitude and sums near 2^62, shares add up exactly and stay within holdings."""
    random = np.random.default_rng(6)
    held = random.integers(1, 2**48, 20_000, dtype=np.int64)
    weight = random.lognormal(0.0, spread_, 20_000)
    whole = int(held.sum())
    for total in (1, 19_999, whole // 7, whole // 2, whole - 1):
        found = apportion_by_weight(total, weight=weight, held=held)
        assert sum(found.tolist()) == total
        assert np.all((found >= 0) & (found <= held))
        open_ = found < held
        level = found[open_] / weight[open_]
        largest = int(np.argmax(found[open_]))
        # Accounts that are not full have the same share per weight, within a lot.
        assert np.all(np.abs(found[open_] - weight[open_] * level[largest]) <= 2.0 + 1e-12 * found[open_])


def test_a_million_accounts_in_lots_of_1e_8_lose_nothing() -> None:
    """Every policy closes exactly the request, with a million accounts and 10^14 lots."""
    random = np.random.default_rng(7)
    count = 1_000_000
    book = book_of([], mark_price=105.25)
    nothing = np.full(count, np.nan)
    book = msgspec.structs.replace(
        book,
        is_long=np.ones(count, dtype=np.bool_),
        size=np.round(random.lognormal(0.0, 1.0, count) + 1e-8, 8),
        entry_price=np.round(random.uniform(60.0, 110.0, count), 2),
        leverage=random.integers(1, 20, count).astype(np.float64),
        equity=nothing, margin=nothing, wallet_balance=nothing, maintenance_margin_rate=nothing,
        maintenance_amount=np.zeros(count), maintenance_margin=nothing, maintenance_on_entry=nothing,
    )  # fmt: skip
    size = 123_456.78901234
    others = find_counterparties(
        book,
        rules(),
        bankrupt=Bankrupt(side="short", size=size, bankruptcy_price=104.0),
        fill_price=104.0,
        lot_size=1e-8,
        policies=POLICIES,
    )
    assert others.requested_lots == 12_345_678_901_234
    for policy in POLICIES:
        found = allocate(others, policy)
        assert sum(found.fills.closed_lots.tolist()) == others.requested_lots, policy
        assert found.uncovered_lots == 0
        assert np.all(found.fills.closed_lots <= np.rint(book.size[found.fills.indices] * 1e8))
        assert np.all(np.isfinite(found.fills.leverage_after))


@pytest.mark.parametrize("contract", ["linear", "inverse"])
@pytest.mark.parametrize("number", [1e-12, 1.0, 1e15])
def test_values_at_their_bounds_give_finite_numbers(contract: str, number: float) -> None:
    """The smallest and largest prices, margins and fills give finite results, even with fills far from the mark."""
    held = [
        a_position(side=side, size=4.0, entry_price=number, mark_price=number, margin=margin)
        for side in ("long", "short")
        for margin in (1e-12, 1.0, 1e15)
    ]
    for side in ("long", "short"):
        for fill in (1e-12, 1.0, 1e15):
            case = Case(held=held, requested=5, side=side, fill=fill, mark=number, contract=contract)
            for policy in POLICIES:
                found = allocate(case.others(), policy)
                assert found.closed_lots + found.uncovered_lots == 5
                for name in ("closed", "remaining", "realized_pnl", "haircut", "leverage_after"):
                    assert np.all(np.isfinite(getattr(found.fills, name))), (policy, name)
