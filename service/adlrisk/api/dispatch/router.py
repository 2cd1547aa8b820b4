"""The endpoints as Litestar's handlers, and their answers and failures as Litestar's responses."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

from litestar import HttpMethod, Request, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream

from adlrisk.api.dispatch.context import Service
from adlrisk.api.dispatch.endpoint import Endpoint, allowed_methods
from adlrisk.api.dispatch.errors import Failures
from adlrisk.api.dispatch.respond import Asked, Encoded, answerer
from adlrisk.api.http.headers import Headers

_JOINED_BYTES: Final = 1 << 20


def route_handlers(endpoints: Sequence[Endpoint], service: Service) -> list[HTTPRouteHandler]:
    """The Litestar handlers of all endpoints, one for each path."""
    of_path: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        of_path.setdefault(endpoint.path, []).append(endpoint)
    return [_route_handler(path, found, service) for path, found in of_path.items()]


def failure_handler(failures: Failures) -> Callable[[Request[Any, Any, Any], Exception], Response[Any]]:
    """A Litestar exception handler that knows every exception the service can meet."""

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        return _response(failures.answer(request.scope, error))

    return handle


def _route_handler(path: str, endpoints: list[Endpoint], service: Service) -> HTTPRouteHandler:
    """The handler of a path, which answers for its methods, and says which they are."""
    options = Encoded(media_type="text/plain", status=204, headers={"allow": allowed_methods(endpoints)}, pieces=[b""])
    answerers = {method.value: answerer(endpoint, service) for endpoint in endpoints for method in endpoint.methods}
    methods = [HttpMethod.OPTIONS, *(method for endpoint in endpoints for method in endpoint.methods)]

    @route(path.replace("}", ":str}"), http_method=methods, status_code=200)
    async def handler(request: Request[Any, Any, Any]) -> Response[Any]:
        answer_of = answerers.get(request.method)
        if answer_of is None:
            return _response(options)
        head = Headers(request.scope["headers"])
        return _response(await answer_of(Asked(request.scope, head, request.receive, request.path_params)))

    return handler


def _response(encoded: Encoded) -> Response[Any]:
    """The answer, sent piece by piece where it is large, so that it is never copied into one whole."""
    headers = dict(encoded.headers)
    length = sum(map(len, encoded.pieces))
    if length <= _JOINED_BYTES:
        content = b"".join(encoded.pieces)
        return Response(content, media_type=encoded.media_type, status_code=encoded.status, headers=headers)
    headers["content-length"] = str(length)
    return Stream(_used_up(encoded.pieces), media_type=encoded.media_type, status_code=encoded.status, headers=headers)


async def _used_up(pieces: list[bytes]) -> AsyncIterator[bytes]:
    """Each piece once, let go of when it has been sent."""
    pieces.reverse()
    while pieces:
        yield pieces.pop()
