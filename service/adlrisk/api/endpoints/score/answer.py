"""``POST /score`` without a server: the answer as a pure function of request, rules, moment and market record."""

from datetime import datetime
from typing import Final

from adlrisk.api.endpoints.score.schema import MarketUsed, ScoreAnswer, ScoreRequest
from adlrisk.api.endpoints.shared.fields import written
from adlrisk.domain.position.market import complete
from adlrisk.domain.scoring.score import score
from adlrisk.venues.catalogue import Catalogue
from adlrisk.venues.market_records import MarketKey, StoredRecord

_NOTHING: Final[frozenset[str]] = frozenset()


def answer_score(
    request: ScoreRequest, *, venues: Catalogue, now: datetime, record: StoredRecord | None = None
) -> ScoreAnswer:
    """The answer to ``request`` at ``now``, without any server.

    ``record`` is what is on record about its symbol; it fills in what the request leaves out while it holds.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: no answer would mean anything.
    """
    venue = venues[request.venue]
    as_of = now if request.as_of is None else datetime.fromisoformat(request.as_of)
    position, market, filled = request.position, request.market, _NOTHING
    if record is not None and record.holds_at(as_of):
        given = complete(position, market, record.market)
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
        market=_used(request.symbol, record, as_of) if record is not None and filled else None,
        venue=venue.ref,
        as_of=request.as_of or written(now),
    )


def key_of(request: ScoreRequest, venues: Catalogue) -> MarketKey | None:
    """Under which key something may be on record about the request's market."""
    if request.symbol is None or request.venue not in venues:
        return None
    return MarketKey(request.venue, request.symbol)


def _used(symbol: str | None, record: StoredRecord, as_of: datetime) -> MarketUsed:
    return MarketUsed(
        symbol=symbol or "",
        observed_at=written(record.observed_at),
        age_seconds=(as_of - record.observed_at).total_seconds(),
        source=record.source,
    )
