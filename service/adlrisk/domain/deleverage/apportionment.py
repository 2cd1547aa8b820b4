"""Apportionment of whole lots in proportion to weights, by the largest-remainder method.

Shares are rounded down, and the remaining lots go one each to the largest remainders; ties go to the larger holder,
then to the one listed first. There is no loop over accounts.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adlrisk.domain.queue.book import Floats

    Lots = NDArray[np.int64]
    Indices = NDArray[np.intp]


def apportion_by_holding(total: int, *, held: "Lots") -> "Lots":
    """``total`` lots in proportion to ``held``, which is both weight and maximum of each; exact in integers.

    Each of ``held`` is at most 2^48, their sum below 2^62. Lots beyond that sum are not allocated.
    """
    whole = int(held.sum())
    if total >= whole:
        return np.array(held)
    # The quotient in doubles is off by at most one, so |total·held − quotient·whole| is below 2^63 and correct in
    # 64 bits although its terms, of up to 110 bits, overflow.
    shares: Lots = np.floor(held * (float(total) / float(whole))).astype(np.int64)
    remainder = held * np.int64(total) - shares * np.int64(whole)
    below, above = remainder < 0, remainder >= whole
    shares += above.astype(np.int64) - below
    remainder += np.int64(whole) * (below.astype(np.int64) - above)
    shares[select_largest(remainder, held, count=total - int(shares.sum()))] += 1
    return shares


def apportion_by_weight(total: int, *, weight: "Floats", held: "Lots") -> "Lots":
    """``total`` lots in proportion to ``weight``, for each at most what is ``held``; a weight of 0 gets none.

    The excess of those that reach their maximum goes to the others. Computed in doubles, so shares are correct to one
    lot and their sum is exact. Lots that those with a weight cannot take are not allocated.
    """
    taken = np.zeros(len(held), dtype=np.int64)
    weighed = np.flatnonzero(weight > 0.0)
    weight, held = weight[weighed], held[weighed]
    if int(held.sum()) <= total:
        taken[weighed] = held
        return taken
    full = _find_full(total, weight=weight, held=held)
    left = total - int(held[full].sum())
    open_ = ~full
    shares = held.copy()
    shares[open_] = _round_quotas(left, weight=weight[open_], held=held[open_])
    taken[weighed] = shares
    return taken


def select_largest(key: "NDArray[np.number]", size: "Lots", *, count: int) -> "Indices":
    """The indices of the ``count`` largest keys; ties go to the larger size, then to the first listed."""
    if count >= len(key):
        return np.arange(len(key))
    if count == 0:
        return np.arange(0)
    least = np.partition(key, len(key) - count)[len(key) - count]
    chosen = np.flatnonzero(key > least)
    tied = np.flatnonzero(key == least)
    tied = tied[np.argsort(-size[tied], kind="stable")]
    return np.concatenate((chosen, tied[: count - len(chosen)]))


def _find_full(total: int, *, weight: "Floats", held: "Lots") -> "NDArray[np.bool_]":
    """Which accounts are closed in full; more than ``total`` is held."""
    order = np.argsort(held / weight)  # those that fill up first come first
    weight_left = np.cumsum(weight[order][::-1])[::-1]
    lots_left = total - (np.cumsum(held[order]) - held[order])
    fills = weight[order] * lots_left >= held[order] * weight_left
    full = np.zeros(len(held), dtype=np.bool_)
    full[order[: int(np.argmin(fills))]] = True
    while True:  # rounding of the sums can leave one or two undecided
        quota = _quotas(total - int(held[full].sum()), weight=weight, full=full)
        more = ~full & (quota >= held)
        if not more.any() or int(held[full | more].sum()) > total:
            return full
        full |= more


def _quotas(left: int, *, weight: "Floats", full: "NDArray[np.bool_]") -> "Floats":
    weights = float(weight[~full].sum())
    return weight * (left / weights)


def _round_quotas(total: int, *, weight: "Floats", held: "Lots") -> "Lots":
    """``total`` lots by ``weight`` if none reaches its maximum, rounded to whole lots that add up to ``total``."""
    quota = weight * (total / float(weight.sum()))
    lots = np.minimum(np.floor(quota).astype(np.int64), held)
    remainder = quota - lots
    rest = total - int(lots.sum())
    while rest > 0:  # at most once, unless rounding makes the quotas of very many lots sum to less
        room = np.flatnonzero(lots < held)
        chosen = room[select_largest(remainder[room], held[room], count=rest)]
        lots[chosen] += 1
        rest -= len(chosen)
    while rest < 0:  # or more
        some = np.flatnonzero(lots > 0)
        chosen = some[select_largest(-remainder[some], held[some], count=-rest)]
        lots[chosen] -= 1
        rest += len(chosen)
    return lots
