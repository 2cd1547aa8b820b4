"""A stage for a watch: the real program, ccxt and apprise, between fake venues and local receivers, in skipped time.

Readings and deliveries are made within the event loop, whose clock moves only while nothing is to be done: hours take
seconds, and each run is the same.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from adlrisk.settings import Settings
from adlrisk.settings.watch import WatchSettings
from adlrisk.telemetry.log_output import StreamOutput
from adlrisk.watch.building import BuiltWatch, Output, Surroundings, build_store, build_watch, open_accounts
from adlrisk.watch.display.lines import LineDisplay
from adlrisk.watch.plan import Options, make_plan
from support.clocks import SkippingLoop
from support.positions.fake_account import KEY, PASSPHRASE, SECRET
from support.positions.fake_venue import FakeVenue
from support.positions.pointed import pointed_at
from support.watch.notified import NotificationReceiver

EVENING: Final = datetime(2026, 11, 24, 19, tzinfo=UTC).timestamp()  # a Tuesday
_KEYS: Final = {"KEY": KEY, "SECRET": SECRET, "PASSWORD": PASSPHRASE}
T = TypeVar("T")


class Stage:
    """Accounts by their names, each at a venue; receivers; a file for the state.

    ``lines`` and ``log`` are what the watch has printed. ``wall_jump`` is how far the wall clock is off, in seconds.
    """

    def __init__(
        self,
        venues: Mapping[str, FakeVenue],
        receivers: Sequence[NotificationReceiver],
        *,
        state: Path,
        service: str | None = None,
        interval_seconds: float = 15.0,
        messages_per_minute: int = 10,
    ) -> None:
        self.venues = venues
        self.secrets = (KEY, SECRET, PASSPHRASE)
        self.wall_jump = 0.0
        self.hangs: set[str] = set()  # accounts whose readings do not end
        self._out, self._log = io.StringIO(), io.StringIO()
        self._receivers = receivers
        self._service = service
        self._state = state
        self._interval_seconds = interval_seconds
        self._messages_per_minute = messages_per_minute
        self._is_playing = False
        self._now = 0.0  # seconds since the evening began, by the loop's clock

    @property
    def lines(self) -> list[str]:
        """The lines on standard output."""
        return self._out.getvalue().splitlines()

    @property
    def log(self) -> str:
        """The lines of the log."""
        return self._log.getvalue()

    def use_service(self, url: str) -> None:
        """Let another service score from the next watch on."""
        self._service = url

    def now(self) -> float:
        """The true time, seconds since 1970."""
        return EVENING + (self._passed() if self._is_playing else self._now)

    def play(self, scene: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run ``scene`` in skipped time, which goes on from one play to the next."""
        loop = SkippingLoop()
        loop.spend(self._now)
        try:
            return loop.run_until_complete(self._follow(scene))
        finally:
            loop.close()

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[BuiltWatch]:
        """A watch that runs meanwhile, as ``adlrisk watch`` builds it."""
        built = await self.open()
        async with built.watcher.running():
            yield built

    async def open(self) -> BuiltWatch:
        """A watch with its state."""
        built = self._build()
        await built.keeper.open()
        return built

    def passed(self) -> float:
        """Seconds of the evening that are over, while something is played."""
        return self._passed()

    async def until(self, seconds: float) -> None:
        """Wait until so many seconds of the evening are over."""
        await asyncio.sleep(max(0.0, seconds - self._passed()))

    async def _follow(self, scene: Callable[[], Coroutine[Any, Any, T]]) -> T:
        self._passed = asyncio.get_running_loop().time
        self._is_playing = True
        try:
            return await scene()
        finally:
            self._now, self._is_playing = self._passed(), False

    def _build(self) -> BuiltWatch:
        environ = {
            f"ADLRISK_ACCOUNT_{name.upper()}_{end}": value for name in self.venues for end, value in _KEYS.items()
        }
        options = Options(
            accounts=[f"{name}={venue.venue}" for name, venue in self.venues.items()],
            notify=[one.url for one in self._receivers],
            interval_seconds=self._interval_seconds,
            messages_per_minute=self._messages_per_minute,
            state=str(self._state),
            service=self._service,
        )
        settings = Settings()
        plan = make_plan(options, watch_settings=WatchSettings(), settings=settings, environ=environ)
        surroundings = Surroundings(
            wall=self._wall, call_in_thread=self._call, sleep=lambda _: None, jitter=lambda: 1.0
        )
        opened = []
        for account in plan.accounts:  # each at an address of its own
            with pointed_at(self.venues[account.name].url):
                one = replace(plan, accounts=(account,))
                opened.append(open_accounts(one, settings=settings, environ=environ, surroundings=surroundings))
        output = Output(LineDisplay(StreamOutput(self._out)), StreamOutput(self._log), "json")
        store = build_store(plan, settings=settings, surroundings=surroundings)
        return build_watch(plan, opened, store=store, output=output, settings=settings, surroundings=surroundings)

    def _wall(self) -> float:
        return EVENING + self._passed() + self.wall_jump

    def _call(self, call: Callable[[], T], *, name: str) -> "asyncio.Future[T]":
        """The call, made here and now; those of an account that hangs are not made, and never end."""
        for venue in self.venues.values():
            venue.date = self.now()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if name.removeprefix("account ") in self.hangs:
            return future
        try:
            future.set_result(call())
        except Exception as error:  # noqa: BLE001 (belongs to whoever waits)
            future.set_exception(error)
        return future
