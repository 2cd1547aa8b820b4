"""Reader of Bybit. Sources: Bybit API v5, "Get Position Info", "Get Account Info", "Get Wallet Balance"."""

from collections.abc import Mapping
from typing import Any, Final

from adlrisk.domain.position.position import MarginMode
from adlrisk.positions.readers.isolated import sum_isolated
from adlrisk.positions.readers.parsing import find_row, less, number, positive, side_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition

_CLASSIC: Final = 1.0
_UNIFIED: Final = (5.0, 6.0)  # with 3 and 4, unified 1.0, inverse contracts stay in a classic account
_UNIFIED_LINEAR: Final = (3.0, 4.0)
_UNIFIED_MODES: Final[Mapping[Any, MarginMode]] = {
    "ISOLATED_MARGIN": "isolated",
    "REGULAR_MARGIN": "cross",
    "PORTFOLIO_MARGIN": "cross",
}
_CLASSIC_MODES: Final[Mapping[Any, MarginMode]] = {0.0: "cross", 1.0: "isolated"}


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    mode = _find_mode(row)
    settled_in_sessions = row.market.get("settle") == "USDC"
    return VenuePosition(
        side=side_of(raw.get("side")),
        size=number(raw, "size"),
        # Profit of USDC contracts is paid out each session, and counts from the session's price from then on.
        entry_price=positive(raw, "sessionAvgPrice" if settled_in_sessions else "avgPrice"),
        mark_price=positive(raw, "markPrice"),
        margin_mode=mode,
        margin=positive(raw, "positionBalance", "positionIM") if mode == "isolated" else None,
        # In a classic account this is not to be relied on, by its documentation.
        maintenance_margin=positive(raw, "positionMM") if _is_unified(row) else None,
        notional=positive(raw, "positionValue"),
        unrealized_pnl=number(raw, "unrealisedPnl"),
        liquidation_price=positive(raw, "liqPrice"),
        adl_meter=number(raw, "adlRankIndicator"),
        separate_account=None if _is_unified(row) or _is_classic(row.account) else "classic",
    )


def _find_mode(row: Row) -> MarginMode | None:
    """The margin mode of the unified account, or of the position if the account is classic."""
    if _is_unified(row):
        return _UNIFIED_MODES.get(row.account.get("marginMode"))
    has_classic = number(row.account, "unifiedMarginStatus") in (_CLASSIC, *_UNIFIED_LINEAR)
    return _CLASSIC_MODES.get(number(row.raw, "tradeMode")) if has_classic else None


def _is_unified(row: Row) -> bool:
    """Whether the contract is in the unified account."""
    status = number(row.account, "unifiedMarginStatus")
    return status in _UNIFIED or (bool(row.market.get("linear")) and status in _UNIFIED_LINEAR)


def _is_classic(account: Raw) -> bool:
    """Whether the account has no unified one beside it."""
    return number(account, "unifiedMarginStatus") == _CLASSIC


def _fetch_account(exchange: Any) -> Raw:
    return dict(exchange.privateGetV5AccountInfo()["result"])


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    if _is_classic(ask.account):
        return _find_classic_equity(_fetch_wallet(exchange, "CONTRACT"), ask)
    account = _fetch_wallet(exchange, "UNIFIED")
    equity = number(account, "totalMarginBalance")  # empty in isolated margin mode
    if equity is None:
        return None
    return AccountEquity(
        amount=equity,
        wallet_balance=less(equity, number(account, "totalPerpUPL")),
        maintenance_margin=number(account, "totalMaintenanceMargin"),
        in_dollars=True,
    )


def _find_classic_equity(account: Raw, ask: Ask) -> AccountEquity | None:
    """The coin's equity, in which the isolated positions are."""
    coin = find_row(account.get("coin"), "coin", ask.settle)
    isolated = sum_isolated(ask, _read)
    if coin is None or isolated is None:
        return None
    equity = number(coin, "equity")
    if equity is None:
        return None
    return AccountEquity(
        amount=equity - isolated.equity, wallet_balance=less(number(coin, "walletBalance"), isolated.margin)
    )


def _fetch_wallet(exchange: Any, kind: str) -> Raw:
    wallet = exchange.privateGetV5AccountWalletBalance({"accountType": kind})
    account: Raw = ((wallet.get("result") or {}).get("list") or [{}])[0]
    return account


BYBIT: Final = Reader(
    read=_read,
    fetch_account=_fetch_account,
    fetch_equity=_fetch_equity,
    lists=({}, {"settleCoin": "USDC"}, {"subType": "inverse"}, {"type": "option"}),
    private_currencies=True,
)
