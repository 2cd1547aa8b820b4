"""The loop of one venue: a failure delays nothing else, and what was observed is stored."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from adlrisk.collect.adapters.observation import FetchError, LeftOutField, Observation
from adlrisk.collect.record.history import MarketHistory
from adlrisk.collect.snapshot import take_snapshot
from adlrisk.collect.venue_calls import VenueCalls
from adlrisk.collect.venue_loop import VenueCollector
from adlrisk.domain.position.market import MarketRecord
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.store import StoreError
from support.collect.skipped_time import monotonic, run_skipping, wall
from support.collect.staged import Fetch, MemoryCollectorStore, RecordingObserver, StagedExchange, Streamed

BTC = "BTC/USDT:USDT"
KEY = MarketKey("okx", "BTC-USDT")
FUNDING = Observation(market=MarketRecord(funding_rate=0.0003, funding_interval_hours=8.0))
MARK = Observation(market=MarketRecord(mark_price=100.0))
CUT = FetchError("unavailable", "cut")
STREAM_OK: Final[Fetch] = ("okx", "liquidations", "ok")
STREAM_CUT: Final[Fetch] = ("okx", "liquidations", "unavailable")


@contextlib.asynccontextmanager
async def collecting(
    exchange: StagedExchange, *markets: str, store: MemoryCollectorStore | None = None
) -> AsyncIterator[tuple[MemoryCollectorStore, RecordingObserver]]:
    """A venue collected by the running loop's clock, and stopped at the end as by a signal."""
    store, observer = store or MemoryCollectorStore(monotonic=monotonic), RecordingObserver()
    collector = VenueCollector(
        exchange,
        markets or (BTC,),
        conditions=Conditions(),
        store=store,
        observer=observer,
        clock=wall,
        monotonic=monotonic,
    )
    task = asyncio.create_task(collector.run())
    try:
        yield store, observer
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        await collector.close()


async def until(met: Callable[[], object], *, seconds: float = 5.0) -> None:
    """Wait for a condition, by the running loop's clock."""
    async with asyncio.timeout(seconds):
        while not met():  # noqa: ASYNC110 (the fakes have no event for it)
            await asyncio.sleep(0.01)


def test_first_record_is_written_once_all_calls_answered() -> None:
    """The first record holds the first answers, without waiting for an interval."""

    async def scenario() -> None:
        exchange = StagedExchange({"funding": FUNDING, "mark": MARK})
        async with collecting(exchange) as (store, observer):
            await until(lambda: store.records, seconds=1.0)
            assert store.records[KEY].market == MarketRecord(
                funding_rate=0.0003, funding_interval_hours=8.0, mark_price=100.0
            )
            assert observer.leadership_changes == [("okx", True)]
            assert observer.writes == [("BTC-USDT", True)]
            assert exchange.loads == 1
        assert exchange.closed == 1
        assert store.leases == {}
        assert KEY in store.histories

    run_skipping(scenario())


def test_failing_call_is_retried_and_delays_no_other() -> None:
    """Fields of a failing call are absent and others present; when it answers again, its fields are present too."""

    async def scenario() -> None:
        exchange = StagedExchange({"funding": FetchError("unavailable", "502"), "mark": MARK})
        async with collecting(exchange) as (store, observer):
            await until(lambda: ("okx", "funding", "unavailable") in observer.fetches)
            exchange.answers["funding"] = FUNDING
            await until(lambda: ("okx", "funding", "ok") in observer.fetches)
            await until(lambda: store.records)
            assert store.records[KEY].market.funding_rate == 0.0003

    run_skipping(scenario())


def test_stalled_call_delays_first_record_by_at_most_five_seconds() -> None:
    """A record is written without the fields of a call that does not answer."""

    async def scenario() -> None:
        exchange = StagedExchange({"funding": FUNDING, "mark": MARK})
        exchange.stalls.add("funding")
        async with collecting(exchange) as (store, _):
            await asyncio.sleep(4.9)
            assert not store.records
            await until(lambda: store.records, seconds=0.2)
            assert store.records[KEY].market == MarketRecord(mark_price=100.0)

    run_skipping(scenario())


def test_rate_limited_venue_is_not_called_before_retry_after() -> None:
    """After a 429 with ``Retry-After`` no call is made before that time, and all are made then."""

    async def scenario() -> None:
        refusal = FetchError("rate-limited", "429", retry_after_seconds=1.5)
        exchange = StagedExchange({"mark": refusal})
        async with collecting(exchange, BTC, "ETH/USDT:USDT") as (_, observer):
            await until(lambda: len(exchange.fetched) == 2)
            refused_at = monotonic()
            exchange.answers["mark"] = MARK
            await until(lambda: len(exchange.fetched) > 2)
            assert monotonic() - refused_at == pytest.approx(1.5, abs=0.02)
            await until(lambda: observer.fetches.count(("okx", "mark", "ok")) == 2)

    run_skipping(scenario())


def test_backoff_applies_to_all_calls() -> None:
    """After one call is refused with a wait, other calls wait too; without one, five seconds if rate-limited.

    The longest wait is an hour, whatever the venue asks for.
    """

    async def scenario() -> None:
        for refusal, wait in (
            (FetchError("unavailable", "503", retry_after_seconds=1.0), 1.0),
            (FetchError("rate-limited", "429"), 5.0),
            (FetchError("rate-limited", "429", retry_after_seconds=86_400.0), 3600.0),
            (FetchError("unavailable", "502"), 0.0),
        ):
            exchange = StagedExchange({"mark": refusal, "funding": FUNDING})
            calls = VenueCalls(exchange, observer=RecordingObserver(), monotonic=monotonic)
            with pytest.raises(FetchError):
                await calls.fetch_once("mark", BTC)
            refused_at = monotonic()
            await calls.fetch_once("funding", BTC)
            assert monotonic() - refused_at == pytest.approx(wait)

    run_skipping(scenario())


def test_loading_markets_is_retried_until_it_succeeds() -> None:
    """No call is made before the list of contracts is loaded, and all are made then."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": MARK})
        exchange.load_failure = FetchError("unavailable", "a maintenance page")
        async with collecting(exchange) as (store, observer):
            await until(lambda: ("okx", "contract", "unavailable") in observer.fetches)
            assert exchange.fetched == []
            exchange.load_failure = None
            await until(lambda: store.records)

    run_skipping(scenario())


def test_unknown_market_is_reported_and_others_are_collected() -> None:
    """A misspelt contract is reported by name and does not affect the others."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": MARK})
        async with collecting(exchange, "BTCUSDT", BTC) as (store, observer):
            await until(lambda: store.records)
            assert observer.unknown_markets == ["BTCUSDT"]
            assert set(store.records) == {KEY}

    run_skipping(scenario())


def test_left_out_field_is_reported() -> None:
    """A field that could not be used is reported with the reason, and is not in the record."""

    async def scenario() -> None:
        left_out = LeftOutField(field="funding_rate", why="mistyped")
        exchange = StagedExchange({"funding": Observation(left_out=(left_out,)), "mark": MARK})
        async with collecting(exchange) as (store, observer):
            await until(lambda: store.records)
            assert observer.left_out == [left_out]
            assert store.records[KEY].market.funding_rate is None

    run_skipping(scenario())


def test_streamed_liquidations_are_judged() -> None:
    """A stream that covers the last five minutes makes the liquidation spike known."""

    async def scenario() -> None:
        since = datetime.fromtimestamp(wall(), UTC) - timedelta(minutes=6)
        exchange = StagedExchange({"mark": MARK}, streamed=[Observation(covered_since=since)])
        async with collecting(exchange) as (store, _):
            await until(lambda: store.records)
            assert store.records[KEY].market.liquidation_spike is False

    run_skipping(scenario())


def test_stream_that_does_not_open_is_retried_with_backoff() -> None:
    """A stream that fails at once is reported as a failure and retried with growing waits."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": MARK}, streamed=[CUT])
        async with collecting(exchange) as (_, observer):
            await until(lambda: observer.fetches.count(STREAM_CUT) == 2)
            assert exchange.streams == 2
            assert STREAM_OK not in observer.fetches
            await asyncio.sleep(3600.0)
            assert 60 < observer.fetches.count(STREAM_CUT) < 240  # up to a minute apart
            assert observer.stream_ends == []

    run_skipping(scenario())


def test_stream_is_reported_ok_at_first_observation_and_once_a_minute() -> None:
    """A stream with an observation every second is reported at the first, and then once a minute."""

    async def scenario() -> None:
        every_second: list[Streamed] = [1.0, Observation()]
        exchange = StagedExchange({"mark": MARK}, streamed=itertools.cycle(every_second))
        async with collecting(exchange) as (_, observer):
            await asyncio.sleep(1.5)
            assert observer.fetches.count(STREAM_OK) == 1
            await asyncio.sleep(600.0)
            assert observer.fetches.count(STREAM_OK) == 11

    run_skipping(scenario())


def test_stream_that_breaks_soon_is_reported_as_failure_each_time() -> None:
    """A stream that opens and breaks within a minute is reported as ok, failed, ok, failed."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": MARK}, streamed=[Observation(), 30.0, CUT])
        async with collecting(exchange) as (_, observer):
            await asyncio.sleep(120.0)
            streamed = [fetch for fetch in observer.fetches if fetch[1] == "liquidations"]
            assert streamed[:5] == [STREAM_OK, STREAM_CUT, STREAM_OK, STREAM_CUT, STREAM_OK]
            assert observer.stream_ends == []

    run_skipping(scenario())


def test_stream_without_observation_is_a_failure_however_late_it_ends() -> None:
    """A stream that ends after two minutes without an observation was never open: it failed and is retried later."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": MARK}, streamed=[120.0, CUT])
        async with collecting(exchange) as (_, observer):
            await asyncio.sleep(120.9)
            assert observer.fetches.count(STREAM_CUT) == 1
            assert STREAM_OK not in observer.fetches
            assert observer.stream_ends == []
            assert exchange.streams == 1
            await until(lambda: exchange.streams == 2)

    run_skipping(scenario())


def test_stable_stream_is_reopened_at_once() -> None:
    """A stream that ends after two hours is no failure and is reopened at once; if reopening fails, that is one."""

    async def scenario() -> None:
        streamed: list[Streamed] = [Observation(), 7_200.0, CUT, 1.0, CUT]
        async with collecting(StagedExchange({"mark": MARK}, streamed=iter(streamed))) as (_, observer):
            await asyncio.sleep(7_200.9)
            assert observer.stream_ends == [("unavailable", 7_200.0)]
            assert STREAM_CUT not in observer.fetches
            await until(lambda: STREAM_CUT in observer.fetches, seconds=0.2)
            assert observer.stream_ends == [("unavailable", 7_200.0)]

    run_skipping(scenario())


def test_stream_is_not_opened_during_backoff() -> None:
    """After any call is refused with a wait, the stream too is opened only after it."""

    async def scenario() -> None:
        refusal = FetchError("rate-limited", "429", retry_after_seconds=300.0)
        exchange = StagedExchange({"mark": refusal}, streamed=[])
        async with collecting(exchange):
            await until(lambda: exchange.fetched)
            exchange.answers["mark"] = MARK
            await asyncio.sleep(299.0)
            assert exchange.streams == 0
            await until(lambda: exchange.streams, seconds=2.0)

    run_skipping(scenario())


def test_venue_clock_skew_is_measured() -> None:
    """A venue clock that is five seconds ahead is reported; it is read once, not for each contract."""

    async def scenario() -> None:
        ahead = Observation(venue_time=datetime.fromtimestamp(wall(), UTC) + timedelta(seconds=5))
        exchange = StagedExchange({"clock": ahead})
        async with collecting(exchange, BTC, "ETH/USDT:USDT") as (_, observer):
            await until(lambda: observer.skews)
            assert observer.skews == [pytest.approx(5.0, abs=0.1)]
            await asyncio.sleep(10.0)
            assert exchange.fetched == [("clock", BTC)]

    run_skipping(scenario())


def test_stored_history_is_continued() -> None:
    """A collector starts with the history that the previous one stored."""

    async def scenario() -> None:
        store = MemoryCollectorStore(monotonic=monotonic)
        history = MarketHistory(Conditions())
        for slot in range(13):
            history.add_depths({100: 100.0}, now=wall() - 4_000.0 + slot * 300.0)
        store.histories[KEY] = history.encode()
        async with collecting(StagedExchange({"depth": Observation(depths={100: 10.0})}), store=store):
            await until(lambda: store.records)
            assert store.records[KEY].market.thin_liquidity is True

    run_skipping(scenario())


@pytest.mark.parametrize(("unheard_seconds", "spike"), [(29.0, False), (31.0, None)])
def test_takeover_within_half_a_minute_leaves_no_spike_unknown(unheard_seconds: float, spike: bool | None) -> None:
    """A leader that hears the stream within 30 s of what is stored knows all along whether liquidations spike.

    That is a tenth of the window; the next leader needs at most five seconds for the lease, and ten may not be stored.
    """

    def hear_every_second() -> Iterator[Streamed]:
        while True:
            yield 1.0
            yield Observation(covered_since=datetime.fromtimestamp(wall() - 1.0, UTC))

    async def scenario() -> None:
        store, history = MemoryCollectorStore(monotonic=monotonic), MarketHistory(Conditions())
        since = datetime.fromtimestamp(wall() - 3_600.0, UTC)
        history.add_liquidations(Observation(covered_since=since), now=wall() - unheard_seconds)
        store.histories[KEY] = history.encode()
        async with collecting(StagedExchange({"mark": MARK}, streamed=hear_every_second()), store=store):
            await asyncio.sleep(15.0)  # the first record is older than the stream
            for _ in range(24):  # while all that was not heard is in the window
                await asyncio.sleep(10.0)
                assert store.records[KEY].market.liquidation_spike is spike

    run_skipping(scenario())


def market_of(exchange: StagedExchange, *, mark: float, contracts: float) -> None:
    """Stage a mark and open interest."""
    exchange.answers["mark"] = Observation(market=MarketRecord(mark_price=mark))
    interest = Observation(market=MarketRecord(open_interest=contracts), open_interest=contracts)
    exchange.answers["open_interest"] = interest


def test_entries_are_collected_and_taken_over() -> None:
    """What one collector saw being opened the next one goes on with: half at 110 and 120, the rest where it began."""

    async def scenario() -> None:
        exchange = StagedExchange({})
        market_of(exchange, mark=100.0, contracts=1_000.0)
        async with collecting(exchange) as (store, _):
            await asyncio.sleep(90.0)
            assert store.records[KEY].market.open_interest == 1_000.0
            assert store.records[KEY].market.entries == ()
            assert store.records[KEY].market.entries_seen == 0.0
            market_of(exchange, mark=110.0, contracts=1_500.0)
            await asyncio.sleep(90.0)
            assert store.records[KEY].market.entries_seen == 0.3333
        market_of(exchange, mark=120.0, contracts=2_000.0)
        await asyncio.sleep(10.0)
        async with collecting(exchange, store=store):
            await asyncio.sleep(90.0)
            market = store.records[KEY].market
            assert market.entries_seen == 0.5
            shares = {entry.price: entry.share for entry in market.entries}
            assert shares == pytest.approx({100.0: 0.5, 110.0: 0.25, 120.0: 0.25})

    run_skipping(scenario())


def test_entries_are_withheld_while_a_call_fails_and_lose_what_was_not_seen() -> None:
    """Two hours without open interest: no entries meanwhile, then growth that nobody saw, and less of the rest."""

    async def scenario() -> None:
        store, history = MemoryCollectorStore(monotonic=monotonic), MarketHistory(Conditions())
        for minute, contracts in enumerate((1_000.0, 2_000.0, 4_000.0)):
            history.add_mark_price(100.0, now=wall() - 120.0 + 60.0 * minute)
            history.add_open_interest(contracts, now=wall() - 120.0 + 60.0 * minute)
        store.histories[KEY] = history.encode()
        exchange = StagedExchange({})
        market_of(exchange, mark=100.0, contracts=4_000.0)
        async with collecting(exchange, store=store):
            await asyncio.sleep(30.0)
            assert store.records[KEY].market.entries_seen == 0.75
            assert len(store.records[KEY].market.entries) == 1
            exchange.answers["open_interest"] = FetchError("unavailable", "502")
            await asyncio.sleep(7_200.0)
            market = store.records[KEY].market
            assert (market.mark_price, market.open_interest) == (100.0, None)
            assert (market.entries, market.entries_seen) == ((), None)
            market_of(exchange, mark=110.0, contracts=5_000.0)
            await asyncio.sleep(90.0)
            seen = store.records[KEY].market.entries_seen
            assert seen == pytest.approx(0.75 * (1.0 - 2.0 / 24.0) * 0.8, abs=0.002)

    run_skipping(scenario())


def test_emptied_book_is_in_the_next_record_and_refills_slowly() -> None:
    """The depth falls with the book within one interval, and has not come back a minute after the book has."""

    async def scenario() -> None:
        exchange = StagedExchange({"depth": Observation(depth_sizes={100: 1_000.0})})
        async with collecting(exchange) as (store, _):
            await asyncio.sleep(60.0)
            assert store.records[KEY].market.size_for_one_percent == 1_000.0
            exchange.answers["depth"] = Observation(depth_sizes={100: 10.0})
            await asyncio.sleep(45.0)
            assert store.records[KEY].market.size_for_one_percent == 10.0
            exchange.answers["depth"] = Observation(depth_sizes={100: 1_000.0})
            await asyncio.sleep(60.0)
            assert 10.0 < (store.records[KEY].market.size_for_one_percent or 0.0) < 200.0
            await asyncio.sleep(3_600.0)
            assert store.records[KEY].market.size_for_one_percent == pytest.approx(1_000.0, rel=0.01)

    run_skipping(scenario())


def test_history_is_not_started_anew_while_store_fails() -> None:
    """Reading the history is retried until the store answers; otherwise the stored one would be overwritten."""

    async def scenario() -> None:
        store = MemoryCollectorStore(monotonic=monotonic)
        store.histories[KEY] = b"stored history"
        exchange = StagedExchange({"mark": MARK})
        exchange.load_failure = FetchError("unavailable", "later")
        async with collecting(exchange, store=store) as (_, observer):
            await until(lambda: exchange.loads)
            store.failure = StoreError("store-slow")
            exchange.load_failure = None
            await until(lambda: exchange.loads > 1)
            await until(lambda: observer.store_failures)
            await asyncio.sleep(4.0)
            assert exchange.fetched == []
            store.failure = None
            await until(lambda: exchange.fetched)
            await until(lambda: store.records)

    run_skipping(scenario())


def test_invalid_record_is_reported() -> None:
    """An observation outside the bounds of a record is reported as a record that was not written."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": Observation(market=MarketRecord(mark_price=-1.0))})
        async with collecting(exchange) as (store, observer):
            await until(lambda: observer.writes)
            assert observer.writes == [("BTC-USDT", False)]
            assert store.records == {}

    run_skipping(scenario())


def test_snapshot_calls_once_and_stores_nothing() -> None:
    """A snapshot holds the records of what answered; the rest is reported."""

    async def scenario() -> None:
        exchange = StagedExchange({"mark": MARK, "funding": FetchError("unreadable", "a page")})
        away = StagedExchange({"mark": MARK}, venue="bybit")
        away.load_failure = FetchError("unavailable", "cut")
        observer = RecordingObserver()
        records = await take_snapshot(
            [(exchange, (BTC, "BTCUSDT")), (away, (BTC,))],
            conditions={"okx": Conditions(), "bybit": Conditions()},
            observer=observer,
        )
        assert {key: record.market for key, record in records.items()} == {KEY: MarketRecord(mark_price=100.0)}
        assert sorted(exchange.fetched) == [("funding", BTC), ("mark", BTC)]
        assert observer.unknown_markets == ["BTCUSDT"]
        assert ("okx", "funding", "unreadable") in observer.fetches
        assert ("bybit", "contract", "unavailable") in observer.fetches
        assert exchange.closed == away.closed == 1

    run_skipping(scenario())
