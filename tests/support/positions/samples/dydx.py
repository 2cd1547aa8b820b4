"""dYdX v4: what the documentation of its indexer shows of subaccounts."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

_SEEN: Final = "seen 2026-11-28"
_API: Final = "dYdX indexer HTTP API: list positions, get subaccount, get parent subaccount, get perpetual markets"
_ADDRESS: Final = "dydx14zzueazeh0hj67cghhf9jypslcf9sh2n5k6art"

_BTC: Final = perpetual("BTC-USD", "BTC/USDC:USDC")
_ETH: Final = perpetual("ETH-USD", "ETH/USDC:USDC")
_TRUMP: Final = perpetual("TRUMP-USD", "TRUMP/USDC:USDC")


def _position(market: str, side: str, number: int, **fields: str) -> dict[str, Any]:
    return {
        "market": market,
        "status": "OPEN",
        "side": side,
        "createdAt": "2025-10-22T08:34:05.883Z",
        "createdAtHeight": "52228825",
        "closedAt": None,
        "subaccountNumber": number,
        **fields,
    }


def _subaccount(number: int, equity: str, free: str, usdc: str, positions: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "address": _ADDRESS,
        "subaccountNumber": number,
        "equity": equity,
        "freeCollateral": free,
        "openPerpetualPositions": {position["market"]: position for position in positions},
        "assetPositions": {
            "USDC": {
                "size": usdc.removeprefix("-"),
                "symbol": "USDC",
                "side": "SHORT" if usdc.startswith("-") else "LONG",
                "assetId": "0",
                "subaccountNumber": number,
            }
        },
        "marginEnabled": True,
        "updatedAtHeight": "52228833",
        "latestProcessedBlockHeight": "52246761",
    }


def _parent(equity: str, free: str, children: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "subaccount": {
            "address": _ADDRESS,
            "parentSubaccountNumber": 0,
            "equity": equity,
            "freeCollateral": free,
            "childSubaccounts": children,
        }
    }


def _market(ticker: str, oracle: str, initial: str, maintenance: str, kind: str = "CROSS") -> dict[str, Any]:
    return {
        "clobPairId": "0",
        "ticker": ticker,
        "status": "ACTIVE",
        "oraclePrice": oracle,
        "priceChange24H": "659.9736",
        "volume24H": "1292729.3605",
        "trades24H": 9387,
        "nextFundingRate": "0",
        "initialMarginFraction": initial,
        "maintenanceMarginFraction": maintenance,
        "openInterest": "52.0691",
        "atomicResolution": -10,
        "quantumConversionExponent": -9,
        "tickSize": "1",
        "stepSize": "0.0001",
        "stepBaseQuantums": 1000000,
        "subticksPerTick": 100000,
        "marketType": kind,
        "openInterestLowerCap": "0",
        "openInterestUpperCap": "0",
        "baseOpenInterest": "50.3776",
        "defaultFundingRate1H": "0",
    }


_ETH_ROW: Final = _position(
    "ETH-USD",
    "LONG",
    0,
    size="0.001",
    maxSize="0.002",
    entryPrice="3894.7",
    exitPrice="3864.5",
    realizedPnl="-0.034847",
    unrealizedPnl="-0.044675155",
    sumOpen="0.002",
    sumClose="0.001",
    netFunding="-0.004647",
)
_BTC_ROW: Final = _position(
    "BTC-USD",
    "SHORT",
    0,
    size="-4.1368",
    maxSize="-0.009",
    entryPrice="112196.87848803433219017636",
    exitPrice="113885.21872652924977050823",
    realizedPnl="-15180.426770788459736511679821",
    unrealizedPnl="17002.285719484425404321566048",
    sumOpen="5.3361",
    sumClose="1.1983",
    netFunding="-13157.288663",
)
_CROSS_ROW: Final = _subaccount(0, "161451.040416029", "152508.28819133578", "608580.951601", [_ETH_ROW, _BTC_ROW])

_CROSS: Final = Sample(
    venue="dydx",
    mode="subaccount 0, cross markets",
    source=(
        f"row 10 of the reader cases; {_API}; subaccount and positions are the response example as printed, oracle "
        f"prices those that follow from its unrealized PnL; {_SEEN}"
    ),
    markets=(_BTC, _ETH),
    answers={
        "/perpetualPositions": {"positions": [_ETH_ROW, _BTC_ROW]},
        "/subaccountNumber/0": {"subaccount": _CROSS_ROW},
        "/perpetualPositions/parentSubaccountNumber": {"positions": [_ETH_ROW, _BTC_ROW]},
        "/parentSubaccountNumber/0": _parent("161451.040416029", "152508.28819133578", [_CROSS_ROW]),
        "/perpetualMarkets": {
            "markets": {
                "BTC-USD": _market("BTC-USD", "108086.86937", "0.02", "0.012"),
                "ETH-USD": _market("ETH-USD", "3850.024845", "0.02", "0.012"),
            }
        },
    },
    positions=(
        Facts(
            symbol="ETH-USD",
            side="long",
            size=0.001,
            entry_price=3894.7,
            mark_price=3850.024845,
            margin_mode="cross",
            maintenance_rate=0.012,
            unrealized_pnl=-0.044675155,
        ),
        Facts(
            symbol="BTC-USD",
            side="short",
            size=4.1368,
            entry_price=112196.87848803433,
            mark_price=108086.86937,
            margin_mode="cross",
            maintenance_rate=0.012,
            unrealized_pnl=17002.285719484425,
        ),
    ),
    equities=(Equity(settle="USDC", amount=161451.040416029, wallet_balance=144448.79937169954),),
    why={
        "mark_price": "the positions have none; oraclePrice of perpetualMarkets (one call) is what margin uses",
        "equities": (
            "equity of the subaccount: USDC 608580.951601 - 4.1368 x 108086.86937 + 0.001 x 3850.024845; the USDC "
            "position is no wallet balance (it holds the proceeds of the short). wallet = equity less unrealized PnL"
        ),
        "maintenance_rate": (
            "maintenanceMarginFraction of the market; the initial one fits: equity - freeCollateral = 8942.752 = 2 % "
            "of the value. No answer has a maintenance amount: 0.012 x 447137.611 = 5365.65"
        ),
    },
)

_ISOLATED_ROW: Final = _position(
    "TRUMP-USD",
    "LONG",
    128,
    size="100",
    maxSize="100",
    entryPrice="8.00",
    exitPrice="0",
    realizedPnl="0",
    unrealizedPnl="50",
    sumOpen="100",
    sumClose="0",
    netFunding="0",
)
_FREE: Final = _subaccount(0, "1000", "1000", "1000", [])
_CHILD: Final = _subaccount(128, "350", "180", "-500", [_ISOLATED_ROW])

_ISOLATED: Final = Sample(
    venue="dydx",
    mode="child subaccount of an isolated market",
    source=(
        f"{_API}; isolated positions have a subaccount of their own, numbered from 128 on; figures made up on the "
        f"shape; {_SEEN}"
    ),
    markets=(_TRUMP,),
    answers={
        "/perpetualPositions": {"positions": []},
        "/subaccountNumber/0": {"subaccount": _FREE},
        "/perpetualPositions/parentSubaccountNumber": {"positions": [_ISOLATED_ROW]},
        "/parentSubaccountNumber/0": _parent("1350", "1180", [_FREE, _CHILD]),
        "/perpetualMarkets": {"markets": {"TRUMP-USD": _market("TRUMP-USD", "8.5", "0.2", "0.1", "ISOLATED")}},
    },
    positions=(
        Facts(
            symbol="TRUMP-USD",
            side="long",
            size=100.0,
            entry_price=8.0,
            mark_price=8.5,
            margin_mode="isolated",
            margin=300.0,
            maintenance_rate=0.1,
            unrealized_pnl=50.0,
        ),
    ),
    why={
        "positions": (
            "the plain call is for subaccount 0 alone, and finds nothing; the call for the parent subaccount has them "
            "all, each with its subaccountNumber"
        ),
        "TRUMP-USD.margin": "equity of child 128 (USDC -500 + 100 x 8.5 = 350) less the unrealized PnL 50",
    },
)

SAMPLES: Final = (_CROSS, _ISOLATED)
