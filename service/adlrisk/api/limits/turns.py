"""Turns: long work in the event loop, a turn per iteration, however many requests have such work."""

import asyncio
from collections import deque


class Turns:
    """Gives the next turn to whoever has waited longest, one in each iteration of the event loop."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def wait(self) -> None:
        """Return when it is the caller's turn; other requests go on meanwhile."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            loop.call_soon(self._begin_next)
        await turn

    def _begin_next(self) -> None:
        turn = self._waiting.popleft()
        if not turn.done():  # its request may have been given up
            turn.set_result(None)
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._begin_next)
