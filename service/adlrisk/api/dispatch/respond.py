"""Request pipeline: admit, negotiate, read, decode, handle, encode. It knows neither routes nor sockets."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from types import CoroutineType, GeneratorType
from typing import Any, Final, NamedTuple, Protocol

from litestar.types import HTTPScope, Receive

from adlrisk.api.bulk.job import BulkHandler
from adlrisk.api.dispatch.audit_log import Author
from adlrisk.api.dispatch.bulk_respond import BulkResponder
from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.dispatch.endpoint import (
    MAX_BYTES_NOW,
    NO_RECORDS,
    Body,
    Bulk,
    Call,
    Encoded,
    Endpoint,
    Handler,
    PageHandler,
    Records,
    Reply,
)
from adlrisk.api.dispatch.responses.response import NEGOTIATED, EncodedResponse
from adlrisk.api.http import codecs
from adlrisk.api.http.body import announces_at_most, read_body
from adlrisk.api.http.content_types import Negotiated, negotiate
from adlrisk.api.http.headers import Headers
from adlrisk.api.http.validation import decode_body
from adlrisk.api.limits.api_keys import CHANGING
from adlrisk.api.limits.caller import identify_caller
from adlrisk.api.limits.turns import Turns
from adlrisk.venues.live_rules import LiveRules
from adlrisk.venues.market_records import MarketKey

_CODECS: Final = (codecs.JSON, codecs.MSGPACK)
_NO_PARAMETERS: Final[Mapping[str, Any]] = {}
_NOBODY: Final = Author()


class Request(NamedTuple):
    """A request whose body is still to be read."""

    scope: HTTPScope
    headers: Headers
    receive: Receive
    path: Mapping[str, Any] = _NO_PARAMETERS

    @property
    def request_id(self) -> str:
        """The request's id."""
        request_id: str = self.scope["state"]["request_id"]
        return request_id

    @property
    def author(self) -> Author:
        """Who has sent the request."""
        client = self.scope["client"]
        return Author(key=self.scope["state"]["key"], client=client[0] if client else None)


Respond = Callable[[Request], Awaitable[EncodedResponse]]


class Responder(Protocol):
    """Answers the requests of one endpoint."""

    async def respond(self, request: Request) -> EncodedResponse:
        """The response to an admitted request.

        Raises:
            ProblemError, RefusedError, UnknownVenueError, StoreError: it cannot be answered otherwise.
            ClientDisconnectedError: the client went away.
        """

    def negotiate(self, headers: Headers) -> Negotiated:
        """The media types and codings of body and answer.

        Raises:
            ProblemError: one is not supported (406, 415).
        """

    def respond_now(
        self, headers: Headers, body: bytes | bytearray, negotiated: Negotiated, *, request_id: str
    ) -> bytes | None:
        """The content of a 200 without waiting for anything; ``None`` where something would have to be waited for.

        Raises:
            Exception: whatever ``respond`` would raise.
        """


def build_responders(endpoints: Sequence[Endpoint], context: AppContext) -> dict[str, Responder]:
    """What answers the requests of each endpoint once they are admitted, by operation id."""
    return {endpoint.operation_id: _build_responder(endpoint, context) for endpoint in endpoints}


def build_respond(endpoint: Endpoint, responder: Responder, context: AppContext) -> Respond:
    """The function that admits and answers the requests of an endpoint."""
    policy = context.rate_limits.policy_of(endpoint.access, endpoint.pool)
    pool = context.pools[endpoint.pool] if endpoint.pool else None
    # A batch as small as a single score costs no more than one, and neither does what else has a handler for it.
    small = context.settings.max_score_bytes if endpoint.pool == "batches" or endpoint.bulk else 0

    async def respond(request: Request) -> EncodedResponse:
        if policy is not None:  # before the key, so that guesses of keys are limited too
            await context.rate_limits.admit(policy, request.scope, request.headers)
        context.api_keys.admit(endpoint.access, request.headers)
        if pool is not None and not is_small(request.headers, small):
            request.scope["state"]["held"].enter_context(pool.slot())  # until the answer has been sent
        return await responder.respond(request)

    return respond


def is_small(headers: Headers, most: int) -> bool:
    """Whether a request announces a body of at most ``most`` bytes; a coded one may unpack to any size."""
    return announces_at_most(most, headers) and not headers.first(b"content-encoding")


def _build_responder(endpoint: Endpoint, context: AppContext) -> Responder:
    if isinstance(endpoint.handle, BulkHandler):
        return BulkResponder(endpoint, endpoint.handle, context)
    if isinstance(endpoint.handle, PageHandler):
        raise TypeError(f"{endpoint.operation_id} is a page, not of the API")
    responder = HandlerResponder(endpoint, endpoint.handle, context)
    if endpoint.bulk is None:
        return responder
    return SplitResponder(endpoint.bulk, responder, BulkResponder(endpoint, endpoint.bulk.handler, context), context)


class HandlerResponder:
    """Answers with what the endpoint's handler makes of a call, in this process."""

    def __init__(self, endpoint: Endpoint, handle: Handler, context: AppContext) -> None:
        self._handle = handle
        self._access = endpoint.access
        self._context = context
        self._body = endpoint.body
        self._offer = endpoint.offer(context.settings)
        self._limit = endpoint.body.limit(context) if endpoint.body else 0
        self._limit_now = min(self._limit, MAX_BYTES_NOW)
        self._decoders = _decoders(endpoint.body) if endpoint.body else {}
        self._reads_numbers = endpoint.body is not None and endpoint.body.reads_numbers

    async def respond(self, request: Request) -> EncodedResponse:
        """The response to an admitted request."""
        negotiated = self.negotiate(request.headers)
        body = await self.read_body(request, negotiated)
        if self._access in CHANGING:
            # The body may have taken its whole time: a key that was removed meanwhile changes nothing any more.
            request.scope["state"]["key"] = self._context.api_keys.identify(request.headers)
            self._context.api_keys.admit(self._access, request.headers)
        call = self.build_call(
            request.headers,
            body,
            negotiated,
            request_id=request.request_id,
            path=request.path,
            author=request.author,
        )
        return await self.answer(request, call, negotiated)

    async def read_body(self, request: Request, negotiated: Negotiated) -> bytes:
        """The body of an admitted request; nothing where the endpoint takes none."""
        if self._body is None:
            return b""
        chunks = await read_body(
            request.headers,
            request.receive,
            limit=self._limit,
            timeout_seconds=self._context.settings.body_timeout_seconds,
            coding=negotiated.body_coding,
        )
        return b"".join(chunks)

    async def answer(self, request: Request, call: Call, negotiated: Negotiated) -> EncodedResponse:
        """The response to ``call``, which is ``request`` decoded."""
        read_records = partial(self._read_records, request)
        answer = await run(self._handle(call), read_records, turns=self._context.turns)
        response = _encode(answer, negotiated.answer)
        _run_effects(call)
        if not self._offer.compresses:
            return response
        return await self._context.compressor.compress(response, negotiated.answer_codings)

    def negotiate(self, headers: Headers) -> Negotiated:
        """The media types and codings of body and answer."""
        return negotiate(headers, self._offer)

    def respond_now(
        self, headers: Headers, body: bytes | bytearray, negotiated: Negotiated, *, request_id: str
    ) -> bytes | None:
        """The content of a 200 without waiting for anything."""
        if len(body) > self._limit_now:
            return None
        return self.answer_now(self.build_call(headers, body, negotiated, request_id=request_id))

    def answer_now(self, call: Call) -> bytes | None:
        """The content of a 200 to ``call`` without waiting for anything."""
        answer = run_now(self._handle(call), self._context.live_rules)
        if answer is None:
            return None
        content = b"".join(answer.pieces) if type(answer) is Encoded else call.answer_codec.encode(answer)
        _run_effects(call)
        return content

    async def _read_records(self, request: Request, keys: Sequence[MarketKey]) -> Records:
        caller = identify_caller(request.scope, request.headers, self._context.api_keys)
        return await self._context.live_rules.records(keys, caller=caller)

    def build_call(
        self,
        headers: Headers,
        body: bytes | bytearray,
        negotiated: Negotiated,
        *,
        request_id: str,
        path: Mapping[str, Any] = _NO_PARAMETERS,
        author: Author = _NOBODY,
    ) -> Call:
        """The request as its handler sees it.

        Raises:
            ProblemError: its body is not valid.
        """
        return Call(
            context=self._context,
            headers=headers,
            path=path,
            request_id=request_id,
            author=author,
            body=None
            if self._body is None
            else decode_body(self._decoders[negotiated.body], body, reads_numbers=self._reads_numbers),
            codec=codecs.CODECS.get(negotiated.body, codecs.JSON),
            answer_codec=codecs.CODECS.get(negotiated.answer, codecs.JSON),
        )


class SplitResponder:
    """Answers small requests in this process, in turns with others, and gives large ones and books to the worker."""

    def __init__(self, bulk: Bulk, small: HandlerResponder, large: BulkResponder, context: AppContext) -> None:
        self._takes = bulk.takes
        self._small = small
        self._large = large
        self._most = context.settings.max_score_bytes

    async def respond(self, request: Request) -> EncodedResponse:
        """The response to an admitted request."""
        if not is_small(request.headers, self._most):
            return await self._large.respond(request)
        negotiated = self.negotiate(request.headers)
        body = await self._small.read_body(request, negotiated)
        call = self._small.build_call(request.headers, body, negotiated, request_id=request.request_id)
        if self._takes(call.body):
            return await self._large.answer(request, [body], negotiated)
        return await self._small.answer(request, call, negotiated)

    def negotiate(self, headers: Headers) -> Negotiated:
        """The media types and codings of body and answer."""
        return self._small.negotiate(headers)

    def respond_now(
        self, headers: Headers, body: bytes | bytearray, negotiated: Negotiated, *, request_id: str
    ) -> bytes | None:
        """The content of a 200 without waiting for anything."""
        if len(body) > MAX_BYTES_NOW:
            return None
        call = self._small.build_call(headers, body, negotiated, request_id=request_id)
        if self._takes(call.body):
            return self._large.respond_now(headers, body, negotiated, request_id=request_id)
        return self._small.answer_now(call)


async def run(answer: Any, read_records: Callable[[Sequence[MarketKey]], Awaitable[Records]], *, turns: Turns) -> Any:
    """The answer of a handler that has returned ``answer``, a generator of it or a coroutine of it."""
    if isinstance(answer, CoroutineType):
        return await answer
    if not isinstance(answer, GeneratorType):
        return answer
    try:
        needed = next(answer)
        while True:
            if needed is None:
                await turns.wait()
            needed = answer.send(NO_RECORDS if needed is None else await read_records(needed))
    except StopIteration as done:
        return done.value


def run_now(answer: Any, live_rules: LiveRules) -> Any:
    """The same without waiting; ``None`` where a record would have to be read from a store elsewhere."""
    if isinstance(answer, CoroutineType):
        answer.close()
        return None
    if not isinstance(answer, GeneratorType):
        return answer
    try:
        needed = next(answer)
        while True:
            records = NO_RECORDS if needed is None else live_rules.cached_records(needed)
            if records is None:
                answer.close()
                return None
            needed = answer.send(records)
    except StopIteration as done:
        return done.value


def _decoders(body: Body) -> dict[str, Callable[[Any], Any]]:
    """The decoders of a body by media type."""
    decoder_of = {codec.name: codec.build_decoder(body.type) for codec in _CODECS}
    return {media_type: decoder_of[codecs.CODECS[media_type].name] for media_type in body.media_types}


def _run_effects(call: Call) -> None:
    for effect in call.effects:
        effect()


def _encode(answer: Any, media_type: str) -> EncodedResponse:
    if isinstance(answer, Encoded):
        return EncodedResponse(media_type=media_type, headers=NEGOTIATED, pieces=answer.pieces)
    reply = answer if isinstance(answer, Reply) else Reply(body=answer)
    if reply.media_type is not None:
        return EncodedResponse(
            media_type=reply.media_type, status=reply.status, headers=reply.headers, pieces=[reply.body]
        )
    content = b"" if reply.body is None else codecs.CODECS[media_type].encode(reply.body)
    return EncodedResponse(
        media_type=media_type, status=reply.status, headers={**NEGOTIATED, **reply.headers}, pieces=[content]
    )
