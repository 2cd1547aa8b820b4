"""Amounts: how much margin or size makes a score's band fall, and how much margin moves a liquidation away.

Every amount is checked as it is shown, rounded up: one that does not do what its sentence says is not given.
"""

from typing import Final

from msgspec import Struct

from adlrisk.domain.position.arithmetic import (
    equity_of,
    maintenance_requirement,
    notional_value,
    price_gain,
    sign_of,
    unrealized_pnl,
)
from adlrisk.domain.position.number_format import format_rounded_up
from adlrisk.domain.rules.threshold import Threshold
from adlrisk.domain.scoring.advice.case import Case, Traits, judged_leverage
from adlrisk.domain.scoring.band import Band, band_of
from adlrisk.domain.scoring.signals import POINTS_PER_SIGNAL, SignalName

_CLEARLY_BELOW: Final = 1.0 - 1e-8  # of a threshold, so that rounding cannot make it fire
_CLEAR: Final = 0.75  # of a threshold that is only near: from 0.8 on a signal is near
_LARGEST_MARGIN: Final = 1e6  # in multiples of the equity that is aimed at
_LARGEST_PART: Final = 0.99  # of a position; who has to close more closes all


class Relief(Struct, frozen=True, kw_only=True, gc=False):
    """An amount, and what it does to the signals."""

    amount: float  # settlement currency or contracts
    text: str  # rounded up
    turns_off: tuple[SignalName, ...]  # leverage, profit or both
    fired: bool  # whether they fired; else they are only near, and no longer so after it
    points: int  # of the score after it
    upper: int  # the same if every unknown signal fires
    band: Band | None  # the lower band that the score falls to; None: it stays in its band


def margin_to_add(case: Case, traits: Traits) -> Relief | None:
    """The least margin that makes the band fall; if none does, that turns off all signals that margin can turn off.

    ``None`` if margin turns off nothing, or something that the amount depends on is unknown.
    """
    equity = case.state.equity
    if equity is None:
        return None
    needed = []
    for signal, limit, exposure in _limits(case, traits):
        if exposure is None:
            return None
        needed.append((exposure / (limit * _CLEARLY_BELOW) - equity, signal))
    return _relieve(case, needed, largest=None)


def size_to_close(case: Case, traits: Traits) -> Relief | None:
    """The same in contracts, closed at mark while all equity stays: cross margin."""
    equity, size, notional = case.state.equity, case.position.size, case.state.notional
    if equity is None or equity <= 0.0:
        return None
    needed = []
    for signal, limit, exposure in _limits(case, traits):
        if exposure is None:
            return None
        whole = case.state.unrealized_pnl if signal == "profit" else notional
        needed.append(((exposure - limit * _CLEARLY_BELOW * equity) / whole * size, signal))
    return _relieve(case, needed, largest=size * _LARGEST_PART)


def margin_for_distance(case: Case, distance: float) -> float | None:
    """The margin that moves the liquidation price further than ``distance`` from the mark, a fraction.

    Where the price has moved by that much, equity and margin must meet the maintenance margin. ``None`` for a leg of a
    shared account, whose other legs may move with it, and without a maintenance margin.
    """
    equity, maintenance, position = case.state.equity, case.maintenance, case.position
    if equity is None or maintenance.total is None or (case.account is not None and case.account.legs > 1):
        return None
    s, mark, inverse = sign_of(position.side), position.mark_price, position.contract == "inverse"
    quantity = position.size * position.contract_size
    there = mark * (1.0 - s * distance)
    value = case.state.entry_notional if maintenance.on_entry else notional_value(quantity, there, inverse=inverse)
    due = maintenance_requirement(value, rate=maintenance.rate or 0.0, amount=maintenance.amount) + maintenance.others
    lost = -unrealized_pnl(quantity, price_gain(s, mark, there), entry=mark, mark=there, inverse=inverse)
    worth: float = (due + lost) / _CLEARLY_BELOW
    if abs(case.state.margin or 0.0) > worth * _LARGEST_MARGIN:  # the amount would drown in its last digits
        return None
    return worth - equity if worth > equity else None


def limit_of(threshold: Threshold, *, fired: bool) -> float:
    """What a ratio is brought below: the threshold that fired, or three quarters of one that is only near."""
    return threshold.reached_from if fired else threshold.value * _CLEAR


def _limits(case: Case, traits: Traits) -> list[tuple[SignalName, float, float | None]]:
    """The signals that equity can turn off, the ratio to get below, and the exposure of which equity is a part of it.

    Those that fired, else those that are near.
    """
    thresholds, fired = case.rules.score.precomputed, case.fired
    has_leverage, has_share = "leverage" in case.concerns, traits.of_share
    if (has_leverage and "leverage" in fired) or (has_share and "profit" in fired):
        has_leverage, has_share = has_leverage and "leverage" in fired, has_share and "profit" in fired
    found: list[tuple[SignalName, float, float | None]] = []
    if has_leverage:
        found.append(("leverage", limit_of(thresholds.leverage, fired="leverage" in fired), judged_leverage(case)[2]))
    if has_share:
        limit = limit_of(thresholds.top_heavy_share, fired="profit" in fired)
        found.append(("profit", limit, case.state.unrealized_pnl))
    return found


def _relieve(case: Case, needed: list[tuple[float, SignalName]], *, largest: float | None) -> Relief | None:
    """The first of the rising amounts after which the band is lower, else the last."""
    if not needed:
        return None
    needed.sort()
    fired = needed[0][1] in case.fired
    points, band, count = case.points, band_of(case.points), 0
    while count < len(needed) and band_of(points) == band:
        count, points = count + 1, points - (POINTS_PER_SIGNAL if fired else 0)
    amount, turns_off = needed[count - 1][0], tuple([signal for _, signal in needed[:count]])
    if amount <= 0.0 or (largest is not None and amount > largest):
        return None
    text = format_rounded_up(amount)
    after = band_of(points)
    relief = Relief(
        amount=amount,
        text=text,
        turns_off=turns_off,
        fired=fired,
        points=points,
        upper=case.upper - (case.points - points),
        band=None if after == band else after,
    )
    holds = _holds_with_margin if largest is None else _holds_with_less
    return relief if holds(case, relief, amount) and holds(case, relief, float(text)) else None


def _holds_with_margin(case: Case, relief: Relief, amount: float) -> bool:
    """Whether the ratios are below their limits with ``amount`` more margin, in the arithmetic of a score."""
    state, given = case.state, case.position.equity
    if given is not None or state.margin is None:
        equity = (state.equity or 0.0) + amount
    else:
        equity = equity_of(state.margin + amount, state.unrealized_pnl)
    return _is_below(case, relief, equity=equity, left=1.0)


def _holds_with_less(case: Case, relief: Relief, amount: float) -> bool:
    """Whether they are below them with ``amount`` fewer contracts."""
    left = (case.position.size - amount) / case.position.size
    return left > 0.0 and _is_below(case, relief, equity=case.state.equity or 0.0, left=left)


def _is_below(case: Case, relief: Relief, *, equity: float, left: float) -> bool:
    """Whether the signals are off with this equity and a share ``left`` of the position."""
    thresholds, state = case.rules.score.precomputed, case.state
    if equity <= 0.0:
        return False
    for signal in relief.turns_off:
        if signal == "leverage":
            threshold, exposure = thresholds.leverage, judged_leverage(case)[2] or 0.0
            exposure -= state.notional * (1.0 - left)
        else:
            threshold, exposure = thresholds.top_heavy_share, state.unrealized_pnl * left
        if exposure / equity >= limit_of(threshold, fired=relief.fired):
            return False
    return True
