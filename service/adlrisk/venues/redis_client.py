"""Client for Redis or Valkey, and translation of its errors to ``StoreError``.

It connects to a standalone server, Sentinel or Cluster, with TLS and ACL users. redis-py has long default timeouts and
retries; here every wait ends after ``timeout_seconds``, and a command is sent again only where that cannot do it twice.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
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

from adlrisk.masking import masked_repr
from adlrisk.venues.store import Reason, StoreError

Topology = Literal["standalone", "sentinel", "cluster"]

_DEFAULT_PORT: Final[dict[Topology, int]] = {"standalone": 6379, "cluster": 6379, "sentinel": 26379}
_SCHEMES: Final[dict[str, tuple[Topology, bool]]] = {
    "redis": ("standalone", False),
    "rediss": ("standalone", True),
    "redis+sentinel": ("sentinel", False),
    "rediss+sentinel": ("sentinel", True),
    "redis+cluster": ("cluster", False),
    "rediss+cluster": ("cluster", True),
}


# The commands of this task are done once or not at all: one that is sent again would see what it has done itself.
_is_sent_once: ContextVar[bool] = ContextVar("is_sent_once", default=False)


class RedisAddress(Struct, frozen=True, kw_only=True):
    """The parts of a Redis URL."""

    topology: Topology
    tls: bool
    hosts: tuple[tuple[str, int], ...]
    username: str | None
    password: str | None
    database: int
    service: str | None  # name of the master in Sentinel

    def __repr__(self) -> str:
        """All fields but the password."""
        return masked_repr(self, secrets={"password"})


class RedisAccess(Struct, frozen=True, kw_only=True):
    """Connection settings of the store."""

    address: RedisAddress
    prefix: str = "adlrisk"
    timeout_seconds: float = 1.0
    password: str | None = None  # instead of the one in the URL
    sentinel_password: str | None = None
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None

    def __repr__(self) -> str:
        """All fields but the passwords."""
        return masked_repr(self, secrets={"password", "sentinel_password"})


def parse_url(url: str) -> RedisAddress:
    """The address in ``url``.

    ``redis://[user:password@]host[:port][/database]``; ``rediss://`` with TLS; ``redis+cluster://host,host`` and
    ``redis+sentinel://host,host/service[/database]``, each with ``rediss`` for TLS.

    Raises:
        ValueError: the URL is invalid. The message does not show it: it may hold a password.

    >>> address = parse_url("rediss+sentinel://one,two:26380/main/3")
    >>> address.hosts, address.service, address.database, address.tls
    ((('one', 26379), ('two', 26380)), 'main', 3, True)
    """
    parts = _split(url)
    topology, tls = _SCHEMES.get(parts.scheme, (None, False))
    if topology is None:
        raise ValueError(f"the scheme is none of {', '.join(_SCHEMES)}")
    if parts.query or parts.fragment:
        raise ValueError("a query or fragment means nothing here; # and ? in a password are written %23 and %3F")
    credentials, _, named = parts.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    hosts = tuple(_host(host.strip(), _DEFAULT_PORT[topology]) for host in named.split(","))
    if topology == "standalone" and len(hosts) > 1:
        raise ValueError("several hosts need redis+cluster:// or redis+sentinel://")
    steps = [unquote(step) for step in parts.path.split("/") if step]
    service = steps.pop(0) if topology == "sentinel" and steps else None
    if topology == "sentinel" and service is None:
        raise ValueError("behind Sentinel the path names the master, as in redis+sentinel://host/main")
    if len(steps) > 1 or not all(step.isdecimal() for step in steps) or (steps and topology == "cluster"):
        raise ValueError("the path is no database number")
    return RedisAddress(
        topology=topology,
        tls=tls,
        hosts=hosts,
        username=unquote(username) or None,
        password=unquote(password) or None,
        database=int(steps[0]) if steps else 0,
        service=service,
    )


class RedisClient:
    """A Redis client that connects on first use."""

    def __init__(self, access: RedisAccess) -> None:
        self._sentinel: Sentinel | None = None
        self.redis = self._connect(access)

    async def close(self) -> None:
        """Close all connections."""
        with contextlib.suppress(Exception):
            await self.redis.aclose()
            for watcher in self._sentinel.sentinels if self._sentinel else ():
                await watcher.aclose()

    def _connect(self, access: RedisAccess) -> "Redis | RedisCluster":
        address = access.address
        waits = {
            "socket_timeout": access.timeout_seconds,
            "socket_connect_timeout": access.timeout_seconds,
            "retry": _RetryOnce(),
        }
        secured = _tls_options(access) if address.tls else {}
        options: dict[str, Any] = {
            **waits,
            **secured,
            "username": address.username,
            "password": access.password or address.password,
            "client_name": "adlrisk",
        }
        if address.topology == "cluster":
            nodes = [ClusterNode(host, port) for host, port in address.hosts]
            return RedisCluster(startup_nodes=nodes, **options)
        options["db"] = address.database
        if address.topology == "sentinel":
            watched = {**waits, **secured, "password": access.sentinel_password}
            self._sentinel = Sentinel(address.hosts, sentinel_kwargs=watched, **options)  # type: ignore[no-untyped-call]
            master: Redis = self._sentinel.master_for(str(address.service))
            return master
        host, port = address.hosts[0]
        return Redis(host=host, port=port, **options)


@contextlib.contextmanager
def sent_once() -> Iterator[None]:
    """A context whose commands are not sent again when a connection breaks: the server may have done them."""
    token = _is_sent_once.set(True)
    try:
        yield
    finally:
        _is_sent_once.reset(token)


@contextlib.contextmanager
def translate_errors() -> Iterator[None]:
    """Turn any error of the client into a ``StoreError`` with a documented reason."""
    try:
        yield
    except StoreError:
        raise
    except Exception as error:  # any error of the client: answers must go on
        raise StoreError(_reason_of(error), f"{type(error).__name__}: {error}") from error


class _RetryOnce(Retry):
    """One retry, if the connection turns out to be closed; a timeout is not retried, nor is what is ``sent_once``."""

    def __init__(self) -> None:
        super().__init__(NoBackoff(), 1, supported_errors=(RedisConnectionError,))

    async def call_with_retry(self, *given: Any, **named: Any) -> Any:
        """Call, and call again; of a standalone server, and of a master."""
        if _is_sent_once.get():
            return await _NO_RETRY.call_with_retry(*given, **named)
        return await super().call_with_retry(*given, **named)

    def get_retries(self) -> int:
        """How often to call again; of a Cluster."""
        return 0 if _is_sent_once.get() else super().get_retries()


_NO_RETRY: Final = Retry(NoBackoff(), 0, supported_errors=(RedisConnectionError,))


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


def _split(text: str) -> SplitResult:
    """The parts of a URL; errors do not show it, unlike the library's."""
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


def _tls_options(access: RedisAccess) -> dict[str, Any]:
    return {
        "ssl": True,
        "ssl_ca_certs": access.ca_file,
        "ssl_certfile": access.certificate_file,
        "ssl_keyfile": access.key_file,
    }
