"""``POST /score``: score the ADL risk of a position."""

from functools import partial
from typing import Final

from adlrisk.api.dispatch.endpoint import NO_RECORDS, Answer, Body, Call, Endpoint, Steps
from adlrisk.api.endpoints.score.answer import answer_score, market_key
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.endpoints.shared.batch import extract_figures
from adlrisk.api.endpoints.shared.score_schema import ScoreAnswer


def _handle_score(call: Call) -> Steps[ScoreAnswer]:
    context = call.context
    key = market_key(call.body, context.live_rules.venues)
    records = (yield [key]) if key else NO_RECORDS  # meanwhile an operator may have changed the rules
    record = records[key] if key else "absent"
    answer = answer_score(call.body, venues=context.live_rules.venues, now=context.clock(), record=record)
    call.effects.append(partial(context.metrics.count_scores, extract_figures(answer)))
    return answer


SCORE: Final = Endpoint(
    method="POST",
    path="/score",
    operation_id="scorePosition",
    tag="Scoring",
    summary="Score the ADL risk of a position",
    description="Evaluates five signals of two points each and recommends actions. The score counts conditions that "
    "are met, so it is always even; it is not a probability: 8 of 10 is not 80 %. A signal that cannot be evaluated "
    "is `fired: null` and raises `score_upper`; `missing` names the request fields that would decide it. With "
    "`symbol`, the market record fills in what the request leaves out (`source` `cache`), and `market` says what "
    "became of the record. `trigger` and `alerts` say what is known of whether the venue is about to deleverage at "
    "all; they add no points. The answer is a pure function of the request, the venue's revision, `as_of` and that "
    "record, so it is safe to retry.",
    handle=_handle_score,
    body=Body(
        type=ScoreRequest,
        limit=lambda context: context.settings.max_score_bytes,
        examples=("score", "score-position-alone", "score-inverse", "score-trigger"),
    ),
    answers={200: Answer(description="The score.", type=ScoreAnswer)},
    problems=("unknown-venue", "venue-has-no-meter", "meter-out-of-scale", "contract-mismatch", "figures-disagree"),
)
