"""Responses to requests for pages: HTML whatever happens, so that a browser shows a problem as it shows all else."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.dispatch.endpoint import Endpoint, PageCall, PageHandler, Reply
from adlrisk.api.dispatch.errors import ErrorResponses
from adlrisk.api.dispatch.pages.in_process import InProcessApi
from adlrisk.api.dispatch.respond import Request, Responder
from adlrisk.api.dispatch.responses.response import EncodedResponse
from adlrisk.api.http.accept import best_match
from adlrisk.api.http.body import ClientDisconnectedError, read_body
from adlrisk.api.http.codecs import MEDIA_TYPES
from adlrisk.api.http.codings.accept_encoding import parse_accept_encoding
from adlrisk.api.http.content_types import Negotiated, negotiate
from adlrisk.api.http.headers import Headers

HTML: Final = "text/html; charset=utf-8"
# The page's own style, script, pictures and forms, and nothing from elsewhere. With `no-referrer` a browser would not
# say where a form comes from: its Origin would be "null".
PAGE_HEADERS: Final = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'",
    "referrer-policy": "same-origin",
}

_OFFERED: Final = (*MEDIA_TYPES, "text/html")


def build_page_responders(
    pages: Sequence[Endpoint],
    context: AppContext,
    *,
    endpoints: Sequence[Endpoint],
    responders: Mapping[str, Responder],
    also_pages: Mapping[str, PageHandler],
) -> dict[str, Responder]:
    """What answers the requests of ``pages``, which call the API's ``endpoints`` by their ``responders``.

    ``also_pages`` are the operations of the API that answer with a page where `Accept` prefers HTML.
    """
    api, errors = InProcessApi(endpoints, context, responders=responders), ErrorResponses(pages, context)
    built: dict[str, Responder] = {
        page.operation_id: PageResponder(page, context, api=api, errors=errors) for page in pages
    }
    by_id = {endpoint.operation_id: endpoint for endpoint in endpoints}
    for operation_id, handler in also_pages.items():
        page = msgspec.structs.replace(by_id[operation_id], handle=handler, compresses=True)
        built[operation_id] = EitherResponder(
            page=PageResponder(page, context, api=api, errors=errors), data=responders[operation_id]
        )
    return built


class PageResponder:
    """Answers with the page that its handler renders."""

    def __init__(self, page: Endpoint, context: AppContext, *, api: InProcessApi, errors: ErrorResponses) -> None:
        if not isinstance(page.handle, PageHandler):
            raise TypeError(f"{page.operation_id} is no page")
        self._handler = page.handle
        self._context = context
        self._api = api
        self._errors = errors
        self._body = page.body
        self._offer = page.offer(context.settings)._replace(negotiates_type=False)

    async def respond(self, request: Request) -> EncodedResponse:
        """The response to a request."""
        try:
            response = _encode(await self._handler.render(await self._read(request)))
        except ClientDisconnectedError:
            raise
        except Exception as error:  # noqa: BLE001 (the edge: whatever happened becomes an answer)
            response = self._build_problem(self._errors.response_to(error, request.scope))
        accepted = parse_accept_encoding(request.headers.joined(b"accept-encoding"))
        return await self._context.compressor.compress(response, accepted) if self._offer.compresses else response

    def negotiate(self, headers: Headers) -> Negotiated:
        """The media types and codings of body and answer."""
        return negotiate(headers, self._offer)

    def respond_now(
        self,
        headers: Headers,  # noqa: ARG002 (as ``Responder`` has it)
        body: bytes | bytearray,  # noqa: ARG002
        negotiated: Negotiated,  # noqa: ARG002
        *,
        request_id: str,  # noqa: ARG002
    ) -> bytes | None:
        """Nothing: a page waits for the API."""
        return None

    async def _read(self, request: Request) -> PageCall:
        body = b""
        if self._body is not None:
            self.negotiate(request.headers)
            chunks = await read_body(
                request.headers,
                request.receive,
                limit=self._body.limit(self._context),
                timeout_seconds=self._context.settings.body_timeout_seconds,
            )
            body = b"".join(chunks)
        return PageCall(
            context=self._context,
            headers=request.headers,
            path=request.path,
            scheme=request.scope["scheme"],
            address=request.scope["path"],
            query=request.scope["query_string"],
            body=body,
            request_id=request.request_id,
            call_api=self._api.bind(request),
        )

    def _build_problem(self, problem: EncodedResponse) -> EncodedResponse:
        if self._handler.render_problem is None:
            return problem
        content = self._handler.render_problem(msgspec.json.decode(b"".join(problem.pieces)))
        return EncodedResponse(
            media_type=HTML, status=problem.status, headers={**problem.headers, **PAGE_HEADERS}, pieces=[content]
        )


class EitherResponder:
    """Answers with a page where `Accept` prefers HTML, as a browser's does, and with data otherwise."""

    def __init__(self, *, page: PageResponder, data: Responder) -> None:
        self._page = page
        self._data = data

    async def respond(self, request: Request) -> EncodedResponse:
        """The response to a request."""
        if best_match(request.headers.joined(b"accept"), _OFFERED) != "text/html":
            return await self._data.respond(request)
        response = await self._page.respond(request)
        vary = ", ".join(filter(None, ("accept", response.headers.get("vary"))))
        return msgspec.structs.replace(response, headers={**response.headers, "vary": vary})

    def negotiate(self, headers: Headers) -> Negotiated:
        """The media types and codings of body and answer, where it is data."""
        return self._data.negotiate(headers)

    def respond_now(
        self, headers: Headers, body: bytes | bytearray, negotiated: Negotiated, *, request_id: str
    ) -> bytes | None:
        """What the data's responder answers."""
        return self._data.respond_now(headers, body, negotiated, request_id=request_id)


def _encode(reply: Reply) -> EncodedResponse:
    return EncodedResponse(
        media_type=reply.media_type or HTML, status=reply.status, headers=reply.headers, pieces=[reply.body]
    )
