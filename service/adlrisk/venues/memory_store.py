"""The store in the memory of this process."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final

from cachetools import TLRUCache

from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.store import Notice, StoreKind

_MAX_RECORDS: Final = 10_000


class MemoryStore:
    """Stores everything in this process; market records in a bounded LRU cache."""

    kind: StoreKind = "memory"
    is_local = True

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._overrides: dict[str, bytes] = {}
        self._markets: TLRUCache[MarketKey, tuple[bytes, float]] = TLRUCache(
            _MAX_RECORDS, ttu=lambda _key, stored, now: now + stored[1], timer=clock
        )

    async def read_overrides(self) -> Mapping[str, bytes]:
        """All overrides by venue id."""
        return dict(self._overrides)

    async def replace_override(self, venue: str, *, old: bytes | None, new: bytes | None) -> bool:
        """Compare and set: store ``new`` if the value is ``old``; returns whether it was."""
        if self._overrides.get(venue) != old:
            return False
        if new is None:
            self._overrides.pop(venue, None)
        else:
            self._overrides[venue] = new
        return True

    async def announce(self) -> None:
        """Nothing to do: there are no other replicas."""

    async def check_writable(self) -> None:
        """Nothing to do: memory is always writable."""

    async def read_eviction_policy(self) -> None:
        """``None``: overrides are kept."""

    async def read_markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
        """The records under ``keys`` that have not expired."""
        return [self.market_in_memory(key) for key in keys]

    def market_in_memory(self, key: MarketKey) -> bytes | None:
        """The record under ``key``, without waiting."""
        stored: tuple[bytes, float] | None = self._markets.get(key)
        return None if stored is None else stored[0]

    async def exchange_market(self, key: MarketKey, value: bytes, *, ttl_seconds: float) -> bytes | None:
        """Store a record for ``ttl_seconds``; returns the one that it replaced."""
        replaced = self.market_in_memory(key)
        self._markets[key] = (value, ttl_seconds)
        return replaced

    async def changes(self) -> AsyncIterator[Notice]:
        """Yields nothing: no other process writes here."""
        return
        yield "changed"

    async def close(self) -> None:
        """Nothing to close."""
