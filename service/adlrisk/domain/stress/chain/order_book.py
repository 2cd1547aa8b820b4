"""The order book of one step: levels with their prices, in whole lots, used up from the nearest."""

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import UNSET, Struct

from adlrisk.domain.deleverage.book_lots import round_column_down
from adlrisk.domain.position.position import Contract
from adlrisk.domain.stress.chain.values import offset_prices, value_of
from adlrisk.domain.stress.depth import FARTHEST, ONE_PERCENT, Depth, DepthLevel

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.apportionment import Lots
    from adlrisk.domain.queue.book import Floats

_BANDS: Final = 5000  # of a depth without levels
_BAND: Final = FARTHEST / _BANDS


class Side(Struct, frozen=True, kw_only=True, gc=False):
    """Bids or asks of one step, nearest first."""

    prices: "Floats"
    values: "Floats"  # of the prices
    ends: "Lots"  # lots up to and including each level


class Ladder(Struct, frozen=True, kw_only=True, gc=False):
    """Bids or asks whatever the mark price: offsets from it, and contracts up to and including each level."""

    below: bool
    offsets: "Floats"
    sizes: "Floats"


def build_ladders(depth: Depth) -> tuple[Ladder, Ladder]:
    """The bids, which longs are sold into, and the asks, which shorts are bought back from."""
    if depth.size_for_one_percent is not UNSET:
        edges = np.arange(1, _BANDS + 1, dtype=np.float64)
        offsets = (edges - 0.5) * _BAND
        sizes = depth.size_for_one_percent * (edges * (_BAND / ONE_PERCENT)) ** depth.shape
        return Ladder(below=True, offsets=offsets, sizes=sizes), Ladder(below=False, offsets=offsets, sizes=sizes)
    both = () if depth.levels is UNSET else depth.levels
    bids, asks = (both if side is UNSET else side for side in (depth.bids, depth.asks))
    return _from_levels(bids, below=True), _from_levels(asks, below=False)


def place_levels(ladder: Ladder, *, mark_price: float, depth_left: float, lot_size: float, contract: Contract) -> Side:
    """The levels of ``ladder`` around ``mark_price`` of which ``depth_left`` is left."""
    prices = offset_prices(mark_price, ladder.offsets, below=ladder.below)
    return Side(
        prices=prices,
        values=value_of(prices, contract),
        ends=round_column_down(ladder.sizes * depth_left / lot_size),
    )


def _from_levels(levels: tuple[DepthLevel, ...], *, below: bool) -> Ladder:
    offsets = np.array([level.offset for level in levels])
    return Ladder(below=below, offsets=offsets, sizes=np.cumsum([level.size for level in levels]))
