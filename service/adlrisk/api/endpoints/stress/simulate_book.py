"""The work of ``POST /adl/simulate``: it needs no service, so that the worker imports none."""

from typing import Final

from msgspec import UNSET

from adlrisk.api.bulk.job import BookSize, BulkAnswer, BulkContext, BulkHandler, Tally
from adlrisk.api.endpoints.shared.book import measure_book
from adlrisk.api.endpoints.stress.effort import refuse_too_many, rows_of_steps
from adlrisk.api.endpoints.stress.inputs import count_cohorts, read_inputs
from adlrisk.api.endpoints.stress.schema import SimulateRequest
from adlrisk.api.endpoints.stress.simulate_answer import answer_simulation
from adlrisk.domain.stress.cohorts import Cohorts, KnownCohorts


def work_on_simulation(request: SimulateRequest, context: BulkContext) -> BulkAnswer:
    """Answer ``request``, encoded with the codec of ``context``.

    Raises:
        ProblemError: it is too large, or as in ``answer_simulation``.
        UnknownVenueError, RefusedError: as in ``answer_simulation``.
    """
    venue = context.venues[request.venue]
    inputs = read_inputs(request, venue, context)
    positions = _count_positions(request, inputs.cohorts)
    refuse_too_many({"marks": len(request.marks), "positions": positions}, pointer="/marks")
    answer = answer_simulation(request, inputs, venue, pulse=context.pulse)
    tally = Tally(venue=answer.venue.id, positions=positions, steps=len(request.marks))
    return BulkAnswer(pieces=[context.codec.encode(answer)], tally=tally)


def _count_positions(request: SimulateRequest, cohorts: KnownCohorts | Cohorts | None) -> int:
    if cohorts is None:
        return measure_book(request.positions, request.columns).positions
    return count_cohorts(cohorts.entries, cohorts.leverage)


def _measure(request: SimulateRequest) -> BookSize:
    size = measure_book(request.positions, request.columns)
    steps = len(request.marks)
    positions = _count_positions(request, None if request.cohorts is UNSET else request.cohorts)
    return BookSize(
        positions=positions,
        pointer=size.pointer,
        rows=rows_of_steps(steps, positions=positions, impact=request.permanent_impact),
    )


SIMULATE_BOOK: Final = BulkHandler(
    operation="simulateDeleveraging",
    request=SimulateRequest,
    measure=_measure,
    work=work_on_simulation,
    advice="give fewer marks or positions, or name fewer ids",
)
