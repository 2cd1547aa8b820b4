"""Room of an account, equity less maintenance margin, as the prices of some of its legs move together.

All these prices move by the same factor. With t = P/M for linear legs and M/P for inverse ones (P the price, M the
mark), the room is ``equity + slope·(t − 1) − fixed − Σ max(0, mᵢ·nᵢ·t − aᵢ)``. It is concave, and linear between the
kinks t = aᵢ/(mᵢ·nᵢ): an account with room at the mark, t = 1, loses it at most once in each direction.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from adlrisk.domain.position.arithmetic import ROUNDING

_AT_MARK: Final = 1.0


class MovingMaintenance(NamedTuple):
    """A leg's maintenance margin as its price moves: max(0, growth·t − amount), settlement currency."""

    growth: float  # m·n: rate times notional at the mark
    amount: float  # a: the tier's deduction

    @property
    def kink(self) -> float:
        """The t below which the leg has no maintenance margin."""
        return self.amount / self.growth


class Room(Struct, frozen=True, kw_only=True):
    """The terms of the room, settlement currency."""

    equity: float  # at the mark
    slope: float  # of the equity: Σ s·n of the legs that move, with the opposite sign if they are inverse
    fixed: float  # maintenance margin that does not move
    moving: Sequence[MovingMaintenance]
    scale: float  # Σ n of the legs that move; a slope below 1e-13 of it is rounding

    def lost_below(self) -> float | None:
        """The change of t, between −1 and 0, at which no room is left; ``None`` if there is none."""
        kinks = sorted({leg.kink for leg in self.moving if leg.kink < _AT_MARK}, reverse=True)
        ends = [*kinks, 0.0]
        index = bisect_left(ends, True, key=lambda t: self._at(t) <= 0.0)  # noqa: FBT003 (the first that is true)
        if index == len(ends):
            return None
        lower, upper = ends[index], ends[index - 1] if index else _AT_MARK
        change = self._root(lower)
        if change is None:
            return None
        root = min(max(change, lower - _AT_MARK), upper - _AT_MARK)
        return root if root + _AT_MARK > ROUNDING else None

    def lost_above(self) -> float | None:
        """The change of t, above 0, at which no room is left; ``None`` if there is none."""
        kinks = sorted({leg.kink for leg in self.moving if leg.kink > _AT_MARK})
        index = bisect_left(kinks, True, key=lambda t: self._at(t) <= 0.0)  # noqa: FBT003
        lower = kinks[index - 1] if index else _AT_MARK
        change = self._root(lower)
        if change is None or change < 0.0:
            return None
        root = max(change, lower - _AT_MARK)
        return min(root, kinks[index] - _AT_MARK) if index < len(kinks) else root

    def _at(self, t: float) -> float:
        due = (max(0.0, leg.growth * t - leg.amount) for leg in self.moving)
        return math.fsum((self.equity, self.slope * (t - _AT_MARK), -self.fixed, *(-amount for amount in due)))

    def _root(self, lower: float) -> float | None:
        """The root of the segment that begins at ``lower``, extended both ways, as a change of t."""
        active = [leg for leg in self.moving if leg.kink <= lower]
        slope = math.fsum((self.slope, *(-leg.growth for leg in active)))
        if abs(slope) < ROUNDING * self.scale:
            return None
        at_mark = math.fsum(
            (self.equity, -self.fixed, *(-leg.growth for leg in active), *(leg.amount for leg in active))
        )
        return -at_mark / slope
