"""Which contracts to collect: ``venue:MARKET``, the venue as in the catalogue and the market as ccxt names it."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct


class WatchError(ValueError):
    """A list of markets that cannot be used; the message names the entry."""


class Watch(NamedTuple):
    """A contract to collect."""

    venue: str
    market: str


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    markets: tuple[str, ...]


def read_watches(texts: Iterable[str], *, venues: Sequence[str]) -> tuple[Watch, ...]:
    """The contracts that ``texts`` name, each once, in their order.

    Raises:
        WatchError: one of them is no contract of ``venues``, or there are none.

    >>> read_watches(["okx:BTC/USDT:USDT"], venues=["okx"])
    (Watch(venue='okx', market='BTC/USDT:USDT'),)
    """
    watches = tuple(dict.fromkeys(_watch(text, venues) for text in texts))
    if not watches:
        raise WatchError("no markets: name some, as in binance:BTC/USDT:USDT")
    return watches


def read_file(path: Path) -> tuple[str, ...]:
    """The entries of a TOML file: ``markets = ["binance:BTC/USDT:USDT"]``.

    Raises:
        WatchError: it is no such file.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File).markets
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise WatchError(f"{path.name}: {error}") from error


def _watch(text: str, venues: Sequence[str]) -> Watch:
    venue, colon, market = text.strip().partition(":")
    if not colon or not market:
        raise WatchError(f"{text!r} is not VENUE:MARKET, as in binance:BTC/USDT:USDT")
    if venue not in venues:
        raise WatchError(f"{text!r}: {venue!r} cannot be collected; {', '.join(venues)} can")
    return Watch(venue, market)
