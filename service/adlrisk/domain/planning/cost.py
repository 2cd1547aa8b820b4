"""What an option costs: taker fees, and slippage against the mark price by walking a given order book."""

import math
from typing import Final

from msgspec import Struct

from adlrisk.domain.planning.option import Cost
from adlrisk.domain.planning.terms import Terms
from adlrisk.domain.position.arithmetic import notional_value
from adlrisk.domain.position.position import Position
from adlrisk.domain.stress.depth import Depth

_WHOLE: Final = 1.0 - 1e-12  # a size that exceeds the depth only by rounding is filled


class Fill(Struct, frozen=True, gc=False):
    """Contracts that are traded at market."""

    size: float
    sells: bool


def cost_of(position: Position, fills: tuple[Fill, ...], terms: Terms, *, margin: float | None = 0.0) -> Cost:
    """The cost of ``fills`` in the contract of ``position``, and of ``margin`` to be added."""
    traded = math.fsum(fill.size for fill in fills) * position.contract_size
    value: float = notional_value(traded, position.mark_price, inverse=position.contract == "inverse")
    return Cost(margin=margin, fees=terms.taker_fee * value, slippage=_slip(position, fills, terms))


def close_fill(position: Position, size: float) -> Fill:
    """The fill that closes ``size`` contracts."""
    return Fill(size, position.side == "long")


def open_fill(position: Position, size: float) -> Fill:
    """The fill that opens ``size`` contracts."""
    return Fill(size, position.side == "short")


def _slip(position: Position, fills: tuple[Fill, ...], terms: Terms) -> float | None:
    if not fills:
        return 0.0
    if terms.depth is None:
        return None
    lost = [_walk(position, fill, terms.depth, terms) for fill in fills]
    return None if None in lost else math.fsum(each for each in lost if each is not None)


def _walk(position: Position, fill: Fill, depth: Depth, terms: Terms) -> float | None:
    """What ``fill`` loses against the mark price, from the nearest level outwards."""
    import numpy as np  # noqa: PLC0415 (only a depth needs it)

    from adlrisk.domain.deleverage.book_lots import round_column_down  # noqa: PLC0415
    from adlrisk.domain.stress.chain.order_book import build_ladders  # noqa: PLC0415
    from adlrisk.domain.stress.chain.values import offset_prices, value_of  # noqa: PLC0415

    bids, asks = build_ladders(depth)
    ladder = bids if fill.sells else asks
    sizes = ladder.sizes * depth.depth_left
    ends = round_column_down(sizes / terms.lot_size) * terms.lot_size if terms.has_lots else sizes
    if ends[-1] < fill.size * _WHOLE:
        return None
    taken = np.diff(np.minimum(ends, fill.size), prepend=0.0)
    prices = offset_prices(position.mark_price, ladder.offsets, below=ladder.below)
    values, mark = value_of(prices, position.contract), value_of(position.mark_price, position.contract)
    return float(np.sum(taken * np.abs(values - mark))) * position.contract_size
