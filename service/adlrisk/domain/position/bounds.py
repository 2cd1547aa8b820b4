"""Bounds of the numbers that the domain accepts.

Within them no formula of the domain overflows, so no answer is infinite or NaN.
"""

from typing import Annotated, Final

from msgspec import Meta

LARGEST: Final = 1e15
SMALLEST_POSITIVE: Final = 1e-12
NEGLIGIBLE: Final = 1e-100  # an amount that may be 0 counts as 0 below this: no ratio to it is infinite

Positive = Annotated[float, Meta(ge=SMALLEST_POSITIVE, le=LARGEST)]
NonNegative = Annotated[float, Meta(ge=0.0, le=LARGEST)]
Signed = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
Rate = Annotated[float, Meta(ge=SMALLEST_POSITIVE, lt=1.0)]

LEAST_VOLATILITY: Final = 1e-6  # a year; below it a distribution of moves would be all rounding
MOST_VOLATILITY: Final = 20.0

Volatility = Annotated[float, Meta(ge=LEAST_VOLATILITY, le=MOST_VOLATILITY)]
