"""Conversion of sizes to lots and back, without loss."""

from decimal import Decimal
from fractions import Fraction

import hypothesis.strategies as st
import pytest
from hypothesis import given

from adlrisk.domain.deleverage.lots import MAX_LOTS, count_lots, round_down, size_of_lots
from adlrisk.domain.position.errors import RefusedError

DECIMAL_LOTS = (1.0, 0.1, 0.01, 0.001, 1e-5, 1e-8, 0.5, 0.25, 5.0, 1000.0)


@pytest.mark.parametrize(
    ("size", "lot_size", "lots"),
    [
        (0.1 + 0.2, 0.1, 3),
        (0.3, 0.1, 3),
        (1.1, 0.1, 11),
        (123456.789, 0.001, 123456789),
        (1e-8, 1e-8, 1),
        (21_000_000.0, 1e-7, 210_000_000_000_000),
        (float(MAX_LOTS), 1.0, MAX_LOTS),
        (7.5, 2.5, 3),
        (3.0000001, 1.0, 3),
    ],
)
def test_rounding_does_not_change_the_number_of_lots(size: float, lot_size: float, lots: int) -> None:
    """Doubles that miss a multiple only by rounding count as that multiple."""
    assert count_lots(size, lot_size, path=("size",)) == lots


@pytest.mark.parametrize(
    ("size", "lot_size", "why"),
    [
        (0.15, 0.1, "1.5 lots"),
        (3.00001, 1.0, "3.00001 lots"),
        (1e-12, 1.0, "1e-12 lots"),
        (0.4, 1.0, "0.4 lots"),
        (float(MAX_LOTS) + 1.0, 1.0, r"more than 2\^48"),
        (1e15, 1e-12, r"more than 2\^48"),
    ],
)
def test_a_size_that_is_not_whole_lots_is_refused(size: float, lot_size: float, why: str) -> None:
    """The refusal locates the size and says how many lots it would be."""
    with pytest.raises(RefusedError, match=why) as refused:
        count_lots(size, lot_size, path=("bankrupt", "size"))
    assert refused.value.problem == "not-a-lot-multiple"
    assert refused.value.path == ("bankrupt", "size")


@pytest.mark.parametrize(
    ("lots", "last_bits", "whole"),
    # Beyond 2^30 lots the tolerance is lots · 2^-50, four last bits of a double at the powers of two.
    [(2**31, 3, True), (2**31, 5, False), (2**40, 3, True), (2**40, 5, False), (2**47, 3, True), (2**47, 5, False)],
)
def test_the_tolerance_grows_with_the_number_of_lots(lots: int, last_bits: int, whole: bool) -> None:
    """Where doubles are coarser than a millionth of a lot, the tolerance is four last bits, and no more."""
    size = lots + last_bits * lots * 2.0**-52
    assert size != lots
    if whole:
        assert count_lots(size, 1.0, path=("size",)) == lots
    else:
        with pytest.raises(RefusedError):
            count_lots(size, 1.0, path=("size",))


@pytest.mark.parametrize(
    ("size", "lot_size", "detail"),
    [
        (0.15, 0.1, "0.15 is 1.5 lots of 0.1, which is no whole number of them"),
        (1234567.5, 1.0, "1234567.5 is 1234567.5 lots of 1, which is no whole number of them"),
        (1e15, 0.5, "1000000000000000 is more than 2^48 lots of 0.5: give a larger lot_size"),
    ],
)
def test_a_refusal_shows_the_size_and_its_lots(size: float, lot_size: float, detail: str) -> None:
    """Both have enough digits to show that the number is not whole."""
    with pytest.raises(RefusedError) as refused:
        count_lots(size, lot_size, path=("size",))
    assert refused.value.detail == detail


@given(lots=st.integers(min_value=1, max_value=MAX_LOTS), lot_size=st.sampled_from(DECIMAL_LOTS))
def test_lots_survive_a_round_trip(lots: int, lot_size: float) -> None:
    """Lots to size and back is the identity, from one lot to 2^48."""
    assert count_lots(size_of_lots(lots, lot_size), lot_size, path=("size",)) == lots


@given(lots=st.integers(min_value=1, max_value=10**9), digits=st.integers(min_value=0, max_value=8))
def test_a_size_is_the_double_of_its_decimal_number(lots: int, digits: int) -> None:
    """Three lots of 0.1 are 0.3, not 0.30000000000000004."""
    assert size_of_lots(lots, float(f"1e-{digits}")) == float(f"{lots}e-{digits}")


@pytest.mark.parametrize("lot_size", [0.3, 0.6, 0.15, 0.03, 0.07, 0.7, 1.25])
def test_any_decimal_lot_size_gives_decimal_sizes(lot_size: float) -> None:
    """Seven lots of 0.07 are 0.49, not 0.49000000000000005."""
    for lots in range(1, 1000):
        assert size_of_lots(lots, lot_size) == float(Decimal(str(lot_size)) * lots)


def test_non_decimal_lot_sizes_are_multiplied() -> None:
    """If the lot size is no decimal number of up to fifteen places, the size is lots times lot size."""
    assert [size_of_lots(lots, 1.0 / 3.0) for lots in (1, 2, 3, 6)] == [1.0 / 3.0, 2.0 / 3.0, 1.0, 2.0]
    assert size_of_lots(5, 2.0**-60) == 5.0 * 2.0**-60


@pytest.mark.parametrize(
    ("lots", "whole"), [(0.57 * 100, 57), (0.29 * 100, 29), (2.999, 2), (9.9999995, 9), (0.4, 0), (0.0, 0), (5.2, 5)]
)
def test_round_down_forgives_the_last_bits(lots: float, whole: int) -> None:
    """A whole number that only rounding has made smaller stays; everything else is rounded down."""
    assert round_down(lots) == whole


@given(lots=st.integers(min_value=1, max_value=MAX_LOTS), short_by=st.floats(min_value=0.0, max_value=0.5))
def test_round_down_never_adds_more_than_rounding(lots: int, short_by: float) -> None:
    """At most a millionth of a lot, or 2⁻⁵⁰ of all lots where doubles hold no more, is ever added."""
    given_ = float(lots) - short_by
    assert round_down(given_) - Fraction(given_) <= max(Fraction(1, 10**6), Fraction(lots, 2**50))
    assert round_down(given_) in {lots, lots - 1}
