"""What a caller has used of a limit, and when there is more of it."""

import math

from msgspec import Struct


class Window(Struct, frozen=True, kw_only=True):
    """A sliding window of ``seconds`` in which ``limit`` requests fit.

    What was used in the window before counts in proportion to what is left of its ``previous_seconds``, rounded down;
    after ``current_seconds`` the current window is the one before.
    """

    limit: int
    seconds: int
    passed: bool  # whether the request just made fits; if so it is counted
    previous: int
    previous_seconds: float
    current: int
    current_seconds: float

    @property
    def left(self) -> int:
        """How many requests fit now."""
        fading = math.floor(self.previous * self.previous_seconds / self.seconds)
        return max(0, self.limit - fading - self.current)

    @property
    def retry_after(self) -> int:
        """In how many whole seconds the next request fits; 0 when one does now.

        >>> full = Window(limit=10, seconds=60, passed=False, previous=0, previous_seconds=0.0,
        ...               current=10, current_seconds=20.0)
        >>> full.retry_after  # 20 s until the ten fade, and one of them has faded as soon as they begin to
        21
        """
        if self.left:
            return 0
        if self.current < self.limit:
            # The window before has to fade until less than limit − current of it counts.
            wait = self.previous_seconds - (self.limit - self.current) * self.seconds / self.previous
        else:
            wait = self.current_seconds + self.seconds * (1.0 - self.limit / self.current)
        return math.floor(max(wait, 0.0)) + 1
