"""Fills of an account from reading to reading: which lists are asked, since when, and what could not be read."""

import math
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Final

from msgspec import Struct

from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.classification import FillClassifier
from adlrisk.positions.fills.every import FILL_LISTS
from adlrisk.positions.fills.forced import ForcedClose, judge_fills
from adlrisk.positions.fills.source import FillList, FillPage, FillsAsk, VenueFill
from adlrisk.positions.readers.reader import Row
from adlrisk.positions.requests.venue_calls import VenueCalls

_OVERLAP: Final = 600.0  # seconds: fills that a venue lists late
_LONGEST: Final = 86_400.0  # seconds: what is older is not told
_MILLISECONDS: Final = 1000.0


class FillsReading(Struct, frozen=True, kw_only=True):
    """The forced fills that one reading found."""

    closes: tuple[ForcedClose, ...] = ()
    until: float | None = None  # by the venue's clock, seconds since 1970; None: nothing could be read
    problems: tuple[str, ...] = ()


class AccountFills:
    """The fills of one account."""

    def __init__(self, rules: VenueRules, exchange: Any, *, venue: str) -> None:
        self._exchange = exchange
        self._lists = FILL_LISTS.get(venue, ())
        self._classifier = FillClassifier(rules.fills)
        self._why_none = None if self._lists else explain_no_lists(rules)
        self.rows: Sequence[Row] = ()  # of the positions that were open last
        self._seen: dict[str, Row] = {}  # contracts of which there was a position, by ccxt's name
        self._has_asked = False
        self._unread_since: dict[str, float] = {}  # lists that failed, and from when they are still to be read

    def note_positions(self, rows: Sequence[Row]) -> None:
        """Remember which positions are open."""
        if rows:
            self.rows = rows
            self._seen |= {str(row.market.get("symbol")): row for row in rows}

    def read(self, calls: VenueCalls, *, since: float | None) -> FillsReading:
        """The forced fills since ``since``, which is ``until`` of an earlier reading, and ten minutes before.

        Those of the last ten minutes where it is ``None``; never older ones than a day.
        """
        if self._why_none is not None:
            return FillsReading(problems=(self._why_none,))
        now = calls.try_call("the venue's time", partial(read_venue_time, self._exchange))
        if now is None:
            return FillsReading(problems=(*calls.problems, "the venue's time is not known, so its fills are not read"))
        start = max((now if since is None else min(since, now)) - _OVERLAP, now - _LONGEST)
        asked = [one for one in self._lists if self._may_have_fills(one)]
        found = [fills for one in asked if (fills := self._read_list(one, calls, start=start, now=now)) is not None]
        self._has_asked = True
        judged = judge_fills([fill for fills in found for fill in fills], self._classifier)
        calls.problems += [f"fills of an unknown kind: {note}" for note in judged.unknown]
        return FillsReading(
            closes=judged.closes,
            until=now if found else None,
            problems=tuple(dict.fromkeys(calls.problems)),
        )

    def _may_have_fills(self, one: FillList) -> bool:
        """At first each list; then those of contracts in which positions were seen, if any were."""
        if one.covers is None or not self._has_asked or not self._seen:
            return True
        return any(one.covers(row.market) for row in self._seen.values())

    def _read_list(self, one: FillList, calls: VenueCalls, *, start: float, now: float) -> list[VenueFill] | None:
        start = max(min(start, self._unread_since.pop(one.what, math.inf)), now - _LONGEST)
        ask = FillsAsk(since=int(start * _MILLISECONDS), rows=self.rows)
        page: FillPage | None = calls.try_call(one.what, partial(one.fetch, self._exchange, ask))
        if page is None:
            self._unread_since[one.what] = start
            return None
        if not page.is_whole:
            calls.problems.append(f"{one.what} are more than can be read at once: a forced fill may be missed")
        if page.not_told is not None:
            calls.problems.append(page.not_told)
        return page.fills


def explain_no_lists(rules: VenueRules) -> str:
    """Why the fills of a venue are not read."""
    if not rules.fills.rules:
        return f"{rules.name} marks no fill as an ADL or a liquidation, so neither is told if it happens"
    return f"the fills of {rules.name} are not read, so neither an ADL nor a liquidation is told if it happens"


def read_venue_time(exchange: Any) -> float | None:
    """The venue's clock by its last answer, else by a request of its own; ``None`` where it has neither."""
    headers: Mapping[str, str] = exchange.last_response_headers or {}
    written = next((value for name, value in headers.items() if name.lower() == "date"), None)
    if written is not None:
        return parsedate_to_datetime(written).timestamp()
    ask: Callable[[], int] | None = exchange.fetch_time if exchange.has.get("fetchTime") else None
    return None if ask is None else ask() / _MILLISECONDS
