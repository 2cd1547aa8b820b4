"""The library's simulations: the service's answers about a book without HTTP, and without its limits of size and time.

They import numpy, which scores do not need; so they are a module of their own.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import msgspec

from adlrisk.api.endpoints.shared.schema import BookPosition
from adlrisk.api.endpoints.stress.exposure_answer import answer_exposure
from adlrisk.api.endpoints.stress.inputs import Inputs, complete_inputs
from adlrisk.api.endpoints.stress.schema import (
    ExposureAnswer,
    ExposureRequest,
    SimulateAnswer,
    SimulateRequest,
    StressRequest,
)
from adlrisk.api.endpoints.stress.simulate_answer import answer_simulation
from adlrisk.api.http.problems import ProblemError
from adlrisk.domain.stress.chain.step import do_nothing
from adlrisk.domain.stress.moves import Moves
from adlrisk.library import catalogue, check_request, to_library_error
from adlrisk.venues.catalogue import Venue

_DEEPEST_LIST: Final = 2  # steps to the lists of a request: /columns/size, /moves/weights

Request = TypeVar("Request", bound=StressRequest)


def simulate(request: SimulateRequest | Mapping[str, Any]) -> SimulateAnswer:
    """The answer of ``POST /adl/simulate`` to ``request``: the same request always has the same one.

    Dicts and numbers are taken as in ``score``; columns may be lists, tuples or arrays.

    Raises:
        ValidationError: a value is out of bounds or of the wrong type, or fields contradict each other.
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: the request is valid, but cannot be answered; ``problem`` and ``path`` say why and where.
    """
    checked = _check(request, SimulateRequest)
    try:
        venue = catalogue()[checked.venue]
        return answer_simulation(checked, _complete(checked, venue), venue, pulse=do_nothing)
    except ProblemError as error:
        raise to_library_error(error) from error


def exposure(request: ExposureRequest | Mapping[str, Any]) -> ExposureAnswer:
    """The answer of ``POST /adl/exposure`` to ``request``: the same request always has the same one.

    It takes and raises what ``simulate`` does.
    """
    checked = _check(request, ExposureRequest)
    _reject_half_surrogates("/liquidity", checked.liquidity)
    try:
        venue = catalogue()[checked.venue]
        inputs = _complete(checked, venue, moves=checked.moves, own=checked.position)
        return answer_exposure(checked, inputs, venue, pulse=do_nothing)
    except ProblemError as error:
        raise to_library_error(error) from error


def _complete(
    request: StressRequest, venue: Venue, *, moves: Moves | None = None, own: BookPosition | None = None
) -> Inputs:
    """The inputs of ``request``: there is no store, and so no market record."""
    return complete_inputs(request, venue.rules, record="absent", now=datetime.now(UTC), moves=moves, own=own)


def _check(request: object, kind: type[Request]) -> Request:
    _reject_sets(request)
    checked = check_request(request, kind)
    if checked.columns is not msgspec.UNSET:
        _reject_half_surrogates("/columns/id", checked.columns.id)
    _reject_half_surrogates("/positions", [position.id for position in checked.positions or ()])
    return checked


def _reject_sets(part: object, *, pointer: str = "") -> None:
    """Reject sets where columns or marks are expected: they would be read in an order that nobody chose."""
    if isinstance(part, AbstractSet):
        raise msgspec.ValidationError(f"{pointer or 'the request'}: a set has no order; give a list")
    fields = msgspec.structs.asdict(part) if isinstance(part, msgspec.Struct) else part
    if isinstance(fields, Mapping) and pointer.count("/") < _DEEPEST_LIST:
        for name, value in fields.items():
            _reject_sets(value, pointer=f"{pointer}/{name}")


def _reject_half_surrogates(pointer: str, names: Iterable[str]) -> None:
    """Reject names that an answer could not be encoded with; JSON and MessagePack cannot contain them."""
    try:
        "".join(names).encode()
    except UnicodeEncodeError as error:
        raise msgspec.ValidationError(f"{pointer}: a name has half a surrogate pair") from error
