"""Number formats for sentences."""

import math
from decimal import ROUND_CEILING, Context
from typing import Final, Protocol

SENTENCE_DIGITS: Final = 4  # of amounts and ratios in the sentences of a score; fields have all digits

_DIGITS: Final = 6
_ALL_DIGITS: Final = 17
_MORE_DIGITS: Final = (9, 12, _ALL_DIGITS)
_ALIKE: Final = 2e-9  # relative; closer values count as equal in every comparison of the domain
_PLAIN_BELOW: Final = 1e16
_ROUNDING_UP: Final = Context(prec=SENTENCE_DIGITS, rounding=ROUND_CEILING)


class NumberFormatter(Protocol):
    """Formats a number with at least ``digits`` significant digits."""

    def __call__(self, value: float, digits: int = _DIGITS, /) -> str:
        """The text of ``value``."""


def format_number(value: float, digits: int = _DIGITS) -> str:
    """At least ``digits`` significant digits, without trailing zeros or, below 1e16, an exponent.

    >>> [format_number(value) for value in (2079.2079, 6.0, -200, 1358024567.8, -0.0)]
    ['2079.21', '6', '-200', '1358024568', '0']
    """
    if value == 0.0:
        return "0"
    text = "%.*g" % (digits, value)  # noqa: UP031 (a third faster than an f-string with variable precision)
    if "e+" in text and abs(value) < _PLAIN_BELOW:
        return f"{value:.0f}"
    return text


def format_percent(fraction: float, digits: int = _DIGITS) -> str:
    """A fraction as a percentage.

    >>> format_percent(0.03), format_percent(0.0012)
    ('3 %', '0.12 %')
    """
    return f"{format_number(fraction * 100.0, digits)} %"


def format_distinct(
    value: float, threshold: float, formatter: NumberFormatter = format_number, digits: int = _DIGITS
) -> str:
    """``value`` with enough digits, at least ``digits``, to differ from the text of ``threshold``.

    >>> format_distinct(14.9999999, 15.0), format_distinct(12.0, 15.0), format_distinct(0.0300001, 0.03, format_percent)
    ('14.9999999', '12', '3.00001 %')
    """
    shown = formatter(threshold, digits)
    text = formatter(value, digits)
    if abs(value - threshold) <= _ALIKE * abs(threshold):
        return text
    for more in _MORE_DIGITS:
        if text != shown:
            break
        text = formatter(value, more)
    return text


def format_apart(value: float, other: float) -> str:
    """``value`` with as many digits of a sentence as show on which side of ``other`` it is.

    >>> format_apart(2079.2079, 1800.0), format_apart(1.234839, 1.2349), format_apart(100.0, 100.0)
    ('2079', '1.2348', '100')
    """
    for digits in range(SENTENCE_DIGITS, _ALL_DIGITS + 1):
        text = format_number(value, digits)
        if value == other or ((float(text) - other) * (value - other) > 0.0 and text != format_number(other, digits)):
            break
    return text


def format_rounded_up(amount: float) -> str:
    """An amount above 0 rounded up to four significant digits.

    >>> format_rounded_up(3735.9201), format_rounded_up(200.0), format_rounded_up(1234567.2)
    ('3736', '200', '1235000')
    """
    if not math.isfinite(amount):
        raise ValueError(amount)
    up = _ROUNDING_UP.create_decimal_from_float(amount)
    return f"{up.normalize():f}"
