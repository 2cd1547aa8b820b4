"""Accuracy of every number, compared with its exact value over all legal input; docs/testing/numbers.md has the bounds.

A bound is a count of roundings: the error is at most that many units of 2⁻⁵³ of the magnitudes of the figure's terms.
``ADLRISK_NUMBERS=1000`` tries that many inputs of each kind, and ``-s`` shows the largest errors found.
"""

import itertools
import math
import os
import re
import sys
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, example, given, settings

from adlrisk.domain.deleverage.allocation import Counterparties, allocate, find_counterparties
from adlrisk.domain.deleverage.partial_close import PartialClose, close_part
from adlrisk.domain.deleverage.policies import POLICIES, Bankrupt
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.maintenance import resolve_maintenance
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import Position
from adlrisk.domain.position.state import PositionState
from adlrisk.domain.queue.queue import rank_book
from adlrisk.domain.rules.card import Ranking
from adlrisk.domain.rules.formulas import FORMULAS, queue_key
from support.builders import CONTRACTS, SIDES, a_position, book_of, rules, scored, state_of
from support.exact import EQUITY_CUT, UNIT, Exact, Figure, sum_of
from support.running import ROOT
from support.whole_range import CONTRACT_SIZES, near, positives, rates, signed, whole_range_positions, within

ROUNDINGS = {
    "notional": 2,
    "entry_notional": 2,
    "margin": 3,
    "unrealized_pnl": 5,
    "pnl_to_notional": 2,
    "return_on_entry": 2,
    "return_on_margin": 9,
    "equity": 6,
    "margin of equity": 6,
    "profit_share": 12,
    "effective_leverage": 10,
    "bankruptcy_price": 8,
    "liquidation_price": 11,
    "liquidation_distance": 13,
    "liquidation_price, maintenance sent": 15,
    "maintenance_margin": 4,
    "pnl_leverage": 13,
    "pnl_over_margin_ratio": 15,
    "profit_times_margin_ratio": 22,
    "price_ratio_leverage": 12,
    "value_ratio_leverage": 8,
    "pnl_over_equity": 12,
    "size_ahead, size": 1,
    "notional_ahead, notional": 3,
    "percentile": 3,
    "closed": 3,
    "realized_pnl": 5,
    "haircut": 6,
    "total_haircut": 7,
    "leverage_after": 12,
    "closed_size, after.size": 1,
    "exposure_removed": 1,
    "after.margin": 6,
    "after.equity": 8,
    "after.equity of equity": 7,
    "pnl_with_adl": 6,
    "missed_profit": 5,
}
EXAMPLES = int(os.environ.get("ADLRISK_NUMBERS", "100"))
LAST_BITS = Fraction(1, 10**9)
# At a price of 1 the margin leaves 1e-5, and the tier's deduction uses as much of the distance to liquidation.
NEXT_TO_NOTHING = a_position(size=1.0 - 1e-12, entry_price=1.0, margin=0.999989999999, maintenance_amount=1e-5)

largest: dict[str, float] = {}
tried = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate] if EXAMPLES > 1000 else tuple(Phase),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture(scope="module", autouse=True)
def largest_errors() -> Iterator[None]:
    """Print at the end how near to its bound each number came."""
    yield
    rows = (f"{name:27}{seen:7.2f} of {ROUNDINGS[name]}" for name, seen in sorted(largest.items()))
    sys.stdout.write("\n".join(("", f"largest errors met, {EXAMPLES} inputs of each kind:", *rows, "")))


def bound_of(name: str, figure: Figure) -> Fraction:
    return ROUNDINGS[name] * UNIT * figure.terms


def check(name: str, computed: float | None, figure: Figure) -> None:
    """``computed`` is finite and within the bound; 0 or null only if the exact value and the rule say so."""
    if not computed and figure.cut:
        assert figure.exact <= figure.cut + bound_of(name, figure), (name, computed, float(figure.exact))
        return
    assert computed is not None, name
    assert math.isfinite(computed), name
    units = figure.units(computed)
    assert units <= ROUNDINGS[name], (name, computed, float(figure.exact), units)
    largest[name] = max(largest.get(name, 0.0), units)


def check_shown(name: str, computed: float | None, figure: Figure) -> None:
    """The same; and a value clearly below the cut is not shown."""
    check(name, computed, figure)
    if computed:
        assert abs(figure.exact) >= figure.cut - bound_of(name, figure), (name, computed)


def test_documented_bounds_match_the_tested_ones() -> None:
    """The page has each number with its bound, no other, and no observed error beyond it."""
    page = (ROOT / "docs" / "testing" / "numbers.md").read_text()
    rows = re.findall(r"^\| `([^|]*)` \| (\d+) \| [^|]* \| ([\d.]+) \|$", page, re.MULTILINE)
    assert {name.replace("`", ""): int(bound) for name, bound, _ in rows} == ROUNDINGS
    assert all(float(met) <= int(bound) for _, bound, met in rows)


# One position.


@tried
@example(position=a_position(entry_price=1e15, mark_price=1e15, size=1e15, contract_size=1e15))
@example(position=a_position(entry_price=1e15, mark_price=1e-12, size=1e15, contract_size=1e15, margin=1e-12))
@example(position=a_position(entry_price=1e-12, mark_price=1e15, size=1e-12, contract_size=1e-12, contract="inverse"))
@example(position=a_position(entry_price=1e15, mark_price=1e15 - 0.125, size=8.0, margin=1.0))
@example(position=a_position(entry_price=1e15, mark_price=1e15 - 0.125, size=8.0, margin=1.0 + 2.0**-52))
@given(position=whole_range_positions())
def test_state_is_within_its_bounds(position: Position) -> None:
    """Amounts and ratios are within their bounds; solvency is correct wherever it is clear."""
    state, exact = state_of(position), Exact(position)
    for name in ("notional", "entry_notional", "margin", "unrealized_pnl", "pnl_to_notional", "return_on_entry"):
        check(name, getattr(state, name), getattr(exact, name))
    check("return_on_margin", state.return_on_margin, exact.return_on_margin)
    equity = exact.equity
    if abs(equity.exact) <= equity.cut - bound_of("equity", equity):
        assert state.equity == 0.0
    if abs(equity.exact) > equity.cut + bound_of("equity", equity):
        assert math.copysign(1, state.equity) * equity.exact > 0
        assert state.equity != 0.0
    if state.equity:
        check("equity", state.equity, equity)
    assert (state.effective_leverage is None) is (state.equity <= 0.0)
    if state.effective_leverage is not None:
        check("effective_leverage", state.effective_leverage, exact.effective_leverage)
        assert (state.profit_share > 0.0) is (exact.unrealized_pnl.exact > 0)
        if state.profit_share:
            check("profit_share", state.profit_share, exact.profit_share)


def as_price(reciprocal: Figure) -> Figure:
    return Figure(Fraction(1), Fraction(1)).over(reciprocal)


def is_kept_at_bankruptcy(state: PositionState, liquidation: Figure) -> bool:
    """Whether a liquidation price whose remainder may count as nothing is shown as the bankruptcy price."""
    may_be_nothing = liquidation.exact <= liquidation.cut + bound_of("liquidation_price", liquidation)
    return may_be_nothing and state.liquidation_price == state.bankruptcy_price


def check_prices(state: PositionState, exact: Exact, *, rate: float, basis: str) -> None:
    """Bankruptcy and liquidation price are within their bounds, or null because they are out of reach."""
    prices = []
    bankruptcy, liquidation = exact.bankruptcy, exact.liquidation(Fraction(rate), basis)
    if state.bankruptcy_price is not None:
        comes_from_above = (exact.s > 0) is not exact.inverse
        if (liquidation.exact < bankruptcy.exact) is comes_from_above or is_kept_at_bankruptcy(state, liquidation):
            held_at = bankruptcy  # liquidation comes no later
            if abs(liquidation.exact - bankruptcy.exact) <= bound_of("liquidation_price", liquidation):
                held_at = bankruptcy._replace(terms=max(bankruptcy.terms, liquidation.terms))
            liquidation = held_at
        elif abs(liquidation.exact - bankruptcy.exact) <= bound_of("bankruptcy_price", bankruptcy):
            liquidation = liquidation._replace(terms=max(bankruptcy.terms, liquidation.terms))
    elif (exact.s > 0) is exact.inverse:
        assert bankruptcy.exact <= bankruptcy.cut + bound_of("bankruptcy_price", bankruptcy)
        assert state.liquidation_price is None  # insolvent at every price
        return
    prices = [("bankruptcy_price", bankruptcy), ("liquidation_price", liquidation)]
    for name, figure in prices:
        shown = getattr(state, name)
        if shown is None:
            assert figure.exact <= figure.cut + bound_of(name, figure), name
            continue
        assert figure.exact >= figure.cut - bound_of(name, figure), name
        check(name, shown, as_price(figure) if exact.inverse else figure)
    if state.liquidation_price is not None:
        price = as_price(liquidation) if exact.inverse else liquidation
        side = Figure.of(exact.s)
        mark = Figure(exact.mark, exact.mark)
        check("liquidation_distance", state.liquidation_distance, mark.minus(price).over(mark).times(side))


@tried
@example(position=a_position(margin=100.0), rate=0.999, basis="mark")
@example(position=a_position(maintenance_amount=1.0 - 1e-9), rate=0.01, basis="mark")
@example(position=a_position(maintenance_amount=1.0 - 1e-12), rate=0.01, basis="entry")
@example(position=a_position(margin=100.0 - 2e-12, side="short", contract="inverse"), rate=0.5, basis="mark")
@example(position=NEXT_TO_NOTHING, rate=1.0 - 1e-12, basis="mark")
@given(position=whole_range_positions(), rate=rates, basis=st.sampled_from(("mark", "entry")))
def test_bankruptcy_and_liquidation_are_within_their_bounds(position: Position, rate: float, basis: Any) -> None:
    """Prices, distance and maintenance margin are within their bounds; null only where a rule says so."""
    state, exact = state_of(position, rate, basis), Exact(position)
    check_prices(state, exact, rate=rate, basis=basis)
    due = resolve_maintenance(
        position, notional=state.notional, entry_notional=state.entry_notional, rate=rate, basis=basis
    ).total
    wanted = exact.maintenance(Fraction(rate), basis)
    if due or wanted.exact > wanted.cut + bound_of("maintenance_margin", wanted):
        check_shown("maintenance_margin", due, wanted)


@tried
@example(position=a_position(entry_price=1e15, mark_price=1e15 - 0.125, size=8.0, equity=-1.0), rate=0.5, basis="mark")
@example(position=a_position(entry_price=1e-12, mark_price=1e15, equity=1e15 - 1e-12), rate=0.004, basis="entry")
@given(position=whole_range_positions(by_equity=True), rate=rates, basis=st.sampled_from(("mark", "entry")))
def test_what_follows_from_a_given_equity_is_within_its_bounds(position: Position, rate: float, basis: Any) -> None:
    """Margin, leverage and prices: from the equity at the mark, so that no digit is lost by way of the entry price."""
    state, exact = state_of(position, rate, basis), Exact(position)
    check_shown(
        "margin of equity", state.margin, exact.margin._replace(cut=Fraction(0)) if state.margin else exact.margin
    )
    assert state.equity == position.equity
    if state.effective_leverage is not None:
        check("effective_leverage", state.effective_leverage, exact.effective_leverage)
    check_prices(state, exact, rate=rate, basis=basis)


@tried
@given(
    position=whole_range_positions() | whole_range_positions(by_equity=True),
    rate=st.none() | rates,
    basis=st.sampled_from(("mark", "entry")),
    sent=st.data(),
)
def test_a_sent_maintenance_margin_is_within_its_bounds(
    position: Position, rate: float | None, basis: Any, sent: Any
) -> None:
    """Above the position's own the rest stands still, below it rate and amount are scaled; due is at the mark."""
    own = Exact(position).maintenance(Fraction(rate or 0), basis)
    amounts = [positives, near(within(float(own.exact)))] if own.exact > 0 else [positives]
    whole = sent.draw(st.one_of(amounts))
    position = msgspec.structs.replace(position, maintenance_margin=whole)
    state, exact = state_of(position, rate, basis), Exact(position)
    if state.equity <= whole:
        assert (state.liquidation_price, state.liquidation_distance) == (position.mark_price, 0.0)
        return
    part = own if own.exact > own.cut else Figure(Fraction(0), own.terms)
    scaled = Fraction(rate or 0)
    if rate is None:
        exact.amount, exact.others = Fraction(0), Figure.of(whole)
    elif whole >= part.exact:
        exact.others = Figure.of(whole).minus(part)
    else:
        scale = Fraction(whole) / part.exact
        if part.terms > 100 * part.exact:
            return  # an own part of few digits: so is the scale
        scaled, exact.amount = scaled * scale, exact.amount * scale
    check_backed_prices(state, exact, rate=scaled, basis=basis)


def check_backed_prices(state: PositionState, exact: Exact, *, rate: Fraction, basis: str) -> None:
    """The liquidation price is within its bound, but no later than where nothing but others' maintenance is left."""
    comes_from_above = (exact.s > 0) is not exact.inverse
    bankruptcy, spent, liquidation = exact.bankruptcy, exact.spent, exact.liquidation(rate, basis)
    if state.bankruptcy_price is None and not comes_from_above:
        assert bankruptcy.exact <= bankruptcy.cut + bound_of("bankruptcy_price", bankruptcy)
        assert state.liquidation_price is None
        return
    terms = max(spent.terms, liquidation.terms)
    last = max(spent, liquidation) if comes_from_above else min(spent, liquidation)
    allowed = [last._replace(terms=terms)]
    if spent.exact <= spent.cut + bound_of("liquidation_price", spent):
        allowed.append(liquidation)  # out of reach, so that it limits nothing
    if liquidation.exact <= liquidation.cut + bound_of("liquidation_price", liquidation):
        allowed.append(spent)  # a price that may count as nothing
    shown = state.liquidation_price
    if shown is None:
        assert any(figure.exact <= figure.cut + bound_of("liquidation_price", figure) for figure in allowed)
        return
    figures = [as_price(figure) if exact.inverse else figure for figure in allowed if figure.exact > 0]
    units, best = min((figure.units(shown), place) for place, figure in enumerate(figures))
    assert units <= ROUNDINGS["liquidation_price, maintenance sent"], (shown, float(figures[best].exact), units)
    name = "liquidation_price, maintenance sent"
    largest[name] = max(largest.get(name, 0.0), units)


@pytest.mark.parametrize("formula", FORMULAS)
@tried
@given(position=whole_range_positions(), rate=rates, given_=st.none() | positives)
def test_ranking_keys_are_within_their_bounds(
    formula: str, position: Position, rate: float, given_: float | None
) -> None:
    """Each formula's key is within its bound, has the right sign, and exists for all clearly solvent positions."""
    position = msgspec.structs.replace(position, maintenance_margin=given_)
    state, exact = state_of(position, rate), Exact(position)
    due = resolve_maintenance(
        position, notional=state.notional, entry_notional=state.entry_notional, rate=rate, basis="mark"
    ).total
    key = queue_key(position, state, formula=formula, confidence="documented", maintenance_margin=due)
    if key is None:
        assert not due
        return
    clearly_solvent = exact.equity.exact > exact.equity.cut + bound_of("equity", exact.equity)
    if FORMULAS[formula].loser is None and exact.unrealized_pnl.exact <= 0:
        assert not key.eligible
    elif clearly_solvent:
        assert key.eligible
    if key.priority is not None:
        maintenance = exact.maintenance(Fraction(rate), "mark") if given_ is None else Figure.of(given_)
        wanted = exact.key(formula, maintenance._replace(cut=Fraction(0)))
        check(formula, key.priority, wanted)
        assert (key.priority > 0.0, key.priority < 0.0) == (wanted.exact > 0, wanted.exact < 0)


@tried
@given(
    side=st.sampled_from(SIDES),
    digits=st.integers(min_value=0, max_value=6),
    leverage=st.integers(min_value=2, max_value=200),
    step=st.integers(min_value=1, max_value=10**6),
    size=st.integers(min_value=1, max_value=10**6),
)
def test_a_loss_equal_to_the_margin_leaves_zero_equity(
    side: Any, digits: int, leverage: int, step: int, size: int
) -> None:
    """In decimals, with up to 200× leverage, margin less an equal loss is 0, however the doubles round."""
    moved, held = Decimal(step).scaleb(-digits), Decimal(size).scaleb(-3)
    entry = moved * leverage
    mark = entry - moved if side == "long" else entry + moved
    position = a_position(
        side=side, size=float(held), entry_price=float(entry), mark_price=float(mark), margin=float(held * moved)
    )
    state = state_of(position)
    assert (state.equity, state.effective_leverage) == (0.0, None)


@tried
@example(position=a_position(), funding=1.0, hours=8.0, threshold=2.0 * (1.0 + 1e-8))  # 2× misses it
@example(position=a_position(), funding=1.0, hours=8.0, threshold=2.0 * (1.0 - 1e-8))
@example(position=a_position(entry_price=50.0), funding=1.0, hours=16.0, threshold=0.5 * (1.0 - 1e-8))  # both exceed it
@example(position=a_position(entry_price=50.0), funding=1.0, hours=16.0, threshold=0.5 * (1.0 + 1e-8))
@given(
    position=whole_range_positions(),
    funding=signed,
    hours=positives,
    threshold=positives,
)
def test_signals_fire_by_exact_values(position: Position, funding: float, hours: float, threshold: float) -> None:
    """Beyond the tolerance of 1e-9 and the number's own bound, a signal fires exactly where it should."""
    thresholds = msgspec.structs.replace(rules().score, leverage=threshold, profit=threshold, funding_rate_8h=threshold)
    market = Market(funding_rate=funding, funding_interval_hours=hours)
    leverage, profit, paid, *_ = scored(position, market, score=thresholds).signals
    exact, limit = Exact(position), Fraction(threshold)
    per_8h = abs(Fraction(funding)) * 8 / Fraction(hours)
    if leverage.value is not None:
        true = exact.effective_leverage
        slack = bound_of("effective_leverage", true) + limit * LAST_BITS
        assert leverage.fired or true.exact <= limit + slack
        assert not leverage.fired or true.exact >= limit - slack - limit * 2 * UNIT
    ratio = exact.pnl_to_notional
    if ratio.exact > limit * (1 + 2 * LAST_BITS):
        assert profit.fired
    if per_8h > limit:
        assert paid.fired
    if per_8h < limit * (1 - 2 * LAST_BITS):
        assert not paid.fired


@tried
@given(position=whole_range_positions(), rate=rates)
def test_a_state_survives_json_exactly(position: Position, rate: float) -> None:
    """Every number is decoded as the same double; none is infinite or NaN."""
    state = state_of(position, rate)
    assert msgspec.json.decode(msgspec.json.encode(state), type=PositionState) == state
    assert all(math.isfinite(value) for value in msgspec.structs.astuple(state) if value is not None)


# Partial close of one position.


def closed(position: Position, **given_: Any) -> PartialClose:
    return close_part(position, **{"size": None, "fraction": None, "lot_size": None, "rules": rules(), **given_})


@pytest.mark.parametrize("mode", ["isolated", "cross"])
@tried
@given(
    position=whole_range_positions(),
    fraction=rates,
    way=st.sampled_from(("size", "fraction")),
    fills=st.none() | positives,
    end=positives,
)
def test_a_partial_close_is_within_its_bounds(
    *, mode: Any, position: Position, fraction: float, way: str, fills: float | None, end: float
) -> None:
    """Sizes, realized PnL, margin, equity and scenarios; the state of the rest follows from its size and margin."""
    rate = 1.0 - fraction or fraction
    position = msgspec.structs.replace(position, maintenance_margin_rate=rate)
    fill = within(position.entry_price * 1.001) if fills is None else fills
    size = position.size * fraction
    how: dict[str, Any] = {"size": size} if way == "size" else {"fraction": fraction}
    found = closed(position, fill_price=fill, margin_mode=mode, scenario_prices=(end,), **how)
    exact, whole, share = Exact(position), Fraction(position.size), Fraction(fraction)
    gone, rest = Fraction(found.closed_size), Fraction(found.after.size)
    if rest:
        check("closed_size, after.size", found.closed_size, _plain(Fraction(size) if way == "size" else whole * share))
        check("closed_size, after.size", found.after.size, _plain(whole - gone))
    else:
        assert gone == whole
    check("exposure_removed", found.exposure_removed, _plain(gone / whole))
    units = Fraction(position.contract_size)
    realized = exact.pnl(Fraction(fill), quantity=gone * units)
    check("realized_pnl", found.realized_pnl, realized)
    (scenario,) = found.scenarios
    check("unrealized_pnl", scenario.pnl_without_adl, exact.pnl(Fraction(end)))
    check(
        "missed_profit", scenario.missed_profit, exact.pnl(Fraction(end), start=Fraction(fill), quantity=gone * units)
    )
    check("pnl_with_adl", scenario.pnl_with_adl, realized.plus(exact.pnl(Fraction(end), quantity=rest * units)))
    if not rest:
        return
    if mode == "isolated":
        kept = exact.margin.times(_plain(rest / whole))
        check("after.margin", found.after.margin, kept)
    else:
        kept = exact.margin.plus(realized)
        check_cross(found, exact, kept, exact.pnl(exact.mark, quantity=rest * units))
    check_rest(found, position, rate=rate)


@pytest.mark.parametrize("mode", ["isolated", "cross"])
@tried
@given(position=whole_range_positions(by_equity=True), fraction=rates, fill=positives)
def test_a_partial_close_by_equity_is_within_its_bounds(
    *, mode: Any, position: Position, fraction: float, fill: float
) -> None:
    """Isolated equity is released in proportion; cross equity gains what the closed size does from mark to fill."""
    found = closed(position, fraction=fraction, fill_price=fill, margin_mode=mode, scenario_prices=())
    if not found.after.size:
        return
    exact = Exact(position)
    gone = Fraction(found.closed_size) * Fraction(position.contract_size)
    if mode == "isolated":
        left = _plain(exact.equity.exact * Fraction(found.after.size) / Fraction(position.size))
    else:
        left = exact.equity.plus(exact.pnl(Fraction(fill), start=exact.mark, quantity=gone))
        left = left._replace(cut=EQUITY_CUT * abs(exact.equity.exact))
    if not found.after.equity:
        assert abs(left.exact) <= left.cut + bound_of("after.equity of equity", left)
        return
    check("after.equity of equity", found.after.equity, left)


def check_cross(found: PartialClose, exact: Exact, kept: Figure, unrealized: Figure) -> None:
    """Margin and equity are within their bounds, or within 1e-13 of the margin if one of them counts as nothing."""
    cut = EQUITY_CUT * abs(exact.margin.exact)
    snapped = abs(Fraction(found.after.margin)) == 0 or found.after.equity == 0.0
    allowed = cut + EQUITY_CUT * kept.terms if snapped else Fraction(0)
    equity = kept.plus(unrealized)
    for name, shown, figure in (
        ("after.margin", found.after.margin, kept),
        ("after.equity", found.after.equity, equity),
    ):
        if snapped:
            assert abs(Fraction(shown) - figure.exact) <= allowed + bound_of(name, figure), name
        else:
            check(name, shown, figure)


def check_rest(found: PartialClose, position: Position, *, rate: float) -> None:
    """The rest is a position like any other, with the size and margin shown."""
    state = found.after
    assert state.return_on_entry is not None
    given_ = msgspec.structs.asdict(position) | {"size": state.size, "margin": state.margin, "leverage": None}
    exact = Exact(Position(**given_))
    check("notional", state.notional, exact.notional)
    check("unrealized_pnl", state.unrealized_pnl, exact.unrealized_pnl)
    if state.equity:
        check("equity", state.equity, exact.equity)
    if state.effective_leverage is not None:
        check("effective_leverage", state.effective_leverage, exact.effective_leverage)
    shown = {name: getattr(state, name) for name in PositionState.__struct_fields__}
    check_prices(PositionState(**shown), exact, rate=rate, basis="mark")


def _plain(value: Fraction) -> Figure:
    return Figure(value, abs(value))


# Books.


@st.composite
def whole_range_books(draw: st.DrawFn, /, **fixed: Any) -> list[Position]:
    """Up to 8 positions of one contract at one mark, with sizes and entries near each other or far apart."""
    sizes = fixed.pop("size", positives)
    common: dict[str, Any] = {
        "mark_price": draw(positives),
        "contract": draw(st.sampled_from(CONTRACTS)),
        "contract_size": draw(st.sampled_from(CONTRACT_SIZES)),
        **fixed,
    }
    entries = near(common["mark_price"]) | positives

    def one() -> Position:
        own = {"size": draw(sizes), "maintenance_margin": draw(positives), "maintenance_amount": 0.0}
        return draw(whole_range_positions(**(common | own), entry_price=draw(entries)))

    return [one() for _ in range(draw(st.integers(min_value=1, max_value=8)))]


def as_book(held: list[Position]) -> Any:
    first = held[0]
    return book_of(held, mark_price=first.mark_price, contract=first.contract, size=first.contract_size)


def two_longs(*, apart: float) -> list[Position]:
    """The second, which is smaller, is first by a key that is higher by ``apart``."""
    common: dict[str, Any] = {"mark_price": 110.0, "maintenance_margin": 1.0}
    return [a_position(leverage=10.0, size=5.0, **common), a_position(leverage=10.0 * (1.0 + apart), **common)]


@tried
@example(held=two_longs(apart=1e-8), formula="value_ratio_leverage")
@example(held=two_longs(apart=3e-12), formula="value_ratio_leverage")
@example(held=two_longs(apart=1e-8), formula="pnl_leverage")
@given(held=whole_range_books(), formula=st.sampled_from(sorted(FORMULAS)))
def test_a_queue_is_in_the_order_of_exact_keys(held: list[Position], formula: str) -> None:
    """No position ranks before one whose exact key is higher by more than both bounds and the 1e-12 of ties."""
    for queue in rank_book(as_book(held), rules(ranking=Ranking(formula=formula))).queues.values():
        indices = queue.indices[: queue.eligible].tolist()
        keys = []
        for place, shown in zip(indices, queue.priority.tolist(), strict=True):
            maintenance = held[place].maintenance_margin
            assert maintenance is not None
            key = Exact(held[place]).key(formula, Figure.of(maintenance))
            check(formula, shown, key)
            keys.append((key.exact, bound_of(formula, key) + abs(key.exact) * Fraction(11, 10**13)))
        for (before, own), (behind, theirs) in itertools.combinations(keys, 2):
            assert behind - before <= own + theirs


@tried
@given(held=whole_range_books())
def test_totals_of_a_queue_are_within_their_bounds(held: list[Position]) -> None:
    """Sizes, notionals and shares, ahead and in total; shares rise to exactly 1; the last size completes the total."""
    for queue in rank_book(as_book(held), rules(ranking=Ranking(formula="value_ratio_leverage"))).queues.values():
        indices = queue.indices[: queue.eligible].tolist()
        sizes = [_plain(Fraction(held[place].size)) for place in indices]
        notionals = [Exact(held[place]).notional for place in indices]
        for name, ahead, total, parts in (
            ("size_ahead, size", queue.size_ahead, queue.size, sizes),
            ("notional_ahead, notional", queue.notional_ahead, queue.notional, notionals),
        ):
            shown = [*ahead.tolist(), total]
            for step, value in enumerate(shown):
                check(name, value, sum_of(parts[:step])._replace(cut=Fraction(0)))
        whole = sum_of(sizes).exact
        for step, share in enumerate(queue.percentile.tolist(), start=1):
            check("percentile", share, _plain(sum_of(sizes[:step]).exact / whole))
        if indices:
            assert queue.percentile[-1] == 1.0
            assert np.all(np.diff(queue.percentile) >= 0.0)
            assert queue.percentile[0] > 0.0
            assert queue.size_ahead[-1] + held[indices[-1]].size == pytest.approx(queue.size, rel=2.0**-51)


def counterparties(
    held: list[Position], *, requested: float, fill: float, lot_size: float, side: Any
) -> Counterparties:
    bankrupt = Bankrupt(side=side, size=requested, bankruptcy_price=fill)
    card = rules(ranking=Ranking(formula="pnl_leverage"))
    return find_counterparties(
        as_book(held), card, bankrupt=bankrupt, fill_price=fill, lot_size=lot_size, policies=POLICIES
    )


LOTS = st.integers(min_value=1, max_value=2**48) | st.integers(min_value=1, max_value=20)


@tried
@given(
    lot_size=st.sampled_from((1e-12, 1e-6, 0.001, 0.1, 0.3, 1.0, 2.5, 1000.0)) | positives,
    chosen=st.data(),
    requested=LOTS,
    side=st.sampled_from(SIDES),
)
def test_fills_are_within_their_bounds(lot_size: float, chosen: Any, requested: int, side: Any) -> None:
    """Sizes, PnL, haircut and leverage after are within their bounds and finite, under every policy."""
    sizes = LOTS.map(lambda lots: within(min(lots, int(1e15 / lot_size) or 1) * lot_size))
    held = chosen.draw(whole_range_books(size=sizes))
    mark = held[0].mark_price
    fill = chosen.draw(near(mark) | positives)
    try:
        others = counterparties(held, requested=within(requested * lot_size), fill=fill, lot_size=lot_size, side=side)
    except RefusedError:
        assume(False)  # noqa: FBT003 (too many lots at a bound of the sizes)
    lot = Fraction(lot_size)
    exacts = [Exact(position) for position in held]
    per_lot = exacts[0].pnl(Fraction(mark), start=Fraction(fill), quantity=lot * Fraction(held[0].contract_size))
    # The sign of the closed positions, which are on the other side than the bankrupt.
    loss = _plain(per_lot.exact * exacts[0].s * (-1 if side == "long" else 1))
    check_eligible(others, held, exacts, side=side, loss=loss, lot=lot)
    for policy in POLICIES:
        found = allocate(others, policy)
        assert found.closed_lots + found.uncovered_lots == others.requested_lots
        rows = zip(
            found.fills.indices.tolist(),
            found.fills.closed_lots.tolist(),
            found.fills.closed.tolist(),
            found.fills.realized_pnl.tolist(),
            found.fills.haircut.tolist(),
            found.fills.leverage_after.tolist(),
            strict=True,
        )
        for place, lots, size, realized, haircut, leverage in rows:
            exact, has = exacts[place], round(Fraction(held[place].size) / lot)
            if lots < has:
                check("closed", size, _plain(lots * lot))
            else:
                assert size == held[place].size
            units = Fraction(size) * Fraction(held[place].contract_size)
            check("realized_pnl", realized, exact.pnl(Fraction(fill), quantity=units))
            check("haircut", haircut, _plain(lots * max(Fraction(0), loss.exact)))
            worth = _plain((has - lots) * lot / Fraction(held[place].size)).times(exact.notional)
            left = exact.equity.minus(loss.times(_plain(Fraction(lots))))
            assert math.isfinite(leverage)
            assert leverage >= 0.0
            if abs(left.exact) > 100 * ROUNDINGS["leverage_after"] * UNIT * left.terms:
                check("leverage_after", leverage, worth.over(left))
        check("total_haircut", found.total_haircut, _plain(found.closed_lots * max(Fraction(0), loss.exact)))
        if found.largest_share is not None:
            assert found.largest_share == max(found.fills.closed_lots.tolist()) / found.closed_lots


def check_eligible(
    others: Counterparties, held: list[Position], exacts: list[Exact], *, side: str, loss: Figure, lot: Fraction
) -> None:
    """Positions that are clearly solvent, now and at the fill, can be closed; clearly insolvent ones cannot."""
    chosen = set(others.indices.tolist())
    for place, (position, exact) in enumerate(zip(held, exacts, strict=True)):
        left = exact.equity.minus(loss.times(_plain(Fraction(round(Fraction(position.size) / lot)))))
        bound = bound_of("after.equity", left)
        if place in chosen:
            assert position.side != side
            assert min(left.exact, exact.equity.exact) > -bound
        elif position.side != side:
            cut = EQUITY_CUT * max(abs(exact.equity.exact), abs(exact.margin.exact))
            assert min(left.exact, exact.equity.exact) <= cut + bound
