"""A venue that answers what a test puts there, a keeping in memory, and a watcher that remembers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from adlrisk.collect.adapters.observation import CallName, FetchError, Finding, LeftOut, Outcome, UnknownMarketError
from adlrisk.collect.store import LEASE_SECONDS
from adlrisk.venues.market_records import MarketKey, StoredRecord

if TYPE_CHECKING:
    from adlrisk.venues.store import StoreError

Told = Finding | FetchError | float  # over a stream; a number is so many seconds of silence
Fetch = tuple[str, CallName, Outcome]  # the venue's


class StagedExchange:
    """Answers from ``answers``, and tells ``told`` over its stream.

    What is an error is raised. ``told`` begins anew with each stream, unless it is an iterator.
    """

    def __init__(
        self,
        answers: dict[CallName, Finding | FetchError],
        *,
        venue: str = "okx",
        told: Iterable[Told] | None = None,
    ) -> None:
        self.venue = venue
        self.answers = answers
        self.told = told
        self.asked: list[tuple[CallName, str]] = []
        self.opened = 0
        self.listened = 0
        self.closed = 0
        self.fails_to_open: FetchError | None = None
        self.stalls: set[CallName] = set()

    @property
    def calls(self) -> frozenset[CallName]:
        """What there is an answer to."""
        return frozenset(self.answers)

    @property
    def tells_liquidations(self) -> bool:
        """Whether there is a stream."""
        return self.told is not None

    async def open(self) -> None:
        """Count."""
        self.opened += 1
        if self.fails_to_open is not None:
            raise self.fails_to_open

    def symbol_of(self, market: str) -> str:
        """``BTC/USDT:USDT`` is ``BTC-USDT``; nothing else is known but what has a slash."""
        if "/" not in market:
            raise UnknownMarketError(f"no perpetual {market}")
        return market.partition(":")[0].replace("/", "-")

    async def fetch(self, call: CallName, market: str, *, now: datetime) -> Finding:
        """What is staged for the call."""
        assert now.tzinfo is not None
        self.asked.append((call, market))
        if call in self.stalls:
            await asyncio.Event().wait()
        answer = self.answers[call]
        if isinstance(answer, FetchError):
            raise answer
        return answer

    async def listen(self, market: str) -> AsyncIterator[Finding]:
        """What is staged, then nothing for ever."""
        assert market
        self.listened += 1
        for one in self.told or ():
            if isinstance(one, FetchError):
                raise one
            if isinstance(one, float):
                await asyncio.sleep(one)
            else:
                yield one
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Count."""
        self.closed += 1


class MemoryKeeping:
    """Keeps in memory; fails with ``failure`` while there is one. Leases run out by ``monotonic``."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.records: dict[MarketKey, StoredRecord] = {}
        self.trails: dict[MarketKey, bytes] = {}
        self.leases: dict[str, tuple[str, float]] = {}  # by venue: who has it, and until when
        self.failure: StoreError | None = None
        self._monotonic = monotonic

    async def put_record(self, key: MarketKey, record: StoredRecord, *, lasts_seconds: float) -> None:
        """Put a record."""
        self._fail()
        assert lasts_seconds > 0.0
        self.records[key] = record

    async def trail(self, key: MarketKey) -> bytes | None:
        """The trail of a contract."""
        self._fail()
        return self.trails.get(key)

    async def put_trail(self, key: MarketKey, trail: bytes) -> None:
        """Keep the trail of a contract."""
        self._fail()
        self.trails[key] = trail

    async def lease(self, venue: str, holder: str) -> bool:
        """Take the lease if nobody else has it, or keep it."""
        self._fail()
        owner, until = self.leases.get(venue, (holder, 0.0))
        if owner != holder and self._monotonic() < until:
            return False
        self.leases[venue] = (holder, self._monotonic() + LEASE_SECONDS)
        return True

    async def release(self, venue: str, holder: str) -> None:
        """Give the lease back."""
        self._fail()
        if self.leases.get(venue, ("", 0.0))[0] == holder:
            del self.leases[venue]

    async def close(self) -> None:
        """Nothing."""

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


class Remembering:
    """A watcher that remembers what it was told."""

    def __init__(self) -> None:
        self.fetches: list[Fetch] = []
        self.ended: list[tuple[Outcome, float]] = []
        self.fields: list[LeftOut] = []
        self.leaders: list[tuple[str, bool]] = []
        self.written: list[tuple[str, bool]] = []
        self.unknown: list[str] = []
        self.skews: list[float] = []
        self.store: list[str] = []

    def leads(self, venue: str, *, is_leader: bool) -> None:
        """Remember."""
        self.leaders.append((venue, is_leader))

    def watches(self, venue: str, symbol: str) -> None:
        """Nothing to remember."""

    def fetched(self, venue: str, call: CallName, outcome: Outcome, *, seconds: float, detail: str = "") -> None:
        """Remember; a failure says what it was."""
        assert seconds >= 0.0
        assert bool(detail) is (outcome != "ok")
        self.fetches.append((venue, call, outcome))

    def stream_ended(self, venue: str, outcome: Outcome, *, seconds: float, detail: str) -> None:
        """Remember how long it lasted."""
        assert venue
        assert detail
        self.ended.append((outcome, seconds))

    def left_out(self, venue: str, left_out: LeftOut) -> None:
        """Remember."""
        assert venue
        self.fields.append(left_out)

    def wrote(self, venue: str, symbol: str, *, is_kept: bool, detail: str = "") -> None:
        """Remember."""
        assert venue
        assert bool(detail) is not is_kept
        self.written.append((symbol, is_kept))

    def clock_skew(self, venue: str, seconds: float) -> None:
        """Remember."""
        assert venue
        self.skews.append(seconds)

    def store_failed(self, detail: str) -> None:
        """Remember."""
        self.store.append(detail)

    def store_answered(self) -> None:
        """Nothing to remember."""

    def market_unknown(self, venue: str, market: str, detail: str) -> None:
        """Remember."""
        assert venue
        assert detail
        self.unknown.append(market)
