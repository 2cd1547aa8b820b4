"""Forced fills: each is told once."""

import math
from typing import Final

from msgspec.structs import replace

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.sentences.forced_fills import tell_forced_fill
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import FailedReading, ForcedFill, Reading
from adlrisk.watch.rules.merging import merge_events
from adlrisk.watch.state.account_state import KnownFill, KnownFills

_DAY: Final = 86_400.0  # seconds. Older fills are not told, so their ids need not be kept


def find_new_fills(known: KnownFills, reading: Reading | FailedReading) -> tuple[KnownFills, tuple[ForcedFill, ...]]:
    """What is known afterwards, and the fills that are to be told, the oldest first.

    What is there when the fills of an account are first read is known from then on. Later, also after a restart, each
    that is not known is new, but for those a day older than the newest fill, by the venue's clock.
    """
    until = _later_of(known.until, reading.fills_until)
    newest = max([until or 0.0, *[fill.at for fill in reading.forced_fills if math.isfinite(fill.at)]])
    recent = [fill for fill in _leave_out_known(reading, known) if _time_of(fill, newest) >= newest - _DAY]
    recent.sort(key=lambda fill: _time_of(fill, newest))
    kept = [each for each in known.known if each.at >= newest - _DAY]
    kept += [KnownFill(fill.id, _time_of(fill, newest)) for fill in recent]
    return KnownFills(until=until, known=tuple(kept)), () if known.until is None else tuple(recent)


def tell_fills(fills: tuple[ForcedFill, ...], account: Subject) -> tuple[Message, ...]:
    """A message of each event, with its time."""
    told = []
    for fill in merge_events(fills):
        subject = account.narrow_to(fill.symbol, fill.side)
        told.append(tell_forced_fill(replace(subject, at=_time_of(fill, account.at)), fill))
    return tuple(told)


def _later_of(known: float | None, read: float | None) -> float | None:
    """The later of two moments; one that is not known, or no number, says nothing."""
    if read is None or not math.isfinite(read):
        return known
    return read if known is None else max(known, read)


def _leave_out_known(reading: Reading | FailedReading, known: KnownFills) -> list[ForcedFill]:
    ids = {each.id for each in known.known}
    return list({fill.id: fill for fill in reading.forced_fills if fill.id not in ids}.values())


def _time_of(fill: ForcedFill, otherwise: float) -> float:
    """The fill's time, or, if the venue's is no number, ``otherwise``."""
    return fill.at if math.isfinite(fill.at) else otherwise
