"""Room of an account, equity less maintenance margin, as the prices of some of its legs move together.

All these prices move by the same factor. With t = P/M for linear legs and M/P for inverse ones (P the price, M the
mark), the room is ``equity + slope·(t − 1) − fixed − Σ max(0, mᵢ·nᵢ·t − aᵢ)``. It is concave, and linear between the
kinks t = aᵢ/(mᵢ·nᵢ): an account with room at the mark, t = 1, loses it at most once in each direction.
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from adlrisk.domain.position.arithmetic import ROUNDING

_AT_MARK: Final = 1.0


class MovingMaintenance(Struct, frozen=True, gc=False):
    """A leg's maintenance margin as its price moves: max(0, growth·t − amount), settlement currency."""

    growth: float  # m·n: rate times notional at the mark
    amount: float  # a: the tier's deduction


class Room(Struct, frozen=True, kw_only=True, gc=False):
    """The terms of the room, settlement currency; there is some at the mark."""

    equity: float  # at the mark
    slope: float  # of the equity: Σ s·n of the legs that move, with the opposite sign if they are inverse
    fixed: float  # maintenance margin that does not move
    moving: Sequence[MovingMaintenance]
    scale: float  # Σ n of the legs that move; a slope below 1e-13 of it is rounding

    def lost_below(self) -> float | None:
        """The change of t, between −1 and 0, at which no room is left; ``None`` if there is none."""
        ends = sorted([part.amount / part.growth for part in self.moving if part.amount < part.growth], reverse=True)
        ends.append(0.0)
        root = self._root(ends[0])
        if root is None or not ends[0] - _AT_MARK <= root < 0.0:  # not lost before the first kink, as usual
            index = bisect_left(ends, True, key=self._is_lost)  # noqa: FBT003 (the first end where it is true)
            if index == len(ends):
                return None
            root = self._root(ends[index])
            if root is None:
                return None
            upper = ends[index - 1] if index else _AT_MARK
            root = min(max(root, ends[index] - _AT_MARK), upper - _AT_MARK)
        return root if root + _AT_MARK > ROUNDING else None

    def lost_above(self) -> float | None:
        """The change of t, above 0, at which no room is left; ``None`` if there is none."""
        ends = sorted([part.amount / part.growth for part in self.moving if part.amount > part.growth])
        root = self._root(_AT_MARK)
        if ends and (root is None or not 0.0 < root <= ends[0] - _AT_MARK):
            index = bisect_left(ends, True, key=self._is_lost)  # noqa: FBT003
            lower = ends[index - 1] if index else _AT_MARK
            root = self._root(lower)
            if root is None:
                return None
            upper = ends[index] if index < len(ends) else math.inf
            root = min(max(root, lower - _AT_MARK), upper - _AT_MARK) if root > 0.0 else root
        return root if root is not None and root > 0.0 else None

    def _is_lost(self, t: float) -> bool:
        due = [part.amount - part.growth * t for part in self.moving if part.growth * t > part.amount]
        return math.fsum([self.equity, self.slope * (t - _AT_MARK), -self.fixed, *due]) <= 0.0

    def _root(self, lower: float) -> float | None:
        """The root of the segment that begins at ``lower``, extended both ways, as a change of t."""
        active = [part for part in self.moving if part.amount / part.growth <= lower]
        slope = math.fsum([self.slope, *[-part.growth for part in active]])
        if abs(slope) < ROUNDING * self.scale:
            return None
        return -math.fsum([self.equity, -self.fixed, *[part.amount - part.growth for part in active]]) / slope
