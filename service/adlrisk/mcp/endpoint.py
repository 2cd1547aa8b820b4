"""``POST /mcp``: the MCP server over HTTP, without sessions, within the limits of the service.

The SDK answers the protocol, one request at a time. It gets no socket: the service has admitted the request and read
its body by then, and each call of a tool is a call of the API in this process, with the caller's key and limits.
"""

import asyncio
from functools import partial
from typing import Any, Final

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from adlrisk.api.dispatch.endpoint import Answer, Body, Endpoint, PageCall, PageHandler, Reply
from adlrisk.api.http.accept import best_match
from adlrisk.api.http.codecs import JSON
from adlrisk.api.http.problems import ProblemError, encode_problem
from adlrisk.api.http.validation import decode_body
from adlrisk.mcp.local_answers import MEDIA_TYPE, ToolAnswer
from adlrisk.mcp.server import build_server
from adlrisk.mcp.tools import Tool, VenueRequest

_OK: Final = 200
_DECODE_VENUE: Final = JSON.build_decoder(VenueRequest)
# What the protocol says in headers; it must agree with the body.
_OF_PROTOCOL: Final = (b"mcp-method", b"mcp-name", b"mcp-protocol-version")


async def _answer(call: PageCall) -> Reply:
    _reject_foreign_origin(call)
    if best_match(call.headers.joined(b"accept"), (MEDIA_TYPE,)) is None:
        raise ProblemError("not-acceptable", f"This is answered in {MEDIA_TYPE} only")
    manager = StreamableHTTPSessionManager(
        build_server(partial(_call_tool, call)),
        json_response=True,
        stateless=True,
        max_request_body_size=len(call.body) + 1,  # the service's own limit has been kept
    )
    exchange = _Exchange(call)
    async with manager.run():
        await manager.handle_request(exchange.scope, exchange.receive, exchange.send)
    return exchange.reply()


async def _call_tool(call: PageCall, tool: Tool, arguments: bytes) -> ToolAnswer:
    if tool.request is VenueRequest:  # its operation has the venue in its path
        try:
            request: VenueRequest = decode_body(_DECODE_VENUE, arguments)
        except ProblemError as error:
            return ToolAnswer(is_problem=True, content=encode_problem(error, request_id=call.request_id))
        found = await call.call_api(tool.operation, path={"venue": request.venue})
    else:
        found = await call.call_api(tool.operation, body=arguments)
    return ToolAnswer(is_problem=found.status != _OK, content=found.content)


def _reject_foreign_origin(call: PageCall) -> None:
    """Reject requests from pages of other sites, which a browser names in `Origin`, as the protocol demands.

    The service's own host is no exception: to a browser whose DNS was rebound, every site has it.

    Raises:
        ProblemError: it is from a site that the operators have not listed (403).
    """
    origin, allowed = call.headers.text(b"origin"), call.context.settings.cors_origins.replace(",", " ").split()
    if origin and "*" not in allowed and origin.lower() not in map(str.lower, allowed):
        raise ProblemError(
            "foreign-origin", "Pages of this origin may not call /mcp; ADLRISK_CORS_ORIGINS lists those that may"
        )


class _Exchange:
    """One request of the SDK's application and its response, in memory."""

    def __init__(self, call: PageCall) -> None:
        headers = [(name, value) for name in _OF_PROTOCOL for value in call.headers.all(name)]
        headers += [
            (b"accept", b"application/json, text/event-stream"),
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", b"%d" % len(call.body)),
        ]
        self.scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": call.scheme,
            "path": call.address,
            "raw_path": call.address.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": headers,
            "client": None,
            "server": None,
        }
        self._incoming: list[Any] = [{"type": "http.request", "body": call.body, "more_body": False}]
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

    def reply(self) -> Reply:
        """The response."""
        return Reply(body=b"".join(self._pieces), status=self._status, media_type=self._media_type)


MCP: Final = Endpoint(
    method="POST",
    path="/mcp",
    operation_id="callMcp",
    tag="Operations",
    summary="Tools for language models, by the Model Context Protocol",
    description="JSON-RPC 2.0, one request and one answer, no sessions and no streams.",
    handle=PageHandler(render=_answer),
    body=Body(
        type=None,
        limit=lambda context: context.settings.max_score_bytes,
        examples=(),
        media_types=(MEDIA_TYPE,),
    ),
    compresses=True,
    answers={200: Answer(description="What the protocol answers.", media_types=(MEDIA_TYPE,))},
)
