"""The deadline of long work on a book, which the work looks at itself, step by step."""

import time
from collections.abc import Callable

Pulse = Callable[[], None]


class DeadlineError(Exception):
    """The work has taken as long as it may."""


def start_deadline(seconds: float) -> Pulse:
    """A pulse for the work to call now and then: it raises ``DeadlineError`` once ``seconds`` have passed."""
    ends = time.monotonic() + seconds

    def pulse() -> None:
        if time.monotonic() >= ends:
            raise DeadlineError

    return pulse
