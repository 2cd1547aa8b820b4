"""Slippage: what a fill loses against the mark price, by walking a given order book from its nearest level outwards."""

import math
from typing import Final

from msgspec import UNSET, Struct

from adlrisk.domain.planning.costs.terms import Terms
from adlrisk.domain.position.position import Position
from adlrisk.domain.stress.depth import FARTHEST, ONE_PERCENT, Depth

_WHOLE: Final = 1.0 - 1e-12  # a size that exceeds the depth only by rounding is filled
_TERMS: Final = 64  # of a series in distances of at most a half


class Fill(Struct, frozen=True, gc=False):
    """Contracts that are traded at market."""

    size: float
    sells: bool


def slip(position: Position, fills: tuple[Fill, ...], terms: Terms) -> float | None:
    """What ``fills`` lose, settlement currency; ``None`` without a depth, and where it holds less than they take."""
    if not fills:
        return 0.0
    if terms.depth is None:
        return None
    lost = [_walk(position, fill, terms.depth, terms) for fill in fills]
    return None if None in lost else math.fsum(each for each in lost if each is not None)


def _walk(position: Position, fill: Fill, depth: Depth, terms: Terms) -> float | None:
    if depth.size_for_one_percent is UNSET:
        return _walk_levels(position, fill, depth, terms)
    return _walk_curve(position, fill, within=depth.size_for_one_percent * depth.depth_left, shape=depth.shape)


def _walk_levels(position: Position, fill: Fill, depth: Depth, terms: Terms) -> float | None:
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


def _walk_curve(position: Position, fill: Fill, *, within: float, shape: float) -> float | None:
    """Along a curve with ``within`` contracts in one percent, exactly: not in the bands of a simulation."""
    if fill.size * _WHOLE > within * (FARTHEST / ONE_PERCENT) ** shape:
        return None
    farthest = ONE_PERCENT * (fill.size / within) ** (1.0 / shape)
    # A share t of the fill is within farthest · t^(1/shape) of the mark: the mean of its n-th power is shape/(shape+n).
    if position.contract == "linear":
        lost = position.mark_price * farthest * shape / (shape + 1.0)
    else:
        # 1/(m·(1 ∓ u)) differs from 1/m by (u ± u² + u³ …)/m: bids from above, asks in turns.
        sign = 1.0 if fill.sells else -1.0
        powers = [sign ** (n - 1) * farthest**n * shape / (shape + n) for n in range(1, _TERMS + 1)]
        lost = math.fsum(powers) / position.mark_price
    return float(lost * fill.size * position.contract_size)
