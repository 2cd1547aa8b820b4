"""The place of a position among those of a request's book."""

from collections.abc import Callable
from typing import Final

from msgspec import UNSET

from adlrisk.api.endpoints.plan.schema import OtherPositions, PlanRequest
from adlrisk.api.endpoints.shared.book import detect_layout, read_book
from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.domain.planning.held import Held
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Position
from adlrisk.domain.scoring.score import Score
from adlrisk.venues.catalogue import Venue

WITHIN: Final = ("book",)

# The fifth of the queue that what is held stands in by its score; None: it is not in the queue.
FindFifth = Callable[[Held, Score], int | None]


def build_find_fifth(request: PlanRequest, position: Position, venue: Venue) -> FindFifth:
    """How to find the place of what is held among the others of ``request``; there is none without a book.

    Raises:
        RefusedError: the venue has no queue or its formula is unknown, or one of the others lacks what it needs.
        ProblemError: the book is inconsistent.
    """
    others = request.book
    if others is UNSET:
        return _find_none
    return _build_find_fifth(others, position, venue)


def _build_find_fifth(others: OtherPositions, position: Position, venue: Venue) -> FindFifth:
    from adlrisk.domain.queue.placing import Contender, SideOrder  # noqa: PLC0415 (it imports numpy)

    layout = detect_layout(others.positions, others.columns, within=WITHIN)
    _, book = read_book(
        others.positions,
        others.columns,
        mark_price=position.mark_price,
        contract=position.contract,
        contract_size=position.contract_size,
        within=WITHIN,
    )
    try:
        order = SideOrder(book, venue.rules, side=position.side)
    except RefusedError as error:
        raise layout.relocate(error) from error

    def find_fifth(held: Held, score: Score) -> int | None:
        key, equity = score.queue, score.state.equity
        if key is None or equity is None:
            raise _lacks_inputs(score)
        if key.priority is None:
            return None
        is_given = held.account is not None or held.position.equity is not None
        terms = abs(equity) if is_given else abs(equity - score.state.unrealized_pnl) + abs(score.state.unrealized_pnl)
        own = Contender(priority=key.priority, size=held.position.size, equity=equity, equity_terms=terms)
        return order.find_fifth(own)

    return find_fifth


def _find_none(held: Held, score: Score) -> None:
    """No place: there is no book."""


def _lacks_inputs(score: Score) -> ProblemError:
    """The problem with a position whose key is unknown; its score knows what would settle it."""
    detail = f"required, but missing: its place in the book depends on {' and '.join(score.missing) or 'its equity'}"
    return ProblemError("input-required", f"/book: {detail}", errors=(field_error("/book", detail),))
