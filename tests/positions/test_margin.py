"""What an account's answer says of the equity behind its cross positions. Shapes are those of the documentation."""

from typing import Any

import pytest

from adlrisk.positions.margin import (
    AccountEquity,
    binance_equity,
    bybit_equity,
    bybit_mode,
    hyperliquid_equity,
    margin_mode,
    okx_equity,
)

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


def test_binance_in_single_asset_mode_is_the_settlement_asset() -> None:
    """Wallet and unrealized PnL of the cross positions; marginBalance has the isolated ones in it."""
    found = binance_equity(BINANCE, settle="USDT", multi_assets=False)
    assert found == AccountEquity(amount=800, maintenance_margin=30)
    assert binance_equity(BINANCE, settle="USDC", multi_assets=False) is None


def test_binance_in_multi_assets_mode_is_all_of_them_in_dollars() -> None:
    """Every asset backs every position."""
    found = binance_equity(BINANCE, settle="USDT", multi_assets=True)
    assert found == AccountEquity(amount=5250, maintenance_margin=40, in_dollars=True)


@pytest.mark.parametrize("wallet", ["12.5", None])
def test_binances_maintenance_margin_is_not_split(wallet: str | None) -> None:
    """It counts isolated positions too, so that it is left out while there is one, or may be."""
    account = {**BINANCE, "positions": [*BINANCE["positions"], {"symbol": "BTCUSDT", "isolatedWallet": wallet}]}
    for multi_assets in (False, True):
        found = binance_equity(account, settle="USDT", multi_assets=multi_assets)
        assert found is not None
        assert found.maintenance_margin is None


def test_bybits_unified_account_is_worth_dollars() -> None:
    """The margin balance of all currencies; in isolated margin mode it is empty, and nothing is known."""
    account = {"totalMarginBalance": "812.5", "totalMaintenanceMargin": "25", "totalEquity": "9999"}
    found = bybit_equity({"result": {"list": [account]}})
    assert found == AccountEquity(amount=812.5, maintenance_margin=25, in_dollars=True)
    assert bybit_equity({"result": {"list": [{**account, "totalMarginBalance": ""}]}}) is None
    assert bybit_equity({"result": {"list": []}}) is None


def test_okx_tells_by_currency_or_for_all() -> None:
    """The adjEq where currencies back one another, else the currency's eq unless isolated margin is in it."""
    usdt = {"ccy": "USDT", "eq": "300", "isoEq": "0", "mmr": "2"}
    futures_mode = {"adjEq": "", "mmr": "", "details": [usdt]}
    multi_currency = {**futures_mode, "adjEq": "1500", "mmr": "20"}
    isolated = {**futures_mode, "details": [{**usdt, "isoEq": "40"}]}
    assert okx_equity({"data": [futures_mode]}, settle="USDT") == AccountEquity(amount=300, maintenance_margin=2)
    assert okx_equity({"data": [futures_mode]}, settle="BTC") is None
    assert okx_equity({"data": [isolated]}, settle="USDT") is None
    assert okx_equity({"data": [multi_currency]}, settle="USDT") == AccountEquity(
        amount=1500, maintenance_margin=20, in_dollars=True
    )


def test_hyperliquid_tells_what_is_cross() -> None:
    """The cross summary, not that of the account, which has isolated positions in it."""
    state = {
        "marginSummary": {"accountValue": "2000"},
        "crossMarginSummary": {"accountValue": "1500"},
        "crossMaintenanceMarginUsed": "60",
    }
    assert hyperliquid_equity(state) == AccountEquity(amount=1500, maintenance_margin=60)
    assert hyperliquid_equity({}) is None


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
def test_bybits_margin_mode_is_the_accounts(
    account: dict[str, Any], trade_mode: object, *, linear: bool, expected: str | None
) -> None:
    """A unified account has one mode for all, and tradeMode says nothing there; a classic position says its own."""
    assert bybit_mode(account, raw={"tradeMode": trade_mode}, linear=linear) == expected


def test_the_positions_own_mode_goes_before_the_accounts() -> None:
    """And what is neither cross nor isolated is not known."""
    assert margin_mode({"marginMode": "isolated"}, account_mode="cross") == "isolated"
    assert margin_mode({"marginMode": None}, account_mode="cross") == "cross"
    assert margin_mode({"marginMode": "other"}, account_mode=None) is None
