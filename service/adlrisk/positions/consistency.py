"""Consistency of a position's figures: what the venue publishes must follow from what was read.

A wrong contract size is off by a factor, an entry price of another session by the profit of a day. What contradicts
another figure is not used; what backs the position is then unknown.
"""

from typing import Final

from adlrisk.domain.position.arithmetic import notional_value, price_gain, sign_of, unrealized_pnl
from adlrisk.domain.position.number_format import format_number
from adlrisk.domain.position.position import Position, Side
from adlrisk.positions.readers.reader import VenuePosition

_NOTIONAL_TOLERANCE: Final = 0.05  # venues value at the mark, the last or the index price, or at entry
PNL_TOLERANCE: Final = 0.01  # of the notional: some venues count profit to the last price
_PRICE_TOLERANCE: Final = 1e-3  # of the mark: bankruptcy and liquidation prices are rounded to ticks
_NOTEWORTHY: Final = 0.01  # of the distance between mark and the venue's liquidation price


def find_contradiction(position: Position, published: VenuePosition) -> str | None:
    """Why size and prices of ``position`` cannot be right, by the notional and the PnL that its venue publishes."""
    inverse, quantity = position.contract == "inverse", position.size * position.contract_size
    entry, mark = position.entry_price, position.mark_price
    at_mark = float(notional_value(quantity, mark, inverse=inverse))
    at_entry = float(notional_value(quantity, entry, inverse=inverse))
    notional = published.notional
    if notional and all(abs(abs(notional) - own) > _NOTIONAL_TOLERANCE * own for own in (at_mark, at_entry)):
        return (
            f"its size and price make a notional of {format_number(at_mark)}, but the venue's is "
            f"{format_number(abs(notional))}"
        )
    gain = price_gain(sign_of(position.side), entry, mark)
    pnl = float(unrealized_pnl(quantity, gain, entry=entry, mark=mark, inverse=inverse))
    venues_pnl = published.unrealized_pnl
    if venues_pnl is not None and abs(venues_pnl - pnl) > PNL_TOLERANCE * at_mark:
        return (
            f"its size and prices make an unrealized PnL of {format_number(pnl)}, but the venue's is "
            f"{format_number(venues_pnl)}"
        )
    return None


def find_impossible_backing(side: Side, *, bankruptcy: float | None, mark: float, liquidation: float) -> str | None:
    """Why what backs a position cannot be right: its equity would end before the venue's own liquidation price."""
    if bankruptcy is None:
        return None
    too_early = sign_of(side) * (bankruptcy - liquidation)
    if too_early <= _PRICE_TOLERANCE * mark:
        return None
    return (
        f"what the venue says backs it would be used up at {format_number(bankruptcy)}, before the venue's own "
        f"liquidation price of {format_number(liquidation)}, so what backs it is unknown"
    )


def find_impossible_end(*, mark: float, liquidation: float) -> str | None:
    """Why a position cannot be insolvent: its venue would liquidate it only at another price than the mark."""
    if abs(mark - liquidation) <= _NOTEWORTHY * mark:
        return None
    return (
        f"by what the venue says backs it, it would be insolvent, but the venue's own liquidation price is "
        f"{format_number(liquidation)}, so what backs it is unknown"
    )


def compare_liquidation(*, ours: float | None, venues: float | None, mark: float) -> str | None:
    """A note with both liquidation prices where they are more than 1 % of the distance apart."""
    if ours is None or venues is None:
        return None
    if abs(ours - venues) <= _NOTEWORTHY * abs(mark - venues):
        return None
    return f"its liquidation price is {format_number(ours)} here and {format_number(venues)} at the venue"
