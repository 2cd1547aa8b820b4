"""The work of ``POST /adl/exposure``: it needs no service, so that the worker imports none."""

from typing import Final

from adlrisk.api.bulk.job import BookSize, BulkAnswer, BulkContext, BulkHandler, Tally
from adlrisk.api.endpoints.shared.book import measure_book
from adlrisk.api.endpoints.stress.effort import refuse_long_walk, refuse_too_many, rows_of_steps
from adlrisk.api.endpoints.stress.exposure_answer import answer_exposure
from adlrisk.api.endpoints.stress.schema import ExposureRequest
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
    positions, moves, cases = _count_positions(request), count_moves(request.moves), len(request.liquidity)
    refuse_too_many({"moves": moves, "cases": cases, "positions": positions}, pointer="/moves")
    refuse_long_walk(request.moves)
    answer = answer_exposure(request, context.venues, pulse=context.pulse)
    tally = Tally(venue=answer.venue.id, positions=positions, steps=moves * cases * _PATHS)
    return BulkAnswer(pieces=[context.codec.encode(answer)], tally=tally)


def _count_positions(request: ExposureRequest) -> int:
    return measure_book(request.positions, request.columns).positions + (request.position is not None)


def _measure(request: ExposureRequest) -> BookSize:
    size = measure_book(request.positions, request.columns)
    positions = _count_positions(request)
    steps = (count_moves(request.moves) + _MORE_STEPS) * len(request.liquidity) * _PATHS
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
