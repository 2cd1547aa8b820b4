"""Places of labels: near what they name, and none over another."""

from collections.abc import Sequence
from typing import Final

NARROWEST: Final = 272  # CSS pixels: what is left for a picture on a screen of 320

_CHARACTER: Final = 7.5  # mean width of a character of a label, CSS pixels at a font size of 13
_BETWEEN: Final = 14.0


def spread(wanted: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Rising places at least ``gap`` apart between ``low`` and ``high``, as near to the rising ``wanted`` as it goes.

    Where there is no room for all, they are evenly closer.

    >>> spread([10.0, 11.0, 50.0], gap=20.0, low=0.0, high=100.0)
    [0.5, 20.5, 50.0]
    >>> spread([1.0, 1.0, 1.0], gap=50.0, low=0.0, high=60.0)
    [0.0, 30.0, 60.0]
    """
    count = len(wanted)
    if count > 1:
        gap = min(gap, (high - low) / (count - 1))
    # Less their gaps, places need only not fall: neighbours that would are pooled at their mean.
    pools: list[tuple[float, int]] = []
    for index, place in enumerate(wanted):
        mean, size = place - index * gap, 1
        while pools and pools[-1][0] > mean:
            before, more = pools.pop()
            mean, size = (before * more + mean * size) / (more + size), more + size
        pools.append((mean, size))
    level = [mean for mean, size in pools for _ in range(size)]
    highest = high - (count - 1) * gap
    return [min(max(place, low), highest) + index * gap for index, place in enumerate(level)]


def width_of(text: str) -> float:
    """About how wide a label is, CSS pixels.

    >>> width_of("1,800")
    37.5
    """
    return len(text) * _CHARACTER


def fit_side_by_side(texts: Sequence[str]) -> bool:
    """Whether labels of an axis fit beside each other in the narrowest picture."""
    return sum(map(width_of, texts)) + _BETWEEN * (len(texts) - 1) <= NARROWEST
