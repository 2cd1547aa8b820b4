"""Reader of Deribit, whose linear and inverse perpetuals come in one list. It has cross margin only.

Sources: Deribit API v2, "private/get_positions", "private/get_account_summaries"; knowledge base, "Cross Collateral".
"""

from typing import Any, Final

from adlrisk.positions.readers.parsing import find_row, less, number, positive, side_of, size_of
from adlrisk.positions.readers.profit import sum_dollar_profit, sum_profit
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    money, amount = size_of(number(raw, "size")), size_of(number(raw, "size_currency"))
    # The size of an inverse contract is what it counts, dollars; that of a linear one is its value in dollars.
    counted, value = (amount, money) if row.market.get("linear") else (money, amount)
    return VenuePosition(
        side=side_of(raw.get("direction"), number(raw, "size")),
        size=None if counted is None else counted / (number(row.market, "contractSize") or 1.0),
        entry_price=positive(raw, "average_price"),
        mark_price=positive(raw, "mark_price"),
        margin_mode="cross",
        maintenance_margin=positive(raw, "maintenance_margin"),
        notional=value,
        unrealized_pnl=number(raw, "total_profit_loss"),  # floating_profit_loss is since the daily settlement only
        liquidation_price=positive(raw, "estimated_liquidation_price"),
    )


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    """The currency's margin balance, or that of all currencies where they back each other.

    The balance beside it already has the profit up to the daily settlement.
    """
    summary = find_row(exchange.privateGetGetAccountSummaries()["result"]["summaries"], "currency", ask.settle)
    if summary is None:
        return None
    if summary.get("cross_collateral_enabled"):
        return _build_equity(summary, "total_{}_usd", sum_dollar_profit(ask.rows, _read), in_dollars=True)
    return _build_equity(summary, "{}", sum_profit(ask, _read))


def _build_equity(summary: Raw, name: str, profit: float | None, *, in_dollars: bool = False) -> AccountEquity | None:
    equity = number(summary, name.format("margin_balance"))
    if equity is None:
        return None
    return AccountEquity(
        amount=equity,
        wallet_balance=less(equity, profit),
        maintenance_margin=number(summary, name.format("maintenance_margin")),
        in_dollars=in_dollars,
    )


DERIBIT: Final = Reader(read=_read, fetch_equity=_fetch_equity)
