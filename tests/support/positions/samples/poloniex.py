"""Poloniex futures v3: cross and isolated positions beside each other, one-way (side) or hedge mode (posSide)."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

BTC = perpetual("BTC_USDT_PERP", "BTC/USDT:USDT", 0.001)
ETH = perpetual("ETH_USDT_PERP", "ETH/USDT:USDT", 0.01)


def success(data: Any) -> dict[str, Any]:
    return {"code": 200, "msg": "Success", "data": data}


EQUITY = (
    "avail + trdHold + upl of the currency, mm / mmr, and eq where no position is isolated: in the documented example "
    "961.9819 + 0 − 2.4 = 959.5819 = eq, and mmr 0.0013755991 = 1.32 / 959.5819; upl is of cross positions alone, "
    "isolated equity is isoAvail + isoUpl + isoHold. That eq includes isoEq is not said: take the sum, not eq"
)
METER = (
    "`adl` is said to be a level of 1 to 5, the examples are 0.1666 and 0.3007: unknown scale, the card has no meter"
)

SAMPLES: Final = (
    Sample(
        venue="poloniex",
        mode="hedge mode, a cross long",
        source=(
            "Poloniex API v3 futures: Get Current Position, Get Account Balance, Position mode; seen 2026-11-28. "
            "Position: comment of ccxt 4.5.90 in poloniex.py (fetch_positions), every figure; balance in its "
            "documented shape, with figures made to fit the position's liquidation price"
        ),
        markets=(BTC,),
        answers={
            "/v3/trade/position/opens": success(
                [
                    {
                        "symbol": "BTC_USDT_PERP",
                        "posSide": "LONG",
                        "side": "BUY",
                        "mgnMode": "CROSS",
                        "openAvgPx": "94193.42",
                        "qty": "1",
                        "availQty": "1",
                        "lever": "20",
                        "adl": "0.3007",
                        "liqPx": "84918.201844064386317906",
                        "im": "4.7047795",
                        "mm": "0.56457354",
                        "upl": "-0.09783",
                        "uplRatio": "-0.0207",
                        "pnl": "0",
                        "markPx": "94095.59",
                        "lastPx": "94095.59",
                        "indexPx": "94095.59",
                        "mgnRatio": "0.0582",
                        "state": "NORMAL",
                        "cTime": "1740950344401",
                        "uTime": "1740950344401",
                        "mgn": "4.7047795",
                        "actType": "TRADING",
                        "maxWAmt": "0",
                        "tpTrgPx": "",
                        "slTrgPx": "",
                    },
                ]
            ),
            "/v3/account/balance": success(
                {
                    "state": "NORMAL",
                    "eq": "9.6868974",
                    "isoEq": "0",
                    "im": "4.7047795",
                    "mm": "0.56457354",
                    "mmr": "0.058282184",
                    "upl": "-0.09783",
                    "availMgn": "4.9821179",
                    "cTime": "1738093601775",
                    "uTime": "1740950344401",
                    "details": [
                        {
                            "ccy": "USDT",
                            "eq": "9.6868974",
                            "isoEq": "0",
                            "avail": "9.7847274",
                            "trdHold": "0",
                            "upl": "-0.09783",
                            "isoAvail": "0",
                            "isoHold": "0",
                            "isoUpl": "0",
                            "im": "4.7047795",
                            "mm": "0.56457354",
                            "mmr": "0.058282184",
                            "imr": "0.485684869",
                            "cTime": "1740829116236",
                            "uTime": "1740950344401",
                        },
                    ],
                }
            ),
            "/v3/position/mode": success({"posMode": "HEDGE"}),
        },
        positions=(
            Facts(
                symbol="BTC_USDT_PERP",
                side="long",
                size=1.0,
                contract_size=0.001,
                entry_price=94193.42,
                mark_price=94095.59,
                margin_mode="cross",
                maintenance_margin=0.56457354,
                unrealized_pnl=-0.09783,
                liquidation_price=84918.201844064386317906,
            ),
        ),
        equities=(Equity(settle="USDT", amount=9.6868974, wallet_balance=9.7847274, maintenance_margin=0.56457354),),
        why={
            "contract_size": "0.001 · (94095.59 − 94193.42) = −0.09783",
            "amount": EQUITY
            + ". 9.6868974 is what the liquidation price says: E − 0.001 · (94095.59 − 84918.2018) = 0.006 · "
            "84.9182018",
            "wallet_balance": "avail + trdHold",
            "margin": "mgn of a cross position is its initial margin, 94.09559 / 20",
            "adl_meter": METER,
        },
    ),
    Sample(
        venue="poloniex",
        mode="one-way mode, an isolated long and a cross short",
        source=(
            "row 17 of the reader cases (`BOTH`, the side in other words: BUY and SELL); Poloniex API v3 futures: Get "
            "Current Position (posSide BOTH in one-way mode, qty positive), Get Account Balance, Position mode; seen "
            "2026-11-28; figures made up"
        ),
        markets=(BTC, ETH),
        answers={
            "/v3/trade/position/opens": success(
                [
                    {
                        "symbol": "BTC_USDT_PERP",
                        "posSide": "BOTH",
                        "side": "BUY",
                        "mgnMode": "ISOLATED",
                        "openAvgPx": "60000",
                        "qty": "100",
                        "availQty": "100",
                        "lever": "10",
                        "adl": "0.7",
                        "liqPx": "54325.95573440644",
                        "im": "610",
                        "mm": "36.6",
                        "upl": "100",
                        "uplRatio": "0.1666",
                        "pnl": "-3.6",
                        "markPx": "61000",
                        "lastPx": "61001",
                        "indexPx": "61000",
                        "mgnRatio": "0.0522",
                        "state": "NORMAL",
                        "cTime": "1790950344401",
                        "uTime": "1790950344401",
                        "mgn": "600",
                        "actType": "TRADING",
                        "maxWAmt": "0",
                        "tpTrgPx": "",
                        "slTrgPx": "",
                    },
                    {
                        "symbol": "ETH_USDT_PERP",
                        "posSide": "BOTH",
                        "side": "SELL",
                        "mgnMode": "CROSS",
                        "openAvgPx": "2500",
                        "qty": "50",
                        "availQty": "50",
                        "lever": "20",
                        "adl": "0.1666",
                        "liqPx": "3479.125248508946",
                        "im": "65",
                        "mm": "7.8",
                        "upl": "-50",
                        "uplRatio": "-0.8",
                        "pnl": "0",
                        "markPx": "2600",
                        "lastPx": "2600",
                        "indexPx": "2600",
                        "mgnRatio": "0.0173",
                        "state": "NORMAL",
                        "cTime": "1790950344401",
                        "uTime": "1790950344401",
                        "mgn": "65",
                        "actType": "TRADING",
                        "maxWAmt": "0",
                        "tpTrgPx": "",
                        "slTrgPx": "",
                    },
                ]
            ),
            "/v3/account/balance": success(
                {
                    "state": "NORMAL",
                    "eq": "1150",
                    "isoEq": "700",
                    "im": "65",
                    "mm": "7.8",
                    "mmr": "0.017333333333333333",
                    "upl": "-50",
                    "availMgn": "385",
                    "cTime": "1790196536233",
                    "uTime": "1790950344401",
                    "details": [
                        {
                            "ccy": "USDT",
                            "eq": "1150",
                            "isoEq": "700",
                            "avail": "500",
                            "trdHold": "0",
                            "upl": "-50",
                            "isoAvail": "600",
                            "isoHold": "0",
                            "isoUpl": "100",
                            "im": "65",
                            "mm": "7.8",
                            "mmr": "0.017333333333333333",
                            "imr": "0.144444444444444444",
                            "cTime": "1790196536233",
                            "uTime": "1790950344401",
                        },
                    ],
                }
            ),
            "/v3/position/mode": success({"posMode": "ONE_WAY"}),
        },
        positions=(
            Facts(
                symbol="BTC_USDT_PERP",
                side="long",
                size=100.0,
                contract_size=0.001,
                entry_price=60000.0,
                mark_price=61000.0,
                margin_mode="isolated",
                margin=600.0,
                maintenance_margin=36.6,
                unrealized_pnl=100.0,
                liquidation_price=54325.95573440644,
            ),
            Facts(
                symbol="ETH_USDT_PERP",
                side="short",
                size=50.0,
                contract_size=0.01,
                entry_price=2500.0,
                mark_price=2600.0,
                margin_mode="cross",
                maintenance_margin=7.8,
                unrealized_pnl=-50.0,
                liquidation_price=3479.125248508946,
            ),
        ),
        equities=(Equity(settle="USDT", amount=450.0, wallet_balance=500.0, maintenance_margin=7.8),),
        why={
            "side": "posSide is BOTH in one-way mode; side says BUY or SELL",
            "margin": "mgn, isolated margin; the balance keeps it (isoAvail) apart from isolated PnL (isoUpl)",
            "amount": EQUITY + ". Here 500 + 0 − 50 = 450 = 7.8 / 0.0173333 = availMgn 385 + im 65",
            "wallet_balance": "avail + trdHold",
            "maintenance_margin": "im and upl of the account are of cross positions by their words; mm goes into mmr",
            "adl_meter": METER,
        },
    ),
)
