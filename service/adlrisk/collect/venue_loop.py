"""One venue, collected by whoever leads it. Each call of each contract has a task of its own, so that none waits."""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

from msgspec import Struct

from adlrisk.collect.adapters.observation import CallName, Exchange, FetchError, UnknownMarketError
from adlrisk.collect.lease import Leadership
from adlrisk.collect.observer import Watching
from adlrisk.collect.record.history import Trail
from adlrisk.collect.record.market_record import LASTS_SECONDS, WRITE_EVERY_SECONDS, MarketState
from adlrisk.collect.schedule import EVERY_SECONDS, jittered, persistently
from adlrisk.collect.store import Keeping
from adlrisk.collect.venue_calls import Asking
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.overrides import UnreadableError
from adlrisk.venues.store import StoreError

_FIRST_ANSWERS_SECONDS: Final = 5.0  # what has not answered by then is not in the first record
_STORE_SECONDS: Final = 1.0  # after a failure
_TRAIL_EVERY_SECONDS: Final = 10.0  # what was seen since is lost with a collector that is killed
_LASTING_SECONDS: Final = 60.0  # a stream that was open for so long has not failed
_STREAM_TOLD_EVERY_SECONDS: Final = 60.0  # well within the five minutes after which silence is an alert


class _Stream(Struct, kw_only=True):
    """When a stream was begun, when it told its first finding, and when it was last told to be well."""

    begun_at: float
    opened_at: float = math.inf
    told_at: float = -math.inf


class VenueCollector:
    """Collects the contracts of one venue while it leads."""

    def __init__(
        self,
        exchange: Exchange,
        markets: Iterable[str],
        *,
        conditions: Conditions,
        keeping: Keeping,
        watching: Watching,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        write_every_seconds: float = WRITE_EVERY_SECONDS,
    ) -> None:
        self._exchange = exchange
        self._markets = tuple(markets)
        self._conditions = conditions
        self._keeping = keeping
        self._watching = watching
        self._clock = clock
        self._monotonic = monotonic
        self._write_every_seconds = write_every_seconds
        self._asking = Asking(exchange, watching=watching, clock=clock, monotonic=monotonic)
        self._leadership = Leadership(exchange.venue, keeping=keeping, watching=watching, monotonic=monotonic)

    @property
    def name(self) -> str:
        """The venue's id."""
        return self._exchange.venue

    async def run(self) -> None:
        """Collect whenever this collector leads the venue, until cancelled."""
        await self._leadership.lead(self._collect)

    async def close(self) -> None:
        """Let go of all connections to the venue."""
        await self._exchange.close()

    async def _collect(self) -> None:
        await self._asking.open()
        states = [state for market in self._markets if (state := await self._state(market)) is not None]
        try:
            async with asyncio.TaskGroup() as group:
                for state in states:
                    for task in self._tasks(state, is_first=state is states[0]):
                        group.create_task(task)
                await asyncio.Event().wait()  # until the lease is lost, with or without contracts
        finally:
            for state in states:
                await self._keep_trail(state)

    def _tasks(self, state: MarketState, *, is_first: bool) -> Iterable[Coroutine[Any, Any, None]]:
        """What goes on for a contract; the venue's clock is read with its first one only."""
        calls = [call for call in EVERY_SECONDS if call in self._exchange.calls and (call != "clock" or is_first)]
        first = {call: asyncio.Event() for call in calls}
        for call, answered in first.items():
            yield self._keep_asking(state, call, answered)
        if self._exchange.tells_liquidations:
            yield self._keep_listening(state)
        yield self._keep_writing(state, list(first.values()))
        yield self._keep_trails(state)

    async def _state(self, market: str) -> MarketState | None:
        """What is known of a contract, its trail taken up where it was left; ``None``: it is none of the venue's."""
        try:
            key = MarketKey(self._exchange.venue, self._exchange.symbol_of(market))
        except UnknownMarketError as error:
            self._watching.market_unknown(self._exchange.venue, market, str(error))
            return None
        self._watching.watches(*key)
        return MarketState(key, market, trail=Trail(self._conditions, await self._kept_trail(key)))

    async def _kept_trail(self, key: MarketKey) -> bytes | None:
        """What was kept, however long the store takes: to begin anew would overwrite it."""
        while True:
            try:
                return await self._keeping.trail(key)
            except StoreError as error:
                self._watching.store_failed(str(error))
                await asyncio.sleep(_STORE_SECONDS)

    async def _keep_asking(self, state: MarketState, call: CallName, answered: asyncio.Event) -> None:
        while True:
            started_at = self._monotonic()
            finding = await self._asking.ask(call, state.market)
            state.take(call, finding, now=self._clock())
            answered.set()
            spent = self._monotonic() - started_at
            await asyncio.sleep(max(0.0, jittered(EVERY_SECONDS[call]) - spent))

    async def _keep_listening(self, state: MarketState) -> None:
        while True:
            await persistently(lambda: self._listen(state))

    async def _listen(self, state: MarketState) -> None:
        """Listen until the stream ends; one that lasted is opened again at once, and its end is no failure.

        Raises:
            FetchError: it did not last.
        """
        await self._asking.quiet_over()
        stream = _Stream(begun_at=self._monotonic())
        try:
            await self._hear(state, stream)
        except FetchError as error:
            now = self._monotonic()
            if now - stream.opened_at < _LASTING_SECONDS:
                self._asking.tell_failed("liquidations", error, seconds=now - stream.begun_at)
                raise
            self._asking.tell_stream_ended(error, seconds=now - stream.begun_at)

    async def _hear(self, state: MarketState, stream: _Stream) -> None:
        """Take up what a stream tells.

        Raises:
            FetchError: it has ended.
        """
        async for finding in self._exchange.listen(state.market):
            self._tell_well(stream)
            self._asking.tell_left_out(finding.left_out)
            state.trail.heard(finding, now=self._clock())
        raise FetchError("unavailable", "the stream ended")

    def _tell_well(self, stream: _Stream) -> None:
        """Count a stream as an answer with its first finding and once a minute, so that its silence is missed."""
        now = self._monotonic()
        stream.opened_at = min(stream.opened_at, now)
        if now - stream.told_at >= _STREAM_TOLD_EVERY_SECONDS:
            self._asking.tell_answered("liquidations", seconds=now - max(stream.begun_at, stream.told_at))
            stream.told_at = now

    async def _keep_writing(self, state: MarketState, answered: list[asyncio.Event]) -> None:
        try:
            async with asyncio.timeout(_FIRST_ANSWERS_SECONDS):
                for event in answered:
                    await event.wait()
        except TimeoutError:
            pass
        while True:
            await self._write(state)
            await asyncio.sleep(self._write_every_seconds)

    async def _write(self, state: MarketState) -> None:
        try:
            record = state.record(now=self._clock())
            if record is None or not self._leadership.holds:
                return
            await self._keeping.put_record(state.key, record, lasts_seconds=LASTS_SECONDS)
        except (UnreadableError, StoreError) as error:
            self._watching.wrote(*state.key, is_kept=False, detail=str(error))
        else:
            self._watching.wrote(*state.key, is_kept=True)

    async def _keep_trails(self, state: MarketState) -> None:
        while True:
            await asyncio.sleep(jittered(_TRAIL_EVERY_SECONDS))
            await self._keep_trail(state)

    async def _keep_trail(self, state: MarketState) -> None:
        if not self._leadership.holds:
            return
        try:
            await self._keeping.put_trail(state.key, state.trail.encoded())
        except StoreError as error:
            self._watching.store_failed(str(error))
