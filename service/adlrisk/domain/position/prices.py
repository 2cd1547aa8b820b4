"""Bankruptcy and liquidation price of one position while the rest of its account stands still.

The forms are chosen so that nothing cancels. ``anchor`` is the price at which ``backing`` is what the account is worth:
the entry price and the margin, or the mark price and the equity. Inverse prices are computed as reciprocals.
"""

from typing import Final

from adlrisk.domain.position.arithmetic import ROUNDING
from adlrisk.domain.position.maintenance import Maintenance

Prices = tuple[float | None, float | None]  # bankruptcy and liquidation price, quote currency; None: out of reach

UNREACHABLE: Final = 1e-12  # a price (inverse: its reciprocal) below this fraction of the entry's is out of reach


def linear_prices(
    *, s: float, q: float, entry: float, anchor: float, backing: float, maintenance: Maintenance
) -> Prices:
    """Bankruptcy and liquidation price of a linear position; no liquidation price without a maintenance margin."""
    floor = UNREACHABLE * entry
    bankruptcy = anchor - s * backing / q
    if bankruptcy <= floor and s < 0.0:
        return None, None  # a realized loss has left the short insolvent at every price
    if maintenance.total is None:
        return _above(bankruptcy, floor), None
    free, rate, amount = backing - maintenance.others, maintenance.rate or 0.0, maintenance.amount
    if maintenance.on_entry:
        liquidation = anchor - s * (free + amount - rate * q * entry) / q
    else:
        liquidation = _difference(s * anchor, (free + amount) / q) / (s - rate)
    spent = anchor - s * free / q  # where equity meets the maintenance margin of others alone
    if spent > floor:  # liquidation comes no later
        liquidation = max(liquidation, spent) if s > 0.0 else min(liquidation, spent)
    return _above(bankruptcy, floor), _above(liquidation, floor)


def inverse_prices(
    *, s: float, q: float, entry: float, anchor: float, backing: float, maintenance: Maintenance
) -> Prices:
    """The same for an inverse position."""
    floor = UNREACHABLE / entry
    bankruptcy = 1.0 / anchor + s * backing / q
    if bankruptcy <= floor and s > 0.0:
        return None, None  # a realized loss has left the long insolvent at every price
    if maintenance.total is None:
        return _reciprocal_above(bankruptcy, floor), None
    free, rate, amount = backing - maintenance.others, maintenance.rate or 0.0, maintenance.amount
    if maintenance.on_entry:
        liquidation = 1.0 / anchor + s * (free + amount - rate * q / entry) / q
    else:
        liquidation = _difference((free + amount) / q, -s / anchor) / (s + rate)
    spent = 1.0 / anchor + s * free / q
    if spent > floor:
        liquidation = min(liquidation, spent) if s > 0.0 else max(liquidation, spent)
    return _reciprocal_above(bankruptcy, floor), _reciprocal_above(liquidation, floor)


def _difference(a: float, b: float) -> float:
    """``a − b``; 0 if the two differ only by rounding."""
    return a - b if abs(a - b) > ROUNDING * abs(a) else 0.0


def _above(price: float, floor: float) -> float | None:
    return price if price > floor else None


def _reciprocal_above(reciprocal: float, floor: float) -> float | None:
    return 1.0 / reciprocal if reciprocal > floor else None
