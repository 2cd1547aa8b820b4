"""One connection to uvicorn, and what it may take: places, bytes and time.

uvicorn by itself waits for ever for the rest of a head and for a caller who does not read, and takes heads and
connections without end. Used names of uvicorn are held by tests.
"""

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from adlrisk.api.in_hand import ARRIVAL, arrive
from adlrisk.api.problems import PROBLEM_MEDIA_TYPE, ProblemError

if TYPE_CHECKING:
    from adlrisk.api.instrument import Instrumented

_SPARE_CONNECTIONS: Final = 50  # beyond the limit, so that probes of health are answered still
_LINGER_SECONDS: Final = 1.0  # for a caller who still sends to read why he is refused


class BoundedConnection(HttpToolsProtocol):
    """A connection that ends when its peer keeps it waiting, and counts requests as they arrive."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._app: Instrumented = self.config.loaded_app
        self._settings = self._app.service.settings
        self._lanes = self._app.service.lanes
        self._has_place = False
        self._refusal: ProblemError | None = None  # of every request that comes from now on
        self._head_is_open = False
        self._head_bytes = 0
        self._may_be_too_large = False
        self._is_refused = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._reader_timer: asyncio.TimerHandle | None = None

    def feed(self, data: bytes) -> None:
        """Give what has come to the parser."""
        super().data_received(data)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a place; a connection too many is told so, and one far too many is closed."""
        super().connection_made(transport)
        places = self._lanes.connections
        self._has_place = places.enter()
        if not self._has_place:
            self._refusal = places.refuse()
        if len(self.connections) > places.total + _SPARE_CONNECTIONS:
            transport.close()
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        if self._has_place:
            self._has_place = False
            self._lanes.connections.leave()
        for timer in (self._head_timer, self._reader_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has come, unless nothing is taken any more."""
        if self._is_refused:
            return
        self._may_be_too_large = self._head_bytes + len(data) > self._settings.max_head_bytes
        was_open = self._head_is_open
        self.feed(data)
        if self._head_is_open and was_open:
            self._head_bytes += len(data)
            if self._head_bytes > self._settings.max_head_bytes:
                self.refuse(self._too_large())
                return
        if self._head_is_open or not self._has_cycle():
            self._await_head()
        elif self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._head_is_open = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Start the application, and say whether the request has a place."""
        self._head_is_open = False
        self._head_bytes = 0
        super().on_headers_complete()
        state = self.scope["state"]
        self._refusal = self._refusal or self._fault_of_head()
        if self._refusal is not None:
            state[ARRIVAL] = self._refusal
            self.cycle.keep_alive = False
        elif not self.pipeline:  # else it waits for the one before, and takes its place when its turn comes
            state[ARRIVAL] = arrive(self._lanes.requests)

    def pause_writing(self) -> None:
        """Wait for a caller who does not read, but not for ever."""
        super().pause_writing()
        self._reader_timer = self.loop.call_later(self._settings.body_timeout_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: he has read."""
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None
        super().resume_writing()

    def refuse(self, error: ProblemError) -> None:
        """Answer what cannot become a request with a problem, and end the connection.

        Where an earlier request is in work, its answer is the last.
        """
        self._is_refused = True
        if self._has_cycle() and not self.cycle.more_body:
            self.cycle.keep_alive = False
            return
        service, request_id = self._app.service, self._app.new_request_id()
        service.metrics.problem_answered(error.slug)
        service.metrics.request_answered(route="unmatched", method="other", status=error.status, seconds=0.0)
        service.logger.info("request", route="unmatched", method="other", status=error.status, request_id=request_id)
        content = msgspec.json.encode(error.problem(instance=request_id))
        head = (
            f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\ncontent-type: {PROBLEM_MEDIA_TYPE}\r\n"
            f"content-length: {len(content)}\r\nx-request-id: {request_id}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + content)
        self.loop.call_later(_LINGER_SECONDS, self.transport.close)

    def _await_head(self) -> None:
        """Give the next head its time, which does not start anew with every byte of it."""
        if self._head_timer is None and self.timeout_keep_alive_task is None:
            self._head_timer = self.loop.call_later(self._settings.head_timeout_seconds, self._head_is_overdue)

    def _head_is_overdue(self) -> None:
        self._head_timer = None
        if self.transport.is_closing() or self._is_refused:
            return
        if self._has_cycle():
            self._await_head()
        elif self._head_is_open:
            detail = f"Request line and headers did not arrive within {self._settings.head_timeout_seconds:g} seconds"
            self.refuse(ProblemError("head-too-slow", detail))
        else:
            self.transport.close()

    def _has_cycle(self) -> bool:
        """Whether a request is being answered."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _fault_of_head(self) -> ProblemError | None:
        """Why a head that is HTTP as such is refused all the same."""
        if self._may_be_too_large and self._head_size() > self._settings.max_head_bytes:
            return self._too_large()
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) != 1 and self.scope["http_version"] == "1.1":  # RFC 9112, section 3.2
            return ProblemError("bad-request", f"A request names its host once; this one has {len(hosts)} Host headers")
        return None

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + len(b": \r\n") for name, value in self.headers)

    def _too_large(self) -> ProblemError:
        limit = self._settings.max_head_bytes
        return ProblemError("head-too-large", f"Request line and headers may be at most {limit} bytes together")
