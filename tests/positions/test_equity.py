"""Equity and margin mode from account answers. Shapes are those of the venues' documentation."""

from typing import Any

import pytest

from adlrisk.positions.readers.every import READERS
from adlrisk.positions.readers.reader import AccountEquity, Ask, Row


class Answers:
    """A stub of ccxt's exchange: each call returns its answer."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers

    def __getattr__(self, call: str) -> Any:
        return lambda *_: self._answers[call]


def equity_of(venue: str, settle: str = "USDT", rows: tuple[Row, ...] = (), **answers: Any) -> AccountEquity | None:
    """The equity behind cross positions at ``venue``."""
    fetch = READERS[venue].fetch_equity
    assert fetch is not None
    return fetch(Answers(**answers), Ask(settle=settle, account={}, rows=rows))


def binance_row(wallet: str, maintenance: str) -> Row:
    raw = {"positionAmt": "1", "isolatedWallet": wallet, "maintMargin": maintenance}
    return Row(raw=raw, market={"settle": "USDT"})


CROSS = binance_row("0", "28")


def binance_equity(
    account: Any, *, settle: str = "USDT", multi_assets: bool, rows: tuple[Row, ...] = (CROSS,)
) -> AccountEquity | None:
    shared = {"multiAssetsMargin": multi_assets}
    return equity_of("binance", settle, rows, fapiPrivateV3GetAccount=account, fapiPrivateGetMultiAssetsMargin=shared)


USDT = {
    "asset": "USDT",
    "crossWalletBalance": "900",
    "crossUnPnl": "-100",
    "maintMargin": "30",
    "marginBalance": "2000",
}
BINANCE = {
    "totalCrossWalletBalance": "5000",
    "totalCrossUnPnl": "250",
    "totalMaintMargin": "40",
    "assets": [{**USDT, "asset": "BNB", "crossWalletBalance": "1"}, USDT],
    "positions": [{"symbol": "ETHUSDT", "isolatedWallet": "0"}],
}


def test_binance_single_asset_equity_is_of_the_settlement_asset() -> None:
    """It is wallet and unrealized PnL of the cross positions; marginBalance includes isolated ones."""
    equity = binance_equity(BINANCE, settle="USDT", multi_assets=False)
    assert equity == AccountEquity(amount=800, wallet_balance=900, maintenance_margin=30)
    assert binance_equity(BINANCE, settle="USDC", multi_assets=False) is None


def test_binance_multi_assets_equity_is_of_all_assets_in_dollars() -> None:
    """In multi-assets mode every asset backs every position."""
    equity = binance_equity(BINANCE, settle="USDT", multi_assets=True)
    assert equity == AccountEquity(amount=5250, wallet_balance=5000, maintenance_margin=40, in_dollars=True)


def test_binance_maintenance_margin_is_that_of_the_cross_positions() -> None:
    """The account's includes isolated positions, so with any beside it is the sum over the cross ones."""
    equity = binance_equity(BINANCE, multi_assets=False, rows=(CROSS, binance_row("12.5", "5")))
    assert equity is not None
    assert equity.maintenance_margin == 28
    unknown = binance_row("0", "")
    equity = binance_equity(BINANCE, multi_assets=False, rows=(CROSS, unknown, binance_row("12.5", "5")))
    assert equity is not None
    assert equity.maintenance_margin is None


def bybit_equity(*accounts: Any) -> AccountEquity | None:
    return equity_of("bybit", privateGetV5AccountWalletBalance={"result": {"list": [*accounts]}})


def okx_equity(account: Any, settle: str = "USDT") -> AccountEquity | None:
    return equity_of("okx", settle, privateGetAccountBalance={"data": [account]})


def test_bybit_unified_equity_is_in_dollars() -> None:
    """It is the margin balance of all currencies; in isolated margin mode that is empty, and equity is unknown."""
    account = {"totalMarginBalance": "812.5", "totalMaintenanceMargin": "25", "totalEquity": "9999"}
    equity = bybit_equity(account)
    assert equity == AccountEquity(amount=812.5, maintenance_margin=25, in_dollars=True)
    assert (
        equity_of(
            "bybit", privateGetV5AccountWalletBalance={"result": {"list": [{**account, "totalMarginBalance": ""}]}}
        )
        is None
    )
    assert bybit_equity() is None


def test_okx_equity_is_of_the_account_or_of_one_currency() -> None:
    """It is adjEq where currencies back one another, else the currency's eq less its isolated part."""
    usdt = {"ccy": "USDT", "eq": "300", "isoEq": "0", "mmr": "2"}
    futures_mode = {"adjEq": "", "mmr": "", "details": [usdt]}
    multi_currency = {**futures_mode, "adjEq": "1500", "mmr": "20"}
    isolated = {**futures_mode, "details": [{**usdt, "isoEq": "40"}]}
    assert okx_equity(futures_mode) == AccountEquity(amount=300, wallet_balance=300, maintenance_margin=2)
    assert okx_equity(futures_mode, "BTC") is None
    assert okx_equity(isolated) == AccountEquity(amount=260, wallet_balance=260, maintenance_margin=2)
    assert okx_equity(multi_currency) == AccountEquity(amount=1500, maintenance_margin=20, in_dollars=True)


@pytest.mark.parametrize(
    ("account", "trade_mode", "linear", "expected"),
    [
        ({"unifiedMarginStatus": 5, "marginMode": "ISOLATED_MARGIN"}, 0, True, "isolated"),
        ({"unifiedMarginStatus": 6, "marginMode": "REGULAR_MARGIN"}, 0, False, "cross"),
        ({"unifiedMarginStatus": 6, "marginMode": "PORTFOLIO_MARGIN"}, 0, True, "cross"),
        ({"unifiedMarginStatus": 4, "marginMode": "REGULAR_MARGIN"}, 1, True, "cross"),
        ({"unifiedMarginStatus": 4, "marginMode": "REGULAR_MARGIN"}, 1, False, "isolated"),
        ({"unifiedMarginStatus": 1, "marginMode": "REGULAR_MARGIN"}, 1, True, "isolated"),
        ({"unifiedMarginStatus": 1}, "0", True, "cross"),
        ({"unifiedMarginStatus": 6, "marginMode": "NEW_MODE"}, 1, True, None),
        ({}, 1, True, None),
    ],
)
def test_bybit_margin_mode_is_that_of_the_account(
    account: dict[str, Any], trade_mode: object, *, linear: bool, expected: str | None
) -> None:
    """A unified account has one mode for all positions and ignores tradeMode; a classic position has its own."""
    row = Row(raw={"tradeMode": trade_mode}, market={"linear": linear}, account=account)
    assert READERS["bybit"].read(row).margin_mode == expected


def long_of(size: str, *, settle: str | None, margin_mode: str = "isolated") -> Row:
    """A position at MEXC with 5 of margin of its own if isolated; a contract that is not listed has no settlement."""
    raw = {"positionType": 1, "openType": 1 if margin_mode == "isolated" else 2, "holdVol": size, "im": "5"}
    market = {} if settle is None else {"settle": settle, "linear": True, "contractSize": 1.0}
    return Row(raw={**raw, "holdAvgPrice": "100"}, market=market, extra={"mark_price": "110"})


@pytest.mark.parametrize(
    ("rows", "amount"),
    [
        ((long_of("1", settle="USDT"),), 85),
        ((long_of("1", settle="USDC"),), 100),
        ((long_of("0", settle=None),), 100),
        ((long_of("1", settle=None),), None),
        ((Row(raw={}, market={}),), None),
    ],
)
def test_isolated_margin_in_an_unlisted_contract_leaves_the_equity_unknown(
    rows: tuple[Row, ...], amount: float | None
) -> None:
    """It may be in the currency's total of 100, of which a listed one takes its margin of 5 and its profit of 10."""
    assets = {"data": [{"currency": "USDT", "equity": "100"}]}
    equity = equity_of("mexc", rows=rows, contractPrivateGetAccountAssets=assets)
    assert (None if equity is None else equity.amount) == amount


@pytest.mark.parametrize(
    ("venue", "raw", "mode"),
    [
        ("bingx", {"isolated": "false"}, None),
        ("bingx", {"isolated": False}, "cross"),
        ("kucoin", {"crossMode": "false", "currentQty": 1}, None),
        ("kucoin", {"crossMode": True, "currentQty": 1}, "cross"),
        ("kraken", {"maxFixedLeverage": None}, None),
        ("kraken", {"maxFixedLeverage": 5.0}, "isolated"),
        ("kraken", {}, "cross"),
        ("dydx", {"subaccountNumber": None}, None),
        ("dydx", {"subaccountNumber": 128}, "isolated"),
    ],
)
def test_margin_mode_is_told_by_true_and_false_alone(venue: str, raw: dict[str, Any], mode: str | None) -> None:
    """What is neither says nothing, and is not taken for cross."""
    assert READERS[venue].read(Row(raw=raw, market={})).margin_mode == mode


@pytest.mark.parametrize(
    ("account", "amount"),
    [({"margin_mode": 0}, 100), ({"margin_mode": None}, None), ({"enable_credit": False}, 100), ({}, None)],
)
def test_unknown_mode_of_gates_account_leaves_the_equity_unknown(account: dict[str, Any], amount: float | None) -> None:
    """The total of a unified account does not apply, so that of an account of unknown mode may not."""
    equity = equity_of("gate", privateFuturesGetSettleAccounts={"total": "100", **account})
    assert (None if equity is None else equity.amount) == amount


@pytest.mark.parametrize(("mode", "amount"), [("single", 100), (None, None), ("union", None)])
def test_unknown_mode_of_bitgets_account_leaves_the_equity_unknown(mode: str | None, amount: float | None) -> None:
    """With several assets as collateral the equity of one coin may even be negative."""
    answer = {"data": [{"marginCoin": "USDT", "accountEquity": "100", "assetMode": mode}]}
    equity = equity_of("bitget", privateMixGetV2MixAccountAccounts=answer)
    assert (None if equity is None else equity.amount) == amount


@pytest.mark.parametrize(("pnl", "amount"), [("10", 85), ("10.5", 84.5), ("-500", None)])
@pytest.mark.parametrize("mode", ["isolated", "crossed"])
def test_position_that_contradicts_itself_leaves_the_equity_unknown(mode: str, pnl: str, amount: float | None) -> None:
    """A profit that size and prices do not make (10, to 1 % of the notional) is in no sum."""
    raw = {"holdSide": "long", "total": "1", "openPriceAvg": "100", "markPrice": "110", "marginMode": mode}
    market = {"settle": "USDT", "linear": True, "contractSize": 1.0}
    row = Row(raw={**raw, "marginSize": "5", "unrealizedPL": pnl}, market=market)
    answer = {"data": [{"marginCoin": "USDT", "accountEquity": "100", "assetMode": "single"}]}
    equity = equity_of("bitget", rows=(row,), privateMixGetV2MixAccountAccounts=answer)
    expected = amount if amount is None or mode == "isolated" else 100
    assert (None if equity is None else equity.amount) == expected


def test_binance_maintenance_margin_in_multi_assets_mode_is_not_that_of_one_settlement() -> None:
    """With a position of unknown mode beside them the sum of all cross positions is unknown."""
    unknown = Row(raw={"positionAmt": "1", "isolatedWallet": "?"}, market={"settle": "USDC"})
    equity = binance_equity(BINANCE, multi_assets=True, rows=(CROSS, unknown))
    assert equity is not None
    assert equity.maintenance_margin is None
