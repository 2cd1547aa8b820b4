"""The reader of market records: single keys go between the pieces of batches, and only a slow store degrades."""

import asyncio
from collections.abc import Sequence

from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.memory_store import MemoryStore
from adlrisk.venues.record_cache import RecordCache
from adlrisk.venues.record_reader import PIECE
from adlrisk.venues.store_health import StoreHealth
from support.collect.skipped_time import monotonic, run_skipping

DEADLINE = 0.05
OWN = MarketKey("okx", "OWN")


class TimedStore(MemoryStore):
    """A store elsewhere that takes some time for each read, and tells what was read when."""

    is_local = False

    def __init__(self, *seconds: float) -> None:
        super().__init__()
        self.reads: list[tuple[float, Sequence[MarketKey]]] = []
        self._seconds = seconds  # of the first reads, and the last of all others

    async def read_markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
        seconds = self._seconds[min(len(self.reads), len(self._seconds) - 1)]
        self.reads.append((monotonic(), keys))
        await asyncio.sleep(seconds)
        return await super().read_markets(keys)


def cache_of(store: MemoryStore) -> tuple[RecordCache, StoreHealth]:
    health = StoreHealth(lambda _event: None, clock=monotonic)
    return RecordCache(store, health, deadline_seconds=DEADLINE), health


def unknown(count: int, name: str = "X") -> list[MarketKey]:
    return [MarketKey("okx", f"{name}{number}") for number in range(count)]


def test_a_single_key_goes_between_the_pieces_of_a_batch() -> None:
    """Beside a batch of 10,000 keys in pieces of 500, a single key is in the very next read; nothing is degraded."""

    async def story() -> tuple[TimedStore, float, dict[MarketKey, object], StoreHealth]:
        store = TimedStore(0.04)
        cache, health = cache_of(store)
        batch = asyncio.create_task(cache.get(unknown(10_000), caller="stranger"))
        await asyncio.sleep(0.1)  # the third piece is being read
        asked = monotonic()
        assert await cache.get([OWN], caller="own") == {OWN: "absent"}
        took = monotonic() - asked
        found: dict[MarketKey, object] = {**await batch}
        await cache.close()
        return store, took, found, health

    store, took, found, health = run_skipping(story())
    assert max(len(keys) for _, keys in store.reads) <= PIECE + 1
    assert [OWN in keys for _, keys in store.reads[:5]] == [False, False, False, True, False]
    assert took <= 2 * 0.04
    assert list(found.values()) == ["absent"] * 10_000
    assert health.reason is None


def test_a_request_that_waits_too_long_for_its_turn_degrades_nobody() -> None:
    """Behind many batches a batch may go without its records, and says so; the store is as well as it was."""

    async def story() -> tuple[list[str], StoreHealth]:
        cache, health = cache_of(TimedStore(0.04))
        batches = [asyncio.create_task(cache.get(unknown(PIECE, f"{number}-"))) for number in range(8)]
        found = [{str(lookup) for lookup in (await batch).values()} for batch in batches]
        assert await cache.get([OWN]) == {OWN: "absent"}
        await cache.close()
        return [one for (one,) in found], health

    statuses, health = run_skipping(story())
    assert statuses[0] == "absent"
    assert "unreadable" in statuses
    assert health.reason is None


def test_a_slow_store_is_degraded_and_its_late_answer_is_used() -> None:
    """A read beyond the deadline: nobody waits any longer, for whatever key, and what it brings is known afterwards."""

    async def story() -> None:
        store = TimedStore(0.5)
        cache, health = cache_of(store)
        first = asyncio.create_task(cache.get(unknown(1)))
        await asyncio.sleep(DEADLINE / 2)
        queued = asyncio.create_task(cache.get([OWN]))
        asked = monotonic()
        assert list((await first).values()) == ["unreadable"]
        assert await queued == {OWN: "unreadable"}
        assert monotonic() - asked <= DEADLINE
        assert health.reason == "store-slow"
        await asyncio.sleep(0.5)
        assert cache.get_cached(unknown(1)) == dict.fromkeys(unknown(1), "absent")
        assert len(store.reads) == 1
        await cache.close()

    run_skipping(story())


def test_a_busy_event_loop_is_not_mistaken_for_a_slow_store() -> None:
    """An answer that waits in the socket while the loop is held up for longer than the deadline is in time."""

    async def story() -> None:
        cache, health = cache_of(TimedStore(0.0))
        reading = asyncio.create_task(cache.get([OWN]))
        await asyncio.sleep(0)
        loop = asyncio.get_running_loop()
        loop.spend(10 * DEADLINE)  # type: ignore[attr-defined]  # of SkippingLoop
        assert await reading == {OWN: "absent"}
        assert health.reason is None
        await cache.close()

    run_skipping(story())


def test_a_key_that_was_read_is_absent_however_many_were() -> None:
    """Who asks for more unknown symbols than are remembered is told that all are absent, at once again and together."""

    async def story() -> None:
        cache, health = cache_of(TimedStore(0.01))
        many = unknown(3000)
        for _ in range(2):
            assert set((await cache.get(many, caller="one")).values()) == {"absent"}
        batches = [cache.get(unknown(400, f"{number % 4}-"), caller="one") for number in range(5)]
        for found in await asyncio.gather(*batches):
            assert set(found.values()) == {"absent"}
        assert health.reason is None
        await cache.close()

    run_skipping(story())


def test_a_hanging_read_does_not_outlive_the_failure() -> None:
    """Once a probe has found the store well again, keys are read at once, though an old read still hangs."""

    async def story() -> None:
        store = TimedStore(60.0, 0.01)
        cache, health = cache_of(store)
        assert await cache.get([OWN]) == {OWN: "unreadable"}
        assert health.reason == "store-slow"
        health.recover()
        asked = monotonic()
        assert await cache.get([OWN]) == {OWN: "absent"}
        assert await cache.get(unknown(1)) == {unknown(1)[0]: "absent"}
        assert monotonic() - asked < DEADLINE
        await cache.close()

    run_skipping(story())


def test_a_request_that_has_waited_too_long_is_not_read_any_more() -> None:
    """What nobody waits for does not delay those who do."""

    async def story() -> int:
        store = TimedStore(0.04)
        cache, _ = cache_of(store)
        batches = [asyncio.create_task(cache.get(unknown(PIECE, f"{number}-"))) for number in range(20)]
        await asyncio.gather(*batches)
        await asyncio.sleep(1.0)
        await cache.close()
        return len(store.reads)

    assert run_skipping(story()) <= 4  # in twice the deadline
