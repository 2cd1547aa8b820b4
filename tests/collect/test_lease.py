"""Leader election: one leader at a time; a lease is released on stopping and expires within seconds on a crash."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Final

import pytest

from adlrisk.collect.lease import Leadership
from adlrisk.collect.store import LEASE_SECONDS, CollectorStore, RedisCollectorStore
from adlrisk.domain.position.market import MarketRecord
from adlrisk.venues.market_records import MarketKey, StoredRecord, decode_record
from adlrisk.venues.redis_client import RedisAccess, parse_url
from adlrisk.venues.store import StoreError
from support.collect.skipped_time import monotonic, run_skipping
from support.collect.staged import MemoryCollectorStore, RecordingObserver
from support.redis_servers import RedisServer
from support.running import ROOT

_LONGEST_SECONDS: Final = 60.0  # on a busy machine


class Work:
    """Work that signals when it starts and when it ends."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.ended = asyncio.Event()
        self.runs = 0

    async def __call__(self) -> None:
        """Run until cancelled."""
        self.runs += 1
        self.ended.clear()
        self.started.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.started.clear()
            self.ended.set()


class SignallingStore(RedisCollectorStore):
    """A store in Redis that signals each answer about the lease.

    Cancelling at that moment is safe: in Python 3.11 a task that is sending swallows it (python/cpython#86296).
    """

    def __init__(self, access: RedisAccess) -> None:
        super().__init__(access)
        self._answered = asyncio.Event()

    async def acquire_lease(self, venue: str, holder: str) -> bool:
        """Acquire the lease or renew it."""
        has_lease = await super().acquire_lease(venue, holder)
        self._answered.set()
        return has_lease

    async def wait_for_answers(self, times: int) -> None:
        """Wait for so many answers from now on."""
        for _ in range(times):
            self._answered.clear()
            await self._answered.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


def access(server: RedisServer, prefix: str) -> RedisAccess:
    return RedisAccess(address=parse_url(server.url), prefix=prefix)


@contextlib.asynccontextmanager
async def candidate(
    store: CollectorStore,
) -> AsyncIterator[tuple[asyncio.Task[None], Work, RecordingObserver, Leadership]]:
    """A candidate for the lease: its task, work, observer and leadership, by the clock of the running loop."""
    observer, work = RecordingObserver(), Work()
    leadership = Leadership("okx", store=store, observer=observer, monotonic=monotonic)
    task = asyncio.create_task(leadership.lead(work))
    try:
        yield task, work, observer, leadership
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def test_second_collector_takes_over_when_leader_stops() -> None:
    """Of two collectors one works; when it stops it releases the lease, and the other works within two seconds."""

    async def scenario() -> None:
        store = MemoryCollectorStore(monotonic=monotonic)
        async with candidate(store) as (first, one, observer, _):
            await asyncio.wait_for(one.started.wait(), 1.0)
            async with candidate(store) as (_, other, _, _):
                await asyncio.sleep(10 * LEASE_SECONDS)
                assert one.started.is_set()
                assert not other.started.is_set()
                first.cancel()
                await asyncio.wait_for(other.started.wait(), 2.0)
                assert one.ended.is_set()
                assert observer.leadership_changes == [("okx", True), ("okx", False)]

    run_skipping(scenario())


def test_lease_of_dead_leader_expires() -> None:
    """A lease that is not renewed expires after five seconds, and another leads within a second of that, not before."""

    async def scenario() -> None:
        store = MemoryCollectorStore(monotonic=monotonic)
        assert await store.acquire_lease("okx", "dies now") is True
        died_at = monotonic()
        async with candidate(store) as (_, other, _, _):
            await asyncio.wait_for(other.started.wait(), LEASE_SECONDS + 2.0)
            assert LEASE_SECONDS <= monotonic() - died_at <= LEASE_SECONDS + 1.0
        assert store.leases == {}  # it was released

    run_skipping(scenario())


def test_lease_in_redis_changes_holder(server: RedisServer) -> None:
    """In a real Redis a waiting candidate leads once the lease has expired or was released, and not before."""

    async def scenario() -> None:
        one, other = SignallingStore(access(server, "hands")), SignallingStore(access(server, "hands"))
        await one._client.set("hands:collect:leader:okx", b"dead collector", px=500)  # noqa: SLF001 (what it left behind)
        async with asyncio.timeout(_LONGEST_SECONDS), candidate(one) as (first, work, _, _):
            await work.started.wait()
            async with candidate(other) as (_, takes_over, _, _):
                await other.wait_for_answers(2)
                await one.wait_for_answers(1)
                assert work.started.is_set()
                assert not takes_over.started.is_set()
                first.cancel()
                await takes_over.started.wait()
                assert work.ended.is_set()
        assert await one.acquire_lease("okx", "another") is True  # it was released
        await one.close()
        await other.close()

    asyncio.run(scenario())


def test_leader_that_lost_the_lease_stops(server: RedisServer) -> None:
    """A leader that finds another holder on the lease stops working, and does not take the lease back."""

    async def scenario() -> None:
        store = SignallingStore(access(server, "lose"))
        async with asyncio.timeout(_LONGEST_SECONDS), candidate(store) as (_, work, observer, _):
            await work.started.wait()
            await store._client.set("lose:collect:leader:okx", b"another", px=60_000)  # noqa: SLF001 (as another would)
            await work.ended.wait()
            await store.wait_for_answers(2)
            assert work.runs == 1
            assert observer.leadership_changes == [("okx", True), ("okx", False)]
        assert await store.acquire_lease("okx", "another") is True  # still its holder
        await store.close()

    asyncio.run(scenario())


def test_leadership_without_store_ends_with_the_lease() -> None:
    """A leader that cannot reach the store works until its lease expires, stops, and leads again later."""

    async def scenario() -> None:
        store = MemoryCollectorStore(monotonic=monotonic)
        async with candidate(store) as (_, work, observer, leadership):
            await asyncio.wait_for(work.started.wait(), 1.0)
            leads_since = monotonic()
            store.failure = StoreError("store-unreachable")
            await asyncio.sleep(LEASE_SECONDS - 0.1)
            assert work.started.is_set()
            assert leadership.is_held
            await asyncio.wait_for(work.ended.wait(), 1.0)
            assert monotonic() - leads_since <= LEASE_SECONDS
            assert not leadership.is_held
            assert observer.store_failures
            store.failure = None
            await asyncio.wait_for(work.started.wait(), 2.0)
            assert work.runs == 2
            assert observer.leadership_changes == [("okx", True), ("okx", False), ("okx", True)]

    run_skipping(scenario())


@pytest.mark.parametrize("elapsed_seconds", [0.0, LEASE_SECONDS])
def test_error_in_work_ends_leadership(elapsed_seconds: float) -> None:
    """An error in the work is raised, and the leadership is reported as ended.

    The lease is released, unless it expired while the work failed.
    """
    now = 1_000.0

    async def fail() -> None:
        nonlocal now
        now += elapsed_seconds
        raise ZeroDivisionError

    async def scenario() -> None:
        store, observer = MemoryCollectorStore(monotonic=lambda: now), RecordingObserver()
        leadership = Leadership("okx", store=store, observer=observer, monotonic=lambda: now)
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(leadership.lead(fail), 5.0)
        assert observer.leadership_changes == [("okx", True), ("okx", False)]
        assert bool(store.leases) is bool(elapsed_seconds)

    run_skipping(scenario())


def test_redis_store_returns_what_was_stored(server: RedisServer) -> None:
    """Records are where the service reads them, with their TTL; histories are returned; leases have one holder."""

    async def scenario() -> None:
        store = RedisCollectorStore(access(server, "stored"))
        key = MarketKey("okx", "BTC-USDT-SWAP")
        record = StoredRecord(
            market=MarketRecord(mark_price=5.0), observed_at=datetime.now(UTC), source="collector", ttl_seconds=45.0
        )
        await store.put_record(key, record, ttl_seconds=45.0)
        client = store._client  # noqa: SLF001 (to see what is stored)
        stored = await client.get("stored:market:okx:BTC-USDT-SWAP")
        assert isinstance(stored, bytes)
        assert decode_record(stored) == record
        assert 40_000 < await client.pttl("stored:market:okx:BTC-USDT-SWAP") <= 45_000
        assert await store.get_history(key) is None
        await store.put_history(key, b"history")
        assert await store.get_history(key) == b"history"
        assert await store.acquire_lease("okx", "one") is True
        assert 0 < await client.pttl("stored:collect:leader:okx") <= LEASE_SECONDS * 1000
        await client.pexpire("stored:collect:leader:okx", 60_000)
        assert await store.acquire_lease("okx", "one") is True
        assert 0 < await client.pttl("stored:collect:leader:okx") <= LEASE_SECONDS * 1000  # from now on
        assert await store.acquire_lease("okx", "two") is False
        assert await store.acquire_lease("bybit", "two") is True
        await store.release_lease("okx", "two")
        assert await store.acquire_lease("okx", "two") is False
        await store.release_lease("okx", "one")
        assert await store.acquire_lease("okx", "two") is True
        await store.close()

    asyncio.run(scenario())


def test_lease_needs_only_the_documented_rights(server: RedisServer) -> None:
    """An ACL user with the rights that docs/parameters.md names for use without rate limits can hold a lease."""
    rights = re.search(r"the user needs `([^`]*)`", (ROOT / "docs" / "parameters.md").read_text())
    assert rights is not None
    server.client().execute_command("ACL", "SETUSER", "app", "on", ">pw", "~acl:*", "&acl:*", *rights[1].split())

    async def scenario() -> None:
        url = server.url.replace("redis://", "redis://app:pw@")
        store = RedisCollectorStore(RedisAccess(address=parse_url(url), prefix="acl"))
        assert await store.acquire_lease("okx", "one") is True
        assert await store.acquire_lease("okx", "one") is True
        await store.release_lease("okx", "one")
        assert await store.acquire_lease("okx", "two") is True
        await store.close()

    asyncio.run(scenario())
