"""A service whose clock is the stage's, and what a scene needs."""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from support.positions.fake_venue import BinanceVenue, FakeVenue
from support.running import WRITABLE, RunningServer
from support.watch.dangers import Danger
from support.watch.notified import NotificationReceiver
from support.watch.stage import EVENING, Stage


class StageClock:
    """The clock of the service: that of the stage that is played."""

    def __init__(self) -> None:
        self.stage: Stage | None = None

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(EVENING if self.stage is None else self.stage.now(), UTC)


@pytest.fixture(scope="module")
def clock() -> StageClock:
    return StageClock()


@pytest.fixture(scope="module")
def service(clock: StageClock) -> Iterator[RunningServer]:
    """A service that takes market records."""
    with RunningServer(WRITABLE, log=io.StringIO(), clock=clock) as server:
        yield server


class Scene:
    """A stage with an account "desk" at Binance, one receiver, and whatever else is added before it is set."""

    def __init__(self, stack: ExitStack, clock: StageClock, service: RunningServer, state: Path) -> None:
        self._stack = stack
        self._clock = clock
        self._service = service
        self._state = state
        self.venue = stack.enter_context(BinanceVenue())
        self.danger = Danger(self.venue, service)
        self.receivers = [self.add_receiver()]

    def add_receiver(self) -> NotificationReceiver:
        return self._stack.enter_context(NotificationReceiver(clock=lambda: self._clock().timestamp()))

    def add_venue(self, venue: FakeVenue) -> Any:
        return self._stack.enter_context(venue)

    def set(self, venues: dict[str, FakeVenue] | None = None, *, scored_by: str = "service", **options: Any) -> Stage:
        """The stage; its accounts are "desk" and those in ``venues``."""
        stage = Stage(
            {"desk": self.venue, **(venues or {})},
            self.receivers,
            state=self._state,
            service=self._service.url if scored_by == "service" else None,
            **options,
        )
        self._clock.stage = stage
        return stage


@pytest.fixture
def scene(clock: StageClock, service: RunningServer, tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as stack:
        yield Scene(stack, clock, service, tmp_path / "watch.json")
    clock.stage = None


SetStage = Callable[..., Stage]
