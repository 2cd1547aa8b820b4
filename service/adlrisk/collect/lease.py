"""Leader election: one collector leads a venue at a time, by a lease in the store that it renews every second.

The lease of a collector that dies expires within five seconds; one that stops releases it. A collector that cannot
reach the store leads until its lease expires by its own clock, and no longer.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Final

from adlrisk.collect.observer import Observer
from adlrisk.collect.store import LEASE_SECONDS, CollectorStore
from adlrisk.venues.store import StoreError
from adlrisk.venues.tasks import cancel_tasks

_RENEW_INTERVAL_SECONDS: Final = 1.0
_SHUTDOWN_SECONDS: Final = 3.0  # for the work to store what it has observed


class Leadership:
    """The lease on one venue, as far as this collector knows; expires by the clock ``monotonic``."""

    def __init__(
        self, venue: str, *, store: CollectorStore, observer: Observer, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._venue = venue
        self._store = store
        self._observer = observer
        self._monotonic = monotonic
        self._holder = secrets.token_hex(8)
        self._expires_at = 0.0  # monotonic

    @property
    def is_held(self) -> bool:
        """Whether the lease is certain to be this collector's."""
        return self._monotonic() < self._expires_at

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run ``work`` from the start each time this collector becomes the leader, until cancelled.

        ``work`` runs until it is cancelled; an error that ends it ends this too.
        """
        try:
            while True:
                while not await self._acquire():  # noqa: ASYNC110 (nothing in this process can signal it)
                    await asyncio.sleep(_RENEW_INTERVAL_SECONDS)
                await self._lead_once(work)
        finally:
            await self._release()

    async def _lead_once(self, work: Callable[[], Awaitable[None]]) -> None:
        self._observer.leadership_changed(self._venue, is_leader=True)
        try:
            await self._run_until_lost(work)
        finally:  # however it ends: nothing else would report it
            self._observer.leadership_changed(self._venue, is_leader=False)

    async def _run_until_lost(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.ensure_future(work())
        try:
            while self.is_held:
                ended, _ = await asyncio.wait([task], timeout=_RENEW_INTERVAL_SECONDS)
                if ended:
                    task.result()  # work runs until cancelled, so it failed
                if await self._acquire() is False:
                    break
        finally:
            task.cancel()
            await asyncio.wait([task], timeout=_SHUTDOWN_SECONDS)
            await cancel_tasks([task])

    async def _acquire(self) -> bool | None:
        """Acquire the lease or renew it; ``None``: the store did not answer."""
        asked_at = self._monotonic()
        try:
            has_lease = await self._store.acquire_lease(self._venue, self._holder)
        except StoreError as error:
            self._observer.store_failed(str(error))
            return None
        self._observer.store_answered()
        self._expires_at = asked_at + LEASE_SECONDS if has_lease else 0.0
        return has_lease

    async def _release(self) -> None:
        if not self.is_held:
            return
        self._expires_at = 0.0
        try:
            await self._store.release_lease(self._venue, self._holder)
        except StoreError as error:
            self._observer.store_failed(str(error))
