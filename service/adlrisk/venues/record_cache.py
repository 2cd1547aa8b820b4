"""Read-through cache of market records: entries are fresh for a second, and records outlive the store's failures.

A request waits for the store up to a deadline. While the store fails, no request waits for it: the records known
already are used until they expire. A key that could not be read is never mistaken for one that the store does not hold.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from cachetools import LRUCache

from adlrisk.venues.absences import Absences
from adlrisk.venues.changes import OnRecordChange, RecordChange
from adlrisk.venues.clocks import Clock, ClockLead, system_clock
from adlrisk.venues.market_records import Lookup, MarketKey, StoredRecord, decode_record, encode_record
from adlrisk.venues.memory_store import MemoryStore
from adlrisk.venues.overrides import UnreadableError
from adlrisk.venues.record_reader import PIECE, Read, RecordReader
from adlrisk.venues.store import Store
from adlrisk.venues.store_health import StoreHealth, is_uncertain

_FRESH_SECONDS: Final = 1.0  # how long a record, or its absence, is not read again
_MAX_RECORDS: Final = 10_000
_DECODED_PER_TURN: Final = 100  # records per iteration of the event loop


class _CachedRecord(NamedTuple):
    record: StoredRecord | None  # None: the stored value is unusable
    read_at: float


class RecordCache:
    """Market records read or written lately, in a bounded LRU cache, and absences in one of their own."""

    def __init__(
        self,
        store: Store,
        health: StoreHealth,
        *,
        deadline_seconds: float,
        wall_clock: Clock = system_clock,
    ) -> None:
        self._store = store
        self._memory = store if isinstance(store, MemoryStore) and store.is_local else None
        self._health = health
        self._wall_clock = wall_clock
        self._records: LRUCache[MarketKey, _CachedRecord] = LRUCache(_MAX_RECORDS)
        self._absences = Absences(fresh_seconds=_FRESH_SECONDS)
        self._reader = RecordReader(store, health, deadline_seconds=deadline_seconds, on_read=self._take_over)
        self.lead = ClockLead(health.clock)

    async def get(self, keys: Iterable[MarketKey], *, caller: str = "") -> dict[MarketKey, Lookup]:
        """What is known of each of ``keys``; what is not fresh is read first, for ``caller``, unless the store fails.

        Many keys are read piece by piece, and those of other requests in between.
        """
        found: dict[MarketKey, Lookup] = {}
        for piece in _split(list(dict.fromkeys(keys))):
            now = self._health.clock()
            fresh = {key: lookup for key in piece if (lookup := self._recall(key, now)) is not None}
            found |= fresh
            stale = [key for key in piece if key not in fresh]
            if stale:
                read = await self._read(stale, caller)
                found |= {key: read.get(key) or self._recall(key, now) or self._find(key) for key in stale}
        return found

    def get_cached(self, keys: Iterable[MarketKey]) -> dict[MarketKey, Lookup] | None:
        """The same without waiting; ``None`` if the store would have to be read."""
        found: dict[MarketKey, Lookup] = {}
        now = self._health.clock()
        for key in keys:
            lookup = self._recall(key, now)
            if lookup is None and self._health.reason is None:
                return None
            found[key] = lookup or self._find(key)
        return found

    async def put(
        self, key: MarketKey, record: StoredRecord, *, now: datetime, on_change: OnRecordChange = lambda _change: None
    ) -> None:
        """Store a record until it expires, replacing the previous one, and cache it.

        ``on_change`` is called at once when the store has made the change, or has not answered whether it has.

        Raises:
            StoreError: the write failed.
        """
        lifetime = (record.expires_at - now).total_seconds()
        command = self._store.exchange_market(key, encode_record(record), ttl_seconds=lifetime)
        try:
            replaced = await self._health.measure_write("put_market", command)
        except BaseException as error:
            if is_uncertain(error):
                on_change(RecordChange(key=key, before="unknown", after=record, outcome="unknown"))
            raise
        before: Lookup = "absent" if replaced is None else self._decode(key, replaced) or "unreadable"
        on_change(RecordChange(key=key, before=before, after=record))
        self._absences.discard(key)
        self._records[key] = _CachedRecord(record, self._health.clock())

    async def close(self) -> None:
        """Stop reading."""
        await self._reader.close()

    def _recall(self, key: MarketKey, now: float) -> Lookup | None:
        """What was read under ``key`` less than a moment before ``now``, or since; ``None`` if it is to be read."""
        if self._memory is not None:
            return self._read_memory(self._memory, key, now)
        cached = self._records.get(key)
        if cached is None:
            return "absent" if self._absences.is_known(key, now=now) else None
        return (cached.record or "unreadable") if now - cached.read_at < _FRESH_SECONDS else None

    def _read_memory(self, store: MemoryStore, key: MarketKey, now: float) -> Lookup:
        """What the store in this process holds; an absence there need not be remembered."""
        value = store.market_in_memory(key)
        if value is None:
            return "absent"
        cached = self._records.get(key)
        if cached is None or now - cached.read_at >= _FRESH_SECONDS:
            cached = self._records[key] = _CachedRecord(self._decode(key, value), now)
        return cached.record or "unreadable"

    def _find(self, key: MarketKey) -> Lookup:
        """What is known of ``key`` where it could not be read: a record until it expires."""
        cached = self._records.get(key)
        if cached is None or cached.record is None or self._wall_clock() >= cached.record.expires_at:
            return "unreadable"
        return cached.record

    async def _read(self, keys: Sequence[MarketKey], caller: str) -> dict[MarketKey, Lookup]:
        return {} if self._health.reason is not None else await self._reader.read(keys, caller=caller)

    async def _take_over(self, read: Read) -> dict[MarketKey, Lookup]:
        """Cache what a read found, and return it: the cache may hold less."""
        found: dict[MarketKey, Lookup] = {}
        for count, (key, value) in enumerate(read.values.items(), start=1):
            found[key] = self._update(key, value, asked_at=read.asked_at, caller=read.callers[key])
            if count % _DECODED_PER_TURN == 0:
                await asyncio.sleep(0)
        return found

    def _update(self, key: MarketKey, value: bytes | None, *, asked_at: float, caller: str) -> Lookup:
        """Cache what the store held under ``key`` at or after ``asked_at``; a newer entry stays, and is returned."""
        cached = self._records.get(key)
        if cached is not None and cached.read_at > asked_at:
            return cached.record or "unreadable"
        if value is None:
            self._records.pop(key, None)
            self._absences.add(key, asked_at=asked_at, caller=caller)
            return "absent"
        self._absences.discard(key)
        cached = self._records[key] = _CachedRecord(self._decode(key, value), asked_at)
        return cached.record or "unreadable"

    def _decode(self, key: MarketKey, value: bytes) -> StoredRecord | None:
        try:
            record = decode_record(value)
        except UnreadableError as error:
            self._health.report_ignored(f"market record {key.venue}:{key.symbol}", value, error)
            return None
        self.lead.observe((record.observed_at - self._wall_clock()).total_seconds())
        return record


def _split(keys: Sequence[MarketKey]) -> Iterator[Sequence[MarketKey]]:
    """Pieces of ``keys`` that are read at once."""
    for start in range(0, len(keys), PIECE):
        yield keys[start : start + PIECE]
