"""BitMEX: what its documentation shows of accounts. ccxt has no module for it: its unified positions are by hand."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

_SEEN: Final = "seen 2026-11-28"
_API: Final = "BitMEX REST API: GET /position, /user/margin (currency=all), /instrument"
_TIME: Final = "2026-11-28T12:00:00.000Z"
_ACCOUNT: Final = 1234567

_XBTUSD: Final = perpetual("XBTUSD", "BTC/USD:BTC", baseId="XBT", settleId="XBt")
_XBTUSDT: Final = perpetual("XBTUSDT", "BTC/USDT:USDT", contract_size=1e-6, baseId="XBT", settleId="USDt")
_ETHUSD: Final = perpetual("ETHUSD", "ETH/USD:BTC", contract_size=1e-6, linear=False, quanto=True, settleId="XBt")
_SOLUSD: Final = perpetual("SOLUSD", "SOL/USD:BTC", contract_size=1e-4, linear=False, quanto=True, settleId="XBt")


def _position(symbol: str, currency: str, underlying: str, quote: str, **fields: object) -> dict[str, Any]:
    return {
        "account": _ACCOUNT,
        "symbol": symbol,
        "currency": currency,
        "underlying": underlying,
        "quoteCurrency": quote,
        "commission": 0.0005,
        "riskLimit": 20000000000,
        "rebalancedPnl": 0,
        "prevRealisedPnl": 0,
        "prevUnrealisedPnl": 0,
        "openingTimestamp": _TIME,
        "openingQty": 0,
        "openingCost": 0,
        "openOrderBuyQty": 0,
        "openOrderBuyCost": 0,
        "openOrderBuyPremium": 0,
        "openOrderSellQty": 0,
        "openOrderSellCost": 0,
        "openOrderSellPremium": 0,
        "currentTimestamp": _TIME,
        "grossOpenCost": 0,
        "grossOpenPremium": 0,
        "isOpen": True,
        "posState": "",
        "posCross": 0,
        "posLoss": 0,
        "realisedPnl": 0,
        "timestamp": _TIME,
        **fields,
    }


def _margin(currency: str, **fields: object) -> dict[str, Any]:
    return {
        "account": _ACCOUNT,
        "currency": currency,
        "riskLimit": 1000000000000,
        "state": "",
        "pendingCredit": 0,
        "pendingDebit": 0,
        "confirmedDebit": 0,
        "transferIn": 0,
        "transferOut": 0,
        "grossComm": 0,
        "grossOpenCost": 0,
        "grossOpenPremium": 0,
        "grossExecCost": 0,
        "prevRealisedPnl": 0,
        "timestamp": _TIME,
        **fields,
    }


def _instrument(symbol: str, kind: str, mark: float, **fields: object) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "state": "Open",
        "typ": "FFWCSX",
        "markPrice": mark,
        "lastPrice": mark,
        "deleverage": True,
        "isInverse": kind == "inverse",
        "isQuanto": kind == "quanto",
        "fundingRate": 0.0001,
        "fundingInterval": "2000-01-01T08:00:00.000Z",
        "timestamp": _TIME,
        **fields,
    }


def _sample(
    mode: str,
    source: str,
    of: tuple[dict[str, Any], ...],
    answers: tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]],
    **facts: Any,
) -> Sample:
    rows, margins, instruments = answers
    symbols = {market["id"]: market["symbol"] for market in of}
    return Sample(
        venue="bitmex",
        mode=mode,
        source=source,
        markets=of,
        answers={
            "unified": [{"symbol": symbols[row["symbol"]], "info": row} for row in rows],
            "/api/v1/position": rows,
            "/api/v1/user/margin": margins,
            "/api/v1/instrument": instruments,
        },
        **facts,
    )


_INVERSE: Final = _sample(
    "coin-margined (inverse), isolated",
    f"row 16 of the reader cases, completed; {_API}; {_SEEN}",
    (_XBTUSD,),
    (
        [
            _position(
                "XBTUSD",
                "XBt",
                "XBT",
                "USD",
                initMarginReq=0.01,
                maintMarginReq=0.005,
                leverage=100,
                crossMargin=False,
                deleveragePercentile=0.2,
                currentQty=100,
                currentCost=-101619,
                currentComm=51,
                unrealisedCost=-101619,
                markPrice=98016.0,
                markValue=-102024,
                riskValue=102024,
                homeNotional=0.00102024,
                foreignNotional=-100.0,
                posCost=-101619,
                posInit=1017,
                posComm=291,
                posMargin=1308,
                posMaint=600,
                initMargin=0,
                maintMargin=903,
                unrealisedPnl=-405,
                unrealisedPnlPcnt=-0.004,
                unrealisedRoePcnt=-0.3983,
                avgCostPrice=98407.0,
                avgEntryPrice=98407.0,
                breakEvenPrice=98456.5,
                marginCallPrice=97726.0,
                liquidationPrice=97726.0,
                bankruptPrice=97157.0,
            )
        ],
        [
            _margin(
                "XBt",
                amount=1000000,
                walletBalance=1000000,
                marginBalance=999595,
                realisedPnl=0,
                unrealisedPnl=-405,
                initMargin=0,
                maintMargin=903,
                riskValue=102024,
                excessMargin=998692,
                availableMargin=998692,
                withdrawableMargin=998692,
                marginLeverage=0.102065,
                marginUsedPcnt=0.0009,
            )
        ],
        [_instrument("XBTUSD", "inverse", 98016.0, settlCurrency="XBt", multiplier=-100000000)],
    ),
    positions=(
        Facts(
            symbol="XBTUSD",
            side="long",
            size=100.0,
            contract="inverse",
            entry_price=98407.0,
            mark_price=98016.0,
            margin_mode="isolated",
            margin=0.00001308,
            maintenance_margin=0.000006,
            maintenance_rate=0.005,
            notional=0.00102024,
            unrealized_pnl=-0.00000405,
            liquidation_price=97726.0,
            adl_meter=0.2,
        ),
    ),
    why={
        "XBTUSD.margin": (
            "posMargin 1308 is in satoshis (currency XBt, 1e-8), without unrealized PnL; maintMargin is that with it: "
            "1308 - 405 = 903. 102024 / 903 = 113 times, where 1308 taken as coins gave 7.8e-7"
        ),
        "XBTUSD.maintenance_margin": "posMaint, in satoshis too",
        "XBTUSD.notional": "markValue, whose sign is turned for an inverse contract",
    },
)

_LINEAR: Final = _sample(
    "USDT-settled, cross",
    f"row 16 of the reader cases (unit of USDt); {_API}; figures made up on the shape; {_SEEN}",
    (_XBTUSDT,),
    (
        [
            _position(
                "XBTUSDT",
                "USDt",
                "XBT",
                "USDT",
                initMarginReq=0.01,
                maintMarginReq=0.005,
                leverage=100,
                crossMargin=True,
                deleveragePercentile=0.5423,
                currentQty=-100000,
                currentCost=-6200000000,
                currentComm=3100000,
                unrealisedCost=-6200000000,
                markPrice=60000.0,
                markValue=-6000000000,
                riskValue=6000000000,
                homeNotional=-0.1,
                foreignNotional=6000.0,
                posCost=-6200000000,
                posInit=62000000,
                posComm=3131000,
                posMargin=65131000,
                posMaint=34131000,
                initMargin=0,
                maintMargin=265131000,
                unrealisedPnl=200000000,
                unrealisedPnlPcnt=0.0323,
                unrealisedRoePcnt=3.2258,
                avgCostPrice=62000.0,
                avgEntryPrice=62000.0,
                breakEvenPrice=61969.0,
                marginCallPrice=71641.8,
                liquidationPrice=71641.8,
                bankruptPrice=72000.0,
            )
        ],
        [
            _margin(
                "USDt",
                amount=1000000000,
                walletBalance=1000000000,
                marginBalance=1200000000,
                realisedPnl=0,
                unrealisedPnl=200000000,
                initMargin=0,
                maintMargin=265131000,
                riskValue=6000000000,
                excessMargin=934869000,
                availableMargin=934869000,
                withdrawableMargin=934869000,
                marginLeverage=5.0,
                marginUsedPcnt=0.2209,
            )
        ],
        [_instrument("XBTUSDT", "linear", 60000.0, settlCurrency="USDt", multiplier=1)],
    ),
    positions=(
        Facts(
            symbol="XBTUSDT",
            side="short",
            size=100000.0,
            contract_size=1e-6,
            entry_price=62000.0,
            mark_price=60000.0,
            margin_mode="cross",
            maintenance_margin=34.131,
            maintenance_rate=0.005,
            notional=6000.0,
            unrealized_pnl=200.0,
            liquidation_price=71641.8,
            adl_meter=0.5423,
        ),
    ),
    equities=(Equity(settle="USDT", amount=1200.0, wallet_balance=1000.0, maintenance_margin=34.131),),
    why={
        "XBTUSDT.notional": "markValue -6000000000 is in 1e-6 USDt",
        "equities": (
            "marginBalance = walletBalance + unrealisedPnl of the row of that currency, in 1e-6 USDt; no position is "
            "isolated"
        ),
        "maintenance_margin": (
            "posMaint. maintMargin, of the position and of the account, is margin held (posMargin + unrealized PnL), "
            "not the maintenance requirement"
        ),
    },
)

_QUANTO: Final = _sample(
    "quanto, settled in XBT, cross and isolated",
    (
        f"row 18 of the reader cases; {_API}; BitMEX series guide of ETHUSD (multiplier 0.000001 XBT per USD in its "
        f"table, 0.0001 in its worked example) and quanto perpetuals guide (0.0001 XBT); figures made up; {_SEEN}"
    ),
    (_ETHUSD, _SOLUSD),
    (
        [
            _position(
                "ETHUSD",
                "XBt",
                "ETH",
                "USD",
                initMarginReq=0.02,
                maintMarginReq=0.01,
                leverage=50,
                crossMargin=True,
                deleveragePercentile=0.9999,
                currentQty=1000,
                currentCost=300000000,
                currentComm=150000,
                unrealisedCost=300000000,
                markPrice=3100.0,
                markValue=310000000,
                riskValue=310000000,
                homeNotional=32.0,
                foreignNotional=-99200.0,
                posCost=300000000,
                posInit=6000000,
                posComm=150000,
                posMargin=6150000,
                posMaint=3150000,
                initMargin=0,
                maintMargin=16150000,
                unrealisedPnl=10000000,
                unrealisedPnlPcnt=0.0333,
                unrealisedRoePcnt=1.6667,
                avgCostPrice=3000.0,
                avgEntryPrice=3000.0,
                breakEvenPrice=3001.5,
                marginCallPrice=2531.5,
                liquidationPrice=2531.5,
                bankruptPrice=2500.0,
            ),
            _position(
                "SOLUSD",
                "XBt",
                "SOL",
                "USD",
                initMarginReq=0.05,
                maintMarginReq=0.025,
                leverage=10,
                crossMargin=False,
                deleveragePercentile=0.1,
                currentQty=-20,
                currentCost=-30000000,
                currentComm=15000,
                unrealisedCost=-30000000,
                markPrice=155.0,
                markValue=-31000000,
                riskValue=31000000,
                homeNotional=-200.0,
                foreignNotional=31000.0,
                posCost=-30000000,
                posInit=3000000,
                posComm=16500,
                posMargin=3016500,
                posMaint=766500,
                initMargin=0,
                maintMargin=2016500,
                unrealisedPnl=-1000000,
                unrealisedPnlPcnt=-0.0333,
                unrealisedRoePcnt=-0.3333,
                avgCostPrice=150.0,
                avgEntryPrice=150.0,
                breakEvenPrice=149.92,
                marginCallPrice=161.25,
                liquidationPrice=161.25,
                bankruptPrice=165.0,
            ),
        ],
        [
            _margin(
                "XBt",
                amount=53016500,
                walletBalance=53016500,
                marginBalance=62016500,
                realisedPnl=0,
                unrealisedPnl=9000000,
                initMargin=0,
                maintMargin=18166500,
                riskValue=341000000,
                excessMargin=43850000,
                availableMargin=43850000,
                withdrawableMargin=43850000,
                marginLeverage=5.498537,
                marginUsedPcnt=0.2929,
            )
        ],
        [
            _instrument("ETHUSD", "quanto", 3100.0, settlCurrency="XBt", multiplier=100),
            _instrument("SOLUSD", "quanto", 155.0, settlCurrency="XBt", multiplier=10000),
        ],
    ),
    positions=(
        Facts(
            symbol="ETHUSD",
            side="long",
            size=1000.0,
            contract_size=1e-6,
            entry_price=3000.0,
            mark_price=3100.0,
            margin_mode="cross",
            maintenance_margin=0.0315,
            maintenance_rate=0.01,
            notional=3.1,
            unrealized_pnl=0.1,
            liquidation_price=2531.5,
            adl_meter=0.9999,
        ),
        Facts(
            symbol="SOLUSD",
            side="short",
            size=20.0,
            contract_size=1e-4,
            entry_price=150.0,
            mark_price=155.0,
            margin_mode="isolated",
            margin=0.030165,
            maintenance_margin=0.007665,
            maintenance_rate=0.025,
            notional=0.31,
            unrealized_pnl=-0.01,
            liquidation_price=161.25,
            adl_meter=0.1,
        ),
    ),
    equities=(Equity(settle="BTC", amount=0.6, wallet_balance=0.5, maintenance_margin=0.0315),),
    why={
        "contract": (
            "a quanto contract pays size x multiplier x price difference in XBT, so it is linear with the multiplier "
            "as contract size: ETHUSD 100 satoshis per USD (1e-6 XBT), SOLUSD 10000 (1e-4 XBT). Row 18 gives ETHUSD "
            "1e-4, the figure of the guide's worked example; the instrument's own multiplier decides, and markValue "
            "shows it: 310000000 / (1000 x 3100) = 100"
        ),
        "ETHUSD.size": "currentQty; homeNotional and foreignNotional are not what the contract pays",
        "equities": (
            "marginBalance 0.620165 less the isolated position's margin with its PnL (0.030165 - 0.01) = 0.6; "
            "wallet 0.6 - 0.1"
        ),
    },
)

SAMPLES: Final = (_INVERSE, _LINEAR, _QUANTO)
