"""``POST /plan``: the cheapest way of a position to a target."""

import time
from typing import Final

from adlrisk.api.dispatch.endpoint import NO_RECORDS, Answer, Body, Call, Endpoint, Steps
from adlrisk.api.endpoints.plan.answer import plan_in_turns
from adlrisk.api.endpoints.plan.schema import PlanAnswer, PlanRequest
from adlrisk.api.endpoints.plan.subjects import market_keys

_TURN_SECONDS: Final = 0.001


def _handle_plan(call: Call) -> Steps[PlanAnswer]:
    context, request = call.context, call.body
    venues = context.live_rules.venues
    keys = market_keys(request, venues)
    records = (yield keys) if keys else NO_RECORDS
    turns = plan_in_turns(request, venues=venues, now=context.clock(), records=records)
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
    "whose answer it promises, so that it can be checked. Fees and slippage are not taken out of what is left. Safe to "
    "retry.",
    handle=_handle_plan,
    pool="batches",
    body=Body(
        type=PlanRequest,
        limit=lambda context: context.settings.max_account_bytes,
        examples=("plan", "plan-account", "plan-candidate"),
        may_be_coded=True,
    ),
    compresses=True,
    answers={200: Answer(description="The plan.", type=PlanAnswer)},
    problems=(
        "unknown-venue",
        "unknown-id",
        "venue-has-no-meter",
        "meter-out-of-scale",
        "contract-mismatch",
        "figures-disagree",
        "margin-mode-mismatch",
        "duplicate-id",
        "mixed-settlement",
        "not-a-lot-multiple",
    ),
)
