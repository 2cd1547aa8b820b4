"""Reader of KuCoin Futures: classic accounts and the unified one.

Sources: KuCoin API, futures, "Get Position List", "Get Account - Futures"; unified account, "Get Position List",
"Get Account Overview"; support, "Cross Margin Trading Rules for Multi-Currency Margin Mode" (adjusted equity is of
what is in cross margin).
"""

from typing import Any, Final

from adlrisk.domain.position.position import MarginMode
from adlrisk.positions.readers.isolated import sum_isolated
from adlrisk.positions.readers.parsing import less, margin_mode_of, number, positive, side_of, size_of
from adlrisk.positions.readers.profit import sum_dollar_profit
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    amount = number(raw, "currentQty", "size")
    mode = _find_mode(raw)
    return VenuePosition(
        side=side_of(raw.get("positionSide"), amount if raw.get("positionSide") != "LONG" else size_of(amount)),
        size=size_of(amount),
        entry_price=positive(raw, "avgEntryPrice", "entryPrice"),
        mark_price=positive(raw, "markPrice"),
        margin_mode=mode,
        # maintMargin is this with the profit.
        margin=positive(raw, "posMargin", "positionMargin") if mode == "isolated" else None,
        maintenance_margin=positive(raw, "posMaint", "maintenanceMargin"),
        maintenance_rate=positive(raw, "maintMarginReq", "mmr"),
        notional=size_of(number(raw, "markValue", "positionValue")),
        unrealized_pnl=number(raw, "unrealisedPnl", "unrealizedPnL"),
        liquidation_price=positive(raw, "liquidationPrice"),
        adl_meter=number(raw, "delevPercentage", "adlPercentage"),
    )


def _find_mode(raw: Raw) -> MarginMode | None:
    is_cross = raw.get("crossMode")
    if is_cross is None:
        return margin_mode_of(raw.get("marginMode"))
    return "cross" if is_cross else "isolated"


def _is_unified(row: Row) -> bool:
    """Whether a position is of the unified account, which has another name for its entry price."""
    return "entryPrice" in row.raw


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    if any(_is_unified(row) for row in ask.rows):
        overview = exchange.utaPrivateGetAccountModeAccountOverview({"accountMode": "unified"})["data"]
        return _find_unified_equity(overview, ask)
    names = [row.market.get("settleId") for row in ask.rows if row.market.get("settle") == ask.settle]
    overview = exchange.futuresPrivateGetAccountOverview({"currency": names[0]})["data"]
    return _find_classic_equity(overview, ask)


def _find_unified_equity(overview: Raw, ask: Ask) -> AccountEquity | None:
    """All currencies in dollars after their discount."""
    equity = number(overview, "adjustedEquity")
    if equity is None:
        return None
    return AccountEquity(
        amount=equity,
        wallet_balance=less(equity, sum_dollar_profit(ask.rows, _read)),
        maintenance_margin=number(overview, "mm"),
        in_dollars=True,
    )


def _find_classic_equity(overview: Raw, ask: Ask) -> AccountEquity | None:
    """The currency's equity, in which isolated positions are; the risk rate beside it counts open orders too."""
    equity = number(overview, "accountEquity")
    isolated = sum_isolated(ask, _read)
    if equity is None or isolated is None:
        return None
    return AccountEquity(
        amount=equity - isolated.equity, wallet_balance=less(number(overview, "marginBalance"), isolated.margin)
    )


KUCOIN: Final = Reader(read=_read, fetch_equity=_fetch_equity)
