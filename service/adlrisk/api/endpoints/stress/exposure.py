"""``POST /adl/exposure``: how probable it is that an ADL reaches a position, over many moves of the mark price."""

from typing import Final

from adlrisk.api.dispatch.endpoint import Answer, Body, Endpoint
from adlrisk.api.endpoints.stress.exposure_book import EXPOSURE_BOOK
from adlrisk.api.endpoints.stress.scenario import STRESS_PROBLEMS
from adlrisk.api.endpoints.stress.schema import ExposureAnswer

EXPOSURE: Final = Endpoint(
    method="POST",
    path="/adl/exposure",
    operation_id=EXPOSURE_BOOK.operation,
    tag="Deleveraging",
    summary="Estimate how probable an ADL of a position is",
    description="Simulates many moves of the mark price from today's book, each weighted by its probability, and says "
    "for each position that is asked for how probable an ADL of it is, how much of it is closed, and which fall and "
    "which rise first reach it. Each move is reached twice, in one `gap` and as a `walk` in small steps, and under "
    "several cases of `liquidity`, for order books empty while liquidations run. So the answer is a `range`, not one "
    "number. Probabilities are of the model, whose `assumptions` are part of the answer. Safe to retry.",
    handle=EXPOSURE_BOOK,
    pool="books",
    body=Body(
        type=EXPOSURE_BOOK.request,
        limit=lambda context: context.settings.max_book_bytes,
        examples=("adl-exposure", "adl-exposure-cohorts"),
        may_be_coded=True,
    ),
    compresses=True,
    answers={200: Answer(description="Each case on both paths, and the range over them.", type=ExposureAnswer)},
    problems=STRESS_PROBLEMS,
)
