"""Toobit: USDT perpetuals; the margin mode is asked for by contract, positions do not say it."""

from typing import Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

BTC = perpetual("BTC-SWAP-USDT", "BTC/USDT:USDT", 0.001)
DOGE = perpetual("DOGE-SWAP-USDT", "DOGE/USDT:USDT", 1.0)

SAMPLES: Final = (
    Sample(
        venue="toobit",
        mode="cross",
        source=(
            "Toobit API, USDT-M: Query position (comment of ccxt 4.5.90 in toobit.py: every figure), Futures account "
            "balance and Get the leverage multiple and position mode (shapes of the comments there, figures made up: "
            "those of the balance do not agree with each other); seen 2026-11-28"
        ),
        markets=(DOGE,),
        answers={
            "/api/v1/futures/positions": [
                {
                    "symbol": "DOGE-SWAP-USDT",
                    "side": "LONG",
                    "avgPrice": "0.21191",
                    "position": "63",
                    "available": "63",
                    "leverage": "25",
                    "lastPrice": "0.20932",
                    "positionValue": "13.3503",
                    "flp": "0.05471",
                    "margin": "0.5262",
                    "marginRate": "",
                    "unrealizedPnL": "-0.1701",
                    "profitRate": "-0.3185",
                    "realizedPnL": "-0.008",
                    "minMargin": "0",
                    "maxNotionalValue": "10000000",
                    "markPrice": "0.20921",
                },
            ],
            "/api/v1/futures/accountLeverage": [
                {"symbolId": "DOGE-SWAP-USDT", "leverage": "25", "marginType": "CROSS"},
            ],
            "/api/v1/futures/balance": [
                {
                    "asset": "USDT",
                    "balance": "10.1",
                    "availableBalance": "9.4037",
                    "positionMargin": "0.5262",
                    "orderMargin": "0",
                    "crossUnRealizedPnl": "-0.1701",
                },
            ],
        },
        positions=(
            Facts(
                symbol="DOGE-SWAP-USDT",
                side="long",
                size=63.0,
                contract_size=1.0,
                entry_price=0.21191,
                mark_price=0.20921,
                margin_mode="cross",
                notional=13.3503,
                unrealized_pnl=-0.1701,
                liquidation_price=0.05471,
            ),
        ),
        equities=(Equity(settle="USDT", amount=None),),
        why={
            "notional": "positionValue is at the entry price: 63 · 0.21191 = 13.3503, not 63 · 0.20921 = 13.1802",
            "contract_size": "63 · (0.20921 − 0.21191) = −0.1701",
            "liquidation_price": "flp, the price of forced liquidation",
            "margin_mode": "marginType of accountLeverage, CROSS or ISOLATED, asked for by contract",
            "amount": (
                "unknown: balance is a total that is not said to be with or without PnL and isolated margin; only "
                "availableBalance is said to include PnL, and crossUnRealizedPnl to be that of cross positions"
            ),
        },
    ),
    Sample(
        venue="toobit",
        mode="isolated, and a contract that is cross",
        source=(
            "Toobit API, USDT-M: Query position, Get the leverage multiple and position mode (asked for by contract); "
            "seen 2026-11-28; shapes of the sample before, figures made up. Written with the reader, not independently "
            "of it"
        ),
        markets=(DOGE, BTC),
        answers={
            "/api/v1/futures/positions": [
                {
                    "symbol": "BTC-SWAP-USDT",
                    "side": "SHORT",
                    "avgPrice": "60000",
                    "position": "100",
                    "available": "100",
                    "leverage": "10",
                    "lastPrice": "61001",
                    "positionValue": "6000",
                    "flp": "65500",
                    "margin": "600",
                    "marginRate": "0.1",
                    "unrealizedPnL": "-100",
                    "profitRate": "-0.1667",
                    "realizedPnL": "-3.6",
                    "minMargin": "0",
                    "maxNotionalValue": "10000000",
                    "markPrice": "61000",
                },
                {
                    "symbol": "DOGE-SWAP-USDT",
                    "side": "LONG",
                    "avgPrice": "0.2",
                    "position": "1000",
                    "available": "1000",
                    "leverage": "25",
                    "lastPrice": "0.21",
                    "positionValue": "200",
                    "flp": "0",
                    "margin": "8",
                    "marginRate": "",
                    "unrealizedPnL": "10",
                    "profitRate": "1.25",
                    "realizedPnL": "0",
                    "minMargin": "0",
                    "maxNotionalValue": "10000000",
                    "markPrice": "0.21",
                },
            ],
            "/api/v1/futures/accountLeverage#BTC-SWAP-USDT": [
                {"symbolId": "BTC-SWAP-USDT", "leverage": "10", "marginType": "ISOLATED"},
            ],
            "/api/v1/futures/accountLeverage#DOGE-SWAP-USDT": [
                {"symbolId": "DOGE-SWAP-USDT", "leverage": "25", "marginType": "CROSS"},
            ],
        },
        positions=(
            Facts(
                symbol="BTC-SWAP-USDT",
                side="short",
                size=100.0,
                contract_size=0.001,
                entry_price=60000.0,
                mark_price=61000.0,
                margin_mode="isolated",
                notional=6000.0,
                unrealized_pnl=-100.0,
                liquidation_price=65500.0,
            ),
            Facts(
                symbol="DOGE-SWAP-USDT",
                side="long",
                size=1000.0,
                entry_price=0.2,
                mark_price=0.21,
                margin_mode="cross",
                notional=200.0,
                unrealized_pnl=10.0,
            ),
        ),
        equities=(Equity(settle="USDT", amount=None),),
        why={
            "margin": (
                "unknown: the documented cross position's 0.5262 is neither 63 · 0.21191 / 25 = 0.5340 nor that at its "
                "mark price (0.5272), and whether an isolated position's includes PnL is not said"
            ),
            "amount": "unknown, as in the sample before",
        },
    ),
)
