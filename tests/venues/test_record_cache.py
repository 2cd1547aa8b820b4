"""The cache of market records: entries are never older than assumed, and never older than an own write."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from adlrisk.domain.position.market import MarketRecord
from adlrisk.venues.market_records import MarketKey, StoredRecord, encode_record
from adlrisk.venues.record_cache import RecordCache
from adlrisk.venues.store import MemoryStore
from adlrisk.venues.store_health import StoreHealth
from support.clocks import HandClock

KEY = MarketKey("binance", "BTCUSDT")


def record(funding_rate: float) -> StoredRecord:
    return StoredRecord(
        market=MarketRecord(funding_rate=funding_rate),
        observed_at=datetime(2026, 11, 18, 12, tzinfo=UTC),
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
        values = super().markets_in_memory(keys)
        await self.may_answer.wait()
        return values

    def markets_in_memory(self, keys: Sequence[MarketKey]) -> None:  # type: ignore[override]  # nothing ever is
        """``None``: nothing is in memory."""


async def cache_of(store: SlowStore, clock: HandClock) -> RecordCache:
    await store.put_market(KEY, encode_record(record(0.01)), ttl_seconds=60.0)
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
