"""The fake venues, and one whole conversation with them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Final, TypeVar

from adlrisk.collect.adapters.exchange import CcxtExchange, open_exchange
from adlrisk.collect.adapters.observation import CallName, Observation
from support.collect.fake_binance import FakeBinance, FakeBinanceCoinM
from support.collect.fake_bybit import FakeBybit
from support.collect.fake_hyperliquid import FakeHyperliquid
from support.collect.fake_okx import FakeOkx
from support.collect.fake_venue import FakeVenue

FAKES: Final[dict[str, type[FakeVenue]]] = {
    fake.venue: fake for fake in (FakeBinance, FakeBinanceCoinM, FakeBybit, FakeOkx, FakeHyperliquid)
}
# A contract of each that settles in the quote currency, and one that settles in the base currency.
LINEAR: Final = "BTC/USDT:USDT"
INVERSE: Final = "BTC/USD:BTC"
USDC: Final = "BTC/USDC:USDC"
_PATIENCE_SECONDS: Final = 20.0  # for an answer, which comes: on a busy machine, late
_PING_SECONDS: Final = 0.1
_PATIENT_PONGS: Final = 100.0
Told = TypeVar("Told")
MARKET: Final = {
    "binance": LINEAR,
    "binance_coinm": INVERSE,
    "bybit": LINEAR,
    "okx": LINEAR,
    "hyperliquid": USDC,
}


def opened(fake: FakeVenue) -> CcxtExchange:
    return open_exchange(
        fake.venue, urls={fake.venue: fake.url}, request_seconds=_PATIENCE_SECONDS, ping_seconds=_PING_SECONDS
    )


def talk(fake: FakeVenue, tell: Callable[[CcxtExchange], Awaitable[Told]]) -> Told:
    """``tell`` with an exchange of its own, which was never asked before and is closed behind it."""

    async def conversation() -> Told:
        exchange = opened(fake)
        try:
            return await tell(exchange)
        finally:
            await exchange.close()

    return asyncio.run(conversation())


class Venues:
    """The fake venues, each started when it is first wanted, with an exchange that stays open to be asked again.

    A server takes a while to start, and a class of ccxt to be made: hundreds of cases share them.
    """

    def __init__(self) -> None:
        self._ends = ExitStack()
        self._runner = self._ends.enter_context(asyncio.Runner())
        self._fakes: dict[str, FakeVenue] = {}
        self._exchanges: dict[str, CcxtExchange] = {}

    def __getitem__(self, venue: str) -> FakeVenue:
        """The venue, as if it had just started."""
        if venue not in self._fakes:
            self._fakes[venue] = self._ends.enter_context(FAKES[venue]())
        fake = self._fakes[venue]
        fake.begin_anew()
        return fake

    def talk(self, fake: FakeVenue, tell: Callable[[CcxtExchange], Awaitable[Told]]) -> Told:
        """``tell`` with the venue's exchange, which may ask as often as it likes and shares no older answers."""
        return self._runner.run(self._tell(fake, tell))

    async def _tell(self, fake: FakeVenue, tell: Callable[[CcxtExchange], Awaitable[Told]]) -> Told:
        if fake.venue not in self._exchanges:
            self._exchanges[fake.venue] = opened(fake)
        exchange = self._exchanges[fake.venue]
        await unlimited(exchange)
        forget(exchange)
        waits(exchange, seconds=_PATIENCE_SECONDS)
        misses(exchange, pongs=_PATIENT_PONGS)
        try:
            return await tell(exchange)
        finally:
            await exchange._client._ccxt.close_ws_clients()  # noqa: SLF001

    def found(self, fake: FakeVenue, call: CallName, market: str | None = None) -> Observation:
        """What one call finds once the venue's contracts are read."""
        return self.all_found(fake, (call,), market)[call]

    def all_found(
        self, fake: FakeVenue, calls: Iterable[CallName], market: str | None = None
    ) -> dict[CallName, Observation]:
        async def ask(exchange: CcxtExchange) -> dict[CallName, Observation]:
            await exchange.load_markets()
            name = market or MARKET[fake.venue]
            return {call: await exchange.fetch(call, name, now=datetime.now(UTC)) for call in calls}

        return self.talk(fake, ask)

    def close(self) -> None:
        """End all of them."""
        for exchange in self._exchanges.values():
            self._runner.run(exchange.close())
        self._ends.close()


# Nobody but a test should be able to do what follows.
async def unlimited(exchange: CcxtExchange) -> None:
    """Let an exchange ask as often as it likes."""
    await exchange._client.start()  # noqa: SLF001
    exchange._client._ccxt.enableRateLimit = False  # noqa: SLF001


def forget(exchange: CcxtExchange) -> None:
    """Let an exchange ask again for answers that it would share for some seconds."""
    exchange._answers.clear()  # noqa: SLF001


def waits(exchange: CcxtExchange, *, seconds: float) -> None:
    """Let an exchange that is open wait so long for an answer."""
    exchange._client._ccxt.timeout = int(seconds * 1000)  # noqa: SLF001


def misses(exchange: CcxtExchange, *, pongs: float) -> None:
    """Let an exchange that is open take a stream for dead after so many pongs that did not come."""
    client = exchange._client._ccxt  # noqa: SLF001
    client.streaming = {**client.streaming, "maxPingPongMisses": pongs}
    for stream in client.clients.values():
        stream.maxPingPongMisses = pongs
