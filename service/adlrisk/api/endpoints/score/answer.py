"""Scoring of a request: a pure function of the request, the rules, the time and the market record."""

from datetime import datetime
from typing import Final, NamedTuple

from adlrisk.api.endpoints.score.schema import MarketLookup, ScoreAnswer, ScoreRequest
from adlrisk.api.endpoints.shared.fields import format_datetime
from adlrisk.domain.position.figures import check_figures
from adlrisk.domain.position.market import complete_request
from adlrisk.domain.rules.contracts import refuse_contract
from adlrisk.domain.scoring.score import score
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError
from adlrisk.venues.market_records import Lookup, LookupStatus, MarketKey, StoredRecord

_NOTHING: Final[frozenset[str]] = frozenset()


def answer_score(request: ScoreRequest, *, venues: Catalogue, now: datetime, record: Lookup = "absent") -> ScoreAnswer:
    """Answer ``request`` at ``now``; a pure function.

    ``record`` is the market record of its symbol, or why there is none. Until it expires it fills in what the request
    leaves out. One from a clock that is ahead is used at the time of its observation, if the request leaves the time
    open.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: the request is valid, but cannot be scored, e.g. a meter reading off the venue's scale, a
            contract that the venue does not have, or a figure of the venue's own that does not fit the position.
    """
    venue = venues[request.venue]
    if request.position.contract not in venue.rules.contracts:
        raise refuse_contract(request.position.contract, venue.rules, path=("position", "contract"))
    as_of = now if request.as_of is None else datetime.fromisoformat(request.as_of)
    position, market, filled = request.position, request.market, _NOTHING
    current = _select_current(request, record, as_of) if isinstance(record, StoredRecord) else None
    if current is not None:
        given = complete_request(position, market, current.record.market)
        position, market, filled = given.position, given.market, given.filled
        as_of = current.as_of
    check_figures(position)  # after the record, which knows the contract's size for certain
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
        market=_describe_lookup(request.symbol, record, as_of, "used" if filled else "unused" if current else None),
        venue=venue.ref,
        as_of=request.as_of or format_datetime(as_of),
    )


def market_key(request: ScoreRequest, venues: Catalogue) -> MarketKey | None:
    """Return the key of the request's market record; ``None`` if it names no symbol, or an unknown venue."""
    if request.symbol is None:
        return None
    try:
        venue = venues[request.venue]
    except UnknownVenueError:
        return None
    return MarketKey(venue.ref.id, request.symbol)  # whatever name the request has for the venue


class _Current(NamedTuple):
    record: StoredRecord
    as_of: datetime


def _select_current(request: ScoreRequest, record: StoredRecord, as_of: datetime) -> _Current | None:
    """Return the record and the time to score for, if the record is valid then."""
    if request.as_of is None:
        moment = record.moment_of_use(as_of)
        return None if moment is None else _Current(record, moment)
    return _Current(record, as_of) if record.is_valid_at(as_of) else None


def _describe_lookup(
    symbol: str | None, record: Lookup, as_of: datetime, status: LookupStatus | None
) -> MarketLookup | None:
    """Return what became of the record: ``status``, or why it was not considered."""
    if symbol is None:
        return None
    if not isinstance(record, StoredRecord):
        return MarketLookup(symbol=symbol, status=record)
    return MarketLookup(
        symbol=symbol,
        status=status or "out_of_time",
        observed_at=format_datetime(record.observed_at),
        age_seconds=(as_of - record.observed_at).total_seconds(),
        source=record.source,
    )
