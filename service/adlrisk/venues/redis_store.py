"""The store in Redis or Valkey: standalone, behind Sentinel, or a Cluster; with TLS and ACL users.

redis-py waits and retries for long by default; here every wait ends with the patience.
"""

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Final, Literal
from urllib.parse import SplitResult, unquote, urlsplit

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
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
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
    parts = _split(url)
    form, tls = _SCHEMES.get(parts.scheme, (None, False))
    if form is None:
        raise ValueError(f"the scheme is none of {', '.join(_SCHEMES)}")
    if parts.query or parts.fragment:
        raise ValueError("a query or fragment means nothing here; # and ? in a password are written %23 and %3F")
    credentials, _, named = parts.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    hosts = tuple(_host(host.strip(), _DEFAULT_PORT[form]) for host in named.split(","))
    if form == "standalone" and len(hosts) > 1:
        raise ValueError("several hosts need redis+cluster:// or redis+sentinel://")
    steps = [unquote(step) for step in parts.path.split("/") if step]
    service = steps.pop(0) if form == "sentinel" and steps else None
    if form == "sentinel" and service is None:
        raise ValueError("behind Sentinel the path names the master, as in redis+sentinel://host/main")
    if len(steps) > 1 or not all(step.isdecimal() for step in steps) or (steps and form == "cluster"):
        raise ValueError("the path is no database number")
    return Address(
        form=form,
        tls=tls,
        hosts=hosts,
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
        self._probe_key = f"{access.prefix}:probe"
        self._sentinel: Sentinel | None = None
        self._client = self._connected(access)

    async def overrides(self) -> Mapping[str, bytes]:
        """All overrides by venue id."""
        with _as_store_errors():
            kept: Mapping[Any, Any] = await self._client.hgetall(self._overrides_key)
            return {venue.decode(errors="replace"): bytes(value) for venue, value in kept.items()}

    async def replace_override(self, venue: str, *, old: bytes | None, new: bytes | None) -> bool:
        """Put ``new`` where ``old`` is; whether ``old`` was there."""
        with _as_store_errors():
            return bool(await self._client.eval(_REPLACE, 1, self._overrides_key, venue, old or b"", new or b""))

    async def announce(self) -> None:
        """Tell other replicas that overrides have changed."""
        with _as_store_errors():
            await self._client.publish(self._channel, b"")

    async def check_writable(self) -> None:
        """See whether a key that is gone at once is taken."""
        with _as_store_errors():
            await self._client.set(self._probe_key, b"", px=1)

    async def markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
        """The records under ``keys``, in one exchange."""
        names = [self._market_key(key) for key in keys]
        with _as_store_errors():
            if isinstance(self._client, RedisCluster):
                values: list[Any] = await self._client.mget_nonatomic(names)
            else:
                values = await self._client.mget(names)
            if len(values) != len(keys):
                raise StoreError("store-refused", "an answer of another length")
            return [None if value is None else bytes(value) for value in values]

    async def put_market(self, key: MarketKey, value: bytes, *, ttl_seconds: float) -> None:
        """Keep a record for so long."""
        with _as_store_errors():
            await self._client.set(self._market_key(key), value, px=max(1, round(ttl_seconds * 1000.0)))

    async def changes(self) -> AsyncIterator[None]:
        """An item when listening begins, and for each message that says overrides have changed.

        A connection that nothing comes from is asked, and given up when it does not answer.
        """
        with _as_store_errors():
            subscription = self._client.pubsub()
        try:
            with _as_store_errors():
                await subscription.subscribe(self._channel)
            yield
            asked = False
            while True:
                with _as_store_errors():
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
        with contextlib.suppress(Exception):
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
            # Once more where an idle connection turns out to have ended; never where an answer is waited for.
            "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
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


def _split(text: str) -> SplitResult:
    """The parts of a URL. What the library says of one that is none shows it, so that is not passed on."""
    try:
        return urlsplit(text)
    except ValueError:
        raise ValueError("a host or password has characters that a URL cannot hold") from None


def _host(text: str, default_port: int) -> tuple[str, int]:
    """Host and port, an IPv6 address in brackets."""
    parts = _split(f"//{text}")
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


@contextlib.contextmanager
def _as_store_errors() -> Iterator[None]:
    try:
        yield
    except StoreError:
        raise
    except Exception as error:  # whatever the client raises, answers have to go on
        raise StoreError(_reason_of(error), f"{type(error).__name__}: {error}") from error


def _reason_of(error: Exception) -> Reason:
    if isinstance(error, AuthenticationError | AuthorizationError | NoPermissionError):
        return "store-denied"
    if isinstance(error, OutOfMemoryError):
        return "store-full"
    if isinstance(error, ReadOnlyError):
        return "store-read-only"
    if isinstance(error, RedisTimeoutError | TimeoutError):
        return "store-slow"
    if isinstance(error, RedisConnectionError | ClusterError | RedisClusterException | OSError):
        return "store-unreachable"
    return "store-refused"
