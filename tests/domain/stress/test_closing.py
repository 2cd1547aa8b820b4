"""The walk of due accounts through an order book: prefix sums and skips give what a plain loop gives."""

from typing import Any, Final

import numpy as np
import pytest

from adlrisk.domain.stress.chain import closing
from adlrisk.domain.stress.chain.closing import close_due
from adlrisk.domain.stress.chain.marked import Due
from adlrisk.domain.stress.chain.order_book import Side

_UNIT: Final = 0.5


def plain_walk(due: Due, book: tuple[Side, Side], *, available: float) -> tuple[list[int], list[int], float]:
    """Closed and unpaid lots of each account, and what the fund has left: account by account, level by level."""
    left_of_level = [np.diff(side.ends, prepend=0).tolist() for side in book]
    closed, unpaid = [], []
    for is_long, lots, bankruptcy in zip(due.is_long.tolist(), due.lots.tolist(), due.bankruptcy.tolist(), strict=True):
        side, sign = (0, 1.0) if is_long else (1, -1.0)
        done, stopped = 0, False
        for level, value in enumerate(book[side].values.tolist()):
            take = min(left_of_level[side][level], lots - done)
            cost = sign * _UNIT * (bankruptcy - value)
            can_pay = max(available, 0.0) // cost if cost > 0.0 else take
            stopped = take > can_pay
            take = int(min(take, can_pay))
            available -= take * cost
            left_of_level[side][level] -= take
            done += take
            if stopped:
                break
        closed.append(done)
        unpaid.append(lots - done if stopped else 0)
    return closed, unpaid, available


def drawn(seed: int) -> tuple[Due, tuple[Side, Side], float]:
    """Accounts on both sides whose bankruptcy prices lie before and beyond the levels, in whole numbers of money."""
    random = np.random.default_rng(seed)
    count, levels = int(random.integers(1, 400)), int(random.integers(1, 12))
    is_long = random.random(count) < random.choice([0.0, 0.5, 1.0])
    due = Due(
        indices=np.arange(count),
        is_long=is_long,
        lots=random.integers(1, 30, count),
        bankruptcy=random.integers(92, 109, count).astype(np.float64),
    )
    sides = []
    for direction in (-1.0, 1.0):
        prices = 100.0 + direction * np.arange(1.0, levels + 1.0)
        ends = np.cumsum(random.integers(0, int(random.choice([5, 60, 900])), levels))
        sides.append(Side(prices=prices, values=prices, ends=ends))
    return due, (sides[0], sides[1]), float(random.integers(-30, 400))


@pytest.mark.parametrize("few", [0, 2, 10_000])
@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_the_walk_equals_a_plain_loop(monkeypatch: pytest.MonkeyPatch, few: int, chunk: int) -> None:
    """Whatever share goes by prefix sums, each account closes the same lots and the fund has the same left."""
    monkeypatch.setattr(closing, "_FEW", few)
    monkeypatch.setattr(closing, "_FIRST_CHUNK", chunk)
    monkeypatch.setattr(closing, "_ONE_BY_ONE", 2 * chunk)
    paid_for_all = unpaid_some = without_level = 0
    for seed in range(60):
        due, book, available = drawn(seed)
        found = close_due(due, book, used=(0, 0), available=available, unit=_UNIT)
        closed, unpaid, left = plain_walk(due, book, available=available)
        assert found.closed.tolist() == closed
        assert found.left_fund.tolist() == unpaid
        assert found.closed + found.left_fund + found.left_depth == pytest.approx(due.lots)
        assert available - found.paid + found.received == pytest.approx(left, abs=1e-9)
        paid_for_all += not any(unpaid)
        unpaid_some += any(unpaid)
        without_level += bool(found.left_depth.any())
    assert min(paid_for_all, unpaid_some, without_level) > 0


def test_used_levels_stay_used() -> None:
    """A second walk begins where the first has ended."""
    due, book, _ = drawn(5)
    first = close_due(due, book, used=(0, 0), available=1e9, unit=_UNIT)
    again: Any = close_due(due, book, used=first.used, available=1e9, unit=_UNIT)
    capacity = sum(int(side.ends[-1]) for side in book)
    wanted = 2 * int(due.lots.sum())
    per_side = [
        min(int(side.ends[-1]), 2 * int(due.lots[due.is_long == is_long].sum()))
        for side, is_long in zip(book, (True, False), strict=True)
    ]
    assert int(first.closed.sum()) + int(again.closed.sum()) == sum(per_side) <= min(capacity, wanted)
