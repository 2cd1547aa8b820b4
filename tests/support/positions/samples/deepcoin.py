"""Deepcoin: cross and isolated positions, merged or split, linear and inverse; no mark price and no PnL in them."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

DOGE = perpetual("DOGE-USDT-SWAP", "DOGE/USDT:USDT", 1.0)
BTC = perpetual("BTC-USDT-SWAP", "BTC/USDT:USDT", 0.001)
INVERSE = perpetual("BTC-USD-SWAP", "BTC/USD:BTC", 1.0)


def success(data: Any) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": data}


def position(market: str, side: str, mode: str, **fields: str) -> dict[str, Any]:
    """A position in the documented shape."""
    return {
        "instType": "SWAP",
        "mgnMode": mode,
        "instId": market,
        "posId": "1001110099878275",
        "posSide": side,
        "mrgPosition": "merge",
        "uTime": "1760709419000",
        "cTime": "1760709419000",
        **fields,
    }


def mark(market: str, price: str) -> dict[str, Any]:
    return {"instType": "SWAP", "instId": market, "markPx": price, "ts": "1760709420000"}


def ticker(market: str, price: str) -> dict[str, Any]:
    """A ticker: it has no mark price."""
    return {
        "instType": "SWAP",
        "instId": market,
        "last": price,
        "lastSz": "",
        "askPx": price,
        "askSz": "56280",
        "bidPx": price,
        "bidSz": "63220",
        "open24h": price,
        "high24h": price,
        "low24h": price,
        "volCcy24h": "73.31475724",
        "vol24h": "8406739",
        "sodUtc0": "",
        "sodUtc8": "",
        "ts": "1760367816000",
    }


MARGIN = (
    "useMargin is entry value over leverage, without PnL: 20 · 0.18408 / 75 = 0.049088 in the documented example, "
    "which makes the contract 1 DOGE"
)

SAMPLES: Final = (
    Sample(
        venue="deepcoin",
        mode="USDT, a cross long and an isolated short",
        source=(
            "Deepcoin API: Get positions (comment of ccxt 4.5.90 in deepcoin.py: the cross long, every figure), Get "
            "account balance, Get mark price (path and fields from two client libraries), tickers; seen 2026-11-28; "
            "the isolated short and the mark prices made up"
        ),
        markets=(DOGE, BTC),
        answers={
            "/deepcoin/account/positions": success(
                [
                    position(
                        "DOGE-USDT-SWAP",
                        "long",
                        "cross",
                        pos="20",
                        avgPx="0.18408",
                        lever="75",
                        liqPx="0.00001",
                        useMargin="0.049088",
                        ccy="USDT",
                    ),
                    position(
                        "BTC-USDT-SWAP",
                        "short",
                        "isolated",
                        pos="100",
                        avgPx="100000",
                        lever="10",
                        liqPx="109452.7",
                        useMargin="1000",
                        ccy="USDT",
                    ),
                ]
            ),
            "/deepcoin/account/balances": success(
                [{"ccy": "USDT", "bal": "1074", "frozenBal": "1000.049088", "availBal": "73.950912"}]
            ),
            "/deepcoin/market/mark-price": success([mark("DOGE-USDT-SWAP", "0.19"), mark("BTC-USDT-SWAP", "98000")]),
            "/deepcoin/market/tickers": success([ticker("DOGE-USDT-SWAP", "0.1901"), ticker("BTC-USDT-SWAP", "98010")]),
        },
        positions=(
            Facts(
                symbol="DOGE-USDT-SWAP",
                side="long",
                size=20.0,
                contract_size=1.0,
                entry_price=0.18408,
                mark_price=0.19,
                margin_mode="cross",
                liquidation_price=0.00001,
            ),
            Facts(
                symbol="BTC-USDT-SWAP",
                side="short",
                size=100.0,
                contract_size=0.001,
                entry_price=100000.0,
                mark_price=98000.0,
                margin_mode="isolated",
                margin=1000.0,
                liquidation_price=109452.7,
            ),
        ),
        equities=(Equity(settle="USDT", amount=None),),
        why={
            "margin": MARGIN + "; 0.1 · 100000 / 10 = 1000",
            "amount": (
                "unknown: bal, frozenBal and availBal of the contract account are not said to be with or without PnL "
                "and isolated margin"
            ),
            "mark_price": "of the list of mark prices: positions have none, and tickers only the last price",
            "liquidation_price": "the long's is the venue's own 0.00001, next to none",
        },
    ),
    Sample(
        venue="deepcoin",
        mode="inverse, isolated",
        source=(
            "Deepcoin API: Get positions, Get mark price, Get instruments (BTC-USD-SWAP, settled in the coin; comment "
            "of ccxt 4.5.90: its volume in contracts over that in BTC, 8406739 / 73.31, is the price, so a contract is "
            "1 USD); seen 2026-11-28; figures made up"
        ),
        markets=(INVERSE,),
        answers={
            "/deepcoin/account/positions": success(
                [
                    position(
                        "BTC-USD-SWAP",
                        "long",
                        "isolated",
                        pos="1000",
                        avgPx="100000",
                        lever="10",
                        liqPx="91350",
                        useMargin="0.001",
                        ccy="BTC",
                    ),
                ]
            ),
            "/deepcoin/account/balances": success(
                [{"ccy": "BTC", "bal": "0.01", "frozenBal": "0.001", "availBal": "0.009"}]
            ),
            "/deepcoin/market/mark-price": success([mark("BTC-USD-SWAP", "110000")]),
            "/deepcoin/market/tickers": success([ticker("BTC-USD-SWAP", "110005")]),
        },
        positions=(
            Facts(
                symbol="BTC-USD-SWAP",
                side="long",
                size=1000.0,
                contract="inverse",
                entry_price=100000.0,
                mark_price=110000.0,
                margin_mode="isolated",
                margin=0.001,
                liquidation_price=91350.0,
            ),
        ),
        why={
            "margin": MARGIN + "; in the coin: 1000 / 100000 / 10 = 0.001 BTC",
            "liquidation_price": "made up: 1000 · (1/91350 − 1/100000) = 0.000947 of the 0.001 is lost there",
        },
    ),
)
