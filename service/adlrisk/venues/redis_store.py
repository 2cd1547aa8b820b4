"""The store in Redis or Valkey."""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from redis.asyncio import RedisCluster

from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.redis_client import Access, Client, as_store_errors
from adlrisk.venues.store import StoreError, StoreKind

# Atomic, and on one key, so that it works on a Cluster too. An empty text stands for nothing.
_REPLACE: Final = """
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
return 1
"""


class RedisStore:
    """Keeps overrides in one hash and each market record under a key of its own, all under a prefix."""

    kind: StoreKind = "redis"
    is_local = False

    def __init__(self, access: Access) -> None:
        self._patience_seconds = access.patience_seconds
        self._overrides_key = f"{access.prefix}:overrides"
        self._market_prefix = f"{access.prefix}:market:"
        self._channel = f"{access.prefix}:changed"
        self._probe_key = f"{access.prefix}:probe"
        self._connection = Client(access)
        self._client = self._connection.redis

    async def overrides(self) -> Mapping[str, bytes]:
        """All overrides by venue id."""
        with as_store_errors():
            kept: Mapping[Any, Any] = await self._client.hgetall(self._overrides_key)
            return {venue.decode(errors="replace"): bytes(value) for venue, value in kept.items()}

    async def replace_override(self, venue: str, *, old: bytes | None, new: bytes | None) -> bool:
        """Put ``new`` where ``old`` is; whether ``old`` was there."""
        with as_store_errors():
            return bool(await self._client.eval(_REPLACE, 1, self._overrides_key, venue, old or b"", new or b""))

    async def announce(self) -> None:
        """Tell other replicas that overrides have changed."""
        with as_store_errors():
            await self._client.publish(self._channel, b"")

    async def check_writable(self) -> None:
        """See whether a key that is gone at once is taken."""
        with as_store_errors():
            await self._client.set(self._probe_key, b"", px=1)

    async def markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
        """The records under ``keys``, in one exchange."""
        names = [self._market_key(key) for key in keys]
        with as_store_errors():
            if isinstance(self._client, RedisCluster):
                values: list[Any] = await self._client.mget_nonatomic(names)
            else:
                values = await self._client.mget(names)
            if len(values) != len(keys):
                raise StoreError("store-refused", "an answer of another length")
            return [None if value is None else bytes(value) for value in values]

    def markets_in_memory(self, keys: Sequence[MarketKey]) -> None:
        """Redis is always waited for."""

    async def put_market(self, key: MarketKey, value: bytes, *, ttl_seconds: float) -> None:
        """Keep a record for so long."""
        with as_store_errors():
            await self._client.set(self._market_key(key), value, px=max(1, round(ttl_seconds * 1000.0)))

    async def changes(self) -> AsyncIterator[None]:
        """An item when listening begins, and for each message that says overrides have changed.

        A connection that nothing comes from is asked, and given up when it does not answer.
        """
        with as_store_errors():
            subscription = self._client.pubsub()
        try:
            with as_store_errors():
                await subscription.subscribe(self._channel)
            yield
            asked = False
            while True:
                with as_store_errors():
                    message = await subscription.get_message(timeout=self._patience_seconds)
                    if message is None and asked:
                        raise StoreError("store-slow", "the subscription does not answer")
                    if message is None:
                        await subscription.ping()
                asked = message is None
                if message is not None and message["type"] == "message":
                    yield
        finally:
            with contextlib.suppress(Exception):
                await subscription.aclose()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Let go of all connections."""
        await self._connection.close()

    def _market_key(self, key: MarketKey) -> str:
        return f"{self._market_prefix}{key.venue}:{key.symbol}"
