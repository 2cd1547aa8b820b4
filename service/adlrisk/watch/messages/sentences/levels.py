"""Levels of a distance to liquidation, each told once until it was left again."""

from typing import Final

from adlrisk.watch.messages.message import Severity
from adlrisk.watch.messages.wording import format_share

_NEARER_THAN: Final = (0.20, 0.10, 0.05)
DUE: Final = len(_NEARER_THAN) + 1
_MOST_DIGITS: Final = 9


def find_level(distance: float | None) -> int:
    """How many of the levels the distance is nearer than, the last where it is due; none if it is not known.

    >>> [find_level(distance) for distance in (None, 0.2, 0.199, 0.1, 0.05, 0.049, 0.0)]
    [0, 0, 1, 1, 2, 3, 4]
    """
    if distance is None:
        return 0
    return DUE if distance <= 0.0 else sum(distance < level for level in _NEARER_THAN)


def weigh_level(level: int) -> Severity:
    """How loud it is that a level was reached."""
    if level == DUE:
        return "emergency"
    return "notice" if level == 1 else "warning"


def name_level(level: int) -> str:
    """The level in words.

    >>> [name_level(level) for level in (1, 3, 4)]
    ['nearer than 20 %', 'nearer than 5 %', 'due']
    """
    return "due" if level == DUE else f"nearer than {format_share(_NEARER_THAN[level - 1])}"


def format_distance(distance: float) -> str:
    """The distance with as many digits as tell it from the levels.

    >>> format_distance(0.0468), format_distance(0.199999), format_distance(0.2)
    ('4.68 %', '19.9999 %', '20 %')
    """
    levels = {format_share(level) for level in _NEARER_THAN if level != distance}
    texts = [format_share(distance, digits=digits) for digits in range(3, _MOST_DIGITS)]
    return next((text for text in texts if text not in levels), texts[-1])
