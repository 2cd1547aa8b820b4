"""Unread answers: what clients have asked for and do not read, bounded in bytes over all connections.

An answer waits in memory until its client has read it. Large ones are bounded by slots, but small ones are many.
"""

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio

    from adlrisk.api.server.connection import Connection

UNCOUNTED_BYTES: Final = 16 << 10  # of a connection: most answers are smaller
_UNSENT_BYTES: Final = 128 << 10  # that the system keeps of a connection, beside what is on its way


def keep_unread_here(transport: "asyncio.Transport") -> None:
    """Have what a client does not read wait in this process, where it is counted, rather than in the system's buffers.

    Those grow to megabytes for each connection, and count as the container's memory too.
    """
    transport.set_write_buffer_limits(high=UNCOUNTED_BYTES)
    connected = transport.get_extra_info("socket")
    if connected is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):  # Linux and macOS have it
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)


class UnreadAnswers:
    """The connections whose clients do not keep up; beyond the bound the longest-waiting are cut off."""

    def __init__(self, max_bytes: int, *, on_cut_off: Callable[[], None]) -> None:
        self._max_bytes = max_bytes
        self._on_cut_off = on_cut_off
        self._sizes: dict[Connection, int] = {}  # longest waiting first
        self._total = 0

    def add(self, connection: "Connection") -> None:
        """Count what ``connection`` has not sent yet, which only becomes less until it is discarded."""
        size = self._sizes[connection] = connection.transport.get_write_buffer_size()
        self._total += size
        while self._total > self._max_bytes:
            longest = next(iter(self._sizes))
            self.discard(longest)
            longest.transport.abort()
            self._on_cut_off()

    def discard(self, connection: "Connection") -> None:
        """Its client has caught up, or is gone."""
        self._total -= self._sizes.pop(connection, 0)
