"""Isolated margin inside an account's totals, which is not behind the cross positions, and sums over the latter."""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

from adlrisk.positions.readers.reader import Ask, Row, VenuePosition


def sum_cross(
    ask: Ask, read: Callable[[Row], VenuePosition], field: Literal["unrealized_pnl", "maintenance_margin"]
) -> float | None:
    """The sum of ``field`` over the cross positions that settle as asked; ``None`` where one is not known."""
    held = [read(row) for row in ask.rows if row.market.get("settle") == ask.settle]
    if any(one.margin_mode is None for one in held):
        return None
    figures = [getattr(one, field) for one in held if one.margin_mode == "cross" and one.size != 0.0]
    return None if None in figures else math.fsum(figures)


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
