"""Fakes for the collector: an exchange with staged answers, a store in memory, and an observer that records."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from adlrisk.collect.adapters.observation import (
    CallName,
    FetchError,
    LeftOutField,
    Observation,
    Outcome,
    UnknownMarketError,
)
from adlrisk.collect.store import LEASE_SECONDS
from adlrisk.venues.market_records import MarketKey, StoredRecord

if TYPE_CHECKING:
    from adlrisk.venues.store import StoreError

Streamed = Observation | FetchError | float  # an event of a stream; a number is so many seconds of silence
Fetch = tuple[str, CallName, Outcome]  # by venue


class StagedExchange:
    """Answers with ``answers`` and streams ``streamed``; errors among them are raised.

    Each stream starts ``streamed`` again, unless it is an iterator.
    """

    def __init__(
        self,
        answers: dict[CallName, Observation | FetchError],
        *,
        venue: str = "okx",
        streamed: Iterable[Streamed] | None = None,
    ) -> None:
        self.venue = venue
        self.answers = answers
        self.streamed = streamed
        self.fetched: list[tuple[CallName, str]] = []
        self.loads = 0
        self.streams = 0
        self.closed = 0
        self.load_failure: FetchError | None = None
        self.stalls: set[CallName] = set()

    @property
    def calls(self) -> frozenset[CallName]:
        """The calls that are staged."""
        return frozenset(self.answers)

    @property
    def streams_liquidations(self) -> bool:
        """Whether a stream is staged."""
        return self.streamed is not None

    async def load_markets(self) -> None:
        """Count the call."""
        self.loads += 1
        if self.load_failure is not None:
            raise self.load_failure

    def symbol_of(self, market: str) -> str:
        """``BTC/USDT:USDT`` is ``BTC-USDT``; a name without a slash is unknown."""
        if "/" not in market:
            raise UnknownMarketError(f"no perpetual {market}")
        return market.partition(":")[0].replace("/", "-")

    async def fetch(self, call: CallName, market: str, *, now: datetime) -> Observation:
        """The answer that is staged for the call."""
        assert now.tzinfo is not None
        self.fetched.append((call, market))
        if call in self.stalls:
            await asyncio.Event().wait()
        answer = self.answers[call]
        if isinstance(answer, FetchError):
            raise answer
        return answer

    async def stream_liquidations(self, market: str) -> AsyncIterator[Observation]:
        """The staged events, then silence."""
        assert market
        self.streams += 1
        for one in self.streamed or ():
            if isinstance(one, FetchError):
                raise one
            if isinstance(one, float):
                await asyncio.sleep(one)
            else:
                yield one
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Count the call."""
        self.closed += 1


class MemoryCollectorStore:
    """Stores in memory; fails with ``failure`` while there is one. Leases expire by ``monotonic``."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.records: dict[MarketKey, StoredRecord] = {}
        self.histories: dict[MarketKey, bytes] = {}
        self.leases: dict[str, tuple[str, float]] = {}  # holder and expiry by venue
        self.failure: StoreError | None = None
        self._monotonic = monotonic

    async def put_record(self, key: MarketKey, record: StoredRecord, *, ttl_seconds: float) -> None:
        """Store a record."""
        self._raise_failure()
        assert ttl_seconds > 0.0
        self.records[key] = record

    async def get_history(self, key: MarketKey) -> bytes | None:
        """The stored history of a contract."""
        self._raise_failure()
        return self.histories.get(key)

    async def put_history(self, key: MarketKey, history: bytes) -> None:
        """Store the history of a contract."""
        self._raise_failure()
        self.histories[key] = history

    async def acquire_lease(self, venue: str, holder: str) -> bool:
        """Acquire the lease if no other holder has it, or renew it."""
        self._raise_failure()
        owner, until = self.leases.get(venue, (holder, 0.0))
        if owner != holder and self._monotonic() < until:
            return False
        self.leases[venue] = (holder, self._monotonic() + LEASE_SECONDS)
        return True

    async def release_lease(self, venue: str, holder: str) -> None:
        """Release the lease."""
        self._raise_failure()
        if self.leases.get(venue, ("", 0.0))[0] == holder:
            del self.leases[venue]

    async def close(self) -> None:
        """Nothing to close."""

    def _raise_failure(self) -> None:
        if self.failure is not None:
            raise self.failure


class RecordingObserver:
    """An observer that records the events it receives."""

    def __init__(self) -> None:
        self.fetches: list[Fetch] = []
        self.stream_ends: list[tuple[Outcome, float]] = []
        self.left_out: list[LeftOutField] = []
        self.leadership_changes: list[tuple[str, bool]] = []
        self.writes: list[tuple[str, bool]] = []
        self.unknown_markets: list[str] = []
        self.skews: list[float] = []
        self.store_failures: list[str] = []

    def leadership_changed(self, venue: str, *, is_leader: bool) -> None:
        """Record the event."""
        self.leadership_changes.append((venue, is_leader))

    def market_tracked(self, venue: str, symbol: str) -> None:
        """Ignored."""

    def fetched(self, venue: str, call: CallName, outcome: Outcome, *, seconds: float, detail: str = "") -> None:
        """Record the event; a failure has a detail."""
        assert seconds >= 0.0
        assert bool(detail) is (outcome != "ok")
        self.fetches.append((venue, call, outcome))

    def stream_ended(self, venue: str, outcome: Outcome, *, seconds: float, detail: str) -> None:
        """Record the outcome and the duration."""
        assert venue
        assert detail
        self.stream_ends.append((outcome, seconds))

    def field_left_out(self, venue: str, left_out: LeftOutField) -> None:
        """Record the event."""
        assert venue
        self.left_out.append(left_out)

    def write_finished(self, venue: str, symbol: str, *, is_ok: bool, detail: str = "") -> None:
        """Record the event."""
        assert venue
        assert bool(detail) is not is_ok
        self.writes.append((symbol, is_ok))

    def clock_skew_measured(self, venue: str, seconds: float) -> None:
        """Record the event."""
        assert venue
        self.skews.append(seconds)

    def store_failed(self, detail: str) -> None:
        """Record the event."""
        self.store_failures.append(detail)

    def store_answered(self) -> None:
        """Ignored."""

    def market_unknown(self, venue: str, market: str, detail: str) -> None:
        """Record the event."""
        assert venue
        assert detail
        self.unknown_markets.append(market)
