"""Responses on their way out: the one function that sends them, and what every one of them gets."""

import asyncio
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from litestar.types import Message, Send
from msgspec import Struct

from adlrisk.api.http.body import ClientDisconnectedError

NEGOTIATED: Final = {"vary": "accept"}  # in answers that come in the format that was asked for
# An answer is data of one caller: no browser shall show it as a page, frame it, guess its type or keep it.
SAFE_HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)

_WITHOUT_CONTENT: Final = (204, 304)  # RFC 9110, sections 8.6 and 15.4.5: they would be of another answer
_JOINED_BYTES: Final = 4 << 20  # more than the answer to any batch without a slot
_PART_BYTES: Final = 1 << 20
_TIMES_AS_LONG: Final = 10  # a client has for all of a large answer, however fast it takes each piece
_NOTHING_SENT: Final = 500
_CUT_OFF: Final = 499  # the convention of nginx for a client that went away: the answer did not arrive whole


class EncodedResponse(Struct, frozen=True, kw_only=True):
    """A response as it goes out."""

    media_type: str
    status: int = 200
    headers: Mapping[str, str] = {}
    pieces: list[bytes]


async def send_response(response: EncodedResponse, send: Send) -> None:
    """Send a response a megabyte at a time, each piece released when it has been sent; a small one at once."""
    pieces = response.pieces
    length = sum(map(len, pieces))
    named = dict(response.headers)
    if response.status not in _WITHOUT_CONTENT:
        named |= {"content-type": response.media_type, "content-length": str(length)}
    headers = [(name.encode(), value.encode()) for name, value in named.items()]
    start: Any = {"type": "http.response.start", "status": response.status, "headers": headers}
    await send(start)
    if length <= _JOINED_BYTES:
        await send(_body(b"".join(pieces), more=False))
        return
    pieces.reverse()
    while pieces:
        # The server keeps what it is given until the client has read it, and waits before it takes more. Given all at
        # once, the answer would be kept for a client that reads nothing, while its slot is free for the next.
        piece = pieces.pop()
        for start in range(0, max(len(piece), 1), _PART_BYTES):
            end = start + _PART_BYTES
            await send(_body(piece[start:end], more=bool(pieces) or end < len(piece)))


class ResponseSender:
    """ASGI's ``send`` of one request: adds the headers of every response, and drops the body of a HEAD's."""

    def __init__(
        self,
        send: Send,
        *,
        headers: list[tuple[bytes, bytes]],
        request_id: str,
        is_head: bool,
        timeout_seconds: float,
        is_last: Callable[[], bool],
    ) -> None:
        """``headers`` are added to ``SAFE_HEADERS``; ``is_last`` tells whether to close the connection afterwards.

        A client has ``timeout_seconds`` to take each piece of a large answer, and ten times as long for all of it.
        """
        self._send = send
        self._headers = headers
        self._is_last = is_last
        self._patience = timeout_seconds
        self._ends_at = math.inf
        self._request_id = request_id.encode()
        self._is_head = is_head
        self.status = _NOTHING_SENT
        self.size = 0
        self.has_started = False

    @property
    def is_cut_off(self) -> bool:
        """Whether the client did not take the whole response."""
        return self.status == _CUT_OFF

    def cut_off(self) -> None:
        """Note that the client did not take the whole response."""
        self.status = _CUT_OFF

    async def send(self, message: Message) -> None:
        """Pass a message on.

        Raises:
            ClientDisconnectedError: the client does not take a piece of a large answer.
        """
        if message["type"] == "http.response.start":
            self.has_started = True
            self._ends_at = asyncio.get_running_loop().time() + _TIMES_AS_LONG * self._patience
            self.status = message["status"]
            message = {**message, "headers": self._complete([*message["headers"]])}
        elif message["type"] == "http.response.body":
            if self._is_head:
                message = {**message, "body": b""}
            self.size += len(message["body"])
        if not message.get("more_body"):
            await self._send(message)
            return
        try:
            async with asyncio.timeout(min(self._patience, self._ends_at - asyncio.get_running_loop().time())):
                await self._send(message)
        except TimeoutError as error:  # a client that does not take the answer must not keep it in memory
            self.cut_off()
            raise ClientDisconnectedError from error

    def _complete(self, own: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        own.append((b"x-request-id", self._request_id))
        named = {name for name, _ in own}
        headers = [*own, *(header for header in SAFE_HEADERS if header[0] not in named), *self._headers]
        if self._is_last() and b"connection" not in named:  # clients with open connections do not look at readiness
            headers.append((b"connection", b"close"))
        return headers


def _body(piece: bytes, *, more: bool) -> Any:
    return {"type": "http.response.body", "body": piece, "more_body": more}
