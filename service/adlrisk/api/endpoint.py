"""What an endpoint is: a line of the route table, from which its handler and its documentation follow."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Literal

from litestar import HttpMethod, Request, Response, route
from litestar.datastructures import Headers
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from adlrisk.api import wire
from adlrisk.api.service import Service

Method = Literal["GET", "POST"]
Tag = Literal["Scoring", "Venues", "Operations"]

_NEGOTIATED_HEADERS: Final = {"vary": "accept"}


class Call(Struct, frozen=True, kw_only=True):
    """A request as a handler sees it."""

    service: Service
    headers: Headers
    path: Mapping[str, Any]
    request_id: str
    body: Any = None
    codec: wire.Codec = wire.JSON
    answer_codec: wire.Codec = wire.JSON


class Reply(Struct, frozen=True, kw_only=True):
    """An answer that is more than a Struct with status 200."""

    body: Any
    status: int = 200
    media_type: str | None = None  # None: as negotiated; else `body` is the bytes to send
    headers: Mapping[str, str] = {}


class Answer(Struct, frozen=True, kw_only=True):
    """What the documentation says of one status an endpoint answers with."""

    description: str
    type: Any = None
    media_types: tuple[str, ...] = wire.MEDIA_TYPES
    headers: Mapping[str, str] = {}


class Parameter(Struct, frozen=True, kw_only=True):
    """A parameter in the path or in a header."""

    name: str
    place: Literal["path", "header"]
    description: str
    schema: Mapping[str, Any]
    example: str


class Body(Struct, frozen=True, kw_only=True):
    """What an endpoint takes."""

    type: Any
    limit: Callable[[Service], int]
    examples: tuple[str, ...]


class Endpoint(Struct, frozen=True, kw_only=True):
    """One line of the route table."""

    method: Method
    path: str
    operation_id: str
    tag: Tag
    summary: str
    description: str
    handle: Callable[[Call], Awaitable[Any]]
    answers: Mapping[int, Answer]
    body: Body | None = None
    parameters: tuple[Parameter, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def methods(self) -> tuple[HttpMethod, ...]:
        """The HTTP methods it answers to: HEAD wherever GET."""
        return (HttpMethod.POST,) if self.method == "POST" else (HttpMethod.GET, HttpMethod.HEAD)

    @property
    def negotiates(self) -> bool:
        """Whether its answer comes in any of the wire formats."""
        return any(answer.media_types == wire.MEDIA_TYPES for answer in self.answers.values())


def route_handler(endpoint: Endpoint, service: Service) -> HTTPRouteHandler:
    """The Litestar handler of an endpoint: negotiate, read, decode, call, encode."""
    body = endpoint.body
    decoders = {codec.name: codec.decoder_of(body.type) for codec in (wire.JSON, wire.MSGPACK)} if body else {}

    @route(endpoint.path.replace("}", ":str}"), http_method=endpoint.methods, name=endpoint.operation_id)
    async def handler(request: Request[Any, Any, Any]) -> Response[bytes]:
        headers = request.headers
        codec = wire.codec_of_body(headers) if body else wire.JSON
        media_type = wire.media_type_of_answer(headers) if endpoint.negotiates else ""
        decoded = None
        if body:
            chunks = await wire.read_body(headers, request.receive, limit=body.limit(service))
            decoded = wire.decode(decoders[codec.name], b"".join(chunks))
        call = Call(
            service=service,
            headers=headers,
            path=request.path_params,
            request_id=request.scope["state"]["request_id"],
            body=decoded,
            codec=codec,
            answer_codec=wire.CODECS.get(media_type, wire.JSON),
        )
        answer = await endpoint.handle(call)
        reply = answer if isinstance(answer, Reply) else Reply(body=answer)
        return _response(reply, media_type)

    return handler


def _response(reply: Reply, negotiated: str) -> Response[bytes]:
    if reply.media_type is not None:
        return Response(reply.body, media_type=reply.media_type, status_code=reply.status, headers=dict(reply.headers))
    content = b"" if reply.body is None else wire.CODECS[negotiated].encode(reply.body)
    headers = {**_NEGOTIATED_HEADERS, **reply.headers}
    return Response(content, media_type=negotiated, status_code=reply.status, headers=headers)
