"""The policy min_max_leverage: manual results, its defining law, and levels that doubles cannot distinguish."""

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from adlrisk.domain.deleverage.min_max_leverage import close_to_common_leverage, leverage_after_close


def closed(total: int, held: list[int], equity: list[float], *, value: float = 1.0, loss: float = 0.0) -> list[int]:
    found: list[int] = close_to_common_leverage(
        total,
        held=np.array(held, dtype=np.int64),
        equity=np.array(equity, dtype=np.float64),
        lot_value=value,
        lot_loss=loss,
    ).tolist()
    return found


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        # At leverage l of an equity of e there are l·e lots left: 10× and 8× become 6×.
        (650_000, [400_000, 250_000]),
        (200_000, [200_000, 0]),  # 8×, the level of the second
        (200_001, [200_001, 0]),  # both at 8× and of equal size: the first
        (100_000, [100_000, 0]),
        (1_999_999, [1_000_000, 999_999]),  # the remaining lot adds least leverage on the larger equity
        (2_000_000, [1_000_000, 1_000_000]),
        (2_000_001, [1_000_000, 1_000_000]),
    ],
)
def test_common_leverage_matches_manual_results(total: int, expected: list[int]) -> None:
    """A million lots each, at 10× and at 8×, closed without loss."""
    assert closed(total, [1_000_000, 1_000_000], [100_000.0, 125_000.0]) == expected


def test_leverage_after_the_close_includes_the_loss() -> None:
    """100 lots of 10 each with equity 200, half a unit lost per lot: 60 closed leave 400 on 170."""
    held, equity = np.array([100], dtype=np.int64), np.array([200.0])
    left = leverage_after_close(held, np.array([60], dtype=np.int64), equity=equity, lot_value=10.0, lot_loss=0.5)
    assert left.tolist() == [400.0 / 170.0]


_FEW_LOTS = st.lists(st.integers(min_value=1, max_value=39), min_size=2, max_size=6)
_MANY_LOTS = st.lists(st.integers(min_value=1, max_value=4999), min_size=2, max_size=6)
_SIXTEENTHS = st.integers(min_value=-3, max_value=3).map(lambda parts: parts / 16.0)
_EIGHTHS = st.integers(min_value=1, max_value=199).map(lambda parts: parts / 8.0)


@st.composite
def _cases(draw: st.DrawFn) -> tuple[int, list[int], list[float], float]:
    """Lots to close of two to six accounts, their holdings, their equity, and the loss per lot.

    Half of them hold so little that levels tie. Equity outlasts a close of all that is held.
    """
    held = draw(_FEW_LOTS | _MANY_LOTS)
    loss = draw(_SIXTEENTHS)
    equity = [lots * max(loss, 0.0) + draw(_EIGHTHS) for lots in held]
    return draw(st.integers(min_value=1, max_value=sum(held) - 1)), held, equity, loss


@settings(max_examples=300)
@given(case=_cases())
def test_no_account_is_closed_while_another_is_more_levered(case: tuple[int, list[int], list[float], float]) -> None:
    """With its last closed lot given back, each closed account is at least as levered as every other."""
    total, held, equity, loss = case
    found = closed(total, held, equity, value=2.0, loss=loss)
    assert sum(found) == total
    assert all(0 <= lots <= most for lots, most in zip(found, held, strict=True))

    def leverage(place: int, lots: int) -> Fraction:
        return Fraction(held[place] - lots) * 2 / (Fraction(equity[place]) - Fraction(loss) * lots)

    top = max(leverage(place, lots) for place, lots in enumerate(found))
    for place, lots in enumerate(found):
        assert lots == 0 or leverage(place, lots - 1) >= top


@pytest.mark.parametrize(("thin", "lots"), [(1e-6, 2**40), (1e-6, 2**47), (1e-9, 2**40)])
def test_indistinguishable_levels_are_closed_in_proportion(thin: float, lots: int) -> None:
    """If the fill leaves next to no equity, a level's last bit is many lots: they are apportioned by what is undecided.

    Two accounts of one leverage, the second half as large, are closed two to one, to a few lots of a trillion; a third
    of far lower leverage is left alone; and all that is asked for is closed.
    """
    held = [lots, lots // 2, 2**20]
    equity = [0.1 * lots * (1.0 + thin), 0.05 * lots * (1.0 + thin), 2.0**30]
    total = lots + 1
    first, second, third = closed(total, held, equity, loss=0.1)
    assert first + second + third == total
    assert third == 0
    assert abs(first - 2 * second) <= 4
