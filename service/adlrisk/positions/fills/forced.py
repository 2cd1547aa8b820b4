"""Forced fills: what the fills of an account are by the rules of its venue's card, those of one event summed."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from adlrisk.domain.position.position import Side
from adlrisk.domain.rules.classification import NO_FIELD, ClassifiedFill, FillClassifier
from adlrisk.positions.fills.source import ForcedKind, VenueFill

_MILLISECONDS: Final = 1000.0
_WHOSE: Final = "Whether it is the leg of the holder or of the bankrupt is not told by the venue's mark."


class ForcedEvent(Struct, frozen=True, kw_only=True):
    """What one event closed of one position."""

    id: str  # the same in each reading
    at: float  # of its last fill, by the venue's clock, seconds since 1970
    symbol: str  # the venue's own id of the contract
    side: Side | None  # of the position that was reduced
    kind: ForcedKind
    size: float | None  # in contracts
    price: float | None  # the average
    note: str | None = None  # what the venue's mark cannot tell


class JudgedFills(NamedTuple):
    """The forced ones among fills, and why some could not be told."""

    events: tuple[ForcedEvent, ...]
    unknown: tuple[str, ...]  # each reason once


def judge_fills(fills: Iterable[VenueFill], classifier: FillClassifier) -> JudgedFills:
    """What ``fills`` are; their events by time."""
    groups: dict[_Key, list[_Forced]] = {}
    unknown: dict[str, None] = {}
    for fill in fills:
        found = classifier.classify(fill.raw)
        kind = fill.listed_as or _find_kind(found)
        if kind is not None:
            note = None if fill.listed_as is not None or found.side_of is not None else found.note or _WHOSE
            groups.setdefault(_Key(kind, fill.event, fill.symbol, fill.reduced), []).append(_Forced(fill, note))
        elif found.kind == "unknown" and found != NO_FIELD:
            unknown[str(found.note)] = None
    events = [_sum_up(key, forced) for key, forced in groups.items()]
    return JudgedFills(tuple(sorted(events, key=lambda event: event.at)), tuple(unknown))


class _Key(NamedTuple):
    kind: ForcedKind
    event: str
    symbol: str
    side: Side | None


class _Forced(NamedTuple):
    fill: VenueFill
    note: str | None


def _find_kind(found: ClassifiedFill) -> ForcedKind | None:
    """Whether it was forced: an ADL of somebody else's bankruptcy, or a liquidation, also where that has two legs."""
    if found.kind == "adl":
        return "liquidation" if found.side_of == "bankrupt" else "adl"
    return "liquidation" if found.kind == "liquidation" else None


def _sum_up(key: _Key, forced: Sequence[_Forced]) -> ForcedEvent:
    sizes = [one.fill.size for one in forced]
    known = [size for size in sizes if size is not None]
    size = sum(known) if len(known) == len(sizes) else None
    return ForcedEvent(
        id=":".join((key.kind, key.event, key.symbol, key.side or "")),
        at=max(one.fill.at for one in forced) / _MILLISECONDS,
        symbol=key.symbol,
        side=key.side,
        kind=key.kind,
        size=size,
        price=_average(forced, size),
        note=next((one.note for one in forced if one.note is not None), None),
    )


def _average(forced: Sequence[_Forced], size: float | None) -> float | None:
    """The price of all fills together, weighted by size."""
    prices = [one.fill.price for one in forced]
    if len(set(prices)) == 1:
        return prices[0]
    if not size or any(price is None for price in prices):
        return None
    return sum((one.fill.price or 0.0) * (one.fill.size or 0.0) for one in forced) / size
