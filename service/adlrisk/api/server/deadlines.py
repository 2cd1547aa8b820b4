"""Deadlines of a connection: how long it waits to receive a head or a body, and to write an answer.

By default uvicorn waits forever for the rest of a head and for a client that does not read.
"""

import weakref
from typing import TYPE_CHECKING, Final

from adlrisk.api.http.problems import ProblemError

if TYPE_CHECKING:
    import asyncio

    from adlrisk.api.server.connection import Connection
    from adlrisk.api.server.ending import Lingering

_MIN_DRAINED_BYTES: Final = 256 << 10  # of an answer in the time a body may take; a client that takes less is cut off
BRIEF_SECONDS: Final = 1.0  # for the head of a probe or of a connection beyond the limit, and to read a refusal
_SILENCE_SECONDS: Final = 2.0  # after which a client that is sent an answer early has stopped sending


class Deadlines:
    """The timers of one connection."""

    def __init__(self, connection: "Connection") -> None:
        self._connection: Connection = weakref.proxy(connection)  # a closed connection is freed at once
        self._receive_timer: asyncio.TimerHandle | None = None  # for a head
        self._write_timer: asyncio.TimerHandle | None = None  # for a part of an answer to be read
        self._linger_timer: asyncio.TimerHandle | None = None  # before a lingering connection is closed

    @property
    def _head_seconds(self) -> float:
        longest: float = self._connection.settings.head_timeout_seconds
        return min(longest, BRIEF_SECONDS) if self._connection.is_brief else longest

    def start_receive_timer(self) -> None:
        """Give the client a time to send what is awaited, which does not start anew with every byte of it."""
        connection, progress = self._connection, self._connection.progress
        if connection.is_answering and not progress.in_head:
            self.stop_receive_timer()
        elif self._receive_timer is None and connection.timeout_keep_alive_task is None:
            self._receive_timer = connection.loop.call_later(self._head_seconds, self._on_receive_timeout)

    def stop_receive_timer(self) -> None:
        """Nothing is awaited."""
        if self._receive_timer is not None:
            self._receive_timer.cancel()
            self._receive_timer = None

    def start_write_timer(self) -> None:
        """Give the client a time to read a part of what is buffered."""
        if self._write_timer is None:
            connection = self._connection
            buffered = connection.transport.get_write_buffer_size()
            seconds = connection.settings.body_timeout_seconds
            self._write_timer = connection.loop.call_later(seconds, self._on_write_timeout, buffered)

    def stop_write_timer(self) -> None:
        """The client has caught up."""
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def linger(self, lingering: "Lingering", seconds: float) -> None:
        """Close the connection after this time, or once its client has been silent for a while."""
        if self._linger_timer is not None:
            self._linger_timer.cancel()
        loop, left = self._connection.loop, lingering.bytes_left
        self._linger_timer = loop.call_later(
            min(seconds, _SILENCE_SECONDS), self._on_linger_timeout, lingering, left, seconds - _SILENCE_SECONDS
        )

    def cancel(self) -> None:
        """Stop all timers."""
        for timer in (self._receive_timer, self._write_timer, self._linger_timer):
            if timer is not None:
                timer.cancel()

    def _on_receive_timeout(self) -> None:
        self._receive_timer = None
        connection = self._connection
        if connection.transport.is_closing() or connection.is_ending:
            return
        if connection.is_answering:
            self.start_receive_timer()
        elif connection.progress.in_head:
            detail = f"Request line and headers did not arrive within {self._head_seconds:g} seconds"
            connection.refuse(ProblemError("head-too-slow", detail))
        else:
            connection.close()

    def _on_linger_timeout(self, lingering: "Lingering", left: int, seconds: float) -> None:
        if lingering.bytes_left == left or seconds <= 0.0:
            self._connection.close()
        else:
            self.linger(lingering, seconds)

    def _on_write_timeout(self, buffered: int) -> None:
        """Cut off a client that has read too little."""
        self._write_timer = None
        transport = self._connection.transport
        if buffered - transport.get_write_buffer_size() < min(buffered, _MIN_DRAINED_BYTES):
            transport.abort()
        else:
            self.start_write_timer()
