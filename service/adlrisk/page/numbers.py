"""Numbers as they are shown: rounded for reading, with thousands separators; what is not known is said in words."""

import math
from typing import Final

from adlrisk.domain.position.number_format import format_number

UNKNOWN: Final = "unknown"

_DIGITS: Final = 6
_MINUS: Final = "−"
_PERCENT: Final = 100.0
_SMALLEST_EXPONENT: Final = 8  # that is written out


def show_number(value: float | None, digits: int = _DIGITS) -> str:
    """At least ``digits`` significant digits, without trailing zeros.

    >>> show_number(2079.207920792079), show_number(1358024567.8), show_number(-0.00001234), show_number(None)
    ('2,079.21', '1,358,024,568', '−0.00001234', 'unknown')
    """
    if value is None or not math.isfinite(value):
        return UNKNOWN
    text = _write_out(format_number(abs(value), digits))
    whole, point, rest = text.partition(".")
    if whole.isdigit():
        text = f"{int(whole):,}{point}{rest}"
    return f"{_MINUS}{text}" if value < 0.0 and text != "0" else text


def show_percent(fraction: float | None, digits: int = 4) -> str:
    """A fraction as a percentage.

    >>> show_percent(0.155115511), show_percent(-0.0012), show_percent(None)
    ('15.51 %', '−0.12 %', 'unknown')
    """
    if fraction is None or not math.isfinite(fraction * _PERCENT):
        return UNKNOWN
    return f"{show_number(fraction * _PERCENT, digits)} %"


def show_change(fraction: float | None, digits: int = 4) -> str:
    """A relative change as a percentage with its sign.

    >>> show_change(0.155115511), show_change(-0.1), show_change(0.0)
    ('+15.51 %', '−10 %', '0 %')
    """
    text = show_percent(fraction, digits)
    return f"+{text}" if fraction is not None and text[0] != UNKNOWN[0] and fraction > 0.0 else text


def show_signed(value: float | None, digits: int = _DIGITS) -> str:
    """A profit or a loss: a number with its sign.

    >>> show_signed(800.0), show_signed(-1000.0), show_signed(0.0), show_signed(None)
    ('+800', '−1,000', '0', 'unknown')
    """
    text = show_number(value, digits)
    return f"+{text}" if value is not None and value > 0.0 and text != UNKNOWN else text


def _write_out(text: str) -> str:
    """A small number without exponent, where that has a dozen digits at most.

    >>> _write_out("1.234e-05"), _write_out("5e-324"), _write_out("2079.21")
    ('0.00001234', '5e-324', '2079.21')
    """
    mantissa, mark, exponent = text.partition("e-")
    if not mark or int(exponent) > _SMALLEST_EXPONENT:
        return text
    return f"{float(text):.{int(exponent) + len(mantissa.partition('.')[2])}f}"
