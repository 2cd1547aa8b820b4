"""Phemex: what its documentation shows of contract accounts, by currency, margin mode and risk mode."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

_SEEN: Final = "seen 2026-11-28"
_HEDGED: Final = "Phemex API, hedged perpetual contracts: query account positions, with and without unrealized PnL"
_COIN: Final = "Phemex API, contract REST: query trading account and positions"
_RISK: Final = "unified trading account REST: risk mode, risk units (fields and example)"

_CLASSIC_MODE: Final = {
    "code": 0,
    "msg": "OK",
    "data": {"riskMode": "Classic", "lastUpdateTimeNs": 1795867200000000000},
}


def _account(currency: str, balance: str, used: str) -> dict[str, Any]:
    return {
        "userID": 4200013,
        "accountId": 42000130003,
        "currency": currency,
        "accountBalanceRv": balance,
        "totalUsedBalanceRv": used,
        "bonusBalanceRv": "0",
    }


def _row(symbol: str, **fields: object) -> dict[str, Any]:
    """A row of /g-accounts/positions; of /g-accounts/accountPositions too, where size stands beside sizeRq."""
    return {
        "accountID": 42000130003,
        "symbol": symbol,
        "currency": "USDT",
        "positionStatus": "Normal",
        "crossMargin": False,
        "riskLimitRv": "200000",
        "buyValueToCostRr": "0.10114",
        "sellValueToCostRr": "0.10126",
        "markValueEv": 0,
        "unRealisedPosLossEv": 0,
        "estimatedOrdLossRv": "0",
        "takeProfitEp": 0,
        "stopLossEp": 0,
        "cumClosedPnlRv": "0",
        "cumFundingFeeRv": "0",
        "realisedPnlEv": 0,
        "cumRealisedPnlEv": 0,
        "lastTermEndTimeNs": 0,
        "lastFundingTimeNs": 0,
        **fields,
    }


def _without_pnl(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as the cheap call has them: no unrealized PnL, ``size`` in place of ``sizeRq``."""
    return [
        {"size" if name == "sizeRq" else name: value for name, value in row.items() if name != "unRealisedPnlRv"}
        for row in rows
    ]


def _answers(account: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "/g-accounts/accountPositions": {
            "code": 0,
            "msg": "",
            "data": {"account": account, "positions": _without_pnl(rows)},
        },
        "/g-accounts/positions": {"code": 0, "msg": "", "data": {"account": account, "positions": rows}},
    }


def _none_in(currency: str) -> dict[str, Any]:
    account = {
        "accountId": 42000130001,
        "currency": currency,
        "accountBalanceEv": 0,
        "totalUsedBalanceEv": 0,
        "bonusBalanceEv": 0,
    }
    return {"code": 0, "msg": "", "data": {"account": account, "positions": []}}


_NONE_IN_COIN: Final = {
    "/accounts/accountPositions#currency=BTC": _none_in("BTC"),
    "/accounts/accountPositions#currency=USD": _none_in("USD"),
}
_NONE_IN_USDT: Final = _answers(_account("USDT", "0", "0"), [])
_BTCUSDT: Final = perpetual("BTCUSDT", "BTC/USDT:USDT")  # its currencies: the default request is for USDT


def _unit(risk_type: str, currency: str, symbol: str, **fields: str) -> dict[str, Any]:
    return {
        "userId": 4200013,
        "riskMode": "Classic",
        "currency": currency,
        "symbol": symbol,
        "posSide": "",
        "userStatus": "Normal",
        "totalDebtRv": "0",
        "totalOrdUsedBalanceRv": "0",
        "fixedUsedRv": "0",
        "riskType": risk_type,
        **fields,
    }


_CROSS_ROWS: Final = [
    _row(
        "XEMUSDT",
        side="Buy",
        leverageRr="-10",
        initMarginReqRr="0.1",
        maintMarginReqRr="0.01",
        sizeRq="186",
        valueRv="9.951",
        avgEntryPriceRp="0.0535",
        posCostRv="1.00047354",
        assignedPosBalanceRv="1.086606978",
        bankruptCommRv="0.00001116",
        bankruptPriceRp="0.0001",
        positionMarginRv="730.97308047",
        liquidationPriceRp="0.0001",
        deleveragePercentileRr="0",
        markPriceRp="0.053036917",
        usedBalanceRv="1.086606978",
        cumTransactFeeRv="0.0059706",
        unRealisedPnlRv="-0.086133438",
        term=1,
        curTermRealisedPnlRv="-0.0059706",
        execSeq=2260172450,
        posSide="Long",
        posMode="Hedged",
    ),
    _row(
        "XEMUSDT",
        side="None",
        leverageRr="-10",
        initMarginReqRr="0.1",
        maintMarginReqRr="0.01",
        sizeRq="0",
        valueRv="0",
        avgEntryPriceRp="0",
        posCostRv="0",
        assignedPosBalanceRv="0",
        bankruptCommRv="0",
        bankruptPriceRp="0",
        positionMarginRv="0",
        liquidationPriceRp="0",
        deleveragePercentileRr="0",
        markPriceRp="0.053036917",
        usedBalanceRv="0",
        cumTransactFeeRv="0",
        unRealisedPnlRv="0",
        term=1,
        curTermRealisedPnlRv="0",
        execSeq=0,
        posSide="Short",
        posMode="Hedged",
    ),
]

_CROSS: Final = Sample(
    venue="phemex",
    mode="USDT, cross, hedged mode, one side open",
    source=(
        f"row 1 of the reader cases; {_HEDGED}, the response example as printed; "
        f"{_RISK}, its row made up to fit; {_SEEN}"
    ),
    markets=(perpetual("XEMUSDT", "XEM/USDT:USDT"),),
    answers={
        **_answers(_account("USDT", "730.97309163", "1.02037554"), _CROSS_ROWS),
        **_NONE_IN_COIN,
        "/uta-api/risk/risk-mode": _CLASSIC_MODE,
        "/uta-api/risk/risk-units": {
            "code": 0,
            "msg": "OK",
            "data": [
                _unit(
                    "SingleAssetContractCross",
                    "USDT",
                    "BTCUSDT",
                    marginRatioRr="0.00013497",
                    totalBalanceRv="730.97309163",
                    totalEquityRv="730.886958192",
                    totalPosUnpnlRv="-0.086133438",
                    totalPosCostRv="1.00047354",
                    totalPosMMRv="0.09864866562",
                )
            ],
        },
    },
    positions=(
        Facts(
            symbol="XEMUSDT",
            side="long",
            size=186.0,
            entry_price=0.0535,
            mark_price=0.053036917,
            margin_mode="cross",
            maintenance_rate=0.01,
            notional=9.951,
            unrealized_pnl=-0.086133438,
            liquidation_price=0.0001,
            adl_meter=0.0,
        ),
    ),
    equities=(
        Equity(settle="USDT", amount=730.886958192, wallet_balance=730.97309163, maintenance_margin=0.09864866562),
    ),
    why={
        "XEMUSDT.margin_mode": (
            "a leverage of zero or below is cross, whatever crossMargin says; positionMarginRv 730.973 is the whole "
            "balance then, not this position's margin"
        ),
        "XEMUSDT.notional": "valueRv is the value at entry: 186 x 0.0535",
        "XEMUSDT.liquidation_price": "as published, one tick: nothing below could liquidate it",
        "XEMUSDT.unrealized_pnl": "only the costly call /g-accounts/positions has it: 186 x (0.053036917 - 0.0535)",
        "equities": (
            "totalEquityRv of the cross risk unit = accountBalanceRv (a wallet balance) + unrealized PnL; the row of "
            "size 0 is no position"
        ),
    },
)

_ISOLATED_ROWS: Final = [
    _row(
        "BTCUSDT",
        side="Buy",
        leverageRr="10",
        initMarginReqRr="0.1",
        maintMarginReqRr="0.005",
        sizeRq="0.05",
        valueRv="3000",
        avgEntryPriceRp="60000",
        posCostRv="303.6",
        assignedPosBalanceRv="301.62",
        bankruptCommRv="1.62",
        bankruptPriceRp="54000",
        positionMarginRv="300",
        liquidationPriceRp="54300",
        deleveragePercentileRr="0.72",
        markPriceRp="63000",
        usedBalanceRv="301.62",
        cumTransactFeeRv="1.8",
        unRealisedPnlRv="150",
        term=3,
        curTermRealisedPnlRv="-1.8",
        execSeq=2260172451,
        posSide="Merged",
        posMode="OneWay",
    ),
    _row(
        "ETHUSDT",
        side="Buy",
        leverageRr="20",
        initMarginReqRr="0.05",
        maintMarginReqRr="0.01",
        sizeRq="2",
        valueRv="6000",
        avgEntryPriceRp="3000",
        posCostRv="307.02",
        assignedPosBalanceRv="303.42",
        bankruptCommRv="3.42",
        bankruptPriceRp="2850",
        positionMarginRv="300",
        liquidationPriceRp="2880",
        deleveragePercentileRr="0.88",
        markPriceRp="3100",
        usedBalanceRv="303.42",
        cumTransactFeeRv="3.6",
        unRealisedPnlRv="200",
        term=1,
        curTermRealisedPnlRv="-3.6",
        execSeq=2260172452,
        posSide="Long",
        posMode="Hedged",
    ),
    _row(
        "ETHUSDT",
        side="Sell",
        leverageRr="10",
        initMarginReqRr="0.1",
        maintMarginReqRr="0.01",
        sizeRq="1",
        valueRv="2900",
        avgEntryPriceRp="2900",
        posCostRv="293.654",
        assignedPosBalanceRv="291.914",
        bankruptCommRv="1.914",
        bankruptPriceRp="3190",
        positionMarginRv="290",
        liquidationPriceRp="3161",
        deleveragePercentileRr="0.03",
        markPriceRp="3100",
        usedBalanceRv="291.914",
        cumTransactFeeRv="1.74",
        unRealisedPnlRv="-200",
        term=1,
        curTermRealisedPnlRv="-1.74",
        execSeq=2260172453,
        posSide="Short",
        posMode="Hedged",
    ),
]

_ISOLATED: Final = Sample(
    venue="phemex",
    mode="USDT, isolated, one-way beside both sides of a hedge",
    source=f"{_HEDGED}; {_RISK}; figures made up on the shape; {_SEEN}",
    markets=(perpetual("BTCUSDT", "BTC/USDT:USDT"), perpetual("ETHUSDT", "ETH/USDT:USDT")),
    answers={
        **_answers(_account("USDT", "1500", "896.954"), _ISOLATED_ROWS),
        **_NONE_IN_COIN,
        "/uta-api/risk/risk-mode": _CLASSIC_MODE,
        "/uta-api/risk/risk-units": {
            "code": 0,
            "msg": "OK",
            "data": [
                _unit(
                    "SingleAssetContractCross",
                    "USDT",
                    "BTCUSDT",
                    marginRatioRr="0",
                    totalBalanceRv="603.046",
                    totalEquityRv="603.046",
                    totalPosUnpnlRv="0",
                    totalPosCostRv="0",
                    totalPosMMRv="0",
                ),
                _unit(
                    "Isolated",
                    "USDT",
                    "BTCUSDT",
                    posSide="Merge",
                    marginRatioRr="0.035",
                    totalBalanceRv="301.62",
                    totalEquityRv="451.62",
                    totalPosUnpnlRv="150",
                    totalPosCostRv="303.6",
                    totalPosMMRv="15.75",
                ),
                _unit(
                    "Isolated",
                    "USDT",
                    "ETHUSDT",
                    posSide="Long",
                    marginRatioRr="0.1231",
                    totalBalanceRv="303.42",
                    totalEquityRv="503.42",
                    totalPosUnpnlRv="200",
                    totalPosCostRv="307.02",
                    totalPosMMRv="62",
                ),
                _unit(
                    "Isolated",
                    "USDT",
                    "ETHUSDT",
                    posSide="Short",
                    marginRatioRr="0.3373",
                    totalBalanceRv="291.914",
                    totalEquityRv="91.914",
                    totalPosUnpnlRv="-200",
                    totalPosCostRv="293.654",
                    totalPosMMRv="31",
                ),
            ],
        },
    },
    positions=(
        Facts(
            symbol="BTCUSDT",
            side="long",
            size=0.05,
            entry_price=60000.0,
            mark_price=63000.0,
            margin_mode="isolated",
            margin=300.0,
            maintenance_rate=0.005,
            notional=3000.0,
            unrealized_pnl=150.0,
            liquidation_price=54300.0,
            adl_meter=0.72,
        ),
        Facts(
            symbol="ETHUSDT",
            side="long",
            size=2.0,
            entry_price=3000.0,
            mark_price=3100.0,
            margin_mode="isolated",
            margin=300.0,
            maintenance_rate=0.01,
            notional=6000.0,
            unrealized_pnl=200.0,
            liquidation_price=2880.0,
            adl_meter=0.88,
        ),
        Facts(
            symbol="ETHUSDT",
            side="short",
            size=1.0,
            entry_price=2900.0,
            mark_price=3100.0,
            margin_mode="isolated",
            margin=290.0,
            maintenance_rate=0.01,
            notional=2900.0,
            unrealized_pnl=-200.0,
            liquidation_price=3161.0,
            adl_meter=0.03,
        ),
    ),
    why={
        "margin": (
            "positionMarginRv = assignedPosBalanceRv less the closing fee at the bankruptcy price (bankruptCommRv), "
            "without unrealized PnL; with it the bankruptcy price is entry -+ margin / size, as published"
        ),
        "notional": "valueRv is the value at entry",
        "liquidation_price": "as in the documented example, the maintenance margin there is of the value at entry",
    },
)

_DOLLARS: Final = Sample(
    venue="phemex",
    mode="USD-settled, isolated, one-way",
    source=(f"{_COIN}; the response example as a client library prints it (ETHUSD, scaled and real values); {_SEEN}"),
    markets=(perpetual("ETHUSD", "ETH/USD:USD", contract_size=0.005), _BTCUSDT),
    answers={
        **_NONE_IN_USDT,
        "/accounts/accountPositions#currency=BTC": _none_in("BTC"),
        "/accounts/accountPositions#currency=USD": {
            "code": 0,
            "msg": "",
            "data": {
                "account": {
                    "accountId": 8113700002,
                    "currency": "USD",
                    "accountBalanceEv": 1500000,
                    "totalUsedBalanceEv": 111202,
                    "bonusBalanceEv": 0,
                },
                "positions": [
                    {
                        "userID": 811370,
                        "accountID": 8113700002,
                        "symbol": "ETHUSD",
                        "currency": "USD",
                        "side": "Buy",
                        "positionStatus": "Normal",
                        "crossMargin": False,
                        "leverageEr": 200000000,
                        "leverage": 2.0,
                        "initMarginReqEr": 50000000,
                        "initMarginReq": 0.5,
                        "maintMarginReqEr": 1000000,
                        "maintMarginReq": 0.01,
                        "riskLimitEv": 5000000000,
                        "riskLimit": 500000.0,
                        "size": 1,
                        "value": 22.2237,
                        "valueEv": 222237,
                        "avgEntryPriceEp": 44447400,
                        "avgEntryPrice": 4444.74,
                        "posCostEv": 111202,
                        "posCost": 11.1202,
                        "assignedPosBalanceEv": 111202,
                        "assignedPosBalance": 11.1202,
                        "bankruptCommEv": 84,
                        "bankruptComm": 0.0084,
                        "bankruptPriceEp": 22224000,
                        "bankruptPrice": 2222.4,
                        "positionMarginEv": 111118,
                        "positionMargin": 11.1118,
                        "liquidationPriceEp": 22669000,
                        "liquidationPrice": 2266.9,
                        "deleveragePercentileEr": 0,
                        "deleveragePercentile": 0.0,
                        "buyValueToCostEr": 50112500,
                        "buyValueToCost": 0.501125,
                        "sellValueToCostEr": 50187500,
                        "sellValueToCost": 0.501875,
                        "markPriceEp": 31332499,
                        "markPrice": 3133.2499,
                        "markValueEv": 0,
                        "markValue": None,
                        "unRealisedPosLossEv": 0,
                        "unRealisedPosLoss": None,
                        "estimatedOrdLossEv": 0,
                        "estimatedOrdLoss": 0.0,
                        "usedBalanceEv": 111202,
                        "usedBalance": 11.1202,
                        "takeProfitEp": 0,
                        "takeProfit": None,
                        "stopLossEp": 0,
                        "stopLoss": None,
                        "cumClosedPnlEv": -1546,
                        "cumFundingFeeEv": 1605,
                        "cumTransactFeeEv": 8438,
                        "realisedPnlEv": 0,
                        "realisedPnl": None,
                        "cumRealisedPnlEv": 0,
                        "cumRealisedPnl": None,
                        "transactTimeNs": 1641571200001885324,
                        "takerFeeRateEr": 0,
                        "makerFeeRateEr": 0,
                        "term": 6,
                        "lastTermEndTimeNs": 1607711882505745356,
                        "lastFundingTimeNs": 1641571200000000000,
                        "curTermRealisedPnlEv": -1567,
                        "execSeq": 12112761561,
                    }
                ],
            },
        },
        "/uta-api/risk/risk-mode": _CLASSIC_MODE,
    },
    positions=(
        Facts(
            symbol="ETHUSD",
            side="long",
            size=1.0,
            contract_size=0.005,
            entry_price=4444.74,
            mark_price=3133.2499,
            margin_mode="isolated",
            margin=11.1118,
            maintenance_rate=0.01,
            notional=22.2237,
            liquidation_price=2266.9,
            adl_meter=0.0,
        ),
    ),
    why={
        "ETHUSD.margin": "positionMargin, without PnL: 4444.74 - 11.1118 / 0.005 = 2222.38, the bankruptPrice",
        "ETHUSD.unrealized_pnl": "this call has none (unRealisedPosLoss is null): 0.005 x (mark - entry) = -6.557",
        "ETHUSD.notional": "value is at entry: 0.005 x 4444.74; fields in Ev, Ep and Er are scaled by 1e4, 1e4 and 1e8",
    },
)

_INVERSE: Final = Sample(
    venue="phemex",
    mode="coin-margined (inverse), cross, one-way",
    source=f"{_COIN}; {_RISK}; figures made up on the shape; {_SEEN}",
    markets=(perpetual("BTCUSD", "BTC/USD:BTC"), _BTCUSDT),
    answers={
        **_NONE_IN_USDT,
        "/accounts/accountPositions#currency=USD": _none_in("USD"),
        "/accounts/accountPositions#currency=BTC": {
            "code": 0,
            "msg": "",
            "data": {
                "account": {
                    "accountId": 6192120001,
                    "currency": "BTC",
                    "accountBalanceEv": 5000000,
                    "totalUsedBalanceEv": 1027500,
                    "bonusBalanceEv": 0,
                },
                "positions": [
                    {
                        "accountID": 6192120001,
                        "symbol": "BTCUSD",
                        "currency": "BTC",
                        "side": "Buy",
                        "positionStatus": "Normal",
                        "crossMargin": True,
                        "leverageEr": 0,
                        "leverage": 0.0,
                        "initMarginReqEr": 1000000,
                        "initMarginReq": 0.01,
                        "maintMarginReqEr": 500000,
                        "maintMarginReq": 0.005,
                        "riskLimitEv": 10000000000,
                        "riskLimit": 100.0,
                        "size": 5000,
                        "value": 0.1,
                        "valueEv": 10000000,
                        "avgEntryPriceEp": 500000000,
                        "avgEntryPrice": 50000.0,
                        "posCostEv": 1027500,
                        "posCost": 0.010275,
                        "assignedPosBalanceEv": 1027500,
                        "assignedPosBalance": 0.010275,
                        "bankruptCommEv": 11250,
                        "bankruptComm": 0.0001125,
                        "bankruptPriceEp": 333335000,
                        "bankruptPrice": 33333.5,
                        "positionMarginEv": 4988750,
                        "positionMargin": 0.0498875,
                        "liquidationPriceEp": 335000000,
                        "liquidationPrice": 33500.0,
                        "deleveragePercentileEr": 65000000,
                        "deleveragePercentile": 0.65,
                        "buyValueToCostEr": 1150750,
                        "buyValueToCost": 0.0115075,
                        "sellValueToCostEr": 1149250,
                        "sellValueToCost": 0.0114925,
                        "markPriceEp": 520000000,
                        "markPrice": 52000.0,
                        "markValueEv": 0,
                        "markValue": None,
                        "unRealisedPosLossEv": 0,
                        "unRealisedPosLoss": None,
                        "estimatedOrdLossEv": 0,
                        "estimatedOrdLoss": 0.0,
                        "usedBalanceEv": 1027500,
                        "usedBalance": 0.010275,
                        "takeProfitEp": 0,
                        "takeProfit": None,
                        "stopLossEp": 0,
                        "stopLoss": None,
                        "cumClosedPnlEv": 0,
                        "cumFundingFeeEv": 0,
                        "cumTransactFeeEv": 0,
                        "realisedPnlEv": 0,
                        "realisedPnl": None,
                        "cumRealisedPnlEv": 0,
                        "cumRealisedPnl": None,
                    }
                ],
            },
        },
        "/uta-api/risk/risk-mode": _CLASSIC_MODE,
        "/uta-api/risk/risk-units": {
            "code": 0,
            "msg": "OK",
            "data": [
                _unit(
                    "SingleAssetContractCross",
                    "BTC",
                    "BTCUSD",
                    marginRatioRr="0.00892857",
                    totalBalanceRv="0.05",
                    totalEquityRv="0.05384615",
                    totalPosUnpnlRv="0.00384615",
                    totalPosCostRv="0.010275",
                    totalPosMMRv="0.00048077",
                )
            ],
        },
    },
    positions=(
        Facts(
            symbol="BTCUSD",
            side="long",
            size=5000.0,
            contract="inverse",
            entry_price=50000.0,
            mark_price=52000.0,
            margin_mode="cross",
            maintenance_rate=0.005,
            notional=0.1,
            liquidation_price=33500.0,
            adl_meter=0.65,
        ),
    ),
    equities=(Equity(settle="BTC", amount=0.05384615, wallet_balance=0.05, maintenance_margin=0.00048077),),
    why={
        "BTCUSD.margin_mode": "leverage 0; positionMargin 0.0498875 is nearly the whole balance",
        "BTCUSD.liquidation_price": "0.05 + 5000 (1/50000 - 1/P) = 0.005 x 5000 / P",
        "BTCUSD.notional": "value is at entry, in BTC: 5000 / 50000",
        "BTCUSD.unrealized_pnl": "this call has none; 5000 (1/50000 - 1/52000) = 0.00384615, as the risk unit says",
        "BTCUSD.adl_meter": "deleveragePercentile; deleveragePercentileEr is the same times 1e8",
    },
)

_MULTI_ROWS: Final = [
    _row(
        "ETHUSDT",
        side="Buy",
        leverageRr="-20",
        initMarginReqRr="0.05",
        maintMarginReqRr="0.01",
        sizeRq="2",
        valueRv="6000",
        avgEntryPriceRp="3000",
        posCostRv="307.2",
        assignedPosBalanceRv="507.2",
        bankruptCommRv="0",
        bankruptPriceRp="0.01",
        positionMarginRv="9800",
        liquidationPriceRp="0.01",
        deleveragePercentileRr="0.12",
        markPriceRp="2900",
        usedBalanceRv="507.2",
        cumTransactFeeRv="3.6",
        unRealisedPnlRv="-200",
        term=1,
        curTermRealisedPnlRv="-3.6",
        execSeq=2260172460,
        posSide="Merged",
        posMode="OneWay",
    )
]

_MULTI: Final = Sample(
    venue="phemex",
    mode="unified trading account, several assets as collateral, cross, one-way",
    source=f"{_RISK}; {_HEDGED}; figures made up on the shape; {_SEEN}",
    markets=(perpetual("ETHUSDT", "ETH/USDT:USDT"),),
    answers={
        **_answers(_account("USDT", "1000", "507.2"), _MULTI_ROWS),
        **_NONE_IN_COIN,
        "/uta-api/risk/risk-mode": {
            "code": 0,
            "msg": "OK",
            "data": {"riskMode": "MultiAsset", "lastUpdateTimeNs": 1795867200000000000},
        },
        "/uta-api/risk/risk-units": {
            "code": 0,
            "msg": "OK",
            "data": [
                _unit(
                    "MultiAssetContractCross",
                    "USDT",
                    "BTCUSDT",
                    riskMode="MultiAsset",
                    marginRatioRr="0.00591837",
                    totalBalanceRv="10000",
                    totalEquityRv="9800",
                    totalPosUnpnlRv="-200",
                    totalPosCostRv="307.2",
                    totalPosMMRv="58",
                )
            ],
        },
    },
    positions=(
        Facts(
            symbol="ETHUSDT",
            side="long",
            size=2.0,
            entry_price=3000.0,
            mark_price=2900.0,
            margin_mode="cross",
            maintenance_rate=0.01,
            notional=6000.0,
            unrealized_pnl=-200.0,
            liquidation_price=0.01,
            adl_meter=0.12,
        ),
    ),
    equities=(Equity(settle="USDT", amount=9800.0, wallet_balance=10000.0, maintenance_margin=58.0, in_dollars=True),),
    why={
        "equities": (
            "the risk unit of type MultiAssetContractCross: coins count as collateral, so accountBalanceRv (USDT "
            "alone, 1000) is not what backs the position; its margin ratio is totalPosMMRv / totalEquityRv"
        ),
    },
)

SAMPLES: Final = (_CROSS, _ISOLATED, _DOLLARS, _INVERSE, _MULTI)
