"""Forced fills: each is told once, and once more where only a later reading shows what it left."""

import math
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.sentences.forced_fills import tell_forced_fill, tell_what_is_left
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import FailedReading, ForcedFill, Reading
from adlrisk.watch.rules.merging import merge_events
from adlrisk.watch.state.account_state import KnownFill, KnownFills

_SAME: Final = 1e-9  # of a size: sums of decimals
_DAY: Final = 86_400.0  # seconds. Older fills are not told, so their ids need not be kept


class FoundFills(Struct, frozen=True, kw_only=True):
    """What a reading found of forced fills that is to be told."""

    new: tuple[ForcedFill, ...] = ()  # the oldest first
    completed: tuple[ForcedFill, ...] = ()  # told before, when it was not known what they left

    def list_closed(self) -> set[tuple[str, str | None]]:
        """Positions of which a fill left nothing."""
        return {(fill.symbol, fill.side) for fill in (*self.new, *self.completed) if fill.left == 0.0}


def find_new_fills(known: KnownFills, reading: Reading | FailedReading) -> tuple[KnownFills, FoundFills]:
    """What is known afterwards, and what is to be told.

    What is older than the first reading of the account when its fills are first read is known from then on. Later, also
    after a restart, each that is not known is new, but for those a day older than the last reading, by the venue's
    clock; of an order that went on filling what came since is new.
    """
    until = _later_of(known.until, reading.fills_until)
    begun = reading.at if known.begun is None else known.begun
    newest = until or max([0.0, *[fill.at for fill in reading.forced_fills if math.isfinite(fill.at)]])
    listed = {fill.id: replace(fill, at=_time_of(fill, newest)) for fill in reading.forced_fills}
    before = {each.id: each for each in known.known}
    new, completed = list[ForcedFill](), list[ForcedFill]()
    kept = {each.id: each for each in known.known if each.at >= newest - _DAY}
    for fill in sorted(listed.values(), key=lambda fill: fill.at):
        was = before.get(fill.id)
        if was is None and fill.at < newest - _DAY:
            continue
        is_old = was is None and known.until is None and fill.at <= begun
        part = None if is_old else _find_new_part(was, fill)
        awaits_rest = part is not None or (was is not None and was.awaits_rest)
        new += [] if part is None else [part]
        completed += [fill] if part is None and awaits_rest and fill.left is not None else []
        kept[fill.id] = _keep(was, fill, awaits_rest=awaits_rest and fill.left is None)
    found = FoundFills(new=tuple(new), completed=tuple(completed))
    return KnownFills(begun=begun, until=until, known=tuple(kept.values())), found


def tell_fills(found: FoundFills, account: Subject) -> tuple[Message, ...]:
    """A message of each event, with its time, and of each position about which a message was not whole."""
    told = []
    for fill in merge_events(found.new):
        subject = replace(account.narrow_to(fill.symbol, fill.side), at=fill.at)
        told.append(tell_forced_fill(subject, fill))
    news = {(fill.symbol, fill.side) for fill in found.new if fill.left is not None}
    late = {(fill.symbol, fill.side): fill for fill in found.completed if fill.left == 0.0 or fill.oversized_orders}
    told += [tell_what_is_left(account.narrow_to(*key), fill) for key, fill in late.items() if key not in news]
    return tuple(told)


def _find_new_part(known: KnownFill | None, fill: ForcedFill) -> ForcedFill | None:
    """What of the fill was not told before, at the price of that part; ``None``: nothing."""
    if known is None:
        return fill
    if known.size is None or fill.size is None or fill.size <= known.size * (1.0 + _SAME):
        return None
    size, price = fill.size - known.size, None
    if known.price is not None and fill.price is not None:
        price = (fill.size * fill.price - known.size * known.price) / size
    return replace(fill, size=size, price=price)


def _keep(known: KnownFill | None, fill: ForcedFill, *, awaits_rest: bool) -> KnownFill:
    """The fill as it is known now; a total that is less than the one before, or not known, says nothing."""
    if known is not None and (fill.size is None or fill.size < (known.size or 0.0)):
        return replace(known, awaits_rest=awaits_rest)
    return KnownFill(id=fill.id, at=fill.at, size=fill.size, price=fill.price, awaits_rest=awaits_rest)


def _later_of(known: float | None, read: float | None) -> float | None:
    """The later of two moments; one that is not known, or no number, says nothing."""
    if read is None or not math.isfinite(read):
        return known
    return read if known is None else max(known, read)


def _time_of(fill: ForcedFill, otherwise: float) -> float:
    """The fill's time, or, if the venue's is no number, ``otherwise``."""
    return fill.at if math.isfinite(fill.at) else otherwise
