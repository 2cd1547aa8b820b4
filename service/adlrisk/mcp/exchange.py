"""One message of a client and its answer, over HTTP without a socket: the SDK's application in memory."""

import asyncio
from typing import Any, Final, NamedTuple

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from adlrisk.mcp.local_answers import MEDIA_TYPE
from adlrisk.mcp.server import AnswerTool, build_server

# What the protocol says in headers; it must agree with the body.
HEADERS: Final = (b"mcp-method", b"mcp-name", b"mcp-protocol-version")


class Answered(NamedTuple):
    """The response of the protocol."""

    status: int
    media_type: str
    content: bytes


async def answer_message(body: bytes, headers: list[tuple[bytes, bytes]], *, answer: AnswerTool) -> Answered:
    """The response to a message; ``headers`` are those of the protocol. Nothing of it outlives the message."""
    manager = StreamableHTTPSessionManager(
        build_server(answer),
        json_response=True,
        stateless=True,
        max_request_body_size=len(body) + 1,  # whoever has read it has limited it
    )
    exchange = _Exchange(body, headers)
    async with manager.run():
        await manager.handle_request(exchange.scope, exchange.receive, exchange.send)
    return exchange.answered()


class _Exchange:
    """A request of the SDK's application, and its response."""

    def __init__(self, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        self.scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/mcp",
            "raw_path": b"/mcp",
            "root_path": "",
            "query_string": b"",
            "headers": [
                *headers,
                (b"accept", b"application/json, text/event-stream"),
                (b"content-type", MEDIA_TYPE.encode()),
                (b"content-length", b"%d" % len(body)),
            ],
            "client": None,
            "server": None,
        }
        self._incoming: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]
        self._status = 0
        self._media_type = MEDIA_TYPE
        self._pieces: list[bytes] = []

    async def receive(self) -> Any:
        """The body, then nothing more."""
        if self._incoming:
            return self._incoming.pop()
        return await asyncio.get_running_loop().create_future()  # that the client goes away, the service hears

    async def send(self, message: Any) -> None:
        """Take a part of the response."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._media_type = dict(message["headers"]).get(b"content-type", MEDIA_TYPE.encode()).decode()
        else:
            self._pieces.append(message.get("body", b""))

    def answered(self) -> Answered:
        """The response."""
        return Answered(self._status, self._media_type, b"".join(self._pieces))
