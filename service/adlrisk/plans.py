"""The library's plans: the answers of ``POST /plan`` without HTTP.

A depth takes numpy, which scores do not need; so they are a module of their own.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import UNSET

from adlrisk.api.endpoints.plan.answer import answer_plan
from adlrisk.api.endpoints.plan.schema import PlanAnswer, PlanRequest
from adlrisk.api.http.problems import ProblemError
from adlrisk.library import (
    catalogue,
    check_request,
    reject_half_surrogate,
    reject_half_surrogates,
    to_library_error,
)


def plan(request: PlanRequest | Mapping[str, Any]) -> PlanAnswer:
    """The answer of ``POST /plan`` to ``request``; ``as_of`` defaults to now.

    Dicts, numbers and times are taken as in ``score``. The ``request`` of an option can be given to ``score`` as it is,
    or to ``account`` for a leg.

    Raises:
        ValidationError: a value is out of bounds or of the wrong type, or fields contradict each other.
        UnknownVenueError: the venue is not in the catalogue.
        RefusedError: the request is valid, but cannot be answered.
    """
    checked = check_request(request, PlanRequest)
    if checked.position is not UNSET:
        reject_half_surrogate("/position/settlement", checked.position.settlement)
    reject_half_surrogates(() if checked.positions is UNSET else checked.positions)
    for index, order in enumerate(checked.orders):
        reject_half_surrogate(f"/orders/{index}/id", order.id)
    try:
        return answer_plan(checked, venues=catalogue(), now=datetime.now(UTC))
    except ProblemError as error:
        raise to_library_error(error) from error
