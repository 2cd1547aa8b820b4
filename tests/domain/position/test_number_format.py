"""Number formats in sentences: enough digits to distinguish values, and no meaningless ones."""

import math

import pytest

from adlrisk.domain.position.number_format import format_distinct, format_number, format_percent, format_rounded_up


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2079.2079, "2079.21"),
        (6.0, "6"),
        (-200.0, "-200"),
        (-0.0, "0"),
        (999_999.5, "1000000"),
        (1_358_024_567.8, "1358024568"),
        (-1_358_024_567.8, "-1358024568"),
        (9_999_999_999_999_998.0, "9999999999999998"),
        (1e16, "1e+16"),
        (1e-7, "1e-07"),
    ],
)
def test_a_number_has_six_digits_and_no_exponent_below_1e16(value: float, text: str) -> None:
    """Six significant digits, or all of a whole number up to 1e16; no trailing zeros and no −0."""
    assert format_number(value) == text


def test_a_fraction_is_formatted_as_a_percentage() -> None:
    """A hundred times the fraction, with a percent sign."""
    assert [format_percent(fraction) for fraction in (0.03, 0.0012, -0.25, 0.0)] == ["3 %", "0.12 %", "-25 %", "0 %"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12.0, "12"),
        (14.9999999, "14.9999999"),
        (15.0000000002, "15"),
        (14.99999997, "14.99999997"),
        (14.99999996, "14.99999996"),
    ],
)
def test_a_value_differs_from_its_threshold(value: float, text: str) -> None:
    """Enough digits to show on which side it lies; values that count as equal look equal."""
    assert format_distinct(value, 15.0) == text


def test_a_value_differs_from_a_negative_threshold() -> None:
    """The tolerance is relative to the threshold's absolute value."""
    assert format_distinct(-14.9999999, -15.0) == "-14.9999999"
    assert format_distinct(-15.0000000002, -15.0) == "-15"


@pytest.mark.parametrize(
    ("amount", "text"),
    [(3735.9201, "3736"), (200.0, "200"), (1_234_567.2, "1235000"), (0.000123401, "0.0001235")],
)
def test_an_amount_is_rounded_up(amount: float, text: str) -> None:
    """Four significant digits, never less than the amount."""
    assert format_rounded_up(amount) == text
    assert float(text) >= amount


@pytest.mark.parametrize("amount", [math.inf, math.nan])
def test_an_infinite_amount_has_no_text(amount: float) -> None:
    """Infinite and undefined amounts are rejected."""
    with pytest.raises(ValueError, match=str(amount)):
        format_rounded_up(amount)
