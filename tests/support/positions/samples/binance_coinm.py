"""Binance COIN-M: isolated and cross margin, one-way and hedge mode; portfolio margin."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

BTC_USD: Final = perpetual("BTCUSD_PERP", "BTC/USD:BTC", 100.0)
ETH_USD: Final = perpetual("ETHUSD_PERP", "ETH/USD:ETH", 10.0)
MARKETS: Final = (BTC_USD, ETH_USD)
PAGES: Final = (
    "Binance COIN-M futures API: Position Information, Account Information, Notional Bracket for Symbol, Position ADL "
    "Quantile Estimation; fields and examples (as ccxt's comments repeat them); seen 2026-11-28. "
)
BRACKETS: Final = [
    {
        "symbol": symbol,
        "notionalCoef": 1.0,
        "brackets": [
            {
                "bracket": 1,
                "initialLeverage": 125,
                "qtyCap": 50,
                "qtyFloor": 0,
                "maintMarginRatio": rate,
                "cum": 0.0,
            }
        ],
    }
    for symbol, rate in (("BTCUSD_PERP", 0.004), ("ETHUSD_PERP", 0.005))
]


def row(symbol: str, amount: str, **fields: Any) -> dict[str, Any]:
    """A row of the position information, with every field of the page."""
    return {
        "symbol": symbol,
        "positionAmt": amount,
        "entryPrice": "0",
        "breakEvenPrice": "0",
        "markPrice": "0",
        "unRealizedProfit": "0",
        "liquidationPrice": "0",
        "leverage": "20",
        "maxQty": "1500",
        "marginType": "cross",
        "isolatedMargin": "0.00000000",
        "isAutoAddMargin": "false",
        "positionSide": "BOTH",
        "notionalValue": "0",
        "isolatedWallet": "0",
        "updateTime": 1764284417660,
        **fields,
    }


def asset(name: str, wallet: str, unrealized: str, maintenance: str, *, cross: str, cross_pnl: str) -> dict[str, Any]:
    return {
        "asset": name,
        "walletBalance": wallet,
        "unrealizedProfit": unrealized,
        "marginBalance": f"{float(wallet) + float(unrealized):.8f}",
        "maintMargin": maintenance,
        "initialMargin": "0",
        "positionInitialMargin": "0",
        "openOrderInitialMargin": "0",
        "maxWithdrawAmount": cross,
        "crossWalletBalance": cross,
        "crossUnPnl": cross_pnl,
        "availableBalance": cross,
        "updateTime": 1764284417660,
    }


def account_position(symbol: str, amount: str, maintenance: str, **fields: Any) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "positionAmt": amount,
        "initialMargin": "0",
        "maintMargin": maintenance,
        "unrealizedProfit": "0",
        "positionInitialMargin": "0",
        "openOrderInitialMargin": "0",
        "leverage": "20",
        "isolated": False,
        "positionSide": "BOTH",
        "entryPrice": "0",
        "breakEvenPrice": "0",
        "maxQty": "1500",
        "notionalValue": "0",
        "isolatedWallet": "0",
        "updateTime": 1764284417660,
        **fields,
    }


def answers(
    rows: list[dict[str, Any]],
    assets: list[dict[str, Any]],
    positions: list[dict[str, Any]],
    quantiles: dict[str, dict[str, int]],
    *,
    hedge: bool = False,
) -> dict[str, Any]:
    return {
        "/dapi/v1/positionRisk": rows,
        "/dapi/v1/account": {
            "assets": assets,
            "positions": positions,
            "canDeposit": True,
            "canTrade": True,
            "canWithdraw": True,
            "feeTier": 2,
            "updateTime": 0,
        },
        "/dapi/v1/positionSide/dual": {"dualSidePosition": hedge},
        "/dapi/v2/leverageBracket": BRACKETS,
        "/dapi/v1/adlQuantile": [{"symbol": symbol, "adlQuantile": levels} for symbol, levels in quantiles.items()],
    }


ONE_WAY: Final = Sample(
    venue="binance_coinm",
    mode="one-way, isolated and cross margin",
    source=PAGES + "BTCUSD_PERP is the page's example (its figures agree with each other); ETHUSD_PERP and the account "
    "were made up on the documented shape.",
    markets=MARKETS,
    answers=answers(
        [
            row(
                "BTCUSD_PERP",
                "2",
                entryPrice="37643.10000021",
                breakEvenPrice="37661.9",
                markPrice="38103.05510455",
                unRealizedProfit="0.00006413",
                liquidationPrice="25119.97445760",
                leverage="2",
                marginType="isolated",
                isolatedMargin="0.00274471",
                notionalValue="0.00524892",
                isolatedWallet="0.00268058",
            ),
            row(
                "ETHUSD_PERP",
                "-50",
                entryPrice="2500.00000000",
                breakEvenPrice="2498.7",
                markPrice="2400.00000000",
                unRealizedProfit="0.00833333",
                liquidationPrice="4975",
                notionalValue="-0.20833333",
            ),
        ],
        [
            asset("BTC", "0.01", "0.00006413", "0.00002100", cross="0.00731942", cross_pnl="0"),
            asset("ETH", "0.1", "0.00833333", "0.00104167", cross="0.1", cross_pnl="0.00833333"),
        ],
        [
            account_position(
                "BTCUSD_PERP",
                "2",
                "0.00002100",
                unrealizedProfit="0.00006413",
                leverage="2",
                isolated=True,
                entryPrice="37643.10000021",
                notionalValue="0.00524892",
                isolatedWallet="0.00268058",
            ),
            account_position(
                "ETHUSD_PERP",
                "-50",
                "0.00104167",
                unrealizedProfit="0.00833333",
                entryPrice="2500.00000000",
                notionalValue="-0.20833333",
            ),
        ],
        {
            "BTCUSD_PERP": {"LONG": 0, "SHORT": 0, "BOTH": 1},
            "ETHUSD_PERP": {"LONG": 0, "SHORT": 0, "BOTH": 4},
        },
    ),
    positions=(
        Facts(
            symbol="BTCUSD_PERP",
            side="long",
            size=2.0,
            contract="inverse",
            contract_size=100.0,
            entry_price=37643.10000021,
            mark_price=38103.05510455,
            margin_mode="isolated",
            margin=0.00268058,
            maintenance_margin=0.000021,
            maintenance_rate=0.004,
            notional=0.00524892,
            unrealized_pnl=0.00006413,
            liquidation_price=25119.9744576,
            adl_meter=1.0,
        ),
        Facts(
            symbol="ETHUSD_PERP",
            side="short",
            size=50.0,
            contract="inverse",
            contract_size=10.0,
            entry_price=2500.0,
            mark_price=2400.0,
            margin_mode="cross",
            maintenance_margin=0.00104167,
            maintenance_rate=0.005,
            notional=0.20833333,
            unrealized_pnl=0.00833333,
            liquidation_price=4975.0,
            adl_meter=4.0,
        ),
    ),
    equities=(Equity(settle="ETH", amount=0.10833333, wallet_balance=0.1, maintenance_margin=0.00104167),),
    why={
        "margin": "isolatedWallet; isolatedMargin contains the PnL: 0.00274471 = 0.00268058 + 0.00006413.",
        "size": "Contracts of 100 USD (BTC) or 10 USD; notionalValue is in coin, signed.",
        "equity": "Each coin backs its own contracts: crossWalletBalance + crossUnPnl.",
    },
)

HEDGE: Final = Sample(
    venue="binance_coinm",
    mode="hedge mode, cross margin",
    source=PAGES + "Figures made up on the documented shape; ADL levels as the page's example with HEDGE.",
    markets=MARKETS,
    answers=answers(
        [
            row(
                "BTCUSD_PERP",
                "20",
                positionSide="LONG",
                entryPrice="58000.00000000",
                breakEvenPrice="58030",
                markPrice="60000.00000000",
                unRealizedProfit="0.00114943",
                notionalValue="0.03333333",
            ),
            row(
                "BTCUSD_PERP",
                "-15",
                positionSide="SHORT",
                entryPrice="59000.00000000",
                breakEvenPrice="58970",
                markPrice="60000.00000000",
                unRealizedProfit="-0.00042373",
                notionalValue="-0.02500000",
            ),
        ],
        [asset("BTC", "0.05", "0.00072570", "0.00023333", cross="0.05", cross_pnl="0.00072570")],
        [
            account_position(
                "BTCUSD_PERP",
                "20",
                "0.00013333",
                positionSide="LONG",
                unrealizedProfit="0.00114943",
                entryPrice="58000.00000000",
                notionalValue="0.03333333",
            ),
            account_position(
                "BTCUSD_PERP",
                "-15",
                "0.00010000",
                positionSide="SHORT",
                unrealizedProfit="-0.00042373",
                entryPrice="59000.00000000",
                notionalValue="-0.02500000",
            ),
        ],
        {"BTCUSD_PERP": {"LONG": 3, "SHORT": 3, "HEDGE": 0}},
        hedge=True,
    ),
    positions=(
        Facts(
            symbol="BTCUSD_PERP",
            side="long",
            size=20.0,
            contract="inverse",
            contract_size=100.0,
            entry_price=58000.0,
            mark_price=60000.0,
            margin_mode="cross",
            maintenance_margin=0.00013333,
            maintenance_rate=0.004,
            notional=0.03333333,
            unrealized_pnl=0.00114943,
            adl_meter=3.0,
        ),
        Facts(
            symbol="BTCUSD_PERP",
            side="short",
            size=15.0,
            contract="inverse",
            contract_size=100.0,
            entry_price=59000.0,
            mark_price=60000.0,
            margin_mode="cross",
            maintenance_margin=0.0001,
            maintenance_rate=0.004,
            notional=0.025,
            unrealized_pnl=-0.00042373,
            adl_meter=3.0,
        ),
    ),
    equities=(Equity(settle="BTC", amount=0.0507257, wallet_balance=0.05, maintenance_margin=0.00023333),),
)

PORTFOLIO: Final = Sample(
    venue="binance_coinm",
    mode="portfolio margin, hedge mode",
    source="Binance portfolio margin API: Query CM Position Information, Account Information, CM Position ADL Quantile "
    "Estimation; examples and fields (as ccxt's comments and SDK models repeat them); seen 2026-11-28. The position is "
    "the page's example, whose figures agree with each other; the account was made up on the documented shape.",
    markets=MARKETS,
    answers={
        "/papi/v1/cm/positionRisk": [
            {
                "symbol": "ETHUSD_PERP",
                "positionAmt": "1",
                "entryPrice": "2422.400000007",
                "markPrice": "2424.51267823",
                "unRealizedProfit": "0.0000036",
                "liquidationPrice": "293.57678898",
                "leverage": "100",
                "positionSide": "LONG",
                "updateTime": 1707371941861,
                "maxQty": "15",
                "notionalValue": "0.00412454",
                "breakEvenPrice": "2423.368960034",
            }
        ],
        "/papi/v1/cm/leverageBracket": BRACKETS,
        "/papi/v1/cm/positionSide/dual": {"dualSidePosition": True},
        "/papi/v1/account": {
            "uniMMR": "1532.9",
            "accountEquity": "76.65",
            "actualEquity": "77.1",
            "accountInitialMargin": "0.1",
            "accountMaintMargin": "0.05",
            "accountStatus": "NORMAL",
            "virtualMaxWithdrawAmount": "76.5",
            "totalAvailableBalance": "",
            "totalMarginOpenLoss": "",
            "updateTime": 1707371941861,
        },
        "/papi/v1/cm/adlQuantile": [{"symbol": "ETHUSD_PERP", "adlQuantile": {"LONG": 1, "SHORT": 0, "BOTH": 0}}],
    },
    positions=(
        Facts(
            symbol="ETHUSD_PERP",
            side="long",
            size=1.0,
            contract="inverse",
            contract_size=10.0,
            entry_price=2422.400000007,
            mark_price=2424.51267823,
            margin_mode="cross",
            maintenance_rate=0.005,
            notional=0.00412454,
            unrealized_pnl=0.0000036,
            liquidation_price=293.57678898,
            adl_meter=1.0,
        ),
    ),
    equities=(Equity(settle="ETH", amount=76.65, maintenance_margin=0.05, in_dollars=True),),
    why={"equity": "accountEquity in dollars over the whole portfolio account."},
)

SAMPLES: Final = (ONE_WAY, HEDGE, PORTFOLIO)
