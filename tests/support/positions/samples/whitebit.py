"""WhiteBIT: one collateral account for futures and margin trading, all cross; in hedge mode each side by itself."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

BTC = perpetual("BTC_PERP", "BTC/USDT:USDT")
ETH = perpetual("ETH_PERP", "ETH/USDT:USDT")


def ticker(market: str, mark_price: str, index_price: str) -> dict[str, Any]:
    """One market of the list of futures, the only place of the mark price."""
    return {
        "ticker_id": market,
        "stock_currency": market.removesuffix("_PERP"),
        "money_currency": "USDT",
        "last_price": index_price,
        "stock_volume": "7982.13",
        "money_volume": "2345758.29189",
        "bid": index_price,
        "ask": index_price,
        "high": index_price,
        "low": index_price,
        "product_type": "Perpetual",
        "open_interest": "46533",
        "index_price": index_price,
        "mark_price": mark_price,
        "index_name": market.removesuffix("_PERP"),
        "index_currency": market.removesuffix("_PERP"),
        "funding_rate": "0.0001",
        "next_funding_rate_timestamp": "1791193600000",
        "brackets": {"1": "0", "2": "0", "3": "0", "5": "0", "10": "0", "20": "0", "50": "-10000", "100": "-5000"},
        "max_leverage": "100",
    }


def futures(*tickers: dict[str, Any]) -> dict[str, Any]:
    return {"success": True, "message": None, "result": list(tickers)}


EQUITY = (
    "margin + freeMargin of the summary, where the sum is `equity` or equity + pnl − unrealizedFunding; else unknown. "
    "The oldest example (equity 130970.8947…, margin 456.58349, pnl −832.9535, unrealizedFunding 0.0292…, freeMargin "
    "129681.3285…) is equity − margin + pnl − unrealizedFunding = freeMargin to the last digit: `equity` there has no "
    "PnL in it. In the example of 2026 (15000.50, 5000.00, 10000.50, pnl 150.25) margin + freeMargin is `equity` "
    "itself. The sum is the margin balance in both, but resting orders lessen freeMargin, and with borrowed coins "
    "(spot margin) `equity` includes what was lent. It is in USDT over all collateral assets"
)
MAINTENANCE = (
    "maintenanceMarginRequirement and marginFraction have no documented unit (examples 1.2446758120916304 and "
    "6.2446758120916304; 1e21 stands for no positions), so the amount is unknown"
)

SAMPLES: Final = (
    Sample(
        venue="whitebit",
        mode="one-way mode, a long",
        source=(
            "WhiteBIT API v4: Open positions, Collateral account summary, Collateral account balance summary, Futures "
            "markets (mark_price: concepts, Liquidation), ADL quantile; seen 2026-11-28. Position of ccxt 4.5.90's "
            "comment in whitebit.py (fetch_positions) with positionSide added; the other answers are made up to fit"
        ),
        markets=(BTC,),
        answers={
            "/collateral-account/positions/open": [
                {
                    "positionId": 479975679,
                    "market": "BTC_PERP",
                    "openDate": 1741941025.3098869,
                    "modifyDate": 1741941025.3098869,
                    "amount": "0.001",
                    "basePrice": "82498.7",
                    "liquidationPrice": "70177.2",
                    "liquidationState": None,
                    "pnl": "0",
                    "pnlPercent": "0.00",
                    "margin": "4.2",
                    "freeMargin": "9.9",
                    "funding": "0",
                    "unrealizedFunding": "0",
                    "tpsl": None,
                    "positionSide": "BOTH",
                },
            ],
            "/collateral-account/summary": {
                "equity": "14.1",
                "margin": "4.2",
                "freeMargin": "9.9",
                "unrealizedFunding": "0",
                "pnl": "0",
                "leverage": 20,
                "marginFraction": "6.2446758120916304",
                "maintenanceMarginRequirement": "1.2446758120916304",
            },
            "/collateral-account/balance-summary": [
                {
                    "asset": "USDT",
                    "balance": "14.1",
                    "borrow": "0",
                    "availableWithoutBorrow": "9.9",
                    "availableWithBorrow": "9.9",
                },
            ],
            "/collateral-account/balance": {"USDT": "14.1"},
            "/collateral-account/hedge-mode": {"hedgeMode": False},
            "/collateral-account/adl-quantile": [{"market": "BTC_PERP", "long": 0, "short": None}],
            "/public/futures": futures(ticker("BTC_PERP", "82498.7", "82500.1")),
        },
        positions=(
            Facts(
                symbol="BTC_PERP",
                side="long",
                size=0.001,
                entry_price=82498.7,
                mark_price=82498.7,
                margin_mode="cross",
                unrealized_pnl=0.0,
                liquidation_price=70177.2,
                adl_meter=0.0,
            ),
        ),
        equities=(Equity(settle="USDT", amount=14.1),),
        why={
            "margin_mode": (
                "futures and margin trading draw on one collateral balance with one leverage and one sequence of "
                "liquidation (concepts, Liquidation); an isolated mode is named for margin trading on spot pairs only, "
                "and no field tells it"
            ),
            "amount": EQUITY
            + ". 14.1 also fits the position's own liquidation price: 14.1 − 0.001 · (82498.7 − 70177.2) = 1.7785 is "
            "2.53 % of 70.1772, a maintenance margin of half the 5 % of 20×",
            "maintenance_margin": MAINTENANCE,
        },
    ),
    Sample(
        venue="whitebit",
        mode="one-way mode, a short told by its sign",
        source=(
            "row 17 of the reader cases (`BOTH` with the amount −0.1); shapes of WhiteBIT API v4 as in the sample "
            "before, the sign as in the documented websocket update of positions (amount -0.01); figures made up"
        ),
        markets=(ETH,),
        answers={
            "/collateral-account/positions/open": [
                {
                    "positionId": 528,
                    "market": "ETH_PERP",
                    "openDate": 1791568067.789679,
                    "modifyDate": 1791568067.789679,
                    "amount": "-0.1",
                    "basePrice": "2500",
                    "liquidationPrice": "3414.63",
                    "liquidationState": None,
                    "pnl": "5",
                    "pnlPercent": "2.00",
                    "margin": "25",
                    "freeMargin": "80",
                    "funding": "0",
                    "unrealizedFunding": "0",
                    "tpsl": {"takeProfitId": 123, "takeProfit": "2000", "stopLossId": 124, "stopLoss": "2800"},
                    "positionSide": "BOTH",
                },
            ],
            "/collateral-account/summary": {
                "equity": "100",
                "margin": "25",
                "freeMargin": "80",
                "unrealizedFunding": "0",
                "pnl": "5",
                "leverage": 10,
                "marginFraction": "6.2446758120916304",
                "maintenanceMarginRequirement": "1.2446758120916304",
            },
            "/collateral-account/balance-summary": [
                {
                    "asset": "USDT",
                    "balance": "100",
                    "borrow": "0",
                    "availableWithoutBorrow": "80",
                    "availableWithBorrow": "80",
                },
            ],
            "/collateral-account/balance": {"USDT": "100"},
            "/collateral-account/hedge-mode": {"hedgeMode": False},
            "/collateral-account/adl-quantile": [{"market": "ETH_PERP", "long": None, "short": 2}],
            "/public/futures": futures(ticker("ETH_PERP", "2450", "2450.4"), ticker("BTC_PERP", "62000", "62003")),
        },
        positions=(
            Facts(
                symbol="ETH_PERP",
                side="short",
                size=0.1,
                entry_price=2500.0,
                mark_price=2450.0,
                margin_mode="cross",
                unrealized_pnl=5.0,
                liquidation_price=3414.63,
                adl_meter=2.0,
            ),
        ),
        equities=(Equity(settle="USDT", amount=105.0),),
        why={
            "side": (
                "the amount's sign: a documented websocket event says position_side LONG beside amount −0.094048, and "
                "its margin (1109.77 = 0.094048 · 118000 / 10) and liquidation price above are a short's"
            ),
            "amount": EQUITY + ". Here 25 + 80 = 100 + 5",
            "maintenance_margin": MAINTENANCE,
            "liquidation_price": "made up with a maintenance rate of 2.5 %: 105 − 0.1 · (P − 2450) = 0.025 · 0.1 · P",
        },
    ),
    Sample(
        venue="whitebit",
        mode="one-way mode, orders that hold margin",
        source=(
            "WhiteBIT API v4 as in the samples before; seen 2026-11-28; figures made up: an order keeps 20 of the free "
            "margin"
        ),
        markets=(ETH,),
        answers={
            "/collateral-account/positions/open": [
                {
                    "positionId": 528,
                    "market": "ETH_PERP",
                    "openDate": 1791568067.789679,
                    "modifyDate": 1791568067.789679,
                    "amount": "0.1",
                    "basePrice": "2500",
                    "liquidationPrice": "1538.46",
                    "liquidationState": None,
                    "pnl": "-5",
                    "pnlPercent": "-2.00",
                    "margin": "25",
                    "freeMargin": "50",
                    "funding": "0",
                    "unrealizedFunding": "0",
                    "tpsl": None,
                    "positionSide": "BOTH",
                },
            ],
            "/collateral-account/summary": {
                "equity": "100",
                "margin": "25",
                "freeMargin": "50",
                "unrealizedFunding": "0",
                "pnl": "-5",
                "leverage": 10,
                "marginFraction": "6.2446758120916304",
                "maintenanceMarginRequirement": "1.2446758120916304",
            },
            "/collateral-account/balance-summary": [
                {
                    "asset": "USDT",
                    "balance": "100",
                    "borrow": "0",
                    "availableWithoutBorrow": "50",
                    "availableWithBorrow": "50",
                },
            ],
            "/collateral-account/balance": {"USDT": "100"},
            "/collateral-account/hedge-mode": {"hedgeMode": False},
            "/collateral-account/adl-quantile": [{"market": "ETH_PERP", "long": 1, "short": None}],
            "/public/futures": futures(ticker("ETH_PERP", "2450", "2450.4")),
        },
        positions=(
            Facts(
                symbol="ETH_PERP",
                side="long",
                size=0.1,
                entry_price=2500.0,
                mark_price=2450.0,
                margin_mode="cross",
                unrealized_pnl=-5.0,
                liquidation_price=1538.46,
                adl_meter=1.0,
            ),
        ),
        equities=(Equity(settle="USDT", amount=None),),
        why={
            "amount": "unknown: 25 + 50 is neither 100 nor 100 − 5, and whether `equity` has PnL in it is not said",
            "maintenance_margin": MAINTENANCE,
            "liquidation_price": "made up with 95 and a rate of 2.5 %: 95 + 0.1 · (P − 2450) = 0.0025 · P",
        },
    ),
    Sample(
        venue="whitebit",
        mode="hedge mode, both sides",
        source=(
            "WhiteBIT API v4: Open positions (positionSide LONG, SHORT or BOTH), Collateral account summary, Hedge "
            "mode, ADL quantile (of each side, null without a position on it); seen 2026-11-28; figures made up"
        ),
        markets=(BTC,),
        answers={
            "/collateral-account/positions/open": [
                {
                    "positionId": 601,
                    "market": "BTC_PERP",
                    "openDate": 1791568067.789679,
                    "modifyDate": 1791568067.789679,
                    "amount": "0.5",
                    "basePrice": "60000",
                    "liquidationPrice": "45315.04",
                    "liquidationState": None,
                    "pnl": "1000",
                    "pnlPercent": "33.33",
                    "margin": "3000",
                    "freeMargin": "1578.5",
                    "funding": "0",
                    "unrealizedFunding": "1.5",
                    "tpsl": None,
                    "positionSide": "LONG",
                },
                {
                    "positionId": 602,
                    "market": "BTC_PERP",
                    "openDate": 1791568068.1,
                    "modifyDate": 1791568068.1,
                    "amount": "-0.2",
                    "basePrice": "61000",
                    "liquidationPrice": None,
                    "liquidationState": None,
                    "pnl": "-200",
                    "pnlPercent": "-16.39",
                    "margin": "1220",
                    "freeMargin": "1578.5",
                    "funding": "0",
                    "unrealizedFunding": "0",
                    "tpsl": None,
                    "positionSide": "SHORT",
                },
            ],
            "/collateral-account/summary": {
                "equity": "5000",
                "margin": "4220",
                "freeMargin": "1578.5",
                "unrealizedFunding": "1.5",
                "pnl": "800",
                "leverage": 10,
                "marginFraction": "6.2446758120916304",
                "maintenanceMarginRequirement": "1.2446758120916304",
            },
            "/collateral-account/balance-summary": [
                {
                    "asset": "USDT",
                    "balance": "5000",
                    "borrow": "0",
                    "availableWithoutBorrow": "1578.5",
                    "availableWithBorrow": "1578.5",
                },
            ],
            "/collateral-account/balance": {"USDT": "5000"},
            "/collateral-account/hedge-mode": {"hedgeMode": True},
            "/collateral-account/adl-quantile": [{"market": "BTC_PERP", "long": 3, "short": 1}],
            "/public/futures": futures(ticker("BTC_PERP", "62000", "62003")),
        },
        positions=(
            Facts(
                symbol="BTC_PERP",
                side="long",
                size=0.5,
                entry_price=60000.0,
                mark_price=62000.0,
                margin_mode="cross",
                unrealized_pnl=1000.0,
                liquidation_price=45315.04,
                adl_meter=3.0,
            ),
            Facts(
                symbol="BTC_PERP",
                side="short",
                size=0.2,
                entry_price=61000.0,
                mark_price=62000.0,
                margin_mode="cross",
                unrealized_pnl=-200.0,
                liquidation_price=None,
                adl_meter=1.0,
            ),
        ),
        equities=(Equity(settle="USDT", amount=5798.5),),
        why={
            "amount": EQUITY + ". Here 4220 + 1578.5 = 5000 + 800 − 1.5",
            "maintenance_margin": MAINTENANCE,
            "liquidation_price": (
                "made up with a maintenance rate of 2.5 % on both sides: "
                "5798.5 + 0.3 · (P − 62000) = 0.025 · 0.7 · P, P = 45315.04"
            ),
        },
    ),
    Sample(
        venue="whitebit",
        mode="one-way mode, other coins as collateral",
        source=(
            "WhiteBIT API v4: Collateral account balance summary, pages of the samples before; seen 2026-11-28; "
            "figures made up. Written with the reader, not independently of it"
        ),
        markets=(BTC,),
        answers={
            "/collateral-account/positions/open": [
                {
                    "positionId": 603,
                    "market": "BTC_PERP",
                    "openDate": 1791568067.789679,
                    "modifyDate": 1791568067.789679,
                    "amount": "0.1",
                    "basePrice": "60000",
                    "liquidationPrice": None,
                    "liquidationState": None,
                    "pnl": "200",
                    "pnlPercent": "33.33",
                    "margin": "600",
                    "freeMargin": "6600",
                    "funding": "0",
                    "unrealizedFunding": "0",
                    "tpsl": None,
                    "positionSide": "BOTH",
                },
            ],
            "/collateral-account/summary": {
                "equity": "7000",
                "margin": "600",
                "freeMargin": "6600",
                "unrealizedFunding": "0",
                "pnl": "200",
                "leverage": 10,
                "marginFraction": "6.2446758120916304",
                "maintenanceMarginRequirement": "1.2446758120916304",
            },
            "/collateral-account/balance-summary": [
                {
                    "asset": "USDT",
                    "balance": "800",
                    "borrow": "0",
                    "availableWithoutBorrow": "400",
                    "availableWithBorrow": "400",
                },
                {
                    "asset": "BTC",
                    "balance": "0.1",
                    "borrow": "0",
                    "availableWithoutBorrow": "0.1",
                    "availableWithBorrow": "0.1",
                },
            ],
            "/collateral-account/adl-quantile": [{"market": "BTC_PERP", "long": 2, "short": None}],
            "/public/futures": futures(ticker("BTC_PERP", "62000", "62003")),
        },
        positions=(
            Facts(
                symbol="BTC_PERP",
                side="long",
                size=0.1,
                entry_price=60000.0,
                mark_price=62000.0,
                margin_mode="cross",
                unrealized_pnl=200.0,
                adl_meter=2.0,
            ),
        ),
        equities=(Equity(settle="USDT", amount=7200.0, in_dollars=True),),
        why={
            "amount": EQUITY + ". Here 600 + 6600 = 7000 + 200",
            "in_dollars": "0.1 BTC backs it too, at its worth in USDT, which moves with its price",
        },
    ),
    Sample(
        venue="whitebit",
        mode="borrowed coins; a side that the queue contradicts",
        source=(
            "WhiteBIT API v4: Collateral account balance summary (borrow), ADL quantile (null: no position on that "
            "side); seen 2026-11-28; figures made up. Written with the reader, not independently of it"
        ),
        markets=(BTC, ETH),
        answers={
            "/collateral-account/positions/open": [
                {
                    "positionId": 604,
                    "market": "BTC_PERP",
                    "openDate": 1791568067.789679,
                    "modifyDate": 1791568067.789679,
                    "amount": "0.1",
                    "basePrice": "60000",
                    "liquidationPrice": None,
                    "liquidationState": None,
                    "pnl": "0",
                    "pnlPercent": "0",
                    "margin": "600",
                    "freeMargin": "6600",
                    "funding": "0",
                    "unrealizedFunding": "0",
                    "tpsl": None,
                    "positionSide": "BOTH",
                },
                {
                    "positionId": 605,
                    "market": "ETH_PERP",
                    "openDate": 1791568067.789679,
                    "modifyDate": 1791568067.789679,
                    "amount": "1",
                    "basePrice": "2500",
                    "liquidationPrice": None,
                    "liquidationState": None,
                    "pnl": "0",
                    "pnlPercent": "0",
                    "margin": "250",
                    "freeMargin": "6600",
                    "funding": "0",
                    "unrealizedFunding": "0",
                    "tpsl": None,
                    "positionSide": "BOTH",
                },
            ],
            "/collateral-account/summary": {
                "equity": "7450",
                "margin": "850",
                "freeMargin": "6600",
                "unrealizedFunding": "0",
                "pnl": "0",
                "leverage": 10,
                "marginFraction": "6.2446758120916304",
                "maintenanceMarginRequirement": "1.2446758120916304",
            },
            "/collateral-account/balance-summary": [
                {
                    "asset": "USDT",
                    "balance": "7450",
                    "borrow": "1000",
                    "availableWithoutBorrow": "5600",
                    "availableWithBorrow": "6600",
                },
            ],
            "/collateral-account/adl-quantile": [
                {"market": "BTC_PERP", "long": None, "short": 1},
                {"market": "ETH_PERP", "long": 0, "short": None},
            ],
            "/public/futures": futures(ticker("BTC_PERP", "60000", "60003"), ticker("ETH_PERP", "2500", "2501")),
        },
        positions=(
            Facts(
                symbol="BTC_PERP",
                side=None,
                size=0.1,
                entry_price=60000.0,
                mark_price=60000.0,
                margin_mode="cross",
                unrealized_pnl=0.0,
            ),
            Facts(
                symbol="ETH_PERP",
                side="long",
                size=1.0,
                entry_price=2500.0,
                mark_price=2500.0,
                margin_mode="cross",
                unrealized_pnl=0.0,
                adl_meter=0.0,
            ),
        ),
        equities=(Equity(settle="USDT", amount=None),),
        why={
            "side": "the amount says long, but only a short is in the queue: one of the two answers is of another time",
            "amount": "unknown: with borrowed coins equity includes what was lent",
        },
    ),
)
