"""The answers of ``/venues`` and ``/venues/{venue}``, which the command line prints too."""

from adlrisk.api.endpoints.venues.schema import VenueCard, VenueList, VenueSummary
from adlrisk.venues.catalogue import Catalogue, Venue


def build_card(venue: Venue) -> VenueCard:
    """Return the venue's card as an answer."""
    fields = {name: getattr(venue.rules, name) for name in venue.rules.__struct_fields__}
    return VenueCard(venue=venue.ref, **fields)


def list_venues(venues: Catalogue) -> VenueList:
    """Return a summary of every venue."""
    return VenueList(venues=[_summarize(venue) for venue in venues.values()])


def _summarize(venue: Venue) -> VenueSummary:
    rules = venue.rules
    return VenueSummary(
        id=rules.id,
        name=rules.name,
        ccxt=rules.ccxt,
        contracts=rules.contracts,
        mechanism=rules.mechanism,
        formula=rules.ranking.formula,
        meter=rules.meter.field if rules.meter else None,
        fill_price=rules.execution.price,
        confidence=rules.confidence,
        checked=rules.checked,
        facts_age_days=venue.ref.facts_age_days,
        revision=venue.revision,
        source=venue.source,
    )
