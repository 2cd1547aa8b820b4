"""What a simulation and an exposure share: their request turned into terms, a book, and the rules of their answer."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from adlrisk.api.endpoints.shared.book import BOOK_PROBLEMS, Layout, detect_layout, read_book
from adlrisk.api.endpoints.shared.schema import BookPosition
from adlrisk.api.endpoints.stress.schema import StressRequest, StressRules
from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.domain.deleverage.policies import RANKED_POLICIES, choose_fill_price
from adlrisk.domain.rules.chosen_formula import choose_formula, require_formula
from adlrisk.domain.rules.contracts import refuse_contract
from adlrisk.domain.stress.fund import require_drawdown
from adlrisk.domain.stress.terms import Terms
from adlrisk.venues.catalogue import Catalogue, Venue

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Book


# Problems of a simulation and of an exposure.
STRESS_PROBLEMS: Final = (
    *BOOK_PROBLEMS,
    "unknown-id",
    "fill-price-required",
    "fund-drawdown-required",
    "not-a-lot-multiple",
    "simulation-too-large",
)


class Scenario(Struct, frozen=True, kw_only=True):
    """A book, what a simulation of it goes by, and how to say where something is wrong with it."""

    venue: Venue
    terms: Terms
    rules: StressRules
    ids: Sequence[str]
    book: "Book"
    layout: Layout


def read_scenario(request: StressRequest, venues: Catalogue, *, own: BookPosition | None = None) -> Scenario:
    """The scenario of ``request``, with a position of the client's ``own`` added to its book, if there is one.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: the policy needs a ranking that the venue does not have, its fill price or the fall of the fund
            is unknown, or it does not have the contract.
        ProblemError: the book is inconsistent.
    """
    venue = venues[request.venue]
    terms, rules = _settle_terms(request, venue)
    layout = detect_layout(request.positions, request.columns, own=own)
    ids, book = read_book(
        request.positions,
        request.columns,
        mark_price=request.mark_price,
        contract=request.contract,
        contract_size=request.contract_size,
        own=own,
    )
    return Scenario(venue=venue, terms=terms, rules=rules, ids=ids, book=book, layout=layout)


def find_asked(ids: Sequence[str], asked: Sequence[str]) -> dict[str, int]:
    """The places in the book of the positions ``asked`` for, by id.

    Raises:
        ProblemError: one is asked for twice, or not in the book.
    """
    places = dict(zip(ids, range(len(ids)), strict=True))
    found: dict[str, int] = {}
    for index, id_ in enumerate(asked):
        pointer = f"/ids/{index}"
        if id_ in found:
            detail = f"{id_!r} is listed twice"
            raise ProblemError("invalid-request", f"{pointer}: {detail}", errors=(field_error(pointer, detail),))
        if id_ not in places:
            detail = f"no position has the id {id_!r}"
            raise ProblemError("unknown-id", f"{pointer}: {detail}", errors=(field_error(pointer, detail),))
        found[id_] = places[id_]
    return found


def _settle_terms(request: StressRequest, venue: Venue) -> tuple[Terms, StressRules]:
    if request.contract not in venue.rules.contracts:
        raise refuse_contract(request.contract, venue.rules, path=("contract",))
    if request.policy in RANKED_POLICIES:
        require_formula(venue.rules, request.formula)  # refuse a venue without one before reading the book
    formula = choose_formula(venue.rules, request.formula)
    fill_price = choose_fill_price(request.fill_price, venue.rules)
    require_drawdown(request.fund, venue.rules)
    terms = Terms(
        rules=venue.rules,
        depth=request.depth,
        fund=request.fund,
        fill_price=fill_price,
        lot_size=request.lot_size,
        policy=request.policy,
        formula=request.formula,
        maintenance_margin_rate=request.maintenance_margin_rate,
        permanent_impact=request.permanent_impact,
    )
    rules = StressRules(
        policy=request.policy,
        formula=None if formula is None else formula.name,
        formula_source=None if formula is None else formula.source,
        confidence=None if formula is None else formula.confidence,
        fill_price_rule="given" if isinstance(fill_price, float) else fill_price,
    )
    return terms, rules
