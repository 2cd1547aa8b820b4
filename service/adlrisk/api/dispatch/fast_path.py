"""Requests answered the moment they have arrived whole: no task, no router, nothing to wait for.

Only what goes well is answered here. Whatever would have to wait, is unusual, or fails is declined, and goes the long
way, which works out the very same answer or says what is wrong.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

from litestar.types import HTTPScope
from msgspec import Struct

from adlrisk.api.dispatch.context import Service
from adlrisk.api.dispatch.endpoint import Endpoint
from adlrisk.api.dispatch.respond import NEGOTIATED, Conversation, book_job, enter_book, rate_policy, take_effect
from adlrisk.api.dispatch.response import SAFE_HEADERS
from adlrisk.api.http.body import announces_at_most
from adlrisk.api.http.cors import Cors
from adlrisk.api.http.headers import Headers
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.limits.api_keys import CREDENTIALS

_MOST_BYTES: Final = 16 << 10  # of a body: what is larger shall not keep others waiting before its turn
_NEGOTIATED: Final = tuple((name.encode(), value.encode()) for name, value in NEGOTIATED.items())

Body = bytes | bytearray
Attempt = Callable[[Body, str], bytes | None]  # from a body and a request id to the answer's content
Preparation = Callable[
    [Headers], tuple[str, Attempt]
]  # from a head without credentials to the answer's media type, and what works it out


class Understood(Struct, frozen=True, kw_only=True):
    """A head whose bodies can be answered at once: who asks may ask, and both formats are spoken."""

    path: str
    headers: Headers
    attempt: Attempt
    lines: bytes  # of the head of every answer to it, but for the server's own

    @property
    def is_nameless(self) -> bool:
        """Whether it names neither its request nor a trace, so that the very same head may come again."""
        return not self.headers.first(b"x-request-id") and not self.headers.first(b"traceparent")


class Finished(Struct, frozen=True, kw_only=True):
    """An answer of status 200: the lines of its head without the server's own, and its content."""

    lines: bytes
    content: bytes


class AtOnce:
    """Answers whole POST requests, or declines."""

    def __init__(self, endpoints: Sequence[Endpoint], service: Service, *, cross_origin: Cors) -> None:
        self._service = service
        self._cross_origin = cross_origin
        self._places = service.lanes.requests
        self._preparations = {
            endpoint.path: (endpoint.access, preparation)
            for endpoint in endpoints
            if (preparation := _preparation_of(endpoint, service)) is not None
        }

    def takes(self, scope: HTTPScope) -> bool:
        """Whether a request may be answered here, once it is whole."""
        return scope["path"] in self._preparations and scope["method"] == "POST"

    def awaits(self, scope: HTTPScope) -> bool:
        """Whether its body is worth waiting for a moment: one that is larger is read by the application."""
        return self.takes(scope) and announces_at_most(_MOST_BYTES, Headers(scope["headers"]))

    def understood(self, scope: HTTPScope) -> Understood | None:
        """The head of a request that may be answered here; ``None`` where it is declined."""
        if not self.takes(scope):
            return None
        access, prepare = self._preparations[scope["path"]]
        given_head = Headers(scope["headers"])
        head = given_head.without(CREDENTIALS)  # it is kept for the next request with the same one
        try:
            self._service.keys.admit(access, given_head)
            media_type, attempt = prepare(head)
        except ProblemError:  # the long way says so
            return None
        given = (b"content-type", media_type.encode())
        lines = _rendered([given, *_NEGOTIATED, *SAFE_HEADERS, *self._cross_origin.headers(scope)])
        return Understood(path=scope["path"], headers=head, attempt=attempt, lines=lines)

    def answer(self, asked: Understood, body: Body) -> Finished | None:
        """The answer to a whole request; ``None`` where it is declined."""
        if self._service.phase != "serving" or self._places.taken >= self._places.total:
            return None
        started = time.perf_counter()
        ledger, head = self._service.ledger, asked.headers
        request_id = ledger.id_of(head.first(b"x-request-id"))
        try:
            content = asked.attempt(body, request_id)
        except Exception:  # noqa: BLE001 (it comes again on the long way, where it is answered)
            return None
        if content is None:
            return None
        ledger.enter(
            request_id=request_id,
            route=asked.path,
            method="POST",
            status=200,
            seconds=time.perf_counter() - started,
            received=len(body),
            sent=len(content),
            trace_parent=head.first(b"traceparent"),
        )
        own = b"content-length: %d\r\nx-request-id: %b\r\n" % (len(content), request_id.encode())
        return Finished(lines=asked.lines + own, content=content)


def _preparation_of(endpoint: Endpoint, service: Service) -> Preparation | None:
    """How an endpoint prepares to answer at once; ``None`` where it never does."""
    if endpoint.method != "POST" or rate_policy(endpoint, service) is not None:
        return None
    return _preparation_of_book(endpoint, service) if endpoint.work else _preparation_of_call(endpoint, service)


def _preparation_of_call(endpoint: Endpoint, service: Service) -> Preparation | None:
    handle = endpoint.handle_at_once
    if handle is None or endpoint.body is None:
        return None
    conversation = Conversation(endpoint, service)
    limit = min(_MOST_BYTES, endpoint.body.limit(service))

    def prepare(head: Headers) -> tuple[str, Attempt]:
        codec, media_type = conversation.agreed(head)

        def attempt(body: Body, request_id: str) -> bytes | None:
            if len(body) > limit:
                return None
            call = conversation.call(head, body, codec=codec, media_type=media_type, request_id=request_id)
            answered = handle(call)
            if answered is None:
                return None
            content = call.answer_codec.encode(answered)
            take_effect(call)
            return content

        return media_type, attempt

    return prepare


def _preparation_of_book(endpoint: Endpoint, service: Service) -> Preparation | None:
    work, sent = endpoint.work, endpoint.body
    if work is None or sent is None:
        return None
    places, limit = service.lanes.books, sent.limit(service)

    def prepare(head: Headers) -> tuple[str, Attempt]:
        media_type = book_job(endpoint, service, head, request_id="").answered

        def attempt(body: Body, request_id: str) -> bytes | None:
            if len(body) > limit or places.taken >= places.total:
                return None
            job = book_job(endpoint, service, head, request_id=request_id)
            outcome = service.books.perform_at_once(job, body, kind=sent.type, work=work, venues=service.venues)
            if outcome is None or outcome.problem is not None:
                return None
            enter_book(job, outcome, service)
            return b"".join(outcome.pieces)

        return media_type, attempt

    return prepare


def _rendered(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])
