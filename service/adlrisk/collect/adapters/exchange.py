"""Venues asked through ccxt.

ccxt brings the venues' URLs, their rate limits and markets, the classes of their errors, and their streams. The answers
are read as the venue wrote them (``sources``): ccxt turns what it cannot read into ``None``, or into its own default.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Coroutine, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from adlrisk.collect.adapters import SOURCES
from adlrisk.collect.adapters.ccxt_client import Client, refusal_of
from adlrisk.collect.adapters.observation import CallName, FetchError, Finding, LeftOut, Liquidation, UnknownMarketError
from adlrisk.collect.adapters.parsing import Reading
from adlrisk.collect.adapters.source import Asking, Liquidations, Listed, Source, Terms
from adlrisk.domain.position.market import MarketRecord

COLLECTABLE: Final = tuple(SOURCES)
_REQUEST_SECONDS: Final = 8.0  # without the wait for its turn under the venue's rate limit
_PING_SECONDS: Final = 3.0  # a stream that is silent is told alive by the answers
_SHARED_SECONDS: Final = 5.0  # an answer about all contracts serves them all for so long
_MARKETS_SECONDS: Final = 600.0  # which contracts there are, and what they are, is read anew after so long
_SYMBOL: Final = re.compile(r"[A-Za-z0-9:._@-]{1,64}", re.ASCII)
Found = TypeVar("Found")


def open_exchange(
    venue: str,
    *,
    urls: Mapping[str, str] | None = None,
    request_seconds: float = _REQUEST_SECONDS,
    ping_seconds: float = _PING_SECONDS,
) -> "CcxtExchange":
    """The venue of the catalogue by that id, ready to be asked; ``urls`` says where else a venue is reached.

    Raises:
        KeyError: it is none of ``COLLECTABLE``.
    """
    source = SOURCES[venue]
    client = Client(source, url=(urls or {}).get(venue), request_seconds=request_seconds, ping_seconds=ping_seconds)
    return CcxtExchange(source, client)


def urls_in(text: str) -> dict[str, str]:
    """``venue=url`` pairs, separated by commas or white space: where else venues are reached.

    For a proxy that speaks as the venue does, and for tests. The path of a URL goes before the venue's own.

    Raises:
        ValueError: a pair is of another form, or names a venue that cannot be asked; the message says which.
    """
    urls: dict[str, str] = {}
    for pair in text.replace(",", " ").split():
        venue, _, url = pair.partition("=")
        parts = urlsplit(url)
        if venue not in SOURCES or parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
            raise ValueError(f"{pair!r} is not venue=http(s)://host, with a venue of {', '.join(COLLECTABLE)}")
        urls[venue] = url
    return urls


class CcxtExchange:
    """A venue behind ccxt; satisfies ``Exchange``."""

    def __init__(self, source: Source, client: Client) -> None:
        self.venue = source.venue
        self.calls: frozenset[CallName] = frozenset({"contract", *source.calls})
        self.tells_liquidations = source.liquidations is not None
        self._source = source
        self._client = client
        self._listed: dict[str, Listed] = {}  # by ccxt's name
        self._by_symbol: dict[str, Listed] = {}
        self._listed_at = 0.0
        self._opening: asyncio.Task[None] | None = None
        self._answers: dict[str, tuple[float, asyncio.Task[Any]]] = {}

    async def open(self) -> None:
        """Read which contracts there are; what was read before stays when the venue does not answer.

        Raises:
            FetchError: the venue did not answer.
        """
        # One task for all who wait: the first of them to give up must not take the others along.
        if self._opening is None or self._opening.done():
            self._opening = _kept(self._read_markets())
        await asyncio.shield(self._opening)

    async def _read_markets(self) -> None:
        await self._client.start()
        markets = await _refusing(self._client.fetch_perpetuals())
        listed = {market["symbol"]: found for market in markets if (found := self._list(market)) is not None}
        if not listed:
            raise FetchError("unreadable", "no perpetual is listed")
        self._listed = listed
        self._by_symbol = {found.symbol: found for found in listed.values()}
        self._listed_at = time.monotonic()

    def _list(self, market: Mapping[str, Any]) -> Listed | None:
        row = market.get("info")
        symbol = row.get(self._source.symbol_key) if isinstance(row, dict) else None
        if not isinstance(row, dict) or not isinstance(symbol, str):
            return None
        reading = Reading(now=datetime.now(UTC))
        inverse, linear = market.get("inverse") is True, market.get("linear") is True
        if inverse == linear:
            reading.leave_out("contract", "absurd")
            terms = Terms()
        else:
            terms = self._source.terms("inverse" if inverse else "linear", row, reading)
        return Listed(
            symbol=symbol, settle=str(market.get("settleId")), terms=terms, row=row, left_out=reading.left_out
        )

    def symbol_of(self, market: str) -> str:
        """The venue's own id of the contract.

        Raises:
            UnknownMarketError: it is no perpetual of this venue.
        """
        listed = self._listed.get(market)
        if listed is None:
            raise UnknownMarketError(f"{self.venue} lists no perpetual {market}")
        if not _SYMBOL.fullmatch(listed.symbol):
            raise UnknownMarketError(f"the id of {market} at {self.venue}, {listed.symbol!r}, cannot be a symbol")
        return listed.symbol

    async def fetch(self, call: CallName, market: str, *, now: datetime) -> Finding:
        """Ask once, without trying again.

        Raises:
            FetchError: nothing usable came.
        """
        if not self._listed or (call == "contract" and time.monotonic() - self._listed_at > _MARKETS_SECONDS):
            await self.open()
        listed = self._find(market)
        if call == "contract":
            return _contract(listed)
        asking = Asking(ask=self._ask, listed=listed, now=now)
        return await _refusing(self._source.calls[call](asking))

    def _find(self, market: str) -> Listed:
        if market not in self._listed:
            raise FetchError("refused", f"{self.venue} lists no perpetual {market}")
        return self._listed[market]

    async def _ask(self, endpoint: str, params: Mapping[str, Any], *, shared: bool = False) -> Any:
        if not shared:
            return await self._client.ask(endpoint, params)
        key = f"{endpoint} {sorted(params.items())}"
        asked_at, answer = self._answers.get(key, (0.0, None))
        if answer is None or time.monotonic() - asked_at > _SHARED_SECONDS or _failed(answer):
            answer = _kept(self._client.ask(endpoint, params))
            self._answers[key] = (time.monotonic(), answer)
        return await asyncio.shield(answer)

    async def listen(self, market: str) -> AsyncGenerator[Finding, None]:
        """Liquidations as they happen.

        A finding whenever the venue has sent anything, be it the answer to a ping, at most one a second, each covering
        the time since the one before; the first covers nothing.

        Raises:
            FetchError: the stream has ended.
        """
        if not self._listed:
            await self.open()
        listed = self._find(market)
        read = self._source.liquidations
        if read is None:
            raise FetchError("refused", f"{self.venue} tells no liquidations")
        watch = self._client.watch(market)
        covered_since = None
        try:
            while (end := await watch.ended(seconds=self._client.heartbeat_seconds)) is None:
                heard = watch.heard_at()
                if heard is not None and heard != covered_since:
                    yield self._told(read, watch.take(), listed, covered_since=covered_since)
                    covered_since = heard
            if rest := watch.take():  # what still came; what may have come after it is not known
                yield self._told(read, rest, listed, covered_since=None)
            raise end
        finally:
            await watch.stop()

    def _told(
        self, read: Liquidations, messages: Iterable[object], listed: Listed, *, covered_since: datetime | None
    ) -> Finding:
        liquidations: list[Liquidation] = []
        left_out: list[LeftOut] = []
        for message in messages:
            try:
                forced = tuple(read(message, self._by_symbol.get, datetime.now(UTC)))
            except FetchError:
                left_out.append(LeftOut(field="liquidations", why="mistyped"))
                continue
            for close in forced:
                if close.symbol == listed.symbol:
                    liquidations += () if close.liquidation is None else (close.liquidation,)
                    left_out += close.left_out
        # With one that could not be read, these are not all there were.
        return Finding(
            liquidations=tuple(liquidations),
            covered_since=None if left_out else covered_since,
            left_out=tuple(left_out),
        )

    async def close(self) -> None:
        """Let go of all connections."""
        tasks = [answer for _, answer in self._answers.values()]
        tasks += [] if self._opening is None else [self._opening]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.close()


def _contract(listed: Listed) -> Finding:
    terms = msgspec.structs.asdict(listed.terms)
    return Finding(market=MarketRecord(**terms), left_out=listed.left_out)


async def _refusing(asked: Coroutine[Any, Any, Found]) -> Found:
    """What was asked for; whatever goes wrong is a ``FetchError``."""
    try:
        return await asked
    except Exception as error:
        raise refusal_of(error) from error


def _kept(asked: Coroutine[Any, Any, Found]) -> asyncio.Task[Found]:
    """A task that many wait for, or none: what goes wrong in it is told to those who do."""
    task = asyncio.ensure_future(asked)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


def _failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
