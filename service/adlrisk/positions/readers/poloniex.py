"""Reader of Poloniex's futures. Sources: Poloniex API v3 futures, "Get Current Position", "Get Account Balance"."""

from typing import Any, Final

from adlrisk.domain.position.position import Side
from adlrisk.positions.readers.parsing import find_row, margin_mode_of, number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    mode = margin_mode_of(raw.get("mgnMode"))
    return VenuePosition(
        side=_find_side(raw),
        size=size_of(number(raw, "qty")),
        entry_price=positive(raw, "openAvgPx"),
        mark_price=positive(raw, "markPx"),
        margin_mode=mode,
        margin=positive(raw, "mgn") if mode == "isolated" else None,
        maintenance_margin=positive(raw, "mm"),
        unrealized_pnl=number(raw, "upl"),
        liquidation_price=positive(raw, "liqPx"),
        # adl is of an undocumented scale.
    )


def _find_side(raw: Raw) -> Side | None:
    """The side of the position in hedge mode; in one-way mode it is BOTH, and whether it was bought or sold counts."""
    return side_of(raw.get("posSide")) or side_of(raw.get("side"))


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    """What the currency has apart from its isolated positions, and the unrealized PnL of the cross ones."""
    currency = find_row(exchange.swapPrivateGetV3AccountBalance()["data"].get("details"), "ccy", ask.settle)
    if currency is None:
        return None
    free, held, profit = (number(currency, field) for field in ("avail", "trdHold", "upl"))
    if free is None or held is None or profit is None:
        return None
    wallet = free + held
    return AccountEquity(amount=wallet + profit, wallet_balance=wallet, maintenance_margin=number(currency, "mm"))


POLONIEX: Final = Reader(read=_read, fetch_equity=_fetch_equity)
