"""The outermost layer: request ids, metrics and one log line for every request, unrouted ones included."""

import asyncio
import itertools
import re
import secrets
import time
from collections.abc import Collection
from contextlib import ExitStack
from typing import Any, Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from adlrisk.api.cross_origin import CrossOrigin
from adlrisk.api.in_hand import InHand
from adlrisk.api.outgoing import SAFE_HEADERS, OutgoingAnswer
from adlrisk.api.problems import ProblemError
from adlrisk.api.service import Service

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:-]{1,64}\Z")
_TRACE_PARENT: Final = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})(?P<id>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-(?P<flags>[0-9a-f]{2})\Z"
)
_SAMPLED: Final = 1  # of the flags: the trace is kept, so that an exemplar leads somewhere
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Instrumented:
    """An ASGI application that observes another."""

    def __init__(self, app: ASGIApp, service: Service, *, vital: Collection[str], cross_origin: CrossOrigin) -> None:
        """``vital`` are the paths that are answered even when no more requests fit."""
        self._app = app
        self._cross_origin = cross_origin
        self.vital = vital
        self.service = service
        # A random prefix and a counter are unique across replicas and far cheaper than a random id each.
        self._id_prefix = secrets.token_hex(6)
        self._id_counter = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the server's lifespan."""
        if scope["type"] != ScopeType.HTTP:  # the lifespan, or a websocket that nobody serves
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = self._request_id(_header(scope, b"x-request-id"))
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = request_id
        state["held"] = ExitStack()  # what the request holds until its answer has been sent
        patience = self.service.settings.body_timeout_seconds
        state["answer_headers"] = answer_headers = list(SAFE_HEADERS)
        answered = OutgoingAnswer(
            send,
            headers=answer_headers,
            always=self._cross_origin.headers(scope),
            request_id=request_id,
            is_head=scope["method"] == "HEAD",
            patience=patience,
            is_last=lambda: self.service.phase == "draining",
        )
        asked = InHand(receive, self.service.lanes.requests, state)
        in_flight = self.service.metrics.in_flight
        in_flight.inc()
        try:
            if asked.refusal is None or scope["path"] in self.vital:
                await self._app(scope, asked.receive, answered.send)
            else:
                await answered.refuse(self.service, asked.refusal)
        except asyncio.CancelledError:
            # The server gives up on a request that did not finish within the shutdown's patience.
            detail = "The service stopped before the request was complete"
            await answered.refuse(self.service, ProblemError("not-ready", detail, headers={"retry-after": "1"}))
        except Exception:
            if not answered.is_cut_off:
                raise
        finally:
            state["held"].close()
            asked.leave()
            in_flight.dec()
            self._report(scope, asked, answered, seconds=time.perf_counter() - started, request_id=request_id)

    def new_request_id(self) -> str:
        """An id that no other request has."""
        return f"{self._id_prefix}-{next(self._id_counter)}"

    def _request_id(self, given: bytes) -> str:
        return given.decode() if _REQUEST_ID.match(given) else self.new_request_id()

    def _report(
        self, scope: HTTPScope, asked: InHand, answered: OutgoingAnswer, *, seconds: float, request_id: str
    ) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        path_template: str = scope.get("path_template") or "unmatched"
        trace = _TRACE_PARENT.match(_header(scope, b"traceparent"))
        trace_id = trace["id"].decode() if trace else None
        self.service.metrics.request_answered(
            route=path_template,
            method=method,
            status=answered.status,
            seconds=seconds,
            received=asked.size,
            sent=answered.size,
            trace_id=trace_id if trace and int(trace["flags"], 16) & _SAMPLED else None,
        )
        self.service.logger.info(
            "request",
            route=path_template,
            method=method,
            status=answered.status,
            milliseconds=round(seconds * 1000.0, 3),
            request_id=request_id,
            **({"trace_id": trace_id} if trace_id else {}),
        )


def _header(scope: HTTPScope, name: bytes) -> bytes:
    for key, value in scope["headers"]:
        if key == name:
            return value
    return b""
