"""Fills of an account from reading to reading: which lists are asked, since when, and what could not be read."""

from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.classification import FillClassifier
from adlrisk.positions.fills.every import FILL_LISTS
from adlrisk.positions.fills.forced import ForcedClose, judge_fills
from adlrisk.positions.fills.source import FillList, FillPage, FillsAsk, VenueFill
from adlrisk.positions.readers.reader import Row
from adlrisk.positions.requests.venue_calls import AccountError, VenueCalls

_OVERLAP: Final = 600.0  # seconds: fills that a venue lists late
_LONGEST: Final = 86_400.0  # seconds: what is older is not told
_MILLISECONDS: Final = 1000.0
_FAR_AHEAD: Final = 3600.0  # seconds: no venue's clock is as wrong as that
_FIRST_VENUE: Final = 978_307_200.0  # the year 2001: what is older is no time in the unit that it should be in


class FillsReading(Struct, frozen=True, kw_only=True):
    """The forced fills that one reading found.

    Without ``until`` the next one is to begin where this one did: a list that failed may have had some.
    """

    closes: tuple[ForcedClose, ...] = ()
    at: float | None = None  # the venue's time, seconds since 1970; None: not known
    until: float | None = None  # by the venue's clock: what all lists had until then is known; None: not all were read
    unread: tuple[str, ...] = ()  # lists that could not be read, each with a reason of a few words
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

    def note_positions(self, rows: Sequence[Row]) -> None:
        """Remember which positions are open."""
        if rows:
            self.rows = rows
            self._seen |= {str(row.market.get("symbol")): row for row in rows}

    def read(self, calls: VenueCalls, *, since: float | None, wall: float) -> FillsReading:
        """The forced fills since ``since``, which is ``until`` of an earlier reading, and ten minutes before.

        Those of the last ten minutes where it is ``None``; never older ones than a day. ``wall`` is the time by this
        machine's clock, which is only relied upon where the venue's is far ahead of it.
        """
        if self._why_none is not None:
            return FillsReading(problems=(self._why_none,))
        now = self._find_time(calls, wall)
        if now is None:
            unread = tuple(f"{one.what} (the venue's time is not known)" for one in self._lists)
            return FillsReading(unread=unread, problems=tuple(calls.problems))
        start = max((now if since is None else min(since, now)) - _OVERLAP, now - _LONGEST)
        asked = [one for one in self._lists if self._may_have_fills(one)]
        found, unread = self._read_lists(asked, calls, start=start)
        self._has_asked = True
        judged = judge_fills(found, self._classifier)
        calls.problems += [f"fills of an unknown kind: {note}" for note in judged.unknown]
        return FillsReading(
            closes=_correct_times(judged.closes, now),
            at=now,
            until=None if unread else now,
            unread=unread,
            problems=tuple(dict.fromkeys(calls.problems)),
        )

    def _find_time(self, calls: VenueCalls, wall: float) -> float | None:
        """The venue's time; ours where a cache or a mistake sends one far ahead, which would leave fills out."""
        now = calls.try_call("the venue's time", partial(read_venue_time, self._exchange))
        return wall if now is not None and now - wall > _FAR_AHEAD else now

    def _may_have_fills(self, one: FillList) -> bool:
        """At first each list; then those of contracts in which positions were seen, if any were."""
        if one.covers is None or not self._has_asked or not self._seen:
            return True
        return any(one.covers(row.market) for row in self._seen.values())

    def _read_lists(
        self, lists: Sequence[FillList], calls: VenueCalls, *, start: float
    ) -> tuple[list[VenueFill], tuple[str, ...]]:
        """The fills of all ``lists`` together, and which of them could not be read."""
        ask = FillsAsk(since=int(start * _MILLISECONDS), rows=self.rows)
        fills: list[VenueFill] = []
        unread = []
        for one in lists:
            try:
                page: FillPage = calls.call(one.fetch, self._exchange, ask)
            except AccountError as error:
                unread.append(f"{one.what} ({error.meaning})")
                continue
            fills += page.fills
            if not page.is_whole:
                calls.problems.append(f"{one.what} are more than can be read at once: a forced fill may be missed")
            if page.not_told is not None:
                calls.problems.append(page.not_told)
        return fills, tuple(unread)


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


def _correct_times(closes: tuple[ForcedClose, ...], now: float) -> tuple[ForcedClose, ...]:
    """The closes by time, as of now where theirs cannot be right: else one would not seem recent, or all others."""
    corrected = [one if _FIRST_VENUE <= one.at <= now + _FAR_AHEAD else replace(one, at=now) for one in closes]
    return tuple(sorted(corrected, key=lambda one: one.at))
