"""The cumulative distribution function of Student's t, without SciPy: by the incomplete beta function."""

import math
from typing import Final

_TINY: Final = 1e-300
_ENOUGH: Final = 1e-16
_MAX_TERMS: Final = 10_000


def cumulative_probability(t: float, degrees_of_freedom: float) -> float:
    """The probability of a value up to ``t``.

    Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.1 and 26.5.8.

    >>> round(cumulative_probability(1.0, 1.0), 12), cumulative_probability(0.0, 3.0)
    (0.75, 0.5)
    """
    if t == 0.0:
        return 0.5
    square = t * t
    share = degrees_of_freedom / (degrees_of_freedom + square)
    if share > 0.5:  # noqa: PLR2004 (either side of a half the other argument is the more precise)
        tail = 0.5 * (1.0 - _incomplete_beta(square / (degrees_of_freedom + square), 0.5, 0.5 * degrees_of_freedom))
    else:
        tail = 0.5 * _incomplete_beta(share, 0.5 * degrees_of_freedom, 0.5)
    return tail if t < 0.0 else 1.0 - tail


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function."""
    if x <= 0.0:
        return 0.0
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - math.exp(log_front) * _continued_fraction(1.0 - x, b, a) / b
    return math.exp(log_front) * _continued_fraction(x, a, b) / a


def _continued_fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1.0))
    fraction = d
    for m in range(1, _MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        before = fraction
        for term in (even, odd):
            d = 1.0 / _not_zero(1.0 + term * d)
            c = _not_zero(1.0 + term / c)
            fraction *= c * d
        if abs(fraction - before) <= _ENOUGH * abs(fraction):
            break
    return fraction


def _not_zero(value: float) -> float:
    return value if abs(value) >= _TINY else _TINY
