"""``POST /score`` and ``POST /scores``: one position, or many at once."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from adlrisk.api import wire
from adlrisk.api.endpoint import Answer, Body, Call, Endpoint
from adlrisk.api.fields import MARGIN_OR_LEVERAGE, Moment, SymbolId, VenueId
from adlrisk.api.problems import Problem, ProblemError, refusal_of
from adlrisk.domain.errors import RefusedError
from adlrisk.domain.market import Market
from adlrisk.domain.position import Position
from adlrisk.domain.score import Score, score
from adlrisk.domain.signals import Signal
from adlrisk.telemetry.metrics import Metrics
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError, VenueRef

_MOST_ITEMS: Final = 10_000
_TURN_SECONDS: Final = 0.002  # how long a batch may hold up other requests


class ScoreRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One position to score."""

    venue: VenueId = "generic"
    symbol: SymbolId | None = None
    position: Annotated[Position, Meta(description="The position to score.", extra_json_schema=MARGIN_OR_LEVERAGE)]
    market: Annotated[Market, Meta(description="What is known of the market.")] = Market()
    as_of: Moment | None = None

    def __post_init__(self) -> None:
        """Refuse a day that the calendar does not have."""
        if self.as_of is None:
            return
        try:
            datetime.fromisoformat(self.as_of)
        except ValueError as error:
            raise ValueError(f"Wrong field `as_of`: {error}") from error


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


def answer_score(request: ScoreRequest, *, venues: Catalogue, now: datetime) -> ScoreAnswer:
    """The answer to ``request`` at ``now``, without any server.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: no answer would mean anything.
    """
    venue = venues[request.venue]
    as_of = now if request.as_of is None else datetime.fromisoformat(request.as_of)
    scored = score(request.position, market=request.market, rules=venue.rules, as_of=as_of)
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
        market=None,
        venue=venue.ref,
        as_of=request.as_of or now.isoformat().replace("+00:00", "Z"),
    )


async def _handle_score(call: Call) -> ScoreAnswer:
    service = call.service
    answer = answer_score(call.body, venues=service.venues, now=service.clock())
    _count(service.metrics, answer)
    return answer


async def _handle_scores(call: Call) -> ScoresAnswer:
    """Score item by item, letting other requests in every few milliseconds."""
    decode_item = call.codec.decoder_of(ScoreRequest)
    now = call.service.clock()
    results: list[msgspec.Raw] = []
    turn_ends = time.perf_counter() + _TURN_SECONDS
    for index, item in enumerate(call.body.items):
        results.append(msgspec.Raw(call.answer_codec.encode(_score_item(call, decode_item, item, index, now))))
        if time.perf_counter() > turn_ends:
            await asyncio.sleep(0)
            turn_ends = time.perf_counter() + _TURN_SECONDS
    return ScoresAnswer(results=results)


def _score_item(
    call: Call, decode_item: Callable[[bytes], Any], item: msgspec.Raw, index: int, now: datetime
) -> ScoreAnswer | Problem:
    within = f"/items/{index}"
    metrics = call.service.metrics
    try:
        request = wire.decode(decode_item, item, within=within)
        answer = answer_score(request, venues=call.service.venues, now=now)
    except (RefusedError, UnknownVenueError) as error:
        problem = refusal_of(error, within=within)
    except ProblemError as error:
        problem = error
    else:
        _count(metrics, answer)
        return answer
    metrics.problem_answered(problem.slug)
    return problem.problem(instance=call.request_id)


def _count(metrics: Metrics, answer: ScoreAnswer) -> None:
    outcomes = ((signal.signal, _outcome(signal)) for signal in answer.signals)
    metrics.position_scored(venue=answer.venue.id, band=answer.band, outcomes=outcomes)


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
    "The answer is a pure function of the request, the venue's revision and `as_of`, so it is safe to retry.",
    handle=_handle_score,
    body=Body(
        type=ScoreRequest,
        limit=lambda service: service.settings.max_score_bytes,
        examples=("score", "score-position-alone", "score-inverse"),
    ),
    answers={200: Answer(description="The score.", type=ScoreAnswer)},
    problems=("unknown-venue", "venue-has-no-meter", "meter-out-of-scale"),
)

SCORES: Final = Endpoint(
    method="POST",
    path="/scores",
    operation_id="scorePositions",
    tag="Scoring",
    summary="Score many positions at once",
    description="1 to 10,000 items, each as `POST /score` takes it; answers in the same order, each a score or "
    "a problem. A bad item, even one that breaks the schema, never fails the others. Safe to retry.",
    handle=_handle_scores,
    body=Body(
        type=ScoresRequest,
        limit=lambda service: service.settings.max_scores_bytes,
        examples=("scores",),
    ),
    answers={200: Answer(description="A score or a problem for each item.", type=ScoresAnswer)},
)
