"""Waiting: a message that a receiver has not got yet, and how often it refused it."""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from adlrisk.watch.messages.message import Message

_FIRST_WAIT: Final = 5.0  # seconds after the first failure, twice as long after each further one
_LONGEST_WAIT: Final = 300.0
_LONGEST_WAIT_OF_EMERGENCIES: Final = 60.0
_GIVEN_UP_REFUSALS: Final = 5
_GIVEN_UP_SECONDS: Final = 600.0


class Waiting(Struct, frozen=True, kw_only=True):
    """A message that a receiver has not got yet."""

    number: int  # in its outbox, never used again
    message: Message
    since: float  # by the monotonic clock
    wall: float  # the same in seconds since 1970, to be printed and for another process
    refusals: int = 0  # how often it was sent alone and not taken
    refused_since: float = 0.0  # by the monotonic clock: of the first of them
    refused_wall: float = 0.0
    not_before: float | None = None  # by the monotonic clock; None: it was not refused
    is_passed: bool = False  # since it was refused, another message was taken

    @property
    def is_emergency(self) -> bool:
        """Whether it goes before others."""
        return self.message.severity == "emergency"

    @property
    def order(self) -> tuple[int, bool, int, int]:
        """What comes first: emergencies, but not for ever before others, and of what was refused the least often so."""
        patience = 2 if self.is_emergency else 0
        return max(0, self.refusals - patience), not self.is_emergency, self.refusals, self.number

    def is_due(self, now: float) -> bool:
        """Whether it may be tried."""
        return self.not_before is None or self.not_before <= now


def refuse(waiting: Waiting, *, now: float, wall: float, jitter: float) -> Waiting:
    """The message after it was sent alone and refused: it lets others pass."""
    is_first = not waiting.refusals
    return replace(
        waiting,
        refusals=waiting.refusals + 1,
        refused_since=now if is_first else waiting.refused_since,
        refused_wall=wall if is_first else waiting.refused_wall,
        not_before=now + find_wait(waiting.refusals, jitter=jitter, is_urgent=waiting.is_emergency),
    )


def pass_by(waiting: Waiting) -> Waiting:
    """The message after another one was taken."""
    return replace(waiting, is_passed=True) if waiting.refusals else waiting


def is_given_up(waiting: Waiting, *, now: float) -> bool:
    """Whether it is the message itself that is refused: others were taken, and it was tried for long enough."""
    lasted = now - waiting.refused_since >= _GIVEN_UP_SECONDS
    return waiting.is_passed and waiting.refusals >= _GIVEN_UP_REFUSALS and lasted


def find_wait(failures: int, *, jitter: float, is_urgent: bool) -> float:
    """Seconds after a failure with so many before it: between half of the back-off and all of it.

    >>> [find_wait(failures, jitter=1.0, is_urgent=False) for failures in (0, 1, 5, 6, 3000)]
    [5.0, 10.0, 160.0, 300.0, 300.0]
    >>> [find_wait(failures, jitter=0.0, is_urgent=True) for failures in (0, 3, 4, 3000)]
    [2.5, 20.0, 30.0, 30.0]
    """
    longest = _LONGEST_WAIT_OF_EMERGENCIES if is_urgent else _LONGEST_WAIT
    return min(longest, _FIRST_WAIT * 2.0 ** min(failures, 10)) * (1.0 + jitter) / 2.0


def resume_waiting(waiting: Waiting, *, now: float, wall: float) -> Waiting:
    """The message in a new process, whose monotonic clock is another."""
    aged = replace(waiting, since=now - max(0.0, wall - waiting.wall))
    if not waiting.refusals:
        return aged
    return replace(aged, refused_since=now - max(0.0, wall - waiting.refused_wall), not_before=now)
