"""A lease in Redis: a key that one holder has until it expires, renews it, or releases it.

The scripts take one key each, so that they also work on a Cluster. Why not redis-py's Lock: decision 15.
"""

from typing import Any, Final

_RENEW: Final = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0"
_RELEASE: Final = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"


async def acquire_lease(client: Any, key: str, *, holder: str, seconds: float) -> bool:
    """Acquire the lease, or renew it; whether ``holder`` has it now."""
    milliseconds = round(seconds * 1000.0)
    if await client.eval(_RENEW, 1, key, holder, str(milliseconds)):
        return True
    return bool(await client.set(key, holder, nx=True, px=milliseconds))


async def release_lease(client: Any, key: str, *, holder: str) -> None:
    """Release the lease if ``holder`` has it."""
    await client.eval(_RELEASE, 1, key, holder)
