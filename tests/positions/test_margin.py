"""Parsing of equity and margin mode from account answers. Shapes are those of the venues' documentation."""

from typing import Any

import pytest

from adlrisk.positions.margin import (
    AccountEquity,
    find_margin_mode,
    parse_binance_equity,
    parse_bybit_equity,
    parse_bybit_mode,
    parse_hyperliquid_equity,
    parse_okx_equity,
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


def test_binance_single_asset_equity_is_of_the_settlement_asset() -> None:
    """It is wallet and unrealized PnL of the cross positions; marginBalance includes isolated ones."""
    equity = parse_binance_equity(BINANCE, settle="USDT", multi_assets=False)
    assert equity == AccountEquity(amount=800, wallet_balance=900, maintenance_margin=30)
    assert parse_binance_equity(BINANCE, settle="USDC", multi_assets=False) is None


def test_binance_multi_assets_equity_is_of_all_assets_in_dollars() -> None:
    """In multi-assets mode every asset backs every position."""
    equity = parse_binance_equity(BINANCE, settle="USDT", multi_assets=True)
    assert equity == AccountEquity(amount=5250, wallet_balance=5000, maintenance_margin=40, in_dollars=True)


@pytest.mark.parametrize(
    "positions", [[*BINANCE["positions"], {"isolatedWallet": "12.5"}], [{"isolatedWallet": None}], None]
)
def test_binance_maintenance_margin_is_left_out_with_isolated_positions(positions: Any) -> None:
    """It includes isolated positions, so it is left out while there is, or may be, one."""
    account = {**BINANCE, "positions": positions}
    for multi_assets in (False, True):
        equity = parse_binance_equity(account, settle="USDT", multi_assets=multi_assets)
        assert equity is not None
        assert equity.maintenance_margin is None


def test_bybit_unified_equity_is_in_dollars() -> None:
    """It is the margin balance of all currencies; in isolated margin mode that is empty, and equity is unknown."""
    account = {"totalMarginBalance": "812.5", "totalMaintenanceMargin": "25", "totalEquity": "9999"}
    equity = parse_bybit_equity({"result": {"list": [account]}})
    assert equity == AccountEquity(amount=812.5, maintenance_margin=25, in_dollars=True)
    assert parse_bybit_equity({"result": {"list": [{**account, "totalMarginBalance": ""}]}}) is None
    assert parse_bybit_equity({"result": {"list": []}}) is None


def test_okx_equity_is_of_the_account_or_of_one_currency() -> None:
    """It is adjEq where currencies back one another, else the currency's eq unless that includes isolated margin."""
    usdt = {"ccy": "USDT", "eq": "300", "isoEq": "0", "mmr": "2"}
    futures_mode = {"adjEq": "", "mmr": "", "details": [usdt]}
    multi_currency = {**futures_mode, "adjEq": "1500", "mmr": "20"}
    isolated = {**futures_mode, "details": [{**usdt, "isoEq": "40"}]}
    assert parse_okx_equity({"data": [futures_mode]}, settle="USDT") == AccountEquity(amount=300, maintenance_margin=2)
    assert parse_okx_equity({"data": [futures_mode]}, settle="BTC") is None
    assert parse_okx_equity({"data": [isolated]}, settle="USDT") is None
    assert parse_okx_equity({"data": [multi_currency]}, settle="USDT") == AccountEquity(
        amount=1500, maintenance_margin=20, in_dollars=True
    )


def test_hyperliquid_equity_is_of_cross_positions() -> None:
    """It is the cross summary, not the account's, which includes isolated positions."""
    state = {
        "marginSummary": {"accountValue": "2000"},
        "crossMarginSummary": {"accountValue": "1500"},
        "crossMaintenanceMarginUsed": "60",
    }
    assert parse_hyperliquid_equity(state) == AccountEquity(amount=1500, maintenance_margin=60)
    assert parse_hyperliquid_equity({}) is None


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
    assert parse_bybit_mode(account, raw={"tradeMode": trade_mode}, linear=linear) == expected


def test_mode_of_position_precedes_mode_of_account() -> None:
    """The position's own margin mode takes precedence; a mode other than cross and isolated is unknown."""
    assert find_margin_mode({"marginMode": "isolated"}, account_mode="cross") == "isolated"
    assert find_margin_mode({"marginMode": None}, account_mode="cross") == "cross"
    assert find_margin_mode({"marginMode": "other"}, account_mode=None) is None
