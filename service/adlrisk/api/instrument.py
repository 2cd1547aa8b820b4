"""The outermost layer: request ids, metrics and one log line for every request, unrouted ones included."""

import asyncio
import itertools
import re
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, ReceiveMessage, Scope, Send

from adlrisk.api.problems import PROBLEM_MEDIA_TYPE, ProblemError
from adlrisk.api.service import Service
from adlrisk.api.wire import ClientDisconnectedError

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:-]{1,64}\Z")
_TRACE_PARENT: Final = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})(?P<id>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-(?P<flags>[0-9a-f]{2})\Z"
)
_SAMPLED: Final = 1  # of the flags: the trace is kept, so that an exemplar leads somewhere
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_NOTHING_SENT: Final = 500
_CUT_OFF: Final = 499  # as for a caller who went away: the answer did not arrive whole


class Instrumented:
    """An ASGI application that observes another."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app = app
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
        answered = _Answer(
            send,
            request_id=request_id,
            is_head=scope["method"] == "HEAD",
            patience=patience,
            is_last=lambda: self.service.phase == "draining",
        )
        asked = _Question(receive)
        in_flight = self.service.metrics.in_flight
        in_flight.inc()
        try:
            await self._app(scope, asked.receive, answered.send)
        except asyncio.CancelledError:
            # The server gives up on a request that did not finish within the shutdown's patience.
            await answered.refuse(self.service)
        except Exception:
            if answered.status != _CUT_OFF:
                raise
        finally:
            state["held"].close()
            in_flight.dec()
            self._report(scope, asked, answered, seconds=time.perf_counter() - started, request_id=request_id)

    def new_request_id(self) -> str:
        """An id that no other request has."""
        return f"{self._id_prefix}-{next(self._id_counter)}"

    def _request_id(self, given: bytes) -> str:
        return given.decode() if _REQUEST_ID.match(given) else self.new_request_id()

    def _report(
        self, scope: HTTPScope, asked: "_Question", answered: "_Answer", *, seconds: float, request_id: str
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


class _Question:
    """The request on its way in, and how much of its body has been read."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.size = 0

    async def receive(self) -> ReceiveMessage:
        message = await self._receive()
        if message["type"] == "http.request":
            self.size += len(message["body"])
        return message


class _Answer:
    """The answer on its way out: it learns the request id, and a HEAD's loses its body."""

    def __init__(
        self, send: Send, *, request_id: str, is_head: bool, patience: float, is_last: Callable[[], bool]
    ) -> None:
        self._send = send
        self._is_last = is_last
        self._patience = patience
        self._request_id = request_id.encode()
        self._is_head = is_head
        self.status = _NOTHING_SENT
        self.size = 0
        self._started = False

    async def refuse(self, service: Service) -> None:
        """Answer that the service is going, if nothing has been answered yet."""
        if self._started:
            self.status = _CUT_OFF
            return
        detail = "The service stopped before the request was complete"
        refusal = ProblemError("not-ready", detail, headers={"retry-after": "1"})
        service.metrics.problem_answered(refusal.slug)
        content = msgspec.json.encode(refusal.problem(instance=self._request_id.decode()))
        named = {"content-type": PROBLEM_MEDIA_TYPE, "content-length": str(len(content)), **refusal.headers}
        headers = [(name.encode(), value.encode()) for name, value in named.items()]
        start: Any = {"type": "http.response.start", "status": refusal.status, "headers": headers}
        await self.send(start)
        body: Any = {"type": "http.response.body", "body": content, "more_body": False}
        await self.send(body)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started = True
            self.status = message["status"]
            headers = [*message["headers"], (b"x-request-id", self._request_id)]
            if self._is_last():  # clients with open connections do not look at readiness
                headers.append((b"connection", b"close"))
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body":
            if self._is_head:
                message = {**message, "body": b""}
            self.size += len(message["body"])
        if not message.get("more_body"):
            await self._send(message)
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._send(message)
        except TimeoutError as error:  # a caller who does not take the answer must not keep it in memory
            self.status = _CUT_OFF
            raise ClientDisconnectedError from error


def _header(scope: HTTPScope, name: bytes) -> bytes:
    for key, value in scope["headers"]:
        if key == name:
            return value
    return b""
