"""Scoring of a request: a pure function of the request, the rules, the time and the market record."""

from datetime import datetime
from typing import Final

from adlrisk.api.endpoints.score.schema import MarketUsed, ScoreAnswer, ScoreRequest
from adlrisk.api.endpoints.shared.fields import format_datetime
from adlrisk.domain.position.market import complete_request
from adlrisk.domain.scoring.score import score
from adlrisk.venues.catalogue import Catalogue
from adlrisk.venues.market_records import MarketKey, StoredRecord

_NOTHING: Final[frozenset[str]] = frozenset()


def answer_score(
    request: ScoreRequest, *, venues: Catalogue, now: datetime, record: StoredRecord | None = None
) -> ScoreAnswer:
    """Answer ``request`` at ``now``; a pure function.

    ``record`` is the market record of its symbol, if any; until it expires it fills in what the request leaves out.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: the request is valid, but cannot be scored, e.g. a meter reading off the venue's scale.
    """
    venue = venues[request.venue]
    as_of = now if request.as_of is None else datetime.fromisoformat(request.as_of)
    position, market, filled = request.position, request.market, _NOTHING
    if record is not None and record.is_valid_at(as_of):
        given = complete_request(position, market, record.market)
        position, market, filled = given.position, given.market, given.filled
    scored = score(position, market=market, rules=venue.rules, as_of=as_of, cached=filled)
    return ScoreAnswer(
        score=scored.score,
        max_score=scored.max_score,
        score_upper=scored.score_upper,
        band=scored.band,
        band_upper=scored.band_upper,
        guidance=scored.guidance,
        signals=scored.signals,
        missing=scored.missing,
        state=scored.state,
        queue=scored.queue,
        actions=scored.actions,
        market=_describe_record(request.symbol, record, as_of) if record is not None and filled else None,
        venue=venue.ref,
        as_of=request.as_of or format_datetime(now),
    )


def market_key(request: ScoreRequest, venues: Catalogue) -> MarketKey | None:
    """Return the key of the request's market record; ``None`` if it names no symbol, or an unknown venue."""
    if request.symbol is None or request.venue not in venues:
        return None
    return MarketKey(request.venue, request.symbol)


def _describe_record(symbol: str | None, record: StoredRecord, as_of: datetime) -> MarketUsed:
    return MarketUsed(
        symbol=symbol or "",
        observed_at=format_datetime(record.observed_at),
        age_seconds=(as_of - record.observed_at).total_seconds(),
        source=record.source,
    )
