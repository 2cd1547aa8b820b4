"""Perpetuals in ccxt's form, as far as a reader needs them."""

from typing import Any


def perpetual(market_id: str, symbol: str, contract_size: float = 1.0, **more: Any) -> dict[str, Any]:
    """The market of ``symbol`` (ccxt's name: ``BTC/USDT:USDT``) that the venue calls ``market_id``."""
    pair, _, settle = symbol.partition(":")
    base, _, quote = pair.partition("/")
    inverse = settle == base and base != quote
    return {
        "id": market_id,
        "symbol": symbol,
        "base": base,
        "quote": quote,
        "settle": settle,
        "baseId": base,
        "quoteId": quote,
        "settleId": settle,
        "type": "swap",
        "spot": False,
        "margin": False,
        "swap": True,
        "future": False,
        "option": False,
        "active": True,
        "contract": True,
        "linear": not inverse,
        "inverse": inverse,
        "contractSize": contract_size,
        "precision": {"price": 0.01, "amount": 0.001, "base": 1e-08, "quote": 1e-08},
        "info": {},
        **more,
    }
