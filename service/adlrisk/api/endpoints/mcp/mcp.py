"""``POST /mcp``: the MCP server over HTTP, without sessions, within the limits of the service.

The SDK answers the protocol, one request at a time. It gets no socket: the service has admitted the request and read
its body by then, and each call of a tool is a call of the API in this process, with the caller's key and limits.
"""

from functools import partial
from typing import Final

from adlrisk.api.dispatch.endpoint import Answer, Body, Endpoint, PageCall, PageHandler, Reply
from adlrisk.api.http.accept import best_match
from adlrisk.api.http.codecs import JSON
from adlrisk.api.http.problems import ProblemError, encode_problem
from adlrisk.api.http.validation import decode_body
from adlrisk.mcp.local_answers import MEDIA_TYPE, ToolAnswer
from adlrisk.mcp.tools import Tool, VenueRequest

_OK: Final = 200
_DECODE_VENUE: Final = JSON.build_decoder(VenueRequest)


def build_endpoint() -> Endpoint:
    """The line of the route table.

    Raises:
        ModuleNotFoundError: the SDK is not installed.
    """
    from adlrisk.mcp.exchange import HEADERS, answer_message  # noqa: PLC0415 (the SDK, for who switches it on)

    async def render(call: PageCall) -> Reply:
        _reject_foreign_origin(call)
        if best_match(call.headers.joined(b"accept"), (MEDIA_TYPE,)) is None:
            raise ProblemError("not-acceptable", f"This is answered in {MEDIA_TYPE} only")
        headers = [(name, value) for name in HEADERS for value in call.headers.all(name)]
        answered = await answer_message(call.body, headers, answer=partial(_call_tool, call))
        return Reply(body=answered.content, status=answered.status, media_type=answered.media_type)

    return Endpoint(
        method="POST",
        path="/mcp",
        operation_id="callMcp",
        tag="Operations",
        summary="Tools for language models, by the Model Context Protocol",
        description="JSON-RPC 2.0, one request and one answer, no sessions and no streams.",
        handle=PageHandler(render=render),
        body=Body(
            type=None,
            limit=lambda context: context.settings.max_score_bytes,
            examples=(),
            media_types=(MEDIA_TYPE,),
        ),
        compresses=True,
        answers={200: Answer(description="What the protocol answers.", media_types=(MEDIA_TYPE,))},
    )


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
        detail = "Pages of this origin may not call /mcp; ADLRISK_CORS_ORIGINS lists those that may"
        raise ProblemError("foreign-origin", detail)
