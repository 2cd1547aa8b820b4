"""One event may be many fills: those that are new at a reading are told as one."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from adlrisk.watch.reading.observed import ForcedFill

_ONE_EVENT: Final = 60.0  # seconds from one fill to the next


def merge_events(fills: Iterable[ForcedFill]) -> tuple[ForcedFill, ...]:
    """The fills, in order of time, with those of the same position and kind that follow each other closely as one."""
    events: list[ForcedFill] = []
    for fill in fills:
        index = next((index for index, event in enumerate(events) if _is_one(event, fill)), None)
        if index is None:
            events.append(fill)
        else:
            events[index] = _merge(events[index], fill)
    return tuple(events)


def _is_one(event: ForcedFill, fill: ForcedFill) -> bool:
    same = (event.symbol, event.side, event.kind) == (fill.symbol, fill.side, fill.kind)
    return same and abs(fill.at - event.at) <= _ONE_EVENT


def _merge(event: ForcedFill, fill: ForcedFill) -> ForcedFill:
    """Both as one at the time of the later: what is not known of one is not known of both."""
    if event.size is None or fill.size is None:
        return replace(fill, size=None, price=None)
    size = event.size + fill.size
    if event.price is None or fill.price is None or not size:
        return replace(fill, size=size, price=None)
    return replace(fill, size=size, price=(event.size * event.price + fill.size * fill.price) / size)
