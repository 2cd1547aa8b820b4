"""Checked reading of what venues answer: a number that is there, of its type and within reason, or the reason why not.

Venues write numbers as text, ccxt turns JSON numbers into text too; an empty text is their way of saying nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from msgspec import Struct

from adlrisk.collect.adapters.observation import FetchError, LeftOut, Why
from adlrisk.domain.position.bounds import LARGEST, SMALLEST_POSITIVE

Row = Mapping[str, Any]

# How far a venue's time may be from ours. Its data are seconds old; clocks differ, and requests queue.
FRESH_SECONDS: Final = 90.0
_PLAIN_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_EARLIEST_MS: Final = 1.4e12  # 2014: a time in seconds, read as milliseconds, lies before
_LATEST_MS: Final = 4.1e12  # 2099


class Within(Struct, frozen=True):
    """The numbers that make sense for a field; anything else is absurd."""

    least: float
    most: float
    exclusive: bool = False

    def holds(self, number: float) -> bool:
        """Whether ``number`` makes sense; NaN never does."""
        return self.least < number < self.most if self.exclusive else self.least <= number <= self.most


PRICE: Final = Within(SMALLEST_POSITIVE, LARGEST)
SIZE: Final = Within(SMALLEST_POSITIVE, LARGEST)
FUNDING_RATE: Final = Within(-1.0, 1.0)
FUNDING_CAP: Final = Within(-1.0, 1.0)  # a floor is a limit too
INTERVAL_HOURS: Final = Within(0.01, 24.0)
MARGIN_RATE: Final = Within(SMALLEST_POSITIVE, 1.0, exclusive=True)
BALANCE: Final = Within(-LARGEST, LARGEST)
NOT_NEGATIVE: Final = Within(0.0, LARGEST)
RATIO: Final = Within(-1e6, 1e6)
_MOMENT_MS: Final = Within(_EARLIEST_MS, _LATEST_MS)


class Reading:
    """One answer being read; keeps what had to be left out, each field once."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now
        self._left_out: dict[str, Why] = {}

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """What could not be used, in the order it was met."""
        return tuple(LeftOut(field=field, why=why) for field, why in self._left_out.items())

    def leave_out(self, field: str, why: Why) -> None:
        """Note that ``field`` cannot be used; the first reason stands."""
        self._left_out.setdefault(field, why)

    def number(self, row: Row | None, key: str, *, field: str, within: Within) -> float | None:
        """The number under ``key``, or ``None`` with the reason noted under ``field``."""
        return self.value(None if row is None else row.get(key), field=field, within=within)

    def value(self, raw: object, *, field: str, within: Within) -> float | None:
        """``raw`` as a number, or ``None`` with the reason noted under ``field``."""
        found = _number(raw)
        if isinstance(found, float) and within.holds(found):
            return found
        self.leave_out(field, "absurd" if isinstance(found, float) else found)
        return None

    def moment(self, row: Row | None, key: str, *, field: str) -> datetime | None:
        """The time in milliseconds under ``key``, however far from ours."""
        milliseconds = self.number(row, key, field=field, within=_MOMENT_MS)
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000.0, UTC)

    def fresh(self, row: Row | None, key: str, *fields: str, seconds: float = FRESH_SECONDS) -> bool:
        """Whether the row says that it is of the last ``seconds``; if not, ``fields`` are noted."""
        why = self._age(row, key, seconds=seconds)
        if why is None:
            return True
        for field in fields:
            self.leave_out(field, why)
        return False

    def _age(self, row: Row | None, key: str, *, seconds: float) -> Why | None:
        found = _number(None if row is None else row.get(key))
        if not isinstance(found, float):
            return found
        if not _MOMENT_MS.holds(found):
            return "absurd"
        age = self._now.timestamp() - found / 1000.0
        if age > seconds:
            return "stale"
        return "absurd" if age < -FRESH_SECONDS else None


def rows_at(answer: object, *path: str) -> Sequence[object]:
    """The list under ``path``.

    Raises:
        FetchError: the answer has another shape.
    """
    found = _under(answer, path)
    if not isinstance(found, list):
        raise FetchError("unreadable", f"no list under {'.'.join(path) or 'the answer'}")
    return found


def row_at(answer: object, *path: str) -> Row:
    """The object under ``path``.

    Raises:
        FetchError: the answer has another shape.
    """
    found = _under(answer, path)
    if not isinstance(found, dict):
        raise FetchError("unreadable", f"no object under {'.'.join(path) or 'the answer'}")
    return found


def row_with(rows: Iterable[object], key: str, value: str) -> Row | None:
    """The first row that says ``value`` under ``key``; a venue that answers about another contract says nothing."""
    return next((row for row in rows if isinstance(row, dict) and row.get(key) == value), None)


def _under(answer: object, path: tuple[str, ...]) -> object:
    for key in path:
        if not isinstance(answer, dict):
            return None
        answer = answer.get(key)
    return answer


def _number(raw: object) -> float | Why:
    """``raw`` as a number, or why it is none: a number or its plain text, never a flag."""
    if raw is None or raw == "":
        return "missing"
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return "mistyped"
    if isinstance(raw, str) and not _PLAIN_NUMBER.fullmatch(raw):
        return "mistyped"
    try:
        return float(raw)
    except OverflowError:  # an integer beyond all floats
        return "absurd"
