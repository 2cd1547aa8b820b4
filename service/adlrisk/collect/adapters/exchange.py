"""The exchange behind ccxt: markets, calls and liquidation streams of one venue.

ccxt provides URLs, rate limits, markets, error classes and streams. Answers are parsed as the venue wrote them
(``source``), because ccxt turns values that it cannot read into ``None`` or a default of its own.
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
from adlrisk.collect.adapters.ccxt_client import CcxtClient, to_fetch_error
from adlrisk.collect.adapters.observation import (
    CallName,
    FetchError,
    LeftOutField,
    Liquidation,
    Observation,
    UnknownMarketError,
)
from adlrisk.collect.adapters.parsing import CheckedParser
from adlrisk.collect.adapters.source import ContractTerms, Listing, ParseLiquidations, Query, Source
from adlrisk.domain.position.market import MarketRecord

COLLECTABLE: Final = tuple(SOURCES)
_NO_ALIASES: Final[Mapping[str, str]] = {}
_REQUEST_SECONDS: Final = 8.0  # not counting the wait in the queue of the venue's rate limit
_PING_SECONDS: Final = 3.0  # the answers show that a silent stream is alive
_SHARED_SECONDS: Final = 5.0  # an answer about all contracts is reused for so long
_MARKETS_SECONDS: Final = 600.0  # after this the list of contracts and their terms is read again
_SYMBOL: Final = re.compile(r"[A-Za-z0-9:._@-]{1,64}", re.ASCII)
T = TypeVar("T")


def open_exchange(
    venue: str,
    *,
    urls: Mapping[str, str] | None = None,
    request_seconds: float = _REQUEST_SECONDS,
    ping_seconds: float = _PING_SECONDS,
) -> "CcxtExchange":
    """The exchange of a venue of the catalogue; connects on first use. ``urls`` replaces URLs of venues.

    Raises:
        KeyError: the venue is not in ``COLLECTABLE``.
    """
    source = SOURCES[venue]
    client = CcxtClient(source, url=(urls or {}).get(venue), request_seconds=request_seconds, ping_seconds=ping_seconds)
    return CcxtExchange(source, client)


def parse_urls(text: str, *, aliases: Mapping[str, str] = _NO_ALIASES) -> dict[str, str]:
    """Replacement URLs by venue, from ``venue=url`` pairs separated by commas or white space.

    For a proxy with the venue's own API, and for tests. The path of a URL goes before the venue's own. ``aliases`` are
    ids of venues by their other names.

    Raises:
        ValueError: a pair is malformed, or its venue cannot be collected; the message quotes the pair.
    """
    urls: dict[str, str] = {}
    for pair in text.replace(",", " ").split():
        named, _, url = pair.partition("=")
        venue = aliases.get(named, named)
        parts = urlsplit(url)
        if venue not in SOURCES or parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
            raise ValueError(f"{pair!r} is not venue=http(s)://host, with a venue of {', '.join(COLLECTABLE)}")
        urls[venue] = url
    return urls


class CcxtExchange:
    """A venue reached through ccxt; satisfies ``Exchange``."""

    def __init__(self, source: Source, client: CcxtClient) -> None:
        self.venue = source.venue
        self.calls: frozenset[CallName] = frozenset({"contract", *source.calls})
        self.streams_liquidations = source.parse_liquidations is not None
        self._source = source
        self._client = client
        self._listings: dict[str, Listing] = {}  # by ccxt's name
        self._by_symbol: dict[str, Listing] = {}
        self._loaded_at = 0.0
        self._loading: asyncio.Task[None] | None = None
        self._answers: dict[str, tuple[float, asyncio.Task[Any]]] = {}

    async def load_markets(self) -> None:
        """Read the list of contracts; on failure the previous list is kept.

        Raises:
            FetchError: the venue gave no usable answer.
        """
        # One task for all callers: the cancellation of one must not cancel the others.
        if self._loading is None or self._loading.done():
            self._loading = _start_shared(self._read_markets())
        await asyncio.shield(self._loading)

    async def _read_markets(self) -> None:
        await self._client.start()
        markets = await _as_fetch_errors(self._client.fetch_perpetuals())
        listings = {market["symbol"]: found for market in markets if (found := self._parse_listing(market)) is not None}
        if not listings:
            raise FetchError("unreadable", "no perpetual is listed")
        self._listings = listings
        self._by_symbol = {listing.symbol: listing for listing in listings.values()}
        self._loaded_at = time.monotonic()

    def _parse_listing(self, market: Mapping[str, Any]) -> Listing | None:
        row = market.get("info")
        symbol = row.get(self._source.symbol_key) if isinstance(row, dict) else None
        if not isinstance(row, dict) or not isinstance(symbol, str):
            return None
        parser = CheckedParser(now=datetime.now(UTC))
        inverse, linear = market.get("inverse") is True, market.get("linear") is True
        if inverse == linear:
            parser.leave_out("contract", "absurd")
            terms = ContractTerms()
        else:
            terms = self._source.parse_terms("inverse" if inverse else "linear", row, parser)
        return Listing(
            symbol=symbol, settle=str(market.get("settleId")), terms=terms, row=row, left_out=parser.left_out
        )

    def symbol_of(self, market: str) -> str:
        """The venue's own id of the contract.

        Raises:
            UnknownMarketError: it is not a perpetual of this venue.
        """
        listing = self._listings.get(market)
        if listing is None:
            raise UnknownMarketError(f"{self.venue} lists no perpetual {market}")
        if not _SYMBOL.fullmatch(listing.symbol):
            raise UnknownMarketError(f"the id of {market} at {self.venue}, {listing.symbol!r}, cannot be a symbol")
        return listing.symbol

    async def fetch(self, call: CallName, market: str, *, now: datetime) -> Observation:
        """The answer to one call, without retries.

        Raises:
            FetchError: the venue gave no usable answer.
        """
        if not self._listings or (call == "contract" and time.monotonic() - self._loaded_at > _MARKETS_SECONDS):
            await self.load_markets()
        listing = self._find_listing(market)
        if call == "contract":
            return _observe_contract(listing)
        query = Query(request=self._request, listing=listing, now=now)
        return await _as_fetch_errors(self._source.calls[call](query))

    def _find_listing(self, market: str) -> Listing:
        if market not in self._listings:
            raise FetchError("refused", f"{self.venue} lists no perpetual {market}")
        return self._listings[market]

    async def _request(self, endpoint: str, params: Mapping[str, Any], *, shared: bool = False) -> Any:
        if not shared:
            return await self._client.request(endpoint, params)
        key = f"{endpoint} {sorted(params.items())}"
        sent_at, answer = self._answers.get(key, (0.0, None))
        if answer is None or time.monotonic() - sent_at > _SHARED_SECONDS or _has_failed(answer):
            answer = _start_shared(self._client.request(endpoint, params))
            self._answers[key] = (time.monotonic(), answer)
        return await asyncio.shield(answer)

    async def stream_liquidations(self, market: str) -> AsyncGenerator[Observation, None]:
        """Liquidations as they happen.

        An observation whenever the venue has sent anything, even the answer to a ping, at most once a second; each
        covers the time since the one before, the first covers nothing.

        Raises:
            FetchError: the stream has ended.
        """
        if not self._listings:
            await self.load_markets()
        listing = self._find_listing(market)
        parse = self._source.parse_liquidations
        if parse is None:
            raise FetchError("refused", f"{self.venue} has no stream of liquidations")
        stream = self._client.open_stream(market)
        covered_since = None
        try:
            while (end := await stream.wait_ended(seconds=self._client.heartbeat_seconds)) is None:
                last_message_at = stream.last_message_at()
                if last_message_at is not None and last_message_at != covered_since:
                    yield self._to_observation(parse, stream.take_messages(), listing, covered_since=covered_since)
                    covered_since = last_message_at
            if rest := stream.take_messages():  # received before the end; what may have followed is not known
                yield self._to_observation(parse, rest, listing, covered_since=None)
            raise end
        finally:
            await stream.stop()

    def _to_observation(
        self, parse: ParseLiquidations, messages: Iterable[object], listing: Listing, *, covered_since: datetime | None
    ) -> Observation:
        liquidations: list[Liquidation] = []
        left_out: list[LeftOutField] = []
        for message in messages:
            try:
                streamed = tuple(parse(message, self._by_symbol.get, datetime.now(UTC)))
            except FetchError:
                left_out.append(LeftOutField(field="liquidations", why="mistyped"))
                continue
            for one in streamed:
                if one.symbol == listing.symbol:
                    liquidations += () if one.liquidation is None else (one.liquidation,)
                    left_out += one.left_out
        # If one could not be read, these are not all that happened.
        return Observation(
            liquidations=tuple(liquidations),
            covered_since=None if left_out else covered_since,
            left_out=tuple(left_out),
        )

    async def close(self) -> None:
        """Close all connections."""
        tasks = [answer for _, answer in self._answers.values()]
        tasks += [] if self._loading is None else [self._loading]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.close()


def _observe_contract(listing: Listing) -> Observation:
    terms = msgspec.structs.asdict(listing.terms)
    return Observation(market=MarketRecord(**terms), left_out=listing.left_out)


async def _as_fetch_errors(request: Coroutine[Any, Any, T]) -> T:
    """The result of ``request``, with any error turned into a ``FetchError``."""
    try:
        return await request
    except Exception as error:
        raise to_fetch_error(error) from error


def _start_shared(request: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task for any number of callers, who receive its error; without one, the error counts as retrieved."""
    task = asyncio.ensure_future(request)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return task


def _has_failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
