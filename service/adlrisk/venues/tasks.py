"""Tasks beside the requests, and how they end."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

_AGAIN_SECONDS: Final = 0.1
_TURNS: Final = 12


async def wait_in_turns(futures: Iterable[asyncio.Future[Any]], *, seconds: float) -> bool:
    """Wait until all of ``futures`` are done, for so long at most; whether they are.

    The time is counted in turns of the event loop too: where the loop is busy, an answer that came in time is found
    late, and whoever sent it was not slow.
    """
    waiting = set(futures)
    for _ in range(_TURNS):
        if not waiting:
            break
        _, waiting = await asyncio.wait(waiting, timeout=seconds / _TURNS)
    return not waiting


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until each has ended, whatever it ends with.

    Once is not enough: before Python 3.12 ``asyncio.wait_for``, on which redis-py's writing rests, loses a
    cancellation that comes just as what it waits for is done, and a task that goes round would go on for ever.
    """
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        ended, running = await asyncio.wait(running, timeout=_AGAIN_SECONDS)
        for task in ended:
            if not task.cancelled():
                task.exception()  # seen: nobody else will ask for it
