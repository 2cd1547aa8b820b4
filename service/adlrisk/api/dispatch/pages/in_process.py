"""Calls of the API in this process: the same limits, checks, records and metrics as over HTTP, without a socket."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from litestar.types import HTTPScope, Receive

from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.dispatch.endpoint import ApiResponse, CallApi, Endpoint
from adlrisk.api.dispatch.errors import ErrorResponses
from adlrisk.api.dispatch.respond import Request, Responder, build_respond
from adlrisk.api.http.body import ClientDisconnectedError
from adlrisk.api.http.headers import Headers
from adlrisk.api.limits.api_keys import CREDENTIALS

_NO_PATH: Mapping[str, str] = {}


class InProcessApi:
    """The endpoints of the API by operation id."""

    def __init__(
        self, endpoints: Sequence[Endpoint], context: AppContext, *, responders: Mapping[str, Responder]
    ) -> None:
        self._paths = {endpoint.operation_id: endpoint.path for endpoint in endpoints}
        self._responds = {
            endpoint.operation_id: build_respond(endpoint, responders[endpoint.operation_id], context)
            for endpoint in endpoints
        }
        self._errors = ErrorResponses(endpoints, context)
        self._turns = context.turns
        self._api_keys = context.api_keys

    def bind(self, page: Request) -> CallApi:
        """What calls the API for whoever has asked for ``page``: each call counts as one of theirs."""

        async def call_api(
            operation_id: str, *, body: bytes | None = None, path: Mapping[str, str] = _NO_PATH, key: str = ""
        ) -> ApiResponse:
            return await self._call(page, operation_id, body=body, path=path, key=key)

        return call_api

    async def _call(
        self, page: Request, operation_id: str, *, body: bytes | None, path: Mapping[str, str], key: str
    ) -> ApiResponse:
        await self._turns.wait()  # several calls in a row must not keep all other requests waiting
        with ExitStack() as held:  # a slot for a batch or a book is given back once the call is answered
            scope = _build_scope(page, path=self._paths[operation_id].format(**path), held=held)
            headers = _build_headers(page.headers, body=body, key=key)
            if key:  # of the form: the page is theirs too
                page.scope["state"]["key"] = scope["state"]["key"] = self._api_keys.identify(headers)
            request = Request(scope, headers, _receive(body or b""), path)
            try:
                response = await self._responds[operation_id](request)
            except ClientDisconnectedError:
                raise
            except Exception as error:  # noqa: BLE001 (the edge: whatever happened becomes an answer)
                response = self._errors.response_to(error, scope)
            return ApiResponse(response.status, b"".join(response.pieces))


def _build_scope(page: Request, *, path: str, held: ExitStack) -> HTTPScope:
    state: dict[str, Any] = {**page.scope["state"], "held": held}
    scope: HTTPScope = {**page.scope, "path": path, "state": state}
    return scope


def _build_headers(given: Headers, *, body: bytes | None, key: str) -> Headers:
    """Who calls, as the page's own request says it, and what the body is; nothing else of the page's request."""
    headers = [(name, value) for name in sorted(CREDENTIALS) for value in given.all(name)]
    if key:
        headers = [(b"x-api-key", key.encode())]
    if body is not None:
        headers += [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    return Headers(headers)


def _receive(body: bytes) -> Receive:
    messages: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        return await asyncio.get_running_loop().create_future()  # that the client goes away, the page's request hears

    return receive
