"""An event loop that skips waiting, and clocks that advance as if it had waited."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from support.clocks import SkippingLoop

_BEGAN_AT: Final = time.time()
Result = TypeVar("Result")


def run_skipping(scenario: Coroutine[Any, Any, Result]) -> Result:
    """The result of a scenario. It may wait only for its own loop, as sockets and threads get no time."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(scenario)


def monotonic() -> float:
    """Seconds on the clock of the running loop."""
    return asyncio.get_running_loop().time()


def wall() -> float:
    """Seconds since 1970, in step with ``monotonic``."""
    return _BEGAN_AT + monotonic()
