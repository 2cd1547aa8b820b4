"""Router: one look into a table for the POST endpoints, Litestar for parameters in paths, 404, 405 and OPTIONS.

Litestar routes and builds its request in some 40 µs, as long as everything else of a score takes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import HttpMethod, Litestar, Response, route
from litestar import Request as LitestarRequest
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.dispatch.endpoint import Endpoint, Method, allowed_methods
from adlrisk.api.dispatch.errors import ErrorResponses
from adlrisk.api.dispatch.respond import Request, Respond, Responder, build_respond
from adlrisk.api.dispatch.responses.response import EncodedResponse, send_response
from adlrisk.api.http.headers import Headers

_NO_PARAMETERS: Final[Mapping[str, Any]] = {}


class Router:
    """An ASGI application that finds a request's endpoint and sends its response."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        context: AppContext,
        *,
        responders: Mapping[str, Responder],
        shortcuts: bool,
    ) -> None:
        """Without ``shortcuts`` Litestar routes every request, the POST endpoints' too."""
        self._errors = ErrorResponses(endpoints, context)
        responds = {
            (endpoint.path, endpoint.method): build_respond(endpoint, responders[endpoint.operation_id], context)
            for endpoint in endpoints
        }
        self._posts = {path: respond for (path, method), respond in responds.items() if shortcuts and method == "POST"}
        by_path: dict[str, list[Endpoint]] = {}
        for endpoint in endpoints:
            by_path.setdefault(endpoint.path, []).append(endpoint)
        self._litestar = Litestar(
            route_handlers=[self._route_handler(path, found, responds) for path, found in by_path.items()],
            exception_handlers={HTTPException: self._handle_error, Exception: self._handle_error},
            on_startup=[context.start],
            on_shutdown=[context.stop],
            openapi_config=None,
            logging_config=None,
            request_max_body_size=None,  # ``read_body`` limits each endpoint by its own setting
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or take part in the server's lifespan."""
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST" or scope["path"] not in self._posts:
            await self._litestar(scope, receive, send)
            return
        scope["path_template"] = scope["path"]
        await self._answer(self._posts[scope["path"]], scope, receive, send)

    async def _answer(
        self,
        respond: Respond,
        scope: HTTPScope,
        receive: Receive,
        send: Send,
        path: Mapping[str, Any] = _NO_PARAMETERS,
    ) -> None:
        try:
            response = await respond(Request(scope, Headers(scope["headers"]), receive, path))
        except Exception as error:  # noqa: BLE001 (the edge: whatever happened becomes an answer)
            response = self._errors.response_to(error, scope)
        await send_response(response, send)

    def _route_handler(
        self, path: str, endpoints: list[Endpoint], responds: Mapping[tuple[str, Method], Respond]
    ) -> HTTPRouteHandler:
        """Litestar's handler of a path, for all its methods."""
        options = EncodedResponse(
            media_type="text/plain", status=204, headers={"allow": allowed_methods(endpoints)}, pieces=[b""]
        )

        async def respond_with_options(_request: Request) -> EncodedResponse:
            return options

        by_method = {
            method.value: responds[path, endpoint.method] for endpoint in endpoints for method in endpoint.methods
        }
        methods = [HttpMethod.OPTIONS, *(method for endpoint in endpoints for method in endpoint.methods)]

        @route(path.replace("}", ":str}"), http_method=methods, status_code=200)
        async def handler(request: LitestarRequest[Any, Any, Any]) -> ASGIApp:
            respond = by_method.get(request.method, respond_with_options)
            parameters = request.path_params

            async def answer(scope: Any, receive: Receive, send: Send) -> None:
                await self._answer(respond, scope, receive, send, parameters)

            return answer

        return handler

    def _handle_error(self, request: LitestarRequest[Any, Any, Any], error: Exception) -> Response[Any]:
        """Litestar's exception handler, for what its router refuses."""
        return _PreparedResponse(self._errors.response_to(error, request.scope))


class _PreparedResponse(Response[None]):
    """A Litestar response that is sent by ``send_response``, as all others are."""

    def __init__(self, response: EncodedResponse) -> None:
        super().__init__(None)
        self._response = response

    def to_asgi_response(self, *_args: Any, **_named: Any) -> Any:
        async def answer(scope: Any, receive: Receive, send: Send) -> None:  # noqa: ARG001 (ASGI's)
            await send_response(self._response, send)

        return answer
