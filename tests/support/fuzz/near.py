"""Comparison with exact fractions, for the laws of answers."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

LAST_BITS: Final = 2.0**-49
ROUNDING: Final = 1e-13  # a difference smaller than this fraction of its terms counts as 0
NEGLIGIBLE: Final = 1e-100  # what a given equity or wallet balance counts as 0 below


def assert_near(
    shown: float | Fraction, exact: Fraction, *, of: Fraction | None = None, within: float = LAST_BITS
) -> None:
    """Assert that ``shown`` equals ``exact`` within a fraction of ``of``, by default ``exact`` itself."""
    assert abs(Fraction(shown) - exact) <= abs(exact if of is None else of) * Fraction(within), (shown, float(exact))


def sum_of(values: Iterable[float]) -> Fraction:
    """The exact sum."""
    return sum(map(Fraction, values), Fraction(0))


def given_balance(amount: float) -> Fraction:
    """What a given equity or wallet balance counts as."""
    return Fraction(amount) if abs(amount) >= NEGLIGIBLE else Fraction(0)


def sign_of(side: str) -> int:
    """+1 for a long, −1 for a short."""
    return 1 if side == "long" else -1
