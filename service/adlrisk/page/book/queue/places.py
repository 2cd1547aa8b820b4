"""Places in a queue: its fifths, and the one that each position begins in, from the columns of ``POST /queue/rank``.

Equal keys begin where the first of them does, since nobody knows a venue's order of them: as in ``POST /plan``.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

FIFTH_NAMES: Final = ("1st fifth, closed first", "2nd fifth", "3rd fifth", "4th fifth", "5th fifth, closed last")

_FIFTHS: Final = len(FIFTH_NAMES)
_LAST_BITS: Final = 1e-9  # by which a share may miss or exceed a fifth through rounding, as in the queue itself
_SAME_KEY: Final = 1e-12  # relative difference below which keys count as equal
_LOST_DIGITS: Final = 2.0**-48  # the same for each unit of leverage: it stands for the digits that losses have used up

Columns = Mapping[str, Sequence[Any]]


def fifth_beginning_at(share_ahead: float) -> int:
    """The fifth of the queue, 1 to 5, of a position with this share of it before its begin.

    >>> fifth_beginning_at(0.0), fifth_beginning_at(0.19), fifth_beginning_at(0.2), fifth_beginning_at(1.0)
    (1, 1, 2, 5)
    """
    return min(math.floor(share_ahead * _FIFTHS + _LAST_BITS) + 1, _FIFTHS)


def fifth_ending_at(percentile: float) -> int:
    """The fifth, 1 to 5, that a venue's meter counts a position with this share of the queue up to its end into.

    >>> fifth_ending_at(0.2), fifth_ending_at(0.21), fifth_ending_at(1.0), fifth_ending_at(1e-12)
    (1, 2, 5, 1)
    """
    return min(max(math.ceil(percentile * _FIFTHS - _LAST_BITS), 1), _FIFTHS)


def share_ahead_of(columns: Columns, place: int) -> float:
    """The share of the queue before a place, as the venue weights it: that up to the end of the one before."""
    return float(columns["percentile"][place - 1]) if place else 0.0


def find_begins(columns: Columns) -> list[float]:
    """The share of the queue before each position that is in it and before those of the same key."""
    return [share_ahead_of(columns, run.start) for run in _list_runs(columns) for _ in run]


def find_equals(columns: Columns, place: int) -> range:
    """The places of those that have the same key as the one at ``place``, itself among them."""
    return next(run for run in _list_runs(columns) if place in run)


def _list_runs(columns: Columns) -> Iterator[range]:
    """The places of each key, in the order of the queue; who is in no queue comes last and is left out."""
    start, ranked = 0, sum(rank is not None for rank in columns["rank"])
    for end in range(1, ranked + 1):
        if end == ranked or not _is_same_key(columns, end):
            yield range(start, end)
            start = end


def _is_same_key(columns: Columns, place: int) -> bool:
    """Whether the key at ``place`` is that of the place before, up to rounding."""
    key, before, leverage = columns["priority"][place], columns["priority"][place - 1], columns["effective_leverage"]
    tolerance = max(_SAME_KEY, _LOST_DIGITS * leverage[place])
    return bool(abs(before - key) <= abs(key) * tolerance)
