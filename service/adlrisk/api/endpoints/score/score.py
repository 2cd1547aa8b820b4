"""``POST /score``: how likely an ADL of one position is."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Final

from msgspec import Meta, Struct

from adlrisk.api.dispatch.endpoint import Answer, Body, Call, Endpoint
from adlrisk.api.endpoints.shared.fields import MARGIN_OR_LEVERAGE, Moment, SymbolId, VenueId, refuse_no_day, written
from adlrisk.domain.position.market import Market, complete
from adlrisk.domain.position.position import Position
from adlrisk.domain.scoring.score import Score, score
from adlrisk.telemetry.metrics import ScoreFigures
from adlrisk.venues.catalogue import Catalogue, VenueRef
from adlrisk.venues.market_records import MarketKey, StoredRecord

NO_RECORDS: Final[Mapping[MarketKey, StoredRecord]] = {}
_NOTHING: Final[frozenset[str]] = frozenset()


class ScoreRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One position to score."""

    venue: VenueId = "generic"
    symbol: SymbolId | None = None
    position: Annotated[Position, Meta(description="The position to score.", extra_json_schema=MARGIN_OR_LEVERAGE)]
    market: Annotated[Market, Meta(description="What is known of the market.")] = Market()
    as_of: Moment | None = None

    def __post_init__(self) -> None:
        """Refuse a day that the calendar does not have."""
        refuse_no_day("as_of", self.as_of)


class MarketUsed(Struct, frozen=True, kw_only=True, gc=False):
    """The market record that filled in what the request left out."""

    symbol: str
    observed_at: Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
    age_seconds: float
    source: str


class ScoreAnswer(Score, frozen=True, kw_only=True):
    """The score with the rules, record and moment it rests on."""

    market: Annotated[MarketUsed | None, Meta(description="The record that filled something in; null when none did.")]
    venue: VenueRef
    as_of: Annotated[str, Meta(description="The moment that was judged.", extra_json_schema={"format": "date-time"})]


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


def _used(symbol: str | None, record: StoredRecord, as_of: datetime) -> MarketUsed:
    return MarketUsed(
        symbol=symbol or "",
        observed_at=written(record.observed_at),
        age_seconds=(as_of - record.observed_at).total_seconds(),
        source=record.source,
    )


async def _handle_score(call: Call) -> ScoreAnswer:
    key = key_of(call.body, call.service.venues)
    records = await call.service.parameters.records([key]) if key else NO_RECORDS
    return _answered(call, key, records)


def _score_at_once(call: Call) -> ScoreAnswer | None:
    key = key_of(call.body, call.service.venues)
    records = call.service.parameters.cached_records([key]) if key else NO_RECORDS
    return None if records is None else _answered(call, key, records)


def _answered(call: Call, key: MarketKey | None, records: Mapping[MarketKey, StoredRecord]) -> ScoreAnswer:
    service = call.service
    record = records.get(key) if key else None
    answer = answer_score(call.body, venues=service.venues, now=service.clock(), record=record)
    call.effects.append(partial(service.metrics.position_scored, figures_of(answer)))
    return answer


def key_of(request: ScoreRequest, venues: Catalogue) -> MarketKey | None:
    """Under which key something may be on record about the request's market."""
    if request.symbol is None or request.venue not in venues:
        return None
    return MarketKey(request.venue, request.symbol)


def figures_of(answer: ScoreAnswer) -> ScoreFigures:
    """What a score is counted by."""
    leverage, profit, funding, market_stress, adl_meter = answer.signals
    return ScoreFigures(
        venue=answer.venue.id,
        band=answer.band,
        ratio=answer.score / answer.max_score,
        outcomes=(leverage.fired, profit.fired, funding.fired, market_stress.fired, adl_meter.fired),
    )


SCORE: Final = Endpoint(
    method="POST",
    path="/score",
    operation_id="scorePosition",
    tag="Scoring",
    summary="How likely is an ADL of this position?",
    description="Judges five signals of two points each and says what follows. A signal that cannot be judged "
    "is `fired: null`, widens `score_upper`, and `missing` names the request fields that would settle it. "
    "With `symbol`, what is on record about the market fills in what the request leaves out (`source` "
    "`cache`), and the answer shows the record. The answer is a pure function of the request, the venue's revision, "
    "`as_of` and that record, so it is safe to retry.",
    handle=_handle_score,
    handle_at_once=_score_at_once,
    body=Body(
        type=ScoreRequest,
        limit=lambda service: service.settings.max_score_bytes,
        examples=("score", "score-position-alone", "score-inverse"),
    ),
    answers={200: Answer(description="The score.", type=ScoreAnswer)},
    problems=("unknown-venue", "venue-has-no-meter", "meter-out-of-scale", "contract-mismatch"),
)
