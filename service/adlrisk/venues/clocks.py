"""Clocks: the system's, and how far ahead of it the market records read lately were observed."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

Clock = Callable[[], datetime]  # the time now, aware

_WINDOW_SECONDS: Final = 60.0


def system_clock() -> datetime:
    """The time now, UTC."""
    return datetime.now(UTC)


class ClockLead:
    """The largest lead of the current window and of the one before, so that a single record is seen by a scrape."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._window = 0
        self._largest = (0.0, 0.0)  # of the window before, of the current one

    @property
    def seconds(self) -> float:
        """The largest lead of the last one to two minutes; 0 where no record was ahead."""
        self._turn()
        return max(self._largest)

    def observe(self, seconds: float) -> None:
        """Note the lead of a record that was read; negative for one observed in the past."""
        if seconds > 0.0:
            self._turn()
            before, current = self._largest
            self._largest = (before, max(current, seconds))

    def _turn(self) -> None:
        """Begin the current window, if it has not begun."""
        window = int(self._clock() // _WINDOW_SECONDS)
        if window != self._window:
            self._largest = (self._largest[1] if window == self._window + 1 else 0.0, 0.0)
            self._window = window
