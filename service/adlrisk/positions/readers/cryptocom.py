"""Reader of Crypto.com.

Sources: Exchange API v1, "private/get-positions", "private/user-balance".
"""

from typing import Any, Final

from adlrisk.positions.readers.parsing import find_row, less, number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    quantity, cost, pnl = (number(raw, field) for field in ("quantity", "open_pos_cost", "open_position_pnl"))
    isolated = _find_isolated(row)
    return VenuePosition(
        side=side_of(None, quantity),
        size=size_of(quantity),
        entry_price=_divide(cost, quantity),
        # No field has it; value less cost is the profit since the opening.
        mark_price=None if cost is None or pnl is None else _divide(cost + pnl, quantity),
        margin_mode="isolated" if raw.get("isolation_type") == "ISOLATED_MARGIN" else "cross",
        margin=less(number(isolated, "total_margin_balance"), pnl),
        maintenance_margin=positive(isolated, "total_maintenance_margin"),
        unrealized_pnl=pnl,
    )


def _find_isolated(row: Row) -> Raw:
    """What the balance says of an isolated position; nothing of a cross one."""
    id_ = row.raw.get("isolation_id")
    return find_row(row.account.get("isolated_positions"), "isolation_id", str(id_)) or {} if id_ else {}


def _divide(amount: float | None, quantity: float | None) -> float | None:
    return None if amount is None or not quantity else amount / quantity


def _fetch_balance(exchange: Any) -> Raw:
    balance: Raw = exchange.v1PrivatePostPrivateUserBalance()["result"]["data"][0]
    return balance


def _find_equity(_: Any, ask: Ask) -> AccountEquity | None:
    """The margin balance in dollars: collateral after its haircut, and the profit of this session."""
    if ask.account.get("isolated_positions") or any(row.raw.get("isolation_id") for row in ask.rows):
        return None  # whether isolated margin is in the totals is not documented
    amount = number(ask.account, "total_margin_balance")
    if amount is None:
        return None
    profits = [number(row.raw, "open_position_pnl") for row in ask.rows]
    known = [profit for profit in profits if profit is not None]
    return AccountEquity(
        amount=amount,
        wallet_balance=amount - sum(known) if len(known) == len(profits) else None,
        maintenance_margin=number(ask.account, "total_maintenance_margin"),
        in_dollars=True,
    )


CRYPTOCOM: Final = Reader(read=_read, fetch_account=_fetch_balance, fetch_equity=_find_equity, private_currencies=True)
