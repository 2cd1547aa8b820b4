"""Sizes as whole lots: counted once where they come in, turned back into sizes once where they go out.

In between there are only whole numbers, so nothing is lost or made up by rounding.
"""

import math
from typing import Final

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.number_format import format_number
from adlrisk.domain.position.position import Numbers

# Up to here a double tells lots apart, and the sum of all fits 64 bits with room for the products of a division.
MOST_LOTS: Final = 2**48
MOST_LOTS_TOGETHER: Final = 2**62

_NEAR: Final = 1e-6  # of a lot: 0.1 + 0.2 is three lots of 0.1
_LAST_BITS: Final = 2.0**-50
_LAST_DIGITS: Final = 1e-12
_MOST_DIGITS: Final = 16


def whole_lots(size: float, lot_size: float, *, path: tuple[str | int, ...]) -> int:
    """``size`` as a count of lots.

    Raises:
        RefusedError: it is no whole number of lots above 0, or too many; ``path`` names it.

    >>> whole_lots(0.1 + 0.2, 0.1, path=("size",))
    3
    """
    lots = size / lot_size
    count = round(lots)
    if not is_whole(lots, count):
        raise refused_lots(size, lot_size, path=path)
    return count


def rounded_down(lots: float) -> int:
    """The whole lots in ``lots``, one that the last bits alone have made smaller included.

    >>> rounded_down(0.57 * 100), rounded_down(2.9), rounded_down(2999999999999.7)
    (57, 2, 2999999999999)
    """
    nearest = round(lots)
    return nearest if nearest - lots <= min(nearest * _LAST_DIGITS, _allowed(nearest)) else math.floor(lots)


def size_of(lots: Numbers, lot_size: float) -> Numbers:
    """The size of so many lots: where a lot is a decimal number, the double that the decimal size reads as.

    >>> size_of(3, 0.1), size_of(3, 0.3), size_of(7, 2.5)
    (0.3, 0.9, 17.5)
    """
    for digits in range(_MOST_DIGITS):
        scale = 10.0**digits
        units = float(round(lot_size * scale))
        if units and units / scale == lot_size:
            return lots * units / scale  # 3 / 10 is 0.3, and 3 × 0.1 is not
    return lots * lot_size


def is_whole(lots: Numbers, nearest: Numbers) -> Numbers:
    """Whether ``lots`` is the whole number ``nearest`` but for rounding, above 0 and not too large to count."""
    return (abs(lots - nearest) <= _allowed(nearest)) & (nearest > 0) & (nearest <= MOST_LOTS)


def refused_lots(size: float, lot_size: float, *, path: tuple[str | int, ...]) -> RefusedError:
    """Why ``size`` cannot be counted in lots."""
    lots = size / lot_size
    if lots > MOST_LOTS:
        why = f"is more than 2^48 lots of {format_number(lot_size)}: give a larger lot_size"
    else:
        why = f"is {format_number(lots, 12)} lots of {format_number(lot_size)}, which is no whole number of them"
    return RefusedError(problem="not-a-lot-multiple", path=path, detail=f"{format_number(size, 12)} {why}")


def _allowed(count: Numbers) -> Numbers:
    """How far from ``count`` rounding may leave so many lots: a millionth of one, or 2⁻⁵⁰ of them all."""
    return (count * _LAST_BITS > _NEAR) * (count * _LAST_BITS - _NEAR) + _NEAR
