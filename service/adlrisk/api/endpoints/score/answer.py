"""Scoring of a request: a pure function of the request, the rules, the time and the market record."""

from collections.abc import Callable
from datetime import datetime

from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.endpoints.shared.score_position import Asked, Completed, complete, score_completed
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.domain.position.figures import check_figures
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError, Venue
from adlrisk.venues.market_records import Lookup, MarketKey


def answer_score(
    request: ScoreRequest,
    *,
    venues: Catalogue,
    now: datetime,
    record: Lookup = "absent",
    build: Callable[..., ScoreAnswer] = ScoreAnswer,
) -> ScoreAnswer:
    """Answer ``request`` at ``now``; a pure function.

    ``record`` is the market record of its symbol, or why there is none. The answer is made by ``build`` from the fields
    of ``ScoreAnswer``.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: the request is valid, but cannot be scored, e.g. a meter reading off the venue's scale, a
            contract that the venue does not have, or a figure of the venue's own that does not fit the position.
    """
    given, venue = complete_request(request, venues=venues, now=now, record=record)
    return score_completed(given, venue=venue, build=build)


def complete_request(
    request: ScoreRequest, *, venues: Catalogue, now: datetime, record: Lookup
) -> tuple[Completed, Venue]:
    """The request with what its market record fills in, and its venue, once they fit each other.

    Raises:
        UnknownVenueError, RefusedError: as for ``answer_score``.
    """
    venue = venues[request.venue]
    asked = Asked(request.position, request.market, request.symbol, request.as_of)
    given = complete(asked, rules=venue.rules, now=now, record=record)
    check_figures(given.position)
    return given, venue


def market_key(request: ScoreRequest, venues: Catalogue) -> MarketKey | None:
    """Return the key of the request's market record; ``None`` if it names no symbol, or an unknown venue."""
    if request.symbol is None:
        return None
    try:
        venue = venues[request.venue]
    except UnknownVenueError:
        return None
    return MarketKey(venue.rules.id, request.symbol)  # whatever name the request has for the venue
