"""The work of ``POST /queue/rank``: it needs no service, so that the worker imports none."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from adlrisk.api.bulk.job import BookSize, BulkAnswer, BulkContext, BulkHandler, Tally
from adlrisk.api.endpoints.queue.rank_answer import encode_queues
from adlrisk.api.endpoints.queue.schema import RankRequest
from adlrisk.api.endpoints.shared.book import detect_layout, measure_book, read_book
from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.rules.chosen_formula import require_formula
from adlrisk.domain.rules.contracts import refuse_contract

if TYPE_CHECKING:
    from adlrisk.domain.position.position import Side
    from adlrisk.domain.queue.book import Flags


def answer_rank(request: RankRequest, context: BulkContext) -> BulkAnswer:
    """Answer ``request``, encoded with the codec of ``context``.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: the venue has no queue or its formula is unknown, and the request names none; or it does not have
            the contract.
        ProblemError: the book is inconsistent.
    """
    from adlrisk.domain.queue.queue import rank_book  # noqa: PLC0415 (it imports numpy)

    venue = context.venues[request.venue]
    if request.contract not in venue.rules.contracts:
        raise refuse_contract(request.contract, venue.rules, path=("contract",))
    formula = require_formula(venue.rules, request.formula)  # refuse a venue without one before reading the book
    layout = detect_layout(request.positions, request.columns)
    ids, book = read_book(
        request.positions,
        request.columns,
        mark_price=request.mark_price,
        contract=request.contract,
        contract_size=request.contract_size,
    )
    wanted = _select_wanted(ids, request.ids)
    sides: tuple[Side, ...] = ("long", "short") if request.side is None else (request.side,)
    requested, rows, top = request.formula, request.layout == "rows", None if request.top is None else int(request.top)
    del request  # free its memory: a large request takes more than everything computed from it
    try:
        ranked = rank_book(book, venue.rules, sides=sides, formula=requested)
    except RefusedError as error:
        raise layout.relocate(error) from error
    pieces = encode_queues(
        ids,
        ranked,
        formula=formula,
        sizes=book.size,
        mark_price=book.mark_price,
        venue=venue,
        wanted=wanted,
        top=top,
        rows=rows,
        codec=context.codec,
    )
    return BulkAnswer(pieces=pieces, tally=Tally(venue=venue.rules.id, positions=len(ids)))


def _select_wanted(ids: Sequence[str], asked: list[str] | None) -> "Flags | None":
    """Return which positions of the book to answer; ``None`` for all.

    Raises:
        ProblemError: an id is not in the book.
    """
    if asked is None:
        return None
    import numpy as np  # noqa: PLC0415 (only books need it)

    names = set(asked)
    chosen = np.fromiter(map(names.__contains__, ids), dtype=np.bool_, count=len(ids))
    if int(chosen.sum()) != len(names):
        known = set(ids)
        index, id_ = next((index, id_) for index, id_ in enumerate(asked) if id_ not in known)
        pointer = f"/ids/{index}"
        raise ProblemError(
            "unknown-id",
            f"{pointer}: no position has the id {id_!r}",
            errors=(field_error(pointer, "not in the book"),),
        )
    return chosen


def _measure(request: RankRequest) -> BookSize:
    return measure_book(request.positions, request.columns)


RANK_BOOK: Final = BulkHandler(
    operation="rankQueue",
    request=RankRequest,
    measure=_measure,
    work=answer_rank,
    advice="ask for columns, or for less with top, ids or side",
)
