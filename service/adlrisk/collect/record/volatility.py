"""The volatility of the mark price: realized variance, over the time between the marks that it was seen in.

Squared logarithmic changes between marks that are five minutes apart or somewhat more, divided by the time between
them, so that gaps bias nothing. A gap of more than an hour counts neither as time nor as a change.
"""

import math
from typing import Annotated, Final

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import LEAST_VOLATILITY, MOST_VOLATILITY, NonNegative, Positive

STEP_SECONDS: Final = 300.0
LONGEST_GAP_SECONDS: Final = 3_600.0
WEEK_SECONDS: Final = 7 * 86_400.0
DAY_SECONDS: Final = 86_400.0
LEAST_OF_WEEK_SECONDS: Final = 86_400.0  # between marks, before anything is said
LEAST_OF_DAY_SECONDS: Final = 43_200.0

_SLOT_SECONDS: Final = 4 * 3_600  # 42 in a week, some 2 kB
_YEAR_SECONDS: Final = 365.0 * 86_400.0

Slot = tuple[NonNegative, NonNegative]  # sum of squared changes, and the seconds between their marks


class MarkTrail(Struct, frozen=True, kw_only=True):
    """The changes of the mark within a week; times are seconds since 1970."""

    at: Annotated[float, Meta(ge=0.0, le=float(1 << 40))]  # of the mark that the next change is measured from
    mark: Positive
    slots: dict[Annotated[int, Meta(ge=0, le=1 << 40)], Slot] = {}  # by first second


def extend_marks(trail: MarkTrail | None, mark: float, *, now: float) -> MarkTrail:
    """The trail after a look at the mark; begun by it where there is none, and where the clock went back."""
    if trail is None:
        return MarkTrail(at=now, mark=mark)
    seconds = now - trail.at
    if 0.0 <= seconds < STEP_SECONDS:
        return trail
    slots = {slot: sums for slot, sums in trail.slots.items() if now - WEEK_SECONDS <= slot <= now}
    if STEP_SECONDS <= seconds <= LONGEST_GAP_SECONDS:
        slot = int(now) // _SLOT_SECONDS * _SLOT_SECONDS
        squares, watched = slots.get(slot, (0.0, 0.0))
        squares += math.log(mark / trail.mark) ** 2
        slots[slot] = (float(f"{squares:.9g}"), round(watched + seconds, 1))
    return MarkTrail(at=now, mark=mark, slots=slots)


def measure_volatility(trail: MarkTrail | None, *, now: float) -> float | None:
    """The larger of the volatilities of the last week and the last day, a year; ``None`` until enough was seen.

    The day shows a storm at once, and the week does not forget it the day after. A mark that never moves is no calm
    market but a broken source, and nothing is known of it.
    """
    week = _measure(trail, since=now - WEEK_SECONDS, until=now, least_seconds=LEAST_OF_WEEK_SECONDS)
    if week is None:
        return None
    day = _measure(trail, since=now - DAY_SECONDS, until=now, least_seconds=LEAST_OF_DAY_SECONDS)
    volatility = float(f"{max(week, day or 0.0):.6g}")
    # Above the most are the marks of two contracts, as after a change of their unit.
    return volatility if LEAST_VOLATILITY <= volatility <= MOST_VOLATILITY else None


def _measure(trail: MarkTrail | None, *, since: float, until: float, least_seconds: float) -> float | None:
    sums = [] if trail is None else [sums for slot, sums in trail.slots.items() if since <= slot <= until]
    seconds = math.fsum(watched for _, watched in sums)
    if seconds < least_seconds:
        return None
    return math.sqrt(math.fsum(squares for squares, _ in sums) / seconds * _YEAR_SECONDS)
