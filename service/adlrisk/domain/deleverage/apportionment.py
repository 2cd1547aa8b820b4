"""Whole lots in proportion to weights, by largest remainder: every lot is given to somebody, none twice.

Shares are rounded down, and the lots left over go one each to the largest remainders; of equal remainders to the
larger holder, then to the one listed first. There is no loop over accounts.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adlrisk.domain.queue.book import Floats

    Lots = NDArray[np.int64]
    Places = NDArray[np.intp]


def share_out(total: int, *, held: "Lots") -> "Lots":
    """``total`` lots in proportion to ``held``, which is each one's weight and most at once; exact in integers.

    Each of ``held`` is at most 2^48, their sum below 2^62. What all of them cannot take is not given out.
    """
    whole = int(held.sum())
    if total >= whole:
        return np.array(held)
    # The quotient in doubles is at most one off. So total·held − quotient·whole is smaller than 2^63 in size, and
    # right in 64 bits although its terms, of up to 110 bits, overflow them.
    shares: Lots = np.floor(held * (float(total) / float(whole))).astype(np.int64)
    remainder = held * np.int64(total) - shares * np.int64(whole)
    below, above = remainder < 0, remainder >= whole
    shares += above.astype(np.int64) - below
    remainder += np.int64(whole) * (below.astype(np.int64) - above)
    shares[first_by(remainder, held, count=total - int(shares.sum()))] += 1
    return shares


def share_by_weight(total: int, *, weight: "Floats", held: "Lots") -> "Lots":
    """``total`` lots in proportion to ``weight``, nobody more than is ``held``; a weight of 0 takes nothing.

    Who reaches what is held leaves the rest to the others. In doubles, so right to a lot; the sum is exact. What all
    that have a weight cannot take is not given out.
    """
    taken = np.zeros(len(held), dtype=np.int64)
    weighed = np.flatnonzero(weight > 0.0)
    weight, held = weight[weighed], held[weighed]
    if int(held.sum()) <= total:
        taken[weighed] = held
        return taken
    full = _filled(total, weight=weight, held=held)
    left = total - int(held[full].sum())
    open_ = ~full
    shares = held.copy()
    shares[open_] = _rounded(left, weight=weight[open_], held=held[open_])
    taken[weighed] = shares
    return taken


def first_by(key: "NDArray[np.number]", size: "Lots", *, count: int) -> "Places":
    """The places of the ``count`` largest keys; of equal keys the larger size, then the first listed."""
    if count >= len(key):
        return np.arange(len(key))
    if count == 0:
        return np.arange(0)
    least = np.partition(key, len(key) - count)[len(key) - count]
    chosen = np.flatnonzero(key > least)
    tied = np.flatnonzero(key == least)
    tied = tied[np.argsort(-size[tied], kind="stable")]
    return np.concatenate((chosen, tied[: count - len(chosen)]))


def _filled(total: int, *, weight: "Floats", held: "Lots") -> "NDArray[np.bool_]":
    """Who takes all that is held, when more is held than ``total``."""
    order = np.argsort(held / weight)  # who is full first
    weight_left = np.cumsum(weight[order][::-1])[::-1]
    lots_left = total - (np.cumsum(held[order]) - held[order])
    fills = weight[order] * lots_left >= held[order] * weight_left
    full = np.zeros(len(held), dtype=np.bool_)
    full[order[: int(np.argmin(fills))]] = True
    while True:  # sums that differ in rounding can leave one or two on the edge
        quota = _quota(total - int(held[full].sum()), weight=weight, full=full)
        more = ~full & (quota >= held)
        if not more.any() or int(held[full | more].sum()) > total:
            return full
        full |= more


def _quota(left: int, *, weight: "Floats", full: "NDArray[np.bool_]") -> "Floats":
    weights = float(weight[~full].sum())
    return weight * (left / weights)


def _rounded(total: int, *, weight: "Floats", held: "Lots") -> "Lots":
    """``total`` lots by ``weight`` where nobody reaches what is held, rounded to whole lots that add up."""
    quota = weight * (total / float(weight.sum()))
    lots = np.minimum(np.floor(quota).astype(np.int64), held)
    remainder = quota - lots
    rest = total - int(lots.sum())
    while rest > 0:  # once, but that the quotas of very many lots add up to less by rounding
        room = np.flatnonzero(lots < held)
        chosen = room[first_by(remainder[room], held[room], count=rest)]
        lots[chosen] += 1
        rest -= len(chosen)
    while rest < 0:  # or to more
        some = np.flatnonzero(lots > 0)
        chosen = some[first_by(-remainder[some], held[some], count=-rest)]
        lots[chosen] -= 1
        rest += len(chosen)
    return lots
