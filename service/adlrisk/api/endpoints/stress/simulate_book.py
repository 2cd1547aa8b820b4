"""The work of ``POST /adl/simulate``: it needs no service, so that the worker imports none."""

from typing import Final

from adlrisk.api.bulk.job import BookSize, BulkAnswer, BulkContext, BulkHandler, Tally
from adlrisk.api.endpoints.shared.book import measure_book
from adlrisk.api.endpoints.stress.effort import refuse_too_many, rows_of_steps
from adlrisk.api.endpoints.stress.schema import SimulateRequest
from adlrisk.api.endpoints.stress.simulate_answer import answer_simulation


def work_on_simulation(request: SimulateRequest, context: BulkContext) -> BulkAnswer:
    """Answer ``request``, encoded with the codec of ``context``.

    Raises:
        ProblemError: it is too large, or as in ``answer_simulation``.
        UnknownVenueError, RefusedError: as in ``answer_simulation``.
    """
    positions = measure_book(request.positions, request.columns).positions
    refuse_too_many({"marks": len(request.marks), "positions": positions}, pointer="/marks")
    answer = answer_simulation(request, context.venues, pulse=context.pulse)
    tally = Tally(venue=answer.venue.id, positions=positions, steps=len(request.marks))
    return BulkAnswer(pieces=[context.codec.encode(answer)], tally=tally)


def _measure(request: SimulateRequest) -> BookSize:
    size = measure_book(request.positions, request.columns)
    steps = len(request.marks)
    return BookSize(
        positions=size.positions,
        pointer=size.pointer,
        rows=rows_of_steps(steps, positions=size.positions, impact=request.permanent_impact),
    )


SIMULATE_BOOK: Final = BulkHandler(
    operation="simulateDeleveraging",
    request=SimulateRequest,
    measure=_measure,
    work=work_on_simulation,
    advice="give fewer marks or positions, or name fewer ids",
)
