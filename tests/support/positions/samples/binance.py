"""Binance USDⓈ-M: one-way, hedge mode, multi-assets mode; portfolio margin."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

BTC_USDT: Final = perpetual("BTCUSDT", "BTC/USDT:USDT")
ETH_USDT: Final = perpetual("ETHUSDT", "ETH/USDT:USDT")
ADA_USDT: Final = perpetual("ADAUSDT", "ADA/USDT:USDT")
BTC_USDC: Final = perpetual("BTCUSDC", "BTC/USDC:USDC")
MARKETS: Final = (BTC_USDT, ETH_USDT, ADA_USDT, BTC_USDC)
PAGES: Final = (
    "Binance USDⓈ-M futures API: Position Information V3, Account Information V3, Futures Account Configuration, "
    "Symbol Configuration, Notional and Leverage Brackets, Position ADL Quantile Estimation; fields and examples; seen "
    "2026-11-28. "
)
RATES: Final = {"BTCUSDT": 0.004, "ETHUSDT": 0.005, "ADAUSDT": 0.0065, "BTCUSDC": 0.004}
BRACKETS: Final = [
    {
        "symbol": symbol,
        "notionalCoef": 1.0,
        "brackets": [
            {
                "bracket": 1,
                "initialLeverage": 75,
                "notionalCap": 1000000,
                "notionalFloor": 0,
                "maintMarginRatio": rate,
                "cum": 0.0,
            }
        ],
    }
    for symbol, rate in RATES.items()
]


def row(symbol: str, amount: str, **fields: Any) -> dict[str, Any]:
    """A row of Position Information V3, with every field of the page."""
    return {
        "symbol": symbol,
        "positionSide": "BOTH",
        "positionAmt": amount,
        "entryPrice": "0",
        "breakEvenPrice": "0",
        "markPrice": "0",
        "unRealizedProfit": "0",
        "liquidationPrice": "0",
        "isolatedMargin": "0",
        "notional": "0",
        "marginAsset": "USDT",
        "isolatedWallet": "0",
        "initialMargin": "0",
        "maintMargin": "0",
        "positionInitialMargin": "0",
        "openOrderInitialMargin": "0",
        "adl": 2,
        "bidNotional": "0",
        "askNotional": "0",
        "updateTime": 1764284417660,
        **fields,
    }


def asset(name: str, wallet: str, unrealized: str, margin: str, maintenance: str, **fields: Any) -> dict[str, Any]:
    return {
        "asset": name,
        "walletBalance": wallet,
        "unrealizedProfit": unrealized,
        "marginBalance": margin,
        "maintMargin": maintenance,
        "initialMargin": "0",
        "positionInitialMargin": "0",
        "openOrderInitialMargin": "0",
        "crossWalletBalance": wallet,
        "crossUnPnl": unrealized,
        "availableBalance": "0",
        "maxWithdrawAmount": "0",
        "updateTime": 1764284417660,
        **fields,
    }


def account(assets: list[dict[str, Any]], rows: list[dict[str, Any]], **totals: str) -> dict[str, Any]:
    """Account Information V3; its positions are those of the position information."""
    names = (
        "totalInitialMargin",
        "totalMaintMargin",
        "totalWalletBalance",
        "totalUnrealizedProfit",
        "totalMarginBalance",
        "totalPositionInitialMargin",
        "totalOpenOrderInitialMargin",
        "totalCrossWalletBalance",
        "totalCrossUnPnl",
        "availableBalance",
        "maxWithdrawAmount",
    )
    shared = ("symbol", "positionSide", "positionAmt", "isolatedMargin", "notional", "isolatedWallet", "initialMargin")
    positions = [
        {
            **{name: row_[name] for name in shared},
            "unrealizedProfit": row_["unRealizedProfit"],
            "maintMargin": row_["maintMargin"],
            "updateTime": row_["updateTime"],
        }
        for row_ in rows
    ]
    return {**dict.fromkeys(names, "0"), **totals, "assets": assets, "positions": positions}


def answers(
    rows: list[dict[str, Any]],
    account_: dict[str, Any],
    quantiles: dict[str, dict[str, int]],
    *,
    isolated: tuple[str, ...] = (),
    hedge: bool = False,
    multi: bool = False,
) -> dict[str, Any]:
    return {
        "/fapi/v3/positionRisk": rows,
        "/fapi/v3/account": account_,
        "/fapi/v1/accountConfig": {
            "feeTier": 0,
            "canTrade": True,
            "canDeposit": True,
            "canWithdraw": True,
            "dualSidePosition": hedge,
            "updateTime": 0,
            "multiAssetsMargin": multi,
            "tradeGroupId": -1,
        },
        "/fapi/v1/positionSide/dual": {"dualSidePosition": hedge},
        "/fapi/v1/multiAssetsMargin": {"multiAssetsMargin": multi},
        "/fapi/v1/symbolConfig": [
            {
                "symbol": symbol,
                "marginType": "ISOLATED" if symbol in isolated else "CROSSED",
                "isAutoAddMargin": False,
                "leverage": 20,
                "maxNotionalValue": "1000000",
            }
            for symbol in RATES
        ],
        "/fapi/v1/leverageBracket": BRACKETS,
        "/fapi/v1/adlQuantile": [{"symbol": symbol, "adlQuantile": levels} for symbol, levels in quantiles.items()],
    }


ONE_WAY_ROWS: Final = [
    row(
        "ADAUSDT",
        "30",
        entryPrice="0.385",
        breakEvenPrice="0.385077",
        markPrice="0.41047590",
        unRealizedProfit="0.76427700",
        notional="12.31427700",
        initialMargin="0.61571385",
        maintMargin="0.08004280",
        positionInitialMargin="0.61571385",
        adl=2,
    ),
    row(
        "BTCUSDT",
        "-0.010",
        entryPrice="60000.0",
        breakEvenPrice="59970.0",
        markPrice="61000.00000000",
        unRealizedProfit="-10.00000000",
        liquidationPrice="65737.05",
        isolatedMargin="50.00000000",
        notional="-610.00000000",
        isolatedWallet="60",
        initialMargin="30.50000000",
        maintMargin="2.44000000",
        positionInitialMargin="30.50000000",
        adl=0,
    ),
]
ONE_WAY: Final = Sample(
    venue="binance",
    mode="single-asset mode, one-way, cross and isolated margin, USDT",
    source=PAGES + "ADAUSDT is the example of Position Information V3 (its figures agree with each other); BTCUSDT and "
    "the account were made up on the documented shape.",
    markets=MARKETS,
    answers=answers(
        ONE_WAY_ROWS,
        account(
            [
                asset(
                    "USDT",
                    "80",
                    "-9.23572300",
                    "70.76427700",
                    "2.52004280",
                    initialMargin="31.11571385",
                    positionInitialMargin="31.11571385",
                    crossWalletBalance="20",
                    crossUnPnl="0.76427700",
                    availableBalance="20.14856315",
                    maxWithdrawAmount="19.38428615",
                )
            ],
            ONE_WAY_ROWS,
            totalInitialMargin="31.11571385",
            totalMaintMargin="2.52004280",
            totalWalletBalance="80",
            totalUnrealizedProfit="-9.23572300",
            totalMarginBalance="70.76427700",
            totalPositionInitialMargin="31.11571385",
            totalCrossWalletBalance="20",
            totalCrossUnPnl="0.76427700",
            availableBalance="20.14856315",
            maxWithdrawAmount="19.38428615",
        ),
        {"ADAUSDT": {"LONG": 0, "SHORT": 0, "BOTH": 2}, "BTCUSDT": {"LONG": 0, "SHORT": 0, "BOTH": 0}},
        isolated=("BTCUSDT",),
    ),
    positions=(
        Facts(
            symbol="ADAUSDT",
            side="long",
            size=30.0,
            entry_price=0.385,
            mark_price=0.4104759,
            margin_mode="cross",
            maintenance_margin=0.0800428,
            maintenance_rate=0.0065,
            notional=12.314277,
            unrealized_pnl=0.764277,
            adl_meter=2.0,
        ),
        Facts(
            symbol="BTCUSDT",
            side="short",
            size=0.01,
            entry_price=60000.0,
            mark_price=61000.0,
            margin_mode="isolated",
            margin=60.0,
            maintenance_margin=2.44,
            maintenance_rate=0.004,
            notional=610.0,
            unrealized_pnl=-10.0,
            liquidation_price=65737.05,
            adl_meter=0.0,
        ),
    ),
    equities=(Equity(settle="USDT", amount=20.764277, wallet_balance=20.0, maintenance_margin=0.0800428),),
    why={
        "margin": "isolatedWallet; isolatedMargin contains the PnL: 50 = 60 - 10.",
        "margin_mode": "Version 3 has no marginType: symbolConfig says it, or an isolatedWallet other than 0.",
        "equity": "crossWalletBalance + crossUnPnl of the asset; marginBalance 70.76 contains the isolated margin.",
        "maintenance_margin": "maintMargin of asset and account sums isolated positions too; the cross ones are taken.",
        "notional": "Signed: negative of a short.",
    },
)

HEDGE_ROWS: Final = [
    row(
        "ETHUSDT",
        "2",
        positionSide="LONG",
        entryPrice="3000.0",
        breakEvenPrice="3001.2",
        markPrice="3100.00000000",
        unRealizedProfit="200.00000000",
        notional="6200.00000000",
        initialMargin="310",
        maintMargin="31.00000000",
        positionInitialMargin="310",
        adl=3,
    ),
    row(
        "ETHUSDT",
        "-1",
        positionSide="SHORT",
        entryPrice="3050.0",
        breakEvenPrice="3048.8",
        markPrice="3100.00000000",
        unRealizedProfit="-50.00000000",
        notional="-3100.00000000",
        initialMargin="155",
        maintMargin="15.50000000",
        positionInitialMargin="155",
        adl=3,
    ),
    row(
        "BTCUSDT",
        "0.02",
        positionSide="LONG",
        entryPrice="60000.0",
        breakEvenPrice="60024.0",
        markPrice="61000.00000000",
        unRealizedProfit="20.00000000",
        liquidationPrice="57228.92",
        isolatedMargin="80.00000000",
        notional="1220.00000000",
        isolatedWallet="60",
        initialMargin="61",
        maintMargin="4.88000000",
        positionInitialMargin="61",
        adl=1,
    ),
    row(
        "BTCUSDT",
        "-0.01",
        positionSide="SHORT",
        entryPrice="62000.0",
        breakEvenPrice="61975.0",
        markPrice="61000.00000000",
        unRealizedProfit="10.00000000",
        liquidationPrice="64741.04",
        isolatedMargin="40.00000000",
        notional="-610.00000000",
        isolatedWallet="30",
        initialMargin="30.5",
        maintMargin="2.44000000",
        positionInitialMargin="30.5",
        adl=2,
    ),
]
HEDGE: Final = Sample(
    venue="binance",
    mode="single-asset mode, hedge mode, cross and isolated margin, USDT",
    source=PAGES + "ADL levels are the example of the ADL page (HEDGE with cross, BOTH with isolated margin); the rest "
    "made up on the documented shape.",
    markets=MARKETS,
    answers=answers(
        HEDGE_ROWS,
        account(
            [
                asset(
                    "USDT",
                    "4090",
                    "180",
                    "4270",
                    "53.82",
                    initialMargin="556.5",
                    positionInitialMargin="556.5",
                    crossWalletBalance="4000",
                    crossUnPnl="150",
                    availableBalance="3685",
                    maxWithdrawAmount="3535",
                )
            ],
            HEDGE_ROWS,
            totalInitialMargin="556.5",
            totalMaintMargin="53.82",
            totalWalletBalance="4090",
            totalUnrealizedProfit="180",
            totalMarginBalance="4270",
            totalPositionInitialMargin="556.5",
            totalCrossWalletBalance="4000",
            totalCrossUnPnl="150",
            availableBalance="3685",
            maxWithdrawAmount="3535",
        ),
        {"ETHUSDT": {"LONG": 3, "SHORT": 3, "HEDGE": 0}, "BTCUSDT": {"LONG": 1, "SHORT": 2, "BOTH": 0}},
        isolated=("BTCUSDT",),
        hedge=True,
    ),
    positions=(
        Facts(
            symbol="ETHUSDT",
            side="long",
            size=2.0,
            entry_price=3000.0,
            mark_price=3100.0,
            margin_mode="cross",
            maintenance_margin=31.0,
            maintenance_rate=0.005,
            notional=6200.0,
            unrealized_pnl=200.0,
            adl_meter=3.0,
        ),
        Facts(
            symbol="ETHUSDT",
            side="short",
            size=1.0,
            entry_price=3050.0,
            mark_price=3100.0,
            margin_mode="cross",
            maintenance_margin=15.5,
            maintenance_rate=0.005,
            notional=3100.0,
            unrealized_pnl=-50.0,
            adl_meter=3.0,
        ),
        Facts(
            symbol="BTCUSDT",
            side="long",
            size=0.02,
            entry_price=60000.0,
            mark_price=61000.0,
            margin_mode="isolated",
            margin=60.0,
            maintenance_margin=4.88,
            maintenance_rate=0.004,
            notional=1220.0,
            unrealized_pnl=20.0,
            liquidation_price=57228.92,
            adl_meter=1.0,
        ),
        Facts(
            symbol="BTCUSDT",
            side="short",
            size=0.01,
            entry_price=62000.0,
            mark_price=61000.0,
            margin_mode="isolated",
            margin=30.0,
            maintenance_margin=2.44,
            maintenance_rate=0.004,
            notional=610.0,
            unrealized_pnl=10.0,
            liquidation_price=64741.04,
            adl_meter=2.0,
        ),
    ),
    equities=(Equity(settle="USDT", amount=4150.0, wallet_balance=4000.0, maintenance_margin=46.5),),
    why={"adl_meter": "The key of the side held; BOTH is 0 in hedge mode with isolated margin and HEDGE says nothing."},
)

WINNER_ROWS: Final = [
    row(
        "BTCUSDT",
        "-1",
        entryPrice="100000.0",
        breakEvenPrice="99950.0",
        markPrice="60000.00000000",
        unRealizedProfit="40000.00000000",
        liquidationPrice="69123.51",
        notional="-60000.00000000",
        initialMargin="3000",
        maintMargin="240.00000000",
        positionInitialMargin="3000",
        adl=4,
    ),
    row(
        "ETHUSDT",
        "40",
        entryPrice="4000.0",
        breakEvenPrice="4001.6",
        markPrice="3000.00000000",
        unRealizedProfit="-40000.00000000",
        liquidationPrice="2769.85",
        notional="120000.00000000",
        initialMargin="6000",
        maintMargin="600.00000000",
        positionInitialMargin="6000",
        adl=1,
    ),
]
WINNER: Final = Sample(
    venue="binance",
    mode="single-asset mode, one-way, cross margin, USDT; a winner that carries the account",
    source=PAGES + "Row 14 of the reader cases (short 1 from 100,000 at 60,000, other leg -40,000, wallet 10,000); the "
    "rest made up on the documented shape.",
    markets=MARKETS,
    answers=answers(
        WINNER_ROWS,
        account(
            [
                asset(
                    "USDT",
                    "10000",
                    "0",
                    "10000",
                    "840",
                    initialMargin="9000",
                    positionInitialMargin="9000",
                    availableBalance="1000",
                    maxWithdrawAmount="1000",
                )
            ],
            WINNER_ROWS,
            totalInitialMargin="9000",
            totalMaintMargin="840",
            totalWalletBalance="10000",
            totalMarginBalance="10000",
            totalPositionInitialMargin="9000",
            totalCrossWalletBalance="10000",
            availableBalance="1000",
            maxWithdrawAmount="1000",
        ),
        {"BTCUSDT": {"LONG": 0, "SHORT": 0, "BOTH": 4}, "ETHUSDT": {"LONG": 0, "SHORT": 0, "BOTH": 1}},
    ),
    positions=(
        Facts(
            symbol="BTCUSDT",
            side="short",
            size=1.0,
            entry_price=100000.0,
            mark_price=60000.0,
            margin_mode="cross",
            maintenance_margin=240.0,
            maintenance_rate=0.004,
            notional=60000.0,
            unrealized_pnl=40000.0,
            liquidation_price=69123.51,
            adl_meter=4.0,
        ),
        Facts(
            symbol="ETHUSDT",
            side="long",
            size=40.0,
            entry_price=4000.0,
            mark_price=3000.0,
            margin_mode="cross",
            maintenance_margin=600.0,
            maintenance_rate=0.005,
            notional=120000.0,
            unrealized_pnl=-40000.0,
            liquidation_price=2769.85,
            adl_meter=1.0,
        ),
    ),
    equities=(Equity(settle="USDT", amount=10000.0, wallet_balance=10000.0, maintenance_margin=840.0),),
    why={
        "liquidation_price": "10000 - (P - 60000) = 600 + 0.004 P gives 69123.5; 10000 + 40 (P - 3000) = 240 + 0.2 P "
        "gives 2769.85.",
    },
)

MULTI_ROWS: Final = [
    row(
        "BTCUSDT",
        "0.1",
        entryPrice="58000.0",
        breakEvenPrice="58023.2",
        markPrice="60000.00000000",
        unRealizedProfit="200.00000000",
        liquidationPrice="9658.63",
        notional="6000.00000000",
        initialMargin="300",
        maintMargin="24.00000000",
        positionInitialMargin="300",
        adl=3,
    ),
    row(
        "BTCUSDC",
        "-0.05",
        entryPrice="59000.0",
        breakEvenPrice="58976.4",
        markPrice="60000.00000000",
        unRealizedProfit="-50.00000000",
        notional="-3000.00000000",
        marginAsset="USDC",
        initialMargin="150",
        maintMargin="12.00000000",
        positionInitialMargin="150",
        adl=0,
    ),
]
MULTI: Final = Sample(
    venue="binance",
    mode="multi-assets mode, one-way, cross margin, USDT and USDC",
    source=PAGES + "Figures made up on the documented shape (second example of Account Information V3: totals in USD).",
    markets=MARKETS,
    answers=answers(
        MULTI_ROWS,
        account(
            [
                asset("USDT", "2000", "200", "2200", "24", initialMargin="300", positionInitialMargin="300"),
                asset("USDC", "1000", "-50", "950", "12", initialMargin="150", positionInitialMargin="150"),
                asset("BTC", "0.0333", "0", "0.0333", "0"),
            ],
            MULTI_ROWS,
            totalInitialMargin="450",
            totalMaintMargin="36",
            totalWalletBalance="4900",
            totalUnrealizedProfit="150",
            totalMarginBalance="5050",
            totalPositionInitialMargin="450",
            totalCrossWalletBalance="4900",
            totalCrossUnPnl="150",
            availableBalance="4600",
            maxWithdrawAmount="4450",
        ),
        {"BTCUSDT": {"LONG": 0, "SHORT": 0, "BOTH": 3}, "BTCUSDC": {"LONG": 0, "SHORT": 0, "BOTH": 0}},
        multi=True,
    ),
    positions=(
        Facts(
            symbol="BTCUSDT",
            side="long",
            size=0.1,
            entry_price=58000.0,
            mark_price=60000.0,
            margin_mode="cross",
            maintenance_margin=24.0,
            maintenance_rate=0.004,
            notional=6000.0,
            unrealized_pnl=200.0,
            liquidation_price=9658.63,
            adl_meter=3.0,
        ),
        Facts(
            symbol="BTCUSDC",
            side="short",
            size=0.05,
            entry_price=59000.0,
            mark_price=60000.0,
            margin_mode="cross",
            maintenance_margin=12.0,
            maintenance_rate=0.004,
            notional=3000.0,
            unrealized_pnl=-50.0,
            adl_meter=0.0,
        ),
    ),
    equities=tuple(
        Equity(settle=settle, amount=5050.0, wallet_balance=4900.0, maintenance_margin=36.0, in_dollars=True)
        for settle in ("USDT", "USDC")
    ),
    why={
        "equity": "In multi-assets mode the account's totals are in dollars over all assets: totalCrossWalletBalance + "
        "totalCrossUnPnl; in single-asset mode the same fields are of USDT only. No isolated margin exists here.",
    },
)

PORTFOLIO: Final = Sample(
    venue="binance",
    mode="portfolio margin, hedge mode, USDT",
    source="Binance portfolio margin API: Query UM Position Information, Account Information, UM Position ADL Quantile "
    "Estimation; examples and fields (as ccxt's comments and SDK models repeat them); seen 2026-11-28. The position is "
    "the page's example, whose figures agree with each other; the account was made up on the documented shape.",
    markets=MARKETS,
    answers={
        "/papi/v1/um/positionRisk": [
            {
                "symbol": "BTCUSDT",
                "positionAmt": "0.01",
                "entryPrice": "44525.0",
                "markPrice": "45464.1735922",
                "unRealizedProfit": "9.39173592",
                "liquidationPrice": "38007.16308568",
                "leverage": "100",
                "positionSide": "LONG",
                "updateTime": 1707371879042,
                "maxNotionalValue": "500000.0",
                "notional": "454.64173592",
                "breakEvenPrice": "44542.81",
            }
        ],
        "/papi/v1/um/leverageBracket": BRACKETS,
        "/papi/v1/um/positionSide/dual": {"dualSidePosition": True},
        "/papi/v1/account": {
            "uniMMR": "42.15151",
            "accountEquity": "76.65473",
            "actualEquity": "77.10473",
            "accountInitialMargin": "4.54641736",
            "accountMaintMargin": "1.81856694",
            "accountStatus": "NORMAL",
            "virtualMaxWithdrawAmount": "72.10831",
            "totalAvailableBalance": "",
            "totalMarginOpenLoss": "",
            "updateTime": 1707371879042,
        },
        "/papi/v1/um/adlQuantile": [{"symbol": "BTCUSDT", "adlQuantile": {"LONG": 1, "SHORT": 0, "BOTH": 0}}],
    },
    positions=(
        Facts(
            symbol="BTCUSDT",
            side="long",
            size=0.01,
            entry_price=44525.0,
            mark_price=45464.1735922,
            margin_mode="cross",
            maintenance_rate=0.004,
            notional=454.64173592,
            unrealized_pnl=9.39173592,
            liquidation_price=38007.16308568,
            adl_meter=1.0,
        ),
    ),
    equities=(Equity(settle="USDT", amount=76.65473, maintenance_margin=1.81856694, in_dollars=True),),
    why={
        "equity": "accountEquity: in dollars after the collateral rates, over USDⓈ-M, COIN-M and margin; actualEquity "
        "is without the rates. uniMMR = accountEquity / accountMaintMargin. What it is without PnL is not published.",
        "margin_mode": "Portfolio margin knows no isolated margin.",
    },
)

SAMPLES: Final = (ONE_WAY, HEDGE, WINNER, MULTI, PORTFOLIO)
