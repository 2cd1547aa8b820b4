"""``POST /score`` and ``POST /scores``: one position, or many at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta, Struct

from adlrisk.api import wire
from adlrisk.api.endpoint import Answer, Body, Call, Endpoint
from adlrisk.api.fields import MARGIN_OR_LEVERAGE, Moment, SymbolId, VenueId, refuse_no_day, written
from adlrisk.api.problems import Problem, ProblemError, refusal_of
from adlrisk.domain.errors import RefusedError
from adlrisk.domain.market import Completed, Market, complete
from adlrisk.domain.position import Position
from adlrisk.domain.score import Score, score
from adlrisk.domain.signals import Signal
from adlrisk.telemetry.metrics import Metrics
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError, VenueRef
from adlrisk.venues.records import KeptRecord, MarketKey

_MOST_ITEMS: Final = 10_000
_TURN_SECONDS: Final = 0.002  # how long a batch may hold up other requests
_NO_RECORDS: Final[Mapping[MarketKey, KeptRecord]] = {}


class ScoreRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One position to score."""

    venue: VenueId = "generic"
    symbol: SymbolId | None = None
    position: Annotated[Position, Meta(description="The position to score.", extra_json_schema=MARGIN_OR_LEVERAGE)]
    market: Annotated[Market, Meta(description="What is known of the market.")] = Market()
    as_of: Moment | None = None

    def __post_init__(self) -> None:
        """Refuse a day that the calendar does not have."""
        refuse_no_day("as_of", self.as_of)


class MarketUsed(Struct, frozen=True, kw_only=True):
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


class ScoresRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Many positions to score, each as `POST /score` takes it."""

    items: Annotated[
        list[
            Annotated[
                msgspec.Raw,
                Meta(
                    extra_json_schema={
                        "anyOf": [
                            {"$ref": "#/components/schemas/ScoreRequest"},
                            {"description": "Anything else is answered by a problem at its place."},
                        ]
                    }
                ),
            ]
        ],
        Meta(min_length=1, max_length=_MOST_ITEMS, description="Requests as `POST /score` takes them."),
    ]


class ScoresAnswer(Struct, frozen=True, kw_only=True):
    """A score or a problem for each item, in the order of the request."""

    results: list[
        Annotated[
            msgspec.Raw,
            Meta(
                extra_json_schema={
                    "oneOf": [
                        {"$ref": "#/components/schemas/ScoreAnswer"},
                        {"$ref": "#/components/schemas/Problem"},
                    ]
                }
            ),
        ]
    ]


def answer_score(
    request: ScoreRequest, *, venues: Catalogue, now: datetime, record: KeptRecord | None = None
) -> ScoreAnswer:
    """The answer to ``request`` at ``now``, without any server.

    ``record`` is what is on record about its symbol; it fills in what the request leaves out while it holds.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: no answer would mean anything.
    """
    venue = venues[request.venue]
    as_of = now if request.as_of is None else datetime.fromisoformat(request.as_of)
    given = Completed(position=request.position, market=request.market)
    if record is not None and record.holds_at(as_of):
        given = complete(request.position, request.market, record.market)
    scored = score(given.position, market=given.market, rules=venue.rules, as_of=as_of, cached=given.filled)
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
        market=_used(request.symbol, record, as_of) if record is not None and given.filled else None,
        venue=venue.ref,
        as_of=request.as_of or written(now),
    )


def _used(symbol: str | None, record: KeptRecord, as_of: datetime) -> MarketUsed:
    return MarketUsed(
        symbol=symbol or "",
        observed_at=written(record.observed_at),
        age_seconds=(as_of - record.observed_at).total_seconds(),
        source=record.source,
    )


async def _handle_score(call: Call) -> ScoreAnswer:
    key = _key_of(call.body, call.service.venues)
    records = await call.service.parameters.records([key]) if key else _NO_RECORDS
    return _answered(call, key, records)


def _score_at_once(call: Call) -> ScoreAnswer | None:
    key = _key_of(call.body, call.service.venues)
    records = call.service.parameters.records_at_hand([key]) if key else _NO_RECORDS
    return None if records is None else _answered(call, key, records)


def _answered(call: Call, key: MarketKey | None, records: Mapping[MarketKey, KeptRecord]) -> ScoreAnswer:
    service = call.service
    record = records.get(key) if key else None
    answer = answer_score(call.body, venues=service.venues, now=service.clock(), record=record)
    _count(service.metrics, answer)
    return answer


def _key_of(request: ScoreRequest, venues: Catalogue) -> MarketKey | None:
    """Under which key something may be on record about the request's market."""
    if request.symbol is None or request.venue not in venues:
        return None
    return MarketKey(request.venue, request.symbol)


async def _handle_scores(call: Call) -> ScoresAnswer:
    """Score item by item, letting other requests in every few milliseconds; the store is read once for all."""
    decode_item = call.codec.decoder_of(ScoreRequest)
    limit = call.service.settings.max_score_bytes
    items = [_decoded(decode_item, item, index, limit=limit) async for index, item in _in_turns(call.body.items)]
    venues, now = call.service.venues, call.service.clock()
    requests = [item for item in items if isinstance(item, ScoreRequest)]
    keys = [key for request in requests if (key := _key_of(request, venues)) is not None]
    records = await call.service.parameters.records(keys) if keys else {}
    results: list[msgspec.Raw] = []
    async for index, item in _in_turns(items):
        answered = _score_item(call, item, index, venues=venues, now=now, records=records)
        results.append(msgspec.Raw(call.answer_codec.encode(answered)))
    return ScoresAnswer(results=results)


T = TypeVar("T")


async def _in_turns(items: Sequence[T]) -> AsyncIterator[tuple[int, T]]:
    """The items with their places, giving way to other requests whenever a turn is over."""
    turn_ends = time.perf_counter() + _TURN_SECONDS
    for numbered in enumerate(items):
        yield numbered
        if time.perf_counter() > turn_ends:
            await asyncio.sleep(0)
            turn_ends = time.perf_counter() + _TURN_SECONDS


def _decoded(
    decode_item: Callable[[bytes], Any], item: msgspec.Raw, index: int, *, limit: int
) -> ScoreRequest | ProblemError:
    """An item, one beyond ``limit`` bytes undecoded: a turn ends only between items."""
    if memoryview(item).nbytes > limit:
        return wire.too_large(limit, what="item", within=f"/items/{index}")
    try:
        request: ScoreRequest = wire.decode(decode_item, item, within=f"/items/{index}")
    except ProblemError as error:
        return error
    return request


def _score_item(
    call: Call,
    item: ScoreRequest | ProblemError,
    index: int,
    *,
    venues: Catalogue,
    now: datetime,
    records: Mapping[MarketKey, KeptRecord],
) -> ScoreAnswer | Problem:
    metrics = call.service.metrics
    answered = _scored(item, index, venues=venues, now=now, records=records)
    if isinstance(answered, ScoreAnswer):
        _count(metrics, answered)
        return answered
    metrics.problem_answered(answered.slug)
    return answered.problem(instance=call.request_id)


def _scored(
    item: ScoreRequest | ProblemError,
    index: int,
    *,
    venues: Catalogue,
    now: datetime,
    records: Mapping[MarketKey, KeptRecord],
) -> ScoreAnswer | ProblemError:
    if isinstance(item, ProblemError):
        return item
    key = _key_of(item, venues)
    try:
        return answer_score(item, venues=venues, now=now, record=None if key is None else records.get(key))
    except (RefusedError, UnknownVenueError) as error:
        return refusal_of(error, within=f"/items/{index}")


def _count(metrics: Metrics, answer: ScoreAnswer) -> None:
    outcomes = ((signal.signal, _outcome(signal)) for signal in answer.signals)
    ratio = answer.score / answer.max_score
    metrics.position_scored(venue=answer.venue.id, band=answer.band, ratio=ratio, outcomes=outcomes)


def _outcome(signal: Signal) -> str:
    if signal.fired is None:
        return "unknown"
    return "fired" if signal.fired else "calm"


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

SCORES: Final = Endpoint(
    method="POST",
    path="/scores",
    operation_id="scorePositions",
    tag="Scoring",
    summary="Score many positions at once",
    description="1 to 10,000 items, each as `POST /score` takes it; answers in the same order, each a score or "
    "a problem. A bad item, even one that breaks the schema, never fails the others; one that `POST /score` would find "
    "too large is bad. Safe to retry.",
    handle=_handle_scores,
    lane="batches",
    body=Body(
        type=ScoresRequest,
        limit=lambda service: service.settings.max_scores_bytes,
        examples=("scores",),
    ),
    answers={200: Answer(description="A score or a problem for each item.", type=ScoresAnswer)},
)
