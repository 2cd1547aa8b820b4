"""The store in Redis or Valkey: standalone, behind Sentinel, or a Cluster; with TLS and ACL users.

redis-py waits and retries for long by default; here nothing is retried and every wait ends with the patience.
"""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from redis.asyncio import Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    ClusterError,
    NoPermissionError,
    RedisClusterException,
    RedisError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from adlrisk.venues.records import MarketKey
from adlrisk.venues.store import Reason, StoreError, StoreKind

Form = Literal["standalone", "sentinel", "cluster"]

_DEFAULT_PORT: Final[dict[Form, int]] = {"standalone": 6379, "cluster": 6379, "sentinel": 26379}
_SCHEMES: Final[dict[str, tuple[Form, bool]]] = {
    "redis": ("standalone", False),
    "rediss": ("standalone", True),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
}
# Atomic, and on one key, so that it works on a Cluster too. An empty text stands for nothing.
_REPLACE: Final = """
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
if ARGV[3] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[3]) end
return 1
"""


class Address(Struct, frozen=True, kw_only=True):
    """Where the store is, read from its URL."""

    form: Form
    tls: bool
    hosts: tuple[tuple[str, int], ...]
    username: str | None
    password: str | None
    database: int
    service: str | None  # the name under which Sentinel knows the master


class Access(Struct, frozen=True, kw_only=True):
    """How to get at the store."""

    address: Address
    prefix: str = "adlrisk"
    patience_seconds: float = 1.0
    password: str | None = None  # instead of the one in the URL
    sentinel_password: str | None = None
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None


def read_url(url: str) -> Address:
    """The address that ``url`` names.

    ``redis://[user:password@]host[:port][/database]``; ``rediss://`` with TLS; ``redis+cluster://host,host`` and
    ``redis+sentinel://host,host/service[/database]``, each with ``rediss`` for TLS.

    Raises:
        ValueError: it is no such URL. The message does not show it, for it may hold a password.

    >>> address = read_url("rediss+sentinel://one,two:26380/main/3")
    >>> address.hosts, address.service, address.database, address.tls
    ((('one', 26379), ('two', 26380)), 'main', 3, True)
    """
    parts = urlsplit(url)
    form, tls = _SCHEMES.get(parts.scheme, (None, False))
    if form is None:
        raise ValueError(f"the scheme is none of {', '.join(_SCHEMES)}")
    credentials, _, hosts = parts.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    steps = [step for step in parts.path.split("/") if step]
    service = steps.pop(0) if form == "sentinel" and steps else None
    if form == "sentinel" and service is None:
        raise ValueError("behind Sentinel the path names the master, as in redis+sentinel://host/main")
    if len(steps) > 1 or not all(step.isdecimal() for step in steps) or (steps and form == "cluster"):
        raise ValueError("the path is no database number")
    return Address(
        form=form,
        tls=tls,
        hosts=tuple(_host(host, _DEFAULT_PORT[form]) for host in hosts.split(",")),
        username=unquote(username) or None,
        password=unquote(password) or None,
        database=int(steps[0]) if steps else 0,
        service=service,
    )


class RedisStore:
    """Keeps overrides in one hash and each market record under a key of its own, all under a prefix."""

    kind: StoreKind = "redis"
    is_local = False

    def __init__(self, access: Access) -> None:
        self._patience_seconds = access.patience_seconds
        self._overrides_key = f"{access.prefix}:overrides"
        self._market_prefix = f"{access.prefix}:market:"
        self._channel = f"{access.prefix}:changed"
        self._sentinel: Sentinel | None = None
        self._client = self._connected(access)

    async def overrides(self) -> Mapping[str, bytes]:
        """All overrides by venue id."""
        kept: dict[bytes, bytes] = await _answered(self._client.hgetall(self._overrides_key))
        return {venue.decode(errors="replace"): value for venue, value in kept.items()}

    async def replace_override(self, venue: str, *, old: bytes | None, new: bytes | None) -> bool:
        """Put ``new`` where ``old`` is, and tell other replicas; whether ``old`` was there."""
        command = self._client.eval(_REPLACE, 1, self._overrides_key, venue, old or b"", new or b"")
        replaced = bool(await _answered(command))
        if replaced:
            with contextlib.suppress(StoreError):  # others find out when they refresh
                await _answered(self._client.publish(self._channel, b""))
        return replaced

    async def markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
        """The records under ``keys``, in one exchange."""
        names = [self._market_key(key) for key in keys]
        if isinstance(self._client, RedisCluster):
            return list(await _answered(self._client.mget_nonatomic(names)))
        return list(await _answered(self._client.mget(names)))

    async def put_market(self, key: MarketKey, value: bytes, *, ttl_seconds: float) -> None:
        """Keep a record for so long."""
        await _answered(self._client.set(self._market_key(key), value, px=max(1, round(ttl_seconds * 1000.0))))

    async def changes(self) -> AsyncIterator[None]:
        """An item when listening begins, and for each message that says overrides have changed."""
        subscription = self._client.pubsub()
        try:
            await _answered(subscription.subscribe(self._channel))
            yield
            while True:
                message = await _answered(subscription.get_message(timeout=self._patience_seconds))
                if message is not None and message["type"] == "message":
                    yield
        finally:
            with contextlib.suppress(RedisError, OSError):
                await subscription.aclose()  # type: ignore[no-untyped-call]

    async def close(self) -> None:
        """Let go of all connections."""
        with contextlib.suppress(RedisError, RedisClusterException, OSError):
            await self._client.aclose()
            for watcher in self._sentinel.sentinels if self._sentinel else ():
                await watcher.aclose()

    def _market_key(self, key: MarketKey) -> str:
        return f"{self._market_prefix}{key.venue}:{key.symbol}"

    def _connected(self, access: Access) -> "Redis | RedisCluster":
        """The client; it connects when it is first asked for something."""
        address = access.address
        waits = {
            "socket_timeout": access.patience_seconds,
            "socket_connect_timeout": access.patience_seconds,
            "retry": Retry(NoBackoff(), 0),
        }
        secured = _tls_options(access) if address.tls else {}
        options: dict[str, Any] = {
            **waits,
            **secured,
            "username": address.username,
            "password": access.password or address.password,
            "client_name": "adlrisk",
        }
        if address.form == "cluster":
            nodes = [ClusterNode(host, port) for host, port in address.hosts]
            return RedisCluster(startup_nodes=nodes, **options)
        options["db"] = address.database
        if address.form == "sentinel":
            watched = {**waits, **secured, "password": access.sentinel_password}
            self._sentinel = Sentinel(address.hosts, sentinel_kwargs=watched, **options)  # type: ignore[no-untyped-call]
            master: Redis = self._sentinel.master_for(str(address.service))
            return master
        host, port = address.hosts[0]
        return Redis(host=host, port=port, **options)


def _host(text: str, default_port: int) -> tuple[str, int]:
    """Host and port, an IPv6 address in brackets."""
    parts = urlsplit(f"//{text}")
    try:
        port = parts.port
    except ValueError:
        raise ValueError("a port is no number") from None
    if not parts.hostname:
        raise ValueError("a host is missing")
    return parts.hostname, port or default_port


def _tls_options(access: Access) -> dict[str, Any]:
    return {
        "ssl": True,
        "ssl_ca_certs": access.ca_file,
        "ssl_certfile": access.certificate_file,
        "ssl_keyfile": access.key_file,
    }


async def _answered(command: Awaitable[Any]) -> Any:
    """What the server answers.

    Raises:
        StoreError: it does not, or refuses.
    """
    with _as_store_errors():
        return await command


@contextlib.contextmanager
def _as_store_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # whatever the client raises, answers have to go on
        raise StoreError(_reason_of(error), f"{type(error).__name__}: {error}") from error


def _reason_of(error: Exception) -> Reason:
    if isinstance(error, AuthenticationError | AuthorizationError | NoPermissionError):
        return "store-denied"
    if isinstance(error, RedisTimeoutError | TimeoutError):
        return "store-slow"
    if isinstance(error, RedisConnectionError | ClusterError | RedisClusterException | OSError):
        return "store-unreachable"
    return "store-refused"
