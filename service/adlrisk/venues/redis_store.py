"""The store in Redis or Valkey, shared by all replicas.

What says what was there before is sent once: a second time it would see the service's own change, and tell that as
another's, or as none. All other commands may be done twice.
"""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from redis.asyncio import RedisCluster

from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.redis_client import RedisAccess, RedisClient, sent_once, translate_errors
from adlrisk.venues.store import Notice, StoreError, StoreKind

# Compare and set, atomic and on a single key, so that it works on a Cluster too. An empty string means absent.
_REPLACE: Final = """
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
return 1
"""

# SET with GET needs a server of 2021 or later.
_EXCHANGE: Final = """
local replaced = redis.call('GET', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return replaced
"""

# By type of message; the client subscribes again by itself after a reconnect.
_NOTICES: Final[Mapping[str, Notice]] = {"message": "changed", "subscribe": "subscribed"}


class RedisStore:
    """Stores overrides in one hash and each market record under its own key, all with a common prefix."""

    kind: StoreKind = "redis"
    is_local = False

    def __init__(self, access: RedisAccess) -> None:
        self._timeout_seconds = access.timeout_seconds
        self._overrides_key = f"{access.prefix}:overrides"
        self._market_prefix = f"{access.prefix}:market:"
        self._channel = f"{access.prefix}:changed"
        self._probe_key = f"{access.prefix}:probe"
        self._connection = RedisClient(access)
        self._client = self._connection.redis

    async def read_overrides(self) -> Mapping[str, bytes]:
        """All overrides by venue id."""
        with translate_errors():
            stored: Mapping[Any, Any] = await self._client.hgetall(self._overrides_key)
            return {venue.decode(errors="replace"): bytes(value) for venue, value in stored.items()}

    async def replace_override(self, venue: str, *, old: bytes | None, new: bytes | None) -> bool:
        """Compare and set: store ``new`` if the value is ``old``; returns whether it was."""
        with translate_errors(), sent_once():
            return bool(await self._client.eval(_REPLACE, 1, self._overrides_key, venue, old or b"", new or b""))

    async def announce(self) -> None:
        """Tell other replicas that overrides have changed."""
        with translate_errors():
            await self._client.publish(self._channel, b"")

    async def check_writable(self) -> None:
        """Check that writes are accepted, with a key that expires at once."""
        with translate_errors():
            await self._client.set(self._probe_key, b"", px=1)

    async def read_eviction_policy(self) -> str | None:
        """The policy by which a full server removes keys that do not expire, or ``None`` if it does not.

        Of a Cluster, the server that has the overrides is asked.
        """
        with translate_errors():
            of_overrides: dict[str, Any] = {}
            if isinstance(self._client, RedisCluster):
                of_overrides["target_nodes"] = self._client.get_node_from_key(self._overrides_key)
            memory: Mapping[str, Any] = await self._client.info("memory", **of_overrides)
            policy = str(memory.get("maxmemory_policy"))
            return policy if policy.startswith("allkeys-") and memory.get("maxmemory") else None

    async def read_markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
        """The records under ``keys``, in one round trip."""
        names = [self._market_key(key) for key in keys]
        with translate_errors():
            if isinstance(self._client, RedisCluster):
                values: list[Any] = await self._client.mget_nonatomic(names)
            else:
                values = await self._client.mget(names)
            if len(values) != len(keys):
                raise StoreError("store-refused", "an answer of another length")
            return [None if value is None else bytes(value) for value in values]

    async def put_market(self, key: MarketKey, value: bytes, *, ttl_seconds: float) -> None:
        """Store a record for ``ttl_seconds``; the collector's way, which needs not know the one before."""
        with translate_errors():
            await self._client.set(self._market_key(key), value, px=_milliseconds(ttl_seconds))

    async def exchange_market(self, key: MarketKey, value: bytes, *, ttl_seconds: float) -> bytes | None:
        """Store a record for ``ttl_seconds``; returns the one that it replaced."""
        with translate_errors(), sent_once():
            name, lifetime = self._market_key(key), _milliseconds(ttl_seconds)
            replaced: Any = await self._client.eval(_EXCHANGE, 1, name, value, lifetime)
            return None if replaced is None else bytes(replaced)

    async def changes(self) -> AsyncIterator[Notice]:
        """Yields once subscribed, again after each reconnect, and for each message that overrides have changed.

        An idle connection is pinged, and the subscription fails if the ping is not answered.
        """
        with translate_errors():
            subscription = self._client.pubsub()
        try:
            with translate_errors():
                await subscription.subscribe(self._channel)
            asked = False
            while True:
                with translate_errors():
                    message = await subscription.get_message(timeout=self._timeout_seconds)
                    if message is None and asked:
                        raise StoreError("store-slow", "the subscription does not answer")
                    if message is None:
                        await subscription.ping()
                asked = message is None
                if message is not None and message["type"] in _NOTICES:
                    yield _NOTICES[message["type"]]
        finally:
            with contextlib.suppress(Exception):
                await subscription.aclose()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Close all connections."""
        await self._connection.close()

    def _market_key(self, key: MarketKey) -> str:
        return f"{self._market_prefix}{key.venue}:{key.symbol}"


def _milliseconds(seconds: float) -> int:
    """A time to live, which must not be zero."""
    return max(1, round(seconds * 1000.0))
