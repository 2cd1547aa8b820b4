"""MEXC futures: cross and isolated margin, hedge mode, coin-margined; no mark price in the positions."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

BTC_USDT: Final = perpetual("BTC_USDT", "BTC/USDT:USDT", 0.0001)
ETH_USDT: Final = perpetual("ETH_USDT", "ETH/USDT:USDT", 0.01)
BTC_USD: Final = perpetual("BTC_USD", "BTC/USD:BTC", 100.0)
MARKETS: Final = (BTC_USDT, ETH_USDT, BTC_USD)
PAGES: Final = (
    "MEXC contract API: Get the user's current holding position, Get all informations of user's asset, Get contract "
    "trend data (ticker); examples and fields; seen 2026-11-28. Row 10 of the reader cases (no mark price in the "
    "position). "
)


def answer(data: Any) -> dict[str, Any]:
    return {"success": True, "code": 0, "data": data}


def row(symbol: str, side: int, volume: int, **fields: Any) -> dict[str, Any]:
    """A row of the open positions, with every field of the page. Side: 1 long, 2 short."""
    return {
        "positionId": 1394650,
        "symbol": symbol,
        "positionType": side,
        "openType": 1,
        "state": 1,
        "holdVol": volume,
        "frozenVol": 0,
        "closeVol": 0,
        "holdAvgPrice": 0,
        "openAvgPrice": 0,
        "closeAvgPrice": 0,
        "liquidatePrice": 0,
        "oim": 0,
        "im": 0,
        "holdFee": 0,
        "realised": -0.0073,
        "leverage": 10,
        "createTime": 1609991676000,
        "updateTime": 1764287676000,
        "autoAddIm": False,
        "holdAvgPriceFullyScale": str(fields.get("holdAvgPrice", "0")),
        "openAvgPriceFullyScale": str(fields.get("openAvgPrice", "0")),
        "marginRatio": 0,
        "version": 1,
        "profitRatio": 0,
        "newOpenAvgPrice": fields.get("openAvgPrice", 0),
        "newCloseAvgPrice": 0,
        "closeProfitLoss": 0,
        "fee": -0.0073,
        "deductFeeList": [],
        "totalFee": 0.0073,
        "zeroSaveTotalFeeBinance": 0,
        "zeroTradeTotalFeeBinance": 0.0073,
        **fields,
    }


def asset(currency: str, **fields: float) -> dict[str, Any]:
    return {
        "currency": currency,
        "positionMargin": 0,
        "availableBalance": 0,
        "cashBalance": 0,
        "frozenBalance": 0,
        "equity": 0,
        "unrealized": 0,
        "bonus": 0,
        **fields,
    }


def ticker(symbol: str, fair: float) -> dict[str, Any]:
    """The ticker of a contract; last, index and fair price differ on purpose."""
    return {
        "symbol": symbol,
        "lastPrice": round(fair * 1.001, 2),
        "bid1": round(fair * 1.0009, 2),
        "ask1": round(fair * 1.0011, 2),
        "volume24": 4045530,
        "amount24": 141331823.5755,
        "holdVol": 5832946,
        "lower24Price": round(fair * 0.95, 2),
        "high24Price": round(fair * 1.05, 2),
        "riseFallRate": 0.0275,
        "riseFallValue": 95.95,
        "indexPrice": round(fair * 0.9999, 4),
        "fairPrice": fair,
        "fundingRate": 0.000063,
        "maxBidPrice": round(fair * 1.1, 2),
        "minAskPrice": round(fair * 0.9, 2),
        "timestamp": 1764288000000,
    }


def answers(
    rows: list[dict[str, Any]], assets: list[dict[str, Any]], fair: dict[str, float], mode: int
) -> dict[str, Any]:
    return {
        "/private/position/open_positions": answer(rows),
        "/private/account/assets": answer(assets),
        "/private/position/position_mode": answer(mode),
        "/contract/ticker": answer([ticker(symbol, price) for symbol, price in fair.items()]),
    }


ONE_WAY: Final = Sample(
    venue="mexc",
    mode="isolated and cross margin, one-way, USDT",
    source=PAGES + "ETH_USDT is the page's example (its figures agree with each other); mark prices, BTC_USDT and the "
    "assets were made up on the documented shape.",
    markets=MARKETS,
    answers=answers(
        [
            row(
                "ETH_USDT",
                1,
                1,
                holdAvgPrice=1217.3,
                openAvgPrice=1217.3,
                liquidatePrice=1211.2,
                oim=0.1290338,
                im=0.1290338,
                leverage=100,
                updateTime=1609991676000,
            ),
            row(
                "BTC_USDT",
                2,
                100,
                positionId=1394651,
                openType=2,
                holdAvgPrice=60000,
                openAvgPrice=60000,
                liquidatePrice=0,
                oim=60.24,
                im=60.24,
                realised=-0.12,
            ),
        ],
        [
            asset(
                "USDT",
                positionMargin=60.3690338,
                availableBalance=939.76,
                cashBalance=939.76,
                equity=1010.1490338,
                unrealized=10.02,
            )
        ],
        {"ETH_USDT": 1219.3, "BTC_USDT": 59000.0, "BTC_USD": 59010.0},
        2,
    ),
    positions=(
        Facts(
            symbol="ETH_USDT",
            side="long",
            size=1.0,
            contract_size=0.01,
            entry_price=1217.3,
            mark_price=1219.3,
            margin_mode="isolated",
            margin=0.1290338,
            liquidation_price=1211.2,
        ),
        Facts(
            symbol="BTC_USDT",
            side="short",
            size=100.0,
            contract_size=0.0001,
            entry_price=60000.0,
            mark_price=59000.0,
            margin_mode="cross",
        ),
    ),
    equities=(Equity(settle="USDT", amount=1010.0, wallet_balance=1000.0),),
    why={
        "mark_price": "fairPrice of the ticker, which one call answers for all contracts.",
        "margin": "im is the margin held, without PnL: 12.173 / 100 and the fee 0.06 % = 0.1290338.",
        "unrealized_pnl": "Not published per position (only per currency): 0.02 and 10 follow from the fair price.",
        "equity": "equity 1010.1490338 - im of the isolated position 0.1290338 - its PnL 0.02 = 1010; wallet: less the "
        "cross position's PnL of 10.",
        "maintenance_margin": "Not published.",
        "adl_meter": "Only by web socket (push.personal.adl.level).",
    },
)

HEDGE: Final = Sample(
    venue="mexc",
    mode="cross margin, hedge mode, USDT",
    source=PAGES + "Figures made up on the documented shape.",
    markets=MARKETS,
    answers=answers(
        [
            row(
                "ETH_USDT",
                1,
                200,
                openType=2,
                holdAvgPrice=3000,
                openAvgPrice=3000,
                oim=602.4,
                im=602.4,
            ),
            row(
                "ETH_USDT",
                2,
                100,
                positionId=1394651,
                openType=2,
                holdAvgPrice=3050,
                openAvgPrice=3050,
                oim=306.22,
                im=306.22,
            ),
        ],
        [
            asset(
                "USDT",
                positionMargin=908.62,
                availableBalance=3091.38,
                cashBalance=3091.38,
                equity=4150,
                unrealized=150,
            )
        ],
        {"ETH_USDT": 3100.0, "BTC_USDT": 59000.0, "BTC_USD": 59010.0},
        1,
    ),
    positions=(
        Facts(
            symbol="ETH_USDT",
            side="long",
            size=200.0,
            contract_size=0.01,
            entry_price=3000.0,
            mark_price=3100.0,
            margin_mode="cross",
        ),
        Facts(
            symbol="ETH_USDT",
            side="short",
            size=100.0,
            contract_size=0.01,
            entry_price=3050.0,
            mark_price=3100.0,
            margin_mode="cross",
        ),
    ),
    equities=(Equity(settle="USDT", amount=4150.0, wallet_balance=4000.0),),
    why={"equity": "equity of the currency = cashBalance 3091.38 + positionMargin 908.62 + unrealized 150."},
)

COIN: Final = Sample(
    venue="mexc",
    mode="coin-margined (inverse), cross margin",
    source=PAGES + "Figures made up on the documented shape.",
    markets=MARKETS,
    answers=answers(
        [
            row(
                "BTC_USD",
                1,
                10,
                openType=2,
                holdAvgPrice=58000,
                openAvgPrice=58000,
                oim=0.00173103,
                im=0.00173103,
                realised=-0.0000103,
            )
        ],
        [
            asset(
                "BTC",
                positionMargin=0.00173103,
                availableBalance=0.01826897,
                cashBalance=0.01826897,
                equity=0.0202951,
                unrealized=0.0002951,
            )
        ],
        {"ETH_USDT": 3100.0, "BTC_USDT": 59000.0, "BTC_USD": 59010.0},
        1,
    ),
    positions=(
        Facts(
            symbol="BTC_USD",
            side="long",
            size=10.0,
            contract="inverse",
            contract_size=100.0,
            entry_price=58000.0,
            mark_price=59010.0,
            margin_mode="cross",
        ),
    ),
    equities=(Equity(settle="BTC", amount=0.02029510, wallet_balance=0.02),),
    why={"size": "Contracts of 100 USD; PnL 1000 x (1/58000 - 1/59010) = 0.0002951 BTC."},
)

SAMPLES: Final = (ONE_WAY, HEDGE, COIN)
