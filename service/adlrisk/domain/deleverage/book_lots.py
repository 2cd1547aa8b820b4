"""Sizes of a book's positions in whole lots, and rounding of columns to them."""

from typing import TYPE_CHECKING

import numpy as np

from adlrisk.domain.deleverage.lots import (
    LAST_DIGITS,
    MAX_TOTAL_LOTS,
    is_whole,
    lot_multiple_error,
    rounding_tolerance,
)

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.apportionment import Indices, Lots
    from adlrisk.domain.queue.book import Floats


def count_book_lots(sizes: "Floats", indices: "Indices", lot_size: float) -> "Lots":
    """The sizes at ``indices`` in lots.

    Raises:
        RefusedError: one is no whole number of lots, or they are too many; ``path`` begins with its index.
    """
    lots = sizes[indices] / lot_size
    nearest = np.rint(lots)
    whole = is_whole(lots, nearest)
    # Summed in doubles, which do not overflow; a sum this large is rejected long before rounding matters.
    countable = np.cumsum(nearest) < MAX_TOTAL_LOTS
    fits = whole & countable
    if not fits.all():
        index = int(indices[int(np.argmin(fits))])
        raise lot_multiple_error(float(sizes[index]), lot_size, path=(index, "size"))
    return nearest.astype(np.int64)


def round_column_down(lots: "Floats") -> "Lots":
    """Each of ``lots`` rounded down as ``lots.round_down`` does, at most 2^62."""
    within = np.minimum(lots, float(MAX_TOTAL_LOTS))
    nearest = np.rint(within)
    near = nearest - within <= np.minimum(nearest * LAST_DIGITS, rounding_tolerance(nearest))
    return np.where(near, nearest, np.floor(within)).astype(np.int64)
