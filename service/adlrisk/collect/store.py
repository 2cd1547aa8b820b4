"""Where the collector keeps what it makes: records for the service, trails and leases for itself, all in Redis.

Under the prefix: ``collect:trail:VENUE:SYMBOL``, ``collect:leader:VENUE``, and the records where the service reads.
"""

from typing import Any, Final, Protocol

from adlrisk.venues.market_records import MarketKey, StoredRecord, encode_record
from adlrisk.venues.redis_client import RedisAccess, RedisClient, translate_errors
from adlrisk.venues.redis_store import RedisStore

LEASE_SECONDS: Final = 5.0

_TRAIL_LASTS_SECONDS: Final = 8 * 86_400  # longer than the longest baseline

# Each on one key, so that they work on a Cluster too.
_RENEW: Final = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0"
_RELEASE: Final = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"


class Keeping(Protocol):
    """What the collector needs to be kept. Every method but ``close`` may raise ``StoreError``."""

    async def put_record(self, key: MarketKey, record: StoredRecord, *, lasts_seconds: float) -> None:
        """Put a record where the service reads it."""

    async def trail(self, key: MarketKey) -> bytes | None:
        """The trail of a contract."""

    async def put_trail(self, key: MarketKey, trail: bytes) -> None:
        """Keep the trail of a contract."""

    async def lease(self, venue: str, holder: str) -> bool:
        """Take the lease on a venue, or keep it; whether ``holder`` has it now."""

    async def release(self, venue: str, holder: str) -> None:
        """Give the lease on a venue back, if ``holder`` has it."""

    async def close(self) -> None:
        """Let go of all connections."""


class RedisKeeping:
    """Keeps all of it in Redis."""

    def __init__(self, access: RedisAccess) -> None:
        self._prefix = f"{access.prefix}:collect"
        self._records = RedisStore(access)
        self._connection = RedisClient(access)
        self._client = self._connection.redis

    async def put_record(self, key: MarketKey, record: StoredRecord, *, lasts_seconds: float) -> None:
        """Put a record where the service reads it."""
        await self._records.put_market(key, encode_record(record), ttl_seconds=lasts_seconds)

    async def trail(self, key: MarketKey) -> bytes | None:
        """The trail of a contract."""
        with translate_errors():
            kept: Any = await self._client.get(self._trail_key(key))
            return None if kept is None else bytes(kept)

    async def put_trail(self, key: MarketKey, trail: bytes) -> None:
        """Keep the trail of a contract."""
        with translate_errors():
            await self._client.set(self._trail_key(key), trail, ex=_TRAIL_LASTS_SECONDS)

    async def lease(self, venue: str, holder: str) -> bool:
        """Take the lease on a venue, or keep it; whether ``holder`` has it now."""
        key, milliseconds = self._lease_key(venue), round(LEASE_SECONDS * 1000.0)
        with translate_errors():
            if await self._client.eval(_RENEW, 1, key, holder, str(milliseconds)):
                return True
            return bool(await self._client.set(key, holder, nx=True, px=milliseconds))

    async def release(self, venue: str, holder: str) -> None:
        """Give the lease on a venue back, if ``holder`` has it."""
        with translate_errors():
            await self._client.eval(_RELEASE, 1, self._lease_key(venue), holder)

    async def close(self) -> None:
        """Let go of all connections."""
        await self._records.close()
        await self._connection.close()

    def _trail_key(self, key: MarketKey) -> str:
        return f"{self._prefix}:trail:{key.venue}:{key.symbol}"

    def _lease_key(self, venue: str) -> str:
        return f"{self._prefix}:leader:{venue}"
