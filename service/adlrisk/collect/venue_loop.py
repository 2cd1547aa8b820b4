"""The loop that collects one venue while this collector leads it.

Each call of each contract is a task of its own, so that none delays another.
"""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

from msgspec import Struct

from adlrisk.collect.adapters.observation import CallName, Exchange, FetchError, UnknownMarketError
from adlrisk.collect.lease import Leadership
from adlrisk.collect.observer import Observer
from adlrisk.collect.record.history import MarketHistory
from adlrisk.collect.record.market_record import RECORD_TTL_SECONDS, WRITE_INTERVAL_SECONDS, MarketRecordBuilder
from adlrisk.collect.schedule import POLL_INTERVAL_SECONDS, add_jitter, retry_until_answered
from adlrisk.collect.store import CollectorStore
from adlrisk.collect.venue_calls import VenueCalls
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.overrides import UnreadableError
from adlrisk.venues.store import StoreError

_FIRST_ANSWERS_SECONDS: Final = 5.0  # the first record waits at most this long for answers
_STORE_RETRY_SECONDS: Final = 1.0
_HISTORY_INTERVAL_SECONDS: Final = 10.0  # a collector that is killed loses at most this much of the history
_STABLE_STREAM_SECONDS: Final = 60.0  # a stream that stayed open this long may end without counting as a failure
_STREAM_REPORT_SECONDS: Final = 60.0  # well within the five minutes after which silence is an alert


class _Stream(Struct, kw_only=True):
    """When a stream was started, when its first observation came, and when it was last reported alive."""

    started_at: float
    opened_at: float = math.inf
    reported_at: float = -math.inf


class VenueCollector:
    """Collects the contracts of one venue while it leads."""

    def __init__(
        self,
        exchange: Exchange,
        markets: Iterable[str],
        *,
        conditions: Conditions,
        store: CollectorStore,
        observer: Observer,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        write_interval_seconds: float = WRITE_INTERVAL_SECONDS,
    ) -> None:
        self._exchange = exchange
        self._markets = tuple(markets)
        self._conditions = conditions
        self._store = store
        self._observer = observer
        self._clock = clock
        self._monotonic = monotonic
        self._write_interval_seconds = write_interval_seconds
        self._calls = VenueCalls(exchange, observer=observer, clock=clock, monotonic=monotonic)
        self._leadership = Leadership(exchange.venue, store=store, observer=observer, monotonic=monotonic)

    @property
    def name(self) -> str:
        """The venue's id."""
        return self._exchange.venue

    async def run(self) -> None:
        """Collect whenever this collector leads the venue, until cancelled."""
        await self._leadership.lead(self._collect)

    async def close(self) -> None:
        """Close all connections to the venue."""
        await self._exchange.close()

    async def _collect(self) -> None:
        await self._calls.load_markets()
        loaded = [await self._load_builder(market) for market in self._markets]
        builders = [builder for builder in loaded if builder is not None]
        try:
            async with asyncio.TaskGroup() as group:
                for builder in builders:
                    for task in self._tasks(builder, is_first=builder is builders[0]):
                        group.create_task(task)
                await asyncio.Event().wait()  # until the lease is lost, with or without contracts
        finally:
            for builder in builders:
                await self._write_history(builder)

    def _tasks(self, builder: MarketRecordBuilder, *, is_first: bool) -> Iterable[Coroutine[Any, Any, None]]:
        """The tasks of a contract; the venue's clock is read for the first contract only."""
        calls = self._exchange.calls if is_first else self._exchange.calls - {"clock"}
        answered = {call: asyncio.Event() for call in POLL_INTERVAL_SECONDS if call in calls}
        for call, event in answered.items():
            yield self._poll(builder, call, event)
        if self._exchange.streams_liquidations:
            yield self._stream(builder)
        yield self._write_records(builder, list(answered.values()))
        yield self._write_histories(builder)

    async def _load_builder(self, market: str) -> MarketRecordBuilder | None:
        """The builder of a contract's record, with its stored history; ``None`` if the venue does not list it."""
        try:
            key = MarketKey(self._exchange.venue, self._exchange.symbol_of(market))
        except UnknownMarketError as error:
            self._observer.market_unknown(self._exchange.venue, market, str(error))
            return None
        self._observer.market_tracked(*key)
        return MarketRecordBuilder(key, market, history=MarketHistory(self._conditions, await self._load_history(key)))

    async def _load_history(self, key: MarketKey) -> bytes | None:
        """The stored history, retried until the store answers: an empty one would overwrite it."""
        while True:
            try:
                return await self._store.get_history(key)
            except StoreError as error:
                self._observer.store_failed(str(error))
                await asyncio.sleep(_STORE_RETRY_SECONDS)

    async def _poll(self, builder: MarketRecordBuilder, call: CallName, answered: asyncio.Event) -> None:
        while True:
            started_at = self._monotonic()
            observation = await self._calls.fetch(call, builder.market)
            builder.add(call, observation, now=self._clock())
            answered.set()
            spent = self._monotonic() - started_at
            await asyncio.sleep(max(0.0, add_jitter(POLL_INTERVAL_SECONDS[call]) - spent))

    async def _stream(self, builder: MarketRecordBuilder) -> None:
        while True:
            await retry_until_answered(lambda: self._stream_once(builder))

    async def _stream_once(self, builder: MarketRecordBuilder) -> None:
        """Read a stream until it ends; if it was stable, its end is no failure and it is reopened at once.

        Raises:
            FetchError: it ended too soon.
        """
        await self._calls.wait_for_backoff()
        stream = _Stream(started_at=self._monotonic())
        try:
            await self._read_stream(builder, stream)
        except FetchError as error:
            now = self._monotonic()
            if now - stream.opened_at < _STABLE_STREAM_SECONDS:
                self._calls.report_failed("liquidations", error, seconds=now - stream.started_at)
                raise
            self._calls.report_stream_ended(error, seconds=now - stream.started_at)

    async def _read_stream(self, builder: MarketRecordBuilder, stream: _Stream) -> None:
        """Add what a stream delivers to the history.

        Raises:
            FetchError: it has ended.
        """
        async for observation in self._exchange.stream_liquidations(builder.market):
            self._report_alive(stream)
            self._calls.report_left_out(observation.left_out)
            builder.history.add_liquidations(observation, now=self._clock())
        raise FetchError("unavailable", "the stream ended")

    def _report_alive(self, stream: _Stream) -> None:
        """Report a stream as answered at its first observation and then once a minute, so that silence shows."""
        now = self._monotonic()
        stream.opened_at = min(stream.opened_at, now)
        if now - stream.reported_at >= _STREAM_REPORT_SECONDS:
            self._calls.report_answered("liquidations", seconds=now - max(stream.started_at, stream.reported_at))
            stream.reported_at = now

    async def _write_records(self, builder: MarketRecordBuilder, answered: list[asyncio.Event]) -> None:
        try:
            async with asyncio.timeout(_FIRST_ANSWERS_SECONDS):
                for event in answered:
                    await event.wait()
        except TimeoutError:
            pass
        while True:
            await self._write_record(builder)
            await asyncio.sleep(self._write_interval_seconds)

    async def _write_record(self, builder: MarketRecordBuilder) -> None:
        try:
            record = builder.build(now=self._clock())
            if record is None or not self._leadership.is_held:
                return
            await self._store.put_record(builder.key, record, ttl_seconds=RECORD_TTL_SECONDS)
        except (UnreadableError, StoreError) as error:
            self._observer.write_finished(*builder.key, is_ok=False, detail=str(error))
        else:
            self._observer.write_finished(*builder.key, is_ok=True)

    async def _write_histories(self, builder: MarketRecordBuilder) -> None:
        while True:
            await asyncio.sleep(add_jitter(_HISTORY_INTERVAL_SECONDS))
            await self._write_history(builder)

    async def _write_history(self, builder: MarketRecordBuilder) -> None:
        if not self._leadership.is_held:
            return
        try:
            await self._store.put_history(builder.key, builder.history.encode())
        except StoreError as error:
            self._observer.store_failed(str(error))
