"""Caller of a request: its API key, else its address, which trusted proxies may name."""

import ipaddress
from functools import lru_cache
from typing import Final

from litestar.types import HTTPScope

from adlrisk.api.http.headers import Headers
from adlrisk.api.limits.api_keys import ApiKeys
from adlrisk.settings import Settings, SettingsError, describe_allowed

_KEY_LENGTH: Final = 16  # of a digest, enough to tell keys apart
_V6_PREFIX: Final = 64  # the network that one customer commonly has


def parse_trusted_networks(settings: Settings) -> list[str]:
    """Return the proxies that are trusted to name a client's address.

    Raises:
        SettingsError: one is neither an address nor a network.
    """
    listed = settings.trusted_proxies.replace(",", " ").split()
    try:
        return [str(ipaddress.ip_network(network)) for network in listed]
    except ValueError as error:
        raise SettingsError(f"ADLRISK_TRUSTED_PROXIES: {describe_allowed('trusted_proxies')}; {error}") from error


def identify_caller(scope: HTTPScope, headers: Headers, api_keys: ApiKeys) -> str:
    """Return the name by which a caller is counted, the same for all requests with its key or from its address."""
    key = api_keys.find_digest(headers)
    return f"key:{key[:_KEY_LENGTH]}" if key else f"address:{_client_address(scope)}"


def _client_address(scope: HTTPScope) -> str:
    client = scope["client"]
    return _shared_address(client[0]) if client else "unknown"


@lru_cache(maxsize=10_000)
def _shared_address(host: str) -> str:
    """Return an IPv4 address, or the network of an IPv6 one, whose addresses a client can choose from.

    >>> _shared_address("2001:db8::7"), _shared_address("::ffff:192.0.2.1"), _shared_address("unix socket")
    ('2001:db8::', '192.0.2.1', 'unknown')
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address.packed, _V6_PREFIX), strict=False).network_address)
