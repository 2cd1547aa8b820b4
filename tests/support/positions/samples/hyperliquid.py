"""Hyperliquid: what its documentation shows of accounts, by the mode of the account (account abstraction)."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

_SEEN: Final = "seen 2026-11-28"
_INFO: Final = (
    "Hyperliquid API, info endpoint: user's perpetuals account summary, spot balances, abstraction state, list of dexes"
)


def _market(number: str, name: str) -> dict[str, Any]:
    base = name.replace(":", "-").upper()
    return perpetual(number, f"{base}/USDC:USDC", baseId=number, baseName=name, info={"name": name})


def _position(coin: str, leverage: dict[str, Any], **fields: object) -> dict[str, Any]:
    return {
        "position": {
            "coin": coin,
            "cumFunding": {"allTime": "0.0", "sinceChange": "0.0", "sinceOpen": "0.0"},
            "leverage": leverage,
            **fields,
        },
        "type": "oneWay",
    }


def _summary(value: str, used: str, notional: str, raw: str) -> dict[str, str]:
    return {"accountValue": value, "totalMarginUsed": used, "totalNtlPos": notional, "totalRawUsd": raw}


_NO_SUMMARY: Final = _summary("0.0", "0.0", "0.0", "0.0")

_DEXES: Final[list[Any]] = [
    None,
    {
        "name": "xyz",
        "fullName": "XYZ",
        "deployer": "0x0000000000000000000000000000000000000001",
        "oracleUpdater": None,
        "feeRecipient": "0x0000000000000000000000000000000000000002",
        "assetToStreamingOiCap": [["xyz:XYZ100", "100000000.0"]],
    },
]

_DOCUMENTED: Final = Sample(
    venue="hyperliquid",
    mode="classic account, isolated",
    source=f"{_INFO}; the response example as printed, with an empty spot state; {_SEEN}",
    markets=(_market("1", "ETH"),),
    answers={
        "/info#spotClearinghouseState": {"balances": []},
        "/info#userAbstraction": "disabled",
        "/info#perpDexs": [None],
        "/info#clearinghouseState": {
            "assetPositions": [
                {
                    "position": {
                        "coin": "ETH",
                        "cumFunding": {"allTime": "514.085417", "sinceChange": "0.0", "sinceOpen": "0.0"},
                        "entryPx": "2986.3",
                        "leverage": {"rawUsd": "-95.059824", "type": "isolated", "value": 20},
                        "liquidationPx": "2866.26936529",
                        "marginUsed": "4.967826",
                        "maxLeverage": 50,
                        "positionValue": "100.02765",
                        "returnOnEquity": "-0.0026789",
                        "szi": "0.0335",
                        "unrealizedPnl": "-0.0134",
                    },
                    "type": "oneWay",
                }
            ],
            "crossMaintenanceMarginUsed": "0.0",
            "crossMarginSummary": _summary("13104.514502", "0.0", "0.0", "13104.514502"),
            "marginSummary": _summary("13109.482328", "4.967826", "100.02765", "13009.454678"),
            "time": 1708622398623,
            "withdrawable": "13104.514502",
        },
    },
    positions=(
        Facts(
            symbol="ETH",
            side="long",
            size=0.0335,
            entry_price=2986.3,
            mark_price=2985.9,
            margin_mode="isolated",
            margin=4.981226,
            maintenance_rate=0.01,
            notional=100.02765,
            unrealized_pnl=-0.0134,
            liquidation_price=2866.26936529,
        ),
    ),
    why={
        "ETH.margin": (
            "marginUsed of an isolated position is position value + rawUsd = 100.02765 - 95.059824 = 4.967826, so it "
            "holds the unrealized PnL: 4.967826 + 0.0134"
        ),
        "ETH.mark_price": "positionValue / |szi|",
        "ETH.maintenance_rate": (
            "half of the initial margin rate at the greatest leverage, 1 / (2 x 50); it gives the printed liquidation "
            "price: 95.059824 / (0.0335 x 0.99)"
        ),
        "equities": "none: crossMarginSummary is marginSummary less the isolated marginUsed, and no position is cross",
    },
)

_CLASSIC: Final = Sample(
    venue="hyperliquid",
    mode="classic account, cross on the first dex, isolated on a builder's dex (HIP-3)",
    source=f"{_INFO}; figures made up on the shape; {_SEEN}",
    markets=(_market("0", "BTC"), _market("1", "ETH"), _market("110000", "xyz:XYZ100")),
    answers={
        "/info#xyz": {
            "assetPositions": [
                _position(
                    "xyz:XYZ100",
                    {"rawUsd": "550.0", "type": "isolated", "value": 10},
                    entryPx="25000.0",
                    liquidationPx="26829.2682926829",
                    marginUsed="54.0",
                    maxLeverage=20,
                    positionValue="496.0",
                    returnOnEquity="0.08",
                    szi="-0.02",
                    unrealizedPnl="4.0",
                )
            ],
            "crossMaintenanceMarginUsed": "0.0",
            "crossMarginSummary": _NO_SUMMARY,
            "marginSummary": _summary("54.0", "54.0", "496.0", "550.0"),
            "time": 1795867200000,
            "withdrawable": "0.0",
        },
        "/info#spotClearinghouseState": {
            "balances": [{"coin": "USDC", "token": 0, "hold": "0.0", "total": "1481.844", "entryNtl": "0.0"}]
        },
        "/info#userAbstraction": "default",
        "/info#perpDexs": _DEXES,
        "/info#clearinghouseState": {
            "assetPositions": [
                _position(
                    "BTC",
                    {"type": "cross", "value": 10},
                    entryPx="60000.0",
                    liquidationPx="45869.3670886076",
                    marginUsed="3100.0",
                    maxLeverage=40,
                    positionValue="31000.0",
                    returnOnEquity="0.3333333333",
                    szi="0.5",
                    unrealizedPnl="1000.0",
                ),
                _position(
                    "ETH",
                    {"type": "cross", "value": 20},
                    entryPx="3000.0",
                    liquidationPx="5052.0833333333",
                    marginUsed="620.0",
                    maxLeverage=25,
                    positionValue="12400.0",
                    returnOnEquity="-0.6666666667",
                    szi="-4.0",
                    unrealizedPnl="-400.0",
                ),
            ],
            "crossMaintenanceMarginUsed": "635.5",
            "crossMarginSummary": _summary("8600.0", "3720.0", "43400.0", "-10000.0"),
            "marginSummary": _summary("8600.0", "3720.0", "43400.0", "-10000.0"),
            "time": 1795867200000,
            "withdrawable": "4260.0",
        },
    },
    positions=(
        Facts(
            symbol="BTC",
            side="long",
            size=0.5,
            entry_price=60000.0,
            mark_price=62000.0,
            margin_mode="cross",
            maintenance_rate=0.0125,
            notional=31000.0,
            unrealized_pnl=1000.0,
            liquidation_price=45869.3670886076,
        ),
        Facts(
            symbol="ETH",
            side="short",
            size=4.0,
            entry_price=3000.0,
            mark_price=3100.0,
            margin_mode="cross",
            maintenance_rate=0.02,
            notional=12400.0,
            unrealized_pnl=-400.0,
            liquidation_price=5052.0833333333,
        ),
        Facts(
            symbol="xyz:XYZ100",
            side="short",
            size=0.02,
            entry_price=25000.0,
            mark_price=24800.0,
            margin_mode="isolated",
            margin=50.0,
            maintenance_rate=0.025,
            notional=496.0,
            unrealized_pnl=4.0,
            liquidation_price=26829.2682926829,
        ),
    ),
    equities=(Equity(settle="USDC", amount=8600.0, wallet_balance=8000.0, maintenance_margin=635.5),),
    why={
        "equities": (
            "crossMarginSummary of the first dex alone: in this mode spot and perpetuals are apart and each dex has a "
            "balance of its own, so neither the spot USDC nor the builder's dex backs BTC and ETH. default is what an "
            "account answers that never chose; a pooled mode also shows tokenToAvailableAfterMaintenance"
        ),
        "BTC.liquidation_price": "8600 + 0.5 (P - 62000) = 248 + 0.0125 x 0.5 P",
        "xyz:XYZ100.margin": "marginUsed 54 less the unrealized PnL 4",
    },
)

_DEX_ABSTRACTION: Final = Sample(
    venue="hyperliquid",
    mode="dex abstraction (to be discontinued), cross on the first dex, isolated on a builder's dex (HIP-3)",
    source=f"{_INFO}; account abstraction modes; answers of the classic sample with another mode; {_SEEN}",
    markets=_CLASSIC.markets,
    answers={**_CLASSIC.answers, "/info#userAbstraction": "dexAbstraction"},
    positions=_CLASSIC.positions,
    equities=(Equity(settle="USDC", amount=None),),
    why={
        "equities": (
            "unknown: balances move between the first dex, the others and spot by rules that no page states; the "
            "documentation says only that cross margin on builders' dexes does not behave as one would expect there"
        ),
    },
)

_UNIFIED_ROW: Final = Sample(
    venue="hyperliquid",
    mode="unified account, cross",
    source=(
        f"row 6 of the reader cases, completed; {_INFO}; account abstraction modes: in the unified and portfolio modes "
        f"balances are those of the spot state, the states of single dexes are not meaningful; {_SEEN}"
    ),
    markets=(_market("0", "BTC"),),
    answers={
        "/info#spotClearinghouseState": {
            "balances": [
                {"coin": "USDC", "token": 0, "hold": "125.63626", "total": "886.695", "entryNtl": "0.0"},
                {"coin": "HYPE", "token": 150, "hold": "0.0", "total": "10.0", "entryNtl": "350.0"},
            ],
            "tokenToAvailableAfterMaintenance": [[0, "870.9904675"]],
        },
        "/info#userAbstraction": "unifiedAccount",
        "/info#perpDexs": [None],
        "/info#clearinghouseState": {
            "assetPositions": [
                _position(
                    "BTC",
                    {"type": "cross", "value": 10},
                    entryPx="64882.3",
                    liquidationPx="19217.0",
                    marginUsed="125.63626",
                    maxLeverage=40,
                    positionValue="1256.3626",
                    returnOnEquity="-0.0596918",
                    szi="0.01948",
                    unrealizedPnl="-7.544604",
                )
            ],
            "crossMaintenanceMarginUsed": "15.7045325",
            "crossMarginSummary": _summary("147.41", "125.63626", "1256.3626", "-1108.9526"),
            "marginSummary": _summary("147.41", "125.63626", "1256.3626", "-1108.9526"),
            "time": 1795867200000,
            "withdrawable": "0.0",
        },
    },
    positions=(
        Facts(
            symbol="BTC",
            side="long",
            size=0.01948,
            entry_price=64882.3,
            mark_price=64495.0,
            margin_mode="cross",
            maintenance_rate=0.0125,
            notional=1256.3626,
            unrealized_pnl=-7.544604,
            liquidation_price=19217.0,
        ),
    ),
    equities=(Equity(settle="USDC", amount=886.695, wallet_balance=894.239604, maintenance_margin=15.7045325),),
    why={
        "equities": (
            "the spot USDC total, which is marked to market in this mode; summary accountValue 147.41 would give a "
            "bankruptcy price of 56,928, above the venue's own liquidation price. 886.695 is what that price says: "
            "E = 1256.3626 - 0.01948 x 19217 x 0.9875. HYPE backs no USDC position in this mode"
        ),
        "wallet_balance": "886.695 + 7.544604; that the total holds the unrealized PnL is secondary",
    },
)

_UNIFIED: Final = Sample(
    venue="hyperliquid",
    mode="unified account, cross on two dexes and isolated",
    source=f"{_INFO}; account abstraction modes; figures made up on the shape; {_SEEN}",
    markets=(_market("1", "ETH"), _market("5", "SOL"), _market("110000", "xyz:XYZ100")),
    answers={
        "/info#xyz": {
            "assetPositions": [
                _position(
                    "xyz:XYZ100",
                    {"type": "cross", "value": 10},
                    entryPx="25000.0",
                    liquidationPx=None,
                    marginUsed="248.0",
                    maxLeverage=20,
                    positionValue="2480.0",
                    returnOnEquity="-0.08",
                    szi="0.1",
                    unrealizedPnl="-20.0",
                )
            ],
            "crossMaintenanceMarginUsed": "62.0",
            "crossMarginSummary": _summary("248.0", "248.0", "2480.0", "-2232.0"),
            "marginSummary": _summary("248.0", "248.0", "2480.0", "-2232.0"),
            "time": 1795867200000,
            "withdrawable": "0.0",
        },
        "/info#spotClearinghouseState": {
            "balances": [{"coin": "USDC", "token": 0, "hold": "948.0", "total": "5000.0", "entryNtl": "0.0"}],
            "tokenToAvailableAfterMaintenance": [[0, "4478.0"]],
        },
        "/info#userAbstraction": "unifiedAccount",
        "/info#perpDexs": _DEXES,
        "/info#clearinghouseState": {
            "assetPositions": [
                _position(
                    "ETH",
                    {"type": "cross", "value": 10},
                    entryPx="3200.0",
                    liquidationPx="7390.1960784314",
                    marginUsed="300.0",
                    maxLeverage=25,
                    positionValue="3000.0",
                    returnOnEquity="0.625",
                    szi="-1.0",
                    unrealizedPnl="200.0",
                ),
                _position(
                    "SOL",
                    {"rawUsd": "-1200.0", "type": "isolated", "value": 5},
                    entryPx="150.0",
                    liquidationPx="123.0769230769",
                    marginUsed="400.0",
                    maxLeverage=20,
                    positionValue="1600.0",
                    returnOnEquity="0.3333333333",
                    szi="10.0",
                    unrealizedPnl="100.0",
                ),
            ],
            "crossMaintenanceMarginUsed": "60.0",
            "crossMarginSummary": _summary("300.0", "300.0", "3000.0", "3300.0"),
            "marginSummary": _summary("700.0", "700.0", "4600.0", "2100.0"),
            "time": 1795867200000,
            "withdrawable": "0.0",
        },
    },
    positions=(
        Facts(
            symbol="ETH",
            side="short",
            size=1.0,
            entry_price=3200.0,
            mark_price=3000.0,
            margin_mode="cross",
            maintenance_rate=0.02,
            notional=3000.0,
            unrealized_pnl=200.0,
            liquidation_price=7390.1960784314,
        ),
        Facts(
            symbol="SOL",
            side="long",
            size=10.0,
            entry_price=150.0,
            mark_price=160.0,
            margin_mode="isolated",
            margin=300.0,
            maintenance_rate=0.025,
            notional=1600.0,
            unrealized_pnl=100.0,
            liquidation_price=123.0769230769,
        ),
        Facts(
            symbol="xyz:XYZ100",
            side="long",
            size=0.1,
            entry_price=25000.0,
            mark_price=24800.0,
            margin_mode="cross",
            maintenance_rate=0.025,
            notional=2480.0,
            unrealized_pnl=-20.0,
        ),
    ),
    equities=(Equity(settle="USDC", amount=4600.0, wallet_balance=4420.0, maintenance_margin=122.0),),
    why={
        "equities": (
            "one USDC balance for all dexes that settle in it: spot total 5000 less the isolated marginUsed 400 (the "
            "account ratio of this mode is the cross maintenance of all dexes over just that); wallet 4600 - 200 + 20; "
            "maintenance 60 + 62 of both dexes"
        ),
        "ETH.liquidation_price": "4600 - (P - 3000) = 62 + 0.02 P",
    },
)

_USDH_DEX: Final = {
    "name": "flx",
    "fullName": "FLX",
    "deployer": "0x0000000000000000000000000000000000000003",
    "oracleUpdater": None,
}

_UNIFIED_TWO: Final = Sample(
    venue="hyperliquid",
    mode="unified account, cross in two settlement currencies",
    source=f"{_INFO}; account abstraction modes: one balance for each collateral token; figures made up; {_SEEN}",
    markets=(
        _market("0", "BTC"),
        perpetual("110000", "FLX-CRCL/USDH:USDH", baseId="110000", baseName="flx:CRCL", info={"name": "flx:CRCL"}),
    ),
    answers={
        "/info#flx": {
            "assetPositions": [
                _position(
                    "flx:CRCL",
                    {"type": "cross", "value": 5},
                    entryPx="80.0",
                    liquidationPx="99.0476190476",
                    marginUsed="340.0",
                    maxLeverage=10,
                    positionValue="1700.0",
                    returnOnEquity="-0.3125",
                    szi="-20.0",
                    unrealizedPnl="-100.0",
                )
            ],
            "crossMaintenanceMarginUsed": "85.0",
            "crossMarginSummary": _summary("340.0", "340.0", "1700.0", "2040.0"),
            "marginSummary": _summary("340.0", "340.0", "1700.0", "2040.0"),
            "time": 1795867200000,
            "withdrawable": "0.0",
        },
        "/info#spotClearinghouseState": {
            "balances": [
                {"coin": "USDC", "token": 0, "hold": "310.0", "total": "2000.0", "entryNtl": "0.0"},
                {"coin": "USDH", "token": 360, "hold": "340.0", "total": "380.0", "entryNtl": "480.0"},
            ],
            "tokenToAvailableAfterMaintenance": [[0, "1922.5"], [360, "295.0"]],
        },
        "/info#userAbstraction": "unifiedAccount",
        "/info#perpDexs": [None, _USDH_DEX],
        "/info#clearinghouseState": {
            "assetPositions": [
                _position(
                    "BTC",
                    {"type": "cross", "value": 20},
                    entryPx="61000.0",
                    liquidationPx="42531.6455696203",
                    marginUsed="310.0",
                    maxLeverage=40,
                    positionValue="6200.0",
                    returnOnEquity="0.3278688525",
                    szi="0.1",
                    unrealizedPnl="100.0",
                )
            ],
            "crossMaintenanceMarginUsed": "77.5",
            "crossMarginSummary": _summary("310.0", "310.0", "6200.0", "-5890.0"),
            "marginSummary": _summary("310.0", "310.0", "6200.0", "-5890.0"),
            "time": 1795867200000,
            "withdrawable": "0.0",
        },
    },
    positions=(
        Facts(
            symbol="BTC",
            side="long",
            size=0.1,
            entry_price=61000.0,
            mark_price=62000.0,
            margin_mode="cross",
            maintenance_rate=0.0125,
            notional=6200.0,
            unrealized_pnl=100.0,
            liquidation_price=42531.6455696203,
        ),
        Facts(
            symbol="flx:CRCL",
            side="short",
            size=20.0,
            entry_price=80.0,
            mark_price=85.0,
            margin_mode="cross",
            maintenance_rate=0.05,
            notional=1700.0,
            unrealized_pnl=-100.0,
            liquidation_price=99.0476190476,
        ),
    ),
    equities=(
        Equity(settle="USDC", amount=2000.0, wallet_balance=1900.0, maintenance_margin=77.5),
        Equity(settle="USDH", amount=380.0, wallet_balance=480.0, maintenance_margin=85.0),
    ),
    why={
        "equities": "each collateral token has a pool of its own: USDC does not back the dex that settles in USDH",
        "flx:CRCL.liquidation_price": "380 - 20 (P - 85) = 0.05 x 20 P",
        "BTC.liquidation_price": "2000 + 0.1 (P - 62000) = 0.0125 x 0.1 P",
    },
)

_PORTFOLIO: Final = Sample(
    venue="hyperliquid",
    mode="portfolio margin, cross",
    source=(
        f"{_INFO}; portfolio margin; the fields of this mode in the spot state (portfolioMarginRatio, ltv, borrowed, "
        f"supplied, tokenToPortfolioBorrowRatio) as in public clients; figures made up on the shape; {_SEEN}"
    ),
    markets=(_market("0", "BTC"),),
    answers={
        "/info#spotClearinghouseState": {
            "portfolioMarginEnabled": True,
            "balances": [
                {
                    "coin": "USDC",
                    "token": 0,
                    "hold": "-120.5",
                    "spotHold": "0.0",
                    "total": "-2500.0",
                    "entryNtl": "0.0",
                    "ltv": "0.0",
                    "borrowed": "2500.0",
                    "supplied": "0.0",
                },
                {
                    "coin": "HYPE",
                    "token": 150,
                    "hold": "0.0",
                    "spotHold": "0.0",
                    "total": "300.0",
                    "entryNtl": "9000.0",
                    "ltv": "0.5",
                    "borrowed": "0.0",
                    "supplied": "300.0",
                },
            ],
            "evmEscrows": [],
            "portfolioMarginRatio": "0.61",
            "tokenToPortfolioBorrowRatio": [[0, "0.0004"]],
            "tokenToAvailableAfterMaintenance": [[0, "0.0"], [150, "90.0"]],
        },
        "/info#userAbstraction": "portfolioMargin",
        "/info#perpDexs": [None],
        "/info#clearinghouseState": {
            "assetPositions": [
                _position(
                    "BTC",
                    {"type": "cross", "value": 20},
                    entryPx="61000.0",
                    liquidationPx=None,
                    marginUsed="310.0",
                    maxLeverage=40,
                    positionValue="6200.0",
                    returnOnEquity="0.327868852",
                    szi="0.1",
                    unrealizedPnl="100.0",
                )
            ],
            "crossMaintenanceMarginUsed": "77.5",
            "crossMarginSummary": _summary("310.0", "310.0", "6200.0", "-5890.0"),
            "marginSummary": _summary("310.0", "310.0", "6200.0", "-5890.0"),
            "time": 1795867200000,
            "withdrawable": "0.0",
        },
    },
    positions=(
        Facts(
            symbol="BTC",
            side="long",
            size=0.1,
            entry_price=61000.0,
            mark_price=62000.0,
            margin_mode="cross",
            maintenance_rate=0.0125,
            notional=6200.0,
            unrealized_pnl=100.0,
        ),
    ),
    equities=(Equity(settle="USDC", amount=None),),
    why={
        "equities": (
            "unknown: what backs the positions is spot collateral at loan-to-value, less what is borrowed, at prices "
            "and caps that the answers do not hold; the venue gives only its own ratio. The summary's 310 is not it"
        ),
    },
)

SAMPLES: Final = (_DOCUMENTED, _CLASSIC, _DEX_ABSTRACTION, _UNIFIED_ROW, _UNIFIED, _UNIFIED_TWO, _PORTFOLIO)
