"""Numbers of the API's answers as text to read, each in an element that carries it exactly."""

import math
from typing import Final

import htpy as h

UNKNOWN: Final = "unknown"

_DIGITS: Final = 6
_SMALLEST_PLAIN: Final = 1e-7
_LARGEST_PLAIN: Final = 1e16
_LARGEST_FRACTION: Final = 1e300  # that can be told in per cent
_UNITS: Final = ((1e12, 1e12, "T"), (1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))  # from, unit, letter
_MINUS: Final = "−"


def format_number(value: float | None, *, digits: int = _DIGITS) -> str:
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


def format_gain(value: float | None, *, digits: int = _DIGITS) -> str:
    """A profit or a loss with its sign.

    >>> format_gain(800.0), format_gain(-1000.0), format_gain(0.0), format_gain(None)
    ('+800', '−1,000', '0', 'unknown')
    """
    text = format_number(value, digits=digits)
    return f"+{text}" if value is not None and value > 0.0 else text


def format_leverage(value: float | None) -> str:
    """A leverage as traders write it.

    >>> format_leverage(6.0)
    '6×'
    """
    return UNKNOWN if value is None else f"{format_number(value, digits=4)}×"


def render_number(value: float | None, *, digits: int = _DIGITS) -> h.Element:
    """A number to read, which carries the exact one."""
    return _carry(value, format_number(value, digits=digits))


def render_percent(fraction: float | None, *, digits: int = 4) -> h.Element:
    """A fraction as a percentage to read, which carries the exact fraction."""
    return _carry(fraction, format_percent(fraction, digits=digits))


def render_change(fraction: float | None, *, digits: int = 4) -> h.Element:
    """A relative change as a percentage with its sign, which carries the exact fraction."""
    return _carry(fraction, format_change(fraction, digits=digits))


def render_gain(value: float | None, *, digits: int = _DIGITS) -> h.Element:
    """A profit or a loss with its sign, which carries the exact one."""
    return _carry(value, format_gain(value, digits=digits))


def render_leverage(value: float | None) -> h.Element:
    """A leverage to read, which carries the exact one."""
    return _carry(value, format_leverage(value))


def _carry(value: float | None, text: str) -> h.Element:
    if value is None:
        return h.span(".unknown")[text]
    return h.data(value=repr(value))[text]
