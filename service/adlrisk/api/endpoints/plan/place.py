"""The place of a position among those of a request's book."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

from msgspec import UNSET

from adlrisk.api.endpoints.plan.schema import OtherPositions, PlanRequest, read_target
from adlrisk.api.endpoints.shared.book import detect_layout, read_book
from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.decoding.plain_words import quote
from adlrisk.domain.planning.held import Held
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Position
from adlrisk.domain.scoring.score import Score
from adlrisk.venues.catalogue import Venue

if TYPE_CHECKING:
    from adlrisk.domain.queue.placing import SideOrder
    from adlrisk.domain.rules.formulas import AlternativeKey, FormulaName, QueueKey

WITHIN: Final = ("book",)

_OF_SIGNALS: Final = (
    "funding_rate", "funding_interval_hours", "liquidation_spike", "thin_liquidity", "adl_meter",
)  # fmt: skip

# The fifth of the queue that what is held stands in by its score; None: it is not in the queue.
FindFifth = Callable[[Held, Score], int | None]


def build_find_fifth(request: PlanRequest, position: Position, venue: Venue) -> FindFifth:
    """How to find the place of what is held among the others of ``request``; there is none without a book.

    Raises:
        RefusedError: the venue has no queue or its formula is unknown, or one of the others lacks what it needs.
        ProblemError: the book is inconsistent, or the position itself among it.
    """
    if request.book is UNSET:
        return _find_none
    from adlrisk.domain.queue.placing import Contender  # noqa: PLC0415 (it imports numpy)

    orders = _order_others(request, request.book, position, venue)

    def find_fifth(held: Held, score: Score) -> int | None:
        key, equity = score.queue, score.state.equity
        if key is None or equity is None:
            return None
        keys: tuple[QueueKey | AlternativeKey, ...] = (key, *(key.alternatives or ()))
        if any(each.priority is None and each.eligible is not False for each in keys):
            return None
        is_given = held.account is not None or held.position.equity is not None
        terms = abs(equity) if is_given else abs(equity - score.state.unrealized_pnl) + abs(score.state.unrealized_pnl)
        fifths = [
            order.find_fifth(
                Contender(priority=each.priority, size=held.position.size, equity=equity, equity_terms=terms)
            )
            for order, each in zip(orders, keys, strict=True)
            if each.priority is not None
        ]
        return min(fifths, default=None)

    return find_fifth


def _order_others(
    request: PlanRequest, others: OtherPositions, position: Position, venue: Venue
) -> "tuple[SideOrder, ...]":
    """The others by the venue's formula, and by each that is as likely."""
    from adlrisk.domain.queue.placing import SideOrder  # noqa: PLC0415 (it imports numpy)

    layout = detect_layout(others.positions, others.columns, within=WITHIN)
    ids, book = read_book(
        others.positions,
        others.columns,
        mark_price=position.mark_price,
        contract=position.contract,
        contract_size=position.contract_size,
        within=WITHIN,
    )
    if request.leg in ids:
        detail = f"{quote(request.leg or '')} is the leg that is planned for: the book is of the others"
        raise layout.build_problem("duplicate-id", ids.index(request.leg or ""), "id", detail)
    likely = [cast("FormulaName", other.formula) for other in venue.rules.alternatives]  # a card has no others
    try:
        return tuple(SideOrder(book, venue.rules, side=position.side, formula=formula) for formula in (None, *likely))
    except RefusedError as error:
        raise layout.relocate(error) from error


def _find_none(held: Held, score: Score) -> None:
    """No place: there is no book."""


def require_key(request: PlanRequest, score: Score) -> None:
    """Check that the position's key is known where its place is the target.

    Raises:
        ProblemError: it is not; its score knows what would settle it.
    """
    if score.queue is not None or read_target(request.target).leave_fifth is None:
        return
    lacking = [name for name in score.missing if name not in _OF_SIGNALS] or ["margin"]
    required = "required, but missing: the ranking key depends on it"
    errors = [field_error(_point_at(name, request), required) for name in lacking]
    detail = f"Where in the queue the position stands is not known without {' and '.join(lacking)}"
    raise ProblemError("input-required", detail, errors=tuple(errors))


def _point_at(name: str, request: PlanRequest) -> str:
    """The pointer of a field that a score names: of the position or the leg, else of the account."""
    if request.positions is UNSET:
        return f"/position/{name}"
    if name in PlanRequest.__struct_fields__:
        return f"/{name}"
    index = next(index for index, leg in enumerate(request.positions) if leg.id == request.leg)
    return f"/positions/{index}/{name}"
