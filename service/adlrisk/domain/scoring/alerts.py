"""Alerts: what announces an auto-deleveraging beside the five signals, each with its reason; they add no points.

An alert is raised only by what is known: a market of which nothing is known has none, which does not make it calm.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.number_format import format_number, format_percent
from adlrisk.domain.position.position import Position
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.meter import LevelMeter
from adlrisk.domain.rules.threshold import Threshold, build_threshold
from adlrisk.domain.scoring.advice.action import Action
from adlrisk.domain.scoring.signals import normalise_reading
from adlrisk.domain.scoring.standing import WITHOUT_FORCED_CLOSES

AlertName = Literal[
    "adl_in_progress", "settlement_near", "fund_drawn_down", "venue_rates_high", "meter_rising", "open_interest_high"
]

ADL_IN_PROGRESS: Final = "The venue says that an auto-deleveraging is on."

_SETTLEMENT_NEAR: Final = timedelta(hours=24)
_DRAWN_DOWN_FROM: Final = 0.5  # of the drawdown at which the venue deleverages


class Alert(Struct, frozen=True, kw_only=True, gc=False):
    """One thing that announces an auto-deleveraging."""

    alert: AlertName
    reason: Annotated[str, Meta(description="What it rests on, with the numbers in it.")]


class Situation(Struct, frozen=True, kw_only=True):
    """The input of all alerts."""

    position: Position
    market: Market
    rules: VenueRules
    fund_drawdown: float | None
    settles_at: datetime | None
    as_of: datetime

    @property
    def time_left(self) -> timedelta | None:
        """The time until the contract is settled, if that is near and not past."""
        left = None if self.settles_at is None else self.settles_at - self.as_of
        return left if left is not None and timedelta(0) <= left < _SETTLEMENT_NEAR else None


def raise_alerts(situation: Situation) -> tuple[Alert, ...]:
    """The alerts that the situation raises, always in the same order.

    Raises:
        RefusedError: the venue has no meter, or its meter does not know the earlier reading.
    """
    alerts = []
    for name, reason_for in _ALERTS:
        reason = reason_for(situation)
        if reason is not None:
            alerts.append(Alert(alert=name, reason=reason))
    return tuple(alerts)


def begin_guidance(guidance: str, alerts: tuple[Alert, ...]) -> str:
    """The guidance, which begins with an auto-deleveraging that is on, whatever the band."""
    if alerts and alerts[0].alert == "adl_in_progress":
        return f"{alerts[0].reason} {guidance}"
    return guidance


def close_before_settlement(situation: Situation) -> tuple[Action, ...]:
    """The action before a settlement that is near, which names the time; else none."""
    settles_at, left = situation.settles_at, situation.time_left
    if settles_at is None or left is None:
        return ()
    at, hours = format_minute(settles_at), situation.rules.trigger.settlement_hours
    if hours is None:
        reason = f"Close the position before {at}, when the contract is settled: afterwards no trade can close it."
    elif _is_last_hours(left, hours):
        reason = (
            f"Close the position before {at}, when the contract is settled: "
            "until then the insurance fund does not support liquidations."
        )
    else:
        reason = (
            f"Close the position by {format_minute(settles_at - timedelta(hours=hours))}: from then on the insurance "
            f"fund supports no liquidations; the contract is settled at {at}."
        )
    return (Action(action="close_before_settlement", applies_to=(), reason=reason),)


def format_minute(moment: datetime) -> str:
    """A moment in a sentence, to the minute before.

    >>> format_minute(datetime(2026, 12, 1, 9, 30, 59, tzinfo=UTC))
    '2026-12-01 09:30 UTC'
    """
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _adl_in_progress(situation: Situation) -> str | None:
    if not situation.market.adl_trigger:
        return None
    if situation.rules.mechanism in WITHOUT_FORCED_CLOSES:
        return f"{ADL_IN_PROGRESS} Its card says that it has none: find out which is right."
    return ADL_IN_PROGRESS


def _settlement_near(situation: Situation) -> str | None:
    settles_at, left = situation.settles_at, situation.time_left
    if settles_at is None or left is None:
        return None
    reason = f"The contract is settled at {format_minute(settles_at)}, {_format_time_left(left)}."
    hours = situation.rules.trigger.settlement_hours
    if hours is None:
        return reason
    rest = (
        "" if situation.rules.mechanism in WITHOUT_FORCED_CLOSES else ": what the order book does not take goes to ADL"
    )
    last = "hour" if hours == 1.0 else f"{format_number(hours)} hours"
    when = "Until then" if _is_last_hours(left, hours) else f"In the last {last} before it"
    return f"{reason} {when} the insurance fund does not support liquidations{rest}."


def _fund_drawn_down(situation: Situation) -> str | None:
    drawdown, triggering = situation.fund_drawdown, situation.rules.trigger.drawdown
    if drawdown is None or triggering is None:
        return None
    half, whole = _thresholds_of_drawdown(triggering)
    if drawdown < half.reached_from:
        return None
    if drawdown >= whole.reached_from:
        return (
            f"The insurance fund is {whole.format_distinct(drawdown)} below its peak, at or above the {whole.text} "
            "at which the venue deleverages."
        )
    return (
        f"The insurance fund is {half.format_distinct(drawdown)} below its peak, at or above {half.text}, half of "
        f"the {whole.text} at which the venue deleverages."
    )


def _venue_rates_high(situation: Situation) -> str | None:
    return "The venue itself rates the contract's ADL risk as high." if situation.market.adl_rating == "high" else None


def _meter_rising(situation: Situation) -> str | None:
    before, now, meter = situation.position.adl_meter_before, situation.position.adl_meter, situation.rules.meter
    if before is None:
        return None
    if meter is None:
        raise RefusedError(
            problem="venue-has-no-meter",
            path=("position", "adl_meter_before"),
            detail=f"{situation.rules.name} publishes no ADL meter that is known; leave adl_meter_before out",
        )
    place_before = normalise_reading(before, meter, name="adl_meter_before")
    place = None if now is None else normalise_reading(now, meter)
    if now is None or place is None or place_before is None:
        return None
    earlier = build_threshold(place_before)
    if place <= earlier.exceeded_beyond:
        return None
    places = f"place {earlier.text} to {earlier.format_distinct(place)}"
    if isinstance(meter, LevelMeter):
        places = f"{meter.field} {format_number(before)} to {format_number(now)}, {places}"
    return f"The meter has risen since the earlier reading ({places}, where 1 is the front of the queue)."


def _open_interest_high(situation: Situation) -> str | None:
    if not situation.market.open_interest_high:
        return None
    return (
        "Open interest is above the 90th percentile of its last 30 days: when the price turns, more than usual is "
        "liquidated."
    )


_ALERTS: Final[tuple[tuple[AlertName, Callable[[Situation], str | None]], ...]] = (
    ("adl_in_progress", _adl_in_progress),
    ("settlement_near", _settlement_near),
    ("fund_drawn_down", _fund_drawn_down),
    ("venue_rates_high", _venue_rates_high),
    ("meter_rising", _meter_rising),
    ("open_interest_high", _open_interest_high),
)


def _build_thresholds_of_drawdown(triggering: float) -> tuple[Threshold, Threshold]:
    """The drawdown that raises the alert, and the one at which the venue deleverages."""
    return build_threshold(_DRAWN_DOWN_FROM * triggering, format_percent), build_threshold(triggering, format_percent)


# Cached without a decorator: `make mutation` skips decorated functions. There is one for each card at most.
_thresholds_of_drawdown: Final = cache(_build_thresholds_of_drawdown)


def _is_last_hours(left: timedelta, hours: float) -> bool:
    return left.total_seconds() <= hours * 3600.0


def _format_time_left(left: timedelta) -> str:
    """How long it is until then.

    >>> _format_time_left(timedelta(hours=5, minutes=20)), _format_time_left(timedelta(seconds=59))
    ('in 5 h 20 min', 'in less than a minute')
    """
    hours, minutes = divmod(int(left.total_seconds()) // 60, 60)
    parts = [f"{hours} h"] * (hours > 0) + [f"{minutes} min"] * (minutes > 0)
    return f"in {' '.join(parts)}" if parts else "in less than a minute"
