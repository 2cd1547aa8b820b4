"""The outermost layer: request ids, metrics and one log line for every request, unrouted ones included."""

import asyncio
import time
from collections.abc import Collection
from contextlib import ExitStack
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from adlrisk.api.dispatch.context import Service
from adlrisk.api.dispatch.fast_path import AtOnce
from adlrisk.api.dispatch.known_heads import KnownHeads
from adlrisk.api.dispatch.response import SAFE_HEADERS, OutgoingAnswer
from adlrisk.api.http.cors import Cors
from adlrisk.api.http.headers import Headers
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.limits.request_slot import InHand


class Instrumented:
    """An ASGI application that observes another."""

    def __init__(
        self, app: ASGIApp, service: Service, *, at_once: AtOnce, vital: Collection[str], cross_origin: Cors
    ) -> None:
        """``vital`` are the paths that are answered even when no more requests fit.

        ``at_once`` is for the shipped server, which asks it before it asks for an answer here.
        """
        self._app = app
        self._cross_origin = cross_origin
        self.at_once = at_once
        self.known_heads = KnownHeads()
        self.vital = vital
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the server's lifespan."""
        if scope["type"] != ScopeType.HTTP:  # the lifespan, or a websocket that nobody serves
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        ledger, head = self.service.ledger, Headers(scope["headers"])
        request_id = ledger.id_of(head.first(b"x-request-id"))
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
        state["gone"] = asked.gone
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
            ledger.enter(
                request_id=request_id,
                route=scope.get("path_template") or "unmatched",
                method=scope["method"],
                status=answered.status,
                seconds=time.perf_counter() - started,
                received=asked.size,
                sent=answered.size,
                trace_parent=head.first(b"traceparent"),
            )
