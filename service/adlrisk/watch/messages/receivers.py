"""Receivers that take no messages: told to the others, once, and once when they take them again."""

from typing import Final

from msgspec.structs import replace

from adlrisk.watch.messages.message import Message, MessageKey
from adlrisk.watch.messages.outbox import Outbox
from adlrisk.watch.messages.wording import format_time, put_in_line

_AFTER: Final = 120.0  # seconds without a message that it took


def tell_receiver(outbox: Outbox, *, name: str, now: float, wall: float) -> tuple[Outbox, Message | None]:
    """The outbox afterwards, and what the other receivers are to be told of this one.

    To be called after each delivery of this receiver.

    Args:
        outbox: Of this receiver.
        name: What it is called, without a secret, such as ``2 (tgram)``.
        now: The monotonic clock, in seconds.
        wall: Seconds since 1970, only to be printed.
    """
    since = format_time(outbox.failing_wall)
    key = MessageKey(venue="", account="", symbol=f"receiver {name}", kind="receiver")
    if outbox.is_told and not outbox.failures:
        title = put_in_line(f"receiver {name} takes messages again")
        told = Message(key=key, severity="recovery", at=wall, title=title, body=f"It took none since {since}.")
        return replace(outbox, is_told=False), told
    if outbox.is_told or not outbox.failures or now - outbox.failing_since < _AFTER:
        return outbox, None
    title = put_in_line(f"receiver {name} takes no messages")
    body = f"It took none since {since}. What is for it waits, and is tried again."
    return replace(outbox, is_told=True), Message(key=key, severity="warning", at=wall, title=title, body=body)
