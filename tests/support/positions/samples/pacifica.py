"""Pacifica: USDC perpetuals on a public account; cross positions backed by USDC and spot collateral, or isolated."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

AAVE = perpetual("AAVE", "AAVE/USDC:USDC")
BTC = perpetual("BTC", "BTC/USDC:USDC")


def success(data: Any, **more: Any) -> dict[str, Any]:
    return {"success": True, "data": data, "error": None, "code": None, **more}


def price(symbol: str, mark: str) -> dict[str, Any]:
    """One line of the list of prices, the only place of the mark price."""
    return {
        "funding": "0.00010529",
        "mark": mark,
        "mid": mark,
        "next_funding": "0.00011096",
        "open_interest": "3634796",
        "oracle": mark,
        "symbol": symbol,
        "timestamp": 1759222967974,
        "volume_24h": "20896698.0672",
        "yesterday_price": mark,
    }


SAMPLES: Final = (
    Sample(
        venue="pacifica",
        mode="a cross short and an isolated long, spot collateral",
        source=(
            "Pacifica API: Get Positions (its AAVE position, with mark and liquidation price made up), Get Account "
            "Info, Get Prices; Trading, Spot Collateral; seen 2026-11-28. Spot collateral as in the comment of "
            "ccxt 4.5.90 in pacifica.py (fetch_balance): 508.14 of SOL counts as 406.512; other figures made up"
        ),
        markets=(AAVE, BTC),
        answers={
            "/api/v1/positions": success(
                [
                    {
                        "symbol": "AAVE",
                        "side": "ask",
                        "amount": "223.72",
                        "entry_price": "279.283134",
                        "margin": "0",
                        "funding": "13.159593",
                        "isolated": False,
                        "liquidation_price": "317.85",
                        "created_at": 1754928414996,
                        "updated_at": 1759223365538,
                    },
                    {
                        "symbol": "BTC",
                        "side": "bid",
                        "amount": "0.1",
                        "entry_price": "60000",
                        "margin": "1200",
                        "funding": "0.5",
                        "isolated": True,
                        "liquidation_price": "48484.85",
                        "created_at": 1754928414996,
                        "updated_at": 1759223365538,
                    },
                ],
                last_order_id=1557431179,
            ),
            "/api/v1/account": success(
                {
                    "balance": "10000.000000",
                    "fee_level": 0,
                    "maker_fee": "0.00015",
                    "taker_fee": "0.0004",
                    "account_equity": "13884.962738",
                    "cross_account_equity": "12483.334738",
                    "spot_market_value": "508.140000",
                    "spot_collateral": "406.512000",
                    "available_to_spend": "9463.114738",
                    "available_to_withdraw": "6442.904738",
                    "pending_balance": "0.000000",
                    "pending_interest": "0.000000",
                    "total_margin_used": "4220.220000",
                    "cross_mmr": "1510.110000",
                    "positions_count": 2,
                    "orders_count": 0,
                    "stop_orders_count": 0,
                    "updated_at": 1759223365538,
                    "spot_balances": [
                        {
                            "symbol": "SOL",
                            "amount": "5",
                            "available_to_withdraw": "5",
                            "pending_balance": "0",
                            "daily_withdraw_amount_usd": "0",
                            "effective_daily_deposit_limit_usd": "50000",
                            "effective_daily_withdraw_limit_usd": "250000",
                        },
                    ],
                }
            ),
            "/api/v1/info/prices": success([price("AAVE", "270"), price("BTC", "61000")]),
        },
        positions=(
            Facts(
                symbol="AAVE",
                side="short",
                size=223.72,
                entry_price=279.283134,
                mark_price=270.0,
                margin_mode="cross",
                liquidation_price=317.85,
            ),
            Facts(
                symbol="BTC",
                side="long",
                size=0.1,
                entry_price=60000.0,
                mark_price=61000.0,
                margin_mode="isolated",
                margin=1200.0,
                liquidation_price=48484.85,
            ),
        ),
        equities=(Equity(settle="USDC", amount=12483.334738, maintenance_margin=1510.11, in_dollars=True),),
        why={
            "side": "bid is long, ask is short",
            "amount": (
                "cross_account_equity: 10000 + 223.72 · (279.283134 − 270) + 406.512 of spot collateral; "
                "account_equity counts the spot assets whole (508.14) and the isolated position (1200 + 100)"
            ),
            "in_dollars": "SOL backs it too, at its worth in dollars, which moves with the price of SOL",
            "maintenance_margin": "cross_mmr is an amount in USDC (420.69 in the documented example), not a rate",
            "wallet_balance": (
                "unknown: balance is USDC, without the spot collateral, and whether with the margin of isolated "
                "positions is not said"
            ),
            "margin": "margin is what was allocated to the isolated position; 0 for a cross one. PnL is not published",
            "liquidation_price": (
                "made up with maintenance rates of 2.5 % and 1 %: 12483.33 − 223.72 · (P − 270) = 0.025 · 223.72 · P; "
                "1200 + 0.1 · (P − 60000) = 0.01 · 0.1 · P"
            ),
        },
    ),
    Sample(
        venue="pacifica",
        mode="a cross long far from liquidation, no spot collateral",
        source=(
            "Pacifica API: Get Positions (liquidation_price null in its example), Get Account Info, Get Prices; seen "
            "2026-11-28; figures made up"
        ),
        markets=(BTC,),
        answers={
            "/api/v1/positions": success(
                [
                    {
                        "symbol": "BTC",
                        "side": "bid",
                        "amount": "0.01",
                        "entry_price": "60000",
                        "margin": "0",
                        "funding": "0",
                        "isolated": False,
                        "liquidation_price": None,
                        "created_at": 1754928414996,
                        "updated_at": 1759223365538,
                    },
                ],
                last_order_id=1557431179,
            ),
            "/api/v1/account": success(
                {
                    "balance": "2000.000000",
                    "fee_level": 0,
                    "maker_fee": "0.00015",
                    "taker_fee": "0.0004",
                    "account_equity": "2010.000000",
                    "available_to_spend": "1997.800000",
                    "available_to_withdraw": "1985.600000",
                    "pending_balance": "0.000000",
                    "pending_interest": "0.000000",
                    "spot_collateral": "0.000000",
                    "cross_account_equity": "2010.000000",
                    "spot_market_value": "0.000000",
                    "total_margin_used": "12.200000",
                    "cross_mmr": "6.100000",
                    "positions_count": 1,
                    "orders_count": 0,
                    "stop_orders_count": 0,
                    "updated_at": 1759223365538,
                    "spot_balances": [],
                }
            ),
            "/api/v1/info/prices": success([price("BTC", "61000")]),
        },
        positions=(
            Facts(
                symbol="BTC",
                side="long",
                size=0.01,
                entry_price=60000.0,
                mark_price=61000.0,
                margin_mode="cross",
                liquidation_price=None,
            ),
        ),
        equities=(Equity(settle="USDC", amount=2010.0, maintenance_margin=6.1),),
        why={
            "amount": "2000 + 0.01 · (61000 − 60000); a copy says that cross_account_equity may be null: then unknown",
            "maintenance_margin": "an amount in USDC, here 1 % of 610",
            "wallet_balance": "unknown, as in the sample before",
        },
    ),
)
