"""Schema of the signals' thresholds: at what value each fires, and when the market counts as stressed."""

from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Final

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import Positive
from adlrisk.domain.position.moment import DATE_TIME, reject_invalid_date
from adlrisk.domain.position.number_format import format_percent
from adlrisk.domain.rules.threshold import Threshold, build_threshold

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

MinuteOfWeek = Annotated[str, Meta(pattern=r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:[01][0-9]|2[0-3]):[0-5][0-9]\Z")]
EventTime = Annotated[str, Meta(pattern=DATE_TIME, extra_json_schema={"format": "date-time"})]
EventText = Annotated[str, Meta(pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]{0,99}\Z")]
MAX_EVENTS: Final = 100


# Cards live as long as the process, so values derived from them are cached, in a ``__dict__`` (``dict=True``).
class ThinSession(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"start": "from"}, dict=True):
    """A weekly session with thin order books, UTC; the end is excluded."""

    start: Annotated[MinuteOfWeek, Meta(description="First minute, such as `Sat 20:00`.")]
    to: Annotated[MinuteOfWeek, Meta(description="First minute after it.")]

    def __post_init__(self) -> None:
        """Reject an empty session."""
        if self.start == self.to:
            raise ValueError("Empty session in field `to`: it ends where it begins")

    def contains(self, minute: int) -> bool:
        """Whether the session covers ``minute``, counted from Monday 00:00 UTC."""
        start, end = self._minutes
        if start < end:
            return start <= minute < end
        return minute >= start or minute < end

    @cached_property
    def _minutes(self) -> tuple[int, int]:
        return minute_of_week(self.start), minute_of_week(self.to)


class Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"start": "from"}, dict=True):
    """A window of time in which the market is under stress, such as major news; the end is excluded."""

    start: Annotated[EventTime, Meta(description="First moment, RFC 3339 with UTC offset.")]
    to: Annotated[EventTime, Meta(description="First moment after it.")]
    what: Annotated[EventText, Meta(description="What happens, as the reason names it; up to 100 characters.")]

    def __post_init__(self) -> None:
        """Reject days that are not in the calendar, and a window that ends before it begins."""
        reject_invalid_date("from", self.start)
        reject_invalid_date("to", self.to)
        if self.starts_at >= self.ends_at:
            raise ValueError("Empty event in field `to`: it ends where it begins, or before")

    @cached_property
    def starts_at(self) -> datetime:
        """The first moment, UTC."""
        return datetime.fromisoformat(self.start).astimezone(UTC)

    @cached_property
    def ends_at(self) -> datetime:
        """The first moment after it, UTC."""
        return datetime.fromisoformat(self.to).astimezone(UTC)


class PrecomputedThresholds(Struct, frozen=True, kw_only=True):
    """The thresholds of a card as ``Threshold`` objects."""

    leverage: Threshold
    profit: Threshold
    top_heavy_share: Threshold
    funding_rate_8h: Threshold
    adl_meter: Threshold
    near_liquidation: Threshold


class Thresholds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """At what value each of the five signals fires."""

    leverage: Annotated[Positive, Meta(description="Effective leverage, fires at or above.")] = 15.0
    profit: Annotated[Positive, Meta(description="PnL over notional, fires above; a fraction.")] = 0.03
    top_heavy_share: Annotated[
        Annotated[float, Meta(ge=1e-12, le=1.0)],
        Meta(description="Profit share of equity, fires at or above; a fraction."),
    ] = 0.5
    funding_rate_8h: Annotated[
        Positive, Meta(description="Funding rate per 8 hours in size, fires at or above; a fraction.")
    ] = 0.001
    adl_meter: Annotated[
        Annotated[float, Meta(ge=1e-12, le=1.0)],
        Meta(description="Normalised meter reading (0 last, 1 first in the queue), fires above."),
    ] = 0.5
    near_liquidation: Annotated[
        Annotated[float, Meta(ge=1e-12, le=1.0)],
        Meta(description="Distance to the liquidation price at or below which liquidation is the nearer danger."),
    ] = 0.05
    thin_sessions: Annotated[
        tuple[ThinSession, ...], Meta(description="Weekly sessions that count as thin liquidity.")
    ] = (ThinSession(start="Sat 20:00", to="Sun 23:00"),)
    events: Annotated[
        tuple[Event, ...],
        Meta(max_length=MAX_EVENTS, description="Windows in which the market is under stress, set by operators."),
    ] = ()

    @cached_property
    def precomputed(self) -> PrecomputedThresholds:
        """The thresholds as ``Threshold`` objects, built once."""
        return _precompute_thresholds(self)

    def event_at(self, moment: datetime) -> Event | None:
        """The first of the events that are on at ``moment``."""
        return next((event for event in self.events if event.starts_at <= moment < event.ends_at), None)


def minute_of_week(text: str) -> int:
    """Minutes from Monday 00:00 to a time written as ``Sat 20:00``.

    >>> minute_of_week("Mon 00:01"), minute_of_week("Sat 20:00")
    (1, 8400)
    """
    day, clock = text.split()
    hours, minutes = clock.split(":")
    return (_DAYS.index(day) * 24 + int(hours)) * 60 + int(minutes)


def _precompute_thresholds(card: Thresholds) -> PrecomputedThresholds:
    return PrecomputedThresholds(
        leverage=build_threshold(card.leverage),
        profit=build_threshold(card.profit, format_percent),
        top_heavy_share=build_threshold(card.top_heavy_share, format_percent),
        funding_rate_8h=build_threshold(card.funding_rate_8h, format_percent),
        adl_meter=build_threshold(card.adl_meter),
        near_liquidation=build_threshold(card.near_liquidation, format_percent),
    )
