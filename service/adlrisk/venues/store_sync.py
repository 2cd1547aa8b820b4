"""Synchronisation with the store: refreshes on change messages and at intervals, and probes of a failing store."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, Final

from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.store import Store, StoreError
from adlrisk.venues.store_health import StoreHealth
from adlrisk.venues.tasks import cancel_tasks, finishes_in_time

_PROBE_SECONDS: Final = 1.0  # interval between probes of a failing store


class StoreSync:
    """Background tasks that keep a process in sync with its store and the health of the store current."""

    def __init__(
        self,
        store: Store,
        health: StoreHealth,
        *,
        read: Callable[[], Coroutine[Any, Any, None]],
        deadline_seconds: float,
        refresh_seconds: float,
    ) -> None:
        """``read`` takes over what the store holds."""
        self._store = store
        self._health = health
        self._read = read
        self._deadline_seconds = deadline_seconds
        self._refresh_seconds = refresh_seconds
        self._eviction_known = False  # whether the server that answers now has been asked
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Refresh once and start the tasks; a local store needs neither."""
        if self._store.is_local:
            return
        await self._refresh(may_be_slow=True)  # the first time it has to connect
        self._tasks = [asyncio.create_task(self._refresh_loop()), asyncio.create_task(self._listen())]

    async def close(self) -> None:
        """Stop the tasks."""
        await cancel_tasks(self._tasks)

    async def _refresh_loop(self) -> None:
        while True:
            if self._health.reason is None:
                await self._wait_for_refresh()
            if self._health.reason is not None:
                await asyncio.sleep(_PROBE_SECONDS)  # time to recover
            self._health.refresh_needed.clear()
            await self._refresh()

    async def _wait_for_refresh(self) -> None:
        seconds = self._refresh_seconds
        if self._health.write_reason is not None:
            seconds = min(seconds, _PROBE_SECONDS)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._health.refresh_needed.wait()

    async def _listen(self) -> None:
        """Request a refresh for each change message, and after a reconnect, since messages may have been lost."""
        while True:
            with contextlib.suppress(StoreError):
                async for notice in self._store.changes():
                    self._eviction_known &= notice != "subscribed"
                    self._health.change_announced |= notice == "changed"
                    self._health.refresh_needed.set()
            await asyncio.sleep(_PROBE_SECONDS)

    async def _refresh(self, *, may_be_slow: bool = False) -> None:
        """Read the store, and check that it answers in time and that earlier failures are over."""
        suspects = self._health.suspects
        try:
            slow = await self._overruns(self._read())
            if suspects:
                slow = await self._overruns(self._probe_reading(suspects)) or slow
            if self._health.write_reason is not None:
                await self._probe_writing()
        except StoreError as error:
            self._health.degrade(error.reason)
            return
        except Exception as error:  # noqa: BLE001 (whatever it is: the next refresh must come)
            self._health.report_ignored("the store's answer", repr(error).encode(), error)
            self._health.degrade("store-refused")
            return
        if slow and not may_be_slow:
            self._health.degrade("store-slow")
        elif suspects == self._health.suspects:
            self._health.recover()
            await self._check_eviction()

    async def _check_eviction(self) -> None:
        """Find out once per connection whether the store may remove overrides; it cannot be known without ``INFO``."""
        if not self._eviction_known:
            self._eviction_known = True
            with contextlib.suppress(StoreError):
                self._health.report_eviction(await self._store.read_eviction_policy())

    async def _overruns(self, reading: Coroutine[Any, Any, None]) -> bool:
        """Whether ``reading``, which is awaited in any case, misses the deadline of requests."""
        task = asyncio.create_task(reading)
        try:
            is_in_time = await finishes_in_time(task, seconds=self._deadline_seconds)
            await task
        finally:
            await cancel_tasks([task])
        return not is_in_time

    async def _probe_reading(self, suspects: tuple[MarketKey, ...]) -> None:
        """Read the records whose reads failed."""
        await self._health.measure("probe", self._store.read_markets(suspects))

    async def _probe_writing(self) -> None:
        with contextlib.suppress(StoreError):
            await self._health.measure_write("probe_writing", self._store.check_writable())
