"""Whatever goes wrong on the way of a request becomes one of the documented problems."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from adlrisk.api.endpoint import Endpoint, allowed_methods
from adlrisk.api.problems import PROBLEM_MEDIA_TYPE, ProblemError, internal_error, refusal_of, store_unavailable
from adlrisk.api.service import Service
from adlrisk.api.wire import ClientDisconnectedError
from adlrisk.domain.errors import RefusedError
from adlrisk.venues.catalogue import UnknownVenueError
from adlrisk.venues.store import StoreError

FailureHandler = Callable[[Request[Any, Any, Any], Exception], Response[bytes]]

_CLIENT_WENT_AWAY: Final = 499  # the convention of nginx: nobody is there to read it
_NOT_FOUND: Final = 404
_METHOD_NOT_ALLOWED: Final = 405
_SERVER_ERROR: Final = 500


def failure_handler(service: Service, endpoints: Sequence[Endpoint]) -> FailureHandler:
    """A Litestar exception handler that knows every exception the service can meet."""
    paths = [(re.compile(re.sub(r"{\w+}", "[^/]+", endpoint.path) + r"/?\Z"), endpoint) for endpoint in endpoints]

    def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        if isinstance(error, ClientDisconnectedError):
            return Response(b"", status_code=_CLIENT_WENT_AWAY)
        request_id: str = request.scope["state"]["request_id"]
        path = re.sub("/+", "/", request.scope["path"])  # as Litestar routes it
        known = [endpoint for pattern, endpoint in paths if pattern.match(path)]
        failure = _failure_of(error, known)
        if known:
            request.scope["path_template"] = known[0].path
        if failure.status >= _SERVER_ERROR and failure.slug == "internal-error":
            service.logger.error("defect", request_id=request_id, exc_info=error)
        service.metrics.problem_answered(failure.slug)
        return Response(
            msgspec.json.encode(failure.problem(instance=request_id)),
            media_type=PROBLEM_MEDIA_TYPE,
            status_code=failure.status,
            headers=failure.headers,
        )

    return answer


def _failure_of(error: Exception, known: list[Endpoint]) -> ProblemError:
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RefusedError | UnknownVenueError):
        return refusal_of(error)
    if isinstance(error, StoreError):
        return store_unavailable(error.reason)
    if isinstance(error, HTTPException) and error.status_code < _SERVER_ERROR:
        return _unroutable(error, known)
    return internal_error()


def _unroutable(error: HTTPException, known: list[Endpoint]) -> ProblemError:
    """The problem for what Litestar itself refuses."""
    if error.status_code == _NOT_FOUND:
        return ProblemError("not-found", "No endpoint has this path; GET / links to those there are")
    if error.status_code == _METHOD_NOT_ALLOWED:
        allowed = allowed_methods(known)
        return ProblemError("method-not-allowed", f"This path takes {allowed}", headers={"allow": allowed})
    return ProblemError("bad-request", "The request line or a header cannot be understood")
