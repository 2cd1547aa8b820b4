"""Structs of ``/venues``: rule cards and market records as they are sent and answered."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from adlrisk.api.endpoints.shared.fields import Moment, refuse_no_day
from adlrisk.domain.position.market import MarketRecord
from adlrisk.domain.rules.card import Mechanism, VenueRules
from adlrisk.domain.rules.formulas import Confidence
from adlrisk.venues.catalogue import VenueRef
from adlrisk.venues.market_records import Lifetime


class VenueSummary(Struct, frozen=True, kw_only=True):
    """One line of the list of venues."""

    id: Annotated[str, Meta(extra_json_schema={"$ref": "#/components/schemas/VenueId"})]
    name: str
    mechanism: Mechanism
    formula: Annotated[str | None, Meta(description="Queue formula; null without a queue or where unknown.")]
    meter: Annotated[str | None, Meta(description="The venue's own name of its ADL reading.")]
    fill_price: Annotated[Literal["bankruptcy", "mark", "unknown"], Meta(description="What an ADL fills at.")]
    confidence: Annotated[Confidence | None, Meta(description="Of the ranking; null where none is known.")]
    revision: str
    source: Literal["catalogue", "override"]


class VenueList(Struct, frozen=True, kw_only=True):
    """All venues, in alphabetical order of their ids."""

    venues: list[VenueSummary]


class VenueCard(VenueRules, frozen=True, kw_only=True):
    """The rule card in force, and its revision."""

    venue: VenueRef


class MarketPut(MarketRecord, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A market record to keep, whole, in place of the one there was."""

    observed_at: Annotated[
        Moment | None,
        Meta(
            description="When it was observed; it is used from then on. Up to a minute ahead of the service's clock "
            "counts as now. Default: now."
        ),
    ] = None
    source: Annotated[
        Annotated[str, Meta(max_length=64)], Meta(description="Who observed it, shown to those whose score uses it.")
    ] = "caller"
    ttl_seconds: Annotated[Lifetime, Meta(description="How long after `observed_at` it holds.")] = 120.0

    def __post_init__(self) -> None:
        """Refuse a day that the calendar does not have."""
        refuse_no_day("observed_at", self.observed_at)


class MarketAnswer(MarketRecord, frozen=True, kw_only=True):
    """A market record with its age."""

    venue: Annotated[str, Meta(extra_json_schema={"$ref": "#/components/schemas/VenueId"})]
    symbol: str
    observed_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    age_seconds: Annotated[float, Meta(description="Since it was observed.")]
    ttl_seconds: Annotated[float, Meta(description="How long after `observed_at` it holds.")]
    source: Annotated[str, Meta(description="Who observed it.")]
