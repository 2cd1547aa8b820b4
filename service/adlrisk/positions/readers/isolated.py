"""Isolated margin inside an account's totals, which is not behind the cross positions."""

from collections.abc import Callable
from typing import NamedTuple

from adlrisk.positions.readers.reader import Ask, Row, VenuePosition


class IsolatedPart(NamedTuple):
    """What the isolated positions of a settlement currency have of its totals."""

    margin: float
    unrealized_pnl: float

    @property
    def equity(self) -> float:
        """Margin and unrealized PnL."""
        return self.margin + self.unrealized_pnl


def sum_isolated(ask: Ask, read: Callable[[Row], VenuePosition]) -> IsolatedPart | None:
    """The isolated part of what settles as asked; ``None`` where a position's mode, margin or profit is not known."""
    held = [read(row) for row in ask.rows if row.market.get("settle") == ask.settle]
    held = [one for one in held if one.size != 0.0]
    if any(one.margin_mode is None for one in held):
        return None
    margin = pnl = 0.0
    for one in held:
        if one.margin_mode != "isolated":
            continue
        if one.margin is None or one.unrealized_pnl is None:
            return None
        margin += one.margin
        pnl += one.unrealized_pnl
    return IsolatedPart(margin, pnl)
