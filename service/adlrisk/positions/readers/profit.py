"""Unrealized PnL of positions, which an account's equity includes and its wallet balance does not."""

import math
from collections.abc import Callable, Iterable
from typing import Final

from adlrisk.positions.readers.reader import Ask, Row, VenuePosition

_DOLLARS: Final = frozenset({"USD", "USDT", "USDC"})


def sum_profit(ask: Ask, read: Callable[[Row], VenuePosition]) -> float | None:
    """The sum of the cross positions that settle as asked; ``None`` where one is not known."""
    return _sum((row for row in ask.rows if row.market.get("settle") == ask.settle), read)


def sum_dollar_profit(rows: Iterable[Row], read: Callable[[Row], VenuePosition]) -> float | None:
    """The sum of all cross positions, if all are in dollars; ``None`` where one is not, or is not known."""
    listed = list(rows)
    in_dollars = all(row.market.get("settle") in _DOLLARS for row in listed)
    return _sum(listed, read) if in_dollars else None


def _sum(rows: Iterable[Row], read: Callable[[Row], VenuePosition]) -> float | None:
    profits = [held.unrealized_pnl for row in rows if (held := read(row)).margin_mode == "cross" and held.size != 0.0]
    known = [profit for profit in profits if profit is not None]
    return math.fsum(known) if len(known) == len(profits) else None
