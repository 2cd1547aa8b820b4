"""Reader of BloFin. Sources: BloFin API, "GET Positions", "GET Futures Account Balance"."""

from typing import Any, Final

from adlrisk.positions.readers.parsing import find_row, less, margin_mode_of, number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    amount = number(raw, "positions")
    mode = margin_mode_of(raw.get("marginMode"))
    return VenuePosition(
        side=side_of(raw.get("positionSide"), amount),
        size=size_of(amount),
        entry_price=positive(raw, "averagePrice"),
        mark_price=positive(raw, "markPrice"),
        margin_mode=mode,
        margin=positive(raw, "margin") if mode == "isolated" else None,
        maintenance_margin=positive(raw, "maintenanceMargin"),
        unrealized_pnl=number(raw, "unrealizedPnl"),
        liquidation_price=positive(raw, "liquidationPrice"),
        # adl is of an undocumented scale.
    )


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    """The currency's equity less that of its isolated positions."""
    currency = find_row(exchange.privateGetAccountBalance()["data"].get("details"), "currency", ask.settle)
    if currency is None:
        return None
    equity = less(number(currency, "equity"), number(currency, "isolatedEquity"))
    return None if equity is None else AccountEquity(amount=equity)


BLOFIN: Final = Reader(read=_read, fetch_equity=_fetch_equity, private_currencies=True)
