"""The policy min_max_leverage: close the most levered accounts down to one common leverage.

For one asset and isolated margin it minimises the expected later shortfall, splitting an account gains nothing, and
two rounds have the same result as one. Source: Campbell, Hey, Moallemi, Nutz, "Risk-Based Auto-Deleveraging"
(arXiv 2603.15963).
"""

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from adlrisk.domain.deleverage.apportionment import apportion_by_holding
from adlrisk.domain.queue.queue import sort_by_priority

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.apportionment import Lots
    from adlrisk.domain.queue.book import Floats

_FIRST_STEP: Final = 1024.0  # factor by which the level falls while there is no lower bound
_HALF: Final = 0.5


def leverage_after_close(
    held: "Lots", closed: "Lots", *, equity: "Floats", lot_value: float, lot_loss: float
) -> "Floats":
    """Leverage after the close, (q − x)·v / (e − g·x): no margin is withdrawn, each closed lot costs ``lot_loss``."""
    leverage: Floats = (held - closed) * lot_value / (equity - lot_loss * closed)
    return leverage


def close_to_common_leverage(
    total: int, *, held: "Lots", equity: "Floats", lot_value: float, lot_loss: float
) -> "Lots":
    """The lots to close, ``total`` in all, that leave the lowest possible maximum leverage.

    Each account must stay solvent when all it holds is closed. Accounts below the common level are not touched.
    Lots beyond what all of them hold are not closed.
    """
    if total >= int(held.sum()):
        return held.copy()
    # Bisection: at the level `high` at most `total` is closed, at `low` more. The lots to close lie between `closed`
    # and `limit`, and only the `undecided` accounts are left to determine.
    low, high = 0.0, float((held * lot_value / equity).max())
    closed, limit = np.zeros_like(held), held.copy()
    undecided = np.arange(len(held))
    rest = total
    while int((limit[undecided] - closed[undecided]).max()) > 1:
        level = _next_level(low, high)
        if not low < level < high:
            break
        needed = (held[undecided] * lot_value - level * equity[undecided]) / (lot_value - level * lot_loss)
        trial = np.clip(np.ceil(needed), closed[undecided], limit[undecided]).astype(np.int64)
        more = int((trial - closed[undecided]).sum())
        if more > rest:
            low, limit[undecided] = level, trial
        else:
            high, closed[undecided] = level, trial
            rest -= more
        undecided = undecided[limit[undecided] > closed[undecided]]
    return _close_rest(rest, closed, limit, held=held, equity=equity, lot_value=lot_value, lot_loss=lot_loss)


def _next_level(low: float, high: float) -> float:
    if low == 0.0:
        return high / _FIRST_STEP
    return math.sqrt(low) * math.sqrt(high) if high > 2.0 * low else low + (high - low) * _HALF


def _close_rest(
    rest: int,
    closed: "Lots",
    limit: "Lots",
    *,
    held: "Lots",
    equity: "Floats",
    lot_value: float,
    lot_loss: float,
) -> "Lots":
    """Close the remaining lots, one each from the most levered; ties go to the larger, then to the first."""
    spare = limit - closed
    undecided = np.flatnonzero(spare)
    if rest > len(undecided):  # adjacent doubles that are more than a lot each apart
        closed = closed + apportion_by_holding(rest, held=spare)
        rest = 0
    leverage = leverage_after_close(held, closed, equity=equity, lot_value=lot_value, lot_loss=lot_loss)
    most_levered = sort_by_priority(undecided, priority=leverage, size=held)
    closed[most_levered[:rest]] += 1
    return closed
