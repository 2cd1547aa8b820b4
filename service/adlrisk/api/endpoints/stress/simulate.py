"""``POST /adl/simulate``: what happens to a book while the mark price takes given values."""

from typing import Final

from adlrisk.api.dispatch.endpoint import Answer, Body, Endpoint
from adlrisk.api.endpoints.stress.scenario import STRESS_PROBLEMS
from adlrisk.api.endpoints.stress.schema import SimulateAnswer
from adlrisk.api.endpoints.stress.simulate_book import SIMULATE_BOOK

SIMULATE: Final = Endpoint(
    method="POST",
    path="/adl/simulate",
    operation_id=SIMULATE_BOOK.operation,
    tag="Deleveraging",
    summary="Simulate liquidations and ADL along given mark prices",
    description="Follows the chain from a move of the price to an ADL, one step for each of `marks`: positions whose "
    "equity falls to their maintenance margin are liquidated, worst first, and closed into the order book. The "
    "insurance fund pays where they close beyond their bankruptcy prices, and keeps what margin is left over. What the "
    "order book does not take, or the fund cannot pay for, is closed against the other side by ADL. With "
    "`permanent_impact` the liquidations move the mark price, which can make others due. Each step says what was "
    "liquidated, closed, paid and deleveraged, and `assumptions` what the model takes for granted. The same request "
    "always has the same answer. Safe to retry.",
    handle=SIMULATE_BOOK,
    pool="books",
    body=Body(
        type=SIMULATE_BOOK.request,
        limit=lambda context: context.settings.max_book_bytes,
        examples=("adl-simulate",),
        may_be_coded=True,
    ),
    compresses=True,
    answers={200: Answer(description="The steps, and what became of the positions.", type=SimulateAnswer)},
    problems=STRESS_PROBLEMS,
)
