"""The fake venues, and exchanges that call them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Final, TypeVar

from adlrisk.collect.adapters.exchange import CcxtExchange, open_exchange
from adlrisk.collect.adapters.observation import CallName, Observation
from support.collect.fake_binance import FakeBinance, FakeBinanceCoinM
from support.collect.fake_bybit import FakeBybit
from support.collect.fake_gate import FakeGate
from support.collect.fake_hyperliquid import FakeHyperliquid
from support.collect.fake_okx import FakeOkx
from support.collect.fake_venue import FakeVenue

FAKES: Final[dict[str, type[FakeVenue]]] = {
    fake.venue: fake for fake in (FakeBinance, FakeBinanceCoinM, FakeBybit, FakeOkx, FakeGate, FakeHyperliquid)
}
# A contract of each that settles in the quote currency, and one that settles in the base currency.
LINEAR: Final = "BTC/USDT:USDT"
INVERSE: Final = "BTC/USD:BTC"
USDC: Final = "BTC/USDC:USDC"
_PATIENCE_SECONDS: Final = 20.0  # for an answer, which may be late on a busy machine
_PING_SECONDS: Final = 0.1
_PATIENT_PONGS: Final = 100.0
Result = TypeVar("Result")
MARKET: Final = {
    "binance": LINEAR,
    "binance_coinm": INVERSE,
    "bybit": LINEAR,
    "okx": LINEAR,
    "gate": LINEAR,
    "hyperliquid": USDC,
}


def new_exchange(fake: FakeVenue) -> CcxtExchange:
    return open_exchange(
        fake.venue, urls={fake.venue: fake.url}, request_seconds=_PATIENCE_SECONDS, ping_seconds=_PING_SECONDS
    )


def use_exchange(fake: FakeVenue, use: Callable[[CcxtExchange], Awaitable[Result]]) -> Result:
    """The result of ``use`` with a new exchange, which is closed afterwards."""

    async def run() -> Result:
        exchange = new_exchange(fake)
        try:
            return await use(exchange)
        finally:
            await exchange.close()

    return asyncio.run(run())


class Venues:
    """The fake venues, each started on first use, with an exchange that stays open.

    Starting a server and creating a class of ccxt takes a while: hundreds of cases share them.
    """

    def __init__(self) -> None:
        self._ends = ExitStack()
        self._runner = self._ends.enter_context(asyncio.Runner())
        self._fakes: dict[str, FakeVenue] = {}
        self._exchanges: dict[str, CcxtExchange] = {}

    def __getitem__(self, venue: str) -> FakeVenue:
        """The venue in its initial state."""
        if venue not in self._fakes:
            self._fakes[venue] = self._ends.enter_context(FAKES[venue]())
        fake = self._fakes[venue]
        fake.reset()
        return fake

    def use_exchange(self, fake: FakeVenue, use: Callable[[CcxtExchange], Awaitable[Result]]) -> Result:
        """The result of ``use`` with the venue's exchange, without rate limit and older shared answers."""
        return self._runner.run(self._use(fake, use))

    async def _use(self, fake: FakeVenue, use: Callable[[CcxtExchange], Awaitable[Result]]) -> Result:
        if fake.venue not in self._exchanges:
            self._exchanges[fake.venue] = new_exchange(fake)
        exchange = self._exchanges[fake.venue]
        await remove_rate_limit(exchange)
        forget_answers(exchange)
        set_timeout(exchange, seconds=_PATIENCE_SECONDS)
        set_missed_pongs(exchange, pongs=_PATIENT_PONGS)
        try:
            return await use(exchange)
        finally:
            await exchange._client._ccxt.close_ws_clients()  # noqa: SLF001

    def observe(self, fake: FakeVenue, call: CallName, market: str | None = None) -> Observation:
        """The observation of one call, once markets are loaded."""
        return self.observe_all(fake, (call,), market)[call]

    def observe_all(
        self, fake: FakeVenue, calls: Iterable[CallName], market: str | None = None
    ) -> dict[CallName, Observation]:
        async def ask(exchange: CcxtExchange) -> dict[CallName, Observation]:
            await exchange.load_markets()
            name = market or MARKET[fake.venue]
            return {call: await exchange.fetch(call, name, now=datetime.now(UTC)) for call in calls}

        return self.use_exchange(fake, ask)

    def close(self) -> None:
        """Close all of them."""
        for exchange in self._exchanges.values():
            self._runner.run(exchange.close())
        self._ends.close()


# What follows reaches into the exchange; only tests may.
async def remove_rate_limit(exchange: CcxtExchange) -> None:
    """Remove the rate limit of an exchange."""
    await exchange._client.start()  # noqa: SLF001
    exchange._client._ccxt.enableRateLimit = False  # noqa: SLF001


def forget_answers(exchange: CcxtExchange) -> None:
    """Discard the answers that an exchange would share for some seconds."""
    exchange._answers.clear()  # noqa: SLF001


def set_timeout(exchange: CcxtExchange, *, seconds: float) -> None:
    """Set how long an exchange with loaded markets waits for an answer."""
    exchange._client._ccxt.timeout = int(seconds * 1000)  # noqa: SLF001


def set_missed_pongs(exchange: CcxtExchange, *, pongs: float) -> None:
    """Set after how many missing pongs an exchange with loaded markets gives up a stream."""
    client = exchange._client._ccxt  # noqa: SLF001
    client.streaming = {**client.streaming, "maxPingPongMisses": pongs}
    for stream in client.clients.values():
        stream.maxPingPongMisses = pongs
