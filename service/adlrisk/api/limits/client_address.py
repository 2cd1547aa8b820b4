"""Client addresses: which proxies are trusted, and one address for all that a client can choose from."""

import ipaddress
from functools import lru_cache
from typing import Final

from litestar.types import HTTPScope

from adlrisk.settings import Settings, SettingsError

_V6_PREFIX: Final = 64  # what one customer of a network commonly has to himself


def trusted_networks(settings: Settings) -> list[str]:
    """The proxies whose word on a caller's address counts.

    Raises:
        SettingsError: one is neither an address nor a network.
    """
    listed = settings.trusted_proxies.replace(",", " ").split()
    try:
        return [str(ipaddress.ip_network(network)) for network in listed]
    except ValueError as error:
        raise SettingsError(f"ADLRISK_TRUSTED_PROXIES: {error}") from error


def address_of(scope: HTTPScope) -> str:
    """The address of a request, as far as it tells callers apart."""
    client = scope["client"]
    return _client_of(client[0]) if client else "unknown"


@lru_cache(maxsize=10_000)
def _client_of(host: str) -> str:
    """An IPv4 address, or the network of an IPv6 one: whoever has one address there has all.

    >>> _client_of("2001:db8::7"), _client_of("::ffff:192.0.2.1"), _client_of("unix socket")
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
