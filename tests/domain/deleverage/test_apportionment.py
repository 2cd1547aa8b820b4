"""Apportionment: proportional to within a lot, at most what is held, remaining lots to the largest remainders."""

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from adlrisk.domain.deleverage.apportionment import apportion_by_holding, apportion_by_weight, select_largest


def shares(total: int, weight: list[float], held: list[int]) -> list[int]:
    given = np.array(weight, dtype=np.float64), np.array(held, dtype=np.int64)
    found: list[int] = apportion_by_weight(total, weight=given[0], held=given[1]).tolist()
    return found


@pytest.mark.parametrize(
    ("total", "weight", "held", "expected"),
    [
        (10, [1.0, 4.0], [50, 50], [2, 8]),
        (50, [1.0, 4.0], [100, 30], [20, 30]),  # the second's share would be 40, but it holds 30
        (60, [1.0, 1.0, 8.0], [100, 10, 30], [20, 10, 30]),  # the third fills up first, then the second
        (60, [8.0, 1.0, 1.0], [30, 10, 100], [30, 10, 20]),
        (7, [0.0, 1.0, 1.0], [9, 9, 9], [0, 4, 3]),  # equal remainders: the first
        (7, [0.0, 1.0, 1.0], [9, 8, 9], [0, 3, 4]),  # the larger comes before that
        (99, [2.0, 0.0, 1.0], [5, 5, 5], [5, 0, 5]),  # lots beyond the holdings with a weight are not allocated
        (10, [2.0, 0.0, 1.0], [5, 5, 5], [5, 0, 5]),
        (9, [2.0, 0.0, 1.0], [5, 5, 5], [5, 0, 4]),
        (3, [0.0, 0.0], [5, 5], [0, 0]),
    ],
)
def test_shares_match_manual_results(total: int, weight: list[float], held: list[int], expected: list[int]) -> None:
    """In proportion to the weights; the excess of full accounts goes to the others."""
    assert shares(total, weight, held) == expected


@pytest.mark.parametrize(
    ("total", "weight", "held", "expected"),
    [
        (24, [1.4, 1.0], [14, 23], [14, 10]),  # 10 to a weight of 1
        (15, [1.6, 0.8], [14, 5], [10, 5]),  # 6.25
        (9, [0.4, 0.2], [6, 37], [6, 3]),  # 15
        (116, [1.9, 0.7, 1.9, 0.9], [29, 21, 39, 38], [29, 21, 39, 27]),  # 30
        (90, [0.2, 0.6, 1.2, 0.7], [19, 33, 37, 9], [11, 33, 37, 9]),  # 55
    ],
)
def test_a_share_of_exactly_the_holding_closes_it(
    total: int, weight: list[float], held: list[int], expected: list[int]
) -> None:
    """A share equal to the holding, which sums of tenths miss in their last bits, closes all of it."""
    assert shares(total, weight, held) == expected


@pytest.mark.parametrize(
    ("count", "each", "over", "weight"),
    [
        (48, 270_319_234_466_825, 47, 287 / 3),
        (64, 258_491_268_522_347, 63, 79.9),
        (64, 104_283_384_499_037, 63, 277 / 7),
    ],
)
def test_quotas_that_round_up_give_no_extra_lots(count: int, each: int, over: int, weight: float) -> None:
    """Of count · each + over lots, alike for all, ``over`` accounts get one more than the others, however quotas round.

    With one lot less than would be one more for everybody, each quota in doubles is that one more.
    """
    found = shares(count * each + over, [weight] * count, [2**48] * count)
    assert sorted(found) == [each] * (count - over) + [each + 1] * over


_ACCOUNTS = st.lists(st.tuples(*[st.integers(min_value=1, max_value=59)] * 2), min_size=2, max_size=8)


@st.composite
def _weighted_cases(draw: st.DrawFn) -> tuple[int, list[float], list[int]]:
    """Lots to share among two to eight accounts, their weights, and the lots that they hold."""
    accounts = draw(_ACCOUNTS)
    weight, held = [float(weight) for weight, _ in accounts], [lots for _, lots in accounts]
    return draw(st.integers(min_value=1, max_value=sum(held) - 1)), weight, held


@settings(max_examples=300)
@given(case=_weighted_cases())
def test_one_level_explains_every_share(case: tuple[int, list[float], list[int]]) -> None:
    """One number of lots per weight explains every share to within a lot, but for accounts that are full before it."""
    total, weight, held = case
    found = shares(total, weight, held)
    assert sum(found) == total
    assert all(0 <= share <= most for share, most in zip(found, held, strict=True))
    parts = list(zip(found, held, map(Fraction, weight), strict=True))
    at_least = max((share - 1) / w for share, _, w in parts)
    at_most = min((share + 1) / w for share, most, w in parts if share < most)
    assert at_least < at_most


@pytest.mark.parametrize(
    ("total", "held", "expected"),
    [
        (5, [5, 5], [3, 2]),
        (5, [5, 6], [2, 3]),
        (10, [5, 5], [5, 5]),
        (11, [5, 5], [5, 5]),
        (9, [5, 5], [5, 4]),
        (6, [4, 8], [2, 4]),
        (1, [1, 2, 4], [0, 0, 1]),
    ],
)
def test_shares_by_holding_match_manual_results(total: int, held: list[int], expected: list[int]) -> None:
    """The same with the holding as the weight."""
    assert apportion_by_holding(total, held=np.array(held, dtype=np.int64)).tolist() == expected


def test_shares_do_not_change_the_input() -> None:
    """The result is a new array, even if every account gives all."""
    held = np.array([5, 5], dtype=np.int64)
    apportion_by_holding(10, held=held)[0] = 0
    assert held.tolist() == [5, 5]


@pytest.mark.parametrize(
    ("count", "chosen"), [(0, []), (1, [3]), (2, [1, 3]), (3, [1, 2, 3]), (4, [0, 1, 2, 3]), (9, [0, 1, 2, 3])]
)
def test_select_largest_orders_by_key_size_and_position(count: int, chosen: list[int]) -> None:
    """By key, then by size, then as listed."""
    key, size = np.array([1.0, 2.0, 2.0, 5.0]), np.array([9, 7, 7, 1], dtype=np.int64)
    assert sorted(select_largest(key, size, count=count).tolist()) == chosen


def test_ties_select_the_larger_then_the_first_listed() -> None:
    """A thousand equal keys with sizes 0, 1, 2, 0, 1, 2, …: thirty are the first thirty of size 2, as listed."""
    size = np.arange(1000, dtype=np.int64) % 3
    assert select_largest(np.ones(1000), size, count=30).tolist() == list(range(2, 92, 3))
