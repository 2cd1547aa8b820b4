"""Extended: a trading account is one margin account, always cross; isolation is by a further account."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

BTC = perpetual("BTC-USD", "BTC/USDC:USDC")
ETH = perpetual("ETH-USD", "ETH/USDC:USDC")


def ok(data: Any) -> dict[str, Any]:
    return {"status": "OK", "data": data}


SAMPLES: Final = (
    Sample(
        venue="extended",
        mode="a long and a short",
        source=(
            "Extended API: Get positions, Get balance, Get spot balances (comments of ccxt 4.5.90 in extended.py and "
            "models of the venue's SDKs); Extended documentation, Trading Accounts and Margin; seen 2026-11-28. The "
            "documented position (0.1 from 39000 at 40000) with PnL, margin and liquidation price made to fit, since "
            "its figures (1000, 20, 38200) do not agree with each other; the short and the balance made up"
        ),
        markets=(BTC, ETH),
        answers={
            "/api/v1/user/positions": ok(
                [
                    {
                        "id": 1,
                        "accountId": 1,
                        "market": "BTC-USD",
                        "status": "OPENED",
                        "side": "LONG",
                        "leverage": "10",
                        "size": "0.1",
                        "value": "4000",
                        "openPrice": "39000",
                        "markPrice": "40000",
                        "liquidationPrice": "30010.1",
                        "margin": "400",
                        "unrealisedPnl": "100",
                        "midPriceUnrealisedPnl": "100.2",
                        "realisedPnl": "1.2",
                        "tpTriggerPrice": "41000",
                        "tpLimitPrice": "41500",
                        "slTriggerPrice": "39500",
                        "slLimitPrice": "39000",
                        "adl": 2.5,
                        "maxPositionSize": "0.2",
                        "createdAt": 1701563440000,
                        "updatedAt": 1701563440000,
                    },
                    {
                        "id": 2,
                        "accountId": 1,
                        "market": "ETH-USD",
                        "status": "OPENED",
                        "side": "SHORT",
                        "leverage": "5",
                        "size": "0.5",
                        "value": "1050",
                        "openPrice": "2000",
                        "markPrice": "2100",
                        "liquidationPrice": "4039.2",
                        "margin": "210",
                        "unrealisedPnl": "-50",
                        "midPriceUnrealisedPnl": "-50.1",
                        "realisedPnl": "0",
                        "adl": 1,
                        "maxPositionSize": "10",
                        "createdAt": 1701563440000,
                        "updatedAt": 1701563440000,
                    },
                ]
            ),
            "/api/v1/user/balance": ok(
                {
                    "collateralName": "USD",
                    "balance": "1000",
                    "status": "ACTIVE",
                    "equity": "1050",
                    "availableForTrade": "440",
                    "availableForWithdrawal": "440",
                    "unrealisedPnl": "50",
                    "initialMargin": "610",
                    "marginRatio": "0.0581",
                    "exposure": "5050",
                    "leverage": "4.8095",
                    "updatedTime": 1701563440000,
                }
            ),
            "/api/v1/user/spot/balances": ok(
                [
                    {
                        "accountId": 1,
                        "asset": "USDC",
                        "balance": "1000",
                        "indexPrice": "1",
                        "notionalValue": "1000",
                        "contributionFactor": "1",
                        "equityContribution": "1000",
                        "availableToWithdraw": "440",
                        "updatedAt": 1701563440000,
                    },
                ]
            ),
        },
        positions=(
            Facts(
                symbol="BTC-USD",
                side="long",
                size=0.1,
                entry_price=39000.0,
                mark_price=40000.0,
                margin_mode="cross",
                notional=4000.0,
                unrealized_pnl=100.0,
                liquidation_price=30010.1,
            ),
            Facts(
                symbol="ETH-USD",
                side="short",
                size=0.5,
                entry_price=2000.0,
                mark_price=2100.0,
                margin_mode="cross",
                notional=1050.0,
                unrealized_pnl=-50.0,
                liquidation_price=4039.2,
            ),
        ),
        equities=(Equity(settle="USDC", amount=1050.0, wallet_balance=1000.0),),
        why={
            "margin_mode": (
                "collateral is shared among all positions of a trading account; isolated margin is had by separate "
                "trading accounts of the same wallet, so every position is cross in its account"
            ),
            "amount": "equity: balance 1000 + unrealisedPnl 50",
            "margin": "margin is initial margin, value / leverage (the documented 20 beside 4000 and 10× is wrong)",
            "maintenance_margin": (
                "unknown: marginRatio is maintenance margin over equity, but the documented example is 1.5 and clients "
                "read a fraction: in percent or not is not said"
            ),
            "adl_meter": "the scale of `adl` (2.5) is not documented, the card has no meter",
            "liquidation_price": (
                "made up with maintenance rates of 1 % and 2 %: 1050 + 0.1 · (P − 40000) = 0.001 · P + 21; "
                "1050 − 0.5 · (P − 2100) = 0.01 · P + 40"
            ),
        },
    ),
    Sample(
        venue="extended",
        mode="spot assets as collateral",
        source=(
            "Extended API: Get positions, Get balance, Get spot balances (comments of ccxt 4.5.90 in extended.py: 0.5 "
            "BTC counts with a factor of 0.95); seen 2026-11-28; figures made up. Written with the reader, not "
            "independently of it"
        ),
        markets=(BTC,),
        answers={
            "/api/v1/user/positions": ok(
                [
                    {
                        "id": 1,
                        "accountId": 1,
                        "market": "BTC-USD",
                        "status": "OPENED",
                        "side": "SHORT",
                        "leverage": "10",
                        "size": "0.5",
                        "value": "32500",
                        "openPrice": "66000",
                        "markPrice": "65000",
                        "liquidationPrice": "152800",
                        "margin": "3250",
                        "unrealisedPnl": "500",
                        "realisedPnl": "0",
                        "adl": 4,
                        "maxPositionSize": "10",
                        "createdAt": 1701563440000,
                        "updatedAt": 1701563440000,
                    },
                ]
            ),
            "/api/v1/user/balance": ok(
                {
                    "collateralName": "USD",
                    "balance": "13500",
                    "status": "ACTIVE",
                    "equity": "44875",
                    "availableForTrade": "41625",
                    "availableForWithdrawal": "13500",
                    "unrealisedPnl": "500",
                    "initialMargin": "3250",
                    "marginRatio": "0.0072",
                    "exposure": "32500",
                    "leverage": "0.7242",
                    "updatedTime": 1701563440000,
                }
            ),
        },
        positions=(
            Facts(
                symbol="BTC-USD",
                side="short",
                size=0.5,
                entry_price=66000.0,
                mark_price=65000.0,
                margin_mode="cross",
                notional=32500.0,
                unrealized_pnl=500.0,
                liquidation_price=152800.0,
            ),
        ),
        equities=(Equity(settle="USDC", amount=44875.0, wallet_balance=44375.0, in_dollars=True),),
        why={
            "in_dollars": (
                "equity is 30875 more than balance 13500 + unrealisedPnl 500: what 0.5 BTC counts for, which moves "
                "with its price"
            ),
            "wallet_balance": "equity − unrealisedPnl",
        },
    ),
)
