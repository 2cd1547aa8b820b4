"""The collector's storage in Redis: market records for the service; histories and leases for collectors.

Keys, under the prefix: ``collect:trail:VENUE:SYMBOL`` (history), ``collect:leader:VENUE`` (lease), and the records
where the service reads them.
"""

from typing import Any, Final, Protocol

from adlrisk.venues.market_records import MarketKey, StoredRecord, encode_record
from adlrisk.venues.redis_client import RedisAccess, RedisClient, translate_errors
from adlrisk.venues.redis_lease import acquire_lease, release_lease
from adlrisk.venues.redis_store import RedisStore

LEASE_SECONDS: Final = 5.0

_HISTORY_TTL_SECONDS: Final = 31 * 86_400  # longer than open interest counts


class CollectorStore(Protocol):
    """What the collector reads and writes. Every method but ``close`` may raise ``StoreError``."""

    async def put_record(self, key: MarketKey, record: StoredRecord, *, ttl_seconds: float) -> None:
        """Write a market record where the service reads it."""

    async def get_history(self, key: MarketKey) -> bytes | None:
        """The stored history of a contract."""

    async def put_history(self, key: MarketKey, history: bytes) -> None:
        """Store the history of a contract."""

    async def acquire_lease(self, venue: str, holder: str) -> bool:
        """Acquire the lease on a venue, or renew it; whether ``holder`` has it now."""

    async def release_lease(self, venue: str, holder: str) -> None:
        """Release the lease on a venue if ``holder`` has it."""

    async def close(self) -> None:
        """Close all connections."""


class RedisCollectorStore:
    """The collector's store in Redis; satisfies ``CollectorStore``."""

    def __init__(self, access: RedisAccess) -> None:
        self._prefix = f"{access.prefix}:collect"
        self._records = RedisStore(access)
        self._connection = RedisClient(access)
        self._client = self._connection.redis

    async def put_record(self, key: MarketKey, record: StoredRecord, *, ttl_seconds: float) -> None:
        """Write a market record where the service reads it."""
        await self._records.put_market(key, encode_record(record), ttl_seconds=ttl_seconds)

    async def get_history(self, key: MarketKey) -> bytes | None:
        """The stored history of a contract."""
        with translate_errors():
            stored: Any = await self._client.get(self._history_key(key))
            return None if stored is None else bytes(stored)

    async def put_history(self, key: MarketKey, history: bytes) -> None:
        """Store the history of a contract."""
        with translate_errors():
            await self._client.set(self._history_key(key), history, ex=_HISTORY_TTL_SECONDS)

    async def acquire_lease(self, venue: str, holder: str) -> bool:
        """Acquire the lease on a venue, or renew it; whether ``holder`` has it now."""
        with translate_errors():
            return await acquire_lease(self._client, self._lease_key(venue), holder=holder, seconds=LEASE_SECONDS)

    async def release_lease(self, venue: str, holder: str) -> None:
        """Release the lease on a venue if ``holder`` has it."""
        with translate_errors():
            await release_lease(self._client, self._lease_key(venue), holder=holder)

    async def close(self) -> None:
        """Close all connections."""
        await self._records.close()
        await self._connection.close()

    def _history_key(self, key: MarketKey) -> str:
        return f"{self._prefix}:trail:{key.venue}:{key.symbol}"

    def _lease_key(self, venue: str) -> str:
        return f"{self._prefix}:leader:{venue}"
