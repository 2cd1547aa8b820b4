"""The bounds of every number the domain accepts, and comparisons that forgive the last bits.

Within these bounds no formula of the domain overflows, so no answer is ever infinite or NaN.
"""

from typing import Annotated, Final

from msgspec import Meta

LARGEST: Final = 1e15
SMALLEST_POSITIVE: Final = 1e-12

Positive = Annotated[float, Meta(ge=SMALLEST_POSITIVE, le=LARGEST)]
NonNegative = Annotated[float, Meta(ge=0.0, le=LARGEST)]
Signed = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
Rate = Annotated[float, Meta(ge=SMALLEST_POSITIVE, lt=1.0)]

_LAST_BITS: Final = 1e-9


def at_least(value: float, threshold: float) -> bool:
    """``value ≥ threshold``, counting a value that misses it by rounding alone as equal.

    >>> at_least(15 * (1 - 1e-12), 15.0), at_least(14.999, 15.0)
    (True, False)
    """
    return value >= threshold * (1.0 - _LAST_BITS)


def above(value: float, threshold: float) -> bool:
    """``value > threshold``, counting a value that exceeds it by rounding alone as equal.

    >>> above(0.03 * (1 + 1e-12), 0.03), above(0.0301, 0.03)
    (False, True)
    """
    return value > threshold * (1.0 + _LAST_BITS)
