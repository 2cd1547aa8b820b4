"""Outbox: what one receiver has not got yet, so that nothing is lost or sent twice while it is down."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from adlrisk.watch.messages.delivery import CHARACTERS, Delivery, Losses, deliver_late, deliver_one
from adlrisk.watch.messages.message import Message
from adlrisk.watch.messages.waiting import (
    Waiting,
    find_wait,
    is_given_up,
    pass_by,
    refuse,
    resume_waiting,
)

BOUND: Final = 200  # messages that wait
_LATE: Final = 600.0  # seconds, from which on messages are bundled


class Outbox(Struct, frozen=True, kw_only=True):
    """What waits, in the order in which it came."""

    waiting: tuple[Waiting, ...] = ()
    next_number: int = 0
    failures: int = 0  # in a row
    failing_since: float = 0.0  # by the monotonic clock: of the first of them
    failing_wall: float = 0.0  # the same in seconds since 1970
    is_told: bool = False  # the other receivers were told that this one fails
    most: int = BOUND  # messages of the next bundle: half as many after one that was refused
    not_before: float = 0.0  # by the monotonic clock
    losses: Losses = Losses()  # that no delivery has said yet


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
        losses=replace(outbox.losses, dropped=outbox.losses.dropped + came - len(waiting)),
        not_before=min(outbox.not_before, now) if is_urgent else outbox.not_before,
    )


def next_delivery(outbox: Outbox, *, now: float, characters: int = CHARACTERS) -> Delivery | None:
    """What is to be sent at ``now``; ``None``: nothing waits, or the last failure was just before.

    ``characters`` is how many, of title and body, the receiver takes: a bundle has no more. A single message is whole
    whatever its length.
    """
    if now < outbox.not_before:
        return None
    due = [each for each in outbox.waiting if each.is_due(now)]
    if not due:
        return None
    late = [each for each in due if now - each.since >= _LATE and not each.refusals]
    first = min(due, key=lambda each: each.order)
    if outbox.most < BOUND:  # a bundle was refused: what came since does not wait for its rest
        first = next((each for each in due if each.is_emergency and not each.refusals and each not in late), first)
    if first in late:
        return deliver_late(late, losses=outbox.losses, characters=characters, most=outbox.most)
    return deliver_one(first, losses=outbox.losses)


def next_attempt(outbox: Outbox) -> float | None:
    """When, by the monotonic clock, the next delivery may be tried; ``None``: nothing waits."""
    if not outbox.waiting:
        return None
    rests = [outbox.not_before if each.not_before is None else each.not_before for each in outbox.waiting]
    return max(outbox.not_before, min(rests))


def note_delivered(outbox: Outbox, delivery: Delivery) -> Outbox:
    """The outbox without what ``delivery`` has brought."""
    said = delivery.losses
    return replace(
        outbox,
        waiting=tuple([pass_by(each) for each in outbox.waiting if each.number not in delivery.numbers]),
        failures=0,
        most=BOUND,
        not_before=0.0,
        losses=Losses(dropped=outbox.losses.dropped - said.dropped, given_up=outbox.losses.given_up - said.given_up),
    )


def note_failed(outbox: Outbox, delivery: Delivery, *, now: float, jitter: float, is_down: bool = False) -> Outbox:
    """The outbox after a delivery that failed: the next attempt waits, and what may be at fault lets others pass.

    A bundle comes again as one half as long; a message that was alone comes after others, and is given up, and counted,
    once it was refused 5 times in 10 minutes or more while another was taken. ``jitter``, from 0 to 1, is drawn by the
    caller. ``is_down``: the receiver did not answer at all, so it is not the message.
    """
    wall = max((each.wall + now - each.since for each in outbox.waiting), default=0.0)
    outbox = replace(
        outbox,
        failures=outbox.failures + 1,
        failing_since=outbox.failing_since if outbox.failures else now,
        failing_wall=outbox.failing_wall if outbox.failures else wall,
        not_before=now + find_wait(outbox.failures, jitter=jitter, is_urgent=any(map(_is_urgent, outbox.waiting))),
    )
    if is_down:
        return outbox
    if delivery.is_bundle:
        return replace(outbox, most=len(delivery.numbers) // 2)
    waiting = [
        refuse(each, now=now, wall=wall, jitter=jitter) if each.number in delivery.numbers else each
        for each in outbox.waiting
    ]
    kept = tuple([each for each in waiting if not is_given_up(each, now=now)])
    given_up = outbox.losses.given_up + len(waiting) - len(kept)
    return replace(outbox, waiting=kept, most=BOUND, losses=replace(outbox.losses, given_up=given_up))


def resume_outbox(outbox: Outbox, *, now: float, wall: float) -> Outbox:
    """The outbox in a new process, whose monotonic clock is another: the wall clock says how long each has waited."""
    waiting = tuple([resume_waiting(each, now=now, wall=wall) for each in outbox.waiting])
    failing_since = now - max(0.0, wall - outbox.failing_wall)
    return replace(
        outbox, waiting=waiting, failures=min(outbox.failures, 1), failing_since=failing_since, not_before=now
    )


def _is_urgent(waiting: Waiting) -> bool:
    return waiting.is_emergency


def _find_least(waiting: Sequence[Waiting]) -> int:
    """The index of the oldest that is no emergency; of the oldest, if all are."""
    return next((index for index, each in enumerate(waiting) if not each.is_emergency), 0)
