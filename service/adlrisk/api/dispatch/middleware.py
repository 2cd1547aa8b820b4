"""Middleware around every request, matched or not: request id, slot, metrics, log line and common headers."""

import asyncio
import time
from collections.abc import Collection
from contextlib import ExitStack
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.dispatch.errors import problem_response
from adlrisk.api.dispatch.responses.response import ResponseSender, send_response
from adlrisk.api.http.cors import Cors
from adlrisk.api.http.headers import Headers
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.limits.concurrency import RequestSlot


class Middleware:
    """An ASGI application around another."""

    def __init__(self, app: ASGIApp, context: AppContext, *, vital: Collection[str], cors: Cors) -> None:
        """``vital`` are the paths that are answered even when all request slots are taken."""
        self._app = app
        self._context = context
        self._vital = vital
        self._cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or take part in the server's lifespan."""
        if scope["type"] != ScopeType.HTTP:  # the lifespan, or a websocket, which nobody serves
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        context, headers = self._context, Headers(scope["headers"])
        request_id = context.access_log.request_id(headers.first(b"x-request-id"))
        state: dict[str, Any] = scope.setdefault("state", {})
        slot = RequestSlot(receive, context.pools.requests, state)
        state["request_id"] = request_id
        state["key"] = context.api_keys.identify(headers)
        state["held"] = ExitStack()  # what the request holds until its answer has been sent
        state["gone"] = slot.wait_until_gone
        sender = ResponseSender(
            send,
            headers=self._cors.headers(scope),
            request_id=request_id,
            is_head=scope["method"] == "HEAD",
            timeout_seconds=context.settings.body_timeout_seconds,
            is_last=lambda: context.phase == "draining",
        )
        context.metrics.in_flight.inc()
        try:
            if slot.refusal is None or scope["path"] in self._vital:
                await self._app(scope, slot.receive, sender.send)
            else:
                await self._refuse(slot.refusal, sender, request_id)
        except asyncio.CancelledError:
            # The server gives up on a request that did not finish within the shutdown's time limit.
            detail = "The service stopped before the request was complete"
            await self._refuse(ProblemError("not-ready", detail, headers={"retry-after": "1"}), sender, request_id)
        except Exception:
            if not sender.is_cut_off:
                raise
        finally:
            state["held"].close()
            slot.release()
            context.metrics.in_flight.dec()
            context.access_log.record(
                request_id=request_id,
                route=scope.get("path_template") or "unmatched",
                method=scope["method"],
                status=sender.status,
                seconds=time.perf_counter() - started,
                received=slot.size,
                sent=sender.size,
                key=state["key"],
                trace_parent=headers.first(b"traceparent"),
            )

    async def _refuse(self, error: ProblemError, sender: ResponseSender, request_id: str) -> None:
        """Answer a problem, unless an answer is under way already."""
        if sender.has_started:
            sender.cut_off()
        else:
            await send_response(problem_response(error, self._context, request_id=request_id), sender.send)
