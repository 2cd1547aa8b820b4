"""The cache of market records: entries are never older than assumed, and never older than an own write."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from adlrisk.domain.position.market import MarketRecord
from adlrisk.venues.market_records import MarketKey, StoredRecord, encode_record
from adlrisk.venues.memory_store import MemoryStore
from adlrisk.venues.record_cache import RecordCache
from adlrisk.venues.store import StoreError
from adlrisk.venues.store_health import StoreHealth
from support.clocks import HandClock

KEY = MarketKey("binance", "BTCUSDT")
OTHER = MarketKey("binance", "ETHUSDT")
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


def record(funding_rate: float) -> StoredRecord:
    return StoredRecord(
        market=MarketRecord(funding_rate=funding_rate),
        observed_at=NOON,
        source="a test",
        ttl_seconds=60.0,
    )


class SlowStore(MemoryStore):
    """A remote store that answers when a test says so."""

    is_local = False

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.is_asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def read_markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
        self.asked += 1
        self.is_asked.set()
        values = await super().read_markets(keys)
        await self.may_answer.wait()
        return values


async def cache_of(store: SlowStore, clock: HandClock) -> RecordCache:
    await store.exchange_market(KEY, encode_record(record(0.01)), ttl_seconds=60.0)
    return RecordCache(store, StoreHealth(lambda _event: None, clock=clock), deadline_seconds=30.0)


def test_an_entry_ages_from_the_start_of_its_read() -> None:
    """A record whose read took long is read again a second after that read started."""

    async def story() -> None:
        store, clock = SlowStore(), HandClock()
        cache = await cache_of(store, clock)
        reading = asyncio.create_task(cache.get([KEY]))
        await store.is_asked.wait()
        clock.seconds = 0.9
        store.may_answer.set()
        assert (await reading)[KEY] == record(0.01)
        assert cache.get_cached([KEY]) is not None
        clock.seconds = 1.1
        assert cache.get_cached([KEY]) is None
        await cache.get([KEY])
        assert store.asked == 2
        await cache.close()

    asyncio.run(story())


def test_a_late_read_does_not_undo_a_newer_write() -> None:
    """A record written here while an older one was being read stays."""

    async def story() -> None:
        store, clock = SlowStore(), HandClock()
        cache = await cache_of(store, clock)
        reading = asyncio.create_task(cache.get([KEY]))
        await store.is_asked.wait()
        clock.seconds = 0.5
        await cache.put(KEY, record(0.02), now=record(0.02).observed_at)
        store.may_answer.set()
        assert (await reading)[KEY] == record(0.02)
        assert cache.get_cached([KEY]) == {KEY: record(0.02)}
        await cache.close()

    asyncio.run(story())


class Elsewhere(MemoryStore):
    """A store elsewhere that may fail."""

    is_local = False
    is_broken = False

    async def read_markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
        if self.is_broken:
            raise StoreError("store-unreachable")
        return await super().read_markets(keys)


def elsewhere(clock: HandClock, *, now: datetime = NOON) -> tuple[Elsewhere, RecordCache]:
    store = Elsewhere(clock=clock)
    health = StoreHealth(lambda _event: None, clock=clock)
    wall_clock = lambda: now + timedelta(seconds=clock.seconds)  # noqa: E731
    return store, RecordCache(store, health, deadline_seconds=30.0, wall_clock=wall_clock)


def test_unknown_symbols_never_push_out_records() -> None:
    """After 20,000 unknown symbols of a stranger a record is known as before, when the store fails at that moment."""

    async def story() -> None:
        store, cache = elsewhere(HandClock())
        await store.exchange_market(KEY, encode_record(record(0.01)), ttl_seconds=60.0)
        assert await cache.get([KEY], caller="own") == {KEY: record(0.01)}
        unknown = [MarketKey("binance", f"X{number}") for number in range(20_000)]
        assert set((await cache.get(unknown, caller="stranger")).values()) == {"absent"}
        store.is_broken = True
        assert await cache.get([KEY, unknown[0]], caller="own") == {KEY: record(0.01), unknown[0]: "unreadable"}
        await cache.close()

    asyncio.run(story())


def test_a_failing_store_makes_nothing_absent() -> None:
    """While it fails: a record until it expires, an absence for a second; from then on either is unreadable."""

    async def story() -> None:
        clock = HandClock()
        store, cache = elsewhere(clock)
        await store.exchange_market(KEY, encode_record(record(0.01)), ttl_seconds=60.0)
        assert await cache.get([KEY, OTHER]) == {KEY: record(0.01), OTHER: "absent"}
        store.is_broken = True
        clock.seconds = 0.9
        assert cache.get_cached([KEY, OTHER]) == {KEY: record(0.01), OTHER: "absent"}
        clock.seconds = 59.9
        assert await cache.get([KEY, OTHER]) == {KEY: record(0.01), OTHER: "unreadable"}
        clock.seconds = 60.0  # its successor may be in the store
        assert cache.get_cached([KEY, OTHER]) == {KEY: "unreadable", OTHER: "unreadable"}
        await cache.close()

    asyncio.run(story())


def test_a_record_that_has_gone_is_absent() -> None:
    """A record that the store holds no longer is not used from memory."""

    async def story() -> None:
        clock = HandClock()
        store, cache = elsewhere(clock)
        await store.exchange_market(KEY, encode_record(record(0.01)), ttl_seconds=5.0)
        assert await cache.get([KEY]) == {KEY: record(0.01)}
        clock.seconds = 6.0
        assert await cache.get([KEY]) == {KEY: "absent"}
        assert cache.get_cached([KEY]) == {KEY: "absent"}
        await cache.put(KEY, record(0.02), now=NOON)
        assert cache.get_cached([KEY]) == {KEY: record(0.02)}
        await cache.close()

    asyncio.run(story())


def test_an_unusable_value_is_unreadable() -> None:
    """What is stored but cannot be used is not said to be absent."""

    async def story() -> None:
        store, cache = elsewhere(HandClock())
        await store.exchange_market(KEY, b"{}", ttl_seconds=5.0)
        assert await cache.get([KEY]) == {KEY: "unreadable"}
        assert cache.get_cached([KEY]) == {KEY: "unreadable"}
        await cache.close()

    asyncio.run(story())


def test_the_lead_of_records_is_measured_when_they_are_read() -> None:
    """A record observed 30 seconds after this process's time shows as a lead of 30 seconds."""

    async def story() -> None:
        store, cache = elsewhere(HandClock(), now=NOON - timedelta(seconds=30))
        assert cache.lead.seconds == 0.0
        await store.exchange_market(KEY, encode_record(record(0.01)), ttl_seconds=60.0)
        await cache.get([KEY])
        assert cache.lead.seconds == 30.0
        await cache.close()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("behind", "expected"),
    [(-60.0, None), (-59.9, 59.9), (-1.0, 1.0), (0.0, 0.0), (0.3, 0.0), (30.0, 0.0), (60.0, 0.0), (60.001, None)],
)
def test_one_rule_of_grace_for_clocks(behind: float, expected: float | None) -> None:
    """A replica up to a minute behind uses a record at the time of its observation; expiry is by its own clock."""
    moment = record(0.01).moment_of_use(NOON - timedelta(seconds=behind))
    assert moment == (None if expected is None else NOON + timedelta(seconds=expected))
