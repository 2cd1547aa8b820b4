"""What an endpoint is: a line of the route table, from which its handler and its documentation follow."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal

from litestar import HttpMethod, Request, Response, route
from litestar.datastructures import Headers
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from msgspec import Struct

from adlrisk.api import codecs, wire
from adlrisk.api.book_work import Job, Outcome, Work
from adlrisk.api.keys import Access
from adlrisk.api.lanes import Lane
from adlrisk.api.service import Service

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Tag = Literal["Scoring", "Books", "Deleveraging", "Venues", "Operations"]

_JOINED_BYTES: Final = 1 << 20
_NEGOTIATED_HEADERS: Final = {"vary": "accept"}


class Call(Struct, frozen=True, kw_only=True):
    """A request as a handler sees it."""

    service: Service
    headers: Headers
    path: Mapping[str, Any]
    request_id: str
    body: Any = None
    codec: codecs.Codec = codecs.JSON
    answer_codec: codecs.Codec = codecs.JSON


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
    media_types: tuple[str, ...] = codecs.MEDIA_TYPES
    headers: Mapping[str, str] = {}
    # Operations that ask on from here, with where their parameters stand, in OpenAPI's runtime expressions.
    links: Mapping[str, Mapping[str, str]] = {}


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
    constraints: Mapping[str, Any] = {}  # what the schema says of it beyond its fields
    media_types: tuple[str, ...] = codecs.MEDIA_TYPES


class Endpoint(Struct, frozen=True, kw_only=True):
    """One line of the route table."""

    method: Method
    path: str
    operation_id: str
    access: Access = "read"
    is_vital: bool = False  # answered even when no more requests fit
    tag: Tag
    summary: str
    description: str
    handle: Callable[[Call], Awaitable[Any]] | None = None
    work: Work | None = None  # instead of `handle`, for books
    lane: Lane | None = None  # where it needs a place, beside the one among all requests
    answers: Mapping[int, Answer]
    body: Body | None = None
    parameters: tuple[Parameter, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def methods(self) -> tuple[HttpMethod, ...]:
        """The HTTP methods it answers to: HEAD wherever GET."""
        return (HttpMethod.GET, HttpMethod.HEAD) if self.method == "GET" else (HttpMethod(self.method),)

    @property
    def negotiates(self) -> bool:
        """Whether its answer comes in any of the wire formats."""
        return any(answer.media_types == codecs.MEDIA_TYPES for answer in self.answers.values())


def allowed_methods(endpoints: Iterable[Endpoint]) -> str:
    """What the `Allow` header says of a path that has these endpoints."""
    return ", ".join(sorted({"OPTIONS", *(method.value for endpoint in endpoints for method in endpoint.methods)}))


def route_handlers(endpoints: Sequence[Endpoint], service: Service) -> list[HTTPRouteHandler]:
    """The Litestar handlers of all endpoints, one for each path."""
    of_path: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        of_path.setdefault(endpoint.path, []).append(endpoint)
    return [_route_handler(path, found, service) for path, found in of_path.items()]


def _route_handler(path: str, endpoints: list[Endpoint], service: Service) -> HTTPRouteHandler:
    """The handler of a path, which answers for its methods, and says which they are."""
    options = Reply(body=b"", status=204, media_type="text/plain", headers={"allow": allowed_methods(endpoints)})
    answerers = {method.value: _guarded(endpoint, service) for endpoint in endpoints for method in endpoint.methods}
    methods = [HttpMethod.OPTIONS, *(method for endpoint in endpoints for method in endpoint.methods)]

    @route(path.replace("}", ":str}"), http_method=methods, status_code=200)
    async def handler(request: Request[Any, Any, Any]) -> Response[Any]:
        answer_of = answerers.get(request.method)
        return _response(options, "") if answer_of is None else await answer_of(request)

    return handler


Answerer = Callable[[Request[Any, Any, Any]], Awaitable[Response[Any]]]


def _guarded(endpoint: Endpoint, service: Service) -> Answerer:
    """What answers for an endpoint, once the request may ask it."""
    answer_of = _book_answerer(endpoint, service) if endpoint.work else _call_answerer(endpoint, service)

    places = service.lanes[endpoint.lane] if endpoint.lane else None
    policy = None if endpoint.access == "open" else service.rate_limits.policy("batches" if places else "requests")
    # A batch as small as a single score costs no more than one.
    small = service.settings.max_score_bytes if endpoint.lane == "batches" else 0

    async def answer(request: Request[Any, Any, Any]) -> Response[Any]:
        headers = request.headers
        if policy is not None:
            await service.rate_limits.admit(policy, request)
        service.keys.admit(endpoint.access, headers)
        if places is not None and not wire.announces_at_most(small, headers):
            request.scope["state"]["held"].enter_context(places.place())  # until the answer has been sent
        return await answer_of(request)

    return answer


def _call_answerer(endpoint: Endpoint, service: Service) -> Answerer:
    """Negotiate, read, decode, call, encode."""
    handle, body = endpoint.handle, endpoint.body
    if handle is None:
        raise LookupError(f"{endpoint.operation_id} has nothing to handle it")
    patience = service.settings.body_timeout_seconds
    decoders = {codec.name: codec.decoder_of(body.type) for codec in (codecs.JSON, codecs.MSGPACK)} if body else {}

    async def answer(request: Request[Any, Any, Any]) -> Response[Any]:
        headers = request.headers
        codec = codecs.CODECS[wire.media_type_of_body(headers, body.media_types)] if body else codecs.JSON
        media_type = wire.media_type_of_answer(headers) if endpoint.negotiates else ""
        decoded = None
        if body:
            chunks = await wire.read_body(headers, request.receive, limit=body.limit(service), timeout_seconds=patience)
            decoded = wire.decode(decoders[codec.name], b"".join(chunks))
        call = Call(
            service=service,
            headers=headers,
            path=request.path_params,
            request_id=request.scope["state"]["request_id"],
            body=decoded,
            codec=codec,
            answer_codec=codecs.CODECS.get(media_type, codecs.JSON),
        )
        answered = await handle(call)
        return _response(answered if isinstance(answered, Reply) else Reply(body=answered), media_type)

    return answer


def _book_answerer(endpoint: Endpoint, service: Service) -> Answerer:
    """Negotiate, read, and leave decoding, work and encoding to the desk for books."""
    work, body = endpoint.work, endpoint.body
    if work is None or body is None:
        raise LookupError(f"{endpoint.operation_id} is not about books")
    patience = service.settings.body_timeout_seconds

    async def answer(request: Request[Any, Any, Any]) -> Response[Any]:
        headers = request.headers
        job = Job(
            operation=endpoint.operation_id,
            sent=wire.media_type_of_body(headers, body.media_types),
            answered=wire.media_type_of_answer(headers),
            instance=request.scope["state"]["request_id"],
            overrides=service.venues.overrides,
        )
        chunks = await wire.read_body(headers, request.receive, limit=body.limit(service), timeout_seconds=patience)
        outcome = await service.books.perform(job, chunks, kind=body.type, work=work, venues=service.venues)
        _report(job, outcome, service)
        return _response_in_pieces(outcome)

    return answer


def _report(job: Job, outcome: Outcome, service: Service) -> None:
    if outcome.problem is not None:
        service.metrics.problem_answered(outcome.problem)
    if outcome.defect is not None:
        service.logger.error("defect", request_id=job.instance, exception=outcome.defect)
    tally = outcome.tally
    if tally is None:
        return
    service.metrics.book_worked_on(
        operation=job.operation, venue=tally.venue, positions=tally.positions, seconds=outcome.seconds
    )
    for policy, lots in tally.uncovered.items():
        service.metrics.allocated(policy=policy, uncovered_lots=lots)


def _response(reply: Reply, negotiated: str) -> Response[Any]:
    if reply.media_type is not None:
        return Response(reply.body, media_type=reply.media_type, status_code=reply.status, headers=dict(reply.headers))
    content = b"" if reply.body is None else codecs.CODECS[negotiated].encode(reply.body)
    headers = {**_NEGOTIATED_HEADERS, **reply.headers}
    return Response(content, media_type=negotiated, status_code=reply.status, headers=headers)


def _response_in_pieces(outcome: Outcome) -> Response[Any]:
    """The outcome, sent piece by piece where it is large, so that it is never copied into one whole."""
    headers = {**_NEGOTIATED_HEADERS, **outcome.headers}
    length = sum(map(len, outcome.pieces))
    if length <= _JOINED_BYTES:
        content = b"".join(outcome.pieces)
        return Response(content, media_type=outcome.media_type, status_code=outcome.status, headers=headers)
    headers["content-length"] = str(length)
    return Stream(_used_up(outcome.pieces), media_type=outcome.media_type, status_code=outcome.status, headers=headers)


async def _used_up(pieces: list[bytes]) -> AsyncIterator[bytes]:
    """Each piece once, let go of when it has been sent."""
    pieces.reverse()
    while pieces:
        yield pieces.pop()
