"""One venue collected: what fails delays nothing else, and what is seen is kept."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from adlrisk.collect.adapters.observation import FetchError, Finding, LeftOut
from adlrisk.collect.record.history import Trail
from adlrisk.collect.snapshot import look
from adlrisk.collect.venue_calls import Asking
from adlrisk.collect.venue_loop import VenueCollector
from adlrisk.domain.position.market import MarketRecord
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.store import StoreError
from support.collect.skipped_time import monotonic, run_skipping, wall
from support.collect.staged import Fetch, MemoryKeeping, Remembering, StagedExchange, Told

BTC = "BTC/USDT:USDT"
KEY = MarketKey("okx", "BTC-USDT")
FUNDING = Finding(market=MarketRecord(funding_rate=0.0003, funding_interval_hours=8.0))
MARK = Finding(market=MarketRecord(mark_price=100.0))
CUT = FetchError("unavailable", "cut")
STREAM_WELL: Final[Fetch] = ("okx", "liquidations", "ok")
STREAM_CUT: Final[Fetch] = ("okx", "liquidations", "unavailable")


@contextlib.asynccontextmanager
async def collecting(
    exchange: StagedExchange, *markets: str, keeping: MemoryKeeping | None = None
) -> AsyncIterator[tuple[MemoryKeeping, Remembering]]:
    """A venue being collected by the running loop's clock; stopped at the end as a signal would."""
    keeping, watching = keeping or MemoryKeeping(monotonic=monotonic), Remembering()
    collector = VenueCollector(
        exchange,
        markets or (BTC,),
        conditions=Conditions(),
        keeping=keeping,
        watching=watching,
        clock=wall,
        monotonic=monotonic,
    )
    task = asyncio.create_task(collector.run())
    try:
        yield keeping, watching
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await collector.close()


async def until(met: Callable[[], object], *, seconds: float = 5.0) -> None:
    """Wait for something to become true, by the running loop's clock."""
    async with asyncio.timeout(seconds):
        while not met():  # noqa: ASYNC110 (what is staged tells nobody)
            await asyncio.sleep(0.01)


def test_a_record_is_there_as_soon_as_everything_answered() -> None:
    """The first record holds what the first answers brought, without waiting for an interval."""

    async def scenario() -> None:
        exchange = StagedExchange({"funding": FUNDING, "mark": MARK})
        async with collecting(exchange) as (keeping, watching):
            await until(lambda: keeping.records, seconds=1.0)
            assert keeping.records[KEY].market == MarketRecord(
                funding_rate=0.0003, funding_interval_hours=8.0, mark_price=100.0
            )
            assert watching.leaders == [("okx", True)]
            assert watching.written == [("BTC-USDT", True)]
            assert exchange.opened == 1
        assert exchange.closed == 1
        assert keeping.leases == {}
        assert KEY in keeping.trails

    run_skipping(scenario())


def test_a_call_that_fails_is_tried_again_and_stops_no_other() -> None:
    """Fields of a failing call are absent, others are there; when it answers again its fields come with it."""

    async def scenario() -> None:
        exchange = StagedExchange({"funding": FetchError("unavailable", "502"), "mark": MARK})
        async with collecting(exchange) as (keeping, watching):
            await until(lambda: ("okx", "funding", "unavailable") in watching.fetches)
            exchange.answers["funding"] = FUNDING
            await until(lambda: ("okx", "funding", "ok") in watching.fetches)
            await until(lambda: keeping.records)
            assert keeping.records[KEY].market.funding_rate == 0.0003

    run_skipping(scenario())


def test_a_call_that_stalls_delays_the_first_record_by_five_seconds_at_most() -> None:
    """What does not answer is left out of the record of all the others."""

    async def scenario() -> None:
        exchange = StagedExchange({"funding": FUNDING, "mark": MARK})
        exchange.stalls.add("funding")
        async with collecting(exchange) as (keeping, _):
            await asyncio.sleep(4.9)
            assert not keeping.records
            await until(lambda: keeping.records, seconds=0.2)
            assert keeping.records[KEY].market == MarketRecord(mark_price=100.0)

    run_skipping(scenario())


def test_a_venue_that_was_asked_too_often_is_left_alone() -> None:
    """After a 429 with a time nothing at all is asked before it is over, and then everything is."""

    async def scenario() -> None:
        refusal = FetchError("rate-limited", "429", retry_after_seconds=1.5)
        exchange = StagedExchange({"mark": refusal})
        async with collecting(exchange, BTC, "ETH/USDT:USDT") as (_, watching):
            await until(lambda: len(exchange.asked) == 2)
            refused_at = monotonic()
            exchange.answers["mark"] = MARK
            await until(lambda: len(exchange.asked) > 2)
            assert monotonic() - refused_at == pytest.approx(1.5, abs=0.02)
            await until(lambda: watching.fetches.count(("okx", "mark", "ok")) == 2)

    run_skipping(scenario())


def test_a_wait_that_a_venue_asks_for_holds_for_all_calls() -> None:
    """After one call was refused for a time, another one waits for it too; without a time, for five seconds.

    An hour is the longest that is waited, whatever the venue says.
    """

    async def scenario() -> None:
        for refusal, wait in (
            (FetchError("unavailable", "503", retry_after_seconds=1.0), 1.0),
            (FetchError("rate-limited", "429"), 5.0),
            (FetchError("rate-limited", "429", retry_after_seconds=86_400.0), 3600.0),
            (FetchError("unavailable", "502"), 0.0),
        ):
            exchange = StagedExchange({"mark": refusal, "funding": FUNDING})
            asking = Asking(exchange, watching=Remembering(), monotonic=monotonic)
            with pytest.raises(FetchError):
                await asking.ask_once("mark", BTC)
            refused_at = monotonic()
            await asking.ask_once("funding", BTC)
            assert monotonic() - refused_at == pytest.approx(wait)

    run_skipping(scenario())


def test_a_venue_that_does_not_open_is_tried_until_it_does() -> None:
    """Without the list of contracts nothing is asked, and with it everything is."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": MARK})
        exchange.fails_to_open = FetchError("unavailable", "a maintenance page")
        async with collecting(exchange) as (keeping, watching):
            await until(lambda: ("okx", "contract", "unavailable") in watching.fetches)
            assert exchange.asked == []
            exchange.fails_to_open = None
            await until(lambda: keeping.records)

    run_skipping(scenario())


def test_a_market_the_venue_does_not_have_is_told_and_others_go_on() -> None:
    """A misspelt contract is told by name and costs the others nothing."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": MARK})
        async with collecting(exchange, "BTCUSDT", BTC) as (keeping, watching):
            await until(lambda: keeping.records)
            assert watching.unknown == ["BTCUSDT"]
            assert set(keeping.records) == {KEY}

    run_skipping(scenario())


def test_what_is_left_out_is_told() -> None:
    """A field that could not be used is told, with why, and is not on record."""

    async def scenario() -> None:
        left_out = LeftOut(field="funding_rate", why="mistyped")
        exchange = StagedExchange({"funding": Finding(left_out=(left_out,)), "mark": MARK})
        async with collecting(exchange) as (keeping, watching):
            await until(lambda: keeping.records)
            assert watching.fields == [left_out]
            assert keeping.records[KEY].market.funding_rate is None

    run_skipping(scenario())


def test_liquidations_that_are_told_are_judged() -> None:
    """A stream that covers the last five minutes makes liquidations known."""

    async def scenario() -> None:
        since = datetime.fromtimestamp(wall(), UTC) - timedelta(minutes=6)
        exchange = StagedExchange({"mark": MARK}, told=[Finding(covered_since=since)])
        async with collecting(exchange) as (keeping, _):
            await until(lambda: keeping.records)
            assert keeping.records[KEY].market.liquidation_spike is False

    run_skipping(scenario())


def test_a_stream_that_does_not_open_is_opened_again_later() -> None:
    """A stream that fails at once is counted as a failure and opened again, later each time."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": MARK}, told=[CUT])
        async with collecting(exchange) as (_, watching):
            await until(lambda: watching.fetches.count(STREAM_CUT) == 2)
            assert exchange.listened == 2
            assert STREAM_WELL not in watching.fetches
            await asyncio.sleep(3600.0)
            assert 60 < watching.fetches.count(STREAM_CUT) < 240  # up to a minute apart
            assert watching.ended == []

    run_skipping(scenario())


def test_a_stream_is_told_well_with_its_first_finding_and_once_a_minute() -> None:
    """A stream that tells something every second counts as answered at once, and then by the minute, not the second."""

    async def scenario() -> None:
        every_second: list[Told] = [1.0, Finding()]
        exchange = StagedExchange({"mark": MARK}, told=itertools.cycle(every_second))
        async with collecting(exchange) as (_, watching):
            await asyncio.sleep(1.5)
            assert watching.fetches.count(STREAM_WELL) == 1
            await asyncio.sleep(600.0)
            assert watching.fetches.count(STREAM_WELL) == 11

    run_skipping(scenario())


def test_a_stream_that_breaks_soon_is_a_failure_each_time() -> None:
    """A stream that opens and breaks within a minute is told well, failed, well, failed."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": MARK}, told=[Finding(), 30.0, CUT])
        async with collecting(exchange) as (_, watching):
            await asyncio.sleep(120.0)
            told = [fetch for fetch in watching.fetches if fetch[1] == "liquidations"]
            assert told[:5] == [STREAM_WELL, STREAM_CUT, STREAM_WELL, STREAM_CUT, STREAM_WELL]
            assert watching.ended == []

    run_skipping(scenario())


def test_a_stream_that_never_told_anything_has_failed_however_late() -> None:
    """A stream that ends after two minutes without a finding was never open: a failure, opened again later."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": MARK}, told=[120.0, CUT])
        async with collecting(exchange) as (_, watching):
            await asyncio.sleep(120.9)
            assert watching.fetches.count(STREAM_CUT) == 1
            assert STREAM_WELL not in watching.fetches
            assert watching.ended == []
            assert exchange.listened == 1
            await until(lambda: exchange.listened == 2)

    run_skipping(scenario())


def test_a_stream_that_lasted_is_opened_again_at_once() -> None:
    """A stream that ends after two hours is no failure and is opened anew without a pause; if that fails, it is one."""

    async def scenario() -> None:
        told: list[Told] = [Finding(), 7_200.0, CUT, 1.0, CUT]
        async with collecting(StagedExchange({"mark": MARK}, told=iter(told))) as (_, watching):
            await asyncio.sleep(7_200.9)
            assert watching.ended == [("unavailable", 7_200.0)]
            assert STREAM_CUT not in watching.fetches
            await until(lambda: STREAM_CUT in watching.fetches, seconds=0.2)
            assert watching.ended == [("unavailable", 7_200.0)]

    run_skipping(scenario())


def test_a_stream_is_not_opened_while_the_venue_wants_to_be_left_alone() -> None:
    """After a refusal with a time, whatever was asked, the stream too is opened only when that is over."""

    async def scenario() -> None:
        refusal = FetchError("rate-limited", "429", retry_after_seconds=300.0)
        exchange = StagedExchange({"mark": refusal}, told=[])
        async with collecting(exchange):
            await until(lambda: exchange.asked)
            exchange.answers["mark"] = MARK
            await asyncio.sleep(299.0)
            assert exchange.listened == 0
            await until(lambda: exchange.listened, seconds=2.0)

    run_skipping(scenario())


def test_a_venues_clock_is_compared_with_ours() -> None:
    """A venue whose clock is five seconds ahead is told so, whatever contract was asked about; it is asked once."""

    async def scenario() -> None:
        ahead = Finding(venue_time=datetime.fromtimestamp(wall(), UTC) + timedelta(seconds=5))
        exchange = StagedExchange({"clock": ahead})
        async with collecting(exchange, BTC, "ETH/USDT:USDT") as (_, watching):
            await until(lambda: watching.skews)
            assert watching.skews == [pytest.approx(5.0, abs=0.1)]
            await asyncio.sleep(10.0)
            assert exchange.asked == [("clock", BTC)]

    run_skipping(scenario())


def test_what_was_seen_is_taken_up_again() -> None:
    """A collector begins with the trail that the one before kept."""

    async def scenario() -> None:
        keeping = MemoryKeeping(monotonic=monotonic)
        trail = Trail(Conditions())
        for slot in range(13):
            trail.saw_depths({100: 100.0}, now=wall() - 4_000.0 + slot * 300.0)
        keeping.trails[KEY] = trail.encoded()
        async with collecting(StagedExchange({"depth": Finding(depths={100: 10.0})}), keeping=keeping):
            await until(lambda: keeping.records)
            assert keeping.records[KEY].market.thin_liquidity is True

    run_skipping(scenario())


def test_a_trail_that_cannot_be_read_yet_is_not_begun_anew() -> None:
    """A store that fails as a trail is read is asked until it answers, or what was kept would be overwritten."""

    async def scenario() -> None:
        keeping = MemoryKeeping(monotonic=monotonic)
        keeping.trails[KEY] = b"what was kept"
        exchange = StagedExchange({"mark": MARK})
        exchange.fails_to_open = FetchError("unavailable", "later")
        async with collecting(exchange, keeping=keeping) as (_, watching):
            await until(lambda: exchange.opened)
            keeping.failure = StoreError("store-slow")
            exchange.fails_to_open = None
            await until(lambda: exchange.opened > 1)
            await until(lambda: watching.store)
            await asyncio.sleep(4.0)
            assert exchange.asked == []
            keeping.failure = None
            await until(lambda: exchange.asked)
            await until(lambda: keeping.records)

    run_skipping(scenario())


def test_a_record_that_cannot_be_made_is_told() -> None:
    """A finding outside the bounds of a record is told as a record that was not kept."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": Finding(market=MarketRecord(mark_price=-1.0))})
        async with collecting(exchange) as (keeping, watching):
            await until(lambda: watching.written)
            assert watching.written == [("BTC-USDT", False)]
            assert keeping.records == {}

    run_skipping(scenario())


def test_a_look_asks_once_and_keeps_nothing() -> None:
    """A look at what would go on record makes the record of what answered, and tells the rest."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": MARK, "funding": FetchError("unreadable", "a page")})
        away = StagedExchange({"mark": MARK}, venue="bybit")
        away.fails_to_open = FetchError("unavailable", "cut")
        watching = Remembering()
        records = await look(
            [(exchange, (BTC, "BTCUSDT")), (away, (BTC,))],
            conditions={"okx": Conditions(), "bybit": Conditions()},
            watching=watching,
        )
        assert {key: record.market for key, record in records.items()} == {KEY: MarketRecord(mark_price=100.0)}
        assert sorted(exchange.asked) == [("funding", BTC), ("mark", BTC)]
        assert watching.unknown == ["BTCUSDT"]
        assert ("okx", "funding", "unreadable") in watching.fetches
        assert ("bybit", "contract", "unavailable") in watching.fetches
        assert exchange.closed == away.closed == 1

    run_skipping(scenario())
