"""Market records on the way of requests: copies for a second, and one read at a time for all that ask.

A request waits for a record within a deadline. Once that is missed, or the store fails, nobody waits for it until a
probe has shown that it works again; what is known already is used meanwhile.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from cachetools import LRUCache

from adlrisk.venues.market_records import MarketKey, StoredRecord, decode_record
from adlrisk.venues.overrides import UnreadableError
from adlrisk.venues.store import Store, StoreError
from adlrisk.venues.store_health import StoreHealth
from adlrisk.venues.tasks import end_tasks, wait_in_turns

_FRESH_SECONDS: Final = 1.0  # how long a record that was read, or its absence, is not asked for again
_MOST_RECORDS: Final = 10_000
_DECODED_AT_ONCE: Final = 200  # records, before other requests have their turn
_KEYS_PER_DEADLINE: Final = 1000  # a batch may wait a deadline for each so many


class _Read(NamedTuple):
    record: StoredRecord | None
    read_at: float


class RecordCache:
    """The market records that were read lately, the least recently used leaving first."""

    def __init__(self, store: Store, health: StoreHealth, *, deadline_seconds: float) -> None:
        self._store = store
        self._health = health
        self._deadline_seconds = deadline_seconds
        self._records: LRUCache[MarketKey, _Read] = LRUCache(_MOST_RECORDS)
        self._asked: dict[MarketKey, asyncio.Future[None]] = {}
        self._reading: dict[MarketKey, asyncio.Future[None]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def get(self, keys: Iterable[MarketKey]) -> dict[MarketKey, StoredRecord]:
        """The records there are under ``keys``, read at most once; those known already where the store fails."""
        wanted = list(dict.fromkeys(keys))
        now = self._health.clock()
        reads = ((key, self._records.get(key)) for key in wanted)
        stale = [key for key, read in reads if read is None or now - read.read_at >= _FRESH_SECONDS]
        if stale and self._store.is_local:
            await self._read(stale)
        elif stale and self._health.reason is None:
            await self._read_in_time(stale)
        found = {key: self._records[key].record for key in wanted if key in self._records}
        return {key: record for key, record in found.items() if record is not None}

    def get_cached(self, keys: Iterable[MarketKey]) -> dict[MarketKey, StoredRecord] | None:
        """The same where nothing has to be waited for; else ``None``."""
        now, may_read = self._health.clock(), self._health.reason is None
        found = {}
        for key in keys:
            read = self._records.get(key)
            if may_read and (read is None or now - read.read_at >= _FRESH_SECONDS):
                values = self._store.markets_in_memory([key])
                if values is None:
                    return None
                read = self._take(key, values[0], asked_at=now)
            if read is not None and read.record is not None:
                found[key] = read.record
        return found

    def put(self, key: MarketKey, record: StoredRecord) -> None:
        """Know a record that has just been written."""
        self._records[key] = _Read(record, self._health.clock())

    async def close(self) -> None:
        """Stop reading."""
        if self._reader is not None:
            await end_tasks([self._reader])

    def _take(self, key: MarketKey, value: bytes | None, *, asked_at: float) -> _Read:
        """Take up what the store held under ``key`` some time after it was asked; what is known since then stays."""
        known = self._records.get(key)
        if known is not None and known.read_at > asked_at:
            return known
        record = None if value is None else self._decoded(key, value)
        read = self._records[key] = _Read(record, asked_at)
        return read

    async def _read_in_time(self, keys: list[MarketKey]) -> None:
        """Read ``keys``, together with all that others ask for meanwhile, but wait no longer than the deadline."""
        loop = asyncio.get_running_loop()
        answers = {self._reading.get(key) or self._asked.setdefault(key, loop.create_future()) for key in keys}
        if self._reader is None:
            self._reader = asyncio.create_task(self._read_what_is_asked())
        patience = self._deadline_seconds * (1 + len(keys) // _KEYS_PER_DEADLINE)
        if not await wait_in_turns(answers, seconds=patience):
            self._health.degrade("store-slow", keys)

    async def _read_what_is_asked(self) -> None:
        """One read after the other, each of all that was asked for while the one before was on its way."""
        await asyncio.sleep(0)  # so that requests that came in together are read together
        try:
            while self._asked:
                self._reading, self._asked = self._asked, {}
                if self._health.reason is None:
                    await self._read(list(self._reading))
                _answer_all(self._reading)
                self._reading = {}
        finally:
            _answer_all({**self._reading, **self._asked})
            self._reading, self._asked, self._reader = {}, {}, None

    async def _read(self, keys: list[MarketKey]) -> None:
        asked_at = self._health.clock()  # the values are at most as old as the question, however late they are found
        try:
            values = await self._health.measured("read_markets", self._store.markets(keys))
        except StoreError as error:
            self._health.degrade(error.reason, keys)
            return
        for count, (key, value) in enumerate(zip(keys, values, strict=True), start=1):
            self._take(key, value, asked_at=asked_at)
            if count % _DECODED_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _decoded(self, key: MarketKey, value: bytes) -> StoredRecord | None:
        try:
            return decode_record(value)
        except UnreadableError as error:
            self._health.ignore(f"market record {key.venue}:{key.symbol}", value, error)
            return None


def _answer_all(asked: Mapping[MarketKey, asyncio.Future[None]]) -> None:
    for answer in asked.values():
        if not answer.done():
            answer.set_result(None)
