"""Decisions on exact numbers, and how many of them a rounding error could have turned.

Doubles cannot tell a tie from a near miss, unless every number on the way to it is exact in them. A reader of the
comparison therefore learns whether a difference from the program can be a matter of rounding.
"""

from fractions import Fraction

_CLOSE = Fraction(1, 10**11)  # relative: what the doubles of some operations can be wrong by, and more
_LAST_DIGITS = Fraction(1, 10**12)
_NEAR = Fraction(1, 10**6)
_LAST_BITS = Fraction(1, 2**50)


class Judge:
    """``close_calls`` counts the decisions that were a tie, or nearly one."""

    def __init__(self) -> None:
        self.close_calls = 0

    def is_at_most(self, left: Fraction, right: Fraction, *, terms: Fraction) -> bool:
        """Whether ``left`` ≤ ``right``; ``terms`` are the magnitudes that they are the sums of."""
        if abs(left - right) <= _CLOSE * terms:
            self.close_calls += 1
        return left <= right

    def is_same(self, left: Fraction, right: Fraction, *, width: Fraction) -> bool:
        """Whether two keys are equal but for rounding, that is no more than ``width`` apart."""
        apart = abs(left - right)
        if width / 1000 < apart <= 1000 * width:
            self.close_calls += 1
        return apart <= width

    def is_rounding(self, difference: Fraction, *, terms: Fraction) -> bool:
        """Whether a difference is none but for rounding; doubles may see one of either sign."""
        found = abs(difference) <= _LAST_DIGITS * terms
        if abs(difference) <= _CLOSE * terms:
            self.close_calls += 1
        return found

    def round_down(self, lots: Fraction) -> int:
        """Whole lots; those that are whole but for rounding stay."""
        nearest = round(lots)
        short = nearest - lots
        tolerance = min(nearest * _LAST_DIGITS, max(_NEAR, nearest * _LAST_BITS))
        if tolerance / 1000 < short <= 1000 * tolerance:
            self.close_calls += 1
        return nearest if short <= tolerance else lots.numerator // lots.denominator
