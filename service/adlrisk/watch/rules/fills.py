"""Forced fills: each is told once."""

import math
from typing import Final

from msgspec.structs import replace

from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.sentences.forced_fills import tell_forced_fill
from adlrisk.watch.messages.subject import Subject
from adlrisk.watch.reading.observed import ForcedFill, Reading
from adlrisk.watch.state.account_state import KnownFill, KnownFills

_DAY: Final = 86_400.0  # seconds. Older fills are not told, so their ids need not be kept


def find_new_fills(known: KnownFills, reading: Reading) -> tuple[KnownFills, tuple[ForcedFill, ...]]:
    """What is known afterwards, and the fills that are to be told, the oldest first.

    What is there when the fills of an account are first read is known from then on. Later, also after a restart, each
    that is not known is new, but for those a day older than the newest fill, by the venue's clock.
    """
    times = [fill.at for fill in reading.forced_fills if math.isfinite(fill.at)]
    until = max(known.until, reading.fills_until or 0.0, *times)
    unknown = _leave_out_known(reading.forced_fills, known)
    recent = sorted(
        (fill for fill in unknown if _time_of(fill, until) >= until - _DAY), key=lambda fill: _time_of(fill, until)
    )
    kept = [each for each in known.known if each.at >= until - _DAY]
    kept += [KnownFill(fill.id, _time_of(fill, until)) for fill in recent]
    is_begun = known.is_begun or reading.fills_until is not None or bool(reading.forced_fills)
    return KnownFills(is_begun=is_begun, until=until, known=tuple(kept)), tuple(recent) if known.is_begun else ()


def tell_fills(fills: tuple[ForcedFill, ...], account: Subject) -> tuple[Message, ...]:
    """A message of each, with the time of the fill."""
    told = []
    for fill in fills:
        subject = account.narrow_to(fill.symbol, fill.side)
        told.append(tell_forced_fill(replace(subject, at=_time_of(fill, account.at)), fill))
    return tuple(told)


def _leave_out_known(fills: tuple[ForcedFill, ...], known: KnownFills) -> list[ForcedFill]:
    ids = {each.id for each in known.known}
    return list({fill.id: fill for fill in fills if fill.id not in ids}.values())


def _time_of(fill: ForcedFill, otherwise: float) -> float:
    """The fill's time, or, if the venue's is no number, ``otherwise``."""
    return fill.at if math.isfinite(fill.at) else otherwise
