"""The base of the fake venues: HTTP and web sockets on loopback, with made-up answers in documented shapes, or faults.

``answers`` holds the answers by path, followed by ``?key=value`` where they depend on parameters; tests may change it.
It runs in a thread of its own, so that the code under test may be a process or an event loop.
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

_TIMEOUT_SECONDS: Final = 60.0  # on a busy machine


@dataclass(frozen=True)
class Now:
    """A placeholder in an answer for the time of the request."""

    seconds: float = 0.0  # from now
    text: bool = False  # as OKX and Bybit mostly send it
    unit: float = 0.001  # milliseconds, in seconds

    def to_timestamp(self) -> int | str:
        timestamp = round((time.time() + self.seconds) / self.unit)
        return str(timestamp) if self.text else timestamp


@dataclass(frozen=True)
class Fault:
    """A fault in place of an answer."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    stall: bool = False  # accept the request and never answer
    cut: bool = False  # disconnect in the middle of the answer


RATE_LIMITED: Final = Fault(status=429, body="{}", headers={"Retry-After": "7"})
BANNED: Final = Fault(status=418, body="{}", headers={"Retry-After": "120"})
BROKEN: Final = Fault(status=500, body="{}")
OVERLOADED: Final = Fault(status=503, body="busy", headers={"Retry-After": "3"}, content_type="text/plain")
MAINTENANCE: Final = Fault(body="<!DOCTYPE html><title>We will be back</title>", content_type="text/html")
BAD_GATEWAY: Final = Fault(status=502, body="<html>Bad gateway</html>", content_type="text/html")
FORBIDDEN: Final = Fault(status=401, body="{}")
GARBAGE: Final = Fault(body='{"price": 60000.0, "ti')
NOT_JSON: Final = Fault(body="\x00\x01 what?")
EMPTY: Final = Fault(body="")
STALLED: Final = Fault(stall=True)
CUT: Final = Fault(cut=True)


class FakeVenue:
    """A fake venue; subclasses define its answers."""

    venue = ""  # of the catalogue
    stream_path = ""  # contained in the path of its web socket

    def __init__(self) -> None:
        self.answers: dict[str, Any] = self.initial_answers()
        self.faults: dict[str, Fault] = {}  # by path, as in ``answers``; "*" for all
        self.requests: list[str] = []  # paths, with their parameters
        self.subscribed = threading.Event()
        self.is_deaf = False  # web sockets stay open without any answer, not even a pong
        self._sockets: set[web.WebSocketResponse] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._started = threading.Event()
        self._stop: asyncio.Event | None = None

    def initial_answers(self) -> dict[str, Any]:
        raise NotImplementedError

    def reply_to(self, message: Any) -> list[Any]:
        """The replies to a message over a web socket."""
        raise NotImplementedError

    def liquidation(self, *, side: str, price: str, size: str, at: Any) -> Any:
        """Its message about the liquidation of a position of ``side`` in its first contract."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def send(self, message: Any) -> None:
        """Send a message over all web sockets."""
        asyncio.run_coroutine_threadsafe(self._send(_fill_times(message)), self._loop).result(_TIMEOUT_SECONDS)

    def reset(self) -> None:
        """Return to the initial state: answers, no faults, no requests recorded, no web sockets."""
        self.disconnect()
        self.answers, self.faults, self.is_deaf = self.initial_answers(), {}, False
        self.requests.clear()
        self.subscribed.clear()

    def disconnect(self) -> None:
        """Close all web sockets."""
        asyncio.run_coroutine_threadsafe(self._disconnect(), self._loop).result(_TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(_TIMEOUT_SECONDS), "the fake venue did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_TIMEOUT_SECONDS)
        assert not self._thread.is_alive(), "the fake venue did not end"

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port: int = runner.addresses[0][1]
        self._started.set()
        await self._stop.wait()
        await self._disconnect()
        await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._stream(request)
        posted = json.loads(await request.text()) if request.method == "POST" else {}
        path = posted.pop("type", request.path)
        params = {**request.query, **{key: str(value) for key, value in posted.items()}}
        self.requests.append(f"{path}?{'&'.join(f'{key}={value}' for key, value in sorted(params.items()))}")
        fault = self.faults.get("*") or _best_match(self.faults, path, params)
        if fault is not None:
            return await self._fail(request, fault)
        answer = _best_match(self.answers, path, params)
        if answer is None:
            return web.Response(status=404, text="no such endpoint")
        return web.json_response(_fill_times(answer))

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.stall:
            assert self._stop is not None
            await self._stop.wait()
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
                if self.is_deaf:
                    continue
                if message.type == WSMsgType.PING:
                    await socket.pong(message.data)
                elif message.type == WSMsgType.TEXT:
                    await self._answer(socket, message.data)
        finally:
            self._sockets.discard(socket)
        return socket

    async def _answer(self, socket: web.WebSocketResponse, text: str) -> None:
        message = text if text == "ping" else json.loads(text)
        for reply_to in self.reply_to(message):
            await socket.send_str(reply_to if isinstance(reply_to, str) else json.dumps(reply_to))
        if "subscribe" in text.lower():
            self.subscribed.set()

    async def _send(self, message: Any) -> None:
        for socket in tuple(self._sockets):
            await socket.send_str(json.dumps(message))

    async def _disconnect(self) -> None:
        for socket in tuple(self._sockets):
            with contextlib.suppress(ConnectionError):
                await socket.close()


def _best_match(keyed: Mapping[str, Any], path: str, params: Mapping[str, str]) -> Any:
    """The value whose key has the path and matches most parameters."""
    best, found = -1, None
    for key, value in keyed.items():
        at, _, wanted = key.partition("?")
        conditions = dict(condition.split("=") for condition in wanted.split("&")) if wanted else {}
        if at == path and len(conditions) > best and conditions.items() <= params.items():
            best, found = len(conditions), value
    return found


def _fill_times(answer: Any) -> Any:
    if isinstance(answer, Now):
        return answer.to_timestamp()
    if isinstance(answer, dict):
        return {key: _fill_times(value) for key, value in answer.items()}
    return [_fill_times(value) for value in answer] if isinstance(answer, list) else answer
