"""Connection: uvicorn's HTTP/1.1 protocol with limits, the fast path, and upgrades ignored.

By default uvicorn accepts heads, trailers, pipelined requests and connections without limit, and answers parse errors
in plain text. Each concern has a module of its own: ``listener`` (ports), ``progress`` (sizes), ``deadlines`` (time),
``unread`` (memory), ``fast_requests`` (the fast path), ``upgrade`` and ``ending``. Tests pin the uvicorn names that
are used here.
"""

import functools
import weakref
from typing import TYPE_CHECKING, Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from adlrisk.api.http.problems import ProblemError
from adlrisk.api.limits.concurrency import GIVE_UP, REFUSAL, Pool, acquire_on_arrival
from adlrisk.api.server.deadlines import BRIEF_SECONDS, Deadlines
from adlrisk.api.server.ending import Lingering, OpenTransport, ending_early, write_refusal
from adlrisk.api.server.fast_requests import BODY_FOLLOWS_SECONDS, FastRequests
from adlrisk.api.server.listener import Listener, is_vital
from adlrisk.api.server.progress import RequestProgress
from adlrisk.api.server.unread import keep_unread_here
from adlrisk.api.server.upgrade import head_without_upgrade, second_parser

if TYPE_CHECKING:
    import asyncio

    from adlrisk.api.app import Application

_MAX_PIPELINED: Final = 100  # requests of a connection that are not answered yet; no client is known to send more


class Connection(HttpToolsProtocol):
    """One connection of a client."""

    def __init__(self, *args: Any, listener: Listener, **named: Any) -> None:
        super().__init__(*args, **named)
        self.app: Application = self.config.loaded_app
        self.settings = self.app.context.settings
        self.progress = RequestProgress()
        self.is_brief = listener.only_vital  # for one request, whose head must come at once
        self.is_ending = False  # nothing more is read
        self._listener = listener
        self._slot: Pool | None = None
        self._connection_refusal: ProblemError | None = None  # what a connection beyond the limit is told
        self._running_cycle: RequestResponseCycle | None = None
        self._refusal_due: ProblemError | None = None  # what is told once the requests before it are answered
        self._lingering: Lingering | None = None
        self._linger_seconds = self.settings.body_timeout_seconds  # where a body is still coming
        self._is_half_closed = False  # by the client
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
            and not self.transport.is_closing()
        )

    def connection_made(self, transport: "asyncio.Transport") -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a slot; a connection far beyond the limit is closed, and one that its client has reset already."""
        super().connection_made(transport)
        keep_unread_here(transport)
        if self.client is None:  # what such a client has sent would be done for nobody knows whom
            transport.abort()
            return
        listener = self._listener
        if listener.slots.acquire():
            self._slot = listener.slots
        else:
            self.is_brief = True
            self._connection_refusal = listener.slots.build_refusal()
            if not listener.spare.acquire():
                transport.close()
                return
            self._slot = listener.spare
        self._deadlines.start_receive_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count what came in part, release the slot, and stop the application's writing."""
        self._fast.flush()
        if self._slot is not None:
            self._slot.release()
            self._slot = None
        self._listener.unread.discard(self)
        self._deadlines.cancel()
        self._lingering = None
        self.pipeline.clear()
        if self._running_cycle is not None and not self._running_cycle.response_complete:
            self._running_cycle.disconnected = True
            self._running_cycle.message_event.set()
        super().connection_lost(exc)
        self._unset_keepalive_if_required()  # uvicorn forgets it where the client has reset the connection

    def eof_received(self) -> bool:  # type: ignore[override]  # as asyncio has it
        """The client sends no more: its complete requests are answered, then the connection is closed."""
        self._fast.flush()
        last = self._last_complete()
        if last is None:
            self.close()
            return False
        self._is_half_closed = True
        give_up = functools.partial(Connection._give_up_running, weakref.proxy(self))
        for cycle in (self._running_cycle, *(cycle for cycle, _ in self.pipeline)):
            if cycle is not None:
                cycle.scope["state"][GIVE_UP] = give_up
                cycle.message_event.set()
        if self._refusal_due is None:
            last.keep_alive = False
        self.cycle = last
        return True

    def data_received(self, data: bytes) -> None:
        """Answer a request whose head is cached, or parse what has come."""
        unanswered = self._fast.take(data)
        if unanswered is not None:
            self.read(unanswered)

    def read(self, data: bytes) -> None:
        """Parse what has come, within the limits, and start the request that it completes."""
        is_first = not self.progress.is_open
        self._fast.begin_packet()
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
        """Begin a request."""
        self.progress.begin_head()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Store the target; refuse CONNECT, which the parser would treat as an upgrade forever."""
        if self.parser.get_method() == b"CONNECT":
            raise httptools.HttpParserError("this is no proxy")
        if self.progress.receive_target(len(url)) > self.settings.max_head_bytes:
            self._stop(self._head_too_large())
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; trailers are left out. One packet may hold thousands, so they are counted as they come."""
        if self.progress.receive_line(name, value) > self.settings.max_head_bytes:
            self._stop(self._head_too_large())
        if self.progress.in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the request, unless its head is refused."""
        fault = self._find_fault()
        if fault is not None:
            self._stop(fault, in_turn=True)
        self.progress.end_head()
        super().on_headers_complete()
        if self.is_brief:
            self.cycle.keep_alive = False

    def on_chunk_header(self) -> None:
        """A chunk of the body follows, or the trailers; the parser is stopped where there are too many."""
        if self.progress.begin_chunk():
            self._stop(_too_fragmented())

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self.progress.receive_body(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        if self.parser.should_upgrade():  # the parser only stopped at an upgrade
            return
        self.progress.complete()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on with the next request, or end; an idle or lingering connection keeps no credentials and no body."""
        if self._running_cycle is not None:
            headers: Any = self._running_cycle.scope["headers"]
            headers.clear()
            self._running_cycle.body = bytearray()
        self.progress.answer()
        if self.is_ending and not self.pipeline:  # the end has begun with the end of the answer
            self.server_state.total_requests += 1
            self._refuse_in_turn()
            return
        super().on_response_complete()
        self._close_in_time()

    def start_application(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Let the application answer a request; one that is complete takes its slot now, others in the application."""
        if cycle.more_body:
            app = ending_early(app, cycle, self)
        else:
            cycle.scope["state"][REFUSAL] = acquire_on_arrival(self.app.context.pools.requests)
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
        self._linger_seconds = BRIEF_SECONDS
        if self._lingering is not None and self._lingering.has_answered:
            self._deadlines.linger(self._lingering, BRIEF_SECONDS)
            return
        super().shutdown()
        self._close_in_time()

    def pause_writing(self) -> None:
        """Wait for a client that does not read, but not forever."""
        super().pause_writing()
        self._deadlines.start_write_timer()
        self._listener.unread.add(self)

    def resume_writing(self) -> None:
        """The client caught up: cancel the slow-reader timeout."""
        self._listener.unread.discard(self)
        if not self.transport.is_closing():
            self._deadlines.stop_write_timer()
        super().resume_writing()

    def refuse(self, error: ProblemError, *, in_turn: bool = False) -> None:
        """Answer what cannot become a request with a problem, and end the connection.

        Where requests before it are not answered yet, the last of their answers is the connection's last: a client that
        sends garbage behind a request does not expect two answers. One that sent another request does, ``in_turn``.
        """
        if self.is_ending:
            return
        last = self._last_complete()
        if last is not None and in_turn and last.keep_alive:
            self._read_no_more()
            self._refusal_due = error
            self.cycle = last
        elif last is not None:
            self.end_after(last)
        else:
            self._give_up_incomplete()
            self._read_no_more()
            write_refusal(error, self.app.context, self.transport)
            self.linger()

    def end_after(self, last: RequestResponseCycle) -> None:
        """Read no more, and end after the answer to ``last``, in such a way that a client still sending can read it."""
        self._read_no_more()
        last.keep_alive = False
        last.transport = OpenTransport(self)  # type: ignore[assignment]  # all that a cycle uses of one
        self.cycle = last

    def linger(self) -> None:
        """The last answer has been written: close once the client has done so, or after a while."""
        if self._lingering is None or self._is_half_closed:
            self.close()
        elif not self.transport.is_closing():
            is_upload = self.progress.in_body and not self.is_brief
            self._deadlines.linger(self._lingering, self._linger_seconds if is_upload else BRIEF_SECONDS)
            self._lingering.begin()

    def close(self) -> None:
        """Close the connection once its client has read all."""
        self.transport.close()
        self._close_in_time()

    def _refuse_in_turn(self) -> None:
        """Write the refusal that has waited for the answers before it, and end."""
        error, self._refusal_due = self._refusal_due, None
        if error is not None and not self.transport.is_closing():
            write_refusal(error, self.app.context, self.transport)
            self.linger()

    def _give_up_incomplete(self) -> None:
        """Give up a request whose body is incomplete, so that it gets no second answer."""
        running = self._running_cycle
        if running is not None and running.more_body:
            self._fast.drop()
            running.body = bytearray()
            running.disconnected = True
            running.message_event.set()

    def _give_up_running(self) -> None:
        """Give up the request being answered, as its client does not wait for the answer."""
        if self._running_cycle is not None:
            self._running_cycle.disconnected = True
        self.close()

    def _read_no_more(self) -> None:
        """Leave the rest to ``Lingering``, for as many bytes as the largest body has."""
        self.is_ending = True
        self._deadlines.stop_receive_timer()
        settings = self.settings
        most = max(settings.max_score_bytes, settings.max_scores_bytes, settings.max_book_bytes)
        self._lingering = Lingering(self, max_bytes=most)
        self.transport.set_protocol(self._lingering)
        self.flow.resume_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running_cycle = cycle
        if not self._fast.defer(cycle, app):
            self.start_application(cycle, app)

    def _parse_within_limits(self, data: bytes) -> None:
        self.progress.begin_packet(len(data))
        self.feed(data)
        if self.is_ending:
            return
        self.progress.end_packet()
        if self.progress.exceeds(self.settings.max_head_bytes):
            self.refuse(self._head_too_large())
            return
        if self.progress.is_padded:
            self.refuse(_too_fragmented())
            return
        self._deadlines.start_receive_timer()

    def _stop(self, error: ProblemError, *, in_turn: bool = False) -> None:
        """Refuse, and keep the parser from going on."""
        self.refuse(error, in_turn=in_turn)
        raise httptools.HttpParserError(error.detail)

    def _find_fault(self) -> ProblemError | None:
        """Why a head that is valid HTTP is refused all the same."""
        hosts = [value for name, value in self.headers if name == b"host"]
        if len(hosts) != 1 and self.parser.get_http_version() == "1.1":  # RFC 9112, section 3.2
            return ProblemError("bad-request", f"Send exactly one Host header; this request has {len(hosts)}")
        if self.is_brief and not is_vital(self.url):
            return self._connection_refusal or ProblemError(
                "not-found", "This port answers only health checks and metrics"
            )
        if len(self.pipeline) + self.is_answering >= _MAX_PIPELINED:
            detail = (
                f"More than {_MAX_PIPELINED} requests wait for their answers on this connection; send fewer at once"
            )
            return ProblemError("bad-request", detail)
        return None

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


def _too_fragmented() -> ProblemError:
    return ProblemError("bad-request", "The body comes in too many small chunks; send larger ones")
