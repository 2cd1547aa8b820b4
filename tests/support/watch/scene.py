"""A scene: a stage with an account at a fake Binance, a service that scores it, and receivers."""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from support.positions.fake_venue import BinanceVenue, FakeVenue
from support.running import RunningServer
from support.watch.dangers import Danger
from support.watch.notified import NotificationReceiver
from support.watch.stage import EVENING, Stage

V = TypeVar("V", bound=FakeVenue)


class StageClock:
    """The clock of the service: that of the stage that is played."""

    def __init__(self) -> None:
        self.stage: Stage | None = None

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(EVENING if self.stage is None else self.stage.now(), UTC)


class Scene:
    """A stage with an account "desk" at Binance, one receiver, and whatever else is added before it is set."""

    def __init__(self, stack: ExitStack, clock: StageClock, service: RunningServer, state: Path) -> None:
        self._stack = stack
        self._clock = clock
        self._service = service
        self.state = state
        self.venue = stack.enter_context(BinanceVenue())
        self.danger = Danger(self.venue, service)
        self.receivers = [self.add_receiver()]

    def add_receiver(self) -> NotificationReceiver:
        return self._stack.enter_context(NotificationReceiver(clock=lambda: self._clock().timestamp()))

    def add_venue(self, venue: V) -> V:
        self._stack.enter_context(venue)
        return venue

    def set(self, venues: dict[str, FakeVenue] | None = None, *, scored_by: str = "service", **options: Any) -> Stage:
        """The stage; its accounts are "desk" and those in ``venues``."""
        stage = Stage(
            {"desk": self.venue, **(venues or {})},
            self.receivers,
            state=self.state,
            service=self._service.url if scored_by == "service" else None,
            **options,
        )
        self._clock.stage = stage
        return stage
