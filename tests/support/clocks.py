"""Controlled clocks, so that no test depends on the speed of a machine."""

import asyncio
import contextlib
import functools
import selectors
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest

from adlrisk.venues.live_rules import LiveRules
from adlrisk.venues.tasks import wait_with_timeout


class HandClock:
    """A clock that a test advances by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@contextlib.contextmanager
def reading_by(clock: Callable[[], float]) -> Iterator[None]:
    """Services created meanwhile use ``clock`` for the age of what they have read from their store."""
    with mock.patch("adlrisk.api.dispatch.parameter_store.LiveRules", functools.partial(LiveRules, clock=clock)):
        yield


def record_waits(monkeypatch: pytest.MonkeyPatch, module: str) -> list[bool]:
    """For each wait of ``module`` with a deadline from now on, whether what it waited for came in time."""
    waits: list[bool] = []

    async def wait(*awaited: Any, **named: Any) -> bool:
        waits.append(await wait_with_timeout(*awaited, **named))
        return waits[-1]

    monkeypatch.setattr(f"{module}.wait_with_timeout", wait)
    return waits


class _Skipping(selectors.DefaultSelector):
    """A selector that never waits: if nothing is ready, the time of the next timer has come."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(None if timeout is None else 0.0)
        if timeout and not ready:
            self.now += timeout
        return ready


class SkippingLoop(asyncio.SelectorEventLoop):
    """An event loop that skips waiting time: its clock follows its timers."""

    def __init__(self) -> None:
        self._passed = _Skipping()
        super().__init__(self._passed)

    def time(self) -> float:
        """Seconds since its creation."""
        return self._passed.now

    def spend(self, seconds: float) -> None:
        """Advance the clock, as a long computation would."""
        self._passed.now += seconds
