"""Requests answered the moment they have arrived whole: no task, no router, nothing to wait for.

Only what goes well is answered here. Whatever would have to wait, is unusual, or fails is declined, and goes the long
way, which works out the very same answer or says what is wrong.
"""

import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

from litestar.types import HTTPScope
from msgspec import Struct

from adlrisk.api.answering import NEGOTIATED, Conversation, book_job, enter_book, rate_policy
from adlrisk.api.cross_origin import CrossOrigin
from adlrisk.api.endpoint import Endpoint
from adlrisk.api.head import Head
from adlrisk.api.in_hand import ARRIVAL
from adlrisk.api.outgoing import SAFE_HEADERS
from adlrisk.api.service import Service

_MOST_BYTES: Final = 16 << 10  # of a body: what is larger shall not keep others waiting before its turn
_NEGOTIATED: Final = tuple((name.encode(), value.encode()) for name, value in NEGOTIATED.items())

Whole = tuple[str, bytes]  # the media type of an answer, and its bytes
Attempt = Callable[[Head, bytearray, str], Whole | None]


class Finished(Struct, frozen=True, kw_only=True):
    """An answer of status 200: the lines of its head without the server's own, and its content."""

    lines: bytes
    content: bytes


class AtOnce:
    """Answers whole POST requests, or declines."""

    def __init__(self, endpoints: Sequence[Endpoint], service: Service, *, cross_origin: CrossOrigin) -> None:
        self._service = service
        self._cross_origin = cross_origin
        self._places = service.lanes.requests
        self._attempts = {
            endpoint.path: attempt for endpoint in endpoints if (attempt := _attempt_of(endpoint, service)) is not None
        }

    def takes(self, scope: HTTPScope) -> bool:
        """Whether a request may be answered here, once it is whole."""
        return scope["path"] in self._attempts and scope["method"] == "POST"

    def answer(self, scope: HTTPScope, body: bytearray) -> Finished | None:
        """The answer to a request whose whole body is there; ``None`` where it is declined."""
        if not self.takes(scope) or not self._is_admitted(scope):
            return None
        attempt = self._attempts[scope["path"]]
        started = time.perf_counter()
        service, head = self._service, Head(scope["headers"])
        request_id = service.ledger.id_of(head.first(b"x-request-id"))
        try:
            whole = attempt(head, body, request_id)
        except Exception:  # noqa: BLE001 (it comes again on the long way, where it is answered)
            return None
        if whole is None:
            return None
        if ARRIVAL in scope["state"]:
            self._places.leave()
        media_type, content = whole
        service.ledger.enter(
            request_id=request_id,
            route=scope["path"],
            method="POST",
            status=200,
            seconds=time.perf_counter() - started,
            received=len(body),
            sent=len(content),
            trace_parent=head.first(b"traceparent"),
        )
        own = b"content-length: %d\r\nx-request-id: %b\r\n" % (len(content), request_id.encode())
        lines = _lines_of(media_type) + own + _rendered(self._cross_origin.headers(scope))
        return Finished(lines=lines, content=content)

    def _is_admitted(self, scope: HTTPScope) -> bool:
        """Whether it has a place among the requests in hand, and need not be told to go elsewhere."""
        if self._service.phase != "serving":
            return False
        if ARRIVAL in scope["state"]:
            return scope["state"][ARRIVAL] is None
        return self._places.taken < self._places.total


def _attempt_of(endpoint: Endpoint, service: Service) -> Attempt | None:
    """How an endpoint answers at once; ``None`` where it never does."""
    if endpoint.method != "POST" or rate_policy(endpoint, service) is not None:
        return None
    return _attempt_at_book(endpoint, service) if endpoint.work else _attempt_at_call(endpoint, service)


def _attempt_at_call(endpoint: Endpoint, service: Service) -> Attempt | None:
    handle = endpoint.handle_at_once
    if handle is None or endpoint.body is None:
        return None
    conversation = Conversation(endpoint, service)
    limit = min(_MOST_BYTES, endpoint.body.limit(service))

    def attempt(head: Head, body: bytearray, request_id: str) -> Whole | None:
        if len(body) > limit:
            return None
        service.keys.admit(endpoint.access, head)
        codec, media_type = conversation.agreed(head)
        call = conversation.call(head, body, codec=codec, media_type=media_type, request_id=request_id)
        answered = handle(call)
        return None if answered is None else (media_type, call.answer_codec.encode(answered))

    return attempt


def _attempt_at_book(endpoint: Endpoint, service: Service) -> Attempt | None:
    work, sent = endpoint.work, endpoint.body
    if work is None or sent is None:
        return None
    places, limit = service.lanes.books, sent.limit(service)

    def attempt(head: Head, body: bytearray, request_id: str) -> Whole | None:
        if len(body) > limit or places.taken >= places.total:
            return None
        service.keys.admit(endpoint.access, head)
        job = book_job(endpoint, service, head, request_id=request_id)
        outcome = service.books.perform_at_once(job, body, kind=sent.type, work=work, venues=service.venues)
        if outcome is None or outcome.problem is not None:
            return None
        enter_book(job, outcome, service)
        return outcome.media_type, b"".join(outcome.pieces)

    return attempt


@lru_cache(maxsize=8)
def _lines_of(media_type: str) -> bytes:
    """The lines that every answer of a media type has."""
    return _rendered([(b"content-type", media_type.encode()), *_NEGOTIATED, *SAFE_HEADERS])


def _rendered(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers])
