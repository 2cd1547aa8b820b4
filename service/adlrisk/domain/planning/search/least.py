"""Search for the least number of steps at which something holds, from a guess that is nearly right."""

from collections.abc import Callable, Generator
from typing import TypeVar

T = TypeVar("T")

# Work in turns: it yields wherever other requests may have theirs.
Turns = Generator[None, None, T]


def find_least(holds: Callable[[int], bool], *, guess: int, largest: int) -> Turns[int | None]:
    """The least of 1 to ``largest`` at which ``holds``, which then holds from there on; ``None`` if it never does.

    >>> finish(find_least(lambda steps: steps >= 1000, guess=990, largest=5000))
    1000
    """
    if largest < 1:
        return None
    low, high = 0, min(max(guess, 1), largest)  # it does not hold at `low`
    stride = 1
    yield
    if holds(high):
        while high - stride > low:
            yield
            if not holds(high - stride):
                low = high - stride
                break
            high, stride = high - stride, 2 * stride
    else:
        while True:
            if high == largest:
                return None
            low, high, stride = high, min(largest, high + stride), 2 * stride
            yield
            if holds(high):
                break
    while high - low > 1:
        middle = (low + high) // 2
        yield
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def finish(turns: Turns[T]) -> T:
    """What ``turns`` returns, all of them at once."""
    while True:
        try:
            next(turns)
        except StopIteration as end:
            result: T = end.value
            return result
