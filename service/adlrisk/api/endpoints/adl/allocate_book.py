"""The work of ``POST /adl/allocate``: it needs no service, so that the worker imports none."""

from typing import Final

from adlrisk.api.bulk.job import BookSize, BulkAnswer, BulkContext, BulkHandler, Tally
from adlrisk.api.endpoints.adl.allocate_answer import encode_allocation
from adlrisk.api.endpoints.adl.schema import AllocateRequest
from adlrisk.api.endpoints.shared.book import detect_layout, measure_book, read_book
from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.domain.deleverage.policies import RANKED_POLICIES, Policy, resolve_fill_price
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.rules.chosen_formula import choose_formula, require_formula
from adlrisk.domain.rules.contracts import refuse_contract


def answer_allocation(request: AllocateRequest, context: BulkContext) -> BulkAnswer:
    """Answer ``request``, encoded with the codec of ``context``.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: a policy needs a ranking that the venue does not have, the fill price is unknown, sizes are
            not whole lots, or the venue does not have the contract.
        ProblemError: the book or the list of policies is inconsistent.
    """
    from adlrisk.domain.deleverage.allocation import find_counterparties  # noqa: PLC0415 (it imports numpy)

    venue = context.venues[request.venue]
    if request.contract not in venue.rules.contracts:
        raise refuse_contract(request.contract, venue.rules, path=("contract",))
    policies = _reject_duplicates(request.policies)
    formula = choose_formula(venue.rules, request.formula)
    if not set(policies).isdisjoint(RANKED_POLICIES):
        require_formula(venue.rules, request.formula)  # refuse a venue without one before reading the book
    price, rule = resolve_fill_price(
        request.fill_price, bankrupt=request.bankrupt, mark_price=request.mark_price, rules=venue.rules
    )
    layout = detect_layout(request.positions, request.columns)
    ids, book = read_book(
        request.positions,
        request.columns,
        mark_price=request.mark_price,
        contract=request.contract,
        contract_size=request.contract_size,
    )
    bankrupt, lot_size, rows = request.bankrupt, request.lot_size, request.layout == "rows"
    requested = request.formula
    del request  # free its memory: a large request takes more than everything computed from it
    try:
        counterparties = find_counterparties(
            book,
            venue.rules,
            bankrupt=bankrupt,
            fill_price=price,
            lot_size=lot_size,
            policies=policies,
            formula=requested,
        )
    except RefusedError as error:
        raise layout.relocate(error) from error
    pieces, uncovered = encode_allocation(
        ids,
        counterparties,
        policies=policies,
        formula=formula,
        fill_price_rule=rule,
        venue=venue,
        rows=rows,
        codec=context.codec,
    )
    return BulkAnswer(pieces=pieces, tally=Tally(venue=venue.rules.id, positions=len(ids), uncovered=uncovered))


def _reject_duplicates(policies: tuple[Policy, ...]) -> tuple[Policy, ...]:
    for index, policy in enumerate(policies):
        if policy in policies[:index]:
            pointer = f"/policies/{index}"
            detail = f"{policy} is listed twice"
            raise ProblemError("invalid-request", f"{pointer}: {detail}", errors=(field_error(pointer, detail),))
    return policies


def _measure(request: AllocateRequest) -> BookSize:
    return measure_book(request.positions, request.columns, times=len(request.policies))


ALLOCATE_BOOK: Final = BulkHandler(
    operation="allocateDeleveraging",
    request=AllocateRequest,
    measure=_measure,
    work=answer_allocation,
    advice="ask for columns, or for fewer policies at once",
)
