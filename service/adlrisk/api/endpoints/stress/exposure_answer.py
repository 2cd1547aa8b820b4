"""The answer of an exposure, for the service's worker and for the library."""

import msgspec

from adlrisk.api.bulk.deadline import Pulse
from adlrisk.api.endpoints.shared.book import OWN_ID
from adlrisk.api.endpoints.stress.scenario import find_asked, read_scenario
from adlrisk.api.endpoints.stress.schema import ExposureAnswer, ExposureRequest
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.stress.assumptions import state_exposure_assumptions
from adlrisk.domain.stress.moves import weigh_moves
from adlrisk.venues.catalogue import Catalogue


def answer_exposure(request: ExposureRequest, venues: Catalogue, *, pulse: Pulse) -> ExposureAnswer:
    """The answer to ``request``; ``pulse`` is called at each step and may raise to end the work.

    Raises:
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: the request cannot be answered at this venue, sizes are not whole lots, or a maintenance margin
            is missing.
        ProblemError: the book is inconsistent, or does not have the positions asked for.
    """
    from adlrisk.domain.stress.exposure import expose  # noqa: PLC0415 (it imports numpy)

    scenario = read_scenario(request, venues, own=request.position)
    own = {} if request.position is None else {OWN_ID: len(scenario.ids) - 1}
    watched = own | find_asked(scenario.ids, request.ids or ())
    weighted = weigh_moves(request.moves)
    try:
        exposure = expose(scenario.book, scenario.terms, weighted, request.liquidity, watched=watched, pulse=pulse)
    except RefusedError as error:
        raise scenario.layout.relocate(error) from error
    return ExposureAnswer(
        **msgspec.structs.asdict(scenario.rules),
        cases=exposure.cases,
        range=exposure.range,
        assumptions=state_exposure_assumptions(
            scenario.terms,
            positions=len(scenario.ids),
            given=request.moves,
            weighted=weighted,
            cases=request.liquidity,
        ),
        venue=scenario.venue.ref,
    )
