"""Whatever goes wrong on the way of a request becomes one of the documented problems."""

import re
from collections.abc import Sequence
from typing import Final

import msgspec
from litestar.exceptions import HTTPException
from litestar.types import HTTPScope, Scope

from adlrisk.api.dispatch.context import Service
from adlrisk.api.dispatch.endpoint import Endpoint, allowed_methods
from adlrisk.api.dispatch.respond import Encoded
from adlrisk.api.http.body import ClientDisconnectedError
from adlrisk.api.http.problems import PROBLEM_MEDIA_TYPE, ProblemError, internal_error, problem_for, store_unavailable
from adlrisk.domain.position.errors import RefusedError
from adlrisk.venues.catalogue import UnknownVenueError
from adlrisk.venues.store import StoreError

_CLIENT_WENT_AWAY: Final = 499  # the convention of nginx: nobody is there to read it
_NOT_FOUND: Final = 404
_METHOD_NOT_ALLOWED: Final = 405
_SERVER_ERROR: Final = 500


class Failures:
    """Every exception the service can meet, as an answer."""

    def __init__(self, endpoints: Sequence[Endpoint], service: Service) -> None:
        self._service = service
        self._paths = [
            (re.compile(re.sub(r"{\w+}", "[^/]+", endpoint.path) + r"/?\Z"), endpoint) for endpoint in endpoints
        ]

    def answer(self, scope: HTTPScope | Scope, error: Exception) -> Encoded:
        """The answer to a request on whose way ``error`` was raised."""
        if isinstance(error, ClientDisconnectedError):
            return Encoded(media_type="text/plain", status=_CLIENT_WENT_AWAY, pieces=[b""])
        request_id: str = scope["state"]["request_id"]
        known = self._known(scope["path"])
        failure = _failure_of(error, known)
        if known:
            scope["path_template"] = known[0].path
        if failure.status >= _SERVER_ERROR and failure.slug == "internal-error":
            self._service.logger.error("defect", request_id=request_id, exc_info=error)
        self._service.metrics.problem_answered(failure.slug)
        return Encoded(
            media_type=PROBLEM_MEDIA_TYPE,
            status=failure.status,
            headers=failure.headers,
            pieces=[msgspec.json.encode(failure.problem(instance=request_id))],
        )

    def _known(self, path: str) -> list[Endpoint]:
        """The endpoints of a path, as Litestar routes it."""
        routed = re.sub("/+", "/", path)
        return [endpoint for pattern, endpoint in self._paths if pattern.match(routed)]


def _failure_of(error: Exception, known: list[Endpoint]) -> ProblemError:
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, RefusedError | UnknownVenueError):
        return problem_for(error)
    if isinstance(error, StoreError):
        return store_unavailable(error.reason)
    if isinstance(error, HTTPException) and error.status_code < _SERVER_ERROR:
        return _unroutable(error, known)
    return internal_error()


def _unroutable(error: HTTPException, known: list[Endpoint]) -> ProblemError:
    """The problem for what Litestar itself refuses."""
    if error.status_code == _NOT_FOUND:
        return ProblemError("not-found", "No endpoint has this path; GET / links to the ones that exist")
    if error.status_code == _METHOD_NOT_ALLOWED:
        allowed = allowed_methods(known)
        return ProblemError("method-not-allowed", f"This path supports {allowed}", headers={"allow": allowed})
    return ProblemError("bad-request", "The request line or a header cannot be understood")
