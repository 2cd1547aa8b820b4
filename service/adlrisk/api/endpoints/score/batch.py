"""``POST /scores``: score a batch of positions."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from adlrisk.api.dispatch.endpoint import NO_RECORDS, Answer, Body, Call, Encoded, Endpoint, Records, Steps
from adlrisk.api.endpoints.score.answer import answer_score
from adlrisk.api.endpoints.score.brief import score_briefly
from adlrisk.api.endpoints.score.items import DecodedItem, UnreadableItem, build_decoder
from adlrisk.api.endpoints.score.schema import BriefScore, ScoresAnswer, ScoresItem, ScoresRequest
from adlrisk.api.endpoints.shared.batch import Results, Tally, extract_figures, run_in_turns
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer
from adlrisk.api.http.problems import Problem, problem_for
from adlrisk.domain.position.errors import RefusedError
from adlrisk.telemetry.metrics import ScoreFigures
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError
from adlrisk.venues.market_records import Lookup, MarketKey


def handle_scores(call: Call) -> Steps[Encoded]:
    """Score item by item, yielding to other requests every millisecond."""
    items = yield from run_in_turns(build_decoder(call), call.body.items)
    keys = _collect_keys(items)
    records = (yield keys) if keys else NO_RECORDS
    results = Results(call.answer_codec)
    score = _build_scorer(call, records)
    yield from run_in_turns(lambda index, item: results.add(score(index, item)), items)
    return Encoded(pieces=results.splice("results"))


def _collect_keys(items: Sequence[DecodedItem | UnreadableItem]) -> list[MarketKey]:
    return [item.key for item in items if isinstance(item, DecodedItem) and item.key is not None]


def _build_scorer(
    call: Call, records: Records
) -> Callable[[int, DecodedItem | UnreadableItem], ScoreAnswer | BriefScore | Problem]:
    """Return the function that scores an item in the detail that the request asks for."""
    venues, now, tally = call.context.venues, call.context.clock(), Tally(call)
    answer_item = score_briefly if call.body.detail == "brief" else _score_in_full

    def score(index: int, item: DecodedItem | UnreadableItem) -> ScoreAnswer | BriefScore | Problem:
        if isinstance(item, UnreadableItem):
            return tally.problem(item.error, item_id=item.id)
        request, key = item.request, item.key
        try:
            answer, figures = answer_item(request, venues=venues, now=now, record=records[key] if key else "absent")
        except (RefusedError, UnknownVenueError) as error:
            return tally.problem(problem_for(error, within=f"/items/{index}"), item_id=request.id)
        tally.count(figures)
        return answer

    return score


def _score_in_full(
    item: ScoresItem, *, venues: Catalogue, now: datetime, record: Lookup
) -> tuple[ScoreAnswer, ScoreFigures]:
    build = ScoreAnswer if item.id is None else partial(ScoreAnswer, id=item.id)
    answer = answer_score(item, venues=venues, now=now, record=record, build=build)
    return answer, extract_figures(answer)


SCORES: Final = Endpoint(
    method="POST",
    path="/scores",
    operation_id="scorePositions",
    tag="Scoring",
    summary="Score a batch of positions",
    description="Takes 1 to 10,000 items, each a request of `POST /score`; returns a score or a problem for each, in "
    "the same order. An item may have an `id`, which its score or problem has as well, also where the rest of the item "
    "cannot be read. `detail` `brief` returns of each score only what candidates are sorted by. An invalid item, such "
    "as one that does not match the schema or is too large for `POST /score`, never affects the others. Safe to retry.",
    handle=handle_scores,
    pool="batches",
    body=Body(
        type=ScoresRequest,
        item_types=(ScoresItem,),
        limit=lambda context: context.settings.max_scores_bytes,
        examples=("scores", "scores-brief"),
        reads_numbers=False,
        may_be_coded=True,
    ),
    compresses=True,
    answers={
        200: Answer(
            description="A score or a problem for each item.", type=ScoresAnswer, item_types=(ScoreAnswer, BriefScore)
        )
    },
)
