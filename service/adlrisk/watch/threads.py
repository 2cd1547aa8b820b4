"""Calls in threads that keep no process from ending, unlike those of an executor: what hangs there is left behind."""

import asyncio
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

T = TypeVar("T")


class CallInThread(Protocol):
    """Makes a call somewhere else than in the event loop."""

    def __call__(self, call: Callable[[], T], *, name: str) -> "asyncio.Future[T]":
        """The future result of ``call``."""


def call_in_thread(call: Callable[[], T], *, name: str) -> "asyncio.Future[T]":
    """The future result of ``call`` in a thread of its own. Whoever stops waiting for it does not stop it."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            found = call()
        except BaseException as error:  # noqa: BLE001 (belongs to whoever waits)
            failure = error
            _tell(loop, future, lambda: future.set_exception(failure))
        else:
            _tell(loop, future, lambda: future.set_result(found))

    threading.Thread(target=run, name=name, daemon=True).start()
    return future


def _tell(loop: asyncio.AbstractEventLoop, future: "asyncio.Future[T]", settle: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(lambda: None if future.done() else settle())
