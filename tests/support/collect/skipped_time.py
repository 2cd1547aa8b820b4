"""Scenarios whose waiting takes no time, and the clocks that run as they would have waited."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from support.clocks import SkippingLoop

_BEGAN_AT: Final = time.time()
Result = TypeVar("Result")


def run_skipping(scenario: Coroutine[Any, Any, Result]) -> Result:
    """What a scenario comes to. It may wait for its own loop only: to a socket or a thread, no time is left."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(scenario)


def monotonic() -> float:
    """Seconds by the running loop."""
    return asyncio.get_running_loop().time()


def wall() -> float:
    """Seconds since 1970, passing as ``monotonic`` does."""
    return _BEGAN_AT + monotonic()
