"""The answer of an exposure, for the service's worker and for the library."""

import msgspec

from adlrisk.api.bulk.deadline import Pulse
from adlrisk.api.endpoints.shared.book import OWN_ID
from adlrisk.api.endpoints.stress.inputs import Inputs
from adlrisk.api.endpoints.stress.scenario import Scenario, assume_aggregates, find_asked, read_scenarios
from adlrisk.api.endpoints.stress.schema import ExposureAnswer, ExposureRequest
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.stress.assumptions import state_exposure_assumptions
from adlrisk.domain.stress.likelihood import ExposureCase
from adlrisk.domain.stress.moves import WeightedMoves, weigh_moves
from adlrisk.venues.catalogue import Venue


def answer_exposure(request: ExposureRequest, inputs: Inputs, venue: Venue, *, pulse: Pulse) -> ExposureAnswer:
    """The answer to ``request`` with all its ``inputs``; ``pulse`` is called at each step and may raise to end it.

    Raises:
        RefusedError: the request cannot be answered at this venue, sizes are not whole lots, or a maintenance margin
            is missing.
        ProblemError: the book is inconsistent, or does not have the positions asked for.
    """
    from adlrisk.domain.stress.exposure import range_over  # noqa: PLC0415 (it imports numpy)

    scenarios = read_scenarios(request, inputs, venue, own=inputs.own, mixes=request.leverage_mixes)
    moves = request.moves if inputs.moves is None else inputs.moves
    weighted = weigh_moves(moves)
    cases: list[ExposureCase] = []
    for mix, scenario in scenarios.items():
        found = _expose(request, scenario, weighted, pulse=pulse)
        cases += found if mix is None else (msgspec.structs.replace(case, leverage_mix=mix) for case in found)
    first = next(iter(scenarios.values()))
    assumptions = state_exposure_assumptions(
        first.terms,
        positions=None if inputs.cohorts else len(first.ids),
        given=moves,
        weighted=weighted,
        cases=request.liquidity,
    )
    return ExposureAnswer(
        **msgspec.structs.asdict(first.rules),
        cases=tuple(cases),
        range=range_over(cases),
        assumptions=[*assumptions, *assume_aggregates(request, inputs, venue, mixes=request.leverage_mixes)],
        market=inputs.market,
        filled=inputs.filled,
        venue=venue.ref,
    )


def _expose(
    request: ExposureRequest, scenario: Scenario, weighted: WeightedMoves, *, pulse: Pulse
) -> tuple[ExposureCase, ...]:
    from adlrisk.domain.stress.exposure import expose  # noqa: PLC0415 (it imports numpy)

    own = {} if request.position is None else {OWN_ID: len(scenario.ids) - 1}
    watched = own | find_asked(scenario.ids, request.ids or ())
    try:
        return expose(scenario.book, scenario.terms, weighted, request.liquidity, watched=watched, pulse=pulse).cases
    except RefusedError as error:
        raise scenario.layout.relocate(error) from error
