"""``POST /adl/allocate``: who is closed against a bankrupt position, by how much, under which policy."""

from typing import Final

from adlrisk.api.bulk.job import BulkAnswer, BulkHandler, Tally
from adlrisk.api.dispatch.endpoint import Answer, Body, Endpoint
from adlrisk.api.endpoints.adl.allocate_answer import encode_answer
from adlrisk.api.endpoints.adl.schema import AllocateAnswer, AllocateRequest
from adlrisk.api.endpoints.shared.book import BOOK_PROBLEMS, layout_of, read_book
from adlrisk.api.endpoints.shared.schema import ONE_LAYOUT
from adlrisk.api.http.codecs import Codec
from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.domain.deleverage.policies import RANKED, Policy, fill_price
from adlrisk.domain.position.errors import RefusedError
from adlrisk.venues.catalogue import Catalogue


def answer_allocation(request: AllocateRequest, venues: Catalogue, codec: Codec) -> BulkAnswer:
    """The answer to ``request`` in the pieces of its encoded form.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: a policy rests on a ranking that the venue does not have, the fill price is unknown, or sizes
            are no whole lots.
        ProblemError: the book or the list of policies contradicts itself.
    """
    from adlrisk.domain.deleverage.allocation import find_counterparties  # noqa: PLC0415 (numpy comes with it)
    from adlrisk.domain.queue.queue import queue_formula  # noqa: PLC0415

    venue = venues[request.venue]
    policies = _distinct(request.policies)
    if not set(policies).isdisjoint(RANKED):
        queue_formula(venue.rules)  # a venue without one is refused before its book is read
    price, rule = fill_price(
        request.fill_price, bankrupt=request.bankrupt, mark_price=request.mark_price, rules=venue.rules
    )
    layout = layout_of(request.positions, request.columns)
    ids, book = read_book(
        request.positions,
        request.columns,
        mark_price=request.mark_price,
        contract=request.contract,
        contract_size=request.contract_size,
    )
    bankrupt, lot_size, rows = request.bankrupt, request.lot_size, request.layout == "rows"
    del request  # a large book's request is larger than all that follows from it
    try:
        others = find_counterparties(
            book, venue.rules, bankrupt=bankrupt, fill_price=price, lot_size=lot_size, policies=policies
        )
    except RefusedError as error:
        raise layout.relocated(error) from error
    pieces, uncovered = encode_answer(
        ids, others, policies=policies, fill_price_rule=rule, venue=venue, rows=rows, codec=codec
    )
    return BulkAnswer(pieces=pieces, tally=Tally(venue=venue.ref.id, positions=len(ids), uncovered=uncovered))


def _distinct(policies: tuple[Policy, ...]) -> tuple[Policy, ...]:
    for index, policy in enumerate(policies):
        if policy in policies[:index]:
            pointer = f"/policies/{index}"
            detail = f"{policy} stands in the list already"
            raise ProblemError("invalid-request", f"{pointer}: {detail}", errors=(field_error(pointer, detail),))
    return policies


ALLOCATE: Final = Endpoint(
    method="POST",
    path="/adl/allocate",
    operation_id="allocateDeleveraging",
    tag="Deleveraging",
    summary="Who is closed against a bankrupt position, and by how much?",
    description="Shares a bankrupt position out among those on the other side of a book, in whole lots, under one "
    "policy or several to compare. Closed and uncovered lots add up to those requested, and nobody is closed beyond "
    "their size. Left alone are positions on the bankrupt's own side (`same_side`), and on the other those the venue's "
    "queue would not hold or the fill itself would bankrupt (`ineligible`). What the eligible cannot cover is "
    "`uncovered_lots`. Safe to retry.",
    handle=BulkHandler(work=answer_allocation),
    pool="books",
    body=Body(
        type=AllocateRequest,
        limit=lambda context: context.settings.max_book_bytes,
        examples=("adl-allocate", "adl-allocate-policies"),
        constraints=ONE_LAYOUT,
    ),
    answers={200: Answer(description="What each policy closes.", type=AllocateAnswer)},
    problems=(*BOOK_PROBLEMS, "fill-price-required", "not-a-lot-multiple"),
)
