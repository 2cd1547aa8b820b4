"""The trail of entries: at which marks the open interest in a contract was opened, as far as that was seen.

Venues publish how much is open, not at which prices. What open interest grows by was opened at about the mark of that
moment, by longs and shorts alike; what it shrinks by is taken from all entries in proportion, since nothing tells whose
it was. A trail begins with the whole open interest at one mark, which says where the price was and not where the
positions were opened: ``seen`` is the share that is better known.
"""

import bisect
import math
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import NonNegative, Positive
from adlrisk.domain.position.entries import MAX_ENTRIES, Entry

LEAST_SEEN: Final = 0.5  # the entries say something once most of them were seen
WATCHED_SECONDS: Final = 300.0  # further apart, what happened between two readings was not seen
FORGOTTEN_SECONDS: Final = 86_400.0  # after so long without a reading nothing of the trail is known

_LARGEST_GROWTH: Final = 2.0  # between two readings; beyond it the venue may count in another unit
_LARGEST_MOVE: Final = 2.0  # of the mark, either way; beyond it the contract may be another one
_NEGLIGIBLE: Final = 1e-9  # as a share
_SHARE_DIGITS: Final = 9

Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Bin = tuple[Positive, Share]  # a price, and the share of the open interest that was opened at about it


class EntryTrail(Struct, frozen=True, kw_only=True):
    """The entries after the latest reading; times are seconds since 1970."""

    at: Annotated[float, Meta(ge=0.0, le=float(1 << 40))]
    interest: NonNegative  # in the unit of the readings
    mark: Positive
    seen: Share
    bins: Annotated[tuple[Bin, ...], Meta(max_length=MAX_ENTRIES)]  # by price; none where nothing was ever open

    def __post_init__(self) -> None:
        """Reject bins that are out of order, or are not all."""
        prices = [price for price, _ in self.bins]
        total = math.fsum(share for _, share in self.bins)
        if prices != sorted(prices) or (self.bins and abs(total - 1.0) > MAX_ENTRIES * _NEGLIGIBLE):
            raise ValueError("the bins must be in the order of their prices, and sum to 1")
        if self.interest > 0.0 and not self.bins:
            raise ValueError("open interest without bins")


def extend_trail(trail: EntryTrail | None, *, interest: float, mark: float, now: float) -> EntryTrail:
    """The trail after a reading of open interest, while the mark is ``mark``; begun by it where there is none.

    What cannot have been seen counts as not seen: a growth during a gap, one to more than double, and, of what was
    known before a gap, more the longer it was. A gap is as long as the clocks say, in either direction. After a day,
    and where the mark has doubled or halved from one reading to the next, the trail begins anew.
    """
    gap = 0.0 if trail is None else abs(now - trail.at)
    if trail is None or gap >= FORGOTTEN_SECONDS or not _is_same_contract(trail.mark, mark):
        bins = _add((), mark, 1.0) if interest > 0.0 else ()
        return EntryTrail(at=now, interest=interest, mark=mark, seen=0.0, bins=bins)
    is_watched = gap <= WATCHED_SECONDS
    seen = trail.seen if is_watched else trail.seen * (1.0 - gap / FORGOTTEN_SECONDS)
    if interest <= trail.interest:  # the shares of what is left are what they were
        return msgspec.structs.replace(trail, at=now, interest=interest, mark=mark, seen=seen)
    left = trail.interest / interest
    is_seen = is_watched and interest <= _LARGEST_GROWTH * trail.interest
    return EntryTrail(
        at=now,
        interest=interest,
        mark=mark,
        seen=min(left * seen + (1.0 - left if is_seen else 0.0), 1.0),
        bins=_add([(price, left * share) for price, share in trail.bins], mark, 1.0 - left),
    )


def seen_share(trail: EntryTrail | None, *, now: float) -> float | None:
    """The share of the open interest whose opening was seen; ``None`` without a trail that goes on."""
    if trail is None or abs(now - trail.at) > WATCHED_SECONDS:
        return None
    return round(trail.seen, 4)


def list_entries(trail: EntryTrail | None, *, now: float) -> tuple[Entry, ...]:
    """The entries, from the lowest price; none unless at least half of them was seen."""
    if trail is None or trail.interest == 0.0 or (seen_share(trail, now=now) or 0.0) < LEAST_SEEN:
        return ()
    shares = [round(share, _SHARE_DIGITS) for _, share in trail.bins]
    largest = shares.index(max(shares))
    shares[largest] = round(shares[largest] + 1.0 - math.fsum(shares), _SHARE_DIGITS)  # what rounding left over
    return tuple(
        Entry(price=price, share=share) for (price, _), share in zip(trail.bins, shares, strict=True) if share > 0.0
    )


def _is_same_contract(before: float, mark: float) -> bool:
    return 1.0 / _LARGEST_MOVE < mark / before < _LARGEST_MOVE


def _add(bins: Sequence[Bin], price: float, share: float) -> tuple[Bin, ...]:
    """``bins`` with ``share`` at ``price``, at most a hundred, which sum to 1."""
    price = float(f"{price:.6g}")
    merged = [one for one in bins if one[1] > _NEGLIGIBLE]
    place = bisect.bisect_left(merged, (price, 0.0))
    if place < len(merged) and merged[place][0] == price:
        merged[place] = (price, merged[place][1] + share)
    else:
        merged.insert(place, (price, share))
    if len(merged) > MAX_ENTRIES:
        _merge_nearest(merged)
    total = math.fsum(share for _, share in merged)
    return tuple((price, float(f"{share / total:.{_SHARE_DIGITS}g}")) for price, share in merged)


def _merge_nearest(bins: list[Bin]) -> None:
    """Replace the two neighbours whose merging moves the entries least by one at their mean price."""
    index = min(range(len(bins) - 1), key=lambda index: _cost(bins[index], bins[index + 1]))
    (low, below), (high, above) = bins[index : index + 2]
    share = below + above
    price = min(max(float(f"{(below * low + above * high) / share:.6g}"), low), high)
    bins[index : index + 2] = [(price, share)]


def _cost(low: Bin, high: Bin) -> float:
    """What merging adds to the variance of the logarithms of the prices."""
    return low[1] * high[1] / (low[1] + high[1]) * math.log(high[0] / low[0]) ** 2
