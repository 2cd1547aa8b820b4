"""``POST /adl/partial``: a position before and after a partial ADL."""

from typing import Final

from msgspec import UNSET

from adlrisk.api.dispatch.endpoint import NO_RECORDS, Answer, Body, Call, Endpoint, Steps
from adlrisk.api.endpoints.account.answer import market_keys
from adlrisk.api.endpoints.adl.partial_answer import answer_partial
from adlrisk.api.endpoints.adl.schema import PartialAnswer, PartialRequest


def _handle_partial(call: Call) -> Steps[PartialAnswer]:
    request: PartialRequest = call.body
    context, legs = call.context, [] if request.positions is UNSET else request.positions
    keys = market_keys(legs, context.venues[request.venue]) if legs else []
    records = (yield keys) if keys else NO_RECORDS
    return answer_partial(request, venues=context.venues, now=context.clock(), records=records)


PARTIAL: Final = Endpoint(
    method="POST",
    path="/adl/partial",
    operation_id="closePartially",
    tag="Deleveraging",
    summary="Simulate a partial ADL of a position",
    description="Closes a size or a fraction of one position at `fill_price` (default: the mark price) and returns its "
    "state before and after, the realized PnL, and for each scenario price its PnL with and without the ADL. Ignores "
    "fees, and the risk of liquidation before a scenario price is reached. Safe to retry.",
    handle=_handle_partial,
    body=Body(
        type=PartialRequest,
        limit=lambda context: context.settings.max_account_bytes,
        examples=("adl-partial", "adl-partial-cross"),
    ),
    answers={200: Answer(description="The position before and after.", type=PartialAnswer)},
    problems=(
        "unknown-venue",
        "contract-mismatch",
        "figures-disagree",
        "margin-required",
        "unknown-id",
        "duplicate-id",
        "mixed-settlement",
        "margin-mode-mismatch",
        "not-a-lot-multiple",
        "close-exceeds-position",
    ),
)
