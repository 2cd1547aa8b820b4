"""Delivery: what is sent to a receiver at once, one message, or several that had to wait as a bundle."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from adlrisk.watch.messages.message import Severity
from adlrisk.watch.messages.waiting import Waiting
from adlrisk.watch.messages.wording import format_time

CHARACTERS: Final = 1000  # of a bundle, title and body: Pushover takes 1,024, the fewest of the usual receivers


class Losses(Struct, frozen=True, kw_only=True):
    """How many messages a receiver will not get."""

    dropped: int = 0  # too many waited
    given_up: int = 0  # it refused them again and again


class Delivery(Struct, frozen=True, kw_only=True):
    """What is sent, and which messages are delivered with it."""

    numbers: tuple[int, ...]
    losses: Losses = Losses()  # that it says
    severity: Severity  # of the worst
    title: str
    body: str

    @property
    def is_bundle(self) -> bool:
        """Whether it is several messages."""
        return len(self.numbers) > 1


def deliver_one(waiting: Waiting, *, losses: Losses) -> Delivery:
    """The message as it is."""
    message = waiting.message
    return _deliver([waiting], title=message.title, parts=[message.body], losses=losses)


def deliver_late(late: Sequence[Waiting], *, losses: Losses, characters: int, most: int) -> Delivery:
    """Those that had to wait, emergencies first, each whole and with its time, ``most`` or as many as fit.

    The first is sent even if it does not fit.
    """
    ordered = sorted(late, key=lambda each: (not each.is_emergency, each.number))
    bundles = [_bundle(ordered[:size], losses=losses) for size in range(2, min(most, len(ordered)) + 1)]
    fitting = [each for each in bundles if len(each.title) + len(each.body) <= characters]
    return fitting[-1] if fitting else _deliver_late_one(ordered[0], losses=losses)


def _deliver_late_one(waiting: Waiting, *, losses: Losses) -> Delivery:
    lines = [f"It could not be delivered since {format_time(waiting.wall)}.", waiting.message.body]
    return _deliver([waiting], title=waiting.message.title, parts=lines, losses=losses)


def _bundle(bundled: Sequence[Waiting], *, losses: Losses) -> Delivery:
    return _deliver(bundled, title=_name_bundle(bundled), parts=[_write(each) for each in bundled], losses=losses)


def _name_bundle(bundled: Sequence[Waiting]) -> str:
    """A title that begins with an emergency's own, since a locked screen shows no more."""
    since = format_time(min(each.wall for each in bundled))
    first = bundled[0]
    if not first.is_emergency:
        return f"{len(bundled)} messages could not be delivered since {since}"
    others = len(bundled) - 1
    return f"{first.message.title} (and {others} more message{'' if others == 1 else 's'}, not delivered since {since})"


def _write(waiting: Waiting) -> str:
    message = waiting.message
    return "\n".join([line for line in (f"{format_time(message.at)} {message.title}", message.body) if line])


def _deliver(waiting: Sequence[Waiting], *, title: str, parts: list[str], losses: Losses) -> Delivery:
    severities = [each.message.severity for each in waiting]
    worst = min(severities, key=("emergency", "warning", "notice", "recovery").index)
    body = "\n\n".join([part for part in (*parts, *_say_losses(losses)) if part])
    return Delivery(
        numbers=tuple([each.number for each in waiting]), losses=losses, severity=worst, title=title, body=body
    )


def _say_losses(losses: Losses) -> list[str]:
    said = []
    if losses.dropped:
        many = "message that waited was" if losses.dropped == 1 else "messages that waited were"
        said.append(f"{losses.dropped} older {many} dropped: too many could not be delivered.")
    if losses.given_up:
        many = "message was" if losses.given_up == 1 else "messages were"
        said.append(f"{losses.given_up} {many} given up: this receiver refused each again and again, and took others.")
    return said
