"""Bitget: classic futures account (API v2: USDT, USDC and coin-margined, single and multi-assets) and unified (v3)."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

BTC_USDT: Final = perpetual("BTCUSDT", "BTC/USDT:USDT")
ETH_USDT: Final = perpetual("ETHUSDT", "ETH/USDT:USDT")
BTC_USDC: Final = perpetual("BTCPERP", "BTC/USDC:USDC")
BTC_USD: Final = perpetual("BTCUSD", "BTC/USD:BTC")
MARKETS: Final = (BTC_USDT, ETH_USDT, BTC_USDC, BTC_USD)
CLASSIC: Final = (
    "Bitget API v2, contract: Get All Positions, Get Account List, Get Position ADL Rank; response examples and "
    "parameters; seen 2026-11-28. A classic account gets an error from v3's settings, so that has no answer here."
)
UNIFIED: Final = (
    "Bitget API v3, unified account: Get Position Info, Get Account Assets, Get Account Info (settings), Get Position "
    "ADL Rank; response examples and parameters; seen 2026-11-28."
)
PRODUCTS: Final = ("USDT-FUTURES", "USDC-FUTURES", "COIN-FUTURES")


def answer(data: Any) -> dict[str, Any]:
    return {"code": "00000", "msg": "success", "requestTime": 1764288000000, "data": data}


def by_product(path: str, empty: Any, **given: Any) -> dict[str, Any]:
    """Answers of ``path`` by product: ``USDT``, ``USDC``, ``COIN``; the rest is ``empty``."""
    return {f"{path}#{product}": answer(given.get(product.partition("-")[0], empty)) for product in PRODUCTS}


def row(symbol: str, coin: str, side: str, total: str, **fields: Any) -> dict[str, Any]:
    """A row of v2's positions, with every field of the page."""
    return {
        "marginCoin": coin,
        "symbol": symbol,
        "holdSide": side,
        "openDelegateSize": "0",
        "marginSize": "0",
        "available": total,
        "locked": "0",
        "total": total,
        "leverage": "20",
        "achievedProfits": "0",
        "openPriceAvg": "0",
        "marginMode": "crossed",
        "posMode": "one_way_mode",
        "unrealizedPL": "0",
        "liquidationPrice": "0",
        "keepMarginRate": "0.004",
        "markPrice": "0",
        "marginRatio": "0",
        "breakEvenPrice": "0",
        "totalFee": "",
        "deductedFee": "0",
        "grant": "",
        "assetMode": "single",
        "autoMargin": "off",
        "takeProfit": "",
        "stopLoss": "",
        "takeProfitId": "",
        "stopLossId": "",
        "cTime": "1763691382137",
        "uTime": "1764287382137",
        **fields,
    }


def account(coin: str, **fields: Any) -> dict[str, Any]:
    """A row of v2's account list, with every field of the page."""
    return {
        "marginCoin": coin,
        "locked": "0",
        "available": "0",
        "crossedMaxAvailable": "0",
        "isolatedMaxAvailable": "0",
        "maxTransferOut": "0",
        "accountEquity": "0",
        "usdtEquity": "0",
        "btcEquity": "0",
        "crossedRiskRate": "0",
        "unrealizedPL": "0",
        "coupon": "0",
        "unionTotalMargin": fields.get("accountEquity", "0"),
        "unionAvailable": fields.get("available", "0"),
        "unionMm": "0",
        "assetList": [],
        "isolatedMargin": "0",
        "crossedMargin": "0",
        "crossedUnrealizedPL": "0",
        "isolatedUnrealizedPL": "0",
        "grant": "0",
        "assetMode": "single",
        **fields,
    }


def rank(symbol: str, coin: str, side: str, value: str, complement: str) -> dict[str, Any]:
    return {"symbol": symbol, "marginCoin": coin, "adlRank": complement, "rank": value, "holdSide": side}


def classic(
    positions: dict[str, list[dict[str, Any]]],
    accounts: dict[str, list[dict[str, Any]]],
    ranks: dict[str, list[dict[str, Any]]],
) -> dict[str, Any]:
    return {
        **by_product("/api/v2/mix/position/all-position", [], **positions),
        **by_product("/api/v2/mix/account/accounts", [], **accounts),
        **by_product("/api/v2/mix/position/adlRank", [], **ranks),
    }


ISOLATED: Final = Sample(
    venue="bitget",
    mode="classic account, single asset, isolated margin, hedge mode, USDT",
    source=CLASSIC + " The long is the example of Get All Positions, whose figures agree with each other (but for "
    "available and locked, made equal to total); its rank is the example of the ADL page. The short, and the account, "
    "were made up.",
    markets=MARKETS,
    answers=classic(
        {
            "USDT": [
                row(
                    "BTCUSDT",
                    "USDT",
                    "long",
                    "0.01",
                    marginSize="9.6695050093373343",
                    openPriceAvg="25000",
                    marginMode="isolated",
                    posMode="hedge_mode",
                    unrealizedPL="1",
                    liquidationPrice="24144.1124161806977798",
                    markPrice="25100",
                    marginRatio="0.1082149545822005",
                    breakEvenPrice="25030",
                ),
                row(
                    "BTCUSDT",
                    "USDT",
                    "short",
                    "0.02",
                    marginSize="34",
                    openPriceAvg="24000",
                    marginMode="isolated",
                    posMode="hedge_mode",
                    unrealizedPL="-22",
                    liquidationPrice="25582.32",
                    markPrice="25100",
                    marginRatio="0.19243",
                    keepMarginRate="0.004",
                    breakEvenPrice="23971",
                ),
            ]
        },
        {
            "USDT": [
                account(
                    "USDT",
                    available="100",
                    accountEquity="122.6695050093",
                    usdtEquity="122.6695050093",
                    btcEquity="0.00448882",
                    unrealizedPL="-21",
                    isolatedMargin="43.6695050093",
                    crossedUnrealizedPL="",
                    isolatedUnrealizedPL="",
                )
            ]
        },
        {
            "USDT": [
                rank("BTCUSDT", "USDT", "long", "0.7752", "0.2248"),
                rank("BTCUSDT", "USDT", "short", "0.1", "0.9"),
            ]
        },
    ),
    positions=(
        Facts(
            symbol="BTCUSDT",
            side="long",
            size=0.01,
            entry_price=25000.0,
            mark_price=25100.0,
            margin_mode="isolated",
            margin=9.6695050093373343,
            maintenance_rate=0.004,
            unrealized_pnl=1.0,
            liquidation_price=24144.1124161806977798,
            adl_meter=0.7752,
        ),
        Facts(
            symbol="BTCUSDT",
            side="short",
            size=0.02,
            entry_price=24000.0,
            mark_price=25100.0,
            margin_mode="isolated",
            margin=34.0,
            maintenance_rate=0.004,
            unrealized_pnl=-22.0,
            liquidation_price=25582.32,
            adl_meter=0.1,
        ),
    ),
    why={
        "margin": "marginSize of an isolated position is without PnL: at the published liquidation price "
        "9.6695 - 0.01 x (25000 - 24144.11) = 1.1106 = 241.44 x 0.0046 (0.004 and the fee of 0.0006), and marginRatio "
        "0.1082 = 251 x 0.0046 / (9.6695 + 1).",
        "maintenance_margin": "No amount is published, only the rate of the tier (keepMarginRate).",
        "adl_meter": "v2: rank; adlRank is deprecated and its complement.",
    },
)

CROSS: Final = Sample(
    venue="bitget",
    mode="classic account, single asset, cross and isolated margin, one-way, USDT",
    source=CLASSIC + " Row 2 of the reader cases (slider 5, notional 10,000, equity 600); the rest made up on the "
    "documented shape.",
    markets=MARKETS,
    answers=classic(
        {
            "USDT": [
                row(
                    "BTCUSDT",
                    "USDT",
                    "long",
                    "0.1",
                    marginSize="2000",
                    leverage="5",
                    openPriceAvg="98000",
                    unrealizedPL="200",
                    liquidationPrice="94434.4",
                    markPrice="100000",
                    marginRatio="0.0766667",
                    breakEvenPrice="98117.6",
                ),
                row(
                    "ETHUSDT",
                    "USDT",
                    "short",
                    "1",
                    marginSize="300",
                    leverage="10",
                    openPriceAvg="3000",
                    marginMode="isolated",
                    unrealizedPL="-50",
                    liquidationPrice="3281.62",
                    keepMarginRate="0.005",
                    markPrice="3050",
                    marginRatio="0.06832",
                    breakEvenPrice="2996.4",
                ),
            ]
        },
        {
            "USDT": [
                account(
                    "USDT",
                    available="400",
                    accountEquity="850",
                    usdtEquity="850",
                    btcEquity="0.0085",
                    crossedRiskRate="0.0766667",
                    unrealizedPL="150",
                    isolatedMargin="300",
                    crossedMargin="2000",
                    crossedUnrealizedPL="",
                    isolatedUnrealizedPL="",
                )
            ]
        },
        {
            "USDT": [
                rank("BTCUSDT", "USDT", "long", "0.91", "0.09"),
                rank("ETHUSDT", "USDT", "short", "0.2", "0.8"),
            ]
        },
    ),
    positions=(
        Facts(
            symbol="BTCUSDT",
            side="long",
            size=0.1,
            entry_price=98000.0,
            mark_price=100000.0,
            margin_mode="cross",
            maintenance_rate=0.004,
            unrealized_pnl=200.0,
            liquidation_price=94434.4,
            adl_meter=0.91,
        ),
        Facts(
            symbol="ETHUSDT",
            side="short",
            size=1.0,
            entry_price=3000.0,
            mark_price=3050.0,
            margin_mode="isolated",
            margin=300.0,
            maintenance_rate=0.005,
            unrealized_pnl=-50.0,
            liquidation_price=3281.62,
            adl_meter=0.2,
        ),
    ),
    equities=(Equity(settle="USDT", amount=600.0, wallet_balance=400.0),),
    why={
        "equity": "accountEquity contains isolated margin and PnL: in answers found in public code available + "
        "isolatedMargin + unrealizedPL is accountEquity to the last digit. So 850 - 300 - (-50) = 600; wallet 600 - "
        "200 = available. The PnL by margin mode is empty there: take it from the positions. Leverage "
        "10000 / 600 = 16.7, whatever the slider (5) says.",
        "maintenance_margin": "No amount is published in the single-asset mode; crossedRiskRate 0.0767 x 600 = 46 "
        "would give it with the fee (10000 x 0.0046).",
    },
)

UNION: Final = Sample(
    venue="bitget",
    mode="classic account, multi-assets mode (union), cross margin, hedge mode, USDT",
    source=CLASSIC + " The short is the example of Get All Positions of 2026 (its figures agree with each other); "
    "liquidation price, ratio, the long and the account were made up.",
    markets=MARKETS,
    answers=classic(
        {
            "USDT": [
                row(
                    "BTCUSDT",
                    "USDT",
                    "short",
                    "0.0155",
                    marginSize="103.1894785714285715",
                    leverage="14",
                    achievedProfits="8.605233333333333",
                    openPriceAvg="88505.233333333333",
                    posMode="hedge_mode",
                    unrealizedPL="-72.8215833333333385",
                    liquidationPrice="398363.2",
                    markPrice="93203.4",
                    marginRatio="0.002061",
                    breakEvenPrice="85283.0669339944416898",
                    totalFee="-56.8315381906",
                    deductedFee="0.92414181",
                    assetMode="union",
                ),
                row(
                    "BTCUSDT",
                    "USDT",
                    "long",
                    "0.003",
                    marginSize="19.9721571428",
                    leverage="14",
                    openPriceAvg="90000",
                    posMode="hedge_mode",
                    unrealizedPL="9.6102",
                    liquidationPrice="0",
                    markPrice="93203.4",
                    marginRatio="0.002061",
                    breakEvenPrice="90108",
                    assetMode="union",
                ),
            ]
        },
        {
            "USDT": [
                account(
                    "USDT",
                    available="-4500",
                    crossedMaxAvailable="2300",
                    isolatedMaxAvailable="2300",
                    accountEquity="-4563.2113833333",
                    usdtEquity="-4563.2113833333",
                    btcEquity="-0.04896",
                    crossedRiskRate="0.002061",
                    unrealizedPL="-63.2113833333",
                    unionTotalMargin="3848.40",
                    unionAvailable="2300",
                    unionMm="7.93",
                    assetList=[
                        {"coin": "BTC", "balance": "0.095", "available": "0.02"},
                        {"coin": "USDT", "balance": "-4500", "available": "0"},
                    ],
                    isolatedMargin=None,
                    crossedMargin=None,
                    crossedUnrealizedPL="-63.2113833333",
                    isolatedUnrealizedPL="",
                    assetMode="union",
                )
            ]
        },
        {
            "USDT": [
                rank("BTCUSDT", "USDT", "short", "0.05", "0.95"),
                rank("BTCUSDT", "USDT", "long", "0.6", "0.4"),
            ]
        },
    ),
    positions=(
        Facts(
            symbol="BTCUSDT",
            side="short",
            size=0.0155,
            entry_price=88505.233333333333,
            mark_price=93203.4,
            margin_mode="cross",
            maintenance_rate=0.004,
            unrealized_pnl=-72.8215833333333385,
            liquidation_price=398363.2,
            adl_meter=0.05,
        ),
        Facts(
            symbol="BTCUSDT",
            side="long",
            size=0.003,
            entry_price=90000.0,
            mark_price=93203.4,
            margin_mode="cross",
            maintenance_rate=0.004,
            unrealized_pnl=9.6102,
            adl_meter=0.6,
        ),
    ),
    equities=(Equity(settle="USDT", amount=3848.4, maintenance_margin=7.93),),
    why={
        "equity": "In multi-assets mode unionTotalMargin backs the positions: the sum over coins of equity (with PnL) "
        "in USDT times the coin's rate (help: glossary of the multi-asset mode of USDT-M futures): "
        "0.095 x 93203.4 x 0.95 - 4500 - 63.21 = 3848.4. accountEquity is of the one coin and may be negative.",
        "liquidation_price": "0 or below: at low risk, no price.",
        "margin": "marginSize of a cross position is mark value over slider: 0.0155 x 93203.4 / 14 = 103.19.",
    },
)

USDC: Final = Sample(
    venue="bitget",
    mode="classic account, single asset, cross margin, one-way, USDC",
    source=CLASSIC + " Figures made up on the documented shape.",
    markets=MARKETS,
    answers=classic(
        {
            "USDC": [
                row(
                    "BTCPERP",
                    "USDC",
                    "short",
                    "0.05",
                    marginSize="300",
                    leverage="10",
                    openPriceAvg="62000",
                    unrealizedPL="100",
                    liquidationPrice="71670.3",
                    markPrice="60000",
                    marginRatio="0.0230",
                    breakEvenPrice="61925.6",
                )
            ]
        },
        {
            "USDC": [
                account(
                    "USDC",
                    available="500",
                    accountEquity="600",
                    usdtEquity="600.1",
                    btcEquity="0.01",
                    crossedRiskRate="0.0230",
                    unrealizedPL="100",
                    crossedMargin="300",
                    crossedUnrealizedPL="100",
                )
            ]
        },
        {"USDC": [rank("BTCPERP", "USDC", "short", "0.83", "0.17")]},
    ),
    positions=(
        Facts(
            symbol="BTCPERP",
            side="short",
            size=0.05,
            entry_price=62000.0,
            mark_price=60000.0,
            margin_mode="cross",
            maintenance_rate=0.004,
            unrealized_pnl=100.0,
            liquidation_price=71670.3,
            adl_meter=0.83,
        ),
    ),
    equities=(Equity(settle="USDC", amount=600.0, wallet_balance=500.0),),
)

COIN: Final = Sample(
    venue="bitget",
    mode="classic account, single asset, cross margin, one-way, coin-margined",
    source=CLASSIC + " Row 11 of the reader cases (total 0.001 BTC, 22.918 USD); the rest made up on the documented "
    "shape. Formula: Bitget help, unrealized PnL of coin-margined futures.",
    markets=MARKETS,
    answers=classic(
        {
            "COIN": [
                row(
                    "BTCUSD",
                    "BTC",
                    "long",
                    "0.001",
                    marginSize="0.0000497392",
                    openPriceAvg="22918",
                    unrealizedPL="0.00000521613",
                    liquidationPrice="0",
                    markPrice="23038.17",
                    marginRatio="0.000458",
                    breakEvenPrice="22945.5",
                )
            ]
        },
        {
            "COIN": [
                account(
                    "BTC",
                    available="0.01",
                    accountEquity="0.01000521613",
                    usdtEquity="230.5",
                    btcEquity="0.01000521613",
                    crossedRiskRate="0.000458",
                    unrealizedPL="0.00000521613",
                    crossedMargin="0.0000497392",
                    crossedUnrealizedPL="0.00000521613",
                )
            ]
        },
        {"COIN": [rank("BTCUSD", "BTC", "long", "0.4", "0.6")]},
    ),
    positions=(
        Facts(
            symbol="BTCUSD",
            side="long",
            size=22.918,
            contract="inverse",
            entry_price=22918.0,
            mark_price=23038.17,
            margin_mode="cross",
            maintenance_rate=0.004,
            unrealized_pnl=0.00000521613,
            adl_meter=0.4,
        ),
    ),
    equities=(Equity(settle="BTC", amount=0.01000521613, wallet_balance=0.01),),
    why={
        "size": "total is an amount of the base coin, fixed when the position was opened: 0.001 x 22918 = 22.918 USD, "
        "at the entry price. PnL in BTC: 22.918 x (1/22918 - 1/23038.17) = 0.001 x (1 - 22918/23038.17) = 0.00000522.",
    },
)


def unified_row(symbol: str, coin: str, side: str, total: str, **fields: Any) -> dict[str, Any]:
    """A row of v3's positions, with every field of the page."""
    return {
        "category": "USDT-FUTURES",
        "symbol": symbol,
        "marginCoin": coin,
        "holdMode": "hedge_mode",
        "posSide": side,
        "marginMode": "crossed",
        "positionBalance": "0",
        "available": total,
        "frozen": "0",
        "total": total,
        "leverage": "20",
        "curRealisedPnl": "0",
        "avgPrice": "0",
        "positionStatus": "normal",
        "unrealisedPnl": "0",
        "liquidationPrice": "0",
        "mmr": "0.004",
        "profitRate": "0",
        "markPrice": "0",
        "breakEvenPrice": "0",
        "totalFunding": "0",
        "openFeeTotal": "0",
        "closeFeeTotal": "0",
        "createdTime": "1763422102269",
        "updatedTime": "1764287598778",
        **fields,
    }


def settings(level: str, hold: str) -> dict[str, Any]:
    return answer(
        {
            "uid": "1111111111",
            "accountMode": "unified",
            "assetMode": "multi_assets",
            "accountLevel": level,
            "holdMode": hold,
            "stpMode": "none",
            "symbolConfigList": [
                {"category": "USDT-FUTURES", "symbol": "BTCUSDT", "marginMode": "crossed", "leverage": "20"}
            ],
            "coinConfigList": [{"coin": "USDT", "leverage": "3"}],
        }
    )


def assets(coins: list[dict[str, Any]], **totals: str) -> dict[str, Any]:
    names = (
        "accountEquity",
        "usdtEquity",
        "btcEquity",
        "unrealisedPnl",
        "usdtUnrealisedPnl",
        "btcUnrealizedPnl",
        "effEquity",
        "mmr",
        "imr",
        "mgnRatio",
        "positionMgnRatio",
    )
    return answer({**dict.fromkeys(names, "0"), **totals, "assets": coins})


def asset(coin: str, balance: str, equity: str, usd: str) -> dict[str, Any]:
    return {
        "coin": coin,
        "equity": equity,
        "usdValue": usd,
        "balance": balance,
        "available": balance,
        "debt": "0",
        "locked": "0",
        "bonus": "0",
    }


def unified_rank(symbol: str, coin: str, side: str, value: str) -> dict[str, Any]:
    return {"symbol": symbol, "marginCoin": coin, "adlRank": value, "holdSide": side}


UNIFIED_CROSS: Final = Sample(
    venue="bitget",
    mode="unified account, advanced mode, cross margin, hedge mode; USDT, USDC and coin-margined in one account",
    source=UNIFIED + " The long BTCUSDT is the example of Get Position Info; the others and the assets were made up on "
    "the documented shape.",
    markets=MARKETS,
    answers={
        "/api/v3/account/settings": settings("advanced", "hedge_mode"),
        **by_product(
            "/api/v3/position/current-position",
            {"list": []},
            USDT={
                "list": [
                    unified_row(
                        "BTCUSDT",
                        "USDT",
                        "long",
                        "0.1",
                        positionBalance="479.65",
                        avgPrice="90500.1",
                        unrealisedPnl="-0.01",
                        profitRate="-0.0000208485353903",
                        markPrice="90500",
                        breakEvenPrice="91044.7",
                        openFeeTotal="-27.15003",
                    ),
                    unified_row(
                        "BTCUSDT",
                        "USDT",
                        "short",
                        "0.05",
                        positionBalance="226.25",
                        avgPrice="91500",
                        unrealisedPnl="50",
                        profitRate="0.2209944751",
                        markPrice="90500",
                        breakEvenPrice="91390.2",
                    ),
                ]
            },
            USDC={
                "list": [
                    unified_row(
                        "BTCPERP",
                        "USDC",
                        "short",
                        "0.02",
                        category="USDC-FUTURES",
                        positionBalance="90.5",
                        avgPrice="90000",
                        unrealisedPnl="-10",
                        profitRate="-0.1104972376",
                        markPrice="90500",
                        breakEvenPrice="89892",
                    )
                ]
            },
            COIN={
                "list": [
                    unified_row(
                        "BTCUSD",
                        "BTC",
                        "long",
                        "0.01",
                        category="COIN-FUTURES",
                        positionBalance="0.00049171",
                        avgPrice="89000",
                        unrealisedPnl="0.00016575",
                        profitRate="0.3370868",
                        markPrice="90500",
                        breakEvenPrice="89106.8",
                    )
                ]
            },
        ),
        "/api/v3/account/assets": assets(
            [
                asset("USDT", "3000", "3049.99", "3049.99"),
                asset("USDC", "500", "490", "490"),
                asset("BTC", "0.02", "0.02016575", "1825"),
            ],
            accountEquity="5364.99",
            usdtEquity="5364.99",
            btcEquity="0.05928166",
            unrealisedPnl="54.99",
            usdtUnrealisedPnl="54.99",
            btcUnrealizedPnl="0.00060762",
            effEquity="5273.74",
            mmr="74.87",
            imr="813.75",
            mgnRatio="0.01419676",
            positionMgnRatio="0.01419676",
        ),
        "/api/v3/position/adlRank": answer(
            [
                unified_rank("BTCUSDT", "USDT", "long", "0.35"),
                unified_rank("BTCUSDT", "USDT", "short", "0.81"),
                unified_rank("BTCPERP", "USDC", "short", "0.12"),
                unified_rank("BTCUSD", "BTC", "long", "0.66"),
            ]
        ),
    },
    positions=(
        Facts(
            symbol="BTCUSDT",
            side="long",
            size=0.1,
            entry_price=90500.1,
            mark_price=90500.0,
            margin_mode="cross",
            maintenance_rate=0.004,
            unrealized_pnl=-0.01,
            adl_meter=0.35,
        ),
        Facts(
            symbol="BTCUSDT",
            side="short",
            size=0.05,
            entry_price=91500.0,
            mark_price=90500.0,
            margin_mode="cross",
            maintenance_rate=0.004,
            unrealized_pnl=50.0,
            adl_meter=0.81,
        ),
        Facts(
            symbol="BTCPERP",
            side="short",
            size=0.02,
            entry_price=90000.0,
            mark_price=90500.0,
            margin_mode="cross",
            maintenance_rate=0.004,
            unrealized_pnl=-10.0,
            adl_meter=0.12,
        ),
        Facts(
            symbol="BTCUSD",
            side="long",
            size=890.0,
            contract="inverse",
            entry_price=89000.0,
            mark_price=90500.0,
            margin_mode="cross",
            maintenance_rate=0.004,
            unrealized_pnl=0.00016575,
            adl_meter=0.66,
        ),
    ),
    equities=tuple(
        Equity(settle=settle, amount=5273.74, maintenance_margin=74.87, in_dollars=True)
        for settle in ("USDT", "USDC", "BTC")
    ),
    why={
        "equity": "effEquity is what counts as margin under cross margin, in dollars, after the discount of each coin "
        "(here 5 % on BTC); accountEquity counts it in full. What it would be without PnL is not published.",
        "maintenance_margin": "mmr of the assets is an amount in dollars (74.87); mmr of a position is a rate (0.004).",
        "size": "Coin-margined: 0.01 BTC x 89000 = 890 USD.",
        "adl_meter": "v3: adlRank itself runs towards 1 for those reduced sooner.",
        "equities": "One account backs all three settlement currencies.",
    },
)

UNIFIED_ISOLATED: Final = Sample(
    venue="bitget",
    mode="unified account, isolated margin mode, one-way, USDT",
    source=UNIFIED + " Figures made up on the documented shape, on the pattern of the isolated example of v2.",
    markets=MARKETS,
    answers={
        "/api/v3/account/settings": settings("isolated", "one_way_mode"),
        **by_product(
            "/api/v3/position/current-position",
            {"list": []},
            USDT={
                "list": [
                    unified_row(
                        "ETHUSDT",
                        "USDT",
                        "short",
                        "1",
                        holdMode="one_way_mode",
                        marginMode="isolated",
                        positionBalance="300",
                        leverage="10",
                        avgPrice="3000",
                        unrealisedPnl="100",
                        liquidationPrice="3281.62",
                        mmr="0.005",
                        profitRate="0.3333333333",
                        markPrice="2900",
                        breakEvenPrice="2996.4",
                    )
                ]
            },
        ),
        "/api/v3/account/assets": assets(
            [asset("USDT", "1000", "1400", "1400")],
            accountEquity="1400",
            usdtEquity="1400",
            btcEquity="0.0155",
            unrealisedPnl="100",
            usdtUnrealisedPnl="100",
            btcUnrealizedPnl="0.0011",
            effEquity="1000",
            mgnRatio="0",
        ),
        "/api/v3/position/adlRank": answer([unified_rank("ETHUSDT", "USDT", "short", "0.9")]),
    },
    positions=(
        Facts(
            symbol="ETHUSDT",
            side="short",
            size=1.0,
            entry_price=3000.0,
            mark_price=2900.0,
            margin_mode="isolated",
            margin=300.0,
            maintenance_rate=0.005,
            unrealized_pnl=100.0,
            liquidation_price=3281.62,
            adl_meter=0.9,
        ),
    ),
    why={"margin": "positionBalance, without PnL, as marginSize in v2 (the page calls it margin of the position)."},
)

SAMPLES: Final = (ISOLATED, CROSS, UNION, USDC, COIN, UNIFIED_CROSS, UNIFIED_ISOLATED)
