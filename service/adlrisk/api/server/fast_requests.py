"""Fast requests: those the fast path answers inside ``data_received``, and the deferred start of all others.

uvicorn starts the application when a head has come, so that it must wait for a body that most often comes with it.
Here it is started when the whole packet has been parsed, and only where the fast path declines. Most clients write head
and body one after the other, so a body has a moment to follow its head.
"""

import weakref
from typing import TYPE_CHECKING, Any, Final

from adlrisk.api.dispatch.endpoint import MAX_BYTES_NOW
from adlrisk.api.dispatch.fast_path import HEAD_END, CachedHead, Prepared, RawResponse
from adlrisk.api.http.body import announces_at_most
from adlrisk.api.http.headers import Headers

if TYPE_CHECKING:
    import asyncio

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from adlrisk.api.server.connection import Connection

BODY_FOLLOWS_SECONDS: Final = 0.02  # after its head; the application waits for what takes longer

_OK: Final = b"HTTP/1.1 200 OK\r\n"


class FastRequests:
    """The fast path of one connection."""

    def __init__(self, connection: "Connection") -> None:
        self._connection: Connection = weakref.proxy(connection)  # a closed connection is freed at once
        self._fast_path = connection.app.fast_path
        self._server_headers: list[tuple[bytes, bytes]] = []
        self._start_lines = _OK  # of every response: the status line and the server's headers
        self._is_parsing = False
        self._head = b""  # of the request that is to be started, where it came in one packet
        self._pending: tuple[RequestResponseCycle, Any] | None = None  # the request that is to be started
        self._held = b""  # a cached head that is not parsed, as its body is about to follow
        self._body_timer: asyncio.TimerHandle | None = None
        self.answered_at = 0.0  # when a request was answered that was not parsed

    @property
    def is_holding(self) -> bool:
        """Whether a head waits for its body, not parsed."""
        return bool(self._held)

    def take(self, data: bytes) -> bytes | None:
        """Answer a request whose head is cached; what is to be parsed instead, ``None`` where nothing is."""
        is_held = bool(self._held)
        if is_held:
            data, self._held = self._held + data, b""
        return None if self._answer_cached(data, may_hold=not is_held) else data

    def begin_packet(self) -> None:
        """Hold back what the packet starts until all of it has been parsed."""
        if not self._connection.progress.is_open:
            self._head = b""
        self._is_parsing = True

    def end_packet(self, data: bytes, *, is_first: bool) -> None:
        """Start what the packet has completed; ``is_first`` says that its request began with the packet."""
        self._is_parsing = False
        if self._pending is None:
            return
        cycle, _ = self._pending
        if is_first:
            self._head = data[: len(data) - len(cycle.body)]
        if not self._waits_for_body(cycle):
            self._start()

    def defer(self, cycle: "RequestResponseCycle", app: Any) -> bool:
        """Whether the start of a request is held back, as its packet is being parsed."""
        if self._is_parsing:
            self._pending = (cycle, app)
        return self._is_parsing

    def drop(self) -> None:
        """Do not start the request that is to be started."""
        self._cancel_body_timer()
        self._pending = None
        self._head = b""

    def flush(self) -> None:
        """Wait for a body no longer: let the parser have what came, and the application start."""
        held, self._held = self._held, b""
        if held:
            self._connection.read(held)
        self._start()

    def _answer_cached(self, data: bytes, *, may_hold: bool) -> bool:
        """Whether ``data`` is a request whose head is cached, and has been answered or waits for its body."""
        end = data.find(HEAD_END) + len(HEAD_END)
        cached = self._fast_path.heads.get(data[:end])
        connection = self._connection
        if cached is None or not connection.is_idle:
            return False
        if may_hold and len(data) == end and cached.length:
            self._held = data
            self._body_timer = connection.loop.call_later(BODY_FOLLOWS_SECONDS, self.flush)
            return True
        if len(data) - end != cached.length:
            return False
        response = self._fast_path.respond(cached.prepared, data[end:])
        if response is None:
            return False
        if self._body_timer is not None:
            self._cancel_body_timer()
        self.answered_at = connection.loop.time()
        state = connection.server_state
        state.total_requests += 1
        self._write(response, state.default_headers)
        return True

    def _waits_for_body(self, cycle: "RequestResponseCycle") -> bool:
        if not cycle.more_body or cycle.waiting_for_100_continue or self._body_timer is not None:
            return False
        scope: Any = cycle.scope
        # One that is answered before its body has come would end the connection, whatever the answer.
        if self._connection.is_ending or not announces_at_most(MAX_BYTES_NOW, Headers(scope["headers"])):
            return False
        self._body_timer = self._connection.loop.call_later(BODY_FOLLOWS_SECONDS, self._start)
        return True

    def _start(self) -> None:
        """Answer the request that has come, or start the application."""
        self._cancel_body_timer()
        if self._pending is None:
            return
        (cycle, app), self._pending = self._pending, None
        if not self._answer(cycle):
            self._connection.start_application(cycle, app)
        self._head = b""  # it may hold an API key

    def _answer(self, cycle: "RequestResponseCycle") -> bool:
        """Whether a complete request has been answered, as one after which the connection goes on."""
        connection = self._connection
        if (
            cycle.more_body
            or cycle.waiting_for_100_continue
            or not cycle.keep_alive
            or connection.flow.write_paused
            or connection.pipeline
            or connection.transport.is_closing()
        ):
            return False
        scope: Any = cycle.scope
        prepared = self._fast_path.prepare(scope)
        response = None if prepared is None else self._fast_path.respond(prepared, cycle.body)
        if prepared is None or response is None:
            return False
        self._cache(prepared, len(cycle.body))
        cycle.response_started = cycle.response_complete = True
        self._write(response, cycle.default_headers)
        on_response, cycle.on_response = cycle.on_response, _do_nothing
        on_response()
        return True

    def _cache(self, prepared: Prepared, length: int) -> None:
        """Cache the head, if its packet held nothing else but of a body as long as the head says."""
        head = self._head
        is_announced = prepared.headers.first(b"content-length") == b"%d" % length
        if is_announced and head.startswith(b"POST ") and head.find(HEAD_END) == len(head) - len(HEAD_END):
            self._fast_path.heads.put(head, CachedHead(prepared, length))

    def _write(self, response: RawResponse, server_headers: list[tuple[bytes, bytes]]) -> None:
        if server_headers is not self._server_headers:  # uvicorn makes them anew every second
            self._server_headers = server_headers
            self._start_lines = b"".join([_OK, *(b"%b: %b\r\n" % header for header in server_headers)])
        self._connection.transport.write(b"".join((self._start_lines, response.lines, b"\r\n", response.content)))

    def _cancel_body_timer(self) -> None:
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None


def _do_nothing() -> None:
    """What uvicorn leaves of a callback that has been called, so that a request does not keep its connection."""
