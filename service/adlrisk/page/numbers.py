"""Numbers of the API's answers as text to read, each in an element that carries it exactly."""

import math
from collections.abc import Iterable
from typing import Final

import htpy as h

UNKNOWN: Final = "unknown"
DIGITS: Final = 6  # significant ones

_ALL_DIGITS: Final = 17  # that a double has
_LEVERAGE_DIGITS: Final = 4
_SMALLEST_PLAIN: Final = 1e-7
_LARGEST_PLAIN: Final = 1e16
_LARGEST_FRACTION: Final = 1e300  # that can be told in per cent
_UNITS: Final = ((1e12, 1e12, "T"), (1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))  # from, unit, letter
_MINUS: Final = "−"


def format_number(value: float | None, *, digits: int = DIGITS) -> str:
    """A number rounded to ``digits`` significant digits, but no whole ones; "unknown" for ``None``.

    >>> format_number(2079.207920792079), format_number(-1234567.8), format_number(0.1), format_number(None)
    ('2,079.21', '−1,234,568', '0.1', 'unknown')
    >>> format_number(1e300), format_number(5e-324), format_number(-0.0)
    ('1e+300', '4.9407e-324', '0')
    """
    if value is None:
        return UNKNOWN
    if value == 0:
        return "0"
    if not _SMALLEST_PLAIN <= abs(value) < _LARGEST_PLAIN:
        text = f"{abs(value):.{digits - 1}g}"
        return f"{_MINUS}{text}" if value < 0.0 else text
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", _MINUS)


def find_digits(value: float | None, *, apart_from: Iterable[float], least: int) -> int:
    """The digits, ``least`` or more, with which a number is still on the same side of each of these when rounded.

    >>> find_digits(14.99996, apart_from=[15.0], least=4), find_digits(14.2, apart_from=[15.0], least=4)
    (7, 4)
    >>> find_digits(15.0, apart_from=[15.0], least=4)
    4
    """
    if value is None:
        return least
    limits = tuple(apart_from)
    return next(
        (
            digits
            for digits in range(least, _ALL_DIGITS)
            if all(_compare(_round(value, digits), limit) == _compare(value, limit) for limit in limits)
        ),
        _ALL_DIGITS,
    )


def _round(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def _compare(value: float, limit: float) -> int:
    return (value > limit) - (value < limit)


def format_briefly(value: float) -> str:
    """A number for the tick of an axis: thousands as k, millions as M, and so on.

    >>> [format_briefly(value) for value in (1500.0, 20_000.0, -2.5e6, 0.05, 1e300)]
    ['1,500', '20k', '−2.5M', '0.05', '1e+300']
    """
    for start, unit, letter in _UNITS:
        if start <= abs(value) < _LARGEST_PLAIN:
            return f"{format_number(value / unit)}{letter}"
    return format_number(value)


def format_percent(fraction: float | None, *, digits: int = 4) -> str:
    r"""A fraction as a percentage.

    >>> format_percent(0.15511551155115513), format_percent(-0.05), format_percent(None)
    ('15.51\xa0%', '−5\xa0%', 'unknown')
    """
    if fraction is None:
        return UNKNOWN
    if abs(fraction) > _LARGEST_FRACTION:
        return f"{format_number(fraction, digits=digits)} times"
    return f"{format_number(fraction * 100, digits=digits)}\N{NO-BREAK SPACE}%"


def format_change(fraction: float | None, *, digits: int = 4) -> str:
    r"""A relative change as a percentage with its sign.

    >>> format_change(0.155115511), format_change(-0.1), format_change(0.0)
    ('+15.51\xa0%', '−10\xa0%', '0\xa0%')
    """
    text = format_percent(fraction, digits=digits)
    return f"+{text}" if fraction is not None and fraction > 0.0 else text


def format_gain(value: float | None, *, digits: int = DIGITS) -> str:
    """A profit or a loss with its sign.

    >>> format_gain(800.0), format_gain(-1000.0), format_gain(0.0), format_gain(None)
    ('+800', '−1,000', '0', 'unknown')
    """
    text = format_number(value, digits=digits)
    return f"+{text}" if value is not None and value > 0.0 else text


def format_leverage(value: float | None, *, digits: int = _LEVERAGE_DIGITS) -> str:
    """A leverage as traders write it.

    >>> format_leverage(6.0)
    '6×'
    """
    return UNKNOWN if value is None else f"{format_number(value, digits=digits)}×"


def render_number(value: float | None, *, digits: int = DIGITS, apart_from: Iterable[float] = ()) -> h.Element:
    """A number to read, not rounded across what it stands ``apart_from``, which carries the exact one."""
    digits = find_digits(value, apart_from=apart_from, least=digits)
    return _carry(value, format_number(value, digits=digits))


def render_percent(fraction: float | None, *, digits: int = 4) -> h.Element:
    """A fraction as a percentage to read, which carries the exact fraction."""
    return _carry(fraction, format_percent(fraction, digits=digits))


def render_change(fraction: float | None, *, digits: int = 4) -> h.Element:
    """A relative change as a percentage with its sign, which carries the exact fraction."""
    return _carry(fraction, format_change(fraction, digits=digits))


def render_gain(value: float | None, *, digits: int = DIGITS) -> h.Element:
    """A profit or a loss with its sign, which carries the exact one."""
    return _carry(value, format_gain(value, digits=digits))


def render_leverage(value: float | None, *, apart_from: Iterable[float] = ()) -> h.Element:
    """A leverage to read, not rounded across what it stands ``apart_from``, which carries the exact one."""
    digits = find_digits(value, apart_from=apart_from, least=_LEVERAGE_DIGITS)
    return _carry(value, format_leverage(value, digits=digits))


def _carry(value: float | None, text: str) -> h.Element:
    if value is None:
        return h.span(".unknown")[text]
    return h.data(value=repr(value))[text]
