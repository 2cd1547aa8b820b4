"""An event loop on which waiting takes no time: whenever nothing is left to do, its clock jumps to what comes next.

What is waited for must be of the loop itself: to a socket or a thread, no time is left.
"""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

_BEGINS_AT: Final = 1_000.0
Result = TypeVar("Result")


class _Skipping(selectors.DefaultSelector):
    """Waits for nothing; counts what it would have waited."""

    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= 0.0:
            return super().select(timeout)
        self.skipped += timeout
        return super().select(0.0)


class SkippingLoop(asyncio.SelectorEventLoop):
    """The loop; its ``time`` is the monotonic clock of whatever runs on it."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        self._wall_began_at = time.time()
        super().__init__(self._skipping)

    def time(self) -> float:
        """Seconds, as far as they were skipped."""
        return _BEGINS_AT + self._skipping.skipped

    def wall(self) -> float:
        """Seconds since 1970 that pass as ``time`` does."""
        return self._wall_began_at + self._skipping.skipped


def run_skipping(scenario: Coroutine[Any, Any, Result]) -> Result:
    """What a scenario comes to, its waiting skipped."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(scenario)


def monotonic() -> float:
    """The clock of the running loop."""
    return asyncio.get_running_loop().time()


def wall() -> float:
    """Seconds since 1970 by the running loop, which skips its waiting."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, SkippingLoop)
    return loop.wall()
