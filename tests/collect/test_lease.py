"""Leadership: one at a time, handed over at once by who stops and within seconds by who dies."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Final

import pytest

from adlrisk.collect.lease import Leadership
from adlrisk.collect.store import LEASE_SECONDS, Keeping, RedisKeeping
from adlrisk.domain.position.market import MarketRecord
from adlrisk.venues.market_records import MarketKey, StoredRecord, decode_record
from adlrisk.venues.redis_client import RedisAccess, parse_url
from adlrisk.venues.store import StoreError
from support.collect.skipped_time import monotonic, run_skipping
from support.collect.staged import MemoryKeeping, Remembering
from support.redis_servers import RedisServer

_LONGEST_SECONDS: Final = 60.0  # on a busy machine


class Work:
    """Work that says when it began and when it ended."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.ended = asyncio.Event()
        self.times = 0

    async def __call__(self) -> None:
        """Go on until cancelled."""
        self.times += 1
        self.ended.clear()
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.began.clear()
            self.ended.set()


class Watched(RedisKeeping):
    """A keeping in Redis that says when it has answered about the lease.

    To cancel right then is safe: in Python 3.11 whoever is just sending a command swallows it (python/cpython#86296).
    """

    def __init__(self, access: RedisAccess) -> None:
        super().__init__(access)
        self._answered = asyncio.Event()

    async def lease(self, venue: str, holder: str) -> bool:
        """Take the lease, or keep it."""
        has_lease = await super().lease(venue, holder)
        self._answered.set()
        return has_lease

    async def answers(self, times: int) -> None:
        """Wait until it has answered so often from now on."""
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
async def leading(keeping: Keeping) -> AsyncIterator[tuple[asyncio.Task[None], Work, Remembering, Leadership]]:
    """A candidate at work, with its task, its work and its watcher; it reads the clock of the running loop."""
    watching, work = Remembering(), Work()
    leadership = Leadership("okx", keeping=keeping, watching=watching, monotonic=monotonic)
    task = asyncio.create_task(leadership.lead(work))
    try:
        yield task, work, watching, leadership
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def test_one_leads_and_the_other_takes_over_at_once() -> None:
    """Of two collectors one works; when it stops it gives the lease back, and the other works within two seconds."""

    async def scenario() -> None:
        keeping = MemoryKeeping(monotonic=monotonic)
        async with leading(keeping) as (first, one, told, _):
            await asyncio.wait_for(one.began.wait(), 1.0)
            async with leading(keeping) as (_, other, _, _):
                await asyncio.sleep(10 * LEASE_SECONDS)
                assert one.began.is_set()
                assert not other.began.is_set()
                first.cancel()
                await asyncio.wait_for(other.began.wait(), 2.0)
                assert one.ended.is_set()
                assert told.leaders == [("okx", True), ("okx", False)]

    run_skipping(scenario())


def test_another_takes_over_from_one_that_died() -> None:
    """A lease that is not renewed runs out within five seconds, and another leads a second later, not before."""

    async def scenario() -> None:
        keeping = MemoryKeeping(monotonic=monotonic)
        assert await keeping.lease("okx", "one that dies now") is True
        died_at = monotonic()
        async with leading(keeping) as (_, other, _, _):
            await asyncio.wait_for(other.began.wait(), LEASE_SECONDS + 2.0)
            assert LEASE_SECONDS <= monotonic() - died_at <= LEASE_SECONDS + 1.0
        assert keeping.leases == {}  # it was given back

    run_skipping(scenario())


def test_a_lease_in_redis_changes_hands(server: RedisServer) -> None:
    """The same with a real Redis: whoever waits leads once the lease has run out or was given back, and not before."""

    async def scenario() -> None:
        one, other = Watched(access(server, "hands")), Watched(access(server, "hands"))
        await one._client.set("hands:collect:leader:okx", b"one that died", px=500)  # noqa: SLF001 (what is left of it)
        async with asyncio.timeout(_LONGEST_SECONDS), leading(one) as (first, work, _, _):
            await work.began.wait()
            async with leading(other) as (_, takes_over, _, _):
                await other.answers(2)
                await one.answers(1)
                assert work.began.is_set()
                assert not takes_over.began.is_set()
                first.cancel()
                await takes_over.began.wait()
                assert work.ended.is_set()
        assert await one.lease("okx", "anybody") is True  # it was given back
        await one.close()
        await other.close()

    asyncio.run(scenario())


def test_whoever_lost_the_lease_stops(server: RedisServer) -> None:
    """A leader that finds another's name on the lease stops working, and does not take it away."""

    async def scenario() -> None:
        keeping = Watched(access(server, "lose"))
        async with asyncio.timeout(_LONGEST_SECONDS), leading(keeping) as (_, work, told, _):
            await work.began.wait()
            await keeping._client.set("lose:collect:leader:okx", b"another", px=60_000)  # noqa: SLF001 (as one would)
            await work.ended.wait()
            await keeping.answers(2)
            assert work.times == 1
            assert told.leaders == [("okx", True), ("okx", False)]
        assert await keeping.lease("okx", "another") is True  # still its own
        await keeping.close()

    asyncio.run(scenario())


def test_without_the_store_nobody_leads_longer_than_the_lease() -> None:
    """A leader that cannot reach the store goes on for as long as its lease, stops then, and leads again later."""

    async def scenario() -> None:
        keeping = MemoryKeeping(monotonic=monotonic)
        async with leading(keeping) as (_, work, told, leadership):
            await asyncio.wait_for(work.began.wait(), 1.0)
            leads_since = monotonic()
            keeping.failure = StoreError("store-unreachable")
            await asyncio.sleep(LEASE_SECONDS - 0.1)
            assert work.began.is_set()
            assert leadership.holds
            await asyncio.wait_for(work.ended.wait(), 1.0)
            assert monotonic() - leads_since <= LEASE_SECONDS
            assert not leadership.holds
            assert told.store
            keeping.failure = None
            await asyncio.wait_for(work.began.wait(), 2.0)
            assert work.times == 2
            assert told.leaders == [("okx", True), ("okx", False), ("okx", True)]

    run_skipping(scenario())


@pytest.mark.parametrize("goes_by_seconds", [0.0, LEASE_SECONDS])
def test_work_that_fails_is_not_hidden(goes_by_seconds: float) -> None:
    """A defect in the work ends the leadership with that defect, and nobody is told to lead any more.

    The lease is given back, unless it ran out while the work failed.
    """
    now = 1_000.0

    async def fail() -> None:
        nonlocal now
        now += goes_by_seconds
        raise ZeroDivisionError

    async def scenario() -> None:
        keeping, told = MemoryKeeping(monotonic=lambda: now), Remembering()
        leadership = Leadership("okx", keeping=keeping, watching=told, monotonic=lambda: now)
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(leadership.lead(fail), 5.0)
        assert told.leaders == [("okx", True), ("okx", False)]
        assert bool(keeping.leases) is bool(goes_by_seconds)

    run_skipping(scenario())


def test_what_is_kept_in_redis_comes_back(server: RedisServer) -> None:
    """Records are where the service reads them, for as long as they last; trails come back; leases are one's own."""

    async def scenario() -> None:
        keeping = RedisKeeping(access(server, "kept"))
        key = MarketKey("okx", "BTC-USDT-SWAP")
        record = StoredRecord(
            market=MarketRecord(mark_price=5.0), observed_at=datetime.now(UTC), source="collector", ttl_seconds=45.0
        )
        await keeping.put_record(key, record, lasts_seconds=45.0)
        client = keeping._client  # noqa: SLF001 (to see what is there)
        kept = await client.get("kept:market:okx:BTC-USDT-SWAP")
        assert isinstance(kept, bytes)
        assert decode_record(kept) == record
        assert 40_000 < await client.pttl("kept:market:okx:BTC-USDT-SWAP") <= 45_000
        assert await keeping.trail(key) is None
        await keeping.put_trail(key, b"trail")
        assert await keeping.trail(key) == b"trail"
        assert await keeping.lease("okx", "one") is True
        assert 0 < await client.pttl("kept:collect:leader:okx") <= LEASE_SECONDS * 1000
        await client.pexpire("kept:collect:leader:okx", 60_000)
        assert await keeping.lease("okx", "one") is True
        assert 0 < await client.pttl("kept:collect:leader:okx") <= LEASE_SECONDS * 1000  # from now on
        assert await keeping.lease("okx", "two") is False
        assert await keeping.lease("bybit", "two") is True
        await keeping.release("okx", "two")
        assert await keeping.lease("okx", "two") is False
        await keeping.release("okx", "one")
        assert await keeping.lease("okx", "two") is True
        await keeping.close()

    asyncio.run(scenario())
