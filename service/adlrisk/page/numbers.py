"""Numbers of the API's answers as text to read, each in an element that carries it exactly."""

import math
from typing import Final

import htpy as h

UNKNOWN: Final = "unknown"

_DIGITS: Final = 6
_SMALLEST_PLAIN: Final = 1e-7
_MINUS: Final = "−"


def format_number(value: float | None, *, digits: int = _DIGITS) -> str:
    """A number rounded to ``digits`` significant digits, but no whole ones; "unknown" for ``None``.

    >>> format_number(2079.207920792079), format_number(-1234567.8), format_number(0.1), format_number(None)
    ('2,079.21', '−1,234,568', '0.1', 'unknown')
    """
    if value is None:
        return UNKNOWN
    if value == 0:
        return "0"
    if abs(value) < _SMALLEST_PLAIN:
        return f"{value:.{digits - 1}g}".replace("-", _MINUS)
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace("-", _MINUS)


def format_percent(fraction: float | None, *, digits: int = 4) -> str:
    """A fraction as a percentage.

    >>> format_percent(0.15511551155115513), format_percent(-0.05), format_percent(None)
    ('15.51 %', '−5 %', 'unknown')
    """
    return UNKNOWN if fraction is None else f"{format_number(fraction * 100, digits=digits)}\N{NO-BREAK SPACE}%"


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


def render_leverage(value: float | None) -> h.Element:
    """A leverage to read, which carries the exact one."""
    return _carry(value, format_leverage(value))


def _carry(value: float | None, text: str) -> h.Element:
    if value is None:
        return h.span(".unknown")[text]
    return h.data(value=repr(value))[text]
