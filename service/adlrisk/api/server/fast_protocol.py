"""A connection whose whole requests are answered the moment they have come, without a task of the event loop.

uvicorn starts the application when a head has come, so that a body must be waited for that most often comes with it.
Here it is started when all that has come has been parsed, and only for what cannot be answered at once. Most clients
write head and body one after the other, so a body has a moment to follow. Used names of uvicorn are held by tests.
"""

from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from adlrisk.api.dispatch.fast_path import Finished, Understood
from adlrisk.api.dispatch.known_heads import END, KnownHead
from adlrisk.api.server.protocol import Protocol

if TYPE_CHECKING:
    import asyncio

_BODY_FOLLOWS_SECONDS: Final = 0.02  # after its head; what takes longer is waited for by the application
_OK: Final = b"HTTP/1.1 200 OK\r\n"


class PromptProtocol(Protocol):
    """One connection."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._is_parsing = False
        self._whole_head = b""  # of the request that is to be started, where it came in one packet
        self._to_be_started: tuple[RequestResponseCycle, Any] | None = None
        self._held = b""  # a head that is known and not parsed, as its body is about to follow
        self._body_timer: asyncio.TimerHandle | None = None
        self._answered_at = 0.0  # when a request that was not parsed has been answered

    def data_received(self, data: bytes) -> None:
        """Answer a request whose head is known, or read what has come."""
        if self._held:
            data, self._held = self._held + data, b""
            if not self._answer_known(data, may_wait=False):
                self._read(data)
        elif not self._answer_known(data, may_wait=True):
            self._read(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let what came in part be counted, too."""
        self._go_on()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Take what came in part for a request that is in work."""
        self._go_on()
        super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been idle for long; requests that were not parsed do not wind its timer."""
        left = self._answered_at + self.timeout_keep_alive - self.loop.time()
        if self._held or left > 0.0:
            self.timeout_keep_alive_task = self.loop.call_later(
                max(left, _BODY_FOLLOWS_SECONDS), self.timeout_keep_alive_handler
            )
        else:
            super().timeout_keep_alive_handler()

    def _answer_known(self, data: bytes, *, may_wait: bool) -> bool:
        """Whether ``data`` is a request whose head is known, and has been answered, or waits for its body."""
        ends = data.find(END) + len(END)
        known = self._app.known_heads.get(data[:ends])
        if known is None or not self._is_ready():
            return False
        if may_wait and len(data) == ends and known.length:
            self._hold(data)
            return True
        if len(data) - ends != known.length:
            return False
        finished = self._app.at_once.answer(known.asked, data[ends:])
        if finished is None:
            return False
        self._cancel_body_timer()
        self._answered_at = self.loop.time()
        self.server_state.total_requests += 1
        self._write(finished, self.server_state.default_headers)
        return True

    def _is_ready(self) -> bool:
        """Whether the connection is idle after an answer, and goes on."""
        return (
            self.timeout_keep_alive_task is not None
            and not self._message_is_open
            and not self.flow.write_paused
            and not self._is_refused
            and not self.transport.is_closing()
        )

    def _hold(self, head: bytes) -> None:
        self._held = head
        self._body_timer = self.loop.call_later(_BODY_FOLLOWS_SECONDS, self._go_on)

    def _go_on(self) -> None:
        """Wait for a body no longer: let the parser have what came, and the application start."""
        held, self._held = self._held, b""
        if held:
            self._read(held)
        self._start()

    def _read(self, data: bytes) -> None:
        """Parse what has come, and start what it completes."""
        is_opening = not self._message_is_open
        self._whole_head = b"" if is_opening else self._whole_head
        self._is_parsing = True
        super().data_received(data)
        self._is_parsing = False
        if self._to_be_started is None:
            return
        cycle, _ = self._to_be_started
        if is_opening:
            self._whole_head = data[: len(data) - len(cycle.body)]
        if not self._waits_for_body(cycle):
            self._start()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Start the application; while what has come is being parsed, not before all of it has been."""
        self._running = cycle
        if self._is_parsing:
            self._to_be_started = (cycle, app)
        else:
            super()._start_asgi_task(cycle, app)

    def _waits_for_body(self, cycle: RequestResponseCycle) -> bool:
        if not cycle.more_body or cycle.waiting_for_100_continue or self._body_timer is not None or self._is_refused:
            return False
        scope: Any = cycle.scope
        if not self._app.at_once.awaits(scope):
            return False
        self._body_timer = self.loop.call_later(_BODY_FOLLOWS_SECONDS, self._start)
        return True

    def _start(self) -> None:
        """Answer the request that has come at once, or start the application."""
        self._cancel_body_timer()
        if self._to_be_started is None:
            return
        (cycle, app), self._to_be_started = self._to_be_started, None
        if not self._answer_at_once(cycle):
            super()._start_asgi_task(cycle, app)
        self._whole_head = b""  # it may hold an API key

    def _answer_at_once(self, cycle: RequestResponseCycle) -> bool:
        """Whether a request that came whole, and whose answer is an ordinary one, has been answered."""
        if (
            cycle.more_body
            or cycle.waiting_for_100_continue
            or not cycle.keep_alive
            or self.flow.write_paused
            or self.pipeline
            or self.transport.is_closing()
        ):
            return False
        scope: Any = cycle.scope
        asked = self._app.at_once.understood(scope)
        finished = None if asked is None else self._app.at_once.answer(asked, cycle.body)
        if asked is None or finished is None:
            return False
        self._know(asked, len(cycle.body))
        cycle.response_started = cycle.response_complete = True
        self._write(finished, cycle.default_headers)
        cycle.on_response()
        return True

    def _know(self, asked: Understood, length: int) -> None:
        """Keep the head, where the packet that it came in held nothing else but of a body as long as the head says."""
        head = self._whole_head
        is_announced = asked.headers.first(b"content-length") == b"%d" % length
        if is_announced and head.startswith(b"POST ") and head.find(END) == len(head) - len(END):
            self._app.known_heads.keep(head, KnownHead(asked, length))

    def _write(self, finished: Finished, servers: list[tuple[bytes, bytes]]) -> None:
        own = b"".join([b"%b: %b\r\n" % header for header in servers])
        self.transport.write(b"".join((_OK, own, finished.lines, b"\r\n", finished.content)))

    def _cancel_body_timer(self) -> None:
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None
