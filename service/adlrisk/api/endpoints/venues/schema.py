"""Structs of ``/venues``: rule cards and market records in requests and answers."""

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from adlrisk.api.endpoints.shared.fields import Moment
from adlrisk.domain.position.market import MarketRecord
from adlrisk.domain.position.moment import reject_invalid_date
from adlrisk.domain.position.position import Contract
from adlrisk.domain.rules.card import ExecutionPrice, Mechanism, VenueRules
from adlrisk.domain.rules.formulas import Confidence
from adlrisk.venues.catalogue import CardSource, VenueRef
from adlrisk.venues.market_records import Lifetime


class VenueSummary(Struct, frozen=True, kw_only=True):
    """The summary of a venue."""

    id: Annotated[str, Meta(extra_json_schema={"$ref": "#/components/schemas/VenueId"})]
    name: str
    ccxt: Annotated[tuple[str, ...], Meta(description="Ids of the venue in ccxt; empty if it has none.")]
    contracts: Annotated[tuple[Contract, ...], Meta(description="The kinds of contract that the venue has.")]
    mechanism: Mechanism
    formula: Annotated[str | None, Meta(description="Queue formula; null if unknown or there is no queue.")]
    meter: Annotated[str | None, Meta(description="The venue's own name for its ADL reading.")]
    fill_price: Annotated[ExecutionPrice, Meta(description="Price at which an ADL fills.")]
    confidence: Annotated[Confidence | None, Meta(description="Confidence in the ranking; null if it is unknown.")]
    checked: Annotated[date, Meta(description="The day by which all sources of the card had last been read.")]
    facts_age_days: Annotated[int, Meta(description="Days since then.")]
    revision: str
    source: CardSource


class VenueList(Struct, frozen=True, kw_only=True):
    """All venues, in alphabetical order of their ids."""

    venues: list[VenueSummary]


class VenueCard(VenueRules, frozen=True, kw_only=True):
    """The rule card in force, with its revision."""

    venue: VenueRef


class MarketPut(MarketRecord, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A market record to store; it replaces any earlier one as a whole."""

    observed_at: Annotated[
        Moment | None,
        Meta(
            description="When it was observed; the record applies from then on. Up to a minute ahead of the service's "
            "clock counts as now. Default: now."
        ),
    ] = None
    source: Annotated[
        Annotated[str, Meta(max_length=64)], Meta(description="Who observed it; shown in scores that use it.")
    ] = "caller"
    ttl_seconds: Annotated[Lifetime, Meta(description="How long it is valid after `observed_at`, seconds.")] = 120.0

    def __post_init__(self) -> None:
        """Reject days that are not in the calendar, and shares that are not all."""
        reject_invalid_date("observed_at", self.observed_at)
        super().__post_init__()


class MarketAnswer(MarketRecord, frozen=True, kw_only=True):
    """A market record with its age."""

    venue: Annotated[str, Meta(extra_json_schema={"$ref": "#/components/schemas/VenueId"})]
    symbol: str
    observed_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    age_seconds: Annotated[float, Meta(description="Seconds since it was observed.")]
    ttl_seconds: Annotated[float, Meta(description="How long it is valid after `observed_at`, seconds.")]
    source: Annotated[str, Meta(description="Who observed it.")]
