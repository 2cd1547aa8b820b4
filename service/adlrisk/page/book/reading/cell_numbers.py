"""Numbers in the cells of a CSV: those of JSON are numbers, everything else stays text, for the API to refuse."""

import math
import re
import sys
from typing import Final

_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NEXT_TO_NOTHING: Final = re.compile(r"[eE]-0*[1-9][0-9]{2,}\Z")  # such numbers are read a hundred times as slowly
_LONGEST: Final = 64


def read_number(cell: str) -> float | str:
    """The number in a cell, or the cell as it is.

    A number beyond the range of doubles becomes the largest there is, so that the API says that it is too large; one
    next to nothing becomes 0, as which it counts there.

    >>> read_number("1800.5"), read_number("1,800"), read_number("-1e999") < -1e300, read_number("1e-300")
    (1800.5, '1,800', True, 0.0)
    """
    if len(cell) > _LONGEST or _NUMBER.fullmatch(cell) is None:
        return cell
    if _NEXT_TO_NOTHING.search(cell):
        return 0.0
    number = float(cell)
    return number if math.isfinite(number) else math.copysign(sys.float_info.max, number)
