"""Retry-After of a sliding window, against the window watched as time goes by."""

import math
from typing import NamedTuple

import hypothesis.strategies as st
from hypothesis import given
from limits import RateLimitItem, RateLimitItemPerSecond

from adlrisk.api.limits.rate_counters import retry_after


class Window(NamedTuple):
    """A sliding window as the library has it: the count of the window before, and of the current one."""

    limit: RateLimitItem
    previous: int
    previous_seconds: float
    current: int
    current_seconds: float

    @property
    def seconds(self) -> int:
        return self.limit.get_expiry()

    @property
    def retry_after(self) -> int:
        kept = (self.previous, self.previous_seconds, self.current, self.current_seconds + self.seconds)
        return retry_after(self.limit, kept)


def later(then: Window, seconds: float) -> Window:
    """The window ``seconds`` later, if nobody asks meanwhile."""
    if seconds < then.current_seconds:
        return then._replace(
            previous_seconds=max(0.0, then.previous_seconds - seconds), current_seconds=then.current_seconds - seconds
        )
    rest = then.seconds - (seconds - then.current_seconds)
    return Window(then.limit, then.current, max(0.0, rest), 0, float(then.seconds))


def fits(now: Window) -> bool:
    """The rule of the library: what fades of the window before, rounded down, and the current are below the limit."""
    return math.floor(now.previous * now.previous_seconds / now.seconds) + now.current < now.limit.amount


@st.composite
def windows(draw: st.DrawFn) -> Window:
    seconds = draw(st.integers(1, 3600))
    limit = draw(st.integers(1, 1000))
    rest = draw(st.floats(0.0, 1.0)) * seconds
    counts = st.integers(0, limit)
    return Window(RateLimitItemPerSecond(limit, seconds), draw(counts), rest, draw(counts), rest)


@given(windows())
def test_the_next_request_fits_when_it_was_promised(used: Window) -> None:
    """After Retry-After a request fits, and it is at most a second more than needed."""
    assert (used.retry_after == 0) == fits(used)
    if used.retry_after:
        assert fits(later(used, used.retry_after))
        assert not fits(later(used, used.retry_after - 1.001))
