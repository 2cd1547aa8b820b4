"""Delivery: what is sent to a receiver at once, one message, or several that had to wait as a bundle."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from adlrisk.watch.messages.message import Message, Severity
from adlrisk.watch.messages.wording import format_time

_BUNDLE_CHARACTERS: Final = 1800  # Discord takes 2,000, the fewest of the usual chats; more goes into the next bundle


class Waiting(Struct, frozen=True, kw_only=True):
    """A message that a receiver has not got yet."""

    number: int  # in its outbox, never used again
    message: Message
    since: float  # by the monotonic clock
    wall: float  # the same in seconds since 1970, to be printed and for another process


class Delivery(Struct, frozen=True, kw_only=True):
    """What is sent, and which messages are delivered with it."""

    numbers: tuple[int, ...]
    dropped: int  # how many messages it says that were dropped
    severity: Severity  # of the worst
    title: str
    body: str


def deliver_one(waiting: Waiting, *, dropped: int) -> Delivery:
    """The message as it is."""
    message = waiting.message
    return _deliver([waiting], title=message.title, parts=[message.body], dropped=dropped)


def deliver_late(late: Sequence[Waiting], *, dropped: int) -> Delivery:
    """Those that had to wait, the emergencies first, each whole and with its time, as many as fit."""
    ordered = sorted(late, key=lambda each: (each.message.severity != "emergency", each.number))
    texts: list[str] = []
    for each in ordered:
        text = "\n".join([line for line in (_stamp(each), each.message.body) if line])
        if texts and sum(map(len, texts)) + len(text) > _BUNDLE_CHARACTERS:
            break
        texts.append(text)
    bundled = ordered[: len(texts)]
    since = format_time(min(each.wall for each in bundled))
    if len(bundled) == 1:
        message = bundled[0].message
        lines = [f"It could not be delivered since {since}.", message.body]
        return _deliver(bundled, title=message.title, parts=lines, dropped=dropped)
    title = f"{len(bundled)} messages could not be delivered since {since}"
    return _deliver(bundled, title=title, parts=texts, dropped=dropped)


def _deliver(waiting: Sequence[Waiting], *, title: str, parts: list[str], dropped: int) -> Delivery:
    severities = [each.message.severity for each in waiting]
    worst = min(severities, key=("emergency", "warning", "notice", "recovery").index)
    if dropped:
        many = "message that waited was" if dropped == 1 else "messages that waited were"
        parts = [*parts, f"{dropped} older {many} dropped: too many could not be delivered."]
    body = "\n\n".join([part for part in parts if part])
    return Delivery(
        numbers=tuple([each.number for each in waiting]), dropped=dropped, severity=worst, title=title, body=body
    )


def _stamp(waiting: Waiting) -> str:
    return f"{format_time(waiting.message.at)} {waiting.message.title}"
