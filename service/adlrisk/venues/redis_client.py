"""The client of Redis or Valkey: standalone, behind Sentinel, or a Cluster; with TLS and ACL users.

redis-py waits and retries for long by default; here every wait ends with the patience.
"""

import contextlib
from collections.abc import Iterator
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


class Address(Struct, frozen=True, kw_only=True):
    """Where the store is, read from its URL."""

    form: Form
    tls: bool
    hosts: tuple[tuple[str, int], ...]
    username: str | None
    password: str | None
    database: int
    service: str | None  # the name under which Sentinel knows the master

    def __repr__(self) -> str:
        """All of it but the password."""
        return masked_repr(self, secrets={"password"})


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

    def __repr__(self) -> str:
        """All of it but passwords."""
        return masked_repr(self, secrets={"password", "sentinel_password"})


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


class Client:
    """A client; it connects when it is first asked for something."""

    def __init__(self, access: Access) -> None:
        self._sentinel: Sentinel | None = None
        self.redis = self._connected(access)

    async def close(self) -> None:
        """Let go of all connections."""
        with contextlib.suppress(Exception):
            await self.redis.aclose()
            for watcher in self._sentinel.sentinels if self._sentinel else ():
                await watcher.aclose()

    def _connected(self, access: Access) -> "Redis | RedisCluster":
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


@contextlib.contextmanager
def as_store_errors() -> Iterator[None]:
    """Whatever the client raises, as one of the documented reasons."""
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
