"""Scales and ticks of axes, which hold for any finite numbers."""

import math
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

_STEPS: Final = (1.0, 2.0, 5.0, 10.0)
_ON_TICK: Final = 1e-9  # of a step
_MIDDLE: Final = 0.5


class Scale(Struct, frozen=True, kw_only=True, gc=False):
    """The range of an axis: ``low`` is at place 0 of it, ``high`` at place 1."""

    low: float
    high: float

    def place(self, value: float) -> float:
        """Where ``value`` is on the axis, from 0 to 1; beyond an end it is at that end.

        >>> scale = Scale(low=-10.0, high=10.0)
        >>> scale.place(-10.0), scale.place(5.0), scale.place(99.0), Scale(low=3.0, high=3.0).place(3.0)
        (0.0, 0.75, 1.0, 0.5)
        """
        if self.high <= self.low:
            return _MIDDLE
        value = min(max(value, self.low), self.high)
        width = self.high - self.low
        if math.isfinite(width):
            return (value - self.low) / width
        return (value / 2.0 - self.low / 2.0) / (self.high / 2.0 - self.low / 2.0)


def scale_of(values: Iterable[float], *, margin: float = 0.0) -> Scale:
    """The range of ``values`` and, at either end, ``margin`` of its width; that of 0 to 1 if there are none.

    >>> scale_of([3.0, 1.0, 2.0]), scale_of([0.0, 10.0], margin=0.1), scale_of([])
    (Scale(low=1.0, high=3.0), Scale(low=-1.0, high=11.0), Scale(low=0.0, high=1.0))
    """
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return Scale(low=0.0, high=1.0)
    low, high = min(known), max(known)
    more = margin * high - margin * low
    lower, higher = low - more, high + more
    return (
        Scale(low=lower, high=higher) if math.isfinite(lower) and math.isfinite(higher) else Scale(low=low, high=high)
    )


def list_ticks(scale: Scale, *, at_most: int) -> list[float]:
    """Round numbers on ``scale``, rising: as many as there are under the finest step that gives ``at_most``.

    The ends themselves where no round number can be told apart from them.

    >>> list_ticks(Scale(low=0.0, high=10.0), at_most=3), list_ticks(Scale(low=-0.136, high=0.136), at_most=5)
    ([0.0, 5.0, 10.0], [-0.1, -0.05, 0.0, 0.05, 0.1])
    >>> list_ticks(Scale(low=7.0, high=7.0), at_most=4)
    [7.0]
    """
    width = scale.high - scale.low
    if width <= 0.0:
        return [scale.low]
    start = width / at_most
    if start > 0.0 and math.isfinite(width) and _can_step(scale, start):
        magnitude = 10.0 ** math.floor(math.log10(start))
        for factor in (*_STEPS, 20.0, 50.0):
            ticks = _multiples(scale, factor * magnitude) if magnitude else []
            if 0 < len(ticks) <= at_most:
                return ticks
    return [scale.low, scale.high]


def _can_step(scale: Scale, step: float) -> bool:
    """Whether multiples of ``step`` can be counted exactly at both ends."""
    largest = max(abs(scale.low), abs(scale.high))
    return largest / step < 1.0 / _ON_TICK


def _multiples(scale: Scale, step: float) -> list[float]:
    first, last = math.ceil(scale.low / step - _ON_TICK), math.floor(scale.high / step + _ON_TICK)
    digits = max(0, 1 - math.floor(math.log10(step)))
    ticks = (count * step for count in range(first, last + 1))
    return [round(tick, digits) + 0.0 for tick in ticks] if digits < 300 else list(ticks)  # noqa: PLR2004
