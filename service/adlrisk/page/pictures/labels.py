"""Places of labels: near what they name, and none over another."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from adlrisk.page.pictures.figure import Anchor

NARROWEST: Final = 272  # CSS pixels: what is left for a picture on a screen of 320

_CHARACTER: Final = 8.5  # width of a wide font's digit, CSS pixels at a font size of 13
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
    42.5
    """
    return len(text) * _CHARACTER


class PlacedLabel(Struct, frozen=True, kw_only=True, gc=False):
    """A label at a place from left (0) to right (1), which it starts at, is centred on, or ends at."""

    text: str
    place: float
    anchor: Anchor
    start: float  # CSS pixels in the narrowest picture, where labels are nearest to each other
    stop: float


def place_label(text: str, place: float) -> PlacedLabel:
    """A label at ``place`` that does not reach over the ends of the picture.

    >>> [place_label("1,800", place).anchor for place in (0.0, 0.5, 1.0)]
    ['start', 'middle', 'end']
    """
    at, width = place * NARROWEST, width_of(text)
    anchor: Anchor = "middle"
    start = at - width / 2.0
    if start < 0.0:
        anchor, start = "start", at
    elif start + width > NARROWEST:
        anchor, start = "end", at - width
    return PlacedLabel(text=text, place=place, anchor=anchor, start=start, stop=start + width)


def stack(labels: Sequence[PlacedLabel]) -> list[int]:
    """The row of each label: the first, 0, in which it does not meet one before it.

    >>> stack([place_label("liquidation", 0.5), place_label("mark", 0.52), place_label("entry", 0.9)])
    [0, 1, 0]
    """
    rows: list[list[PlacedLabel]] = []
    found = []
    for label in labels:
        row = next((index for index, others in enumerate(rows) if not _meets(label, others)), len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append(label)
        found.append(row)
    return found


def _meets(label: PlacedLabel, others: Sequence[PlacedLabel]) -> bool:
    return any(label.start < other.stop + _BETWEEN and other.start < label.stop + _BETWEEN for other in others)
