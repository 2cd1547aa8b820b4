"""The store of overrides and market records: its protocol and its events."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Final, Literal, Protocol, get_args

from msgspec import Struct

from adlrisk.venues.market_records import MarketKey

StoreKind = Literal["memory", "redis"]
Reason = Literal["store-unreachable", "store-slow", "store-denied", "store-full", "store-read-only", "store-refused"]

# A replica has announced a change; or messages come from now on, after a connect or a reconnect, and some may be lost.
Notice = Literal["changed", "subscribed"]

REASONS: Final[tuple[Reason, ...]] = get_args(Reason)


class StoreError(Exception):
    """An operation of the store failed, for one of the documented reasons."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason


class Operation(Struct, frozen=True, kw_only=True):
    """An operation of the store has ended."""

    operation: str
    outcome: Literal["ok", "failed"]
    seconds: float


class Degraded(Struct, frozen=True, kw_only=True):
    """From now on answers use cached values, or changes fail."""

    reason: Reason


class Recovered(Struct, frozen=True, kw_only=True):
    """The degradation for that reason is over."""

    reason: Reason


class Ignored(Struct, frozen=True, kw_only=True):
    """A stored value is unusable and is treated as absent."""

    key: str
    why: str


class Evicting(Struct, frozen=True, kw_only=True):
    """The store removes overrides too, to make room for other values."""

    policy: str


class OverridesLost(Struct, frozen=True, kw_only=True):
    """Overrides are gone from the store, and no replica has announced a change."""

    venues: tuple[str, ...]


Event = Operation | Degraded | Recovered | Ignored | Evicting | OverridesLost
Listener = Callable[[Event], None]


class Store(Protocol):
    """Stores encoded values. Every method but ``close`` may raise ``StoreError``."""

    kind: StoreKind
    is_local: bool  # only this process writes to it, and it never waits

    async def read_overrides(self) -> Mapping[str, bytes]:
        """All overrides by venue id."""

    async def replace_override(self, venue: str, *, old: bytes | None, new: bytes | None) -> bool:
        """Compare and set: store ``new`` if the value is ``old`` (``None``: absent); returns whether it was."""

    async def announce(self) -> None:
        """Tell other replicas that overrides have changed."""

    async def check_writable(self) -> None:
        """Check that writes are accepted."""

    async def read_eviction_policy(self) -> str | None:
        """The policy by which the store may remove overrides to make room; ``None``: it never does."""

    async def read_markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
        """The records under ``keys``."""

    async def exchange_market(self, key: MarketKey, value: bytes, *, ttl_seconds: float) -> bytes | None:
        """Store a record for ``ttl_seconds``; returns the one that it replaced."""

    def changes(self) -> AsyncIterator[Notice]:
        """Yields whenever overrides may have changed elsewhere, and why."""

    async def close(self) -> None:
        """Close all connections."""
