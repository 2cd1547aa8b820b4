"""When the next request fits into a sliding window, against the window watched as time goes by."""

import math

import hypothesis.strategies as st
from hypothesis import given

from adlrisk.api.limits.rate_window import Window


def window(limit: int = 10, seconds: int = 60, **used: float) -> Window:
    unused = {"previous": 0, "previous_seconds": 0.0, "current": 0, "current_seconds": float(seconds)}
    return Window(limit=limit, seconds=seconds, passed=False, **{**unused, **used})  # type: ignore[arg-type]


def later(then: Window, seconds: float) -> Window:
    """The window ``seconds`` later, if nobody asks meanwhile."""
    if seconds < then.current_seconds:
        return window(
            then.limit,
            then.seconds,
            previous=then.previous,
            previous_seconds=max(0.0, then.previous_seconds - seconds),
            current=then.current,
            current_seconds=then.current_seconds - seconds,
        )
    rest = then.seconds - (seconds - then.current_seconds)
    return window(then.limit, then.seconds, previous=then.current, previous_seconds=max(0.0, rest))


def fits(now: Window) -> bool:
    """The rule of the library: what fades of the window before, rounded down, and the current are below the limit."""
    return math.floor(now.previous * now.previous_seconds / now.seconds) + now.current < now.limit


@st.composite
def windows(draw: st.DrawFn) -> Window:
    seconds = draw(st.integers(1, 3600))
    limit = draw(st.integers(1, 1000))
    rest = draw(st.floats(0.0, 1.0)) * seconds
    return window(
        limit,
        seconds,
        previous=draw(st.integers(0, limit)),
        previous_seconds=rest,
        current=draw(st.integers(0, limit)),
        current_seconds=rest,
    )


@given(windows())
def test_the_next_request_fits_when_it_was_promised(used: Window) -> None:
    """After Retry-After a request fits, and it is at most a second more than needed."""
    assert (used.retry_after == 0) == fits(used)
    if used.retry_after:
        assert fits(later(used, used.retry_after))
        assert not fits(later(used, used.retry_after - 1.001))


@given(windows())
def test_left_is_what_fits(used: Window) -> None:
    """As many requests fit as are said to be left, and no more."""
    assert fits(used) == (used.left > 0)
    all_used = window(
        used.limit,
        used.seconds,
        previous=used.previous,
        previous_seconds=used.previous_seconds,
        current=used.current + used.left,
        current_seconds=used.current_seconds,
    )
    assert not fits(all_used)
