"""Band: the score in one of three words."""

from typing import Final, Literal

Band = Literal["low", "watch", "high"]

_WATCH_FROM: Final = 4
_HIGH_FROM: Final = 7


def most_points(band: Literal["low", "watch"]) -> int:
    """The highest score in ``band``.

    >>> [most_points("low"), most_points("watch")]
    [3, 6]
    """
    return (_WATCH_FROM if band == "low" else _HIGH_FROM) - 1


def band_of(points: int) -> Band:
    """The band of a score.

    >>> [band_of(points) for points in (0, 3, 4, 6, 7, 10)]
    ['low', 'low', 'watch', 'watch', 'high', 'high']
    """
    if points >= _HIGH_FROM:
        return "high"
    return "watch" if points >= _WATCH_FROM else "low"
