"""Read-through cache of market records: entries are fresh for a second, and concurrent reads are batched.

A request waits for the store up to a deadline. Once that is missed, or the store fails, no request waits for it until
a probe succeeds; cached records are used meanwhile.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from cachetools import LRUCache

from adlrisk.venues.market_records import MarketKey, StoredRecord, decode_record, encode_record
from adlrisk.venues.overrides import UnreadableError
from adlrisk.venues.store import Store, StoreError
from adlrisk.venues.store_health import StoreHealth
from adlrisk.venues.tasks import cancel_tasks, wait_with_timeout

_FRESH_SECONDS: Final = 1.0  # how long a record, or its absence, is not read again
_MAX_RECORDS: Final = 10_000
_DECODED_PER_TURN: Final = 200  # records per iteration of the event loop
_KEYS_PER_DEADLINE: Final = 1000  # a batch may wait one deadline per so many keys


class _CachedRecord(NamedTuple):
    record: StoredRecord | None
    read_at: float


class RecordCache:
    """Market records read or written lately, in a bounded LRU cache."""

    def __init__(self, store: Store, health: StoreHealth, *, deadline_seconds: float) -> None:
        self._store = store
        self._health = health
        self._deadline_seconds = deadline_seconds
        self._records: LRUCache[MarketKey, _CachedRecord] = LRUCache(_MAX_RECORDS)
        self._queued: dict[MarketKey, asyncio.Future[None]] = {}
        self._in_flight: dict[MarketKey, asyncio.Future[None]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def get(self, keys: Iterable[MarketKey]) -> dict[MarketKey, StoredRecord]:
        """The records under ``keys``, each read at most once; if the store fails, the cached ones."""
        wanted = list(dict.fromkeys(keys))
        now = self._health.clock()
        reads = ((key, self._records.get(key)) for key in wanted)
        stale = [key for key, read in reads if read is None or now - read.read_at >= _FRESH_SECONDS]
        if stale and self._store.is_local:
            await self._read(stale)
        elif stale and self._health.reason is None:
            await self._read_within_deadline(stale)
        found = {key: self._records[key].record for key in wanted if key in self._records}
        return {key: record for key, record in found.items() if record is not None}

    def get_cached(self, keys: Iterable[MarketKey]) -> dict[MarketKey, StoredRecord] | None:
        """The same without waiting; ``None`` if the store would have to be read."""
        now, may_read = self._health.clock(), self._health.reason is None
        found = {}
        for key in keys:
            read = self._records.get(key)
            if may_read and (read is None or now - read.read_at >= _FRESH_SECONDS):
                values = self._store.markets_in_memory([key])
                if values is None:
                    return None
                read = self._update(key, values[0], asked_at=now)
            if read is not None and read.record is not None:
                found[key] = read.record
        return found

    async def put(self, key: MarketKey, record: StoredRecord, *, now: datetime) -> None:
        """Store a record until it expires, replacing the previous one, and cache it.

        Raises:
            StoreError: the write failed.
        """
        lifetime = (record.expires_at - now).total_seconds()
        command = self._store.put_market(key, encode_record(record), ttl_seconds=lifetime)
        await self._health.measure_write("put_market", command)
        self._records[key] = _CachedRecord(record, self._health.clock())

    async def close(self) -> None:
        """Stop the reader task."""
        if self._reader is not None:
            await cancel_tasks([self._reader])

    def _update(self, key: MarketKey, value: bytes | None, *, asked_at: float) -> _CachedRecord:
        """Cache what the store held under ``key`` at or after ``asked_at``; a newer entry stays."""
        known = self._records.get(key)
        if known is not None and known.read_at > asked_at:
            return known
        record = None if value is None else self._decode(key, value)
        read = self._records[key] = _CachedRecord(record, asked_at)
        return read

    async def _read_within_deadline(self, keys: list[MarketKey]) -> None:
        """Read ``keys``, batched with those of concurrent requests; wait at most the deadline."""
        loop = asyncio.get_running_loop()
        answers = {self._in_flight.get(key) or self._queued.setdefault(key, loop.create_future()) for key in keys}
        if self._reader is None:
            self._reader = asyncio.create_task(self._read_queued())
        patience = self._deadline_seconds * (1 + len(keys) // _KEYS_PER_DEADLINE)
        if not await wait_with_timeout(answers, seconds=patience):
            self._health.degrade("store-slow", keys)

    async def _read_queued(self) -> None:
        """Read in sequence, each time all keys that were queued during the previous read."""
        await asyncio.sleep(0)  # so that requests that arrived together are read together
        try:
            while self._queued:
                self._in_flight, self._queued = self._queued, {}
                if self._health.reason is None:
                    await self._read(list(self._in_flight))
                _release_waiters(self._in_flight)
                self._in_flight = {}
        finally:
            _release_waiters({**self._in_flight, **self._queued})
            self._in_flight, self._queued, self._reader = {}, {}, None

    async def _read(self, keys: list[MarketKey]) -> None:
        asked_at = self._health.clock()  # the values are at most this old, however late they arrive
        try:
            values = await self._health.measure("read_markets", self._store.read_markets(keys))
        except StoreError as error:
            self._health.degrade(error.reason, keys)
            return
        for count, (key, value) in enumerate(zip(keys, values, strict=True), start=1):
            self._update(key, value, asked_at=asked_at)
            if count % _DECODED_PER_TURN == 0:
                await asyncio.sleep(0)

    def _decode(self, key: MarketKey, value: bytes) -> StoredRecord | None:
        try:
            return decode_record(value)
        except UnreadableError as error:
            self._health.report_ignored(f"market record {key.venue}:{key.symbol}", value, error)
            return None


def _release_waiters(asked: Mapping[MarketKey, asyncio.Future[None]]) -> None:
    for answer in asked.values():
        if not answer.done():
            answer.set_result(None)
