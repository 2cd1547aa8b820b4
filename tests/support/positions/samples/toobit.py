"""Toobit: USDT perpetuals; the margin mode is asked for by contract, positions do not say it."""

from typing import Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

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
)
