"""Circuit breaker of the rate counters: a request waits for them no longer than a deadline."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from adlrisk.venues.store import StoreError
from adlrisk.venues.tasks import cancel_tasks, wait_with_timeout

if TYPE_CHECKING:
    from adlrisk.api.limits.rate_counters import Counters

_PROBE_SECONDS: Final = 1.0
_MOST_AT_ONCE: Final = 32  # exchanges with the counters; more would only wait for each other there


class RateBreaker:
    """Rate counters behind a circuit breaker.

    When they fail or miss the deadline, the circuit opens: no request asks them until a probe has succeeded.
    """

    def __init__(
        self, counters: "Counters", *, deadline_seconds: float, on_change: Callable[[str | None], None]
    ) -> None:
        """``on_change`` is told why they fail, and ``None`` when they answer again."""
        self._counters = counters
        self._deadline_seconds = deadline_seconds
        self._on_change = on_change
        self._turns = asyncio.Semaphore(_MOST_AT_ONCE)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.is_answering = True

    async def count(self, limit: Any, caller: str) -> int | None:
        """Count a request: 0 where it fits, else the seconds to retry after; ``None`` where it is not known in time."""
        if not self.is_answering:
            return None
        if self._counters.kind == "memory":
            return await self._counters.count(limit, caller)
        exchange = self._begun(self._exchange(limit, caller))
        if not await wait_with_timeout([exchange], seconds=self._deadline_seconds):
            self._fail("store-slow")
            return None
        wait: int | None = exchange.result()
        return wait

    async def close(self) -> None:
        """End what is on its way, and let go of the counters."""
        await cancel_tasks(self._tasks)
        await self._counters.close()

    async def _exchange(self, limit: Any, caller: str) -> int | None:
        try:
            async with self._turns:
                return await self._counters.count(limit, caller)
        except StoreError as error:
            self._fail(error.reason)
            return None

    def _fail(self, reason: str) -> None:
        if self.is_answering:
            self.is_answering = False
            self._on_change(reason)
            self._begun(self._probe())

    async def _probe(self) -> None:
        """Ask again and again until an answer comes in time."""
        while not self.is_answering:
            await asyncio.sleep(_PROBE_SECONDS)
            started = asyncio.get_running_loop().time()
            try:
                await self._counters.check()
            except StoreError:
                continue
            self.is_answering = asyncio.get_running_loop().time() - started <= self._deadline_seconds
        self._on_change(None)

    def _begun(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
