"""Values of other libraries, such as decimals and arrays of numpy, as plain ones that can be encoded."""

import numbers
from collections.abc import Iterable
from decimal import Decimal
from typing import Any


def to_plain_value(value: object) -> float | str | list[Any]:
    """The number, the text or the column in a type of another library.

    Raises:
        TypeError: it is none of them.
        ValueError, OverflowError: it has no double.
    """
    if isinstance(value, str):
        return str(value)
    if isinstance(value, numbers.Real | Decimal):
        return float(value)
    if getattr(value, "ndim", 0) and isinstance(value, Iterable):  # an array of numpy, or a series of pandas
        return list(value)
    raise TypeError(f"a value of type {type(value).__name__[:32]} is no number, text or flag")
