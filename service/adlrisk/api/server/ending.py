"""The end of a connection whose client may still be sending: what it sends is dropped, so that it can read the answer.

Closing while something is unread resets the connection, and a reset may destroy the answer on its way. So the server
closes its own side first, and lingers until the client has closed the other.
"""

import asyncio
import weakref
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from adlrisk.api.dispatch.context import AppContext
from adlrisk.api.dispatch.errors import problem_response
from adlrisk.api.http.problems import ProblemError

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from adlrisk.api.server.connection import Connection

_PAUSE_SECONDS: Final = 0.005  # between two reads of up to 256 KiB: 50 MB/s, and no more than 200 callbacks a second

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Lingering(asyncio.Protocol):
    """The protocol of a connection that reads no more: drops what comes, up to a number of bytes, at a limited pace."""

    def __init__(self, connection: "Connection", *, max_bytes: int) -> None:
        self._connection = connection
        self._transport = connection.transport
        self.bytes_left = max_bytes
        self.has_answered = False  # whether the last answer has been written
        self._resume_timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """The last answer has been written: end this side, and wait for the client to end the other."""
        self.has_answered = True
        if self.bytes_left < 0:
            self._connection.close()
        else:
            self._transport.write_eof()

    def data_received(self, data: bytes) -> None:
        """Drop what has come; beyond the limit read no more, and close once all is answered."""
        self.bytes_left -= len(data)
        self._transport.pause_reading()
        if self.bytes_left >= 0:
            self._resume_timer = self._connection.loop.call_later(_PAUSE_SECONDS, self._transport.resume_reading)
        elif self.has_answered:
            self._connection.close()

    def eof_received(self) -> bool:
        """The client has closed its side."""
        return self._connection.eof_received()

    def pause_writing(self) -> None:
        """The client does not read."""
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        """The client reads again."""
        self._connection.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        if self._resume_timer is not None:
            self._resume_timer.cancel()
        self._connection.connection_lost(exc)


class OpenTransport:
    """The transport as the last request of a connection sees it: uvicorn's ``close`` after its answer lingers first."""

    def __init__(self, connection: "Connection") -> None:
        self._connection: Connection = weakref.proxy(connection)  # a closed connection is freed at once
        self.write = connection.transport.write
        self.is_closing = connection.transport.is_closing

    def close(self) -> None:
        """Let the connection end."""
        self._connection.linger()


def write_refusal(error: ProblemError, context: AppContext, transport: asyncio.Transport) -> None:
    """Answer what cannot become a request."""
    request_id = context.access_log.new_request_id()
    response = problem_response(error, context, request_id=request_id)
    context.access_log.record(request_id=request_id, route="unmatched", method="other", status=error.status)
    content = b"".join(response.pieces)
    headers = {"content-type": response.media_type, "content-length": str(len(content)), "x-request-id": request_id}
    headers |= {**response.headers, "connection": "close"}
    lines = [f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}", *map(": ".join, headers.items()), "", ""]
    transport.write("\r\n".join(lines).encode() + content)


def ending_early(app: Application, cycle: "RequestResponseCycle", connection: "Connection") -> Application:
    """The application for a request whose body is incomplete: one answered before it is complete is the last."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        async def send_last(message: Any) -> None:
            if cycle.more_body and not cycle.response_started and not cycle.disconnected:
                connection.end_after(cycle)
            await send(message)

        await app(scope, receive, send_last)

    return answer
