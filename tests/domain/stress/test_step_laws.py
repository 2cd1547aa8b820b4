"""Laws of a simulation, each on the program alone: what adds up, what never grows, what stays as it is."""

import math
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import assume, given, settings
from msgspec import UNSET

from adlrisk.domain.position.position import Position
from adlrisk.domain.stress.depth import Depth, DepthLevel
from adlrisk.domain.stress.fund import Fund, floor_of
from adlrisk.domain.stress.simulation import Simulated
from support.builders import a_position
from support.stress.account import Account
from support.stress.judge import Judge
from support.stress.price_scale import PriceScale
from support.stress.scenes import Scene, scenes
from support.stress.twin import invert


@given(scene=scenes())
def test_lots_are_conserved_in_every_step(scene: Scene) -> None:
    """Liquidated = market + taken over + ADL + uncovered, and left over by either cause is what is not the market's."""
    for step in scene.simulate().steps:
        beyond = step.fund.taken_over + step.adl.size + step.adl.uncovered
        lots = scene.lot_size / 1e6
        assert step.liquidated.size == pytest.approx(step.market.size + beyond, abs=lots)
        assert step.left_over.fund + step.left_over.depth == pytest.approx(beyond, abs=lots)
        assert min(step.market.size, step.fund.taken_over, step.adl.size, step.adl.uncovered) >= 0.0
        assert min(step.left_over.fund, step.left_over.depth) >= 0.0


@given(scene=scenes())
def test_lots_are_conserved_in_every_position(scene: Scene) -> None:
    """What the steps close is closed of positions, and what those have left, unless liquidated, is what they had."""
    found = scene.simulate()
    lot = scene.lot_size / 1e6
    assert sum(told.closed for told in found.positions) == pytest.approx(sum(_adl(found)), abs=lot)
    gone = 0.0
    for told, position in zip(found.positions, scene.held, strict=True):
        if told.outcome == "liquidated":
            gone += position.size - told.closed
            assert told.remaining == 0.0
        else:
            assert told.closed + told.remaining == pytest.approx(position.size, abs=lot)
    assert gone == pytest.approx(sum(step.liquidated.size for step in found.steps), abs=lot)


@given(scene=scenes())
def test_the_fund_changes_by_what_it_pays_and_receives(scene: Scene) -> None:
    """After = before − paid + received, never below the lower of before and floor, and steps carry it on."""
    balance, floor = scene.fund.balance, floor_of(scene.fund, drawdown=scene.terms.rules.trigger.drawdown)
    for step in scene.simulate().steps:
        assert step.fund.before == pytest.approx(balance, rel=1e-12)
        balance = step.fund.after
        paid, received = step.market.paid_by_fund, step.market.received_by_fund
        rounding = 1e-9 * (abs(step.fund.before) + paid + received)
        assert balance == pytest.approx(step.fund.before - paid + received, abs=rounding)
        assert balance >= min(step.fund.before, floor) - rounding
        assert min(paid, received) >= 0.0


@given(scene=scenes(impact=0.0, fill_price="bankruptcy"))
def test_money_is_conserved(scene: Scene) -> None:
    """What the liquidated owe at the mark, and what the market took below it, is what fund and winners carry.

    For one side, in its first round: paid − received + s·q·(mean B − M) over ADL and uncovered = Σ s·q·(B − M) over the
    liquidated + Σ s·q·(M − P) over what was closed.
    """
    side = next((position.side for position, is_due in _who_is_due(scene) if is_due), "long")
    scene = scene.changed(
        held=[position for position, is_due in _who_is_due(scene) if position.side == side or not is_due],
        marks=scene.marks[:1],
        fund=_takes_nothing(scene.fund),
    )
    found = scene.simulate()
    (step,) = found.steps
    due = [place for place, told in enumerate(found.positions) if told.outcome == "liquidated"]
    assume(step.adl.mean_fill_price is not None or step.adl.uncovered == 0.0)
    sign = 1 if side == "long" else -1
    scale, mark = PriceScale(scene.contract), Fraction(step.mark_price)
    unit = Fraction(scene.contract_size)

    def carried(size: float, price: float | None) -> Fraction:
        return (
            Fraction(0)
            if price is None
            else sign * Fraction(size) * unit * (scale.at(Fraction(price)) - scale.at(mark))
        )

    equity = sum((Account(scene.book, place, scene.terms).equity(mark) for place in due), Fraction(0))
    terms = sum((Account(scene.book, place, scene.terms).equity_terms(mark) for place in due), Fraction(0))
    left = Fraction(step.market.paid_by_fund) - Fraction(step.market.received_by_fund)
    left += carried(step.adl.size + step.adl.uncovered, step.adl.mean_fill_price)
    right = -equity - carried(step.market.size, step.market.mean_price)
    assert abs(left - right) <= Fraction(1, 10**9) * max(abs(left), abs(right), terms)


@given(scene=scenes(impact=0.0), richer=st.sampled_from((0.01, 0.5, 3.0, 1e6)), deeper=st.sampled_from((1.0, 1.5, 4.0)))
def test_one_account_is_spared_by_a_richer_fund_and_deeper_levels(scene: Scene, richer: float, deeper: float) -> None:
    """With one due account, neither raises what ADL closes, the haircut, or what is left over."""
    due = [position for position, is_due in _who_is_due(scene) if is_due]
    calm = [position for position, is_due in _who_is_due(scene) if not is_due]
    before = scene.changed(held=[*due[:1], *calm], marks=scene.marks[:1], fund=_takes_nothing(scene.fund))
    (step,) = before.simulate().steps
    assert step.liquidated.accounts <= 1
    unit = scene.lot_size * scene.contract_size
    fund = msgspec.structs.replace(before.fund, balance=before.fund.balance + richer * unit)
    (after,) = before.changed(fund=fund, depth=_deepen(scene.depth, deeper)).simulate().steps
    assert after.adl.size <= step.adl.size + scene.lot_size / 1e6
    assert after.adl.haircut <= step.adl.haircut * (1.0 + 1e-9)
    assert after.left_over.fund + after.left_over.depth <= (
        step.left_over.fund + step.left_over.depth + scene.lot_size / 1e6
    )


def test_several_accounts_can_lose_by_a_richer_fund() -> None:
    """The worse account that a richer fund carries takes the level of the better one, which then is left over."""
    held = [
        a_position(size=2.0, margin=4.0),  # bankrupt at 98: 4.9 a contract to close at 93.1
        a_position(size=2.0, margin=13.0),  # bankrupt at 93.5
        a_position(side="short", size=9.0, margin=900.0),
    ]
    depth = Depth(levels=(DepthLevel(offset=0.02, size=2.0),))
    scene = Scene(held=held, marks=[95.0], rate=0.02, depth=depth, fund=Fund(balance=1.0))
    poor, rich = (scene.changed(fund=Fund(balance=balance)).simulate().steps[0] for balance in (1.0, 20.0))
    assert (poor.adl.size, poor.left_over.fund) == (2.0, 2.0)
    assert (rich.adl.size, rich.left_over.depth) == (2.0, 2.0)


@given(scene=scenes(exact=True, impact=0.0))
def test_an_inverse_book_equals_the_linear_one_at_reciprocal_prices(scene: Scene) -> None:
    """With sides swapped and offsets converted every size, amount and outcome is the same; prices are reciprocal."""
    assume(scene.depth.size_for_one_percent is UNSET)
    assume(scene.read_slowly().judge.close_calls == 0)
    assume(not any(_plain(_nudge(scene, by).simulate()) != _approximately(scene) for by in (1e-13, -1e-13)))
    linear, inverse = scene.simulate(), invert(scene).simulate()
    assert _plain(inverse, is_inverse=True) == pytest.approx(_plain(linear), rel=1e-7, abs=1e-7)
    assert [told.outcome for told in inverse.positions] == [told.outcome for told in linear.positions]
    assert [told.step for told in inverse.positions] == [told.step for told in linear.positions]


def _approximately(scene: Scene) -> Any:
    return pytest.approx(_plain(scene.simulate()), rel=1e-7, abs=1e-7)


def _nudge(scene: Scene, by: float) -> Scene:
    """``scene`` with entry prices a rounding off: where that changes who is closed, rounding decides a tie of lots."""
    factors = (1.0 + by, 1.0, 1.0 - by)
    nudged = [
        msgspec.structs.replace(position, entry_price=position.entry_price * factors[place % 3])
        for place, position in enumerate(scene.held)
    ]
    return scene.changed(held=nudged)


@given(scene=scenes())
def test_nothing_happens_while_nobody_is_due(scene: Scene) -> None:
    """Whoever is due at the mark is taken out; then a step at the mark, and another, touches nobody and nothing."""
    at_mark = scene.changed(marks=[scene.mark, scene.mark])
    calm = [position for position, is_due in _who_is_due(at_mark) if not is_due]
    found = at_mark.changed(held=calm).simulate()
    for step in found.steps:
        assert (step.rounds, step.liquidated.accounts, step.liquidated.size, step.liquidated.notional) == (
            0,
            0,
            0.0,
            0.0,
        )
        assert (step.mark_price, step.mark_after) == (scene.mark, scene.mark)
        assert (step.market.size, step.market.mean_price) == (0.0, None)
        assert (step.market.paid_by_fund, step.market.received_by_fund) == (0.0, 0.0)
        assert (step.fund.before, step.fund.after, step.fund.taken_over) == (
            scene.fund.balance,
            scene.fund.balance,
            0.0,
        )
        assert (step.left_over.fund, step.left_over.depth, step.unpaid) == (0.0, 0.0, 0.0)
        assert (step.adl.size, step.adl.mean_fill_price, step.adl.accounts) == (0.0, None, 0)
    for told, position in zip(found.positions, calm, strict=True):
        assert (told.outcome, told.step, told.closed) == ("untouched", None, 0.0)
        assert told.remaining == pytest.approx(position.size, rel=1e-15)
        assert (told.realized_pnl, told.haircut) == (0.0, 0.0)


@given(scene=scenes())
def test_whoever_is_due_at_the_mark_is_liquidated_in_the_first_step(scene: Scene) -> None:
    """Exactly the accounts whose equity is not above their maintenance margin, where that is no matter of rounding."""
    first, judge = scene.changed(impact=0.0, marks=[scene.mark]), Judge()
    accounts = [Account(scene.book, place, scene.terms) for place in range(len(scene.held))]
    due = [account.is_due(Fraction(scene.mark), judge) for account in accounts]
    assume(judge.close_calls == 0)
    assert [told.outcome == "liquidated" for told in first.simulate().positions] == due


@settings(max_examples=50)
@given(scene=scenes())
def test_no_figure_is_infinite_or_undefined(scene: Scene) -> None:
    """Prices that cannot be reached are null."""
    assert all(math.isfinite(number) for number in _numbers(msgspec.to_builtins(scene.simulate())))


@settings(max_examples=50)
@given(scene=scenes(impact=0.0, policy="venue"))
def test_a_permuted_book_has_the_same_steps(scene: Scene) -> None:
    """The order of the book decides ties only: there is none among accounts that all differ in side or entry."""
    scene = scene.changed(
        held=list({(position.side, position.entry_price): position for position in scene.held}.values())
    )
    assume(scene.read_slowly().judge.close_calls == 0)
    forward, backward = scene.simulate(), scene.changed(held=scene.held[::-1]).simulate()
    assert _plain(backward, reverse=True) == pytest.approx(_plain(forward), rel=1e-9, abs=1e-9)


def _who_is_due(scene: Scene) -> list[tuple[Position, bool]]:
    """Each position, and whether it is due at the first mark or so near to it that rounding decides."""
    mark, beyond = Fraction(scene.marks[0]), Fraction(1_000_001, 1_000_000)
    accounts = [Account(scene.book, place, scene.terms) for place in range(len(scene.held))]
    due = [account.equity(mark) <= account.maintenance(mark) * beyond for account in accounts]
    return list(zip(scene.held, due, strict=True))


def _takes_nothing(fund: Fund) -> Fund:
    return msgspec.structs.replace(fund, takes_over=0.0)


def _deepen(depth: Depth, factor: float) -> Depth:
    if depth.size_for_one_percent is not UNSET:
        return msgspec.structs.replace(depth, size_for_one_percent=depth.size_for_one_percent * factor)
    sides: dict[str, Any] = {name: getattr(depth, name) for name in ("levels", "bids", "asks")}
    return msgspec.structs.replace(
        depth,
        **{
            name: tuple(msgspec.structs.replace(level, size=level.size * factor) for level in levels)
            for name, levels in sides.items()
            if levels is not UNSET
        },
    )


def _adl(found: Simulated) -> list[float]:
    return [step.adl.size for step in found.steps]


def _plain(found: Simulated, *, is_inverse: bool = False, reverse: bool = False) -> list[float]:
    """All figures in one list, prices of an inverse contract as those of its linear twin; what is null is −1."""

    def price(given: float | None) -> float:
        if given is None:
            return -1.0
        return 1.0 / given if is_inverse else given

    told = []
    for step in found.steps:
        told += [price(step.mark_price), price(step.mark_after), step.rounds, *_numbers(step.liquidated)]
        told += [step.market.size, step.market.paid_by_fund, step.market.received_by_fund, *_numbers(step.left_over)]
        told += [*_numbers(step.fund), step.adl.size, price(step.adl.mean_fill_price), price(step.market.mean_price)]
        told += [step.adl.accounts, step.adl.haircut, step.adl.uncovered, step.unpaid]
    for position in found.positions[::-1] if reverse else found.positions:
        leverage = -1.0 if position.effective_leverage is None else position.effective_leverage
        told += [position.closed, position.remaining, position.realized_pnl, position.haircut, leverage]
    return told


def _numbers(value: Any) -> list[float]:
    if isinstance(value, msgspec.Struct):
        return _numbers(msgspec.to_builtins(value))
    if isinstance(value, dict):
        return [number for part in value.values() for number in _numbers(part)]
    if isinstance(value, list | tuple):
        return [number for part in value for number in _numbers(part)]
    return [value] if isinstance(value, float | int) else []
