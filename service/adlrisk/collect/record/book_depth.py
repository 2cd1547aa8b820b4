"""The depth of the order book as one number: the contracts within 1 % of mid on its thinner side.

Within a distance u of mid stand D·(u / 1 %)^shape contracts, by the law that a request's depth follows too; D is taken
from the widest band that the book reaches. It falls with the book at once, and recovers slowly: a book that has just
emptied fills and empties again within seconds.
"""

import math
from collections.abc import Mapping
from typing import Annotated, Final

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import LARGEST, SMALLEST_POSITIVE, NonNegative
from adlrisk.domain.stress.depth import Depth

RECOVERY_SECONDS: Final = 600.0  # in which a rise has come through to 1 − 1/e

_SHAPE: Final = Depth(size_for_one_percent=1.0).shape
_ONE_PERCENT: Final = 100.0  # basis points


class BookDepth(Struct, frozen=True, kw_only=True):
    """The depth after the latest look at the book; times are seconds since 1970."""

    at: Annotated[float, Meta(ge=0.0, le=float(1 << 40))]
    size: NonNegative  # contracts within 1 %


def follow_depth(before: BookDepth | None, sizes: Mapping[int, float], *, now: float) -> BookDepth:
    """The depth after a look at a book with these contracts, by band in basis points; there is one band at least.

    A clock that went back lets nothing recover.
    """
    band = max(sizes)
    size = min(sizes[band] / (band / _ONE_PERCENT) ** _SHAPE, LARGEST)
    if before is None or size <= before.size:
        return BookDepth(at=now, size=size)
    recovered = 1.0 - math.exp(-max(0.0, now - before.at) / RECOVERY_SECONDS)
    return BookDepth(at=now, size=before.size + recovered * (size - before.size))


def size_for_one_percent(depth: BookDepth | None) -> float | None:
    """The contracts within 1 %; next to none, not 0, where a side is empty that far."""
    return None if depth is None else max(float(f"{depth.size:.6g}"), SMALLEST_POSITIVE)
