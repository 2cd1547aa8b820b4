"""What a simulation and an exposure share: their request turned into terms, a book, and the rules of their answer."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct, UnsetType

from adlrisk.api.endpoints.shared.book import BOOK_PROBLEMS, Layout, detect_layout, read_book
from adlrisk.api.endpoints.shared.schema import BookColumns, BookPosition
from adlrisk.api.endpoints.stress.inputs import Inputs
from adlrisk.api.endpoints.stress.schema import StressRequest, StressRules
from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.domain.deleverage.policies import RANKED_POLICIES, choose_fill_price
from adlrisk.domain.rules.chosen_formula import choose_formula, require_formula
from adlrisk.domain.rules.contracts import refuse_contract
from adlrisk.domain.rules.leverage_mix import DEFAULT_LEVERAGE_MIX, LeverageMix
from adlrisk.domain.stress.assumptions import state_aggregate_assumptions
from adlrisk.domain.stress.fund import require_drawdown
from adlrisk.domain.stress.terms import Terms
from adlrisk.venues.catalogue import Venue

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Book


# Problems of a simulation and of an exposure.
STRESS_PROBLEMS: Final = (
    *BOOK_PROBLEMS,
    "unknown-id",
    "fill-price-required",
    "input-required",
    "empty-book",
    "fund-drawdown-required",
    "not-a-lot-multiple",
    "simulation-too-large",
)


class Scenario(Struct, frozen=True, kw_only=True):
    """A book, what a simulation of it goes by, and how to say where something is wrong with it."""

    venue: Venue
    terms: Terms
    rules: StressRules
    inputs: Inputs
    ids: Sequence[str]
    book: "Book"
    layout: Layout


def read_scenarios(
    request: StressRequest,
    inputs: Inputs,
    venue: Venue,
    *,
    own: BookPosition | None = None,
    mixes: Mapping[str, LeverageMix] | None = None,
) -> dict[str | None, Scenario]:
    """The scenario of ``request``, or that of each of ``mixes`` of leverage, by name.

    A position of the client's ``own`` is added to each book, if there is one.

    Raises:
        RefusedError: the policy needs a ranking that the venue does not have, its fill price or the fall of the fund
            is unknown, it does not have the contract, or no book can be made up of the aggregates.
        ProblemError: the book is inconsistent.
    """
    terms, rules = _settle_terms(request, inputs, venue)
    if inputs.cohorts is None:
        return {None: _read(request, request.columns, inputs, venue, terms=terms, rules=rules, own=own)}
    rules = msgspec.structs.replace(rules, confidence="approximation")
    leverages: dict[str | None, LeverageMix] = {None: inputs.cohorts.leverage}
    if mixes:
        leverages = {name: mix for name, mix in mixes.items()}  # noqa: C416 (so that a name may be None)
    scenarios: dict[str | None, Scenario] = {}
    for name, leverage in leverages.items():
        inputs = msgspec.structs.replace(inputs, cohorts=msgspec.structs.replace(inputs.cohorts, leverage=leverage))
        columns = _make_up(request, inputs, venue)
        scenarios[name] = _read(request, columns, inputs, venue, terms=terms, rules=rules, own=own)
    return scenarios


def _read(
    request: StressRequest,
    columns: BookColumns | UnsetType,
    inputs: Inputs,
    venue: Venue,
    *,
    terms: Terms,
    rules: StressRules,
    own: BookPosition | None,
) -> Scenario:
    layout = detect_layout(request.positions, columns, own=own)
    ids, book = read_book(
        request.positions,
        columns,
        mark_price=request.mark_price,
        contract=request.contract,
        contract_size=request.contract_size,
        own=own,
    )
    return Scenario(venue=venue, terms=terms, rules=rules, inputs=inputs, ids=ids, book=book, layout=layout)


def _make_up(request: StressRequest, inputs: Inputs, venue: Venue) -> BookColumns:
    """The columns of a book made up of the aggregates."""
    from adlrisk.domain.stress.cohort_book import list_cohorts  # noqa: PLC0415 (it imports numpy)

    cohorts = inputs.cohorts
    if cohorts is None:
        raise LookupError("the request has a book")
    columns = list_cohorts(
        cohorts,
        venue.rules,
        mark_price=request.mark_price,
        contract=request.contract,
        contract_size=request.contract_size,
        lot_size=inputs.lot_size,
    )
    return BookColumns(**msgspec.structs.asdict(columns))  # their maintenance margin rate stands in the terms


def assume_aggregates(
    request: StressRequest, inputs: Inputs, venue: Venue, *, mixes: Mapping[str, LeverageMix] | None = None
) -> list[str]:
    """What a book made up of aggregates assumes, in sentences; none of one that the request gives."""
    if inputs.cohorts is None:
        return []
    sent = request.cohorts is not msgspec.UNSET and request.cohorts.leverage is not None
    is_ours = not (mixes or sent) and venue.rules.leverage_mix == DEFAULT_LEVERAGE_MIX
    return state_aggregate_assumptions(
        inputs.cohorts, mixes=len(mixes or ()), is_ours=is_ours, entries_seen=inputs.filled.entries_seen
    )


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


def _settle_terms(request: StressRequest, inputs: Inputs, venue: Venue) -> tuple[Terms, StressRules]:
    if request.contract not in venue.rules.contracts:
        raise refuse_contract(request.contract, venue.rules, path=("contract",))
    if request.policy in RANKED_POLICIES:
        # Refuse a venue without one before reading the book.
        require_formula(venue.rules, request.formula, instead="or a policy without ranking, such as pro_rata_size")
    formula = choose_formula(venue.rules, request.formula)
    fill_price = choose_fill_price(request.fill_price, venue.rules)
    require_drawdown(inputs.fund, venue.rules)
    terms = Terms(
        rules=venue.rules,
        depth=inputs.depth,
        fund=inputs.fund,
        fill_price=fill_price,
        lot_size=inputs.lot_size,
        policy=request.policy,
        formula=request.formula,
        maintenance_margin_rate=request.maintenance_margin_rate
        if inputs.cohorts is None
        else inputs.cohorts.maintenance_margin_rate,
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
