"""The work of ``POST /plan`` on a large request: it needs no service, so that the worker imports none."""

from typing import Final

from msgspec import UNSET

from adlrisk.api.bulk.job import BookSize, BulkAnswer, BulkContext, BulkHandler, Tally
from adlrisk.api.endpoints.plan.answer import plan_in_turns
from adlrisk.api.endpoints.plan.place import WITHIN
from adlrisk.api.endpoints.plan.schema import PlanAnswer, PlanRequest
from adlrisk.api.endpoints.plan.subjects import market_keys
from adlrisk.api.endpoints.shared.book import measure_book
from adlrisk.domain.planning.search.least import Turns

_ROWS_OF_A_LEG: Final = 100  # a leg takes as long, since every step of a search looks at all legs


def work_on_plan(request: PlanRequest, context: BulkContext) -> BulkAnswer:
    """Answer ``request``, encoded with the codec of ``context``.

    Raises:
        UnknownVenueError, RefusedError, ProblemError: as for ``plan_in_turns``.
    """
    records = {key: context.read_record(key) for key in market_keys(request, context.venues)}
    turns = plan_in_turns(request, venues=context.venues, now=context.now, records=records)
    answer = _finish_in_time(turns, context)
    tally = Tally(venue=answer.venue.id, positions=_measure(request).positions, plan=answer.outcome)
    return BulkAnswer(pieces=[context.codec.encode(answer)], tally=tally)


def has_book(request: PlanRequest) -> bool:
    """Whether ``request`` asks for a place among others."""
    return request.book is not UNSET


def _finish_in_time(turns: Turns[PlanAnswer], context: BulkContext) -> PlanAnswer:
    while True:
        context.pulse()
        try:
            next(turns)
        except StopIteration as end:
            answer: PlanAnswer = end.value
            return answer


def _measure(request: PlanRequest) -> BookSize:
    legs = 1 if request.positions is UNSET else len(request.positions)
    rows = _ROWS_OF_A_LEG * legs
    if request.book is UNSET:
        return BookSize(positions=legs, pointer="/positions", rows=rows)
    book = measure_book(request.book.positions, request.book.columns, within=WITHIN)
    return BookSize(positions=book.positions, pointer=book.pointer, rows=book.rows + rows)


PLAN_BOOK: Final = BulkHandler(
    operation="planPosition",
    request=PlanRequest,
    measure=_measure,
    work=work_on_plan,
    advice="give fewer legs, or fewer positions in the book",
    within="/book",
)
