"""Budget: how many messages a minute leave the process. What is beyond it is counted, and told in one message later."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from adlrisk.watch.messages.held_back import HeldBack, tell_held_back
from adlrisk.watch.messages.message import Message, Severity

_MINUTE: Final = 60.0  # seconds
_ORDER: Final[dict[Severity, int]] = {"emergency": 0, "warning": 1, "notice": 2, "recovery": 3}


class Budget(Struct, frozen=True, kw_only=True):
    """What was sent in the last minute, and what was held back and is still to be told."""

    sent: tuple[float, ...] = ()  # by the monotonic clock, so they mean nothing to another process
    held: tuple[HeldBack, ...] = ()
    held_since: float = 0.0  # seconds since 1970, of the first of them

    @property
    def held_count(self) -> int:
        """How many messages are held back now."""
        return sum(each.count for each in self.held)


def admit(
    budget: Budget, messages: Sequence[Message], *, per_minute: int, now: float, wall: float, standing: Sequence[str]
) -> tuple[Budget, tuple[Message, ...]]:
    """The budget afterwards, and what may leave: emergencies, what was held back before as one message, then the worst.

    To be called without messages at ``next_release`` too, so that what was held back is told as soon as it may be.
    Emergencies are never held back, but count.

    Args:
        budget: As it was.
        messages: What is to be told.
        per_minute: How many may leave in a minute, at least 1.
        now: The monotonic clock, in seconds.
        wall: Seconds since 1970, only to be printed.
        standing: Lines on how the accounts stand now.
    """
    emergencies = [message for message in messages if message.severity == "emergency"]
    rest = sorted((message for message in messages if message.severity != "emergency"), key=_order)
    sent = tuple([at for at in budget.sent if at + _MINUTE > now])
    free = max(0, per_minute - len(sent) - len(emergencies))
    admitted, held, since = emergencies, budget.held, budget.held_since
    if held and free:
        admitted = [*emergencies, tell_held_back(held, since=since, at=wall, per_minute=per_minute, standing=standing)]
        held, free = (), free - 1
    kept_back = rest[free:]
    return (
        Budget(
            sent=(*sent, *[now] * (len(admitted) + len(rest) - len(kept_back))),
            held=_count(held, kept_back),
            held_since=since if held else wall,
        ),
        (*admitted, *rest[:free]),
    )


def next_release(budget: Budget, *, per_minute: int) -> float | None:
    """When, by the monotonic clock, what was held back may be told; ``None``: nothing was."""
    if not budget.held:
        return None
    return budget.sent[-per_minute] + _MINUTE if len(budget.sent) >= per_minute else 0.0


def resume_budget(budget: Budget) -> Budget:
    """The budget in a new process, whose monotonic clock is another."""
    return replace(budget, sent=())


def _order(message: Message) -> int:
    return _ORDER[message.severity]


def _count(held: tuple[HeldBack, ...], messages: Sequence[Message]) -> tuple[HeldBack, ...]:
    by_key = {each.key: each for each in held}
    for message in messages:
        before = by_key.get(message.key)
        warns = message.severity == "warning"
        by_key[message.key] = (
            HeldBack(key=message.key, count=1, is_warning=warns)
            if before is None
            else HeldBack(key=before.key, count=before.count + 1, is_warning=before.is_warning or warns)
        )
    return tuple(by_key.values())
