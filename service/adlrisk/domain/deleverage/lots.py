"""Conversion of sizes to whole lots and back.

Sizes are converted once on input and once on output; in between all arithmetic is exact, in integers.
"""

import math
from typing import Final

from adlrisk.domain.position.arithmetic import Numbers
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.number_format import format_number

# Up to here a double represents every lot, and sums fit into 64 bits with room for the products of a division.
MAX_LOTS: Final = 2**48
MAX_TOTAL_LOTS: Final = 2**62
LAST_DIGITS: Final = 1e-12  # relative; a whole number of lots that falls short by no more is whole

_NEAR: Final = 1e-6  # of a lot: 0.1 + 0.2 counts as three lots of 0.1
_LAST_BITS: Final = 2.0**-50
_MAX_DECIMALS: Final = 16


def count_lots(size: float, lot_size: float, *, path: tuple[str | int, ...]) -> int:
    """The number of lots in ``size``.

    Raises:
        RefusedError: it is not a whole number of lots above 0, or too many; ``path`` locates it in the request.

    >>> count_lots(0.1 + 0.2, 0.1, path=("size",))
    3
    """
    lots = size / lot_size
    count = round(lots)
    if not is_whole(lots, count):
        raise lot_multiple_error(size, lot_size, path=path)
    return count


def round_down(lots: float) -> int:
    """``lots`` rounded down; a whole number that only rounding has made smaller stays.

    >>> round_down(0.57 * 100), round_down(2.9), round_down(2999999999999.7)
    (57, 2, 2999999999999)
    """
    nearest = round(lots)
    return nearest if nearest - lots <= min(nearest * LAST_DIGITS, rounding_tolerance(nearest)) else math.floor(lots)


def size_of_lots(lots: Numbers, lot_size: float) -> Numbers:
    """The size of ``lots`` lots; if ``lot_size`` is a decimal number, the double nearest to the decimal product.

    >>> size_of_lots(3, 0.1), size_of_lots(3, 0.3), size_of_lots(7, 2.5)
    (0.3, 0.9, 17.5)
    """
    for digits in range(_MAX_DECIMALS):
        scale = 10.0**digits
        units = float(round(lot_size * scale))
        if units and units / scale == lot_size:
            return lots * units / scale  # 3 / 10 is 0.3, and 3 × 0.1 is not
    return lots * lot_size


def is_whole(lots: Numbers, nearest: Numbers) -> Numbers:
    """Whether ``lots`` is the whole number ``nearest`` but for rounding, above 0 and at most ``MAX_LOTS``."""
    return (abs(lots - nearest) <= rounding_tolerance(nearest)) & (nearest > 0) & (nearest <= MAX_LOTS)


def lot_multiple_error(size: float, lot_size: float, *, path: tuple[str | int, ...]) -> RefusedError:
    """The error for a ``size`` that is not a whole number of lots."""
    lots = size / lot_size
    if lots > MAX_LOTS:
        why = f"is more than 2^48 lots of {format_number(lot_size)}: give a larger lot_size"
    else:
        why = f"is {format_number(lots, 12)} lots of {format_number(lot_size)}, which is no whole number of them"
    return RefusedError(problem="not-a-lot-multiple", path=path, detail=f"{format_number(size, 12)} {why}")


def rounding_tolerance(count: Numbers) -> Numbers:
    """The tolerance for rounding at ``count`` lots: a millionth of a lot, or 2⁻⁵⁰ of ``count`` if larger."""
    return (count * _LAST_BITS > _NEAR) * (count * _LAST_BITS - _NEAR) + _NEAR
