"""KuCoin Futures: what its documentation shows of accounts, classic and unified."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

_SEEN: Final = "seen 2026-11-28"
_LIST: Final = "KuCoin Futures API, get position list"
_OVERVIEW: Final = "get account of futures (account-overview)"
_UNIFIED: Final = "KuCoin unified trading account API: get position list, account overview, account mode"

_CLASSIC_MODE: Final = {"code": "200000", "data": {"selfAccountMode": "CLASSIC"}}

_ETHUSDTM: Final = perpetual("ETHUSDTM", "ETH/USDT:USDT", contract_size=0.01)
_XBTUSDTM: Final = perpetual("XBTUSDTM", "BTC/USDT:USDT", contract_size=0.001, baseId="XBT")
_SOLUSDTM: Final = perpetual("SOLUSDTM", "SOL/USDT:USDT", contract_size=0.1)
_ETHUSDM: Final = perpetual("ETHUSDM", "ETH/USD:ETH")
_XBTUSDM: Final = perpetual("XBTUSDM", "BTC/USD:BTC", baseId="XBT", settleId="XBT")
_DOGEUSDTM: Final = perpetual("DOGEUSDTM", "DOGE/USDT:USDT", contract_size=100.0)


def _row(symbol: str, **fields: object) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "openingTimestamp": 1795860000000,
        "currentTimestamp": 1795867200000,
        "realisedGrossCost": 0.0,
        "realisedGrossPnl": 0.0,
        "isOpen": True,
        "settleCurrency": "USDT",
        "isInverse": False,
        "positionSide": "BOTH",
        **fields,
    }


_DOCUMENTED_ROW: Final = {
    "id": "615ba79f83a3410001cde321",
    "symbol": "ETHUSDTM",
    "autoDeposit": False,
    "maintMarginReq": 0.005,
    "riskLimit": 1000000,
    "realLeverage": 25.92,
    "crossMode": False,
    "delevPercentage": 0.76,
    "openingTimestamp": 1638578546031,
    "currentTimestamp": 1638578563580,
    "currentQty": 2,
    "currentCost": 83.787,
    "currentComm": 0.0167574,
    "unrealisedCost": 83.787,
    "realisedGrossCost": 0.0,
    "realisedCost": 0.0167574,
    "isOpen": True,
    "markPrice": 4183.38,
    "markValue": 83.6676,
    "posCost": 83.787,
    "posCross": 0.0,
    "posInit": 3.35148,
    "posComm": 0.05228309,
    "posLoss": 0.0,
    "posMargin": 3.40376309,
    "posMaint": 0.50707892,
    "maintMargin": 3.28436309,
    "realisedGrossPnl": 0.0,
    "realisedPnl": -0.0167574,
    "unrealisedPnl": -0.1194,
    "unrealisedPnlPcnt": -0.0014,
    "unrealisedRoePcnt": -0.0356,
    "avgEntryPrice": 4189.35,
    "liquidationPrice": 4044.55,
    "bankruptPrice": 4021.75,
    "settleCurrency": "USDT",
    "isInverse": False,
}


def _isolated_sol(quantity: int, **fields: object) -> dict[str, Any]:
    return _row(
        "SOLUSDTM",
        id="500000000001046433",
        autoDeposit=False,
        crossMode=False,
        marginMode="ISOLATED",
        maintMarginReq=0.01,
        riskLimit=500000,
        realLeverage=7.72,
        leverage=10.0,
        delevPercentage=0.83,
        currentQty=quantity,
        currentCost=1500.0,
        currentComm=0.9,
        unrealisedCost=1500.0,
        realisedCost=0.9,
        markPrice=155.0,
        markValue=1550.0,
        posCost=1500.0,
        posCross=0.0,
        posCrossMargin=0.0,
        posInit=150.0,
        posComm=0.9,
        posCommCommon=0.9,
        posLoss=0.0,
        posFunding=0.0,
        posMargin=150.9,
        posMaint=15.9,
        maintMargin=200.9,
        realisedPnl=-0.9,
        unrealisedPnl=50.0,
        unrealisedPnlPcnt=0.0333,
        unrealisedRoePcnt=0.3333,
        avgEntryPrice=150.0,
        liquidationPrice=136.5,
        bankruptPrice=135.0,
        **fields,
    )


_ISOLATED: Final = Sample(
    venue="kucoin",
    mode="classic account, isolated, USDT",
    source=(
        f"{_LIST}: ETHUSDTM is the response example as printed in the earlier edition; XBTUSDTM and the "
        f"account-overview made up on the shape; {_SEEN}"
    ),
    markets=(_ETHUSDTM, _XBTUSDTM),
    answers={
        "/account/mode": _CLASSIC_MODE,
        "/api/v1/positions": {
            "code": "200000",
            "data": [
                _DOCUMENTED_ROW,
                _row(
                    "XBTUSDTM",
                    id="500000000001046431",
                    autoDeposit=False,
                    crossMode=False,
                    marginMode="ISOLATED",
                    maintMarginReq=0.004,
                    riskLimit=1000000,
                    realLeverage=7.4,
                    leverage=10.0,
                    delevPercentage=0.91,
                    currentQty=-10,
                    currentCost=-660.0,
                    currentComm=0.396,
                    unrealisedCost=-660.0,
                    realisedCost=0.396,
                    markPrice=64000.0,
                    markValue=-640.0,
                    posCost=-660.0,
                    posCross=0.0,
                    posInit=66.0,
                    posComm=0.4356,
                    posLoss=0.0,
                    posMargin=66.4356,
                    posMaint=3.0756,
                    maintMargin=86.4356,
                    realisedPnl=-0.396,
                    unrealisedPnl=20.0,
                    unrealisedPnlPcnt=0.0303,
                    unrealisedRoePcnt=0.303,
                    avgEntryPrice=66000.0,
                    liquidationPrice=72336.0,
                    bankruptPrice=72600.0,
                ),
            ],
        },
        "/account-overview": {
            "code": "200000",
            "data": {
                "currency": "USDT",
                "accountEquity": 189.71996309,
                "unrealisedPNL": 19.8806,
                "marginBalance": 169.83936309,
                "positionMargin": 89.71996309,
                "orderMargin": 0,
                "frozenFunds": 0,
                "availableBalance": 100.0,
                "riskRatio": 0,
            },
        },
    },
    positions=(
        Facts(
            symbol="ETHUSDTM",
            side="long",
            size=2.0,
            contract_size=0.01,
            entry_price=4189.35,
            mark_price=4183.38,
            margin_mode="isolated",
            margin=3.40376309,
            maintenance_margin=0.50707892,
            maintenance_rate=0.005,
            notional=83.6676,
            unrealized_pnl=-0.1194,
            liquidation_price=4044.55,
            adl_meter=0.76,
        ),
        Facts(
            symbol="XBTUSDTM",
            side="short",
            size=10.0,
            contract_size=0.001,
            entry_price=66000.0,
            mark_price=64000.0,
            margin_mode="isolated",
            margin=66.4356,
            maintenance_margin=3.0756,
            maintenance_rate=0.004,
            notional=640.0,
            unrealized_pnl=20.0,
            liquidation_price=72336.0,
            adl_meter=0.91,
        ),
    ),
    why={
        "ETHUSDTM.margin": "posMargin; maintMargin, despite its name, is that with PnL: 3.40376309 - 0.1194",
        "ETHUSDTM.maintenance_margin": (
            "posMaint: 4189.35 - (3.40376309 - 0.50707892) / 0.02 = 4044.52, printed 4044.55"
        ),
        "XBTUSDTM.side": "the sign of currentQty; cost and value of a short are negative too",
        "adl_meter": "delevPercentage as sent, a fraction; ccxt multiplies it by 100",
    },
)

_CROSS: Final = Sample(
    venue="kucoin",
    mode="classic account, cross with an isolated position beside, USDT",
    source=(
        f"{_LIST}, edition with marginMode; {_OVERVIEW}; figures made up on the shape, since the printed ones of the "
        f"overview do not agree with each other; {_SEEN}"
    ),
    markets=(_XBTUSDTM, _ETHUSDTM, _SOLUSDTM),
    answers={
        "/account/mode": _CLASSIC_MODE,
        "/api/v1/positions": {
            "code": "200000",
            "data": [
                _row(
                    "XBTUSDTM",
                    id="500000000001046430",
                    crossMode=True,
                    marginMode="CROSS",
                    delevPercentage=0.71,
                    leverage=10.0,
                    currentQty=20,
                    currentCost=1200.0,
                    currentComm=0.72,
                    unrealisedCost=1200.0,
                    realisedCost=0.72,
                    markPrice=61000.0,
                    markValue=1220.0,
                    posCost=1200.0,
                    posInit=120.0,
                    posMargin=122.0,
                    realisedPnl=-0.72,
                    unrealisedPnl=20.0,
                    unrealisedPnlPcnt=0.0167,
                    unrealisedRoePcnt=0.1667,
                    avgEntryPrice=60000.0,
                    liquidationPrice=36778.4,
                    bankruptPrice=36250.0,
                ),
                _row(
                    "ETHUSDTM",
                    id="500000000001046432",
                    crossMode=True,
                    marginMode="CROSS",
                    delevPercentage=0.2,
                    leverage=10.0,
                    currentQty=-50,
                    currentCost=-1500.0,
                    currentComm=0.9,
                    unrealisedCost=-1500.0,
                    realisedCost=0.9,
                    markPrice=3050.0,
                    markValue=-1525.0,
                    posCost=-1500.0,
                    posInit=150.0,
                    posMargin=152.5,
                    realisedPnl=-0.9,
                    unrealisedPnl=-25.0,
                    unrealisedPnlPcnt=-0.0167,
                    unrealisedRoePcnt=-0.1667,
                    avgEntryPrice=3000.0,
                    liquidationPrice=4010.2,
                    bankruptPrice=4040.0,
                ),
                _isolated_sol(100),
            ],
        },
        "/account-overview": {
            "code": "200000",
            "data": {
                "currency": "USDT",
                "accountEquity": 695.9,
                "unrealisedPNL": 45.0,
                "marginBalance": 650.9,
                "positionMargin": 470.9,
                "orderMargin": 0,
                "frozenFunds": 0,
                "availableBalance": 225.0,
                "riskRatio": 0.0252626263,
            },
        },
    },
    positions=(
        Facts(
            symbol="XBTUSDTM",
            side="long",
            size=20.0,
            contract_size=0.001,
            entry_price=60000.0,
            mark_price=61000.0,
            margin_mode="cross",
            notional=1220.0,
            unrealized_pnl=20.0,
            liquidation_price=36778.4,
            adl_meter=0.71,
        ),
        Facts(
            symbol="ETHUSDTM",
            side="short",
            size=50.0,
            contract_size=0.01,
            entry_price=3000.0,
            mark_price=3050.0,
            margin_mode="cross",
            notional=1525.0,
            unrealized_pnl=-25.0,
            liquidation_price=4010.2,
            adl_meter=0.2,
        ),
        Facts(
            symbol="SOLUSDTM",
            side="long",
            size=100.0,
            contract_size=0.1,
            entry_price=150.0,
            mark_price=155.0,
            margin_mode="isolated",
            margin=150.9,
            maintenance_margin=15.9,
            maintenance_rate=0.01,
            notional=1550.0,
            unrealized_pnl=50.0,
            liquidation_price=136.5,
            adl_meter=0.83,
        ),
    ),
    equities=(Equity(settle="USDT", amount=495.0, wallet_balance=500.0),),
    why={
        "equities": (
            "accountEquity = marginBalance + unrealisedPNL counts isolated positions too: 695.9 - 200.9 (maintMargin "
            "of the isolated position, its PnL included) = 495; wallet 495 - 20 + 25"
        ),
        "maintenance_margin": (
            "the cross rows hold neither amount nor rate; riskRatio is no way to it, since the risk rate adds open "
            "orders and closing fees to the maintenance margin (support article on the risk rate of cross margin)"
        ),
        "XBTUSDTM.margin_mode": "posMargin of a cross row is the share of initial margin at mark, 1220 / 10",
    },
)

_INVERSE: Final = Sample(
    venue="kucoin",
    mode="classic account, coin-margined (inverse), cross in ETH and isolated in XBT",
    source=(
        f"{_LIST}: ETHUSDM is the response example as printed in the edition with marginMode, XBTUSDM the figures of "
        f"the example of the position stream; {_OVERVIEW}, figures made up to fit ETHUSDM's bankruptcy price; {_SEEN}"
    ),
    markets=(_ETHUSDM, _XBTUSDM),
    answers={
        "/account/mode": _CLASSIC_MODE,
        "/api/v1/positions": {
            "code": "200000",
            "data": [
                {
                    "id": "500000000001046430",
                    "symbol": "ETHUSDM",
                    "crossMode": True,
                    "delevPercentage": 0.71,
                    "openingTimestamp": 1730635780702,
                    "currentTimestamp": 1730636040926,
                    "currentQty": 1,
                    "currentCost": -4.069805e-4,
                    "currentComm": 2.441e-7,
                    "unrealisedCost": -4.069805e-4,
                    "realisedGrossCost": 0.0,
                    "realisedCost": 2.441e-7,
                    "isOpen": True,
                    "markPrice": 2454.12,
                    "markValue": -4.07478e-4,
                    "posCost": -4.069805e-4,
                    "posInit": 4.06981e-5,
                    "posMargin": 4.07478e-5,
                    "realisedGrossPnl": 0.0,
                    "realisedPnl": -2.441e-7,
                    "unrealisedPnl": -4.975e-7,
                    "unrealisedPnlPcnt": -0.0012,
                    "unrealisedRoePcnt": -0.0122,
                    "avgEntryPrice": 2457.12,
                    "liquidationPrice": 1429.96,
                    "bankruptPrice": 1414.96,
                    "settleCurrency": "ETH",
                    "isInverse": True,
                    "marginMode": "CROSS",
                    "positionSide": "BOTH",
                    "leverage": 10,
                },
                {
                    "id": "5ce3cda60c19fc0d4e9ae7cd",
                    "symbol": "XBTUSDM",
                    "autoDeposit": True,
                    "maintMarginReq": 0.005,
                    "riskLimit": 100000,
                    "realLeverage": 1.06,
                    "crossMode": False,
                    "delevPercentage": 0.52,
                    "openingTimestamp": 1558433191000,
                    "currentTimestamp": 1558506060394,
                    "currentQty": -20,
                    "currentCost": 0.00266375,
                    "currentComm": 0.00000271,
                    "unrealisedCost": 0.00266375,
                    "realisedGrossCost": 0.0,
                    "realisedCost": 0.00000271,
                    "isOpen": True,
                    "markPrice": 7947.86,
                    "markValue": 0.0025164,
                    "posCost": 0.00266375,
                    "posCross": 1.2e-7,
                    "posInit": 0.00266375,
                    "posComm": 0.00000392,
                    "posLoss": 0.0,
                    "posMargin": 0.00266779,
                    "posMaint": 0.00001724,
                    "maintMargin": 0.00252044,
                    "realisedGrossPnl": 0.0,
                    "realisedPnl": -0.00000253,
                    "unrealisedPnl": -0.00014735,
                    "unrealisedPnlPcnt": -0.0553,
                    "unrealisedRoePcnt": -0.0553,
                    "avgEntryPrice": 7508.22,
                    "liquidationPrice": 1000000.0,
                    "bankruptPrice": 1000000.0,
                    "settleCurrency": "XBT",
                    "isInverse": True,
                    "marginMode": "ISOLATED",
                    "positionSide": "BOTH",
                    "leverage": 1.0,
                },
            ],
        },
        "/account-overview#currency=ETH": {
            "code": "200000",
            "data": {
                "currency": "ETH",
                "accountEquity": 0.0002992558,
                "unrealisedPNL": -4.975e-7,
                "marginBalance": 0.0002997533,
                "positionMargin": 4.07478e-5,
                "orderMargin": 0,
                "frozenFunds": 0,
                "availableBalance": 0.000258508,
                "riskRatio": 0.0068081,
            },
        },
        "/account-overview#currency=XBT": {
            "code": "200000",
            "data": {
                "currency": "XBT",
                "accountEquity": 0.00352044,
                "unrealisedPNL": -0.00014735,
                "marginBalance": 0.00366779,
                "positionMargin": 0.00252044,
                "orderMargin": 0,
                "frozenFunds": 0,
                "availableBalance": 0.001,
                "riskRatio": 0,
            },
        },
    },
    positions=(
        Facts(
            symbol="ETHUSDM",
            side="long",
            size=1.0,
            contract="inverse",
            entry_price=2457.12,
            mark_price=2454.12,
            margin_mode="cross",
            notional=4.07478e-4,
            unrealized_pnl=-4.975e-7,
            liquidation_price=1429.96,
            adl_meter=0.71,
        ),
        Facts(
            symbol="XBTUSDM",
            side="short",
            size=20.0,
            contract="inverse",
            entry_price=7508.22,
            mark_price=7947.86,
            margin_mode="isolated",
            margin=0.00266779,
            maintenance_margin=0.00001724,
            maintenance_rate=0.005,
            notional=0.0025164,
            unrealized_pnl=-0.00014735,
            liquidation_price=1000000.0,
            adl_meter=0.52,
        ),
    ),
    equities=(Equity(settle="ETH", amount=0.0002992558, wallet_balance=0.0002997533),),
    why={
        "equities": (
            "1/1414.96 - 1/2457.12 = 0.0002997533 ETH besides the PnL, from the printed bankruptcy price; each "
            "settlement currency has an account-overview of its own; nothing in XBT is cross"
        ),
        "ETHUSDM.side": "the sign of currentQty; cost and value have the other sign, as the contract is inverse",
        "XBTUSDM.liquidation_price": "as published; a short with margin for more than its value has no price to fear",
    },
)

_UNIFIED_OVERVIEW: Final = {
    "accountType": "UNIFIED",
    "riskRatio": "0.0012812",
    "equity": "102.0000000000",
    "liability": "0.0000000000",
    "availableMargin": "93.8736666672",
    "adjustedEquity": "99.9730000000",
    "im": "6.0993333327",
    "mm": "0.1280860000",
}

_UNIFIED_BALANCE: Final = {
    "code": "200000",
    "data": {
        "accountType": "UNIFIED",
        "ts": 1774244660519,
        "accounts": [
            {
                "accountSubtype": "",
                "riskRatio": "0",
                "currencies": [
                    {
                        "currency": "USDT",
                        "equity": "82.0000000000",
                        "hold": "0.0000000000",
                        "balance": "82.4610000000",
                        "available": "76.3616666673",
                        "liability": "0.0000000000",
                    },
                    {
                        "currency": "BTC",
                        "equity": "0.0002000000",
                        "hold": "0.0000000000",
                        "balance": "0.0002000000",
                        "available": "0.0002000000",
                        "liability": "0.0000000000",
                    },
                ],
            }
        ],
    },
}

_UNIFIED_CROSS: Final = Sample(
    venue="kucoin",
    mode="unified account, cross, USDT",
    source=(
        f"{_UNIFIED}; the position is the response example as a client library prints it, with the fields that the "
        f"venue's own SDK adds; figures of the overview made up on the shape; {_SEEN}"
    ),
    markets=(_DOGEUSDTM,),
    answers={
        "/account/mode": {"code": "200000", "data": {"selfAccountMode": "UNIFIED"}},
        "/unified/position/open-list": {
            "code": "200000",
            "data": [
                {
                    "symbol": "DOGEUSDTM",
                    "id": "30000000000084351",
                    "marginMode": "CROSS",
                    "size": "2",
                    "entryPrice": "0.093795",
                    "positionValue": "18.298",
                    "positionMargin": "6.0993333327234",
                    "markPrice": "0.09149",
                    "leverage": "3",
                    "unrealizedPnL": "-0.461",
                    "realizedPnL": "-0.01122489",
                    "initialMargin": "6.0993333327234",
                    "mmr": "0.007",
                    "maintenanceMargin": "0.128086",
                    "creationTime": 1774469753178000000,
                    "liquidationPrice": "",
                    "riskRatio": "0.0012812",
                    "adlPercentage": "0.15",
                    "updateTime": 1774469753178000000,
                }
            ],
        },
        "/unified/account/balance": _UNIFIED_BALANCE,
        "/unified/account/overview": {"code": "200000", "data": _UNIFIED_OVERVIEW},
    },
    positions=(
        Facts(
            symbol="DOGEUSDTM",
            side="long",
            size=2.0,
            contract_size=100.0,
            entry_price=0.093795,
            mark_price=0.09149,
            margin_mode="cross",
            maintenance_margin=0.128086,
            maintenance_rate=0.007,
            notional=18.298,
            unrealized_pnl=-0.461,
            adl_meter=0.15,
        ),
    ),
    equities=(
        Equity(settle="USDT", amount=99.973, wallet_balance=100.434, maintenance_margin=0.128086, in_dollars=True),
    ),
    why={
        "equities": (
            "adjustedEquity: all currencies after their collateral discount, in dollars, which the rules of the mode "
            "set against the maintenance margin; equity is before the discount. The rules define it for the cross part "
            "alone; no isolated position is open here, so nothing hangs on it"
        ),
    },
)

_UNIFIED_ISOLATED: Final = Sample(
    venue="kucoin",
    mode="unified account, isolated, USDT",
    source=(
        f"row 13 of the reader cases; {_UNIFIED}, fields of the venue's own SDK; figures made up on the shape; {_SEEN}"
    ),
    markets=(_XBTUSDTM,),
    answers={
        "/account/mode": {"code": "200000", "data": {"selfAccountMode": "UNIFIED"}},
        "/unified/position/open-list": {
            "code": "200000",
            "data": [
                {
                    "symbol": "XBTUSDTM",
                    "id": "30000000000084352",
                    "marginMode": "ISOLATED",
                    "size": "-5",
                    "entryPrice": "90000",
                    "positionValue": "440",
                    "positionMargin": "90",
                    "markPrice": "88000",
                    "leverage": "5",
                    "unrealizedPnL": "10",
                    "realizedPnL": "-0.27",
                    "initialMargin": "88",
                    "mmr": "0.004",
                    "maintenanceMargin": "1.76",
                    "creationTime": 1774469753178000000,
                    "liquidationPrice": "107569.72",
                    "riskRatio": "0.0176",
                    "adlPercentage": "0.64",
                    "updateTime": 1774469753178000000,
                }
            ],
        },
        "/unified/account/balance": _UNIFIED_BALANCE,
        "/unified/account/overview": {
            "code": "200000",
            "data": {**_UNIFIED_OVERVIEW, "riskRatio": "0", "im": "0", "mm": "0", "availableMargin": "99.973"},
        },
    },
    positions=(
        Facts(
            symbol="XBTUSDTM",
            side="short",
            size=5.0,
            contract_size=0.001,
            entry_price=90000.0,
            mark_price=88000.0,
            margin_mode="isolated",
            margin=90.0,
            maintenance_margin=1.76,
            maintenance_rate=0.004,
            notional=440.0,
            unrealized_pnl=10.0,
            liquidation_price=107569.72,
            adl_meter=0.64,
        ),
    ),
    why={
        "XBTUSDTM.margin": (
            "positionMargin, taken as the classic posMargin, without PnL (no page says so; the published liquidation "
            "price settles it: 90 - 0.005 (P - 90000) = 0.004 x 0.005 P); initialMargin is at the mark, 440 / 5"
        ),
    },
)

SAMPLES: Final = (_ISOLATED, _CROSS, _INVERSE, _UNIFIED_CROSS, _UNIFIED_ISOLATED)
