"""Closing from the most levered down to one common level of leverage.

For one asset and isolated margin this minimises the expected later shortfall, nobody gains by splitting an account,
and two rounds come to the same as one. Source: Campbell, Hey, Moallemi, Nutz, "Risk-Based Auto-Deleveraging"
(arXiv 2603.15963).
"""

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from adlrisk.domain.deleverage.apportionment import share_out
from adlrisk.domain.queue.queue import in_order

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.apportionment import Lots
    from adlrisk.domain.queue.book import Floats

_FIRST_STEP: Final = 1024.0  # while nothing is known from below, the level goes down in such steps
_HALF: Final = 0.5


def leverage_left(held: "Lots", closed: "Lots", *, equity: "Floats", lot_value: float, lot_loss: float) -> "Floats":
    """Leverage of what is left, (q − x)·v / (e − g·x): nothing is withdrawn, and each closed lot costs ``lot_loss``."""
    leverage: Floats = (held - closed) * lot_value / (equity - lot_loss * closed)
    return leverage


def close_to_one_level(total: int, *, held: "Lots", equity: "Floats", lot_value: float, lot_loss: float) -> "Lots":
    """``total`` lots closed of ``held``, so that the highest leverage left is the lowest possible.

    Everybody's equity stays above 0 when all that is held is closed. Who is below the common level is left alone.
    What all of them do not hold is not closed.
    """
    if total >= int(held.sum()):
        return held.copy()
    # At the level `high` too little or just enough is closed, at `low` too much. Between them the lots to close are
    # known to lie from `closed` to `limit`, and only for those that are still `open_` is there something to find out.
    low, high = 0.0, float((held * lot_value / equity).max())
    closed, limit = np.zeros_like(held), held.copy()
    open_ = np.arange(len(held))
    rest = total
    while int((limit[open_] - closed[open_]).max()) > 1:
        level = _between(low, high)
        if not low < level < high:
            break
        needed = (held[open_] * lot_value - level * equity[open_]) / (lot_value - level * lot_loss)
        trial = np.clip(np.ceil(needed), closed[open_], limit[open_]).astype(np.int64)
        more = int((trial - closed[open_]).sum())
        if more > rest:
            low, limit[open_] = level, trial
        else:
            high, closed[open_] = level, trial
            rest -= more
        open_ = open_[limit[open_] > closed[open_]]
    return _rest_closed(rest, closed, limit, held=held, equity=equity, lot_value=lot_value, lot_loss=lot_loss)


def _between(low: float, high: float) -> float:
    if low == 0.0:
        return high / _FIRST_STEP
    return math.sqrt(low) * math.sqrt(high) if high > 2.0 * low else low + (high - low) * _HALF


def _rest_closed(
    rest: int,
    closed: "Lots",
    limit: "Lots",
    *,
    held: "Lots",
    equity: "Floats",
    lot_value: float,
    lot_loss: float,
) -> "Lots":
    """The lots that the level leaves open: one each from the most levered, of equals the larger, then the first."""
    spare = limit - closed
    open_ = np.flatnonzero(spare)
    if rest > len(open_):  # two doubles next to each other, and more than a lot each between them
        closed = closed + share_out(rest, held=spare)
        rest = 0
    leverage = leverage_left(held, closed, equity=equity, lot_value=lot_value, lot_loss=lot_loss)
    most_levered = in_order(open_, priority=leverage, size=held)
    closed[most_levered[:rest]] += 1
    return closed
