"""The work of ``POST /adl/exposure``: it needs no service, so that the worker imports none."""

from typing import Final

from msgspec import UNSET

from adlrisk.api.bulk.job import BookSize, BulkAnswer, BulkContext, BulkHandler, Tally
from adlrisk.api.endpoints.shared.book import measure_book
from adlrisk.api.endpoints.stress.effort import refuse_long_walk, refuse_too_many, rows_of_steps
from adlrisk.api.endpoints.stress.exposure_answer import answer_exposure
from adlrisk.api.endpoints.stress.inputs import count_cohorts, read_inputs
from adlrisk.api.endpoints.stress.schema import ExposureRequest
from adlrisk.domain.stress.cohorts import Cohorts, KnownCohorts
from adlrisk.domain.stress.moves import count_moves

_PATHS: Final = 2
# Beside the moves themselves: no move, and the bisection for the nearest, of a bracket of 0.0256 or more for each sign.
_MORE_STEPS: Final = 1 + 2 * 8


def work_on_exposure(request: ExposureRequest, context: BulkContext) -> BulkAnswer:
    """Answer ``request``, encoded with the codec of ``context``.

    Raises:
        ProblemError: it is too large, or as in ``answer_exposure``.
        UnknownVenueError, RefusedError: as in ``answer_exposure``.
    """
    venue = context.venues[request.venue]
    inputs = read_inputs(request, venue, context, moves=request.moves, own=request.position)
    moves = request.moves if inputs.moves is None else inputs.moves
    positions, count, cases = _count_positions(request, inputs.cohorts), count_moves(moves), len(request.liquidity)
    refuse_too_many({"moves": count, "cases": cases, "positions": positions}, pointer="/moves")
    refuse_long_walk(moves)
    answer = answer_exposure(request, inputs, venue, pulse=context.pulse)
    tally = Tally(
        venue=answer.venue.id,
        positions=positions,
        steps=count * cases * _PATHS * len(request.leverage_mixes or (None,)),
    )
    return BulkAnswer(pieces=[context.codec.encode(answer)], tally=tally)


def _count_positions(request: ExposureRequest, cohorts: KnownCohorts | Cohorts | None) -> int:
    """The positions of all books, of the most that the aggregates can make up."""
    own = int(request.position is not None)
    if cohorts is None:
        return measure_book(request.positions, request.columns).positions + own
    mixes = [cohorts.leverage] if request.leverage_mixes is None else request.leverage_mixes.values()
    return sum(count_cohorts(cohorts.entries, mix) + own for mix in mixes)


def _measure(request: ExposureRequest) -> BookSize:
    size = measure_book(request.positions, request.columns)
    positions = _count_positions(request, None if request.cohorts is UNSET else request.cohorts)
    mixes = len(request.leverage_mixes or (None,))
    steps = (count_moves(request.moves) + _MORE_STEPS) * len(request.liquidity) * _PATHS * mixes
    return BookSize(
        positions=positions,
        pointer=size.pointer,
        rows=rows_of_steps(steps, positions=positions, impact=request.permanent_impact),
    )


EXPOSURE_BOOK: Final = BulkHandler(
    operation="estimateExposure",
    request=ExposureRequest,
    measure=_measure,
    work=work_on_exposure,
    advice="give fewer moves, a larger moves.step, fewer cases of liquidity, fewer ids or a smaller book",
)
