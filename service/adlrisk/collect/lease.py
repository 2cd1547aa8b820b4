"""One collector leads a venue at a time, by a lease in the store that it renews every second.

A collector that dies lets its lease run out within five seconds; one that stops gives it back. One that cannot reach
the store leads until the lease it knows of runs out, and not a moment longer.
"""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Final

from adlrisk.collect.observer import Watching
from adlrisk.collect.store import LEASE_SECONDS, Keeping
from adlrisk.venues.store import StoreError
from adlrisk.venues.tasks import cancel_tasks

_EVERY_SECONDS: Final = 1.0
_LAST_WORDS_SECONDS: Final = 3.0  # for work to keep what it has seen


class Leadership:
    """The lease on one venue, as far as this collector knows; ``monotonic`` is the clock that it runs out by."""

    def __init__(
        self, venue: str, *, keeping: Keeping, watching: Watching, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._venue = venue
        self._keeping = keeping
        self._watching = watching
        self._monotonic = monotonic
        self._holder = secrets.token_hex(8)
        self._until = 0.0  # monotonic

    @property
    def holds(self) -> bool:
        """Whether nobody else can have the lease."""
        return self._monotonic() < self._until

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do ``work`` while this collector leads, from the start each time that it does; until cancelled."""
        try:
            while True:
                while not await self._ask():  # noqa: ASYNC110 (nothing in this process knows)
                    await asyncio.sleep(_EVERY_SECONDS)
                await self._lead_once(work)
        finally:
            await self._give_back()

    async def _lead_once(self, work: Callable[[], Awaitable[None]]) -> None:
        self._watching.leads(self._venue, is_leader=True)
        try:
            await self._work_while_leading(work)
        finally:  # however it ends: nobody else would ever say so
            self._watching.leads(self._venue, is_leader=False)

    async def _work_while_leading(self, work: Callable[[], Awaitable[None]]) -> None:
        working = asyncio.ensure_future(work())
        try:
            while self.holds:
                ended, _ = await asyncio.wait([working], timeout=_EVERY_SECONDS)
                if ended:
                    working.result()  # it goes on until it is cancelled, so it failed
                if await self._ask() is False:
                    break
        finally:
            working.cancel()
            await asyncio.wait([working], timeout=_LAST_WORDS_SECONDS)
            await cancel_tasks([working])

    async def _ask(self) -> bool | None:
        """Take the lease or keep it; ``None``: the store did not say."""
        asked_at = self._monotonic()
        try:
            has_lease = await self._keeping.lease(self._venue, self._holder)
        except StoreError as error:
            self._watching.store_failed(str(error))
            return None
        self._watching.store_answered()
        self._until = asked_at + LEASE_SECONDS if has_lease else 0.0
        return has_lease

    async def _give_back(self) -> None:
        if not self.holds:
            return
        self._until = 0.0
        try:
            await self._keeping.release(self._venue, self._holder)
        except StoreError as error:
            self._watching.store_failed(str(error))
