"""Helpers for background tasks: waiting with a timeout, and cancellation."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

_RETRY_SECONDS: Final = 0.1
_SLICES: Final = 12


async def wait_with_timeout(futures: Iterable[asyncio.Future[Any]], *, seconds: float) -> bool:
    """Wait at most ``seconds`` until all ``futures`` are done; returns whether they are.

    The wait is divided into slices, each at least one iteration of the event loop: on a busy loop, an answer that
    arrived in time is still found, and its sender is not mistaken for slow.
    """
    waiting = set(futures)
    for _ in range(_SLICES):
        if not waiting:
            break
        _, waiting = await asyncio.wait(waiting, timeout=seconds / _SLICES)
    return not waiting


async def finishes_in_time(task: asyncio.Task[Any], *, seconds: float) -> bool:
    """Whether ``task`` is done within ``seconds``, as in ``wait_with_timeout``; it goes on in any case."""
    return await wait_with_timeout([task], seconds=seconds)


async def cancel_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks repeatedly until each has ended, whatever its result.

    Once is not enough: before Python 3.12 ``asyncio.wait_for``, which redis-py uses for writing, loses a cancellation
    that arrives just as its future completes, and a task with a loop would never end.
    """
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        ended, running = await asyncio.wait(running, timeout=_RETRY_SECONDS)
        for task in ended:
            if not task.cancelled():
                task.exception()  # mark as retrieved, so that asyncio does not log it
