"""The official MCP client, for tests: the program on standard streams, and a server over HTTP."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
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
    program = _describe_program(environ or {}, hidden)

    async def run() -> T:
        async with Client(stdio_client(program), mode=mode) as client:
            return await work(client)

    return asyncio.run(run())


def _describe_program(environ: Mapping[str, str], hidden: tuple[str, ...]) -> StdioServerParameters:
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({hidden})); sys.argv[1:] = ['mcp']; "
        "from adlrisk.__main__ import main; main()"
    )
    return StdioServerParameters(
        command=sys.executable,
        args=["-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT / "service"), **environ},
    )


@contextlib.contextmanager
def one_program() -> Iterator[Callable[..., Any]]:
    """What runs some work with a client of `adlrisk mcp`, all of it with one process, which takes a second to start.

    Work with options gets a process of its own.
    """
    calls = Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, Client]]()

    async def keep() -> None:
        ended = asyncio.Event()
        async with Client(stdio_client(_describe_program({}, ())), mode="auto") as client:
            calls.set_result((asyncio.get_running_loop(), ended, client))
            await ended.wait()

    def fail_if_it_ended(ran: Future[None]) -> None:
        if not calls.done():
            calls.set_exception(ran.exception() or EOFError())

    with ThreadPoolExecutor(1) as thread:
        kept = thread.submit(asyncio.run, keep())
        kept.add_done_callback(fail_if_it_ended)
        loop, ended, client = calls.result(timeout=60)

        def use(work: Work[T], **options: Any) -> T:
            if options:
                return use_program(work, **options)
            return asyncio.run_coroutine_threadsafe(_await(work, client), loop).result(timeout=60)

        yield use
        loop.call_soon_threadsafe(ended.set)
        kept.result(timeout=60)


async def _await(work: Work[T], client: Client) -> T:
    return await work(client)


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
