"""The fake venues, and one whole conversation with them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Final, TypeVar

from adlrisk.collect.exchange import CcxtExchange, open_exchange
from adlrisk.collect.finding import CallName, Finding
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
Told = TypeVar("Told")
MARKET: Final = {
    "binance": LINEAR,
    "binance_coinm": INVERSE,
    "bybit": LINEAR,
    "okx": LINEAR,
    "hyperliquid": USDC,
}


def opened(fake: FakeVenue) -> CcxtExchange:
    return open_exchange(fake.venue, urls={fake.venue: fake.url}, request_seconds=2.0, ping_seconds=0.2)


def unlimited(exchange: CcxtExchange) -> None:
    """Let an exchange that is open ask as often as it likes."""
    exchange._client._ccxt.enableRateLimit = False  # noqa: SLF001 -- nobody but a test should be able to


def found(fake: FakeVenue, call: CallName, market: str | None = None) -> Finding:
    """What one call finds, asked by an exchange that was opened for it."""
    return all_found(fake, (call,), market)[call]


def all_found(fake: FakeVenue, calls: Iterable[CallName], market: str | None = None) -> dict[CallName, Finding]:
    async def ask(exchange: CcxtExchange) -> dict[CallName, Finding]:
        name = market or MARKET[fake.venue]
        return {call: await exchange.fetch(call, name, now=datetime.now(UTC)) for call in calls}

    return talk(fake, ask)


def talk(fake: FakeVenue, tell: Callable[[CcxtExchange], Awaitable[Told]]) -> Told:
    """``tell`` with an exchange of its own, which is closed behind it."""

    async def conversation() -> Told:
        exchange = opened(fake)
        try:
            return await tell(exchange)
        finally:
            await exchange.close()

    return asyncio.run(conversation())
