"""``adlrisk mcp``: the MCP server on standard input and output, without a service."""

import itertools

import anyio
from anyio import CapacityLimiter, to_thread
from mcp.server.stdio import stdio_server

from adlrisk.api.bulk.job import BookLimits
from adlrisk.configured_catalogue import load_configured_catalogue
from adlrisk.mcp.local_answers import LocalAnswers, ToolAnswer
from adlrisk.mcp.server import build_server
from adlrisk.mcp.tools import Tool
from adlrisk.settings import Settings


def serve(settings: Settings) -> None:
    """Answer until standard input ends.

    Raises:
        SettingsError: a rule card cannot be used.
    """
    answers = LocalAnswers(
        load_configured_catalogue(settings.cards_dir),
        limits=BookLimits(max_positions=settings.max_positions, max_answer_bytes=settings.max_answer_bytes),
        max_bytes=settings.max_book_bytes,
        seconds=settings.book_timeout_seconds,
    )
    anyio.run(_serve, answers)


async def _serve(answers: LocalAnswers) -> None:
    one_at_a_time, numbers = CapacityLimiter(1), itertools.count(1)

    async def answer(tool: Tool, arguments: bytes) -> ToolAnswer:
        """In a thread, so that pings are answered meanwhile."""
        request_id = f"mcp-{next(numbers)}"
        return await to_thread.run_sync(
            lambda: answers.answer(tool, arguments, request_id=request_id), limiter=one_at_a_time
        )

    server = build_server(answer)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
