"""Bybit, API v5: unified account (cross, isolated, portfolio margin), USDC sessions, inverse, classic account."""

from typing import Any, Final

from support.positions.samples.perpetuals import perpetual
from support.positions.samples.sample import Equity, Facts, Sample

BTC_USDT: Final = perpetual("BTCUSDT", "BTC/USDT:USDT")
ETH_USDT: Final = perpetual("ETHUSDT", "ETH/USDT:USDT")
BTC_USDC: Final = perpetual("BTCPERP", "BTC/USDC:USDC")
BTC_USD: Final = perpetual("BTCUSD", "BTC/USD:BTC")
PAGES: Final = (
    "Bybit API v5 (repository bybit-exchange/docs): Get Position Info, Get Wallet Balance, Get Account Info, "
    "response parameters and examples; seen 2026-11-28."
)


def answer(result: dict[str, Any]) -> dict[str, Any]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1764288000000}


def row(symbol: str, side: str, size: str, **fields: Any) -> dict[str, Any]:
    """A row of the position list, with every field of the page."""
    return {
        "positionIdx": 0,
        "riskId": 1,
        "riskLimitValue": "2000000",
        "symbol": symbol,
        "side": side,
        "size": size,
        "avgPrice": "0",
        "positionValue": "0",
        "tradeMode": 0,
        "positionStatus": "Normal",
        "autoAddMargin": 0,
        "adlRankIndicator": 2,
        "leverage": "10",
        "positionBalance": "0",
        "markPrice": "0",
        "liqPrice": "",
        "bustPrice": "",
        "positionMM": "",
        "positionMMByMp": "",
        "positionIM": "",
        "positionIMByMp": "",
        "tpslMode": "Full",
        "takeProfit": "",
        "stopLoss": "",
        "trailingStop": "0",
        "sessionAvgPrice": "",
        "delta": "",
        "gamma": "",
        "vega": "",
        "theta": "",
        "unrealisedPnl": "0",
        "curRealisedPnl": "-1.5",
        "cumRealisedPnl": "-20.25",
        "seq": 5723621632,
        "isReduceOnly": False,
        "mmrSysUpdatedTime": "",
        "leverageSysUpdatedTime": "",
        "createdTime": "1763538056258",
        "updatedTime": "1764287600012",
        **fields,
    }


def coin(name: str, wallet: str, unrealised: str, equity: str, usd: str, **fields: Any) -> dict[str, Any]:
    return {
        "coin": name,
        "equity": equity,
        "usdValue": usd,
        "walletBalance": wallet,
        "locked": "0",
        "spotHedgingQty": "0",
        "borrowAmount": "0",
        "spotBorrow": "0",
        "availableToBorrow": "",
        "availableToWithdraw": "",
        "accruedInterest": "0",
        "totalOrderIM": "0",
        "totalPositionIM": "0",
        "totalPositionMM": "0",
        "unrealisedPnl": unrealised,
        "cumRealisedPnl": "-20.25",
        "bonus": "0",
        "marginCollateral": True,
        "collateralSwitch": True,
        **fields,
    }


def wallet(coins: list[dict[str, Any]], **totals: str) -> dict[str, Any]:
    names = (
        "accountIMRate",
        "accountIMRateByMp",
        "accountMMRate",
        "accountMMRateByMp",
        "totalEquity",
        "totalWalletBalance",
        "totalMarginBalance",
        "totalAvailableBalance",
        "totalPerpUPL",
        "totalInitialMargin",
        "totalInitialMarginByMp",
        "totalMaintenanceMargin",
        "totalMaintenanceMarginByMp",
    )
    account = {"accountType": "UNIFIED", "accountLTV": "0", **dict.fromkeys(names, ""), **totals, "coin": coins}
    return answer({"list": [account]})


def account_info(margin_mode: str, status: int = 6) -> dict[str, Any]:
    return answer(
        {
            "marginMode": margin_mode,
            "updatedTime": "1757078946000",
            "unifiedMarginStatus": status,
            "dcpStatus": "OFF",
            "timeWindow": 10,
            "smpGroup": 0,
            "isMasterTrader": False,
            "spotHedgingStatus": "OFF",
        }
    )


def lists(**rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The position list by what is asked: ``USDT``, ``USDC`` (settleCoin) and ``inverse`` (category)."""
    asked = {"settleCoin=USDT": "USDT", "settleCoin=USDC": "USDC", "category=inverse": "inverse"}
    return {
        f"/v5/position/list#{text}": answer(
            {
                "list": rows.get(name, []),
                "nextPageCursor": "",
                "category": "inverse" if name == "inverse" else "linear",
            }
        )
        for text, name in asked.items()
    }


def key_info(*, unified: bool) -> dict[str, Any]:
    return answer({"id": "13770661", "readOnly": 1, "unified": 0, "uta": int(unified), "type": 1, "isMaster": True})


CROSS: Final = Sample(
    venue="bybit",
    mode="unified account, cross margin, one-way, USDT; collateral in USDT and USDC",
    source=PAGES + " Figures made up on the documented shape (the example is of one inverse position).",
    markets=(BTC_USDT, ETH_USDT, BTC_USDC, BTC_USD),
    answers={
        **lists(
            USDT=[
                row(
                    "BTCUSDT",
                    "Buy",
                    "0.1",
                    avgPrice="60000",
                    positionValue="6100",
                    markPrice="61000",
                    unrealisedPnl="100",
                    positionIM="613.0195",
                    positionIMByMp="613.0195",
                    positionMM="33.855",
                    positionMMByMp="33.855",
                    liqPrice="26687.8",
                    adlRankIndicator=3,
                ),
                row(
                    "ETHUSDT",
                    "Sell",
                    "2",
                    avgPrice="3000",
                    positionValue="6120",
                    markPrice="3060",
                    unrealisedPnl="-120",
                    positionIM="615.7026",
                    positionIMByMp="615.7026",
                    positionMM="33.966",
                    positionMMByMp="33.966",
                    liqPrice="4756.67",
                    adlRankIndicator=1,
                ),
            ]
        ),
        "/v5/account/info": account_info("REGULAR_MARGIN"),
        "/v5/user/query-api": key_info(unified=True),
        "/v5/account/wallet-balance": wallet(
            [
                coin("USDT", "2000", "-20", "1980", "1980", totalPositionIM="1228.7221", totalPositionMM="67.821"),
                coin("USDC", "1500", "0", "1500", "1500"),
            ],
            accountIMRate="0.3531",
            accountIMRateByMp="0.3531",
            accountMMRate="0.0195",
            accountMMRateByMp="0.0195",
            totalEquity="3480",
            totalWalletBalance="3500",
            totalMarginBalance="3480",
            totalAvailableBalance="2251.2779",
            totalPerpUPL="-20",
            totalInitialMargin="1228.7221",
            totalInitialMarginByMp="1228.7221",
            totalMaintenanceMargin="67.821",
            totalMaintenanceMarginByMp="67.821",
        ),
    },
    positions=(
        Facts(
            symbol="BTCUSDT",
            side="long",
            size=0.1,
            entry_price=60000.0,
            mark_price=61000.0,
            margin_mode="cross",
            maintenance_margin=33.855,
            notional=6100.0,
            unrealized_pnl=100.0,
            liquidation_price=26687.8,
            adl_meter=3.0,
        ),
        Facts(
            symbol="ETHUSDT",
            side="short",
            size=2.0,
            entry_price=3000.0,
            mark_price=3060.0,
            margin_mode="cross",
            maintenance_margin=33.966,
            notional=6120.0,
            unrealized_pnl=-120.0,
            liquidation_price=4756.67,
            adl_meter=1.0,
        ),
    ),
    equities=(Equity(settle="USDT", amount=3480.0, wallet_balance=3500.0, maintenance_margin=67.821, in_dollars=True),),
    why={
        "margin_mode": "tradeMode is deprecated and always 0; marginMode of Get Account Info decides for the account.",
        "notional": "positionValue is size times mark price since 2025-09-02 (USDT and USDC contracts; help page on "
        "the new margin calculation); before, and in the page's old example, size times entry price.",
        "equity": "totalMarginBalance = totalWalletBalance + totalPerpUPL = 3500 - 20, in dollars, over all collateral "
        "coins; the equity of the coin USDT (1980) is not what backs the positions.",
        "maintenance_margin": "positionMM contains the fee to close: 6100 x (0.005 + 0.00055) = 33.855. "
        "The rate of the tier is not in these answers.",
    },
)

HEDGE: Final = Sample(
    venue="bybit",
    mode="unified account, cross margin, hedge mode, USDT",
    source=PAGES + " Figures made up on the documented shape.",
    markets=(BTC_USDT, BTC_USDC, BTC_USD),
    answers={
        **lists(
            USDT=[
                row(
                    "BTCUSDT",
                    "Buy",
                    "0.5",
                    positionIdx=1,
                    avgPrice="58000",
                    positionValue="30000",
                    markPrice="60000",
                    unrealisedPnl="1000",
                    positionIM="3014.85",
                    positionIMByMp="3014.85",
                    positionMM="166.5",
                    positionMMByMp="166.5",
                    adlRankIndicator=4,
                ),
                row(
                    "BTCUSDT",
                    "Sell",
                    "0.4",
                    positionIdx=2,
                    avgPrice="59000",
                    positionValue="24000",
                    markPrice="60000",
                    unrealisedPnl="-400",
                    positionIM="2414.52",
                    positionIMByMp="2414.52",
                    positionMM="133.2",
                    positionMMByMp="133.2",
                    adlRankIndicator=1,
                ),
            ]
        ),
        "/v5/account/info": account_info("REGULAR_MARGIN"),
        "/v5/user/query-api": key_info(unified=True),
        "/v5/account/wallet-balance": wallet(
            [coin("USDT", "7000", "600", "7600", "7600", totalPositionIM="5429.37", totalPositionMM="299.7")],
            accountIMRate="0.7144",
            accountIMRateByMp="0.7144",
            accountMMRate="0.0394",
            accountMMRateByMp="0.0394",
            totalEquity="7600",
            totalWalletBalance="7000",
            totalMarginBalance="7600",
            totalAvailableBalance="2170.63",
            totalPerpUPL="600",
            totalInitialMargin="5429.37",
            totalInitialMarginByMp="5429.37",
            totalMaintenanceMargin="299.7",
            totalMaintenanceMarginByMp="299.7",
        ),
    },
    positions=(
        Facts(
            symbol="BTCUSDT",
            side="long",
            size=0.5,
            entry_price=58000.0,
            mark_price=60000.0,
            margin_mode="cross",
            maintenance_margin=166.5,
            notional=30000.0,
            unrealized_pnl=1000.0,
            adl_meter=4.0,
        ),
        Facts(
            symbol="BTCUSDT",
            side="short",
            size=0.4,
            entry_price=59000.0,
            mark_price=60000.0,
            margin_mode="cross",
            maintenance_margin=133.2,
            notional=24000.0,
            unrealized_pnl=-400.0,
            adl_meter=1.0,
        ),
    ),
    equities=(Equity(settle="USDT", amount=7600.0, wallet_balance=7000.0, maintenance_margin=299.7, in_dollars=True),),
    why={"liquidation_price": "An empty liqPrice says that the price lies outside the contract's limits: none."},
)

ISOLATED: Final = Sample(
    venue="bybit",
    mode="unified account, isolated margin, one-way, USDT",
    source=PAGES + " Row 5 of the reader cases (positionBalance 0, positionIM 3,100); the rest made up on the shape. "
    "Liquidation price: help page on isolated margin in the unified account.",
    markets=(BTC_USDT, ETH_USDT, BTC_USDC, BTC_USD),
    answers={
        **lists(
            USDT=[
                row(
                    "BTCUSDT",
                    "Buy",
                    "1",
                    avgPrice="62000",
                    positionValue="62100",
                    markPrice="62100",
                    leverage="20",
                    unrealisedPnl="100",
                    positionIM="3100",
                    positionIMByMp="3100",
                    positionMM="342.895",
                    positionMMByMp="342.895",
                    liqPrice="59228.54",
                    adlRankIndicator=2,
                ),
                row(
                    "ETHUSDT",
                    "Sell",
                    "1.5",
                    avgPrice="3000",
                    positionValue="4350",
                    markPrice="2900",
                    leverage="10",
                    unrealisedPnl="150",
                    positionIM="450",
                    positionIMByMp="450",
                    positionMM="24.4725",
                    positionMMByMp="24.4725",
                    liqPrice="3281.78",
                    adlRankIndicator=4,
                ),
            ]
        ),
        "/v5/account/info": account_info("ISOLATED_MARGIN"),
        "/v5/user/query-api": key_info(unified=True),
        "/v5/account/wallet-balance": wallet(
            [coin("USDT", "8000", "250", "8250", "8250", totalPositionIM="3550", totalPositionMM="367.3675")]
        ),
    },
    positions=(
        Facts(
            symbol="BTCUSDT",
            side="long",
            size=1.0,
            entry_price=62000.0,
            mark_price=62100.0,
            margin_mode="isolated",
            margin=3100.0,
            maintenance_margin=342.895,
            notional=62100.0,
            unrealized_pnl=100.0,
            liquidation_price=59228.54,
            adl_meter=2.0,
        ),
        Facts(
            symbol="ETHUSDT",
            side="short",
            size=1.5,
            entry_price=3000.0,
            mark_price=2900.0,
            margin_mode="isolated",
            margin=450.0,
            maintenance_margin=24.4725,
            notional=4350.0,
            unrealized_pnl=150.0,
            liquidation_price=3281.78,
            adl_meter=4.0,
        ),
    ),
    why={
        "margin": "positionBalance is deprecated; the page points to positionIM. In isolated margin that stays at "
        "entry price (help page on the new margin calculation), so it is without PnL: 3100 = 62000 / 20.",
        "maintenance_margin": "At mark price, with the fee to close at the bankruptcy price: 310.5 + 32.395.",
        "equities": "All positions of the account are isolated; the account-wide totals do not apply and are empty.",
    },
)

USDC_ISOLATED: Final = Sample(
    venue="bybit",
    mode="unified account, isolated margin, USDC perpetual with session settlement",
    source=PAGES + " Row 4 of the reader cases; the rest made up on the shape. Session: avgPrice does not change with "
    "the 8-hour settlement, sessionAvgPrice is the entry that the web page shows.",
    markets=(BTC_USDC, BTC_USDT, BTC_USD),
    answers={
        **lists(
            USDC=[
                row(
                    "BTCPERP",
                    "Buy",
                    "1",
                    avgPrice="60000",
                    sessionAvgPrice="62000",
                    positionValue="62100",
                    markPrice="62100",
                    leverage="20",
                    unrealisedPnl="100",
                    curRealisedPnl="1967",
                    positionIM="3100",
                    positionIMByMp="3100",
                    positionMM="342.895",
                    positionMMByMp="342.895",
                    liqPrice="59228.54",
                    adlRankIndicator=3,
                )
            ]
        ),
        "/v5/account/info": account_info("ISOLATED_MARGIN"),
        "/v5/user/query-api": key_info(unified=True),
        "/v5/account/wallet-balance": wallet(
            [coin("USDC", "9000", "100", "9100", "9100", totalPositionIM="3100", totalPositionMM="342.895")]
        ),
    },
    positions=(
        Facts(
            symbol="BTCPERP",
            side="long",
            size=1.0,
            entry_price=62000.0,
            mark_price=62100.0,
            margin_mode="isolated",
            margin=3100.0,
            maintenance_margin=342.895,
            notional=62100.0,
            unrealized_pnl=100.0,
            liquidation_price=59228.54,
            adl_meter=3.0,
        ),
    ),
    why={
        "entry_price": "The published PnL counts from sessionAvgPrice: 62100 - 62000 = 100; from avgPrice: 2100. "
        "Equity 3100 + 100 = 3200, leverage 62100 / 3200 = 19.4, bankruptcy 62000 - 3100 = 58900.",
    },
)

USDC_CROSS: Final = Sample(
    venue="bybit",
    mode="unified account, cross margin, USDC perpetual with session settlement",
    source=PAGES + " Figures made up on the documented shape.",
    markets=(BTC_USDC, BTC_USDT, BTC_USD),
    answers={
        **lists(
            USDC=[
                row(
                    "BTCPERP",
                    "Sell",
                    "0.2",
                    avgPrice="65000",
                    sessionAvgPrice="62000",
                    positionValue="12420",
                    markPrice="62100",
                    unrealisedPnl="-20",
                    curRealisedPnl="592",
                    positionIM="1249.51",
                    positionIMByMp="1249.51",
                    positionMM="68.931",
                    positionMMByMp="68.931",
                    liqPrice="74229.9",
                    adlRankIndicator=2,
                )
            ]
        ),
        "/v5/account/info": account_info("REGULAR_MARGIN"),
        "/v5/user/query-api": key_info(unified=True),
        "/v5/account/wallet-balance": wallet(
            [coin("USDC", "2528.38", "-20", "2508.38", "2508.38", totalPositionIM="1249.51", totalPositionMM="68.931")],
            accountIMRate="0.4981",
            accountIMRateByMp="0.4981",
            accountMMRate="0.0275",
            accountMMRateByMp="0.0275",
            totalEquity="2508.38",
            totalWalletBalance="2528.38",
            totalMarginBalance="2508.38",
            totalAvailableBalance="1258.87",
            totalPerpUPL="-20",
            totalInitialMargin="1249.51",
            totalInitialMarginByMp="1249.51",
            totalMaintenanceMargin="68.931",
            totalMaintenanceMarginByMp="68.931",
        ),
    },
    positions=(
        Facts(
            symbol="BTCPERP",
            side="short",
            size=0.2,
            entry_price=62000.0,
            mark_price=62100.0,
            margin_mode="cross",
            maintenance_margin=68.931,
            notional=12420.0,
            unrealized_pnl=-20.0,
            liquidation_price=74229.9,
            adl_meter=2.0,
        ),
    ),
    equities=(
        Equity(settle="USDC", amount=2508.38, wallet_balance=2528.38, maintenance_margin=68.931, in_dollars=True),
    ),
    why={
        "entry_price": "-20 = 0.2 x (62000 - 62100): from the session's price. The profit of 600 from 65000 to 62000 "
        "was settled into the wallet and is counted there already.",
    },
)

PORTFOLIO: Final = Sample(
    venue="bybit",
    mode="unified account, portfolio margin, USDT",
    source=PAGES + " Figures made up on the documented shape: risk limit 0; leverage, margins and liquidation price "
    "of the position are empty in this mode.",
    markets=(BTC_USDT, ETH_USDT, BTC_USDC, BTC_USD),
    answers={
        **lists(
            USDT=[
                row(
                    "BTCUSDT",
                    "Buy",
                    "1",
                    riskId=0,
                    riskLimitValue="0",
                    leverage="",
                    positionBalance="",
                    avgPrice="60000",
                    positionValue="61000",
                    markPrice="61000",
                    unrealisedPnl="1000",
                    adlRankIndicator=3,
                )
            ]
        ),
        "/v5/account/info": account_info("PORTFOLIO_MARGIN"),
        "/v5/user/query-api": key_info(unified=True),
        "/v5/account/wallet-balance": wallet(
            [
                coin(
                    "USDT",
                    "12000",
                    "1000",
                    "13000",
                    "13000",
                    totalOrderIM="",
                    totalPositionIM="",
                    totalPositionMM="",
                )
            ],
            accountIMRate="0.3519",
            accountIMRateByMp="0.3519",
            accountMMRate="0.2815",
            accountMMRateByMp="0.2815",
            totalEquity="13000",
            totalWalletBalance="12000",
            totalMarginBalance="13000",
            totalAvailableBalance="8425",
            totalPerpUPL="1000",
            totalInitialMargin="4575",
            totalInitialMarginByMp="4575",
            totalMaintenanceMargin="3660",
            totalMaintenanceMarginByMp="3660",
        ),
    },
    positions=(
        Facts(
            symbol="BTCUSDT",
            side="long",
            size=1.0,
            entry_price=60000.0,
            mark_price=61000.0,
            margin_mode="cross",
            notional=61000.0,
            unrealized_pnl=1000.0,
            adl_meter=3.0,
        ),
    ),
    equities=(
        Equity(settle="USDT", amount=13000.0, wallet_balance=12000.0, maintenance_margin=3660.0, in_dollars=True),
    ),
    why={
        "margin_mode": "The whole account backs every position; the account's maintenance margin comes from stress "
        "scenarios and is published only in sum.",
    },
)

INVERSE: Final = Sample(
    venue="bybit",
    mode="unified account, cross margin, inverse (coin-margined)",
    source=PAGES + " Size, prices and PnL are the page's example of BTCUSD; its margins do not agree with each other "
    "and were made up anew (leverage 10, maintenance 0.5 % and fee 0.055 %), so was the wallet.",
    markets=(BTC_USD, BTC_USDT, BTC_USDC),
    answers={
        **lists(
            inverse=[
                row(
                    "BTCUSD",
                    "Sell",
                    "300",
                    riskLimitValue="150",
                    avgPrice="27464.50441675",
                    positionValue="0.01092319",
                    markPrice="28224.50",
                    unrealisedPnl="-0.00029413",
                    curRealisedPnl="0.00013123",
                    cumRealisedPnl="-0.00096902",
                    positionIM="0.00106876",
                    positionIMByMp="0.00106876",
                    positionMM="0.00005899",
                    positionMMByMp="0.00005899",
                    adlRankIndicator=2,
                )
            ]
        ),
        "/v5/account/info": account_info("REGULAR_MARGIN"),
        "/v5/user/query-api": key_info(unified=True),
        "/v5/account/wallet-balance": wallet(
            [
                coin(
                    "BTC",
                    "0.01",
                    "-0.00029413",
                    "0.00970587",
                    "273.94",
                    totalPositionIM="0.00106876",
                    totalPositionMM="0.00005899",
                )
            ],
            accountIMRate="0.1101",
            accountIMRateByMp="0.1101",
            accountMMRate="0.0061",
            accountMMRateByMp="0.0061",
            totalEquity="273.94",
            totalWalletBalance="282.24",
            totalMarginBalance="273.94",
            totalAvailableBalance="243.78",
            totalPerpUPL="-8.30",
            totalInitialMargin="30.16",
            totalInitialMarginByMp="30.16",
            totalMaintenanceMargin="1.66",
            totalMaintenanceMarginByMp="1.66",
        ),
    },
    positions=(
        Facts(
            symbol="BTCUSD",
            side="short",
            size=300.0,
            contract="inverse",
            entry_price=27464.50441675,
            mark_price=28224.5,
            margin_mode="cross",
            maintenance_margin=0.00005899,
            unrealized_pnl=-0.00029413,
            adl_meter=2.0,
        ),
    ),
    equities=(Equity(settle="BTC", amount=273.94, wallet_balance=282.24, maintenance_margin=1.66, in_dollars=True),),
    why={
        "notional": "positionValue is at the entry price in this example: none is taken from it.",
        "equity": "Since unified account 2.0 inverse contracts draw on the same collateral, valued in dollars.",
        "maintenance_margin": "Of the position in BTC, of the account in dollars: 0.00005899 x 28224.5 = 1.66.",
    },
)

CLASSIC: Final = Sample(
    venue="bybit",
    mode="classic account, cross and isolated margin, USDT",
    source="Bybit API v5 (repository bybit-exchange/docs, editions of 2023 to 2025, with the classic account): "
    "Get Position Info (tradeMode, positionBalance), Get Wallet Balance with account type CONTRACT; seen 2026-11-28. "
    "Figures made up on the shape.",
    markets=(BTC_USDT, ETH_USDT, BTC_USDC, BTC_USD),
    answers={
        **lists(
            USDT=[
                row(
                    "BTCUSDT",
                    "Buy",
                    "0.1",
                    tradeMode=1,
                    avgPrice="60000",
                    positionValue="6000",
                    markPrice="61000",
                    unrealisedPnl="100",
                    positionIM="600",
                    positionMM="30",
                    positionBalance="602.97",
                    liqPrice="54270.3",
                    bustPrice="53970.3",
                    adlRankIndicator=3,
                ),
                row(
                    "ETHUSDT",
                    "Sell",
                    "2",
                    tradeMode=0,
                    avgPrice="3000",
                    positionValue="6000",
                    markPrice="2950",
                    unrealisedPnl="100",
                    positionIM="600",
                    positionMM="30",
                    positionBalance="603.63",
                    liqPrice="3682.2",
                    bustPrice="3697.2",
                    adlRankIndicator=4,
                ),
            ]
        ),
        "/v5/account/info": account_info("REGULAR_MARGIN", status=1),
        "/v5/user/query-api": key_info(unified=False),
        "/v5/account/wallet-balance": answer(
            {
                "list": [
                    {
                        "accountType": "CONTRACT",
                        "accountIMRate": "",
                        "accountMMRate": "",
                        "accountLTV": "",
                        "totalEquity": "",
                        "totalWalletBalance": "",
                        "totalMarginBalance": "",
                        "totalAvailableBalance": "",
                        "totalPerpUPL": "",
                        "totalInitialMargin": "",
                        "totalMaintenanceMargin": "",
                        "coin": [
                            coin(
                                "USDT",
                                "2000",
                                "200",
                                "2200",
                                "",
                                totalPositionIM="1206.6",
                                totalPositionMM="60",
                                availableToWithdraw="793.4",
                            )
                        ],
                    }
                ]
            }
        ),
    },
    positions=(
        Facts(
            symbol="BTCUSDT",
            side="long",
            size=0.1,
            entry_price=60000.0,
            mark_price=61000.0,
            margin_mode="isolated",
            margin=602.97,
            unrealized_pnl=100.0,
            liquidation_price=54270.3,
            adl_meter=3.0,
        ),
        Facts(
            symbol="ETHUSDT",
            side="short",
            size=2.0,
            entry_price=3000.0,
            mark_price=2950.0,
            margin_mode="cross",
            unrealized_pnl=100.0,
            liquidation_price=3682.2,
            adl_meter=4.0,
        ),
    ),
    equities=(Equity(settle="USDT", amount=1497.03, wallet_balance=1397.03),),
    why={
        "margin": "In the classic account positionBalance is initial margin plus the fee to close; without PnL.",
        "notional": "positionValue was at the entry price.",
        "maintenance_margin": "The page says to ignore positionIM and positionMM in the classic account.",
        "equity": "Equity of the coin less what the isolated position has: 2200 - 602.97 - 100; wallet 2000 - 602.97.",
    },
)

SAMPLES: Final = (CROSS, HEDGE, ISOLATED, USDC_ISOLATED, USDC_CROSS, PORTFOLIO, INVERSE, CLASSIC)
