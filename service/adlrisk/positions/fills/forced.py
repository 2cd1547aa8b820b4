"""Forced fills: which of the fills of an account were an ADL or a liquidation, by the rules of its venue's card."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from msgspec import Struct

from adlrisk.domain.position.position import Side
from adlrisk.domain.rules.classification import NO_FIELD, ClassifiedFill, FillClassifier
from adlrisk.positions.fills.source import ForcedKind, VenueFill

_MILLISECONDS: Final = 1000.0
_WHOSE: Final = "Whether it is the leg of the holder or of the bankrupt is not told by the venue's mark."


class ForcedClose(Struct, frozen=True, kw_only=True):
    """What one fill, or order with all of its fills, closed of a position. An event may be many of them."""

    id: str  # the same in each reading
    at: float  # by the venue's clock, seconds since 1970
    symbol: str  # the venue's own id of the contract
    side: Side | None  # of the position that was reduced
    kind: ForcedKind
    size: float | None  # in contracts
    price: float | None
    note: str | None = None  # what the venue's mark cannot tell


class JudgedFills(NamedTuple):
    """The forced ones among fills, and why some could not be told."""

    closes: tuple[ForcedClose, ...]
    unknown: tuple[str, ...]  # each reason once


def judge_fills(fills: Iterable[VenueFill], classifier: FillClassifier) -> JudgedFills:
    """What ``fills`` are; the forced ones by time, each once."""
    closes: dict[str, ForcedClose] = {}
    unknown: dict[str, None] = {}
    for fill in fills:
        found = classifier.classify(fill.raw)
        kind = fill.listed_as or _find_kind(found)
        if kind is not None:
            note = None if fill.listed_as is not None or found.side_of is not None else found.note or _WHOSE
            close = _describe(fill, kind, note)
            closes[close.id] = close
        elif found.kind == "unknown" and found != NO_FIELD:
            unknown[str(found.note)] = None
    return JudgedFills(tuple(sorted(closes.values(), key=lambda close: close.at)), tuple(unknown))


def _find_kind(found: ClassifiedFill) -> ForcedKind | None:
    """Whether it was forced: an ADL of somebody else's bankruptcy, or a liquidation, also where that has two legs."""
    if found.kind == "adl":
        return "liquidation" if found.side_of == "bankrupt" else "adl"
    return "liquidation" if found.kind == "liquidation" else None


def _describe(fill: VenueFill, kind: ForcedKind, note: str | None) -> ForcedClose:
    return ForcedClose(
        id=":".join((kind, fill.id, fill.symbol, fill.reduced or "")),
        at=fill.at / _MILLISECONDS,
        symbol=fill.symbol,
        side=fill.reduced,
        kind=kind,
        size=fill.size,
        price=fill.price,
        note=note,
    )
