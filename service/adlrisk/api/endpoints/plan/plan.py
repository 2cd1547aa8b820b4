"""``POST /plan``: the cheapest way of a position to a target."""

import time
from typing import Final

from adlrisk.api.dispatch.endpoint import NO_RECORDS, Answer, Body, Bulk, Call, Endpoint, Steps
from adlrisk.api.endpoints.plan.answer import plan_in_turns
from adlrisk.api.endpoints.plan.plan_book import PLAN_BOOK, has_book
from adlrisk.api.endpoints.plan.schema import PlanAnswer, PlanRequest
from adlrisk.api.endpoints.plan.subjects import market_keys
from adlrisk.api.endpoints.shared.book import BOOK_PROBLEMS
from adlrisk.domain.planning.search.least import Turns

_TURN_SECONDS: Final = 0.001


def _handle_plan(call: Call) -> Steps[PlanAnswer]:
    context, request = call.context, call.body
    venues = context.live_rules.venues
    keys = market_keys(request, venues)
    records = (yield keys) if keys else NO_RECORDS
    turns = plan_in_turns(request, venues=venues, now=context.clock(), records=records)
    answer = yield from _take_turns(turns)
    call.effects.append(lambda: context.metrics.count_plan(venue=answer.venue.id, outcome=answer.outcome))
    return answer


def _take_turns(turns: Turns[PlanAnswer]) -> Steps[PlanAnswer]:
    ends = time.perf_counter() + _TURN_SECONDS
    while True:
        try:
            next(turns)
        except StopIteration as end:
            answer: PlanAnswer = end.value
            return answer
        if time.perf_counter() > ends:
            yield None
            ends = time.perf_counter() + _TURN_SECONDS


PLAN: Final = Endpoint(
    method="POST",
    path="/plan",
    operation_id="planPosition",
    tag="Scoring",
    summary="Plan the cheapest way to a lower score",
    description="Takes a position as in `POST /score`, or the legs of an account as in `POST /account` with the id of "
    "one, and a target. Returns what reaches it, the cheapest first: the least margin to add, the fewest lots to "
    "close, a roll, or two of them together; then what does not. Each option has its cost and the complete request "
    "whose answer it promises, so that it can be checked. Fees and slippage are not taken out of it. With the "
    "others of the contract in `book` it tells the place in the queue, which may be the target; with `candidate`, how "
    "large a position may be that is not held yet, and how little may back it. Safe to retry.",
    handle=_handle_plan,
    bulk=Bulk(handler=PLAN_BOOK, takes=has_book),
    pool="books",
    body=Body(
        type=PlanRequest,
        limit=lambda context: context.settings.max_book_bytes,
        examples=("plan", "plan-account", "plan-book", "plan-candidate"),
        may_be_coded=True,
    ),
    compresses=True,
    answers={200: Answer(description="The plan.", type=PlanAnswer)},
    problems=(
        *BOOK_PROBLEMS,
        "input-required",
        "simulation-too-large",
        "unknown-id",
        "venue-has-no-meter",
        "meter-out-of-scale",
        "figures-disagree",
        "margin-mode-mismatch",
        "mixed-settlement",
        "not-a-lot-multiple",
    ),
)
