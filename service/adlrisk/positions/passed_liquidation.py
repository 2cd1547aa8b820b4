"""Liquidation prices that the mark has passed, as their venue publishes them: which of them mean that it is due."""

from collections.abc import Sequence

from msgspec.structs import replace

from adlrisk.positions.open_position import OpenPosition


def leave_out_shared_prices(held: Sequence[OpenPosition]) -> list[OpenPosition]:
    """``held`` without prices that were not passed, but belong to the other side of a hedge.

    Of a cross position that is hedged a venue may publish one price for both sides: the one at which what is not hedged
    is liquidated. It is on the wrong side of the mark for one of them.
    """
    return [
        replace(one, passed_liquidation_price=None)
        if one.passed_liquidation_price is not None and any(_may_hedge(other, one) for other in held)
        else one
        for one in held
    ]


def _may_hedge(other: OpenPosition, one: OpenPosition) -> bool:
    """Whether the two may share what backs them, and win on opposite moves of the same currency."""
    if "isolated" in (one.margin_mode, other.margin_mode) or other.side == one.side:
        return False
    return other.currencies is None or one.currencies is None or other.currencies.base == one.currencies.base
