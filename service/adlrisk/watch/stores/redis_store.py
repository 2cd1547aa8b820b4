"""The state in Redis or Valkey: under a key, behind a lock that expires.

Keys, under the prefix: ``watch:state``, ``watch:lock``, and ``watch:unreadable`` for a state that was none.
"""

import contextlib
import secrets
from collections.abc import Iterator
from typing import Any, Final

from adlrisk.venues.redis_client import RedisAccess, RedisClient, translate_errors
from adlrisk.venues.redis_lease import acquire_lease, release_lease
from adlrisk.venues.store import StoreError
from adlrisk.watch.stores.store import StoreFailedError, StoreTakenError

LOCK_SECONDS: Final = 30.0
_STATE_TTL_SECONDS: Final = 31 * 86_400  # of a watch that nobody starts any more


class RedisStateStore:
    """The state in Redis. Satisfies ``StateStore``."""

    def __init__(self, access: RedisAccess) -> None:
        self.shown = f"{access.prefix}:watch:state in Redis"
        self.setting = "ADLRISK_REDIS_URL"
        self._prefix = f"{access.prefix}:watch"
        self._connection = RedisClient(access)
        self._client: Any = self._connection.redis
        self._holder = secrets.token_hex(8)

    async def open(self) -> bytes | None:
        """Acquire the lock and read the state."""
        await self.hold()
        with _explained():
            stored = await self._client.get(f"{self._prefix}:state")
        return None if stored is None else bytes(stored)

    async def put(self, state: bytes) -> None:
        """Keep the state, if the lock is still this watch's."""
        await self.hold()
        with _explained():
            await self._client.set(f"{self._prefix}:state", state, ex=_STATE_TTL_SECONDS)

    async def set_aside(self) -> str:
        """Keep the state under another key."""
        with _explained():
            stored = await self._client.get(f"{self._prefix}:state")
            await self._client.set(f"{self._prefix}:unreadable", stored or b"", ex=_STATE_TTL_SECONDS)
        return f"{self._prefix}:unreadable in Redis"

    async def hold(self) -> None:
        """Acquire the lock, or renew it."""
        with _explained():
            has_lock = await acquire_lease(
                self._client, f"{self._prefix}:lock", holder=self._holder, seconds=LOCK_SECONDS
            )
        if not has_lock:
            raise StoreTakenError(
                f"another watch has the state {self.shown}, or one that was killed had it less than "
                f"{LOCK_SECONDS:g} s ago; two watches need two values of ADLRISK_REDIS_PREFIX"
            )

    async def close(self) -> None:
        """Release the lock."""
        try:
            with translate_errors():
                await release_lease(self._client, f"{self._prefix}:lock", holder=self._holder)
        except StoreError:  # it expires by itself
            pass
        await self._connection.close()


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        with translate_errors():
            yield
    except StoreError as error:  # its detail may hold what the server says of the password
        raise StoreFailedError(f"Redis does not keep the state: {error.reason}") from error
