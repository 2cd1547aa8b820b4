"""Clocks that do not run by themselves, so that no test depends on how fast a machine is."""

import asyncio
import contextlib
import functools
import selectors
from collections.abc import Callable, Iterator
from unittest import mock

from adlrisk.venues.live_rules import LiveRules


class HandClock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@contextlib.contextmanager
def reading_by(clock: Callable[[], float]) -> Iterator[None]:
    """Services that are made meanwhile tell by ``clock`` how long ago they have read something from their store."""
    with mock.patch("adlrisk.api.dispatch.parameter_store.LiveRules", functools.partial(LiveRules, clock=clock)):
        yield


class _Skipping(selectors.DefaultSelector):
    """Nobody waits: where nothing has come, the time until something is due has passed."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(None if timeout is None else 0.0)
        if timeout and not ready:
            self.now += timeout
        return ready


class SkippingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is what its timers say, and takes none."""

    def __init__(self) -> None:
        self._passed = _Skipping()
        super().__init__(self._passed)

    def time(self) -> float:
        """Seconds since it was made."""
        return self._passed.now

    def spend(self, seconds: float) -> None:
        """Be busy for so long, as with a long computation."""
        self._passed.now += seconds
