"""The MCP server: the tools as the protocol has them, whatever answers them and however messages come."""

import json
from collections.abc import Awaitable, Callable
from functools import cache
from importlib.metadata import version
from typing import Any, Final

import mcp_types
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from adlrisk.mcp.local_answers import ToolAnswer
from adlrisk.mcp.schemas import build_input_schema, build_output_schema
from adlrisk.mcp.tools import INSTRUCTIONS, TOOLS, Tool

# The answer to a tool's arguments, which are JSON.
AnswerTool = Callable[[Tool, bytes], Awaitable[ToolAnswer]]

_BY_NAME: Final = {tool.name: tool for tool in TOOLS}
_LASTS: Final = CacheHint(ttl_ms=3_600_000, scope="public")  # the list is the same until another version runs


def build_server(answer: AnswerTool) -> Server[Any]:
    """A server whose tools are answered by ``answer``."""

    async def list_tools(_context: Any, _params: Any) -> mcp_types.ListToolsResult:
        return mcp_types.ListToolsResult(tools=list(describe_tools()))

    async def call_tool(
        _context: ServerRequestContext[Any], params: mcp_types.CallToolRequestParams
    ) -> mcp_types.CallToolResult:
        tool = _BY_NAME.get(params.name)
        if tool is None:
            names = ", ".join(_BY_NAME)
            raise MCPError(mcp_types.INVALID_PARAMS, f"There is no tool {params.name[:64]!r}; there are {names}")
        return build_result(await answer(tool, write_arguments(params.arguments)))

    server: Server[Any] = Server(
        "adlrisk",
        version=version("adlrisk"),
        title="adlrisk",
        description="ADL risk of perpetual-futures positions",
        instructions=INSTRUCTIONS,
        cache_hints={"tools/list": _LASTS},
        get_tool_input_schema=lambda _: None,  # no argument goes into a header, so none is to be compared
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    server.middleware.clear()  # that of OpenTelemetry, which the service does not use
    return server


@cache
def describe_tools() -> tuple[mcp_types.Tool, ...]:
    """The tools as they are listed: all only read, and give the same answer to the same arguments."""
    annotations = mcp_types.ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    return tuple(
        mcp_types.Tool(
            name=tool.name,
            title=tool.title,
            description=tool.text,
            input_schema=build_input_schema(tool.request, without=tool.without),
            output_schema=build_output_schema(tool.answer, depth=tool.depth),
            annotations=annotations,
        )
        for tool in TOOLS
    )


def write_arguments(arguments: dict[str, Any] | None) -> bytes:
    """The arguments of a call as the body of a request to the API, in JSON."""
    return json.dumps(arguments or {}, separators=(",", ":")).encode()


def build_result(answer: ToolAnswer) -> mcp_types.CallToolResult:
    """The result of a call: the API's answer, or its problem with the words and pointers it has."""
    content = json.loads(answer.content)
    text = _describe_problem(content) if answer.is_problem else answer.content.decode()
    return mcp_types.CallToolResult(
        content=[mcp_types.TextContent(type="text", text=text)],
        structured_content=content,
        is_error=answer.is_problem,
    )


def _describe_problem(problem: dict[str, Any]) -> str:
    lines = [f"{problem['title']}: {problem['detail']}"]
    if len(problem.get("errors", ())) > 1:  # one is in the detail
        lines += [f"- {error['pointer'] or 'the arguments'}: {error['detail']}" for error in problem.get("errors", ())]
    return "\n".join(lines)
