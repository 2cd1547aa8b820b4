"""The answer of a simulation, for the service's worker and for the library."""

from typing import TYPE_CHECKING

import msgspec

from adlrisk.api.bulk.deadline import Pulse
from adlrisk.api.endpoints.stress.inputs import Inputs
from adlrisk.api.endpoints.stress.scenario import assume_aggregates, find_asked, read_scenarios
from adlrisk.api.endpoints.stress.schema import SimulateAnswer, SimulatedColumns, SimulateRequest
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.stress.assumptions import state_assumptions
from adlrisk.venues.catalogue import Venue

if TYPE_CHECKING:
    from adlrisk.domain.stress.steps import SimulatedPosition


def answer_simulation(request: SimulateRequest, inputs: Inputs, venue: Venue, *, pulse: Pulse) -> SimulateAnswer:
    """The answer to ``request`` with all its ``inputs``; ``pulse`` is called at each step and may raise to end it.

    Raises:
        RefusedError: the request cannot be answered at this venue, sizes are not whole lots, or a maintenance margin
            is missing.
        ProblemError: the book is inconsistent, or does not have the positions asked for.
    """
    from adlrisk.domain.stress.simulation import simulate  # noqa: PLC0415 (it imports numpy)

    (scenario,) = read_scenarios(request, inputs, venue).values()
    asked = None if request.ids is None else list(find_asked(scenario.ids, request.ids).values())
    try:
        simulated = simulate(scenario.book, scenario.terms, request.marks, ids=scenario.ids, watched=asked, pulse=pulse)
    except RefusedError as error:
        raise scenario.layout.relocate(error) from error
    in_rows = request.layout == "rows"
    return SimulateAnswer(
        **msgspec.structs.asdict(scenario.rules),
        steps=simulated.steps,
        positions=simulated.positions if in_rows else msgspec.UNSET,
        columns=msgspec.UNSET if in_rows else _in_columns(simulated.positions),
        assumptions=[
            *state_assumptions(scenario.terms, positions=None if inputs.cohorts else len(scenario.ids)),
            *assume_aggregates(request, inputs, venue),
        ],
        market=inputs.market,
        filled=inputs.filled,
        venue=venue.ref,
    )


def _in_columns(positions: "tuple[SimulatedPosition, ...]") -> SimulatedColumns:
    names = SimulatedColumns.__struct_fields__
    return SimulatedColumns(**{name: [getattr(position, name) for position in positions] for name in names})
