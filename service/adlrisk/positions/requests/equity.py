"""Requests for the equity behind cross positions, at the venues where it can be read."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from adlrisk.positions.margin import (
    AccountEquity,
    parse_binance_equity,
    parse_bybit_equity,
    parse_hyperliquid_equity,
    parse_okx_equity,
)

# Of ccxt's exchange and a settlement currency.
EquityRequest = Callable[[Any, str], AccountEquity | None]


def _fetch_binance(exchange: Any, settle: str) -> AccountEquity | None:
    account = exchange.fapiPrivateV3GetAccount()
    shared = exchange.fapiPrivateGetMultiAssetsMargin()["multiAssetsMargin"]
    return parse_binance_equity(account, settle=settle, multi_assets=shared in (True, "true"))


def _fetch_binance_coinm(exchange: Any, settle: str) -> AccountEquity | None:
    return parse_binance_equity(exchange.dapiPrivateGetAccount(), settle=settle, multi_assets=False)


def _fetch_bybit(exchange: Any, _: str) -> AccountEquity | None:
    return parse_bybit_equity(exchange.privateGetV5AccountWalletBalance({"accountType": "UNIFIED"}))


def _fetch_hyperliquid(exchange: Any, _: str) -> AccountEquity | None:
    request = {"type": "clearinghouseState", "user": exchange.walletAddress}
    return parse_hyperliquid_equity(exchange.publicPostInfo(request))


def _fetch_okx(exchange: Any, settle: str) -> AccountEquity | None:
    return parse_okx_equity(exchange.privateGetAccountBalance(), settle=settle)


EQUITY_REQUESTS: Final[Mapping[str, EquityRequest]] = {
    "binance": _fetch_binance,
    "binance_coinm": _fetch_binance_coinm,
    "bybit": _fetch_bybit,
    "hyperliquid": _fetch_hyperliquid,
    "okx": _fetch_okx,
}
