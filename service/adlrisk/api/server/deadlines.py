"""Deadlines of a connection: how long it waits for its client to send a head or a body, and to read an answer.

uvicorn by itself waits for ever for the rest of a head and for a client that does not read.
"""

import weakref
from typing import TYPE_CHECKING, Final

from adlrisk.api.http.problems import ProblemError

if TYPE_CHECKING:
    import asyncio

    from adlrisk.api.server.connection import Connection

_LEAST_TAKEN: Final = 256 << 10  # bytes of an answer in the time a body may take; who takes less is cut off
_LINGER_SECONDS: Final = 1.0  # lets a client that is still sending read the refusal


class Deadlines:
    """The timers of one connection."""

    def __init__(self, connection: "Connection") -> None:
        self._connection: Connection = weakref.proxy(connection)  # a closed connection is freed at once
        self._sending: asyncio.TimerHandle | None = None  # until the client has sent a head or the rest of a body
        self._reading: asyncio.TimerHandle | None = None  # until the client has read a part of an answer
        self._lingering: asyncio.TimerHandle | None = None  # until a refused connection is closed

    def watch_sending(self) -> None:
        """Give the client a time to send what is awaited, which does not start anew with every byte of it."""
        connection, progress = self._connection, self._connection.progress
        if connection.is_answering and not progress.in_head:
            self.stop_sending()
        elif self._sending is None and connection.timeout_keep_alive_task is None:
            is_rest = progress.is_open and not progress.in_head  # of a body whose request is answered already
            settings = connection.settings
            seconds = settings.body_timeout_seconds if is_rest else settings.head_timeout_seconds
            self._sending = connection.loop.call_later(seconds, self._sent_too_slowly)

    def stop_sending(self) -> None:
        """Nothing is awaited."""
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def watch_reading(self) -> None:
        """Give the client a time to read a part of what is buffered."""
        if self._reading is None:
            connection = self._connection
            buffered = connection.transport.get_write_buffer_size()
            seconds = connection.settings.body_timeout_seconds
            self._reading = connection.loop.call_later(seconds, self._check_reading, buffered)

    def stop_reading(self) -> None:
        """The client has caught up."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def linger(self) -> None:
        """Close the connection in a moment."""
        self._lingering = self._connection.loop.call_later(_LINGER_SECONDS, self._connection.close)

    def cancel(self) -> None:
        """Stop all timers."""
        for timer in (self._sending, self._reading, self._lingering):
            if timer is not None:
                timer.cancel()

    def _sent_too_slowly(self) -> None:
        self._sending = None
        connection = self._connection
        if connection.transport.is_closing() or connection.is_refused:
            return
        if connection.is_answering:
            self.watch_sending()
        elif connection.progress.in_head:
            seconds = connection.settings.head_timeout_seconds
            detail = f"Request line and headers did not arrive within {seconds:g} seconds"
            connection.refuse(ProblemError("head-too-slow", detail))
        else:
            connection.close()

    def _check_reading(self, buffered: int) -> None:
        """Cut off a client that has read too little."""
        self._reading = None
        transport = self._connection.transport
        if buffered - transport.get_write_buffer_size() < min(buffered, _LEAST_TAKEN):
            transport.abort()
        else:
            self.watch_reading()
