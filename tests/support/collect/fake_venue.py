"""A venue on loopback: it answers over HTTP and web sockets with made-up data in the documented shapes, or fails.

``answers`` holds what it says, by path (with ``?key=value`` behind it where the answer depends on that); tests change
it as they please. It runs in a thread of its own, so that one under test may be a process or an event loop.
"""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import WSMsgType, web

_ENDS_WITHIN_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Now:
    """Stands in an answer for the time of asking, in milliseconds."""

    seconds: float = 0.0  # from now
    text: bool = False  # as OKX and Bybit mostly write it

    def written(self) -> int | str:
        milliseconds = round((time.time() + self.seconds) * 1000.0)
        return str(milliseconds) if self.text else milliseconds


@dataclass(frozen=True)
class Fault:
    """What goes wrong in place of an answer."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    stall: bool = False  # accept, and never answer
    cut: bool = False  # break off in the middle of the answer


TOO_OFTEN: Final = Fault(status=429, body="{}", headers={"Retry-After": "7"})
BANNED: Final = Fault(status=418, body="{}", headers={"Retry-After": "120"})
BROKEN: Final = Fault(status=500, body="{}")
OVERLOADED: Final = Fault(status=503, body="busy", headers={"Retry-After": "3"}, content_type="text/plain")
MAINTENANCE: Final = Fault(body="<!DOCTYPE html><title>We will be back</title>", content_type="text/html")
GATEWAY: Final = Fault(status=502, body="<html>Bad gateway</html>", content_type="text/html")
FORBIDDEN: Final = Fault(status=401, body="{}")
GARBAGE: Final = Fault(body='{"price": 60000.0, "ti')
NOT_JSON: Final = Fault(body="\x00\x01 what?")
EMPTY: Final = Fault(body="")
STALL: Final = Fault(stall=True)
CUT: Final = Fault(cut=True)


class FakeVenue:
    """A venue; its own class says what it answers."""

    venue = ""  # of the catalogue
    stream_path = ""  # what the path of its web socket holds

    def __init__(self) -> None:
        self.answers: dict[str, Any] = self.says()
        self.faults: dict[str, Fault] = {}  # by path, as in ``answers``; "*" for all
        self.asked: list[str] = []  # paths, with their parameters
        self.subscribed = threading.Event()
        self.deaf = False  # web sockets stay open, and nothing comes back, not even a pong
        self._sockets: set[web.WebSocketResponse] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._started = threading.Event()
        self._ending: asyncio.Event | None = None

    def says(self) -> dict[str, Any]:
        raise NotImplementedError

    def reply(self, heard: Any) -> list[Any]:
        """What it sends back to a message over a web socket."""
        raise NotImplementedError

    def liquidation(self, *, side: str, price: str, size: str, at: Any) -> Any:
        """Its message about a liquidated position of ``side`` in its first contract."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def tell(self, message: Any) -> None:
        """Send a message over all web sockets."""
        asyncio.run_coroutine_threadsafe(self._tell(_written(message)), self._loop).result(_ENDS_WITHIN_SECONDS)

    def begin_anew(self) -> None:
        """Answer as at the beginning, with nothing asked yet and nobody listening."""
        self.hang_up()
        self.answers, self.faults, self.deaf = self.says(), {}, False
        self.asked.clear()
        self.subscribed.clear()

    def hang_up(self) -> None:
        """Cut all web sockets."""
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(_ENDS_WITHIN_SECONDS)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(_ENDS_WITHIN_SECONDS), "the fake venue did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._ending is not None
        self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(_ENDS_WITHIN_SECONDS)
        assert not self._thread.is_alive(), "the fake venue did not end"

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._ending = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port: int = runner.addresses[0][1]
        self._started.set()
        await self._ending.wait()
        await self._hang_up()
        await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._stream(request)
        posted = json.loads(await request.text()) if request.method == "POST" else {}
        path = posted.pop("type", request.path)
        params = {**request.query, **{key: str(value) for key, value in posted.items()}}
        self.asked.append(f"{path}?{'&'.join(f'{key}={value}' for key, value in sorted(params.items()))}")
        fault = self.faults.get("*") or _matching(self.faults, path, params)
        if fault is not None:
            return await self._fail(request, fault)
        answer = _matching(self.answers, path, params)
        if answer is None:
            return web.Response(status=404, text="no such endpoint")
        return web.json_response(_written(answer))

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.stall:
            assert self._ending is not None
            await self._ending.wait()
        if fault.cut:
            response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
            await response.prepare(request)
            await response.write(b'{"code": "0", "data": [')
            assert request.transport is not None
            request.transport.abort()
            return response
        return web.Response(
            status=fault.status, body=fault.body.encode(), headers=fault.headers, content_type=fault.content_type
        )

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if self.stream_path not in request.path:
            return web.Response(status=404)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            async for message in socket:
                if self.deaf:
                    continue
                if message.type == WSMsgType.PING:
                    await socket.pong(message.data)
                elif message.type == WSMsgType.TEXT:
                    await self._answer(socket, message.data)
        finally:
            self._sockets.discard(socket)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, text: str) -> None:
        heard = text if text == "ping" else json.loads(text)
        for reply in self.reply(heard):
            await socket.send_str(reply if isinstance(reply, str) else json.dumps(reply))
        if "subscribe" in text.lower():
            self.subscribed.set()

    async def _tell(self, message: Any) -> None:
        for socket in tuple(self._sockets):
            await socket.send_str(json.dumps(message))

    async def _hang_up(self) -> None:
        for socket in tuple(self._sockets):
            with contextlib.suppress(ConnectionError):
                await socket.close()


def _matching(keyed: Mapping[str, Any], path: str, params: Mapping[str, str]) -> Any:
    """What is under the path and most of the parameters."""
    best, found = -1, None
    for key, value in keyed.items():
        at, _, wanted = key.partition("?")
        conditions = dict(condition.split("=") for condition in wanted.split("&")) if wanted else {}
        if at == path and len(conditions) > best and conditions.items() <= params.items():
            best, found = len(conditions), value
    return found


def _written(answer: Any) -> Any:
    if isinstance(answer, Now):
        return answer.written()
    if isinstance(answer, dict):
        return {key: _written(value) for key, value in answer.items()}
    return [_written(value) for value in answer] if isinstance(answer, list) else answer
