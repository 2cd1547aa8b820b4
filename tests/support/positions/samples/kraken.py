"""Kraken Derivatives: what its documentation shows of accounts, multi-collateral (flex) and single-collateral."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

_SEEN: Final = "seen 2026-11-28"
_API: Final = (
    "Kraken Derivatives API: open positions, wallets (accounts), leverage preferences, tickers, position percentile of "
    "the unwind queue"
)
_TIME: Final = "2026-11-28T12:00:00.000Z"


def _answer(name: str, value: object) -> dict[str, Any]:
    return {"result": "success", name: value, "serverTime": _TIME}


def _ticker(symbol: str, pair: str, mark: float, funding: float) -> dict[str, Any]:
    return {
        "tag": "perpetual",
        "pair": pair,
        "symbol": symbol,
        "markPrice": mark,
        "bid": mark,
        "bidSize": 0.5,
        "ask": mark,
        "askSize": 0.5,
        "vol24h": 8309.2546,
        "volumeQuote": 8309.2546 * mark,
        "openInterest": 1950.5966,
        "open24h": mark,
        "indexPrice": mark,
        "last": mark,
        "lastTime": _TIME,
        "lastSize": 0.01,
        "suspended": False,
        "fundingRate": funding,
        "fundingRatePrediction": funding,
        "postOnly": False,
    }


def _single(currency: str, balance: float = 0.0, **figures: float) -> dict[str, Any]:
    of = {"pv": 0.0, "pnl": 0.0, "af": 0.0, "funding": 0.0, "im": 0.0, "mm": 0.0, "lt": 0.0, "tt": 0.0, **figures}
    return {
        "type": "marginAccount",
        "currency": currency,
        "balances": {currency: balance},
        "auxiliary": {"usd": 0.0, **{name: of[name] for name in ("pv", "pnl", "af", "funding")}},
        "marginRequirements": {name: of[name] for name in ("im", "mm", "lt", "tt")},
        "triggerEstimates": {"im": 0.0, "mm": 0.0, "lt": 0.0, "tt": 0.0},
    }


def _flex(currencies: dict[str, dict[str, float]], **figures: float) -> dict[str, Any]:
    return {"type": "multiCollateralMarginAccount", "currencies": currencies, **figures}


_CASH: Final = {"type": "cashAccount", "balances": {"usd": 0.0, "xbt": 0.1785169809, "eur": 25.0}}
_NO_FLEX: Final = _flex(
    {},
    initialMargin=0.0,
    initialMarginWithOrders=0.0,
    maintenanceMargin=0.0,
    balanceValue=0.0,
    portfolioValue=0.0,
    collateralValue=0.0,
    pnl=0.0,
    unrealizedFunding=0.0,
    totalUnrealized=0.0,
    totalUnrealizedAsMargin=0.0,
    availableMargin=0.0,
    marginEquity=0.0,
)

_PF_XBTUSD: Final = perpetual("PF_XBTUSD", "BTC/USD:USD", baseId="xbt")
_PF_ETHUSD: Final = perpetual("PF_ETHUSD", "ETH/USD:USD")
_PF_SOLUSD: Final = perpetual("PF_SOLUSD", "SOL/USD:USD")
_PI_XBTUSD: Final = perpetual("PI_XBTUSD", "BTC/USD:BTC", baseId="xbt", settleId="xbt")

_CROSS: Final = Sample(
    venue="kraken",
    mode="multi-collateral (flex), cross",
    source=f"rows 10 and 16 of the reader cases; {_API}; figures made up on the shape; {_SEEN}",
    markets=(_PF_XBTUSD, _PF_ETHUSD),
    answers={
        "/openpositions": _answer(
            "openPositions",
            [
                {
                    "side": "long",
                    "symbol": "PF_XBTUSD",
                    "price": 60000.0,
                    "fillTime": "2026-11-27T22:51:16.566Z",
                    "size": 0.05,
                    "unrealizedFunding": -0.3,
                    "pnlCurrency": "USD",
                },
                {
                    "side": "short",
                    "symbol": "PF_ETHUSD",
                    "price": 3000.0,
                    "fillTime": "2026-11-27T22:52:16.566Z",
                    "size": 1.0,
                    "unrealizedFunding": -0.2,
                    "pnlCurrency": "USD",
                },
            ],
        ),
        "/accounts": _answer(
            "accounts",
            {
                "cash": _CASH,
                "fi_xbtusd": _single("xbt"),
                "flex": _flex(
                    {
                        "USD": {"quantity": 3000.0, "value": 3000.0, "collateral": 3000.0, "available": 2926.5},
                        "XBT": {"quantity": 0.01, "value": 620.0, "collateral": 589.0, "available": 0.01},
                    },
                    initialMargin=123.0,
                    initialMarginWithOrders=123.0,
                    maintenanceMargin=61.5,
                    balanceValue=3620.0,
                    portfolioValue=3669.5,
                    collateralValue=3589.0,
                    pnl=50.0,
                    unrealizedFunding=-0.5,
                    totalUnrealized=49.5,
                    totalUnrealizedAsMargin=49.5,
                    availableMargin=3515.5,
                    marginEquity=3638.5,
                ),
            },
        ),
        "/leveragepreferences": _answer("leveragePreferences", []),
        "/unwindqueue": _answer(
            "queue", [{"symbol": "PF_XBTUSD", "percentile": 100}, {"symbol": "PF_ETHUSD", "percentile": 20}]
        ),
        "/tickers": _answer(
            "tickers",
            [
                _ticker("PF_XBTUSD", "XBT:USD", 62000.0, 0.62),
                _ticker("PF_ETHUSD", "ETH:USD", 3050.0, -0.0305),
                {"symbol": "in_xbtusd", "last": 61990.0, "lastTime": _TIME},
            ],
        ),
    },
    positions=(
        Facts(
            symbol="PF_XBTUSD",
            side="long",
            size=0.05,
            entry_price=60000.0,
            mark_price=62000.0,
            margin_mode="cross",
            adl_meter=100.0,
        ),
        Facts(
            symbol="PF_ETHUSD",
            side="short",
            size=1.0,
            entry_price=3000.0,
            mark_price=3050.0,
            margin_mode="cross",
            adl_meter=20.0,
        ),
    ),
    equities=(Equity(settle="USD", amount=3638.5, wallet_balance=3588.5, maintenance_margin=61.5, in_dollars=True),),
    why={
        "mark_price": "the position has none; one call of tickers has all",
        "equities": (
            "marginEquity of flex: balances after their haircut (3589) and unrealized PnL and funding as margin "
            "(49.5); wallet 3638.5 - 50. The cash wallet backs nothing"
        ),
        "tickers": (
            "fundingRate is absolute, USD per contract and hour: the rate is 0.62 / 62000 = 0.001 % an hour, not 62 %; "
            "indices in the list have no markPrice"
        ),
        "adl_meter": "percentile of the unwind queue, a call of its own; that 100 is the front is inferred",
    },
)

_ISOLATED: Final = Sample(
    venue="kraken",
    mode="multi-collateral (flex), isolated beside cross",
    source=f"{_API}; figures made up on the shape; {_SEEN}",
    markets=(_PF_SOLUSD, _PF_XBTUSD),
    answers={
        "/openpositions": _answer(
            "openPositions",
            [
                {
                    "side": "long",
                    "symbol": "PF_SOLUSD",
                    "price": 150.0,
                    "fillTime": "2026-11-27T11:37:16.685Z",
                    "size": 10.0,
                    "unrealizedFunding": -0.01,
                    "pnlCurrency": "USD",
                    "maxFixedLeverage": 5.0,
                },
                {
                    "side": "short",
                    "symbol": "PF_XBTUSD",
                    "price": 63000.0,
                    "fillTime": "2026-11-27T22:51:16.566Z",
                    "size": 0.02,
                    "unrealizedFunding": 0.0,
                    "pnlCurrency": "USD",
                },
            ],
        ),
        "/accounts": _answer(
            "accounts",
            {
                "cash": _CASH,
                "flex": _flex(
                    {"USD": {"quantity": 2000.0, "value": 2000.0, "collateral": 2000.0, "available": 1655.2}},
                    initialMargin=344.8,
                    initialMarginWithOrders=344.8,
                    maintenanceMargin=28.4,
                    balanceValue=2000.0,
                    portfolioValue=2119.99,
                    collateralValue=2000.0,
                    pnl=120.0,
                    unrealizedFunding=-0.01,
                    totalUnrealized=119.99,
                    totalUnrealizedAsMargin=119.99,
                    availableMargin=1775.19,
                    marginEquity=2119.99,
                ),
            },
        ),
        "/leveragepreferences": _answer("leveragePreferences", [{"symbol": "PF_SOLUSD", "maxLeverage": 5.0}]),
        "/unwindqueue": _answer(
            "queue", [{"symbol": "PF_SOLUSD", "percentile": 80}, {"symbol": "PF_XBTUSD", "percentile": 40}]
        ),
        "/tickers": _answer(
            "tickers",
            [
                _ticker("PF_SOLUSD", "SOL:USD", 160.0, 0.0016),
                _ticker("PF_XBTUSD", "XBT:USD", 62000.0, 0.62),
            ],
        ),
    },
    positions=(
        Facts(
            symbol="PF_SOLUSD",
            side="long",
            size=10.0,
            entry_price=150.0,
            mark_price=160.0,
            margin_mode="isolated",
            adl_meter=80.0,
        ),
        Facts(
            symbol="PF_XBTUSD",
            side="short",
            size=0.02,
            entry_price=63000.0,
            mark_price=62000.0,
            margin_mode="cross",
            adl_meter=40.0,
        ),
    ),
    equities=(Equity(settle="USD", amount=None),),
    why={
        "PF_SOLUSD.margin_mode": "maxFixedLeverage is there for isolated positions only",
        "PF_SOLUSD.margin": "unknown: no answer holds it, and the leverage limit is not the margin that is posted",
        "equities": (
            "unknown while an isolated position is open: marginEquity and maintenanceMargin are of the whole wallet, "
            "and no field says what part of them is the isolated position's"
        ),
    },
)

_INVERSE: Final = Sample(
    venue="kraken",
    mode="single-collateral (coin-margined, inverse), cross",
    source=f"{_API}; accounts: fields of margin accounts; figures made up on the shape; {_SEEN}",
    markets=(_PI_XBTUSD,),
    answers={
        "/openpositions": _answer(
            "openPositions",
            [
                {
                    "side": "short",
                    "symbol": "PI_XBTUSD",
                    "price": 9400.0,
                    "fillTime": "2020-07-22T14:39:12.376Z",
                    "size": 10000,
                    "unrealizedFunding": 0.0001,
                }
            ],
        ),
        "/accounts": _answer(
            "accounts",
            {
                "cash": _CASH,
                "fi_xbtusd": _single(
                    "xbt",
                    0.5,
                    pv=0.5232267346,
                    pnl=0.0231267346,
                    af=0.5014876042,
                    funding=0.0001,
                    im=0.0217391304,
                    mm=0.0108695652,
                    lt=0.0054347826,
                    tt=0.0027173913,
                ),
                "fi_ethusd": _single("eth"),
                "flex": _NO_FLEX,
            },
        ),
        "/leveragepreferences": _answer("leveragePreferences", []),
        "/unwindqueue": _answer("queue", [{"symbol": "PI_XBTUSD", "percentile": 60}]),
        "/tickers": _answer("tickers", [_ticker("PI_XBTUSD", "XBT:USD", 9200.0, 1.0e-9)]),
    },
    positions=(
        Facts(
            symbol="PI_XBTUSD",
            side="short",
            size=10000.0,
            contract="inverse",
            entry_price=9400.0,
            mark_price=9200.0,
            margin_mode="cross",
            adl_meter=60.0,
        ),
    ),
    equities=(Equity(settle="BTC", amount=0.5232267346, wallet_balance=0.5001, maintenance_margin=0.0108695652),),
    why={
        "equities": (
            "pv of the coin's wallet (fi_xbtusd serves PI_ and FI_ contracts): balance 0.5 + pnl "
            "10000 (1/9200 - 1/9400) = 0.0231267 + funding 0.0001; mm of marginRequirements"
        ),
        "PI_XBTUSD.liquidation_price": "not published; triggerEstimates are prices of the account, here 0",
    },
)

SAMPLES: Final = (_CROSS, _ISOLATED, _INVERSE)
