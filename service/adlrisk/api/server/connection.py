"""One connection to uvicorn, and what it may take: places, bytes and time.

uvicorn by itself waits for ever for the rest of a head and for a caller who does not read, and takes heads, trailers,
pipelined requests and connections without end. Used names of uvicorn are held by tests.
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from adlrisk.api.http.problems import PROBLEM_MEDIA_TYPE, ProblemError
from adlrisk.api.limits.request_slot import ARRIVAL, arrive
from adlrisk.api.server.head_size import HeadProgress

if TYPE_CHECKING:
    from adlrisk.api.dispatch.middleware import Instrumented

_SPARE_CONNECTIONS: Final = 50  # beyond the limit, so that probes of health are answered still
_MOST_PIPELINED: Final = 100  # requests that wait for the one before on a connection; no client is known to send more
_LEAST_TAKEN: Final = 256 << 10  # bytes of an answer in the time a body may take; who takes less is cut off
_LINGER_SECONDS: Final = 1.0  # for a caller who still sends to read why he is refused


class BoundedConnection(HttpToolsProtocol):
    """A connection that ends when its peer keeps it waiting, and counts requests as they arrive."""

    feed: Callable[[bytes], None]  # gives what has come to the parser

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._app: Instrumented = self.config.loaded_app
        self._settings = self._app.service.settings
        self._lanes = self._app.service.lanes
        self._has_place = False
        self._overfull: ProblemError | None = None  # what a connection too many is told
        self._is_refused = False  # nothing more is taken
        self._head = HeadProgress()
        self._message_is_open = False
        self._awaits_chunk = False  # or trailers, which come in its place
        self._trailer_bytes = 0
        self._running: RequestResponseCycle | None = None
        self._waiting_timer: asyncio.TimerHandle | None = None
        self._reader_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a place; one far too many is closed."""
        super().connection_made(transport)
        places = self._lanes.connections
        self._has_place = places.enter()
        if not self._has_place:
            self._overfull = places.refuse()
        if len(self.connections) > places.total + _SPARE_CONNECTIONS:
            transport.close()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back, and let nobody write any more."""
        if self._has_place:
            self._has_place = False
            self._lanes.connections.leave()
        for timer in (self._waiting_timer, self._reader_timer, self._linger_timer):
            if timer is not None:
                timer.cancel()
        self.pipeline.clear()
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has come, unless nothing is taken any more."""
        if self._is_refused:
            return
        awaited_chunk, between = self._awaits_chunk, not self._message_is_open
        self._head.receive(len(data), from_its_start=between)
        self.feed(data)
        if self._is_refused:
            return
        self._trailer_bytes += len(data) if awaited_chunk and self._awaits_chunk else 0
        if max(self._head.least if self._head.is_open else 0, self._trailer_bytes) > self._settings.max_head_bytes:
            self.refuse(self._too_large())
            return
        self._watch()

    def on_message_begin(self) -> None:
        """Begin a request, unless too many wait already."""
        if len(self.pipeline) >= _MOST_PIPELINED:
            self._stop(ProblemError("bad-request", "Too many pipelined requests"))
        self._message_is_open = True
        self._head.begin()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what comes after the body in its place is left out."""
        if self._head.is_open:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the application, and say whether the request has a place."""
        fault = self._fault()
        if fault is not None:
            self._stop(fault)
        self._head.end()
        super().on_headers_complete()
        if not self._has_place:
            self.cycle.keep_alive = False
        scope: Any = self.scope
        # One that waits for the request before, or may be answered at once, takes its place when its turn comes.
        if not self.pipeline and not self._app.at_once.takes(scope):
            self.scope["state"][ARRIVAL] = arrive(self._lanes.requests)

    def on_chunk_header(self) -> None:
        """A piece of the body follows, or the trailers."""
        self._awaits_chunk = True

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._awaits_chunk = False
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request; where it has been answered long since, the connection is idle from now on."""
        self._message_is_open = self._awaits_chunk = False
        self._trailer_bytes = 0
        super().on_message_complete()
        if not self._has_cycle() and self.timeout_keep_alive_task is None:
            self._stop_watching()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        """Go on with the next request, or end; an idle connection keeps no credentials."""
        if self._running is not None:
            headers: Any = self._running.scope["headers"]
            headers.clear()
        super().on_response_complete()
        self._end_soon_if_closing()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been idle for long."""
        super().timeout_keep_alive_handler()
        self._end_soon_if_closing()

    def shutdown(self) -> None:
        """Close when what is in work is answered."""
        super().shutdown()
        self._end_soon_if_closing()

    def pause_writing(self) -> None:
        """Wait for a caller who does not read, but not for ever."""
        super().pause_writing()
        self._expect_reading()

    def resume_writing(self) -> None:
        """Go on: he has read."""
        if self._reader_timer is not None and not self.transport.is_closing():
            self._reader_timer.cancel()
            self._reader_timer = None
        super().resume_writing()

    def refuse(self, error: ProblemError) -> None:
        """Answer what cannot become a request with a problem, and end the connection.

        Where requests before it are not answered yet, the last of their answers is the connection's last.
        """
        if self._is_refused:
            return
        self._is_refused = True
        self._stop_watching()
        last = self._last_whole()
        if last is not None:
            last.keep_alive = False
            self.cycle = last
            return
        service = self._app.service
        request_id = service.ledger.new_id()
        service.metrics.problem_answered(error.slug)
        service.ledger.enter(request_id=request_id, route="unmatched", method="other", status=error.status)
        content = msgspec.json.encode(error.problem(instance=request_id))
        named = {"content-type": PROBLEM_MEDIA_TYPE, "content-length": len(content), "x-request-id": request_id}
        named |= {**error.headers, "connection": "close"}
        lines = [f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}", *map(": ".join, _texts(named)), "", ""]
        self.transport.write("\r\n".join(lines).encode() + content)
        self._linger_timer = self.loop.call_later(_LINGER_SECONDS, self._close)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _stop(self, error: ProblemError) -> None:
        """Refuse, and keep the parser from going on."""
        self.refuse(error)
        raise httptools.HttpParserError(error.detail)

    def _fault(self) -> ProblemError | None:
        """Why a head that is HTTP as such is refused all the same."""
        if self._head.most > self._settings.max_head_bytes and self._head_size() > self._settings.max_head_bytes:
            return self._too_large()
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) != 1 and self.parser.get_http_version() == "1.1":  # RFC 9112, section 3.2
            return ProblemError("bad-request", f"Send exactly one Host header; this request has {len(hosts)}")
        if not self._has_place and self.url.partition(b"?")[0].decode("latin-1") not in self._app.vital:
            return self._overfull
        return None

    def _last_whole(self) -> RequestResponseCycle | None:
        """The last request that came whole and is not answered yet; one that came in part only is given up."""
        if self.pipeline and self.pipeline[0][0].more_body:
            self.pipeline.popleft()
        if self.pipeline:
            return self.pipeline[0][0]
        running = self._running
        return None if running is None or running.response_complete or running.more_body else running

    def _watch(self) -> None:
        """Give what is awaited its time, which does not start anew with every byte of it."""
        if self._has_cycle() and not self._head.is_open:
            self._stop_watching()
        elif self._waiting_timer is None and self.timeout_keep_alive_task is None:
            is_rest = self._message_is_open and not self._head.is_open  # of a body whose request is answered already
            seconds = self._settings.body_timeout_seconds if is_rest else self._settings.head_timeout_seconds
            self._waiting_timer = self.loop.call_later(seconds, self._is_overdue)

    def _stop_watching(self) -> None:
        if self._waiting_timer is not None:
            self._waiting_timer.cancel()
            self._waiting_timer = None

    def _is_overdue(self) -> None:
        self._waiting_timer = None
        if self.transport.is_closing() or self._is_refused:
            return
        if self._has_cycle():
            self._watch()
        elif self._head.is_open:
            detail = f"Request line and headers did not arrive within {self._settings.head_timeout_seconds:g} seconds"
            self.refuse(ProblemError("head-too-slow", detail))
        else:
            self._close()

    def _expect_reading(self) -> None:
        if self._reader_timer is not None:
            return
        left = self.transport.get_write_buffer_size()
        self._reader_timer = self.loop.call_later(self._settings.body_timeout_seconds, self._see_what_was_read, left)

    def _see_what_was_read(self, left: int) -> None:
        self._reader_timer = None
        if left - self.transport.get_write_buffer_size() < min(left, _LEAST_TAKEN):
            self.transport.abort()
        else:
            self._expect_reading()

    def _close(self) -> None:
        self.transport.close()
        self._end_soon_if_closing()

    def _end_soon_if_closing(self) -> None:
        """A connection closes when its peer has read all, for which it is not given for ever either."""
        if self.transport.is_closing():
            self._expect_reading()

    def _has_cycle(self) -> bool:
        """Whether a request is being answered."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + len(b": \r\n") for name, value in self.headers)

    def _too_large(self) -> ProblemError:
        limit = self._settings.max_head_bytes
        return ProblemError("head-too-large", f"Request line and headers may be at most {limit} bytes together")


def _texts(headers: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in headers.items()]
