"""BingX: perpetual futures (linear: cross, isolated, hedge mode) and coin-margined (inverse)."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

LTC_USDT: Final = perpetual("LTC-USDT", "LTC/USDT:USDT")
BTC_USDT: Final = perpetual("BTC-USDT", "BTC/USDT:USDT")
ETH_USDT: Final = perpetual("ETH-USDT", "ETH/USDT:USDT")
SOL_USD: Final = perpetual("SOL-USD", "SOL/USD:SOL", 10.0)
MARKETS: Final = (LTC_USDT, BTC_USDT, ETH_USDT, SOL_USD)
LINEAR: Final = (
    "BingX API, USDT-M perpetual: Query position data (v2), Query account data (v3); examples and fields (as ccxt's "
    "comments repeat them), and help page Account Structure (Perpetual Futures); seen 2026-11-28. "
)
INVERSE: Final = (
    "BingX API, Coin-M futures: Query warehouse (positions), Query Account Assets; examples and fields (as ccxt's "
    "comments repeat them); seen 2026-11-28. "
)


def answer(data: Any) -> dict[str, Any]:
    return {"code": 0, "msg": "", "timestamp": 1764288000000, "data": data}


def row(symbol: str, side: str, amount: str, **fields: Any) -> dict[str, Any]:
    """A row of the linear positions, with every field of the page."""
    return {
        "positionId": "1792480725958881280",
        "symbol": symbol,
        "currency": "USDT",
        "positionAmt": amount,
        "availableAmt": amount,
        "positionSide": side,
        "isolated": False,
        "avgPrice": "0",
        "initialMargin": "0",
        "margin": "0",
        "leverage": 10,
        "unrealizedProfit": "0",
        "realisedProfit": "-0.2119",
        "liquidationPrice": 0,
        "pnlRatio": "0",
        "maxMarginReduction": "0.0000",
        "riskRate": "0",
        "markPrice": "0",
        "positionValue": "0",
        "onlyOnePosition": True,
        "createTime": 1763088016688,
        "updateTime": 1764288000000,
        **fields,
    }


def assets(asset: str, wallet: str, unrealized: str, equity: str, used: str) -> dict[str, Any]:
    return {
        "userId": "116***295",
        "asset": asset,
        "balance": wallet,
        "equity": equity,
        "unrealizedProfit": unrealized,
        "realisedProfit": "-109.2504",
        "availableMargin": f"{float(equity) - float(used):.4f}",
        "usedMargin": used,
        "freezedMargin": "0.0000",
        "shortUid": "12851936",
    }


def linear(rows: list[dict[str, Any]], usdt: dict[str, Any]) -> dict[str, Any]:
    return {
        "/openApi/swap/v2/user/positions": answer(rows),
        "/openApi/swap/v3/user/balance": answer([usdt, assets("USDC", "0.0000", "0.0000", "0.0000", "0.0000")]),
        "/openApi/cswap/v1/user/positions": answer([]),
        "/openApi/cswap/v1/user/balance": answer([]),
    }


CROSS: Final = Sample(
    venue="bingx",
    mode="linear, cross and isolated margin, USDT",
    source=LINEAR + "LTC-USDT is the example of the positions (its figures agree with each other); BTC-USDT and the "
    "account were made up on the documented shape.",
    markets=MARKETS,
    answers=linear(
        [
            row(
                "LTC-USDT",
                "LONG",
                "0.1",
                avgPrice="83.53",
                initialMargin="1.3922",
                margin="0.3528",
                leverage=6,
                unrealizedProfit="-1.0393",
                pnlRatio="-0.7465",
                riskRate="0.0008",
                markPrice="73.14",
                positionValue="7.3136",
            ),
            row(
                "BTC-USDT",
                "SHORT",
                "0.0100",
                positionId="1792480725958881281",
                isolated=True,
                avgPrice="60000.0",
                initialMargin="60.0000",
                margin="70.0000",
                unrealizedProfit="10.0000",
                liquidationPrice=65671.6,
                pnlRatio="0.1667",
                maxMarginReduction="0.9000",
                riskRate="0.0421",
                markPrice="59000.0",
                positionValue="590.0000",
            ),
        ],
        assets("USDT", "120.0000", "8.9607", "128.9607", "70.3528"),
    ),
    positions=(
        Facts(
            symbol="LTC-USDT",
            side="long",
            size=0.1,
            entry_price=83.53,
            mark_price=73.14,
            margin_mode="cross",
            notional=7.3136,
            unrealized_pnl=-1.0393,
        ),
        Facts(
            symbol="BTC-USDT",
            side="short",
            size=0.01,
            entry_price=60000.0,
            mark_price=59000.0,
            margin_mode="isolated",
            margin=60.0,
            notional=590.0,
            unrealized_pnl=10.0,
            liquidation_price=65671.6,
        ),
    ),
    equities=(Equity(settle="USDT", amount=58.9607, wallet_balance=60.0),),
    why={
        "margin": "margin contains the unrealized PnL (1.3922 - 1.0393 = 0.3528 in the example; the help page defines "
        "it as initial margin + unrealized PnL + adjusted margin): 70 - 10 = 60. initialMargin alone would miss what "
        "was added by hand.",
        "equity": "equity = balance + unrealizedProfit of the whole account: 128.9607 less the isolated position's "
        "margin with PnL, 70.",
        "maintenance_margin": "Not published; riskRate is maintenance over equity in per unit, rounded.",
        "liquidation_price": "0: none.",
        "adl_meter": "BingX publishes no reading through its API.",
    },
)

HEDGE: Final = Sample(
    venue="bingx",
    mode="linear, cross margin, hedge mode, USDT",
    source=LINEAR + "Figures made up on the documented shape.",
    markets=MARKETS,
    answers=linear(
        [
            row(
                "ETH-USDT",
                "LONG",
                "2.00",
                onlyOnePosition=False,
                avgPrice="3000.00",
                initialMargin="600.0000",
                margin="800.0000",
                unrealizedProfit="200.0000",
                pnlRatio="0.3333",
                riskRate="0.0116",
                markPrice="3100.00",
                positionValue="6200.0000",
            ),
            row(
                "ETH-USDT",
                "SHORT",
                "1.00",
                positionId="1792480725958881282",
                onlyOnePosition=False,
                avgPrice="3050.00",
                initialMargin="305.0000",
                margin="255.0000",
                unrealizedProfit="-50.0000",
                pnlRatio="-0.1639",
                riskRate="0.0116",
                markPrice="3100.00",
                positionValue="3100.0000",
            ),
        ],
        assets("USDT", "4000.0000", "150.0000", "4150.0000", "1055.0000"),
    ),
    positions=(
        Facts(
            symbol="ETH-USDT",
            side="long",
            size=2.0,
            entry_price=3000.0,
            mark_price=3100.0,
            margin_mode="cross",
            notional=6200.0,
            unrealized_pnl=200.0,
        ),
        Facts(
            symbol="ETH-USDT",
            side="short",
            size=1.0,
            entry_price=3050.0,
            mark_price=3100.0,
            margin_mode="cross",
            notional=3100.0,
            unrealized_pnl=-50.0,
        ),
    ),
    equities=(Equity(settle="USDT", amount=4150.0, wallet_balance=4000.0),),
)


def inverse_row(side: str, amount: str, **fields: Any) -> dict[str, Any]:
    """A row of the coin-margined positions, with every field of the page."""
    return {
        "symbol": "SOL-USD",
        "positionId": "1813080351385337856",
        "positionSide": side,
        "isolated": False,
        "positionAmt": amount,
        "availableAmt": amount,
        "unrealizedProfit": "0",
        "initialMargin": "0",
        "liquidationPrice": 0,
        "avgPrice": "0",
        "leverage": 10,
        "markPrice": "0",
        "riskRate": "0",
        "maxMarginReduction": "0",
        "updateTime": 1721107015848,
        **fields,
    }


COIN: Final = Sample(
    venue="bingx",
    mode="coin-margined (inverse), cross margin",
    source=INVERSE + "The position is the page's example and the balance that of the same account (0.35707951 SOL); "
    "equity was made to agree with the position's PnL, as the two examples are of different moments.",
    markets=MARKETS,
    answers={
        "/openApi/swap/v2/user/positions": answer([]),
        "/openApi/swap/v3/user/balance": answer([assets("USDT", "0.0000", "0.0000", "0.0000", "0.0000")]),
        "/openApi/cswap/v1/user/positions": answer(
            [
                inverse_row(
                    "LONG",
                    "1",
                    unrealizedProfit="-0.00009074",
                    initialMargin="0.00630398",
                    liquidationPrice=23.968303426677032,
                    avgPrice="158.63",
                    markPrice="158.402",
                    riskRate="0.00123783",
                )
            ]
        ),
        "/openApi/cswap/v1/user/balance": answer(
            [
                {
                    "asset": "SOL",
                    "balance": "0.35707951",
                    "equity": "0.35698877",
                    "unrealizedProfit": "-0.00009074",
                    "availableMargin": "0.35068480",
                    "usedMargin": "0.00630397",
                    "freezedMargin": "0",
                    "shortUid": "12851936",
                }
            ]
        ),
    },
    positions=(
        Facts(
            symbol="SOL-USD",
            side="long",
            size=1.0,
            contract="inverse",
            contract_size=10.0,
            entry_price=158.63,
            mark_price=158.402,
            margin_mode="cross",
            unrealized_pnl=-0.00009074,
            liquidation_price=23.968303426677032,
        ),
    ),
    equities=(Equity(settle="SOL", amount=0.35698877, wallet_balance=0.35707951),),
    why={
        "size": "positionAmt counts contracts of 10 USD: 10 x (1/158.63 - 1/158.402) = -0.00009074 SOL.",
    },
)

COIN_ISOLATED: Final = Sample(
    venue="bingx",
    mode="coin-margined (inverse), isolated margin",
    source=INVERSE + "Figures made up on the documented shape.",
    markets=MARKETS,
    answers={
        "/openApi/swap/v2/user/positions": answer([]),
        "/openApi/swap/v3/user/balance": answer([assets("USDT", "0.0000", "0.0000", "0.0000", "0.0000")]),
        "/openApi/cswap/v1/user/positions": answer(
            [
                inverse_row(
                    "SHORT",
                    "50",
                    isolated=True,
                    unrealizedProfit="0.17543860",
                    initialMargin="0.33333333",
                    liquidationPrice=165.58,
                    avgPrice="150",
                    markPrice="142.5",
                    riskRate="0.0483",
                )
            ]
        ),
        "/openApi/cswap/v1/user/balance": answer(
            [
                {
                    "asset": "SOL",
                    "balance": "2",
                    "equity": "2.17543860",
                    "unrealizedProfit": "0.17543860",
                    "availableMargin": "1.66666667",
                    "usedMargin": "0.33333333",
                    "freezedMargin": "0",
                    "shortUid": "12851936",
                }
            ]
        ),
    },
    positions=(
        Facts(
            symbol="SOL-USD",
            side="short",
            size=50.0,
            contract="inverse",
            contract_size=10.0,
            entry_price=150.0,
            mark_price=142.5,
            margin_mode="isolated",
            margin=0.33333333,
            unrealized_pnl=0.1754386,
            liquidation_price=165.58,
        ),
    ),
    why={
        "margin": "No margin field here: initialMargin, at entry and without PnL (as in the cross example: 10 / 158.63 "
        "/ 10 = 0.00630398). What was added by hand would be missing.",
    },
)

SAMPLES: Final = (CROSS, HEDGE, COIN, COIN_ISOLATED)
