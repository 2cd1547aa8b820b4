"""Arithmetic of positions: notional value, PnL, equity, maintenance margin.

Each function takes floats or the numpy columns of a book (``domain.queue.book``); this module does not import numpy.
The names of the formulas: ``s`` is +1 for a long and −1 for a short, ``q`` the size times the contract size, ``E`` the
entry price, ``M`` the mark price, ``m`` the maintenance margin rate and ``a`` the deduction of its tier.
"""

from typing import Any, Final

from adlrisk.domain.position.bounds import NEGLIGIBLE
from adlrisk.domain.position.position import Side

Numbers = Any  # a float or a numpy column of floats

ROUNDING: Final = 1e-13  # a difference smaller than this fraction of its terms is rounding and counts as 0


def sign_of(side: Side) -> float:
    """+1 for a long, −1 for a short."""
    return 1.0 if side == "long" else -1.0


def notional_value(quantity: Numbers, price: Numbers, *, inverse: bool) -> Numbers:
    """Value of ``quantity`` at ``price`` in settlement currency: q·P linear, q/P inverse."""
    return quantity / price if inverse else quantity * price


def price_gain(s: Numbers, entry: Numbers, mark: Numbers) -> Numbers:
    """s·(M − E): the price move in the position's favour, quote currency."""
    return s * (mark - entry) + 0.0  # adding 0.0 turns a short's −0.0 into 0.0


def unrealized_pnl(quantity: Numbers, gain: Numbers, *, entry: Numbers, mark: Numbers, inverse: bool) -> Numbers:
    """q·s·(M − E) linear, q·s·(M − E)/(E·M) inverse, settlement currency."""
    return quantity * gain / (entry * mark) if inverse else quantity * gain


def return_on_entry(gain: Numbers, *, entry: Numbers, mark: float, inverse: bool) -> Numbers:
    """Unrealized PnL over entry notional: s·(M − E)/E linear, s·(M − E)/M inverse."""
    return gain / mark if inverse else gain / entry


def maintenance_requirement(based_on: Numbers, *, rate: Numbers, amount: Numbers) -> Numbers:
    """max(0, value·m − a), settlement currency; 0 if the difference is mere rounding."""
    due = based_on * rate - amount
    return due * (due > ROUNDING * amount) + 0.0


def given_balance(amount: Numbers) -> Numbers:
    """An amount of any sign as it was given; 0 if it is negligible, so that no ratio to it is infinite."""
    return amount * (abs(amount) >= NEGLIGIBLE) + 0.0


def equity_of(margin: Numbers, pnl: Numbers) -> Numbers:
    """Margin plus PnL, settlement currency; 0 if the sum is mere rounding."""
    equity = margin + pnl
    return equity * (abs(equity) > ROUNDING * abs(margin)) + 0.0


def margin_of(equity: Numbers, pnl: Numbers) -> Numbers:
    """Equity less PnL, settlement currency; 0 if the difference is mere rounding."""
    margin = equity - pnl
    return margin * (abs(margin) > ROUNDING * abs(equity)) + 0.0
