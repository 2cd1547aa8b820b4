"""Leadership: one at a time, handed over at once by who stops and within seconds by who dies."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from adlrisk.collect.keeping import LEASE_SECONDS, RedisKeeping
from adlrisk.collect.leadership import Leadership
from adlrisk.domain.market import MarketRecord
from adlrisk.venues.records import KeptRecord, MarketKey, decode_record
from adlrisk.venues.redis_client import Access, read_url
from adlrisk.venues.store import StoreError
from support.collect.staged import MemoryKeeping, Remembering
from support.redis_servers import RedisServer


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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


def access(server: RedisServer, prefix: str) -> Access:
    return Access(address=read_url(server.url), prefix=prefix)


@contextlib.asynccontextmanager
async def leading(
    keeping: RedisKeeping | MemoryKeeping,
) -> AsyncIterator[tuple[asyncio.Task[None], Work, Remembering, Leadership]]:
    """A candidate at work, with its task, its work and its watcher."""
    watching, work = Remembering(), Work()
    leadership = Leadership("okx", keeping=keeping, watching=watching)
    task = asyncio.create_task(leadership.lead(work))
    try:
        yield task, work, watching, leadership
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def test_one_leads_and_the_other_takes_over_at_once(server: RedisServer) -> None:
    """Of two collectors one works; when it stops it gives the lease back, and the other works within two seconds."""

    async def scenario() -> None:
        keepings = [RedisKeeping(access(server, "stop")) for _ in range(2)]
        async with leading(keepings[0]) as (first, one, told, _):
            await asyncio.wait_for(one.began.wait(), 5.0)
            async with leading(keepings[1]) as (_, other, _, _):
                await asyncio.sleep(2.5)
                assert not other.began.is_set()
                first.cancel()
                await asyncio.wait_for(other.began.wait(), 2.0)
                assert one.ended.is_set()
                assert told.leaders == [("okx", True), ("okx", False)]
        for keeping in keepings:
            await keeping.close()

    asyncio.run(scenario())


def test_another_takes_over_from_one_that_died(server: RedisServer) -> None:
    """A lease that is not renewed runs out within five seconds, and another leads a second later."""

    async def scenario() -> None:
        keeping = RedisKeeping(access(server, "die"))
        assert await keeping.lease("okx", "one that dies now") is True
        died_at = time.monotonic()
        async with leading(keeping) as (_, other, _, _):
            await asyncio.wait_for(other.began.wait(), LEASE_SECONDS + 2.0)
            assert time.monotonic() - died_at > LEASE_SECONDS - 1.0
        assert await keeping.lease("okx", "anybody") is True  # it was given back
        await keeping.close()

    asyncio.run(scenario())


def test_whoever_lost_the_lease_stops(server: RedisServer) -> None:
    """A leader that finds another's name on the lease stops working, and does not take it away."""

    async def scenario() -> None:
        keeping = RedisKeeping(access(server, "lose"))
        async with leading(keeping) as (_, work, told, _):
            await asyncio.wait_for(work.began.wait(), 5.0)
            await keeping._client.set("lose:collect:leader:okx", b"another", px=60_000)  # noqa: SLF001 (as one would)
            await asyncio.wait_for(work.ended.wait(), 3.0)
            await asyncio.sleep(1.5)
            assert work.times == 1
            assert told.leaders == [("okx", True), ("okx", False)]
        assert await keeping.lease("okx", "another") is True  # still its own
        await keeping.close()

    asyncio.run(scenario())


def test_without_the_store_nobody_leads_longer_than_the_lease() -> None:
    """A leader that cannot reach the store goes on for as long as its lease, stops then, and leads again later."""

    async def scenario() -> None:
        keeping = MemoryKeeping()
        async with leading(keeping) as (_, work, told, leadership):
            await asyncio.wait_for(work.began.wait(), 5.0)
            keeping.failure = StoreError("store-unreachable")
            await asyncio.sleep(2.0)
            assert work.began.is_set()
            assert leadership.holds
            await asyncio.wait_for(work.ended.wait(), LEASE_SECONDS)
            assert not leadership.holds
            assert told.store
            keeping.failure = None
            await asyncio.wait_for(work.began.wait(), 2.0)
            assert work.times == 2

    asyncio.run(scenario())


def test_work_that_fails_is_not_hidden() -> None:
    """A defect in the work ends the leadership with that defect, and the lease is given back."""

    async def fail() -> None:
        raise ZeroDivisionError

    async def scenario() -> None:
        keeping = MemoryKeeping()
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(Leadership("okx", keeping=keeping, watching=Remembering()).lead(fail), 5.0)
        assert keeping.leases == {}

    asyncio.run(scenario())


def test_what_is_kept_in_redis_comes_back(server: RedisServer) -> None:
    """Records are where the service reads them, for as long as they last; trails come back; leases are one's own."""

    async def scenario() -> None:
        keeping = RedisKeeping(access(server, "kept"))
        key = MarketKey("okx", "BTC-USDT-SWAP")
        record = KeptRecord(
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
        assert await keeping.lease("okx", "one") is True
        assert await keeping.lease("okx", "two") is False
        assert await keeping.lease("bybit", "two") is True
        await keeping.release("okx", "two")
        assert await keeping.lease("okx", "two") is False
        await keeping.release("okx", "one")
        assert await keeping.lease("okx", "two") is True
        await keeping.close()

    asyncio.run(scenario())
