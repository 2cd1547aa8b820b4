"""XT: hedge mode, each side isolated or cross; liquidation prices and ADL levels by calls of their own."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

BTC = perpetual("btc_usdt", "BTC/USDT:USDT", 0.0001)
ETH = perpetual("eth_usdt", "ETH/USDT:USDT", 0.01)
INVERSE = perpetual("btc_usd", "BTC/USD:BTC", 10.0)


def success(result: Any) -> dict[str, Any]:
    return {"returnCode": 0, "msgInfo": "success", "error": None, "result": result}


# The same paths at two hosts, one for contracts in USDT and one for those in coins.
NO_INVERSE: Final = {
    "dapi.xt.com/future/user/v1/position/list": success([]),
    "dapi.xt.com/future/user/v1/position/break-list": success([]),
}
NO_LINEAR: Final = {
    "fapi.xt.com/future/user/v1/position/list": success([]),
    "fapi.xt.com/future/user/v1/position/break-list": success([]),
}

WALLET = (
    "walletBalance − isolatedMargin: in the documented balance 19.29849875 − 0.709475 = availableBalance 18.58902375, "
    "so the wallet holds the margin of isolated positions and no PnL"
)
METER = "the scale of longQuantile and shortQuantile is not documented, the card has no meter"

SAMPLES: Final = (
    Sample(
        venue="xt",
        mode="isolated, a short",
        source=(
            "XT API, futures: Get Position Information and Get Margin Call Information (comments of ccxt 4.5.90 in "
            "xt.py: every figure), Get user's funds, Get contract account assets, Get ADL Information (shapes of the "
            "reference's sources); seen 2026-11-28; balances made up"
        ),
        markets=(BTC,),
        answers={
            **NO_INVERSE,
            "fapi.xt.com/future/user/v1/position/list": success(
                [
                    {
                        "symbol": "btc_usdt",
                        "positionType": "ISOLATED",
                        "positionSide": "SHORT",
                        "contractType": "PERPETUAL",
                        "positionSize": "10",
                        "closeOrderSize": "0",
                        "availableCloseSize": "10",
                        "entryPrice": "27060",
                        "openOrderSize": "0",
                        "isolatedMargin": "1.0824",
                        "openOrderMarginFrozen": "0",
                        "realizedProfit": "-0.00130138",
                        "autoMargin": False,
                        "leverage": 25,
                        "markPrice": "27050",
                    },
                ]
            ),
            "fapi.xt.com/future/user/v1/position/break-list": success(
                [{"symbol": "btc_usdt", "positionSide": "SHORT", "breakPrice": "0", "calMarkPrice": "27050"}]
            ),
            "fapi.xt.com/future/user/v1/position/adl": success(
                [{"symbol": "btc_usdt", "longQuantile": 0, "shortQuantile": 2}]
            ),
            "fapi.xt.com/future/user/v1/balance/list": success(
                [
                    {
                        "coin": "usdt",
                        "walletBalance": "19.67142375",
                        "openOrderMarginFrozen": "0",
                        "isolatedMargin": "1.0824",
                        "crossedMargin": "0",
                        "availableBalance": "18.58902375",
                        "bonus": "0",
                        "coupon": "0",
                    },
                ]
            ),
            "fapi.xt.com/future/user/v1/compat/balance/usdt": success(
                {
                    "accountId": 500000000000,
                    "userId": 500000000000,
                    "coin": "usdt",
                    "underlyingType": 2,
                    "walletBalance": "19.67142375",
                    "openOrderMarginFrozen": "0",
                    "isolatedMargin": "1.0824",
                    "crossedMargin": "0",
                    "amount": "19.67142375",
                    "totalAmount": "19.68142375",
                    "convertBtcAmount": "0.00072722",
                    "convertUsdtAmount": "19.6714",
                    "profit": "0",
                    "notProfit": "0.01",
                    "bonus": "0",
                    "coupon": "0",
                }
            ),
        },
        positions=(
            Facts(
                symbol="btc_usdt",
                side="short",
                size=10.0,
                contract_size=0.0001,
                entry_price=27060.0,
                mark_price=27050.0,
                margin_mode="isolated",
                margin=1.0824,
                liquidation_price=None,
            ),
        ),
        why={
            "margin": "without PnL: 10 · 0.0001 · 27060 / 25 = 1.0824",
            "contract_size": "0.0001 BTC, by the margin",
            "liquidation_price": "breakPrice 0 means that there is none",
            "adl_meter": METER,
        },
    ),
    Sample(
        venue="xt",
        mode="cross, both sides, beside an isolated position",
        source=(
            "XT API, futures: Get Position Information (positionType CROSSED), Get Margin Call Information (breakPrice "
            "0 where there is none), Get user's funds, Get contract account assets, Get ADL Information; seen "
            "2026-11-28; figures made up"
        ),
        markets=(BTC, ETH),
        answers={
            **NO_INVERSE,
            "fapi.xt.com/future/user/v1/position/list": success(
                [
                    {
                        "symbol": "btc_usdt",
                        "positionType": "CROSSED",
                        "positionSide": "LONG",
                        "contractType": "PERPETUAL",
                        "positionSize": "1000",
                        "closeOrderSize": "0",
                        "availableCloseSize": "1000",
                        "entryPrice": "60000",
                        "openOrderSize": "0",
                        "isolatedMargin": "600",
                        "openOrderMarginFrozen": "0",
                        "realizedProfit": "-3.6",
                        "autoMargin": False,
                        "leverage": 10,
                        "markPrice": "62000",
                    },
                    {
                        "symbol": "btc_usdt",
                        "positionType": "CROSSED",
                        "positionSide": "SHORT",
                        "contractType": "PERPETUAL",
                        "positionSize": "500",
                        "closeOrderSize": "0",
                        "availableCloseSize": "500",
                        "entryPrice": "61000",
                        "openOrderSize": "0",
                        "isolatedMargin": "305",
                        "openOrderMarginFrozen": "0",
                        "realizedProfit": "-1.83",
                        "autoMargin": False,
                        "leverage": 10,
                        "markPrice": "62000",
                    },
                    {
                        "symbol": "eth_usdt",
                        "positionType": "ISOLATED",
                        "positionSide": "LONG",
                        "contractType": "PERPETUAL",
                        "positionSize": "100",
                        "closeOrderSize": "0",
                        "availableCloseSize": "100",
                        "entryPrice": "2500",
                        "openOrderSize": "0",
                        "isolatedMargin": "250",
                        "openOrderMarginFrozen": "0",
                        "realizedProfit": "-1.5",
                        "autoMargin": False,
                        "leverage": 10,
                        "markPrice": "2450",
                    },
                ]
            ),
            "fapi.xt.com/future/user/v1/position/break-list": success(
                [
                    {
                        "symbol": "btc_usdt",
                        "positionSide": "LONG",
                        "positionType": "CROSSED",
                        "contractType": "PERPETUAL",
                        "positionSize": "1000",
                        "entryPrice": "60000",
                        "isolatedMargin": "600",
                        "leverage": 10,
                        "breakPrice": "22335.03",
                        "calMarkPrice": "62000",
                    },
                    {
                        "symbol": "btc_usdt",
                        "positionSide": "SHORT",
                        "positionType": "CROSSED",
                        "contractType": "PERPETUAL",
                        "positionSize": "500",
                        "entryPrice": "61000",
                        "isolatedMargin": "305",
                        "leverage": 10,
                        "breakPrice": "0",
                        "calMarkPrice": "62000",
                    },
                    {
                        "symbol": "eth_usdt",
                        "positionSide": "LONG",
                        "positionType": "ISOLATED",
                        "contractType": "PERPETUAL",
                        "positionSize": "100",
                        "entryPrice": "2500",
                        "isolatedMargin": "250",
                        "leverage": 10,
                        "breakPrice": "2261.31",
                        "calMarkPrice": "2450",
                    },
                ]
            ),
            "fapi.xt.com/future/user/v1/position/adl": success(
                [
                    {"symbol": "btc_usdt", "longQuantile": 4, "shortQuantile": 1},
                    {"symbol": "eth_usdt", "longQuantile": 1, "shortQuantile": 0},
                ]
            ),
            "fapi.xt.com/future/user/v1/balance/list": success(
                [
                    {
                        "coin": "usdt",
                        "walletBalance": "2100",
                        "openOrderMarginFrozen": "0",
                        "isolatedMargin": "250",
                        "crossedMargin": "905",
                        "availableBalance": "945",
                        "bonus": "0",
                        "coupon": "0",
                    },
                ]
            ),
            "fapi.xt.com/future/user/v1/compat/balance/usdt": success(
                {
                    "accountId": 500000000000,
                    "userId": 500000000000,
                    "coin": "usdt",
                    "underlyingType": 2,
                    "walletBalance": "2100",
                    "openOrderMarginFrozen": "0",
                    "isolatedMargin": "250",
                    "crossedMargin": "905",
                    "amount": "2100",
                    "totalAmount": "2200",
                    "convertBtcAmount": "0.03387096",
                    "convertUsdtAmount": "2100",
                    "profit": "0",
                    "notProfit": "100",
                    "bonus": "0",
                    "coupon": "0",
                }
            ),
        },
        positions=(
            Facts(
                symbol="btc_usdt",
                side="long",
                size=1000.0,
                contract_size=0.0001,
                entry_price=60000.0,
                mark_price=62000.0,
                margin_mode="cross",
                liquidation_price=22335.03,
            ),
            Facts(
                symbol="btc_usdt",
                side="short",
                size=500.0,
                contract_size=0.0001,
                entry_price=61000.0,
                mark_price=62000.0,
                margin_mode="cross",
                liquidation_price=None,
            ),
            Facts(
                symbol="eth_usdt",
                side="long",
                size=100.0,
                contract_size=0.01,
                entry_price=2500.0,
                mark_price=2450.0,
                margin_mode="isolated",
                margin=250.0,
                liquidation_price=2261.31,
            ),
        ),
        equities=(Equity(settle="USDT", amount=2000.0, wallet_balance=1850.0),),
        why={
            "amount": (
                WALLET + ". Here 2100 − 250 + 200 − 50 = 2000, the PnL reckoned from the prices; totalAmount (margin "
                "balance) and notProfit are not said to be with or without isolated positions"
            ),
            "wallet_balance": WALLET + ": 2100 − 250 = 1850",
            "margin": "isolatedMargin of a cross position is its initial margin, 0.1 · 60000 / 10",
            "maintenance_margin": "not published",
            "adl_meter": METER,
            "liquidation_price": (
                "made up with a maintenance rate of 0.5 %: 2000 + 0.05 · (P − 62000) = 0.005 · 0.15 · P; "
                "250 + (P − 2500) = 0.005 · P"
            ),
        },
    ),
    Sample(
        venue="xt",
        mode="inverse, a cross long and an isolated short",
        source=(
            "XT API, futures, Basic Information of the Interface (contracts in coins at a host of their own, with the "
            "same paths); Get Position Information, Get Margin Call Information, Get user's funds; seen 2026-11-28; "
            "shapes of the samples before, figures made up. Written with the reader, not independently of it"
        ),
        markets=(INVERSE,),
        answers={
            **NO_LINEAR,
            "dapi.xt.com/future/user/v1/position/list": success(
                [
                    {
                        "symbol": "btc_usd",
                        "positionType": "CROSSED",
                        "positionSide": "LONG",
                        "contractType": "PERPETUAL",
                        "positionSize": "200",
                        "closeOrderSize": "0",
                        "availableCloseSize": "200",
                        "entryPrice": "50000",
                        "openOrderSize": "0",
                        "isolatedMargin": "0.004",
                        "openOrderMarginFrozen": "0",
                        "realizedProfit": "-0.000024",
                        "autoMargin": False,
                        "leverage": 10,
                        "markPrice": "55000",
                    },
                    {
                        "symbol": "btc_usd",
                        "positionType": "ISOLATED",
                        "positionSide": "SHORT",
                        "contractType": "PERPETUAL",
                        "positionSize": "100",
                        "closeOrderSize": "0",
                        "availableCloseSize": "100",
                        "entryPrice": "54000",
                        "openOrderSize": "0",
                        "isolatedMargin": "0.00185185",
                        "openOrderMarginFrozen": "0",
                        "realizedProfit": "-0.000011",
                        "autoMargin": False,
                        "leverage": 10,
                        "markPrice": "55000",
                    },
                ]
            ),
            "dapi.xt.com/future/user/v1/position/break-list": success(
                [
                    {"symbol": "btc_usd", "positionSide": "LONG", "breakPrice": "22333.33", "calMarkPrice": "55000"},
                    {"symbol": "btc_usd", "positionSide": "SHORT", "breakPrice": "59700", "calMarkPrice": "55000"},
                ]
            ),
            "dapi.xt.com/future/user/v1/balance/list": success(
                [
                    {
                        "coin": "btc",
                        "walletBalance": "0.05185185",
                        "openOrderMarginFrozen": "0",
                        "isolatedMargin": "0.00185185",
                        "crossedMargin": "0.004",
                        "availableBalance": "0.046",
                        "bonus": "0",
                        "coupon": "0",
                    },
                ]
            ),
        },
        positions=(
            Facts(
                symbol="btc_usd",
                side="long",
                size=200.0,
                contract="inverse",
                contract_size=10.0,
                entry_price=50000.0,
                mark_price=55000.0,
                margin_mode="cross",
                liquidation_price=22333.33,
            ),
            Facts(
                symbol="btc_usd",
                side="short",
                size=100.0,
                contract="inverse",
                contract_size=10.0,
                entry_price=54000.0,
                mark_price=55000.0,
                margin_mode="isolated",
                margin=0.00185185,
                liquidation_price=59700.0,
            ),
        ),
        equities=(Equity(settle="BTC", amount=0.05363636364, wallet_balance=0.05),),
        why={
            "size": "contracts of 10 USD: 1000 / 54000 / 10 = 0.00185185 BTC of margin",
            "amount": WALLET + ". Here 0.05185185 − 0.00185185 + 2000 · (1/50000 − 1/55000) = 0.05363636",
            "wallet_balance": WALLET,
            "liquidation_price": (
                "made up with a maintenance rate of 0.5 %: 0.05363636 + 2000 · (1/55000 − 1/P) = 0.005 · 2000 / P; "
                "0.00185185 − 1000 · (1/54000 − 1/P) = 0.005 · 1000 / P"
            ),
        },
    ),
    Sample(
        venue="xt",
        mode="cross, with a bonus",
        source=(
            "XT API, futures: Get user's funds (bonus) and the pages of the samples before; seen 2026-11-28; figures "
            "made up. Written with the reader, not independently of it"
        ),
        markets=(BTC,),
        answers={
            **NO_INVERSE,
            "fapi.xt.com/future/user/v1/position/list": success(
                [
                    {
                        "symbol": "btc_usdt",
                        "positionType": "CROSSED",
                        "positionSide": "LONG",
                        "contractType": "PERPETUAL",
                        "positionSize": "1000",
                        "closeOrderSize": "0",
                        "availableCloseSize": "1000",
                        "entryPrice": "60000",
                        "openOrderSize": "0",
                        "isolatedMargin": "600",
                        "openOrderMarginFrozen": "0",
                        "realizedProfit": "-3.6",
                        "autoMargin": False,
                        "leverage": 10,
                    },
                ]
            ),
            "fapi.xt.com/future/user/v1/position/break-list": success(
                [{"symbol": "btc_usdt", "positionSide": "LONG", "breakPrice": "0", "calMarkPrice": "62000"}]
            ),
            "fapi.xt.com/future/user/v1/balance/list": success(
                [
                    {
                        "coin": "usdt",
                        "walletBalance": "2100",
                        "openOrderMarginFrozen": "0",
                        "isolatedMargin": "0",
                        "crossedMargin": "600",
                        "availableBalance": "1500",
                        "bonus": "100",
                        "coupon": "0",
                    },
                ]
            ),
        },
        positions=(
            Facts(
                symbol="btc_usdt",
                side="long",
                size=1000.0,
                contract_size=0.0001,
                entry_price=60000.0,
                mark_price=62000.0,
                margin_mode="cross",
            ),
        ),
        equities=(Equity(settle="USDT", amount=None),),
        why={
            "amount": "unknown: whether walletBalance includes a bonus is not documented",
            "mark_price": "calMarkPrice of the margin call information: the page of positions shows no mark price",
        },
    ),
)
