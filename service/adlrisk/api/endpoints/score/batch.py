"""``POST /scores``: score a batch of positions."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from adlrisk.api.dispatch.endpoint import NO_RECORDS, Answer, Body, Call, Encoded, Endpoint, Records, Steps
from adlrisk.api.endpoints.score.answer import answer_score, market_key
from adlrisk.api.endpoints.score.schema import ScoreRequest, ScoresAnswer, ScoresRequest
from adlrisk.api.endpoints.shared.batch import Results, Tally, build_item_decoder, run_in_turns
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.api.http.problems import Problem, ProblemError, problem_for
from adlrisk.domain.position.errors import RefusedError
from adlrisk.venues.catalogue import UnknownVenueError
from adlrisk.venues.market_records import MarketKey

Item = tuple[ScoreRequest, MarketKey | None] | ProblemError  # a decoded item, or why it could not be decoded


def handle_scores(call: Call) -> Steps[Encoded]:
    """Score item by item, yielding to other requests every millisecond."""
    items = yield from run_in_turns(_build_decoder(call), call.body.items)
    keys = _collect_keys(items)
    records = (yield keys) if keys else NO_RECORDS
    results = Results(call.answer_codec)
    score = _build_scorer(call, records)
    yield from run_in_turns(lambda index, item: results.add(score(index, item)), items)
    return Encoded(pieces=results.splice("results"))


def _collect_keys(items: Sequence[Item]) -> list[MarketKey]:
    return [item[1] for item in items if isinstance(item, tuple) and item[1] is not None]


def _build_decoder(call: Call) -> Callable[[int, msgspec.Raw], Item]:
    decode = build_item_decoder(call, ScoreRequest, field="items")
    venues = call.context.venues

    def decode_item(index: int, item: msgspec.Raw) -> Item:
        request = decode(index, item)
        return request if isinstance(request, ProblemError) else (request, market_key(request, venues))

    return decode_item


def _build_scorer(call: Call, records: Records) -> Callable[[int, Item], ScoreAnswer | Problem]:
    """Return the function that scores an item."""
    venues, now, tally = call.context.venues, call.context.clock(), Tally(call)

    def score(index: int, item: Item) -> ScoreAnswer | Problem:
        if isinstance(item, ProblemError):
            return tally.problem(item)
        request, key = item
        try:
            answer = answer_score(request, venues=venues, now=now, record=records[key] if key else "absent")
        except (RefusedError, UnknownVenueError) as error:
            return tally.problem(problem_for(error, within=f"/items/{index}"))
        tally.score(answer)
        return answer

    return score


SCORES: Final = Endpoint(
    method="POST",
    path="/scores",
    operation_id="scorePositions",
    tag="Scoring",
    summary="Score a batch of positions",
    description="Takes 1 to 10,000 items, each a request of `POST /score`; returns a score or a problem for each, in "
    "the same order. An invalid item, such as one that does not match the schema or is too large for `POST /score`, "
    "never affects the others. Safe to retry.",
    handle=handle_scores,
    pool="batches",
    body=Body(
        type=ScoresRequest,
        limit=lambda context: context.settings.max_scores_bytes,
        examples=("scores",),
        reads_numbers=False,
        may_be_coded=True,
    ),
    compresses=True,
    answers={200: Answer(description="A score or a problem for each item.", type=ScoresAnswer)},
)
