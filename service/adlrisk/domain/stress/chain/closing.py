"""Closing of the due accounts into the order book, as far as levels are there and the insurance fund pays.

The walk in order goes by prefix sums to the first lot that the fund cannot pay for, skips to the next account that it
can close anything of, and repeats; where that happens every few accounts, it goes account by account.
"""

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from adlrisk.domain.deleverage.lots import round_down
from adlrisk.domain.position.arithmetic import Numbers
from adlrisk.domain.stress.chain.marked import Due
from adlrisk.domain.stress.chain.order_book import Side

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.apportionment import Lots
    from adlrisk.domain.queue.book import Floats

_PAYABLE: Final = 1.0 + 1e-12  # a cost that exceeds what is available by rounding can be paid
_SAME_PRICE: Final = 1e-13  # relative difference of a bankruptcy price and a level's that is mere rounding
_FIRST_CHUNK: Final = 64
_MORE: Final = 4
_FEW: Final = 32  # accounts between two that the fund cannot pay for, below which prefix sums do not pay
_ONE_BY_ONE: Final = 512


class Closing(Struct, frozen=True, kw_only=True, gc=False):
    """What came of the due accounts, one row each in their order, and of the fund; lots, and settlement currency."""

    closed: "Lots"
    left_fund: "Lots"  # left over because the fund could not pay
    left_depth: "Lots"  # left over because no level was left
    used: tuple[int, int]  # lots of bids and of asks that are used up
    paid: float
    received: float
    closed_value: float  # sum of lots times the value of their level's price


def close_due(due: Due, book: tuple[Side, Side], *, used: tuple[int, int], available: float, unit: float) -> Closing:
    """Walk the due accounts through the ``book`` (bids, asks) of which so many lots are ``used``.

    ``available`` is what the fund has above its floor, below 0 if it is under it; ``unit`` times lots is a quantity.
    """
    walk = _Walk(due, book, used=used, available=available, unit=unit)
    place, chunk = 0, max(len(due.lots), 1)
    while place < len(due.lots):
        stop = min(place + chunk, len(due.lots))
        reached = walk.advance(place, stop)
        if reached == stop:
            place, chunk = stop, chunk * _MORE
            continue
        if reached - place < _FEW:
            reached = walk.advance_one_by_one(reached, min(reached + _ONE_BY_ONE, len(due.lots)))
        place, chunk = walk.skip(reached), _FIRST_CHUNK
    return walk.result()


class _Walk:
    """The state of a walk: what is used up of the levels, what the fund has left, what came of each account."""

    def __init__(
        self, due: Due, book: tuple[Side, Side], *, used: tuple[int, int], available: float, unit: float
    ) -> None:
        self._lots = due.lots
        self._side = np.where(due.is_long, 0, 1)
        self._bankruptcy = due.bankruptcy
        self._ends = (book[0].ends, book[1].ends)
        self._values = (book[0].values, book[1].values)
        self._used = list(used)
        self._available = available
        self._unit = unit
        self._closed = np.zeros_like(due.lots)
        self._left_fund = np.zeros_like(due.lots)
        self._paid = self._received = self._closed_value = 0.0

    def result(self) -> Closing:
        """What came of all accounts: for what is neither closed nor unpaid for, no level was there."""
        return Closing(
            closed=self._closed,
            left_fund=self._left_fund,
            left_depth=self._lots - self._closed - self._left_fund,
            used=(self._used[0], self._used[1]),
            paid=self._paid,
            received=self._received,
            closed_value=self._closed_value,
        )

    def advance(self, first: int, stop: int) -> int:
        """Close the accounts from ``first`` on, up to the first of which the fund cannot pay for a lot, that included.

        The next to deal with; ``stop`` if the fund pays for all before it.
        """
        account, side, level, lots, costs = self._segments(first, stop)
        totals = lots * costs
        before = self._available - (np.cumsum(totals) - totals)
        payable = (costs <= 0.0) | (totals <= before * _PAYABLE)
        paid_for = len(payable) if payable.all() else int(np.argmin(payable))
        self._book_segments(account[:paid_for], side[:paid_for], level[:paid_for], lots[:paid_for], costs[:paid_for])
        if paid_for == len(payable):
            return stop
        at, at_side = int(account[paid_for]), int(side[paid_for])
        value, cost = float(self._values[at_side][level[paid_for]]), float(costs[paid_for])
        self._close_some(at, side=at_side, value=value, most=int(lots[paid_for]), cost=cost)
        self._left_fund[at] = self._lots[at] - self._closed[at]
        return at + 1

    def advance_one_by_one(self, first: int, stop: int) -> int:
        """Close the accounts from ``first`` to before ``stop`` without prefix sums; ``stop``."""
        sides, every_lot = self._side[first:stop].tolist(), self._lots[first:stop].tolist()
        for place, side, lots, bankruptcy in zip(
            range(first, stop), sides, every_lot, self._bankruptcy[first:stop].tolist(), strict=True
        ):
            self._close_account(place, side=side, lots=lots, bankruptcy=bankruptcy)
        return stop

    def skip(self, first: int) -> int:
        """The next account from ``first`` on of which a lot is closed; those before it are left over."""
        sign_units = (self._unit, -self._unit)
        level_values = [self._next_value(side) for side in (0, 1)]
        place, chunk = first, _FIRST_CHUNK
        while place < len(self._lots):
            stop = min(place + chunk, len(self._lots))
            side, bankruptcy = self._side[place:stop], self._bankruptcy[place:stop]
            has_level = np.array([value is not None for value in level_values])[side]
            values = np.array([value or 0.0 for value in level_values])[side]
            costs = np.array(sign_units)[side] * _beyond(bankruptcy, values)
            closes = has_level & (costs <= max(self._available, 0.0) * _PAYABLE)
            count = int(np.argmax(closes)) if closes.any() else stop - place
            skipped = slice(place, place + count)
            self._left_fund[skipped] = np.where(has_level[:count], self._lots[skipped], 0)
            place, chunk = place + count, chunk * _MORE
            if place < stop:
                break
        return place

    def _next_value(self, side: int) -> float | None:
        """The value of the nearest level's price that is not used up; ``None`` if there is none."""
        level = int(np.searchsorted(self._ends[side], self._used[side], side="right"))
        return float(self._values[side][level]) if level < len(self._ends[side]) else None

    def _segments(self, first: int, stop: int) -> tuple["Lots", "Lots", "Lots", "Lots", "Floats"]:
        """The accounts cut at the levels' ends: account, side, level, lots and cost of a lot of each piece, in order.

        What no level is there for is left out.
        """
        parts = [
            self._segments_of_side(side, first + np.flatnonzero(self._side[first:stop] == side)) for side in (0, 1)
        ]
        if not len(parts[1][0]):
            return parts[0]
        if not len(parts[0][0]):
            return parts[1]
        merged = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
        order = np.argsort(merged[0], kind="stable")
        account, side, level, lots, costs = (column[order] for column in merged)
        return account, side, level, lots, costs

    def _segments_of_side(self, side: int, accounts: "Lots") -> tuple["Lots", "Lots", "Lots", "Lots", "Floats"]:
        used, ends = self._used[side], self._ends[side]
        account_ends = used + np.cumsum(self._lots[accounts])
        last = int(account_ends[-1]) if len(accounts) else used
        inner = ends[np.searchsorted(ends, used, side="right") : np.searchsorted(ends, last, side="left")]
        cuts = np.sort(np.concatenate((account_ends, inner)))
        starts = np.concatenate(([used], cuts[:-1])) if len(cuts) else cuts
        there = (cuts > starts) & (starts < (int(ends[-1]) if len(ends) else 0))
        cuts, starts = cuts[there], starts[there]
        account = accounts[np.searchsorted(account_ends, cuts, side="left")] if len(cuts) else accounts[:0]
        level = np.searchsorted(ends, starts, side="right")
        unit = self._unit if side == 0 else -self._unit
        costs = unit * _beyond(self._bankruptcy[account], self._values[side][level])
        return account, np.full(len(cuts), side), level, cuts - starts, costs

    def _book_segments(self, account: "Lots", side: "Lots", level: "Lots", lots: "Lots", costs: "Floats") -> None:
        if not len(account):
            return
        totals = lots * costs
        self._paid += float(totals[costs > 0.0].sum())
        self._received -= float(totals[costs < 0.0].sum())
        self._available -= float(totals.sum())
        first, last = int(account[0]), int(account[-1])
        ends = np.cumsum(lots)
        at = np.searchsorted(account, np.arange(first, last + 2), side="left")
        running = np.concatenate(([0], ends))
        self._closed[first : last + 1] += running[at[1:]] - running[at[:-1]]
        for each in (0, 1):
            chosen = side == each
            self._used[each] += int(lots[chosen].sum())
            self._closed_value += float((lots[chosen] * self._values[each][level[chosen]]).sum())

    def _close_account(self, account: int, *, side: int, lots: int, bankruptcy: float) -> None:
        """Close an account level by level, as far as it goes."""
        unit, (ends, values) = (self._unit if side == 0 else -self._unit), self._levels[side]
        left = lots
        while left:
            level = bisect_right(ends, self._used[side])
            if level == len(ends):
                return
            most = min(left, ends[level] - self._used[side])
            cost: float = unit * _beyond(bankruptcy, values[level])
            if (
                cost > 0.0 and cost > self._available * _PAYABLE
            ):  # not even a lot: the usual case once the fund is empty
                self._left_fund[account] = left
                return
            closed = self._close_some(account, side=side, value=values[level], most=most, cost=cost)
            left -= closed
            if closed < most:
                self._left_fund[account] = left
                return

    @cached_property
    def _levels(self) -> tuple[tuple[list[int], list[float]], ...]:
        """Ends and values of the levels of both sides as lists, which are faster to look up one by one."""
        return tuple((ends.tolist(), values.tolist()) for ends, values in zip(self._ends, self._values, strict=True))

    def _close_some(self, account: int, *, side: int, value: float, most: int, cost: float) -> int:
        """Close at most so many lots of an account at one level, those that can be paid for; how many."""
        lots = most
        if cost > 0.0 and most * cost > self._available * _PAYABLE:
            lots = min(most, round_down(max(self._available, 0.0) / cost))
        total = lots * cost
        if cost > 0.0:
            self._paid += total
        else:
            self._received -= total
        self._available -= total
        self._closed[account] += lots
        self._used[side] += lots
        self._closed_value += lots * value
        return lots


def _beyond(bankruptcy: Numbers, value: Numbers) -> Numbers:
    """By how much the value of a bankruptcy price exceeds that of a level's price; 0 if it is mere rounding."""
    difference = bankruptcy - value
    return difference * (abs(difference) > _SAME_PRICE * abs(value))
