"""Liquidations told by a stream: whose, for how much, and over what time there were no others."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from adlrisk.collect.adapters.exchange import COLLECTABLE, CcxtExchange, open_exchange
from adlrisk.collect.adapters.observation import FetchError, LeftOutField, Liquidation, Observation, Why
from adlrisk.domain.position.position import Side
from support.collect.fake_venue import FakeVenue
from support.collect.fake_venues import FAKES, LINEAR, MARKET, USDC, Venues, misses, talk

STREAMS: Final = ("binance", "binance_coinm", "bybit", "okx")
AT: Final = datetime(2026, 11, 18, 12, 0, 0, 250_000, tzinfo=UTC)
AT_MS: Final = 1_795_003_200_250
# Of what a message of 3 (contracts, or coins) at 60000 tells: 3 BTC; 3 contracts of 100 USD; of 0.01 BTC.
NOTIONAL: Final = {"binance": 180_000.0, "binance_coinm": 300.0, "bybit": 180_000.0, "okx": 1800.0}
_SECONDS: Final = 60.0  # on a busy machine

Listening = AsyncGenerator[Observation, None]


def heard(venues: Venues, venue: str, hear: Callable[[FakeVenue, CcxtExchange, Listening], Awaitable[Any]]) -> Any:
    """What ``hear`` makes of a venue's stream."""
    fake = venues[venue]

    async def listen(exchange: CcxtExchange) -> Any:
        await exchange.load_markets()
        async with asyncio.timeout(_SECONDS), aclosing(exchange.stream_liquidations(MARKET[venue])) as observations:
            return await hear(fake, exchange, observations)

    return venues.talk(fake, listen)


async def drained(observations: Listening, told: list[Observation]) -> None:
    async for observation in observations:
        told.append(observation)  # noqa: PERF401 -- what was told stays when the stream ends in an error


@pytest.mark.parametrize("venue", STREAMS)
@pytest.mark.parametrize("side", ["long", "short"])
def test_a_liquidation_is_told_with_the_side_that_was_closed(venues: Venues, venue: str, side: Side) -> None:
    """The side is the closed position's, whichever side the venue writes; the notional is in the quote currency."""

    async def hear(fake: FakeVenue, _: CcxtExchange, observations: Listening) -> Observation:
        assert (await anext(observations)) == Observation()  # alive, and nothing covered yet
        fake.tell(fake.liquidation(side=side, price="60000", size="3", at=AT_MS))
        while not (observation := await anext(observations)).liquidations:
            pass
        return observation

    observation = heard(venues, venue, hear)
    expected = Liquidation(at=AT, side=side, price=60000.0, notional=NOTIONAL[venue])
    assert observation.liquidations == (expected,)
    assert observation.left_out == ()
    assert observation.covered_since is not None


@pytest.mark.parametrize("venue", STREAMS)
def test_silence_is_covered_without_a_gap(venues: Venues, venue: str) -> None:
    """While nothing is liquidated, findings go on with the venue's answers to pings; each starts before its moment."""

    async def hear(_: FakeVenue, __: CcxtExchange, observations: Listening) -> list[Observation]:
        return [await anext(observations) for _ in range(3)]

    first, second, third = heard(venues, venue, hear)
    assert (first.covered_since, first.liquidations) == (None, ())
    assert second.covered_since is not None
    assert third.covered_since is not None
    assert second.covered_since < third.covered_since
    assert (third.covered_since - second.covered_since).total_seconds() < 5.0


@pytest.mark.parametrize("venue", STREAMS)
def test_all_liquidations_of_a_burst_are_told(venues: Venues, venue: str) -> None:
    """Of messages that come at once none is lost."""

    async def hear(fake: FakeVenue, _: CcxtExchange, observations: Listening) -> list[float]:
        await anext(observations)
        for price in (60000, 60001, 60002, 60003):
            fake.tell(fake.liquidation(side="long", price=str(price), size="1", at=AT_MS))
        prices: list[float] = []
        while len(prices) < 4:
            prices += [liquidation.price for liquidation in (await anext(observations)).liquidations]
        return prices

    assert heard(venues, venue, hear) == [60000.0, 60001.0, 60002.0, 60003.0]


@pytest.mark.parametrize("venue", STREAMS)
def test_a_stream_that_is_cut_has_ended(venues: Venues, venue: str) -> None:
    """A venue that hangs up ends the stream with an error, and listening anew works."""

    async def hear(fake: FakeVenue, _: CcxtExchange, observations: Listening) -> FetchError:
        await anext(observations)
        fake.hang_up()
        with pytest.raises(FetchError) as caught:
            await drained(observations, [])
        return caught.value

    fake = venues[venue]

    async def again(exchange: CcxtExchange) -> Observation:
        await exchange.load_markets()
        async with asyncio.timeout(_SECONDS):
            async with aclosing(exchange.stream_liquidations(MARKET[venue])) as observations:
                error = await hear(fake, exchange, observations)
                assert error.outcome == "unavailable"
            async with aclosing(exchange.stream_liquidations(MARKET[venue])) as observations:
                return await anext(observations)

    assert venues.talk(fake, again) == Observation()


@pytest.mark.parametrize("venue", STREAMS)
def test_a_stream_that_falls_silent_covers_nothing_and_ends(venues: Venues, venue: str) -> None:
    """Once a venue answers no ping any more, no time is covered, and after some seconds the stream has ended."""

    async def hear(
        fake: FakeVenue, exchange: CcxtExchange, observations: Listening
    ) -> tuple[FetchError, list[Observation], float]:
        await anext(observations)
        fake.deaf = True
        misses(exchange, pongs=2.0)
        since = time.monotonic()
        told: list[Observation] = []
        with pytest.raises(FetchError) as caught:
            await drained(observations, told)
        return caught.value, told, time.monotonic() - since

    error, told, seconds = heard(venues, venue, hear)
    assert error.outcome in {"timeout", "unavailable"}
    assert len(told) <= 1  # what was on its way
    assert seconds < 10.0


@pytest.mark.parametrize("venue", STREAMS)
@pytest.mark.parametrize(("price", "why"), [("", "missing"), ("n/a", "mistyped"), ("0", "absurd")])
def test_a_liquidation_that_cannot_be_read_breaks_the_cover(venues: Venues, venue: str, price: str, why: Why) -> None:
    """One that cannot be read is left out, and the time in which it came is not covered."""

    async def hear(fake: FakeVenue, _: CcxtExchange, observations: Listening) -> Observation:
        await anext(observations)
        fake.tell(fake.liquidation(side="long", price=price, size="1", at=AT_MS))
        while not (observation := await anext(observations)).left_out:
            pass
        return observation

    assert heard(venues, venue, hear) == Observation(left_out=(LeftOutField(field="liquidations", why=why),))


def test_another_contract_s_liquidations_are_not_told(venues: Venues) -> None:
    """OKX tells those of all contracts; whoever listens to one hears that one."""

    async def hear(fake: FakeVenue, _: CcxtExchange, observations: Listening) -> Observation:
        await anext(observations)
        other = fake.liquidation(side="long", price="60000", size="1", at=AT_MS)
        other["data"][0]["instId"] = "BTC-USD-SWAP"
        fake.tell(other)
        fake.tell(fake.liquidation(side="short", price="60001", size="1", at=AT_MS))
        while not (observation := await anext(observations)).liquidations:
            pass
        return observation

    assert [liquidation.price for liquidation in heard(venues, "okx", hear).liquidations] == [60001.0]


def test_a_venue_without_a_stream_refuses(venues: Venues) -> None:
    """Hyperliquid tells no liquidations, says so, and refuses to be listened to."""
    told = {venue for venue in COLLECTABLE if open_exchange(venue).streams_liquidations}
    assert told == set(STREAMS)

    async def ask(exchange: CcxtExchange) -> None:
        with pytest.raises(FetchError, match="refused"):
            await anext(exchange.stream_liquidations(USDC))

    venues.talk(venues["hyperliquid"], ask)


def test_a_stream_that_cannot_be_opened_has_ended(venues: Venues) -> None:
    """A venue whose web socket is not there ends the stream at once."""

    async def hear(_: FakeVenue, __: CcxtExchange, observations: Listening) -> FetchError:
        with pytest.raises(FetchError) as caught:
            await anext(observations)
        return caught.value

    fake_class = FAKES["okx"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fake_class, "stream_path", "/nowhere")
        assert heard(venues, "okx", hear).outcome == "unavailable"


def test_listening_ends_with_the_exchange(venues: Venues) -> None:
    """Closing the exchange ends its streams, and nothing is left behind."""

    async def ask(exchange: CcxtExchange) -> FetchError:
        observations = exchange.stream_liquidations(LINEAR)
        await anext(observations)
        await exchange.close()
        with pytest.raises(FetchError) as caught:
            await anext(observations)
        return caught.value

    assert talk(venues["bybit"], ask).outcome == "unavailable"
