"""Where operators' overrides and market records are kept: what every store can do, and the one in memory."""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final, Literal, Protocol, get_args

from cachetools import TLRUCache
from msgspec import Struct

from adlrisk.venues.market_records import MarketKey

StoreKind = Literal["memory", "redis"]
Reason = Literal["store-unreachable", "store-slow", "store-denied", "store-full", "store-read-only", "store-refused"]

REASONS: Final[tuple[Reason, ...]] = get_args(Reason)

_MOST_RECORDS: Final = 10_000


class StoreError(Exception):
    """The store did not do what it was asked to, for one of the documented reasons."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason


class Operation(Struct, frozen=True, kw_only=True):
    """The store was asked for something."""

    operation: str
    outcome: Literal["ok", "failed"]
    seconds: float


class Degraded(Struct, frozen=True, kw_only=True):
    """From now on answers rest on what is known already, or changes cannot be made."""

    reason: Reason


class Recovered(Struct, frozen=True, kw_only=True):
    """That is over."""

    reason: Reason


class Ignored(Struct, frozen=True, kw_only=True):
    """A kept value cannot be used and is treated as if it were not there."""

    key: str
    why: str


Event = Operation | Degraded | Recovered | Ignored
Listener = Callable[[Event], None]


class Store(Protocol):
    """Keeps encoded values. Every method but ``close`` may raise ``StoreError``."""

    kind: StoreKind
    is_local: bool  # nobody else writes to it, and it always answers at once

    async def overrides(self) -> Mapping[str, bytes]:
        """All overrides by venue id."""

    async def replace_override(self, venue: str, *, old: bytes | None, new: bytes | None) -> bool:
        """Put ``new`` where ``old`` is (``None``: nothing); whether ``old`` was there."""

    async def announce(self) -> None:
        """Tell other replicas that overrides have changed."""

    async def check_writable(self) -> None:
        """See whether changes are taken."""

    async def markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
        """The records under ``keys``."""

    def markets_in_memory(self, keys: Sequence[MarketKey]) -> list[bytes | None] | None:
        """The same from this process's memory; ``None`` where the store would have to be waited for."""

    async def put_market(self, key: MarketKey, value: bytes, *, ttl_seconds: float) -> None:
        """Keep a record for so long."""

    def changes(self) -> AsyncIterator[None]:
        """An item whenever overrides may have changed elsewhere."""

    async def close(self) -> None:
        """Let go of all connections."""


class MemoryStore:
    """Keeps everything in this process, market records up to a number, the least recently used leaving first."""

    kind: StoreKind = "memory"
    is_local = True

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._overrides: dict[str, bytes] = {}
        self._markets: TLRUCache[MarketKey, tuple[bytes, float]] = TLRUCache(
            _MOST_RECORDS, ttu=lambda _key, kept, now: now + kept[1], timer=clock
        )

    async def overrides(self) -> Mapping[str, bytes]:
        """All overrides by venue id."""
        return dict(self._overrides)

    async def replace_override(self, venue: str, *, old: bytes | None, new: bytes | None) -> bool:
        """Put ``new`` where ``old`` is; whether ``old`` was there."""
        if self._overrides.get(venue) != old:
            return False
        if new is None:
            self._overrides.pop(venue, None)
        else:
            self._overrides[venue] = new
        return True

    async def announce(self) -> None:
        """Nothing: there are no others."""

    async def check_writable(self) -> None:
        """Memory always is."""

    async def markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
        """The records under ``keys`` that have not expired."""
        return self.markets_in_memory(keys)

    def markets_in_memory(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
        """The same, for nothing here has to be waited for."""
        return [self._markets.get(key, (None, 0.0))[0] for key in keys]

    async def put_market(self, key: MarketKey, value: bytes, *, ttl_seconds: float) -> None:
        """Keep a record for so long."""
        self._markets[key] = (value, ttl_seconds)

    async def changes(self) -> AsyncIterator[None]:
        """Nothing: nobody else writes here."""
        return
        yield

    async def close(self) -> None:
        """Nothing to let go of."""
