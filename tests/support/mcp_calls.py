"""The official MCP client, for tests: the program on standard streams, and a server over HTTP."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import httpx2
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from support.running import ROOT

T = TypeVar("T")
Work = Callable[[Client], Awaitable[T]]

MODERN, HANDSHAKE = "2026-07-28", "2025-11-25"


def use_program(
    work: Work[T], *, mode: str = "auto", environ: Mapping[str, str] | None = None, hidden: tuple[str, ...] = ()
) -> T:
    """What ``work`` returns with a client of `adlrisk mcp`, which finds no packages that are ``hidden``."""
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({hidden})); sys.argv[1:] = ['mcp']; "
        "from adlrisk.__main__ import main; main()"
    )
    program = StdioServerParameters(
        command=sys.executable,
        args=["-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "service"), **(environ or {})},
    )

    async def run() -> T:
        async with Client(stdio_client(program), mode=mode) as client:
            return await work(client)

    return asyncio.run(run())


def use_url(url: str, work: Work[T], *, mode: str = "auto", headers: Mapping[str, str] | None = None) -> T:
    """What ``work`` returns with a client of `/mcp`."""

    async def run() -> T:
        async with (
            httpx2.AsyncClient(headers=dict(headers or {}), timeout=30) as http,
            Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
        ):
            return await work(client)

    return asyncio.run(run())


def told(result: Any) -> Any:
    """The structured content of a result, without the names of its request and the age of facts."""
    content = dict(result.structured_content)
    content.pop("instance", None)
    return content
