"""The client of Redis, for each topology: what it sends again when a connection breaks."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from adlrisk.domain.position.market import MarketRecord
from adlrisk.venues.catalogue import load_catalogue
from adlrisk.venues.live_rules import LiveRules
from adlrisk.venues.market_records import MarketKey, StoredRecord
from adlrisk.venues.redis_client import RedisAccess, parse_url
from adlrisk.venues.redis_store import RedisStore
from adlrisk.venues.store import StoreError
from support.cutting_redis import CuttingRedis

TOPOLOGIES = ("standalone", "sentinel", "cluster")
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
RECORD = StoredRecord(market=MarketRecord(funding_rate=0.001), observed_at=NOW, source="test", ttl_seconds=60.0)


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_a_change_is_made_once(topology: str) -> None:
    """Redis has done it and the connection breaks before the answer: told as unknown, with what was tried."""

    async def change(live_rules: LiveRules) -> tuple[str, list[Any]]:
        changes: list[Any] = []
        with pytest.raises(StoreError) as failed:
            await live_rules.patch("okx", {"score": {"leverage": 9.0}}, on_change=changes.append)
        return failed.value.reason, changes

    async def put(live_rules: LiveRules) -> tuple[str, list[Any]]:
        changes: list[Any] = []
        with pytest.raises(StoreError) as failed:
            await live_rules.put_record(MarketKey("okx", "X"), RECORD, now=NOW, on_change=changes.append)
        return failed.value.reason, changes

    for make, field, new in ((change, "score.leverage", 9.0), (put, "funding_rate", 0.001)):
        done, (reason, changes) = asyncio.run(against(make, topology, "EVAL"))
        assert (done["EVAL"], reason) == (1, "store-unreachable")
        (told,) = changes
        assert told.outcome == "unknown"
        assert [one.new for one in told.fields if one.field == field] == [new]


@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_what_may_be_done_twice_is_tried_again(topology: str) -> None:
    """A connection that breaks before the answer to a read, or to the message after a change, costs no error."""

    async def patch(live_rules: LiveRules) -> float | None:
        venue = await live_rules.patch("okx", {"score": {"leverage": 9.0}})
        return venue.rules.score.leverage

    done, leverage = asyncio.run(against(patch, topology, "HGETALL", "PUBLISH"))
    assert (done["HGETALL"], done["EVAL"], done["PUBLISH"], leverage) == (3, 1, 2, 9.0)  # and a read at the end


async def against(make: Any, topology: str, *cut: str) -> tuple[Any, Any]:
    """What ``make`` does with rules in a server that cuts off these answers; the commands that it has done first."""
    async with CuttingRedis(*cut).running() as server:
        store = RedisStore(RedisAccess(address=parse_url(server.url(topology))))
        made = await make(LiveRules(load_catalogue(), store))
        await store.read_overrides()  # it works again; the client of a Cluster leaves connections open otherwise
        await store.close()
    return server.done, made
