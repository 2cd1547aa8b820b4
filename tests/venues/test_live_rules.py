"""Live rules with stores that fail in ways no real one can be made to."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from adlrisk.domain.position.market import MarketRecord
from adlrisk.venues.catalogue import load_catalogue
from adlrisk.venues.live_rules import LiveRules
from adlrisk.venues.market_records import MarketKey, StoredRecord, encode_record
from adlrisk.venues.memory_store import MemoryStore
from adlrisk.venues.overrides import encode_override
from adlrisk.venues.store import Degraded, Event, Store, StoreError
from support.collect.skipped_time import monotonic, run_skipping

CATALOGUE = load_catalogue()
KEY = MarketKey("binance", "BTCUSDT")
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


class Remote(MemoryStore):
    """A store that others write to as well."""

    is_local = False

    async def changes(self) -> Any:
        await asyncio.sleep(3600)
        yield


class Deaf(Remote):
    """A store that swallows one cancellation in each method."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = {"overrides"}  # so that it starts

    async def _swallow(self, place: str) -> None:
        if place in self.lost:
            return
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            self.lost.add(place)

    async def read_overrides(self) -> Mapping[str, bytes]:
        await self._swallow("overrides")
        return await super().read_overrides()

    async def changes(self) -> Any:
        await self._swallow("changes")
        yield

    async def read_markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
        await self._swallow("markets")
        return await super().read_markets(keys)


def live_rules_of(store: Store, **settings: Any) -> LiveRules:
    return LiveRules(CATALOGUE, store, clock=monotonic, **settings)


def reasons(live_rules: LiveRules) -> tuple[str, ...]:
    return live_rules.reasons


def threshold(live_rules: LiveRules) -> float:
    return live_rules.venues["okx"].rules.score.leverage


def test_a_later_change_by_another_replica_is_not_undone() -> None:
    """If another replica's change arrives while an own one is announced, the stored one is in force."""

    class Slow(Remote):
        async def announce(self) -> None:
            kept = (await self.read_overrides())["okx"]
            await self.replace_override("okx", old=kept, new=encode_override({"score": {"leverage": 30.0}}))
            await asyncio.sleep(0.05)

    async def story() -> float:
        live_rules = live_rules_of(Slow(), refresh_seconds=600.0)
        await live_rules.start()
        await live_rules.patch("okx", {"score": {"leverage": 20.0}})
        await asyncio.sleep(0.05)
        await live_rules.close()
        return threshold(live_rules)

    assert run_skipping(story()) == 30.0


@pytest.mark.parametrize("error", [ValueError("nonsense"), KeyError(1), RuntimeError("x")])
def test_an_unexpected_answer_does_not_stop_refreshing(error: Exception) -> None:
    """The service starts degraded, and recovers once the store does."""

    class Odd(Remote):
        broken = True

        async def read_overrides(self) -> Mapping[str, bytes]:
            if self.broken:
                raise error
            return await super().read_overrides()

    async def story() -> None:
        store, events = Odd(), list[Event]()
        await store.replace_override("okx", old=None, new=encode_override({"score": {"leverage": 9.0}}))
        live_rules = live_rules_of(store, refresh_seconds=0.05, on_event=events.append)
        await live_rules.start()
        assert reasons(live_rules) == ("store-refused",)
        assert threshold(live_rules) == 15.0
        store.broken = False
        await asyncio.sleep(2.2)
        assert reasons(live_rules) == ()
        assert threshold(live_rules) == 9.0
        await live_rules.close()

    run_skipping(story())


def test_a_slow_refresh_degrades_until_one_is_in_time() -> None:
    """A store that answers the refresh after the deadline of requests is slow; the next one in time ends that."""

    class Sluggish(Remote):
        seconds = 0.0

        async def read_overrides(self) -> Mapping[str, bytes]:
            await asyncio.sleep(self.seconds)
            return await super().read_overrides()

    async def story() -> list[tuple[str, ...]]:
        store = Sluggish()
        live_rules = live_rules_of(store, refresh_seconds=10.0, deadline_seconds=0.5)
        await live_rules.start()
        found = []
        for store.seconds in (0.4, 0.6, 0.1):
            await asyncio.sleep(12.0)
            found.append(reasons(live_rules))
        await live_rules.close()
        return found

    assert run_skipping(story()) == [(), ("store-slow",), ()]


def test_a_failed_read_is_probed_before_a_retry() -> None:
    """Readable overrides do not prove readable records: no request reads until the very record can be read."""

    class Half(Remote):
        broken = True
        reads = 0

        async def read_markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
            self.reads += 1
            if self.broken and KEY in keys:
                raise StoreError("store-unreachable")
            return await super().read_markets(keys)

    async def story() -> None:
        store, events = Half(clock=monotonic), list[Event]()
        record = StoredRecord(market=MarketRecord(), observed_at=NOON, source="x", ttl_seconds=60.0)
        await store.exchange_market(KEY, encode_record(record), ttl_seconds=60.0)
        live_rules = live_rules_of(store, refresh_seconds=0.05, on_event=events.append)
        await live_rules.start()
        for _ in range(100):
            assert await live_rules.records([KEY]) == {KEY: "unreadable"}
            await asyncio.sleep(0.05)
        assert reasons(live_rules) == ("store-unreachable",)
        assert store.reads == 1 + 4  # the first, and one probe per second
        assert len([event for event in events if isinstance(event, Degraded)]) == 1
        store.broken = False
        await asyncio.sleep(2.2)
        assert reasons(live_rules) == ()
        assert await live_rules.records([KEY]) == {KEY: record}
        await live_rules.close()

    run_skipping(story())


def test_concurrent_requests_share_one_read() -> None:
    """Twenty concurrent requests for ten records read the store once, and so do those that come during the read."""

    class Counting(Remote):
        reads: list[int]

        async def read_markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
            self.reads.append(len(keys))
            await asyncio.sleep(0.01)
            return await super().read_markets(keys)

    async def story() -> list[int]:
        store = Counting()
        store.reads = []
        live_rules = live_rules_of(store, refresh_seconds=600.0, deadline_seconds=1.0)
        await live_rules.start()
        first = [live_rules.records([MarketKey("okx", f"S{number % 10}")]) for number in range(20)]
        together = asyncio.gather(*first)
        await asyncio.sleep(0.005)
        later = [live_rules.records([MarketKey("okx", f"S{number}")]) for number in range(5, 15)]
        await asyncio.gather(together, *later)
        await live_rules.close()
        return store.reads

    assert run_skipping(story()) == [10, 5]


def test_a_hanging_store_delays_only_one_request() -> None:
    """The first request waits for the deadline and no longer; later ones, for any symbol, do not wait at all."""

    class Hanging(Remote):
        async def read_markets(self, keys: Sequence[MarketKey]) -> list[bytes | None]:
            await asyncio.sleep(3600)
            return await super().read_markets(keys)

    async def story() -> list[float]:
        live_rules = live_rules_of(Hanging(), refresh_seconds=600.0, deadline_seconds=0.5)
        await live_rules.start()
        taken = []
        for number in range(3):
            started = monotonic()
            key = MarketKey("okx", f"S{number}")
            assert await live_rules.records([key]) == {key: "unreadable"}
            taken.append(monotonic() - started)
        assert reasons(live_rules) == ("store-slow",)
        await live_rules.close()
        return taken

    assert run_skipping(story()) == [pytest.approx(0.5), 0.0, 0.0]


def test_a_lost_cancellation_does_not_prevent_closing() -> None:
    """Closing ends although the store swallows one cancellation per method, as redis-py may on Python 3.11."""

    async def story() -> set[str]:
        store = Deaf()
        live_rules = live_rules_of(store, refresh_seconds=0.01)
        await live_rules.start()
        await live_rules.records([KEY])
        store.lost.remove("overrides")
        await asyncio.sleep(1.2)  # the failed read is followed by a probe
        closing = asyncio.create_task(live_rules.close())
        await asyncio.wait([closing], timeout=5.0)
        has_ended = closing.done()
        for _ in range(len(store.lost)):  # so that a failing test does not hang
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.sleep(0.01)
        assert has_ended
        return store.lost

    assert run_skipping(story()) == {"changes", "markets", "overrides"}
