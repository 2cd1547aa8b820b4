"""How numbers are written in sentences."""

import math
from decimal import ROUND_CEILING, Context
from typing import Final, Protocol

_DIGITS: Final = 6
_MORE_DIGITS: Final = (9, 12, 17)
_ALIKE: Final = 2e-9  # closer than this counts as equal in every comparison of the domain
_PLAIN_BELOW: Final = 1e16
_SIX_DIGITS_UP: Final = Context(prec=_DIGITS, rounding=ROUND_CEILING)


class Writer(Protocol):
    """How a kind of number is written, in ``digits`` significant digits or more."""

    def __call__(self, value: float, digits: int = _DIGITS, /) -> str:
        """The number in words."""


def format_number(value: float, digits: int = _DIGITS) -> str:
    """``digits`` significant digits or more, no needless zeros, no exponent up to 1e16.

    >>> [format_number(value) for value in (2079.2079, 6.0, -200, 1358024567.8, -0.0)]
    ['2079.21', '6', '-200', '1358024568', '0']
    """
    if value == 0.0:
        return "0"
    text = "%.*g" % (digits, value)  # noqa: UP031 (a third faster than an f-string that is given its digits)
    if "e+" in text and abs(value) < _PLAIN_BELOW:
        return f"{value:.0f}"
    return text


def percent(fraction: float, digits: int = _DIGITS) -> str:
    """A fraction as a percentage.

    >>> percent(0.03), percent(0.0012)
    ('3 %', '0.12 %')
    """
    return f"{format_number(fraction * 100.0, digits)} %"


def beside(value: float, threshold: float, write: Writer = format_number) -> str:
    """``value`` in as many digits as tell it from ``threshold``.

    >>> beside(14.9999999, 15.0), beside(12.0, 15.0), beside(0.0300001, 0.03, percent)
    ('14.9999999', '12', '3.00001 %')
    """
    shown = write(threshold, _DIGITS)
    text = write(value, _DIGITS)
    if abs(value - threshold) <= _ALIKE * abs(threshold):
        return text
    for digits in _MORE_DIGITS:
        if text != shown:
            break
        text = write(value, digits)
    return text


def rounded_up(amount: float) -> str:
    """An amount above 0 in six significant digits, never less than it is.

    >>> rounded_up(3735.9201), rounded_up(200.0), rounded_up(1234567.2)
    ('3735.93', '200', '1234570')
    """
    if not math.isfinite(amount):
        raise ValueError(amount)
    up = _SIX_DIGITS_UP.create_decimal_from_float(amount)
    return f"{up.normalize():f}"
