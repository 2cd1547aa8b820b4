"""Scoring of a request: a pure function of the request, the rules, the time and the market record."""

from datetime import datetime

from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.endpoints.shared.score_position import Asked, complete, score_completed
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.venues.catalogue import Catalogue
from adlrisk.venues.market_records import Lookup, MarketKey


def answer_score(request: ScoreRequest, *, venues: Catalogue, now: datetime, record: Lookup = "absent") -> ScoreAnswer:
    """Answer ``request`` at ``now``; a pure function.

    ``record`` is the market record of its symbol, or why there is none.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: the request is valid, but cannot be scored, e.g. a meter reading off the venue's scale.
    """
    venue = venues[request.venue]
    asked = Asked(request.position, request.market, request.symbol, request.as_of)
    return score_completed(complete(asked, now=now, record=record), venue=venue)


def market_key(request: ScoreRequest, venues: Catalogue) -> MarketKey | None:
    """Return the key of the request's market record; ``None`` if it names no symbol, or an unknown venue."""
    if request.symbol is None or request.venue not in venues:
        return None
    return MarketKey(request.venue, request.symbol)
