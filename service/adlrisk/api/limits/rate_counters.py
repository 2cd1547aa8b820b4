"""Rate counters: requests per caller in the sliding windows of the library ``limits``, in memory or in Redis."""

import math
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

from cachetools import TLRUCache
from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from adlrisk.venues.store import StoreKind

if TYPE_CHECKING:
    from adlrisk.venues.redis_client import RedisAccess

_MOST_COUNTS: Final = 100_000


class Counters(Protocol):
    """Counts requests."""

    kind: StoreKind

    async def count(self, limit: RateLimitItem, caller: str) -> int:
        """Count a request of ``caller``; 0, or in how many seconds to retry where it is beyond ``limit``.

        Raises:
            StoreError: the store did not do it.
        """

    async def check(self) -> None:
        """See whether it counts.

        Raises:
            StoreError: it does not.
        """

    async def close(self) -> None:
        """Let go of all connections."""


class MemoryCounters:
    """Counts in this process, the callers that asked least recently leaving first."""

    kind: StoreKind = "memory"

    def __init__(self) -> None:
        self._storage = _BoundedStorage()

    async def count(self, limit: RateLimitItem, caller: str) -> int:
        """Count a request."""
        return await _count(self._storage, limit, caller)

    async def check(self) -> None:
        """Memory always does."""

    async def close(self) -> None:
        """Nothing to let go of."""


class RedisCounters:
    """Counts in Redis, for all replicas together."""

    kind: StoreKind = "redis"

    def __init__(self, access: "RedisAccess") -> None:
        from adlrisk.venues.redis_client import RedisClient, translate_errors  # noqa: PLC0415 (a tenth of a second)

        self._client = RedisClient(access)
        self._translate_errors = translate_errors
        self._storage = _SharedStorage(self._client.redis, prefix=f"{access.prefix}:rate")

    async def count(self, limit: RateLimitItem, caller: str) -> int:
        """Count a request."""
        with self._translate_errors():
            return await _count(self._storage, limit, caller)

    async def check(self) -> None:
        """Count a probe, as a request would be."""
        with self._translate_errors():
            await self._storage.acquire_sliding_window_entry("probe", 1, 1)

    async def close(self) -> None:
        """Let go of all connections."""
        await self._client.close()


class _BoundedStorage(MemoryStorage):
    """The library's, but for where counts are kept: its own has no bound, and looks at all of them every time."""

    STORAGE_SCHEME: list[str] = []  # noqa: RUF012 (as the library has it: none, not to be found by a URL)

    def __init__(self) -> None:
        super().__init__()
        self._counts: TLRUCache[str, tuple[int, float]] = TLRUCache(
            _MOST_COUNTS, ttu=lambda _key, kept, now: now + kept[1], timer=time.time
        )

    async def get(self, key: str) -> int:
        return self._counts.get(key, (0, 0.0))[0]

    async def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        count = await self.get(key) + amount
        self._counts[key] = (count, expiry)
        return count


class _SharedStorage(RedisStorage):
    """The library's, with a client of ours."""

    STORAGE_SCHEME: list[str] = []  # noqa: RUF012 (as the library has it: none, not to be found by a URL)

    def __init__(self, client: object, *, prefix: str) -> None:
        self._client = client
        super().__init__("redis://", implementation="redispy", key_prefix=prefix)

    def configure_bridge(self) -> None:
        bridge: Any = self.bridge
        bridge.storage = self._client
        bridge.connection_getter = lambda _readonly: self._client


def retry_after(limit: RateLimitItem, window: tuple[int, float, int, float]) -> int:
    """In how many whole seconds the next request fits into a sliding window; 0 where one fits now.

    ``window`` is the library's: the count of the window before and for how many seconds it still counts, in proportion
    and rounded down; the count of the current one and for how many seconds it is kept, which is twice its length, the
    second time as the window before.

    >>> from limits import parse
    >>> retry_after(parse("10/minute"), (0, 0.0, 10, 80.0))  # all ten fade from second 20 on, and the first at once
    21
    """
    seconds, (previous, previous_seconds, current, kept_seconds) = limit.get_expiry(), window
    if math.floor(previous * previous_seconds / seconds) + current < limit.amount:
        return 0
    if current < limit.amount:
        # The window before has to fade until less than limit - current of it counts.
        wait = previous_seconds - (limit.amount - current) * seconds / previous
    else:
        wait = max(0.0, kept_seconds - seconds) + seconds * (1.0 - limit.amount / current)
    return math.floor(max(wait, 0.0)) + 1


async def _count(storage: _BoundedStorage | _SharedStorage, limit: RateLimitItem, caller: str) -> int:
    if await SlidingWindowCounterRateLimiter(storage).hit(limit, caller):
        return 0
    window = await storage.get_sliding_window(limit.key_for(caller), limit.get_expiry())
    return max(1, retry_after(limit, window))  # others' requests may have faded meanwhile
