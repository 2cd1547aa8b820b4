"""Both clients behind one face, so that every test is one of both, and the application without a socket."""

import asyncio
import concurrent.futures
import json
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar

import httpx2
import msgspec

from adlrisk.api.app import Application
from adlrisk.client import AsyncClient, Client

T = TypeVar("T")
Way = Literal["sync", "async"]
WAYS: Final[tuple[Way, ...]] = ("sync", "async")


class AsyncInTurn:
    """An ``AsyncClient`` that is called as a ``Client`` is, in an event loop of its own."""

    def __init__(self, url: str, **options: Any) -> None:
        self._runner = asyncio.Runner()
        self._client = AsyncClient(url, **options)

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(*arguments: Any, **fields: Any) -> Any:
            coroutine: Coroutine[Any, Any, Any] = method(*arguments, **fields)
            return self._runner.run(coroutine)

        return call

    def __enter__(self) -> Self:
        self._runner.run(self._client.__aenter__())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._client.__aexit__(kind, error, trace))
        self._runner.close()

    def close(self) -> None:
        self._runner.run(self._client.aclose())


def connect(way: Way, url: str, **options: Any) -> Any:
    """A client of ``url``, to be used in a ``with``."""
    return Client(url, **options) if way == "sync" else AsyncInTurn(url, **options)


class InProcess(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """The application without a socket, for either client: it runs in an event loop of its own, in a thread."""

    def __init__(self, app: Application) -> None:
        self._app = app
        callee: Any = app  # Litestar's types of messages are its own
        self._asgi = httpx2.ASGITransport(callee)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._run(self._app.context.start()).result(60)

    def stop(self) -> None:
        self._run(self._app.context.stop()).result(60)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)
        self._loop.close()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._run(self._answer(request)).result(60)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await asyncio.wrap_future(self._run(self._answer(request)))

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        sent = httpx2.Request(request.method, request.url, headers=request.headers, content=request.read())
        response = await self._asgi.handle_async_request(sent)
        coded = [piece async for piece in response.aiter_raw()]
        return httpx2.Response(
            response.status_code, headers=response.headers, stream=httpx2.ByteStream(b"".join(coded))
        )


def to_json(answer: Any) -> Any:
    """A Struct as the values that its JSON has."""
    return json.loads(msgspec.json.encode(answer))
