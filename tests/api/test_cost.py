"""What a request costs in calls of functions: the same on every machine, whatever its speed.

A bound here is what it was when it was set, and a tenth more. Who needs more says why, and raises it.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from uvicorn.server import ServerState

from adlrisk.api.app import create_app
from adlrisk.api.prompt import PromptProtocol
from adlrisk.api.server import server_config
from adlrisk.settings import Settings
from support.hostile.failure_cases import SCORE, WORKED
from support.running import WEDNESDAY
from support.sockets import HEAD


class Wire:
    """A transport that remembers what was written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)}.get(name, default)

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def calls_of(work: Callable[[], object]) -> int:
    """How many functions ``work`` calls, those of Python and those of C."""
    seen = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal seen
        seen += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return seen


def on_a_connection(work: Callable[[PromptProtocol, Wire], Awaitable[None]], *, log: Any) -> None:
    """Do ``work`` on a connection to a service whose log goes to ``log``."""

    async def connected() -> None:
        settings = Settings()
        app = create_app(settings, clock=lambda: WEDNESDAY, log=log)
        await app.service.start()
        config = server_config(app, host="127.0.0.1", port=0, settings=settings, log_config=None)
        config.load()
        protocol, wire = PromptProtocol(config, ServerState(), {}, asyncio.get_running_loop()), Wire()
        transport: Any = wire
        protocol.connection_made(transport)
        await work(protocol, wire)
        protocol.connection_lost(None)

    asyncio.run(connected())


def test_a_score_behind_a_known_head_takes_few_calls(tmp_path: Any) -> None:
    """From the packet to the answer, metrics and log line included."""

    async def work(protocol: PromptProtocol, wire: Wire) -> None:
        request = HEAD % (b"/score", len(SCORE)) + SCORE
        for _ in range(3):
            protocol.data_received(request)
            await asyncio.sleep(0.05)
        asked = len(wire.written)
        assert calls_of(lambda: protocol.data_received(request)) <= 190
        assert len(wire.written) == asked + 1
        assert wire.written[-1].startswith(b"HTTP/1.1 200 ")

    with (tmp_path / "log").open("w") as log:
        on_a_connection(work, log=log)


def test_an_item_of_a_batch_takes_few_calls(tmp_path: Any) -> None:
    """Each further item costs what a score costs, and little more."""

    async def work(protocol: PromptProtocol, wire: Wire) -> None:
        def request(count: int) -> bytes:
            body = msgspec.json.encode({"items": [{**WORKED, "symbol": None}] * count})
            return HEAD % (b"/scores", len(body)) + body

        calls = []
        for count in (10, 30):
            for _ in range(3):
                protocol.data_received(request(count))
                await asyncio.sleep(0.05)
            asked = len(wire.written)
            calls.append(calls_of(lambda count=count: protocol.data_received(request(count))))  # type: ignore[misc]
            assert len(wire.written) == asked + 1
        assert (calls[1] - calls[0]) / 20 <= 112

    with (tmp_path / "log").open("w") as log:
        on_a_connection(work, log=log)
