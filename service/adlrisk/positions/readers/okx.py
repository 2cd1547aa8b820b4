"""Reader of OKX. Sources: OKX API v5, "Get positions", "Get balance"."""

from typing import Any, Final

from adlrisk.positions.readers.isolated import sum_cross_profit
from adlrisk.positions.readers.parsing import find_row, less, margin_mode_of, number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    amount = number(raw, "pos")
    mode = margin_mode_of(raw.get("mgnMode"))
    return VenuePosition(
        side=side_of(raw.get("posSide"), amount),
        size=size_of(amount),
        entry_price=positive(raw, "avgPx"),
        mark_price=positive(raw, "markPx"),
        margin_mode=mode,
        margin=number(raw, "margin") if mode == "isolated" else None,
        maintenance_margin=positive(raw, "mmr"),
        unrealized_pnl=number(raw, "upl"),
        liquidation_price=positive(raw, "liqPx"),
        adl_meter=number(raw, "adl"),
    )


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    """``adjEq`` of a multi-currency account in dollars, else the currency's ``eq``.

    ``adjEq`` is empty in futures mode, where a currency backs only its own positions; its ``eq`` includes the isolated
    ones with their profit.
    """
    account = (exchange.privateGetAccountBalance().get("data") or [{}])[0]
    shared = number(account, "adjEq")
    if shared is not None:
        return AccountEquity(amount=shared, maintenance_margin=number(account, "mmr"), in_dollars=True)
    currency = find_row(account.get("details"), "ccy", ask.settle)
    if currency is None:
        return None
    equity = less(number(currency, "eq"), number(currency, "isoEq"))
    if equity is None:
        return None
    return AccountEquity(
        amount=equity,
        wallet_balance=less(equity, sum_cross_profit(ask, _read)),
        maintenance_margin=number(currency, "mmr"),
    )


OKX: Final = Reader(read=_read, fetch_equity=_fetch_equity, private_currencies=True)
