"""Schema of a venue's rule card, and the consistency checks on every card.

The cards are TOML files in ``adlrisk.venues``; these Structs are what the catalogue decodes them into.
"""

from datetime import date
from functools import cached_property
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import Positive, Rate
from adlrisk.domain.position.number_format import format_percent
from adlrisk.domain.position.position import Contract, MaintenanceBasis
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.domain.rules.formulas import FORMULAS, Confidence
from adlrisk.domain.rules.threshold import Threshold, build_threshold

ContractsGiven = Annotated[
    Annotated[tuple[Contract, ...], Meta(min_length=1, extra_json_schema={"uniqueItems": True})],
    Meta(
        description="The kinds of contract that the venue has; the other kind is refused. Both, too, where it is not "
        "known whether the venue has the other."
    ),
]
Mechanism = Literal["queue", "random", "keeper", "socialised", "none", "unknown"]
Weighting = Literal["accounts", "quantity", "unknown"]

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FIFTHS: Final = 5

MinuteOfWeek = Annotated[str, Meta(pattern=r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?:[01][0-9]|2[0-3]):[0-5][0-9]\Z")]


class Ranking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the venue orders its queue."""

    formula: Annotated[str | None, Meta(description="Name of the queue formula; null if the venue's is unknown.")] = (
        None
    )
    note: str | None = None
    history: Annotated[tuple[str, ...], Meta(description="Older rules, dated, in words.")] = ()

    def __post_init__(self) -> None:
        """Reject an unknown formula."""
        if self.formula is not None and self.formula not in FORMULAS:
            raise ValueError(f"Unknown value of field `formula`: one of {', '.join(FORMULAS)}")


class LevelMeter(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="scale",
    tag="levels",
    cache_hash=True,
):
    """A meter that shows which fifth of the queue a position is in."""

    field: Annotated[str, Meta(description="The venue's own name of the reading.")]
    endpoint: Annotated[str, Meta(description="Where the venue publishes it.")]
    levels: Annotated[
        tuple[int, ...],
        Meta(description="Readings from the first fifth of the queue (reduced first) to the last."),
    ]
    also_lowest: Annotated[tuple[int, ...], Meta(description="Further readings that mean the last fifth.")] = ()
    none: Annotated[tuple[int, ...], Meta(description="Readings that mean no position or no rank.")] = ()
    weighting: Annotated[Weighting, Meta(description="What the venue's percentile counts: accounts or quantity.")] = (
        "unknown"
    )
    direction_confidence: Annotated[Confidence, Meta(description="How well the scale's direction is known.")]
    trap: Annotated[str | None, Meta(description="How the reading is most easily misread.")] = None
    note: str | None = None

    def __post_init__(self) -> None:
        """Reject a scale of the wrong length, or on which a reading has two meanings."""
        if len(self.levels) != _FIFTHS:
            raise ValueError("Wrong length of field `levels`: one reading per fifth of the queue")
        readings = (*self.levels, *self.also_lowest, *self.none)
        if len(set(readings)) != len(readings):
            raise ValueError("Ambiguous field `levels`: a reading has two meanings")


class FractionMeter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="scale", tag="fraction"):
    """A meter that shows the place in the queue as a fraction, 1 reduced first."""

    field: Annotated[str, Meta(description="The venue's own name of the reading.")]
    endpoint: Annotated[str, Meta(description="Where the venue publishes it.")]
    none: Annotated[tuple[float, ...], Meta(description="Readings that mean no position or no rank.")] = ()
    weighting: Annotated[Weighting, Meta(description="What the venue's percentile counts: accounts or quantity.")] = (
        "unknown"
    )
    direction_confidence: Annotated[Confidence, Meta(description="How well the scale's direction is known.")]
    trap: Annotated[str | None, Meta(description="How the reading is most easily misread.")] = None
    note: str | None = None


Meter = LevelMeter | FractionMeter


class Execution(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms of the forced fill of a reduced position."""

    price: Annotated[
        Literal["bankruptcy", "mark", "unknown"],
        Meta(description="Fill price: the liquidated position's bankruptcy price, or the mark price."),
    ] = "unknown"
    fee: Annotated[Literal["none", "maker", "taker", "unknown"], Meta(description="Fee on the forced fill.")] = (
        "unknown"
    )
    cancels_orders: Annotated[
        bool | None, Meta(description="Whether the reduced holder's open orders are cancelled; null unknown.")
    ] = None
    partial: Annotated[bool | None, Meta(description="Whether a position can be reduced in part; null unknown.")] = None
    note: str | None = None


class Trigger(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What triggers an auto-deleveraging."""

    rule: str | None = None
    pool: Annotated[str | None, Meta(description="What one insurance pool covers.")] = None


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


class PrecomputedThresholds(Struct, frozen=True, kw_only=True):
    """The thresholds of a card as ``Threshold`` objects."""

    leverage: Threshold
    profit: Threshold
    top_heavy_share: Threshold
    funding_rate_8h: Threshold
    adl_meter: Threshold


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
    thin_sessions: Annotated[
        tuple[ThinSession, ...], Meta(description="Weekly sessions that count as thin liquidity.")
    ] = (ThinSession(start="Sat 20:00", to="Sun 23:00"),)

    @cached_property
    def precomputed(self) -> PrecomputedThresholds:
        """The thresholds as ``Threshold`` objects, built once."""
        return _precompute_thresholds(self)


class Funding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Funding terms that hold for all contracts of the venue."""

    interval_hours: Annotated[
        Positive | None,
        Meta(description="Default funding interval, hours; null if contracts differ or it is not known."),
    ] = None
    note: str | None = None


class FillMarkers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the venue marks a forced fill in its API."""

    adl: tuple[str, ...] = ()
    liquidation: tuple[str, ...] = ()


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A source of the card, and the day it was read."""

    title: str
    where: str
    read: date


class VenueRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A venue's rule card: its ADL rule, the evidence for it, and what is not known."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,31}\Z")]
    name: str
    kind: Literal["exchange", "protocol"]
    ccxt: Annotated[tuple[str, ...], Meta(description="Ids of the venue in ccxt.")] = ()
    contracts: ContractsGiven = ("linear", "inverse")
    mechanism: Annotated[Mechanism, Meta(description="How the venue distributes bankrupt positions.")]
    mechanism_note: Annotated[str | None, Meta(description="What a venue without a queue does instead.")] = None
    maintenance_basis: Annotated[
        MaintenanceBasis,
        Meta(description="The value that maintenance margin is based on; `mark` also if the venue does not say."),
    ] = "mark"
    maintenance_margin_rate: Annotated[
        Rate | None, Meta(description="The venue's rate, if it has one for all contracts; a fraction.")
    ] = None
    confidence: Annotated[
        Confidence | None, Meta(description="How well the ranking is known; null if it is not known at all.")
    ] = None
    ranking: Ranking = Ranking()
    meter: Meter | None = None
    execution: Execution = Execution()
    trigger: Trigger = Trigger()
    score: Thresholds = Thresholds()
    funding: Funding = Funding()
    conditions: Conditions = Conditions()
    fills: FillMarkers = FillMarkers()
    sources: Annotated[tuple[Source, ...], Meta(min_length=1)]
    unknown: Annotated[tuple[str, ...], Meta(description="What the sources do not say.")] = ()

    def __post_init__(self) -> None:
        """Reject a card that contradicts itself."""
        if len(set(self.contracts)) != len(self.contracts):
            raise ValueError("Contradicting field `contracts`: a kind is listed twice")
        if self.mechanism != "queue" and self.ranking.formula is not None:
            raise ValueError("Contradicting field `mechanism`: only a queue has a formula")
        if self.mechanism != "queue" and self.mechanism_note is None:
            raise ValueError("Object missing required field `mechanism_note`: no queue, so what instead?")
        if self.confidence is None and self.mechanism != "unknown":
            raise ValueError("Object missing required field `confidence`: how well is the mechanism known?")


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
    )
