"""What is left of positions after forced fills, where the venue's list of positions surely shows them."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from adlrisk.domain.position.position import Side
from adlrisk.positions.account_reading import AccountReading
from adlrisk.positions.fills.forced import ForcedClose
from adlrisk.positions.open_position import OpenPosition
from adlrisk.watch.reading.observed_position import find_size

_SAME: Final = 1e-9  # of a size: sums of decimals
_SETTLED: Final = 60.0  # seconds: how long a list of positions may lag behind a fill


class Remaining(Struct, frozen=True, kw_only=True):
    """What a reading of positions says of closes that were found beside it."""

    now: AccountReading | None  # read after the fills; None: that failed
    before: Sequence[AccountReading]  # read before, by which it is seen whether a fill is already shown
    at: float | None  # the venue's time, seconds since 1970

    def find_left(self, closes: Sequence[ForcedClose]) -> float | None:
        """What is open of the position, in contracts, after ``closes``, which are all of its that are new.

        ``None``: not known, also where the list may not show them yet.
        """
        symbol, side = closes[0].symbol, closes[0].side
        left = None if self.now is None else find_left(self.now, symbol=symbol, side=side)
        if left is None or all(self.is_settled(close) for close in closes):
            return left
        sizes = (find_left(reading, symbol=symbol, side=side) for reading in self.before)
        return left if any(size is not None and _shows(closes, left=left, before=size) for size in sizes) else None

    def is_settled(self, close: ForcedClose) -> bool:
        """Whether it was so long ago that the list shows it."""
        return self.at is not None and self.at - close.at >= _SETTLED


def find_left(reading: AccountReading, *, symbol: str, side: Side | None) -> float | None:
    """What is open of the position, in contracts; 0.0: nothing, ``None``: not known."""
    if side is None:
        return None
    held = [one for one in reading.positions if one.symbol.upper() == symbol.upper()]
    if any(one.side is None for one in held):
        return None
    mine = [one for one in held if one.side == side]
    if not mine:
        return 0.0 if reading.is_complete else None
    return _sum(mine)


def _shows(closes: Sequence[ForcedClose], *, left: float, before: float) -> bool:
    """Whether all ``closes`` may be what is between ``before`` and ``left``: no less is gone than they closed."""
    if left == 0.0:
        return before > 0.0
    sizes = [close.size for close in closes if close.size is not None]
    if len(sizes) < len(closes):
        return len(closes) == 1 and left < before
    return left <= before - sum(sizes) + _SAME * before


def _sum(positions: Sequence[OpenPosition]) -> float | None:
    """The size of all of them: a side may be held in two margin modes."""
    sizes = [find_size(one) for one in positions]
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None
