"""Reader of Bybit. Sources: Bybit API v5, "Get Position Info", "Get Account Info", "Get Wallet Balance"."""

from collections.abc import Mapping
from typing import Any, Final

from adlrisk.domain.position.position import MarginMode
from adlrisk.positions.readers.parsing import number, positive, side_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition

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
        maintenance_margin=positive(raw, "positionMM"),
        notional=positive(raw, "positionValue"),
        unrealized_pnl=number(raw, "unrealisedPnl"),
        liquidation_price=positive(raw, "liqPrice"),
        adl_meter=number(raw, "adlRankIndicator"),
        separate_account=None if _is_unified(row) else "classic",
    )


def _find_mode(row: Row) -> MarginMode | None:
    """The margin mode of the unified account, or of the position if the account is classic."""
    if _is_unified(row):
        return _UNIFIED_MODES.get(row.account.get("marginMode"))
    is_classic = number(row.account, "unifiedMarginStatus") in (1.0, *_UNIFIED_LINEAR)
    return _CLASSIC_MODES.get(number(row.raw, "tradeMode")) if is_classic else None


def _is_unified(row: Row) -> bool:
    """Whether the contract is in the unified account."""
    status = number(row.account, "unifiedMarginStatus")
    return status in _UNIFIED or (bool(row.market.get("linear")) and status in _UNIFIED_LINEAR)


def _fetch_account(exchange: Any) -> Raw:
    return dict(exchange.privateGetV5AccountInfo()["result"])


def _fetch_equity(exchange: Any, _: Ask) -> AccountEquity | None:
    """The equity of the unified account, which is not published in isolated margin mode."""
    wallet = exchange.privateGetV5AccountWalletBalance({"accountType": "UNIFIED"})
    account = ((wallet.get("result") or {}).get("list") or [{}])[0]
    equity = number(account, "totalMarginBalance")
    if equity is None:
        return None
    return AccountEquity(amount=equity, maintenance_margin=number(account, "totalMaintenanceMargin"), in_dollars=True)


BYBIT: Final = Reader(
    read=_read,
    fetch_account=_fetch_account,
    fetch_equity=_fetch_equity,
    lists=({}, {"settleCoin": "USDC"}, {"subType": "inverse"}, {"type": "option"}),
    private_currencies=True,
)
