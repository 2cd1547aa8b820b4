"""Fast path: a complete POST request is answered inside the packet's callback, without a task and without the router.

Why it exists, in process, one score without symbol, medians (docs/decisions/0014): 307 µs through a task and the
router, 178 µs when the request is parsed and answered here, 86 µs when its head is in the cache as well. Over HTTP that
is the difference between 0.30 and 0.76 of a bare ASGI application (benchmarks/README.md).

Only 200s that wait for nothing are answered here. Whatever would have to wait, is unusual, or fails is declined: the
ordinary way works out the very same answer, or says what is wrong.

The head cache: a client sends the same head with every request. What a parser made of a head's bytes it makes of the
same bytes again, where nothing was under way before them, so the prepared head is kept under its digest. The head
itself may hold an API key, which is kept nowhere.
"""

import math
import time
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Final, NamedTuple

from litestar.types import HTTPScope
from msgspec import Struct

from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.dispatch.endpoint import Endpoint
from adlrisk.api.dispatch.respond import Responder
from adlrisk.api.dispatch.responses.compress import add_coding
from adlrisk.api.dispatch.responses.response import NEGOTIATED, SAFE_HEADERS
from adlrisk.api.http.codings.compress import compress_pieces
from adlrisk.api.http.content_types import Negotiated
from adlrisk.api.http.cors import Cors
from adlrisk.api.http.headers import Headers
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.limits.api_keys import CREDENTIALS, Access

HEAD_END: Final = b"\r\n\r\n"

_MAX_HEADS: Final = 1024
_MAX_HEAD_BYTES: Final = 1024
_DIGEST_BYTES: Final = 32  # nobody finds a second head with the same one


class Prepared(Struct, frozen=True, kw_only=True):
    """A head whose bodies can be answered on the fast path: the caller is admitted and both formats are supported."""

    path: str
    headers: Headers  # without credentials
    responder: Responder
    negotiated: Negotiated
    compress_from: float  # the size of the smallest answer that is compressed
    lines: bytes  # of the head of every answer to it, but for the server's own
    given_id: bytes
    trace_parent: bytes
    key: str | None  # the name of the caller's

    @property
    def is_repeatable(self) -> bool:
        """Whether it names neither its request nor a trace, so that the very same head may come again."""
        return not self.given_id and not self.trace_parent


class RawResponse(Struct, frozen=True, kw_only=True):
    """A response of status 200: the lines of its head without the server's own, and its content."""

    lines: bytes
    content: bytes


class CachedHead(NamedTuple):
    """A prepared head and the length of the body that follows it."""

    prepared: Prepared
    length: int


class HeadCache:
    """Prepared heads by the digest of their bytes."""

    def __init__(self) -> None:
        self._heads: dict[bytes, CachedHead] = {}

    def __len__(self) -> int:
        """How many heads it holds."""
        return len(self._heads)

    def get(self, head: bytes) -> CachedHead | None:
        """The cached head, given with the empty line that ends it."""
        return self._heads.get(_digest(head)) if self._heads and len(head) <= _MAX_HEAD_BYTES else None

    def put(self, head: bytes, cached: CachedHead) -> None:
        """Keep a head, unless no other will be like it."""
        if len(head) > _MAX_HEAD_BYTES or not cached.prepared.is_repeatable:
            return
        if len(self._heads) >= _MAX_HEADS:
            self._heads.clear()
        self._heads[_digest(head)] = cached

    def clear(self) -> None:
        """Forget all heads: who sent them was admitted by keys that are in force no more."""
        self._heads.clear()


class FastPath:
    """Answers complete POST requests at once, or declines."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        context: AppContext,
        *,
        responders: Mapping[str, Responder],
        cors: Cors,
    ) -> None:
        self._context = context
        self._cors = cors
        self._pool = context.pools.requests
        self._responders: dict[str, tuple[Access, Responder, bytes]] = {
            endpoint.path: (endpoint.access, responders[endpoint.operation_id], _vary(endpoint, context))
            for endpoint in endpoints
            if endpoint.method == "POST" and context.rate_limits.policy_of(endpoint.access, endpoint.pool) is None
        }
        self.heads = HeadCache()
        context.api_keys.on_replace(self.heads.clear)

    def may_take(self, scope: HTTPScope) -> bool:
        """Whether a request may be answered here once it is complete."""
        return scope["path"] in self._responders and scope["method"] == "POST"

    def prepare(self, scope: HTTPScope) -> Prepared | None:
        """The prepared head of a request; ``None`` where it is declined."""
        if not self.may_take(scope):
            return None
        access, responder, vary = self._responders[scope["path"]]
        headers = Headers(scope["headers"])
        try:
            key = self._context.api_keys.admit(access, headers)
            negotiated = responder.negotiate(headers)
        except ProblemError:  # the ordinary way answers it
            return None
        if negotiated.body_coding is not None:  # how much it will unpack to is not known
            return None
        codings = negotiated.answer_codings
        media_type = (b"content-type", negotiated.answer.encode())
        return Prepared(
            path=scope["path"],
            headers=headers.without(CREDENTIALS),  # it outlives the request
            responder=responder,
            negotiated=negotiated,
            given_id=headers.first(b"x-request-id"),
            trace_parent=headers.first(b"traceparent"),
            key=key,
            compress_from=self._context.compressor.smallest(codings) if codings.best else math.inf,
            lines=_render([media_type, (b"vary", vary), *SAFE_HEADERS, *self._cors.headers(scope)]),
        )

    def respond(self, prepared: Prepared, body: bytes | bytearray) -> RawResponse | None:
        """The response to a complete request; ``None`` where it is declined."""
        if self._context.phase != "serving" or self._pool.is_full:
            return None
        started = time.perf_counter()
        access_log = self._context.access_log
        request_id = access_log.request_id(prepared.given_id)
        try:
            content = prepared.responder.respond_now(prepared.headers, body, prepared.negotiated, request_id=request_id)
            if content is None:
                return None
            coding = prepared.negotiated.answer_codings.best if len(content) >= prepared.compress_from else None
            if coding is not None:
                content = b"".join(compress_pieces([content], coding, "quick"))
        except Exception:  # noqa: BLE001 (the ordinary way meets it again and answers it)
            return None
        access_log.record(
            request_id=request_id,
            route=prepared.path,
            method="POST",
            status=200,
            seconds=time.perf_counter() - started,
            received=len(body),
            sent=len(content),
            key=prepared.key,
            trace_parent=prepared.trace_parent,
        )
        own = b"content-length: %d\r\nx-request-id: %b\r\n" % (len(content), request_id.encode())
        if coding is not None:
            own += b"content-encoding: %b\r\n" % coding.encode()
        return RawResponse(lines=prepared.lines + own, content=content)


def _vary(endpoint: Endpoint, context: AppContext) -> bytes:
    vary = NEGOTIATED["vary"]
    return (add_coding(vary) if endpoint.offer(context.settings).compresses else vary).encode()


def _digest(head: bytes) -> bytes:
    return blake2b(head, digest_size=_DIGEST_BYTES).digest()


def _render(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])
