"""Reader of Deribit's perpetuals, linear and inverse; all margin is cross.

Sources: API v2, "private/get_positions", "private/get_account_summaries". Profit is settled each day: floating profit
counts from the last settlement, total profit from the average price.
"""

from typing import Any, Final

from adlrisk.positions.readers.isolated import sum_cross_profit
from adlrisk.positions.readers.parsing import find_row, less, number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    money, amount = size_of(number(raw, "size")), size_of(number(raw, "size_currency"))
    # A linear contract's size is money and its size_currency the amount, an inverse one's the other way round.
    quantity, notional = (amount, money) if row.market.get("linear") else (money, amount)
    return VenuePosition(
        side=side_of(raw.get("direction")),
        size=_count_contracts(quantity, row.market),
        entry_price=positive(raw, "average_price"),
        mark_price=positive(raw, "mark_price"),
        margin_mode="cross",
        maintenance_margin=positive(raw, "maintenance_margin"),
        notional=notional,
        unrealized_pnl=number(raw, "total_profit_loss"),
        liquidation_price=positive(raw, "estimated_liquidation_price"),
    )


def _count_contracts(quantity: float | None, market: Raw) -> float | None:
    contract_size = positive(market, "contractSize")
    return None if quantity is None or contract_size is None else quantity / contract_size


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    summaries = exchange.privateGetGetAccountSummaries()["result"]["summaries"]
    summary = find_row(summaries, "currency", ask.settle)
    if summary is None:
        return None
    if summary.get("cross_collateral_enabled"):
        return _find_shared_equity(summary, ask)
    equity = number(summary, "equity")
    if equity is None:
        return None
    return AccountEquity(
        amount=equity,
        wallet_balance=less(equity, sum_cross_profit(ask, _read)),  # what was settled is in the balance already
        maintenance_margin=number(summary, "maintenance_margin"),
    )


def _find_shared_equity(summary: Raw, ask: Ask) -> AccountEquity | None:
    """The margin balance of all currencies in dollars, after their haircut."""
    equity = number(summary, "total_margin_balance_usd")
    if equity is None:
        return None
    only_dollars = all(row.market.get("linear") for row in ask.rows)
    return AccountEquity(
        amount=equity,
        wallet_balance=less(equity, sum_cross_profit(ask, _read)) if only_dollars else None,
        maintenance_margin=number(summary, "total_maintenance_margin_usd"),
        in_dollars=True,
    )


DERIBIT: Final = Reader(read=_read, fetch_equity=_fetch_equity)
