"""Which calls are tried again, and when.

Only what may go away by itself is: a lost connection, 429 and 503. What was too slow is not, since the service may
still be at it. Each wait has some jitter, so that clients that were refused together do not come back together.
"""

import random
from typing import Any, Final

import httpx2
import stamina

from adlrisk.client.errors import NoAnswerError, ProblemError, UnreadableAnswerError
from adlrisk.client.routes import Route

_FIRST_WAIT: Final = 0.2  # seconds, doubled each time
_JITTER: Final = 0.5
_LOST: Final = (httpx2.NetworkError, httpx2.RemoteProtocolError, httpx2.ConnectTimeout)
_PASSING: Final = frozenset({429, 503})
_NOTHING_WAS_DONE: Final = frozenset({"rate-limited", "overloaded", "not-ready"})  # slugs of problems that say so


def retries(route: Route[Any], *, attempts: int, longest_wait: float) -> Any:
    """The attempts at a call: a context for each, which takes its error where there is a next one."""
    return stamina.retry_context(
        on=lambda error: _decide(error, route, longest_wait=longest_wait),
        attempts=attempts,
        timeout=None,
        wait_initial=_FIRST_WAIT,
        wait_max=longest_wait,
        wait_jitter=_JITTER,
    )


def _decide(error: Exception, route: Route[Any], *, longest_wait: float) -> bool | float:
    """Whether to try again, or after how many seconds."""
    if route.again == "never" or not _may_pass(error) or (route.changes and not _was_refused(error)):
        return False
    wait: float | None = getattr(error, "retry_after", None)
    if wait is None:
        return True
    return wait <= longest_wait and wait + random.uniform(0.0, _JITTER)  # noqa: S311  # nosec B311 (chance, not a secret)


def _may_pass(error: Exception) -> bool:
    """Whether it may go away by itself."""
    if isinstance(error, NoAnswerError):
        return isinstance(error.__cause__, _LOST)
    return isinstance(error, ProblemError | UnreadableAnswerError) and error.status in _PASSING


def _was_refused(error: Exception) -> bool:
    """Whether the request has surely not been carried out: never sent, or refused by the service itself."""
    if isinstance(error, NoAnswerError):
        return not error.may_be_done
    return isinstance(error, ProblemError) and error.slug in _NOTHING_WAS_DONE
