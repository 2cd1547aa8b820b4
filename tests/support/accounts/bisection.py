"""Bisection: where an exact function changes its sign, to the last bit of a double."""

import struct
from collections.abc import Callable
from fractions import Fraction

Exactly = Callable[[float], Fraction]  # a double is an exact number; what is computed from it here is one as well


def first_not_above_zero(function: Exactly, *, start: float, end: float) -> float | None:
    """The first double from ``start`` towards ``end`` at which ``function`` is not above 0; ``None`` if there is none.

    Both are at least 0. ``function`` is above 0 at ``start`` and changes its sign at most once on the way.
    """
    if function(end) > 0:
        return None
    above, below = _place_of(start), _place_of(end)
    while abs(below - above) > 1:
        middle = (above + below) // 2
        if function(_double_at(middle)) > 0:
            above = middle
        else:
            below = middle
    return _double_at(below)


def _place_of(double: float) -> int:
    """The place of a double among those that are not negative: their bits, read as an integer, are in their order."""
    place: int = struct.unpack("<q", struct.pack("<d", double))[0]
    return place


def _double_at(place: int) -> float:
    double: float = struct.unpack("<d", struct.pack("<q", place))[0]
    return double
