"""Liquidation streams: side and notional of each liquidation, and the time that observations cover."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from adlrisk.collect.adapters.exchange import COLLECTABLE, CcxtExchange, open_exchange
from adlrisk.collect.adapters.observation import FetchError, LeftOutField, Liquidation, Observation, Why
from adlrisk.domain.position.position import Side
from support.collect.fake_venue import FakeVenue
from support.collect.fake_venues import FAKES, LINEAR, MARKET, USDC, Venues, set_missed_pongs, use_exchange

STREAMS: Final = ("binance", "binance_coinm", "bybit", "okx", "gate")
AT: Final = datetime(2026, 11, 18, 12, 0, 0, 250_000, tzinfo=UTC)
AT_MS: Final = 1_795_003_200_250
# The notional of a message with 3 contracts or coins at 60000: 3 BTC; 3 contracts of 100 USD; of 0.01 BTC; of 0.0001.
NOTIONAL: Final = {"binance": 180_000.0, "binance_coinm": 300.0, "bybit": 180_000.0, "okx": 1800.0, "gate": 18.0}
_SECONDS: Final = 60.0  # on a busy machine

Stream = AsyncGenerator[Observation, None]


def read_stream(venues: Venues, venue: str, read: Callable[[FakeVenue, CcxtExchange, Stream], Awaitable[Any]]) -> Any:
    """The result of ``read`` with a venue's stream."""
    fake = venues[venue]

    async def open_stream(exchange: CcxtExchange) -> Any:
        await exchange.load_markets()
        async with asyncio.timeout(_SECONDS), aclosing(exchange.stream_liquidations(MARKET[venue])) as observations:
            return await read(fake, exchange, observations)

    return venues.use_exchange(fake, open_stream)


async def drain(observations: Stream, received: list[Observation]) -> None:
    async for observation in observations:
        received.append(observation)  # noqa: PERF401 -- what was received stays when the stream ends in an error


@pytest.mark.parametrize("venue", STREAMS)
@pytest.mark.parametrize("side", ["long", "short"])
def test_liquidation_has_the_side_that_was_closed(venues: Venues, venue: str, side: Side) -> None:
    """The side is the closed position's, whichever side the venue sends; the notional is in the quote currency."""

    async def read(fake: FakeVenue, _: CcxtExchange, observations: Stream) -> Observation:
        assert (await anext(observations)) == Observation()  # alive, and nothing covered yet
        fake.send(fake.liquidation(side=side, price="60000", size="3", at=AT_MS))
        while not (observation := await anext(observations)).liquidations:
            pass
        return observation

    observation = read_stream(venues, venue, read)
    expected = Liquidation(at=AT, side=side, price=60000.0, notional=NOTIONAL[venue])
    assert observation.liquidations == (expected,)
    assert observation.left_out == ()
    assert observation.covered_since is not None


@pytest.mark.parametrize("venue", STREAMS)
def test_silent_stream_is_covered_without_gaps(venues: Venues, venue: str) -> None:
    """Without liquidations, the venue's pongs yield observations, each covering the time since the one before."""

    async def read(_: FakeVenue, __: CcxtExchange, observations: Stream) -> list[Observation]:
        return [await anext(observations) for _ in range(3)]

    first, second, third = read_stream(venues, venue, read)
    assert (first.covered_since, first.liquidations) == (None, ())
    assert second.covered_since is not None
    assert third.covered_since is not None
    assert second.covered_since < third.covered_since
    assert (third.covered_since - second.covered_since).total_seconds() < 5.0


@pytest.mark.parametrize("venue", STREAMS)
def test_burst_of_liquidations_loses_none(venues: Venues, venue: str) -> None:
    """Every one of several messages that arrive at once is observed."""

    async def read(fake: FakeVenue, _: CcxtExchange, observations: Stream) -> list[float]:
        await anext(observations)
        for price in (60000, 60001, 60002, 60003):
            fake.send(fake.liquidation(side="long", price=str(price), size="1", at=AT_MS))
        prices: list[float] = []
        while len(prices) < 4:
            prices += [liquidation.price for liquidation in (await anext(observations)).liquidations]
        return prices

    assert read_stream(venues, venue, read) == [60000.0, 60001.0, 60002.0, 60003.0]


@pytest.mark.parametrize("venue", STREAMS)
def test_disconnected_stream_ends_with_an_error(venues: Venues, venue: str) -> None:
    """A stream that the venue disconnects ends with an error, and a new one works."""

    async def read(fake: FakeVenue, _: CcxtExchange, observations: Stream) -> FetchError:
        await anext(observations)
        fake.disconnect()
        with pytest.raises(FetchError) as caught:
            await drain(observations, [])
        return caught.value

    fake = venues[venue]

    async def reopen(exchange: CcxtExchange) -> Observation:
        await exchange.load_markets()
        async with asyncio.timeout(_SECONDS):
            async with aclosing(exchange.stream_liquidations(MARKET[venue])) as observations:
                error = await read(fake, exchange, observations)
                assert error.outcome == "unavailable"
            async with aclosing(exchange.stream_liquidations(MARKET[venue])) as observations:
                return await anext(observations)

    assert venues.use_exchange(fake, reopen) == Observation()


@pytest.mark.parametrize("venue", STREAMS)
def test_stream_without_pongs_covers_nothing_and_ends(venues: Venues, venue: str) -> None:
    """Once a venue stops answering pings, no time is covered, and the stream ends."""

    async def read(
        fake: FakeVenue, exchange: CcxtExchange, observations: Stream
    ) -> tuple[FetchError, list[Observation]]:
        await anext(observations)
        fake.is_deaf = True
        set_missed_pongs(exchange, pongs=2.0)
        received: list[Observation] = []
        with pytest.raises(FetchError) as caught:
            await drain(observations, received)
        return caught.value, received

    error, received = read_stream(venues, venue, read)
    assert error.outcome in {"timeout", "unavailable"}
    assert len(received) <= 1  # received just before


@pytest.mark.parametrize("venue", STREAMS)
def test_reopened_stream_receives_liquidations(venues: Venues, venue: str) -> None:
    """A stream that is stopped and opened again on the same connection receives what happens then."""
    fake = venues[venue]

    async def read(exchange: CcxtExchange) -> list[float]:
        await exchange.load_markets()
        for price in (60000, 60001):
            async with asyncio.timeout(_SECONDS), aclosing(exchange.stream_liquidations(MARKET[venue])) as observations:
                await anext(observations)
                fake.send(fake.liquidation(side="long", price=str(price), size="1", at=AT_MS))
                while not (observation := await anext(observations)).liquidations:
                    pass
        return [liquidation.price for liquidation in observation.liquidations]

    assert venues.use_exchange(fake, read) == [60001.0]


def test_refused_subscription_ends_the_stream(venues: Venues) -> None:
    """A subscription that Gate refuses is a failure: an open connection alone must not pass for calm."""
    fake = venues["gate"]
    refusal = {"error": {"code": 2, "message": "unknown contract BTC_USDT"}, "result": None}

    async def read(exchange: CcxtExchange) -> FetchError:
        await exchange.load_markets()
        async with asyncio.timeout(_SECONDS), aclosing(exchange.stream_liquidations(LINEAR)) as observations:
            with pytest.raises(FetchError) as caught:
                await drain(observations, [])
        return caught.value

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fake, "reply_to", lambda message: [{**message, **refusal}])
        assert venues.use_exchange(fake, read).outcome == "refused"


@pytest.mark.parametrize("venue", STREAMS)
@pytest.mark.parametrize(("price", "why"), [("", "missing"), ("n/a", "mistyped"), ("0", "absurd")])
def test_unreadable_liquidation_interrupts_the_covered_time(venues: Venues, venue: str, price: str, why: Why) -> None:
    """An unreadable liquidation is left out, and the time of its observation is not covered."""

    async def read(fake: FakeVenue, _: CcxtExchange, observations: Stream) -> Observation:
        await anext(observations)
        fake.send(fake.liquidation(side="long", price=price, size="1", at=AT_MS))
        while not (observation := await anext(observations)).left_out:
            pass
        return observation

    assert read_stream(venues, venue, read) == Observation(left_out=(LeftOutField(field="liquidations", why=why),))


@pytest.mark.parametrize(
    ("size", "why"), [(None, "missing"), (True, "mistyped"), ("many", "mistyped"), (0, "absurd"), ("-1e300", "absurd")]
)
def test_unreadable_size_of_an_order_is_left_out(venues: Venues, size: object, why: Why) -> None:
    """Gate's sizes have a sign; one that is no size leaves the liquidation out."""

    async def read(fake: FakeVenue, _: CcxtExchange, observations: Stream) -> Observation:
        await anext(observations)
        message = fake.liquidation(side="long", price="60000", size="1", at=AT_MS)
        message["result"][0]["size"] = size
        fake.send(message)
        while not (observation := await anext(observations)).left_out:
            pass
        return observation

    assert read_stream(venues, "gate", read) == Observation(left_out=(LeftOutField(field="liquidations", why=why),))


def test_liquidations_of_other_contracts_are_ignored(venues: Venues) -> None:
    """OKX streams the liquidations of all contracts; only those of the requested one are observed."""

    async def read(fake: FakeVenue, _: CcxtExchange, observations: Stream) -> Observation:
        await anext(observations)
        other = fake.liquidation(side="long", price="60000", size="1", at=AT_MS)
        other["data"][0]["instId"] = "BTC-USD-SWAP"
        fake.send(other)
        fake.send(fake.liquidation(side="short", price="60001", size="1", at=AT_MS))
        while not (observation := await anext(observations)).liquidations:
            pass
        return observation

    assert [liquidation.price for liquidation in read_stream(venues, "okx", read).liquidations] == [60001.0]


def test_venue_without_a_stream_refuses(venues: Venues) -> None:
    """Hyperliquid declares that it has no liquidation stream, and opening one is refused."""
    received = {venue for venue in COLLECTABLE if open_exchange(venue).streams_liquidations}
    assert received == set(STREAMS)

    async def ask(exchange: CcxtExchange) -> None:
        with pytest.raises(FetchError, match="refused"):
            await anext(exchange.stream_liquidations(USDC))

    venues.use_exchange(venues["hyperliquid"], ask)


def test_stream_that_cannot_be_opened_ends_with_an_error(venues: Venues) -> None:
    """The stream ends at once if the venue's web socket does not exist."""

    async def read(_: FakeVenue, __: CcxtExchange, observations: Stream) -> FetchError:
        with pytest.raises(FetchError) as caught:
            await anext(observations)
        return caught.value

    fake_class = FAKES["okx"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fake_class, "stream_path", "/nowhere")
        assert read_stream(venues, "okx", read).outcome == "unavailable"


def test_closing_the_exchange_ends_its_streams(venues: Venues) -> None:
    """Closing the exchange ends its streams and leaves no task behind."""

    async def ask(exchange: CcxtExchange) -> FetchError:
        observations = exchange.stream_liquidations(LINEAR)
        await anext(observations)
        await exchange.close()
        with pytest.raises(FetchError) as caught:
            await anext(observations)
        return caught.value

    assert use_exchange(venues["bybit"], ask).outcome == "unavailable"
