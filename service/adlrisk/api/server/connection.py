"""Connection: uvicorn's HTTP/1.1 protocol with limits, the fast path, and upgrades ignored.

By default uvicorn accepts heads, trailers, pipelined requests and connections without limit, and answers parse errors
in plain text. Each concern has a class of its own: ``RequestProgress`` (sizes), ``Deadlines`` (time),
``FastRequests`` (the fast path) and ``upgrade``. Tests pin the uvicorn names used here.
"""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from adlrisk.api.app import VITAL_PATHS
from adlrisk.api.dispatch.errors import problem_response
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.limits.concurrency import REFUSAL, acquire_on_arrival
from adlrisk.api.server.deadlines import Deadlines
from adlrisk.api.server.fast_requests import BODY_FOLLOWS_SECONDS, FastRequests
from adlrisk.api.server.progress import RequestProgress
from adlrisk.api.server.upgrade import head_without_upgrade, second_parser

if TYPE_CHECKING:
    import asyncio

    from adlrisk.api.app import Application

_SPARE_CONNECTIONS: Final = 50  # beyond the limit, so that health checks are still answered
_MAX_PIPELINED: Final = 100  # requests that wait for the one before on a connection; no client is known to send more


class Connection(HttpToolsProtocol):
    """One connection of a client."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.app: Application = self.config.loaded_app
        self.settings = self.app.context.settings
        self.progress = RequestProgress()
        self.is_refused = False  # nothing more is read
        self._pools = self.app.context.pools
        self._has_slot = False
        self._connection_refusal: ProblemError | None = None  # what a connection beyond the limit is told
        self._running_cycle: RequestResponseCycle | None = None
        self._deadlines = Deadlines(self)
        self._fast = FastRequests(self)

    @property
    def is_answering(self) -> bool:
        """Whether a request is being answered."""
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    @property
    def is_idle(self) -> bool:
        """Whether the connection waits for the next request after an answer, and goes on."""
        return (
            self.timeout_keep_alive_task is not None
            and not self.progress.is_open
            and not self.flow.write_paused
            and not self.is_refused
            and not self.transport.is_closing()
        )

    def connection_made(self, transport: "asyncio.Transport") -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a slot; a connection far beyond the limit is closed."""
        super().connection_made(transport)
        pool = self._pools.connections
        self._has_slot = pool.acquire()
        if not self._has_slot:
            self._connection_refusal = pool.build_refusal()
        if len(self.connections) > pool.total + _SPARE_CONNECTIONS:
            transport.close()
        self._deadlines.start_receive_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count what came in part, release the slot, and stop the application's writing."""
        self._fast.flush()
        if self._has_slot:
            self._has_slot = False
            self._pools.connections.release()
        self._deadlines.cancel()
        self.pipeline.clear()
        if self._running_cycle is not None and not self._running_cycle.response_complete:
            self._running_cycle.disconnected = True
            self._running_cycle.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Answer a request whose head is cached, or parse what has come."""
        unanswered = self._fast.take(data)
        if unanswered is not None:
            self.read(unanswered)

    def read(self, data: bytes) -> None:
        """Parse what has come, within the limits, and start the request that it completes."""
        is_first = not self.progress.is_open
        self._fast.begin_packet()
        if not self.is_refused:
            self._parse_within_limits(data)
        self._fast.end_packet(data, is_first=is_first)

    def feed(self, data: bytes) -> None:
        """Feed the parser; where it stops at an upgrade, the head goes to another one without it."""
        self._unset_keepalive_if_required()
        while True:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserError:
                self.refuse(ProblemError("bad-request", "The request is not valid HTTP/1.1"))
                return
            except httptools.HttpParserUpgrade as upgrade:
                method: Any = self.scope["method"]
                data = head_without_upgrade(method, self.url, self.headers) + data[upgrade.args[0] :]
                self.parser = second_parser(self)
            else:
                return

    def on_message_begin(self) -> None:
        """Begin a request, unless too many are waiting."""
        if len(self.pipeline) >= _MAX_PIPELINED:
            self._stop(ProblemError("bad-request", "Too many pipelined requests"))
        self.progress.begin_head()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Store the target; refuse CONNECT, which the parser would treat as an upgrade forever."""
        if self.parser.get_method() == b"CONNECT":
            raise httptools.HttpParserError("this is no proxy")
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers are left out."""
        if self.progress.in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the request, unless its head is refused."""
        fault = self._find_fault()
        if fault is not None:
            self._stop(fault)
        self.progress.end_head()
        super().on_headers_complete()
        if not self._has_slot:
            self.cycle.keep_alive = False
        scope: Any = self.scope
        # One that waits for the request before, or may be answered at once, takes its slot when its turn comes.
        if not self.pipeline and not self.app.fast_path.may_take(scope):
            self.scope["state"][REFUSAL] = acquire_on_arrival(self._pools.requests)

    def on_chunk_header(self) -> None:
        """A chunk of the body follows, or the trailers."""
        self.progress.begin_chunk()

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self.progress.receive_body()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request; where it has been answered already, the connection is idle from now on."""
        if self.parser.should_upgrade():  # the parser only stopped at an upgrade
            return
        self.progress.complete()
        super().on_message_complete()
        if not self.is_answering and self.timeout_keep_alive_task is None:
            self._deadlines.stop_receive_timer()
            self._await_next_request(self.timeout_keep_alive)

    def on_response_complete(self) -> None:
        """Go on with the next request, or end; an idle connection keeps no credentials."""
        if self._running_cycle is not None:
            headers: Any = self._running_cycle.scope["headers"]
            headers.clear()
        super().on_response_complete()
        self._close_in_time()

    def start_application(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Let the application answer a request."""
        super()._start_asgi_task(cycle, app)

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been idle for long; fast-path requests do not reset this timer."""
        left = self._fast.answered_at + self.timeout_keep_alive - self.loop.time()
        if self._fast.is_holding or left > 0.0:
            self._await_next_request(max(left, BODY_FOLLOWS_SECONDS))
            return
        super().timeout_keep_alive_handler()
        self._close_in_time()

    def shutdown(self) -> None:
        """Close once the requests that have come are answered."""
        self._fast.flush()
        super().shutdown()
        self._close_in_time()

    def pause_writing(self) -> None:
        """Wait for a client that does not read, but not forever."""
        super().pause_writing()
        self._deadlines.start_write_timer()

    def resume_writing(self) -> None:
        """The client caught up: cancel the slow-reader timeout."""
        if not self.transport.is_closing():
            self._deadlines.stop_write_timer()
        super().resume_writing()

    def refuse(self, error: ProblemError) -> None:
        """Answer what cannot become a request with a problem, and end the connection.

        Where requests before it are not answered yet, the last of their answers is the connection's last.
        """
        if self.is_refused:
            return
        self.is_refused = True
        self._deadlines.stop_receive_timer()
        last = self._last_complete()
        if last is not None:
            last.keep_alive = False
            self.cycle = last
        elif self._give_up_incomplete():
            self.close()
        else:
            self._write_refusal(error)

    def close(self) -> None:
        """Close the connection once its client has read all."""
        self.transport.close()
        self._close_in_time()

    def _give_up_incomplete(self) -> bool:
        """Give up a request whose body is incomplete, so that it gets no second answer; whether it has got one."""
        running = self._running_cycle
        if running is None or not running.more_body:
            return False
        if self._fast.drop():
            state: Any = running.scope["state"]
            if REFUSAL in state and state[REFUSAL] is None:
                self._pools.requests.release()
        running.disconnected = True
        running.message_event.set()
        return running.response_started

    def _write_refusal(self, error: ProblemError) -> None:
        context = self.app.context
        request_id = context.access_log.new_request_id()
        response = problem_response(error, context, request_id=request_id)
        context.access_log.record(request_id=request_id, route="unmatched", method="other", status=error.status)
        content = b"".join(response.pieces)
        headers = {"content-type": response.media_type, "content-length": str(len(content)), "x-request-id": request_id}
        headers |= {**response.headers, "connection": "close"}
        lines = [f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}", *map(": ".join, headers.items()), "", ""]
        self.transport.write("\r\n".join(lines).encode() + content)
        self._deadlines.linger()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running_cycle = cycle
        if not self._fast.defer(cycle, app):
            self.start_application(cycle, app)

    def _parse_within_limits(self, data: bytes) -> None:
        self.progress.begin_packet(len(data))
        self.feed(data)
        if self.is_refused:
            return
        self.progress.end_packet()
        if self.progress.exceeds(self.settings.max_head_bytes):
            self.refuse(self._head_too_large())
            return
        self._deadlines.start_receive_timer()

    def _stop(self, error: ProblemError) -> None:
        """Refuse, and keep the parser from going on."""
        self.refuse(error)
        raise httptools.HttpParserError(error.detail)

    def _find_fault(self) -> ProblemError | None:
        """Why a head that is valid HTTP is refused all the same."""
        limit = self.settings.max_head_bytes
        if self.progress.max_head_bytes_received > limit and self._head_bytes() > limit:
            return self._head_too_large()
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) != 1 and self.parser.get_http_version() == "1.1":  # RFC 9112, section 3.2
            return ProblemError("bad-request", f"Send exactly one Host header; this request has {len(hosts)}")
        if not self._has_slot and self.url.partition(b"?")[0].decode("latin-1") not in VITAL_PATHS:
            return self._connection_refusal
        return None

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + len(b": \r\n") for name, value in self.headers)

    def _head_too_large(self) -> ProblemError:
        limit = self.settings.max_head_bytes
        return ProblemError("head-too-large", f"Request line and headers may be at most {limit} bytes together")

    def _last_complete(self) -> RequestResponseCycle | None:
        """The last complete request that is not answered yet; one that came in part only is given up."""
        if self.pipeline and self.pipeline[0][0].more_body:
            self.pipeline.popleft()
        if self.pipeline:
            return self.pipeline[0][0]
        running = self._running_cycle
        return None if running is None or running.response_complete or running.more_body else running

    def _await_next_request(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def _close_in_time(self) -> None:
        """A closing connection waits for its client to read all, but not forever."""
        if self.transport.is_closing():
            self._deadlines.start_write_timer()
