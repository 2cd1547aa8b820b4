"""Parsing of venues' fields: numbers, sides and amounts, as none where they are not there."""

import math
from typing import Final

from adlrisk.domain.position.position import Contract, MarginMode, Side
from adlrisk.positions.readers.reader import Raw

_SIDES: Final[dict[str, Side]] = {
    "long": "long",
    "buy": "long",
    "bid": "long",
    "short": "short",
    "sell": "short",
    "ask": "short",
}
_NO_SIDES: Final = frozenset({"", "both", "net", "none", "one_way"})  # the sign of the amount says it
_MARGIN_MODES: Final[dict[str, MarginMode]] = {
    "cross": "cross",
    "crossed": "cross",
    "isolated": "isolated",
    "fixed": "isolated",
}


def parse_number(value: object) -> float | None:
    """A number or its text as a finite float; ``None`` for anything else.

    >>> [parse_number(value) for value in ("0.5", 3, "", None, "nan", True)]
    [0.5, 3.0, None, None, None, None]
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def number(raw: Raw, *fields: str) -> float | None:
    """The first of ``fields`` that is a number.

    >>> number({"a": "", "b": "2"}, "a", "b")
    2.0
    """
    return next((read for field in fields if (read := parse_number(raw.get(field))) is not None), None)


def positive(raw: Raw, *fields: str) -> float | None:
    """The first of ``fields`` that is a number above 0: venues write 0 for "none".

    >>> positive({"a": "0", "b": "2"}, "a", "b"), positive({"a": "-1"}, "a")
    (2.0, None)
    """
    return next((read for field in fields if (read := parse_number(raw.get(field))) is not None and read > 0.0), None)


def size_of(amount: float | None) -> float | None:
    """The size of a signed amount."""
    return None if amount is None else abs(amount)


def side_of(word: object, amount: float | None = None) -> Side | None:
    """The side that the venue's ``word`` names, else the sign of ``amount``; ``None`` where neither says it.

    >>> side_of("Buy"), side_of("BOTH", -0.1), side_of("net", 2.0), side_of("BOTH"), side_of(None, -3.0)
    ('long', 'short', 'long', None, 'short')

    A word and a sign that contradict each other say nothing; a short may be written with either sign.

    >>> side_of("long", -1.0), side_of("short", 1.0)
    (None, 'short')
    """
    named = str(word if word is not None else "").strip().lower()
    side = _SIDES.get(named)
    if side is not None:
        return None if side == "long" and amount is not None and amount < 0.0 else side
    if named not in _NO_SIDES or not amount:
        return None
    return "long" if amount > 0.0 else "short"


def margin_mode_of(word: object) -> MarginMode | None:
    """The margin mode that the venue's ``word`` names.

    >>> margin_mode_of("CROSSED"), margin_mode_of("isolated"), margin_mode_of(None)
    ('cross', 'isolated', None)
    """
    return _MARGIN_MODES.get(str(word).lower())


def margin_mode_if(is_isolated: object) -> MarginMode | None:
    """The margin mode by a flag that is true or false; anything else says nothing.

    >>> margin_mode_if(True), margin_mode_if(False), margin_mode_if("false"), margin_mode_if(None)
    ('isolated', 'cross', None, None)
    """
    if not isinstance(is_isolated, bool):
        return None
    return "isolated" if is_isolated else "cross"


def find_quanto(market: Raw) -> Contract | None:
    """A quanto contract pays a fixed amount of a third currency for each unit of price: it is linear with that size.

    >>> find_quanto({"base": "ETH", "quote": "USD", "settle": "BTC"}), find_quanto({"quote": "USD", "settle": "USD"})
    ('linear', None)
    """
    is_quanto = market.get("quanto") or market.get("settle") not in (market.get("base"), market.get("quote"))
    return "linear" if is_quanto else None


def less(total: float | None, part: float | None) -> float | None:
    """``total`` less ``part``; ``None`` where one of them is not known."""
    return None if total is None or part is None else total - part


def find_row(rows: object, key: str, name: str) -> Raw | None:
    """The first of ``rows`` whose ``key`` is ``name``."""
    listed: list[Raw] = rows if isinstance(rows, list) else []
    return next((row for row in listed if row.get(key) == name), None)
