"""Venues' own ids of perpetuals, guessed from ccxt's unified symbols: for messages only, never for a look-up."""

import re
from collections.abc import Callable
from typing import Final

# BTC/USDT:USDT, BTC/USDT; ccxt's names of dated contracts go on after the settlement currency.
_UNIFIED: Final = re.compile(r"(?P<base>[A-Z0-9]{1,16})/(?P<quote>[A-Z0-9]{1,8})(?::(?P<settle>[A-Z0-9]{1,8}))?")

Guess = Callable[[str, str, bool], str]  # base, quote, whether the contract is inverse


def guess_symbol(unified: str, venue: str) -> str | None:
    """The venue's likely id of the perpetual that ccxt calls ``unified``; ``None`` if its convention is not known.

    >>> guess_symbol("BTC/USDT:USDT", "okx"), guess_symbol("BTC/USDT", "gate"), guess_symbol("BTC/USDT:USDT", "lighter")
    ('BTC-USDT-SWAP', 'BTC_USDT', None)
    """
    named, guess = _UNIFIED.fullmatch(unified.upper()), _GUESSES.get(venue)
    if named is None or guess is None:
        return None
    base, quote, settle = named["base"], named["quote"], named["settle"]
    inverse = quote == "USD" if settle is None else settle == base
    return guess(base, quote, inverse)


def _xbt(base: str) -> str:
    return "XBT" if base == "BTC" else base


def _joined(base: str, quote: str, _inverse: bool) -> str:  # noqa: FBT001 (a row of the table)
    return base + quote


def _coin_m(base: str, quote: str, _inverse: bool) -> str:  # noqa: FBT001
    return f"{base}{quote}_PERP"


def _kraken(base: str, _quote: str, inverse: bool) -> str:  # noqa: FBT001
    return f"{'PI' if inverse else 'PF'}_{_xbt(base)}USD"


def _kucoin(base: str, quote: str, _inverse: bool) -> str:  # noqa: FBT001
    return f"{_xbt(base)}{quote}M"


def _with_perp(base: str, quote: str, _inverse: bool) -> str:  # noqa: FBT001
    return f"{base}PERP" if quote == "USDC" else base + quote


_GUESSES: Final[dict[str, Guess]] = {
    # the venues of the catalogue, and their aliases
    "aster": _joined,
    "binance": _joined,
    "binance_coinm": _coin_m,
    "binancecoinm": _coin_m,
    "binanceusdm": _joined,
    "bingx": lambda base, quote, _: f"{base}-{quote}",
    "bitget": _with_perp,
    "bitmex": lambda base, quote, _: _xbt(base) + quote,
    "bybit": _with_perp,
    "coinex": _joined,
    "cryptocom": lambda base, _, __: f"{base}USD-PERP",
    "deribit": lambda base, quote, inverse: f"{base}-PERPETUAL" if inverse else f"{base}_{quote}-PERPETUAL",
    "dydx": lambda base, _, __: f"{base}-USD",
    "gate": lambda base, quote, _: f"{base}_{quote}",
    "htx": lambda base, quote, _: f"{base}-{quote}",
    "hyperliquid": lambda base, _, __: base,
    "kraken": _kraken,
    "krakenfutures": _kraken,
    "kucoin": _kucoin,
    "kucoinfutures": _kucoin,
    "mexc": lambda base, quote, _: f"{base}_{quote}",
    "okx": lambda base, quote, _: f"{base}-{quote}-SWAP",
    "paradex": lambda base, _, __: f"{base}-USD-PERP",
    "phemex": _joined,
}
