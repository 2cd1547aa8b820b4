"""The contracts to collect, parsed from ``venue:MARKET``: the venue's id in the catalogue, and the market in ccxt."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

_NO_ALIASES: Final[Mapping[str, str]] = {}


class TargetError(ValueError):
    """A list of markets that cannot be used; the message names the entry."""


class MarketTarget(NamedTuple):
    """A contract to collect."""

    venue: str
    market: str


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    markets: tuple[str, ...]


def parse_targets(
    texts: Iterable[str], *, venues: Sequence[str], aliases: Mapping[str, str] = _NO_ALIASES
) -> tuple[MarketTarget, ...]:
    """The contracts that ``texts`` name, in their order and without duplicates; ``aliases`` are ids by other names.

    Raises:
        TargetError: an entry does not name a contract of ``venues``, or there is none.

    >>> parse_targets(["okx:BTC/USDT:USDT"], venues=["okx"])
    (MarketTarget(venue='okx', market='BTC/USDT:USDT'),)
    """
    targets = tuple(dict.fromkeys(_parse_target(text, venues, aliases) for text in texts))
    if not targets:
        raise TargetError("no markets: name some, as in binance:BTC/USDT:USDT")
    return targets


def read_target_file(path: Path) -> tuple[str, ...]:
    """The entries of a TOML file: ``markets = ["binance:BTC/USDT:USDT"]``.

    Raises:
        TargetError: the file cannot be read, or has another form.
    """
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File).markets
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise TargetError(f"{path.name}: {error}") from error


def _parse_target(text: str, venues: Sequence[str], aliases: Mapping[str, str]) -> MarketTarget:
    named, colon, market = text.strip().partition(":")
    venue = aliases.get(named, named)
    if not colon or not market:
        raise TargetError(f"{text!r} is not VENUE:MARKET, as in binance:BTC/USDT:USDT")
    if venue not in venues:
        raise TargetError(f"{text!r}: {venue!r} cannot be collected; {', '.join(venues)} can")
    return MarketTarget(venue, market)
