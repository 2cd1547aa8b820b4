"""Outbox: what one receiver has not got yet, so that nothing is lost or sent twice while it is down."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from adlrisk.watch.messages.delivery import Delivery, Waiting, deliver_late, deliver_one
from adlrisk.watch.messages.message import Message

BOUND: Final = 200  # messages that wait
_LATE: Final = 600.0  # seconds, from which on messages are bundled
_FIRST_WAIT: Final = 5.0  # seconds after the first failure, twice as long after each further one
_LONGEST_WAIT: Final = 300.0


class Outbox(Struct, frozen=True, kw_only=True):
    """What waits, in the order in which it came."""

    waiting: tuple[Waiting, ...] = ()
    next_number: int = 0
    failures: int = 0  # in a row
    not_before: float = 0.0  # by the monotonic clock
    dropped: int = 0  # that no delivery has said yet


def add(outbox: Outbox, messages: Sequence[Message], *, now: float, wall: float) -> Outbox:
    """The outbox with ``messages``; beyond the bound the oldest that is no emergency is dropped, and counted.

    An emergency is tried at once, whatever is left of a back-off.
    """
    waiting = list(outbox.waiting)
    for number, message in enumerate(messages, outbox.next_number):
        waiting.append(Waiting(number=number, message=message, since=now, wall=wall))
        if len(waiting) > BOUND:
            del waiting[_find_least(waiting)]
    came = len(outbox.waiting) + len(messages)
    is_urgent = any(message.severity == "emergency" for message in messages)
    return replace(
        outbox,
        waiting=tuple(waiting),
        next_number=outbox.next_number + len(messages),
        dropped=outbox.dropped + came - len(waiting),
        not_before=min(outbox.not_before, now) if is_urgent else outbox.not_before,
    )


def next_delivery(outbox: Outbox, *, now: float) -> Delivery | None:
    """What is to be sent at ``now``; ``None``: nothing waits, or the last failure was just before."""
    if not outbox.waiting or now < outbox.not_before:
        return None
    late = [each for each in outbox.waiting if now - each.since >= _LATE]
    urgent = next((each for each in outbox.waiting if _is_emergency(each)), None)
    if late and (urgent is None or urgent in late):
        return deliver_late(late, dropped=outbox.dropped)
    return deliver_one(urgent or outbox.waiting[0], dropped=outbox.dropped)


def next_attempt(outbox: Outbox) -> float | None:
    """When, by the monotonic clock, the next delivery may be tried; ``None``: nothing waits."""
    return outbox.not_before if outbox.waiting else None


def note_delivered(outbox: Outbox, delivery: Delivery) -> Outbox:
    """The outbox without what ``delivery`` has brought."""
    return replace(
        outbox,
        waiting=tuple([each for each in outbox.waiting if each.number not in delivery.numbers]),
        failures=0,
        not_before=0.0,
        dropped=outbox.dropped - delivery.dropped,
    )


def note_failed(outbox: Outbox, *, now: float, jitter: float) -> Outbox:
    """The outbox after a delivery that failed: nothing is gone, and the next attempt waits.

    ``jitter``, from 0 to 1, is drawn by the caller: the wait is between half of the back-off and all of it.
    """
    longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** min(outbox.failures, 10))
    return replace(outbox, failures=outbox.failures + 1, not_before=now + longest * (1.0 + jitter) / 2.0)


def resume_outbox(outbox: Outbox, *, now: float, wall: float) -> Outbox:
    """The outbox in a new process, whose monotonic clock is another: the wall clock says how long each has waited."""
    waiting = tuple([replace(each, since=now - max(0.0, wall - each.wall)) for each in outbox.waiting])
    return replace(outbox, waiting=waiting, failures=0, not_before=now)


def _is_emergency(waiting: Waiting) -> bool:
    return waiting.message.severity == "emergency"


def _find_least(waiting: Sequence[Waiting]) -> int:
    """The index of the oldest that is no emergency; of the oldest, if all are."""
    return next((index for index, each in enumerate(waiting) if not _is_emergency(each)), 0)
