"""Backpack Exchange: what its documentation shows of an account (a subaccount is cross-margined as a whole)."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

_SEEN: Final = "seen 2026-11-28"


def _collateral(symbol: str, mark: str, quantity: str, *, weight: str, value: str) -> dict[str, str]:
    return {
        "symbol": symbol,
        "assetMarkPrice": mark,
        "totalQuantity": quantity,
        "balanceNotional": str(float(mark) * float(quantity)),
        "collateralWeight": weight,
        "collateralValue": value,
        "openOrderQuantity": "0",
        "lendQuantity": quantity,
        "availableQuantity": "0",
    }


def _function(base: str, factor: str) -> dict[str, str]:
    return {"base": base, "factor": factor, "type": "sqrt"}


_POSITIONS: Final[list[dict[str, Any]]] = [
    {
        "breakEvenPrice": "3831.3630555555555555555555556",
        "cumulativeFundingPayment": "-0.009218",
        "cumulativeInterest": "0",
        "entryPrice": "3826.8888888888888888888888889",
        "estLiquidationPrice": "0",
        "imf": "0.02",
        "imfFunction": _function("0.02", "0.0000935"),
        "markPrice": "3787.46813304",
        "mmf": "0.0125",
        "mmfFunction": _function("0.0125", "0.0000561"),
        "netCost": "13.7768",
        "netExposureNotional": "13.634885278944",
        "netExposureQuantity": "0.0036",
        "netQuantity": "0.0036",
        "pnlRealized": "0",
        "pnlUnrealized": "-0.141914",
        "positionId": "4238420454",
        "subaccountId": None,
        "symbol": "ETH_USDC_PERP",
        "userId": 1813870,
    },
    {
        "breakEvenPrice": "159.9",
        "cumulativeFundingPayment": "0.01",
        "cumulativeInterest": "0",
        "entryPrice": "160",
        "estLiquidationPrice": "1218.21",
        "imf": "0.02",
        "imfFunction": _function("0.02", "0.0001"),
        "markPrice": "150",
        "mmf": "0.0125",
        "mmfFunction": _function("0.0125", "0.00006"),
        "netCost": "-32",
        "netExposureNotional": "45",
        "netExposureQuantity": "0.3",
        "netQuantity": "-0.2",
        "pnlRealized": "0",
        "pnlUnrealized": "2",
        "positionId": "4238420455",
        "subaccountId": None,
        "symbol": "SOL_USDC_PERP",
        "userId": 1813870,
    },
]

_CROSS: Final = Sample(
    venue="backpack",
    mode="cross, several coins as collateral",
    source=(
        "Backpack Exchange API: open positions (the ETH row is a response as a client library prints it, the SOL row "
        f"made up on its shape), collateral (capital/collateral), mark prices; "
        f"support article on the margin system; {_SEEN}"
    ),
    markets=(
        perpetual("ETH_USDC_PERP", "ETH/USDC:USDC"),
        perpetual("SOL_USDC_PERP", "SOL/USDC:USDC"),
    ),
    answers={
        "/api/v1/position": _POSITIONS,
        "/api/v1/capital/collateral": {
            "assetsValue": "214.5",
            "borrowLiability": "0",
            "collateral": [
                _collateral("USDC", "1", "120", weight="1", value="120"),
                _collateral("SOL", "150", "0.7", weight="0.9", value="94.5"),
            ],
            "imf": "0.02",
            "unsettledEquity": "0.5",
            "liabilitiesValue": "0",
            "marginFraction": "3.69845",
            "mmf": "0.0125",
            "netEquity": "216.858086",
            "netEquityAvailable": "215.685388",
            "netEquityLocked": "1.172698",
            "netExposureFutures": "58.634885278944",
            "pnlUnrealized": "1.858086",
        },
        "/api/v1/capital": {
            "USDC": {"available": "120", "locked": "0", "staked": "0"},
            "SOL": {"available": "0.7", "locked": "0", "staked": "0"},
        },
        "/api/v1/markPrices": [
            {
                "fundingRate": "0.0000125",
                "indexPrice": "3787.9",
                "markPrice": "3787.46813304",
                "nextFundingTimestamp": 1795870800000,
                "symbol": "ETH_USDC_PERP",
            },
            {
                "fundingRate": "0.0000125",
                "indexPrice": "150.01",
                "markPrice": "150",
                "nextFundingTimestamp": 1795870800000,
                "symbol": "SOL_USDC_PERP",
            },
        ],
    },
    positions=(
        Facts(
            symbol="ETH_USDC_PERP",
            side="long",
            size=0.0036,
            entry_price=3826.8888888888889,
            mark_price=3787.46813304,
            margin_mode="cross",
            maintenance_rate=0.0125,
            notional=13.634885278944,
            unrealized_pnl=-0.141914,
        ),
        Facts(
            symbol="SOL_USDC_PERP",
            side="short",
            size=0.2,
            entry_price=160.0,
            mark_price=150.0,
            margin_mode="cross",
            maintenance_rate=0.0125,
            unrealized_pnl=2.0,
            liquidation_price=1218.21,
        ),
    ),
    equities=(Equity(settle="USDC", amount=216.858086, wallet_balance=215.0, in_dollars=True),),
    why={
        "SOL_USDC_PERP.size": (
            "netQuantity, signed; netExposureQuantity and netExposureNotional count open orders that add risk (0.1 "
            "here), and have no sign"
        ),
        "SOL_USDC_PERP.notional": "none of the position alone is published: 45 is with the orders; it is 0.2 x 150",
        "equities": (
            "netEquity = collateral value 214.5 + unrealized PnL 1.858086 + unsettled 0.5 - liabilities, valued in "
            "dollars with each coin's weight; the plain balances of capital are not it"
        ),
        "maintenance_margin": "no amount is published; mmf x netExposureFutures would count the open orders",
    },
)

_SETTLED: Final = Sample(
    venue="backpack",
    mode="cross, profit realized while the position is open",
    source=(
        "Backpack Exchange documentation, Settlement and Realization (profit is realized every ten seconds without a "
        "change of the position, by default or where the account chooses it); API, open positions (pnlRealized: what "
        f"was realized since opening); {_SEEN}. Figures made up. Written with the reader, not independently of it"
    ),
    markets=(perpetual("SOL_USDC_PERP", "SOL/USDC:USDC"),),
    answers={
        "/api/v1/position": [
            {
                **_POSITIONS[1],
                "estLiquidationPrice": "1217.28",
                "netExposureNotional": "30",
                "netExposureQuantity": "0.2",
                "pnlRealized": "1.98",
                "pnlUnrealized": "0.02",
            },
        ],
        "/api/v1/capital/collateral": {
            "assetsValue": "216.48",
            "borrowLiability": "0",
            "collateral": [_collateral("USDC", "1", "216.48", weight="1", value="216.48")],
            "imf": "0.02",
            "unsettledEquity": "0",
            "liabilitiesValue": "0",
            "marginFraction": "7.216667",
            "mmf": "0.0125",
            "netEquity": "216.5",
            "netEquityAvailable": "215.9",
            "netEquityLocked": "0.6",
            "netExposureFutures": "30",
            "pnlUnrealized": "0.02",
        },
    },
    positions=(
        Facts(
            symbol="SOL_USDC_PERP",
            side="short",
            size=0.2,
            entry_price=150.1,
            mark_price=150.0,
            margin_mode="cross",
            maintenance_rate=0.0125,
            notional=30.0,
            unrealized_pnl=0.02,
            liquidation_price=1217.28,
        ),
    ),
    equities=(Equity(settle="USDC", amount=216.5, wallet_balance=216.48, in_dollars=True),),
    why={
        "entry_price": (
            "the price from which the published PnL counts, 150 + 0.02 / 0.2: 1.98 of the profit since 160 has been "
            "paid into the balance, so with 160 it would be counted twice"
        ),
        "liquidation_price": "made up with the rate of 1.25 %: 216.5 - 0.2 (P - 150) = 0.0125 x 0.2 P",
    },
)

SAMPLES: Final = (_CROSS, _SETTLED)
