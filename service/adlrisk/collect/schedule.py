"""Schedule of calls to venues: poll intervals, age limits of answers, retries with exponential back-off and jitter.

The pause that all calls to a venue share is in ``venue_calls``.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

import stamina

from adlrisk.collect.adapters.observation import CallName, FetchError

T = TypeVar("T")

POLL_INTERVAL_SECONDS: Final[Mapping[CallName, float]] = {
    "contract": 3600.0,
    "tiers": 3600.0,
    "funding": 30.0,
    "mark": 10.0,
    "depth": 30.0,
    "insurance": 60.0,
    "adl": 60.0,
    "rating": 60.0,
    "open_interest": 60.0,
    "clock": 300.0,
}
MAX_AGE_INTERVALS: Final = 3.0  # an answer is used for so many intervals; after that its fields are unknown

LONGEST_RETRY_SECONDS: Final = 3600.0  # even if a venue asks for longer
_FIRST_WAIT_SECONDS: Final = 1.0
_LONGEST_WAIT_SECONDS: Final = 60.0
_ATTEMPTS: Final = 8  # after these, one longest wait and back-off starts again


async def retry_until_answered(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer of ``ask``, retried after each ``FetchError`` with exponential back-off and without limit.

    The wait is the venue's own where it sends one.
    """
    while True:
        try:
            async for attempt in stamina.retry_context(
                on=_retry_delay,
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


def add_jitter(seconds: float) -> float:
    """``seconds`` give or take 10 %, so that tasks that started together spread out."""
    return seconds * random.uniform(0.9, 1.1)  # noqa: S311  # nosec B311 (it spreads load and keeps no secret)


def is_current(call: CallName, *, fetched_at: float, now: float) -> bool:
    """Whether what a call found is still used."""
    return now - fetched_at <= MAX_AGE_INTERVALS * POLL_INTERVAL_SECONDS[call]


def _retry_delay(error: Exception) -> bool | float:
    if not isinstance(error, FetchError):
        return False
    return True if error.retry_after_seconds is None else min(error.retry_after_seconds, LONGEST_RETRY_SECONDS)
