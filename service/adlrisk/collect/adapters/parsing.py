"""Checked parsing of venues' answers: a number that is present, well-typed, plausible and fresh, or why it is not.

Venues write numbers as text, and ccxt turns JSON numbers into text too; an empty text means that there is no value.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from msgspec import Struct

from adlrisk.collect.adapters.observation import FetchError, LeftOutField, Why
from adlrisk.domain.position.bounds import LARGEST, SMALLEST_POSITIVE

Row = Mapping[str, Any]
T = TypeVar("T")

# How far a venue's time may be from ours. Its data are seconds old; clocks differ, and requests queue.
FRESH_SECONDS: Final = 90.0
_PLAIN_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_EARLIEST_MS: Final = 1.4e12  # 2014: a time in seconds, read as milliseconds, is earlier
_LATEST_MS: Final = 4.1e12  # 2099


class Bounds(Struct, frozen=True):
    """The plausible range of a field; any other number is absurd."""

    least: float
    most: float
    exclusive: bool = False

    def contain(self, number: float) -> bool:
        """Whether ``number`` is within the range; NaN never is."""
        return self.least < number < self.most if self.exclusive else self.least <= number <= self.most


PRICE: Final = Bounds(SMALLEST_POSITIVE, LARGEST)
SIZE: Final = Bounds(SMALLEST_POSITIVE, LARGEST)
FUNDING_RATE: Final = Bounds(-1.0, 1.0)
FUNDING_CAP: Final = Bounds(-1.0, 1.0)  # a floor is a limit too
INTERVAL_HOURS: Final = Bounds(0.01, 24.0)
MARGIN_RATE: Final = Bounds(SMALLEST_POSITIVE, 1.0, exclusive=True)
BALANCE: Final = Bounds(-LARGEST, LARGEST)
NOT_NEGATIVE: Final = Bounds(0.0, LARGEST)
RATIO: Final = Bounds(-1e6, 1e6)
_TIME_MS: Final = Bounds(_EARLIEST_MS, _LATEST_MS)


class CheckedParser:
    """Parses one answer; collects the fields that cannot be used, each once."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now
        self._left_out: dict[str, Why] = {}

    @property
    def now(self) -> datetime:
        """When the answer arrived."""
        return self._now

    @property
    def left_out(self) -> tuple[LeftOutField, ...]:
        """The fields that could not be used, in the order in which they were met."""
        return tuple(LeftOutField(field=field, why=why) for field, why in self._left_out.items())

    def leave_out(self, field: str, why: Why) -> None:
        """Record that ``field`` cannot be used; the first reason is kept."""
        self._left_out.setdefault(field, why)

    def read_number(self, row: Row | None, key: str, *, field: str, within: Bounds) -> float | None:
        """The number under ``key``; ``None`` leaves out ``field`` with the reason."""
        return self.parse_number(None if row is None else row.get(key), field=field, within=within)

    def parse_number(self, raw: object, *, field: str, within: Bounds) -> float | None:
        """``raw`` as a number; ``None`` leaves out ``field`` with the reason."""
        number = _to_number(raw)
        if isinstance(number, float) and within.contain(number):
            return number
        self.leave_out(field, "absurd" if isinstance(number, float) else number)
        return None

    def read_choice(self, row: Row | None, key: str, choices: Mapping[str, T], *, field: str) -> T | None:
        """What the text under ``key`` stands for, in either case; ``None`` leaves out ``field`` with the reason."""
        raw = None if row is None else row.get(key)
        chosen = choices.get(raw.lower()) if isinstance(raw, str) else None
        if chosen is None:
            self.leave_out(field, "missing" if raw is None or raw == "" else "mistyped")
        return chosen

    def read_time(self, row: Row | None, key: str, *, field: str, unit_ms: float = 1.0) -> datetime | None:
        """The time under ``key``, in ``unit_ms``, however far from ours; ``None`` leaves out ``field``."""
        within = Bounds(_TIME_MS.least / unit_ms, _TIME_MS.most / unit_ms)
        time = self.read_number(row, key, field=field, within=within)
        return None if time is None else datetime.fromtimestamp(time * unit_ms / 1000.0, UTC)

    def check_fresh(
        self, row: Row | None, key: str, *fields: str, seconds: float = FRESH_SECONDS, unit_ms: float = 1.0
    ) -> bool:
        """Whether the time under ``key``, in ``unit_ms``, is less than ``seconds`` old; else leaves out ``fields``."""
        why = self._staleness(row, key, seconds=seconds, unit_ms=unit_ms)
        if why is None:
            return True
        for field in fields:
            self.leave_out(field, why)
        return False

    def _staleness(self, row: Row | None, key: str, *, seconds: float, unit_ms: float) -> Why | None:
        time = _to_number(None if row is None else row.get(key))
        if not isinstance(time, float):
            return time
        milliseconds = time * unit_ms
        if not _TIME_MS.contain(milliseconds):
            return "absurd"
        age = self._now.timestamp() - milliseconds / 1000.0
        if age > seconds:
            return "stale"
        return "absurd" if age < -FRESH_SECONDS else None


def rows_at(answer: object, *path: str) -> Sequence[object]:
    """The list at ``path``.

    Raises:
        FetchError: the answer has another shape.
    """
    found = _value_at(answer, path)
    if not isinstance(found, list):
        raise FetchError("unreadable", f"no list under {'.'.join(path) or 'the answer'}")
    return found


def row_at(answer: object, *path: str) -> Row:
    """The object at ``path``.

    Raises:
        FetchError: the answer has another shape.
    """
    found = _value_at(answer, path)
    if not isinstance(found, dict):
        raise FetchError("unreadable", f"no object under {'.'.join(path) or 'the answer'}")
    return found


def find_row(rows: Iterable[object], key: str, value: str) -> Row | None:
    """The first row with ``value`` under ``key``; ``None`` if the venue answered about other contracts only."""
    return next((row for row in rows if isinstance(row, dict) and row.get(key) == value), None)


def _value_at(answer: object, path: tuple[str, ...]) -> object:
    for key in path:
        if not isinstance(answer, dict):
            return None
        answer = answer.get(key)
    return answer


def _to_number(raw: object) -> float | Why:
    """``raw`` as a number, from a number or its plain text but not from a Boolean; or why it is not one."""
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
