"""Exceptions as responses: whatever a request meets becomes one of the documented problems, written in one place."""

import re
from collections.abc import Sequence
from typing import Final

from litestar.exceptions import HTTPException
from litestar.types import HTTPScope, Scope

from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.dispatch.endpoint import Endpoint, allowed_methods
from adlrisk.api.dispatch.responses.response import EncodedResponse
from adlrisk.api.http.body import ClientDisconnectedError
from adlrisk.api.http.problems import (
    PROBLEM_MEDIA_TYPE,
    ProblemError,
    encode_problem,
    internal_error,
    problem_for,
    store_unavailable,
)
from adlrisk.domain.position.errors import RefusedError
from adlrisk.venues.catalogue import UnknownVenueError
from adlrisk.venues.store import StoreError

_CLIENT_WENT_AWAY: Final = 499  # the convention of nginx: nobody is there to read it
_NOT_FOUND: Final = 404
_METHOD_NOT_ALLOWED: Final = 405
_SERVER_ERROR: Final = 500


def problem_response(error: ProblemError, context: AppContext, *, request_id: str) -> EncodedResponse:
    """The response to a request that ends in a problem, which is counted."""
    context.metrics.count_problem(error.slug)
    return EncodedResponse(
        media_type=PROBLEM_MEDIA_TYPE,
        status=error.status,
        headers=error.headers,
        pieces=[encode_problem(error, request_id=request_id)],
    )


class ErrorResponses:
    """The response to every exception that a request can meet."""

    def __init__(self, endpoints: Sequence[Endpoint], context: AppContext) -> None:
        self._context = context
        self._paths = [
            (re.compile(re.sub(r"{\w+}", "[^/]+", endpoint.path) + r"/?\Z"), endpoint) for endpoint in endpoints
        ]

    def response_to(self, error: Exception, scope: HTTPScope | Scope) -> EncodedResponse:
        """The response to a request that met ``error``."""
        if isinstance(error, ClientDisconnectedError):
            return EncodedResponse(media_type="text/plain", status=_CLIENT_WENT_AWAY, pieces=[b""])
        request_id: str = scope["state"]["request_id"]
        endpoints = self._endpoints_at(scope["path"])
        if endpoints:
            scope["path_template"] = endpoints[0].path
        problem = _problem_of(error, endpoints)
        if problem.slug == "internal-error":
            self._context.logger.error("defect", request_id=request_id, exc_info=error)
        return problem_response(problem, self._context, request_id=request_id)

    def _endpoints_at(self, path: str) -> list[Endpoint]:
        """The endpoints of a path, as Litestar routes it."""
        routed = re.sub("/+", "/", path)
        return [endpoint for pattern, endpoint in self._paths if pattern.match(routed)]


def _problem_of(error: Exception, endpoints: list[Endpoint]) -> ProblemError:
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RefusedError | UnknownVenueError):
        return problem_for(error)
    if isinstance(error, StoreError):
        return store_unavailable(error.reason)
    if isinstance(error, HTTPException) and error.status_code < _SERVER_ERROR:
        return _routing_problem(error, endpoints)
    return internal_error()


def _routing_problem(error: HTTPException, endpoints: list[Endpoint]) -> ProblemError:
    """The problem for a request that Litestar's router refuses."""
    if error.status_code == _NOT_FOUND:
        return ProblemError("not-found", "No endpoint has this path; GET / links to the ones that exist")
    if error.status_code == _METHOD_NOT_ALLOWED:
        allowed = allowed_methods(endpoints)
        return ProblemError("method-not-allowed", f"This path supports {allowed}", headers={"allow": allowed})
    return ProblemError("bad-request", "The request line or a header cannot be understood")
