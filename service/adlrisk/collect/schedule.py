"""How often a venue is asked for what, how long an answer holds, and when to try again."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

import stamina

from adlrisk.collect.adapters.observation import CallName, FetchError

T = TypeVar("T")

EVERY_SECONDS: Final[Mapping[CallName, float]] = {
    "contract": 3600.0,
    "tiers": 3600.0,
    "funding": 30.0,
    "mark": 10.0,
    "depth": 30.0,
    "insurance": 60.0,
    "adl": 60.0,
    "clock": 300.0,
}
HOLDS_INTERVALS: Final = 3.0  # an answer is used for so many intervals; then nothing is known of its fields

LONGEST_RETRY_SECONDS: Final = 3600.0  # whatever a venue says
_FIRST_WAIT_SECONDS: Final = 1.0
_LONGEST_WAIT_SECONDS: Final = 60.0
_ATTEMPTS: Final = 8  # after these the waits begin anew, at the longest


async def persistently(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer of ``ask``, tried again after a failure for as long as it takes, later each time.

    A venue that says when to come back is asked then.
    """
    while True:
        try:
            async for attempt in stamina.retry_context(
                on=_again,
                attempts=_ATTEMPTS,
                timeout=None,
                wait_initial=_FIRST_WAIT_SECONDS,
                wait_max=_LONGEST_WAIT_SECONDS,
                wait_jitter=_FIRST_WAIT_SECONDS,
            ):
                with attempt:
                    return await ask()
        except FetchError:
            await asyncio.sleep(_LONGEST_WAIT_SECONDS)


def jittered(seconds: float) -> float:
    """About so long, so that what began together does not stay together."""
    return seconds * random.uniform(0.9, 1.1)  # noqa: S311  # nosec B311 (it spreads, and hides nothing)


def holds(call: CallName, *, found_at: float, now: float) -> bool:
    """Whether what a call found is still used."""
    return now - found_at <= HOLDS_INTERVALS * EVERY_SECONDS[call]


def _again(error: Exception) -> bool | float:
    if not isinstance(error, FetchError):
        return False
    return True if error.retry_after_seconds is None else min(error.retry_after_seconds, LONGEST_RETRY_SECONDS)
