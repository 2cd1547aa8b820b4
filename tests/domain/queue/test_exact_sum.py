"""Running totals compared with exact sums, over the whole range of sizes."""

import math
from fractions import Fraction
from itertools import accumulate

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from adlrisk.domain.queue.exact_sum import running_total

UNIT = 2.0**-53
AMOUNTS = st.builds(
    lambda digits, exponent: min(1e15, max(1e-12, digits * 10.0**exponent)),
    st.floats(min_value=1.0, max_value=10.0),
    st.integers(min_value=-12, max_value=14),
)


def largest_error(amounts: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
    """The largest relative error of the running totals, in units of 2⁻⁵³; amounts are whole multiples of 2⁻¹⁰⁰."""
    exact = accumulate(int(Fraction(amount) * 2**100) for amount in amounts.tolist())
    pairs = zip(running_total(amounts).tolist(), exact, strict=True)
    return max(abs(Fraction(total) * 2**100 - sum_) / sum_ for total, sum_ in pairs) / UNIT


@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=50))
def test_running_totals_are_correct_to_one_rounding(amounts: list[float]) -> None:
    """Each total is within 2⁻⁵³ of the exact sum, and the last is the exact sum rounded, or a neighbour."""
    assert largest_error(np.array(amounts)) <= 1.0 + 1e-9
    assert running_total(np.array(amounts))[-1] == pytest.approx(math.fsum(amounts), rel=2.0 * UNIT)


@pytest.mark.parametrize("order", ["mixed", "large first", "small first"])
def test_no_size_is_lost_in_a_large_book(order: str) -> None:
    """30,000 sizes from 1e-6 to 1e15 add up to within one rounding in any order; plain sums miss by more."""
    drawn = 10.0 ** np.random.default_rng(5).uniform(-6.0, 15.0, 30_000)
    sizes = {"mixed": drawn, "large first": np.sort(drawn)[::-1].copy(), "small first": np.sort(drawn)}[order]
    assert largest_error(sizes) <= 1.0 + 1e-6
    assert np.all(np.diff(running_total(sizes)) >= 0.0)
    assert running_total(sizes)[-1] == math.fsum(drawn.tolist())


def test_a_million_tenths_are_a_hundred_thousand() -> None:
    """A plain sum of 0.1 is 100,000.00000133288 here."""
    tenths = np.full(1_000_000, 0.1)
    assert running_total(tenths)[-1] == 100_000.0
    assert np.cumsum(tenths)[-1] != 100_000.0


def test_an_empty_column_has_no_totals() -> None:
    """No amounts, no totals."""
    assert running_total(np.array([])).tolist() == []
