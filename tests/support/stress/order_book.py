"""One side of an order book in the slow reading: levels in whole lots, used up from the nearest."""

from collections.abc import Iterator
from fractions import Fraction

from msgspec import UNSET

from adlrisk.domain.stress.depth import Depth
from support.stress.judge import Judge

_BANDS = 5_000  # of 0.01 % up to 50 %
_BAND = Fraction(1, 10_000)
_BANDS_A_PERCENT = 100


class OrderBookSide:
    """The bids, into which longs are liquidated (``sign`` 1), or the asks, around ``mark``."""

    def __init__(self, levels: Iterator[tuple[Fraction, int]], *, mark: Fraction, sign: int) -> None:
        self._levels, self._mark, self._sign = levels, mark, sign
        self._offset, self.lots = Fraction(0), 0
        self.last_touched: Fraction | None = None
        self._advance()

    @property
    def price(self) -> Fraction:
        """Of the nearest level that is not used up."""
        return self._price_at(self._offset)

    def take(self, lots: int) -> None:
        """Close some of the lots of the nearest level."""
        self.lots -= lots
        self.last_touched = self.price
        if self.lots == 0:
            self._advance()

    def displacement(self) -> Fraction:
        return Fraction(0) if self.last_touched is None else abs(self._mark - self.last_touched)

    def _price_at(self, offset: Fraction) -> Fraction:
        return self._mark * (1 - self._sign * offset)

    def _advance(self) -> None:
        self._offset, self.lots = next((level for level in self._levels if level[1]), (Fraction(0), 0))


def cut_levels(
    depth: Depth, *, sign: int, depth_left: Fraction, lot_size: Fraction, judge: Judge
) -> Iterator[tuple[Fraction, int]]:
    """Offsets of the levels with their lots, cumulative sizes rounded down; a level can be left without any."""
    before = 0
    for offset, cumulative in _cumulative(depth, sign=sign):
        lots = judge.round_down(cumulative * depth_left / lot_size)
        yield offset, lots - before
        before = lots


def _cumulative(depth: Depth, *, sign: int) -> Iterator[tuple[Fraction, Fraction]]:
    """Offset of each level, and the size from the mark to its end."""
    if depth.size_for_one_percent is not UNSET:
        for band in range(1, _BANDS + 1):
            share = Fraction((band / _BANDS_A_PERCENT) ** depth.shape)
            yield (band - Fraction(1, 2)) * _BAND, Fraction(depth.size_for_one_percent) * share
        return
    own = depth.bids if sign > 0 else depth.asks
    levels = depth.levels if own is UNSET else own
    assert levels is not UNSET
    total = Fraction(0)
    for level in levels:
        total += Fraction(level.size)
        yield Fraction(level.offset), total
