"""Reader of KuCoin Futures: classic and unified accounts.

Sources: futures API, "Get Position List", "Get Account - Futures"; unified trading account, "Get Position List",
"Get Account Overview"; support, "Cross Margin Trading Rules for Multi-Currency Margin Mode".
"""

from typing import Any, Final

import msgspec

from adlrisk.domain.position.position import MarginMode
from adlrisk.positions.readers.isolated import leave_out_isolated, sum_dollar_profit
from adlrisk.positions.readers.parsing import (
    find_quanto,
    less,
    margin_mode_if,
    margin_mode_of,
    number,
    positive,
    side_of,
    size_of,
)
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    one = _read_unified(row.raw) if is_unified(row.raw) else _read_classic(row.raw)
    return msgspec.structs.replace(one, contract=find_quanto(row.market))


def is_unified(raw: Raw) -> bool:
    """Whether a position is of the unified account, which names its amount otherwise."""
    return "currentQty" not in raw


def _read_classic(raw: Raw) -> VenuePosition:
    quantity = number(raw, "currentQty")
    mode = _find_mode(raw)
    isolated = mode == "isolated"  # a cross row has the share of initial margin in its place
    return VenuePosition(
        side=side_of(raw.get("positionSide"), quantity),
        size=size_of(quantity),
        entry_price=positive(raw, "avgEntryPrice"),
        mark_price=positive(raw, "markPrice"),
        margin_mode=mode,
        margin=number(raw, "posMargin") if isolated else None,  # maintMargin is that with the profit
        maintenance_margin=positive(raw, "posMaint") if isolated else None,
        maintenance_rate=positive(raw, "maintMarginReq"),
        notional=size_of(number(raw, "markValue")),
        unrealized_pnl=number(raw, "unrealisedPnl"),
        liquidation_price=positive(raw, "liquidationPrice"),
        adl_meter=number(raw, "delevPercentage"),
    )


def _find_mode(raw: Raw) -> MarginMode | None:
    named, is_cross = margin_mode_of(raw.get("marginMode")), raw.get("crossMode")
    if named is not None or not isinstance(is_cross, bool):
        return named
    return margin_mode_if(not is_cross)


def _read_unified(raw: Raw) -> VenuePosition:
    quantity = number(raw, "size")
    mode = margin_mode_of(raw.get("marginMode"))
    return VenuePosition(
        side=side_of(raw.get("positionSide"), quantity),
        size=size_of(quantity),
        entry_price=positive(raw, "entryPrice"),
        mark_price=positive(raw, "markPrice"),
        margin_mode=mode,
        margin=number(raw, "positionMargin") if mode == "isolated" else None,
        maintenance_margin=positive(raw, "maintenanceMargin"),
        maintenance_rate=positive(raw, "mmr"),
        notional=positive(raw, "positionValue"),
        unrealized_pnl=number(raw, "unrealizedPnL"),
        liquidation_price=positive(raw, "liquidationPrice"),
        adl_meter=number(raw, "adlPercentage"),
    )


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    held = [row for row in ask.rows if row.market.get("settle") == ask.settle]
    if any(is_unified(row.raw) for row in held):
        return _find_unified_equity(exchange, ask)
    currency = held[0].market.get("settleId") if held else ask.settle  # XBT for bitcoin
    account = exchange.futuresPrivateGetAccountOverview({"currency": currency})["data"]
    return leave_out_isolated(number(account, "accountEquity"), ask, _read)


def _find_unified_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    """What is in cross margin, all currencies in dollars after their discount."""
    overview = exchange.utaPrivateGetAccountModeAccountOverview({"accountMode": "unified"})["data"]
    equity = number(overview, "adjustedEquity")
    if equity is None:
        return None
    return AccountEquity(
        amount=equity,
        wallet_balance=less(equity, sum_dollar_profit(ask, _read)),
        maintenance_margin=number(overview, "mm"),
        in_dollars=True,
    )


KUCOIN: Final = Reader(read=_read, fetch_equity=_fetch_equity)
