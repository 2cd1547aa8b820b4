"""Reader of market records: one read of the store after the other, each of a few keys and with a deadline.

Keys of concurrent requests are read together, and what arrives during a read is part of the next one. A single key
never waits for more than the read under way and its own: batches are read in pieces, and single keys beside each.
A read that misses the deadline degrades the store; a request that waited too long for its turn does not.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from adlrisk.venues.market_records import Lookup, MarketKey
from adlrisk.venues.store import Store, StoreError
from adlrisk.venues.store_health import StoreHealth
from adlrisk.venues.tasks import cancel_tasks, finishes_in_time, wait_with_timeout

PIECE: Final = 500  # keys of batches in one read, and as many single keys beside them

Lookups = Mapping[MarketKey, Lookup]

_NOTHING: Final[Lookups] = {}


class Read(NamedTuple):
    """What the store held: the values, for whom each was read, and when it was asked."""

    values: Mapping[MarketKey, bytes | None]
    callers: Mapping[MarketKey, str]
    asked_at: float


class _Request(NamedTuple):
    """Keys that are waited for, and what the read of them has found."""

    keys: Sequence[MarketKey]
    caller: str
    found: asyncio.Future[Lookups]


class RecordReader:
    """Reads market records for all requests of a process."""

    def __init__(
        self,
        store: Store,
        health: StoreHealth,
        *,
        deadline_seconds: float,
        on_read: Callable[[Read], Awaitable[Lookups]],
    ) -> None:
        """``on_read`` makes records of what each read found, however late it came, before its requests go on."""
        self._store = store
        self._health = health
        self._deadline_seconds = deadline_seconds
        self._on_read = on_read
        self._singles: deque[_Request] = deque()
        self._pieces: deque[_Request] = deque()
        self._in_flight: dict[MarketKey, asyncio.Future[Lookups]] = {}
        self._task: asyncio.Task[None] | None = None
        self._reads: set[asyncio.Task[None]] = set()  # the one under way, and late ones that nobody waits for

    async def read(self, keys: Sequence[MarketKey], *, caller: str) -> dict[MarketKey, Lookup]:
        """What the store holds under those of ``keys``, at most a piece of them, that could be read in time.

        That is a deadline for the read under way, and one for their own.
        """
        waits = {future for key in keys if (future := self._in_flight.get(key)) is not None}
        others = [key for key in keys if key not in self._in_flight]
        own = self._queue(others, caller) if others else None
        if own is not None:
            waits.add(own)
        await wait_with_timeout(waits, seconds=2.0 * self._deadline_seconds)
        if own is not None and not own.done():
            own.set_result(_NOTHING)  # so that it is not read any more
        found = [future.result() for future in waits if future.done()]
        return {key: lookups[key] for lookups in found for key in keys if key in lookups}

    async def close(self) -> None:
        """Stop reading."""
        await cancel_tasks([*self._reads, *([self._task] if self._task is not None else [])])

    def _queue(self, keys: Sequence[MarketKey], caller: str) -> asyncio.Future[Lookups]:
        request = _Request(keys, caller, asyncio.get_running_loop().create_future())
        (self._singles if len(keys) == 1 else self._pieces).append(request)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return request.found

    async def _run(self) -> None:
        await asyncio.sleep(0)  # so that requests that arrived together are read together
        requests: list[_Request] = []
        try:
            while self._singles or self._pieces:
                requests = self._take()
                if requests and self._health.reason is None:
                    await self._read(requests)
                _release(requests)
        finally:
            _release([*requests, *self._drop_queue()])
            self._task = None

    def _take(self) -> list[_Request]:
        """The requests of the next read: single keys, and beside them a piece, or more as far as they fit."""
        taken = [self._singles.popleft() for _ in range(min(PIECE, len(self._singles)))]
        size = 0
        while self._pieces and (not size or size + len(self._pieces[0].keys) <= PIECE):
            piece = self._pieces.popleft()
            size += 0 if piece.found.done() else len(piece.keys)
            taken.append(piece)
        return [request for request in taken if not request.found.done()]  # others have waited too long

    def _drop_queue(self) -> list[_Request]:
        """Empty the queue; returns what was in it."""
        dropped = [*self._singles, *self._pieces]
        self._singles.clear()
        self._pieces.clear()
        return dropped

    async def _read(self, requests: Sequence[_Request]) -> None:
        """Read for ``requests``; beyond the deadline nobody waits, but what comes late is used later."""
        under_way = asyncio.get_running_loop().create_future()
        callers = {key: request.caller for request in requests for key in request.keys}
        self._in_flight = dict.fromkeys(callers, under_way)
        reading = asyncio.create_task(self._fetch(requests, callers, under_way))
        self._reads.add(reading)
        reading.add_done_callback(self._reads.discard)
        if not await finishes_in_time(reading, seconds=self._deadline_seconds):
            self._health.degrade("store-slow", callers)
            _release([*requests, *self._drop_queue()])  # nobody waits for a store that fails
        self._end_flight(under_way, _NOTHING)

    async def _fetch(
        self, requests: Sequence[_Request], callers: Mapping[MarketKey, str], under_way: asyncio.Future[Lookups]
    ) -> None:
        keys = list(callers)
        asked_at = self._health.clock()  # the values are at most this old, however late they arrive
        try:
            values = await self._health.measure("read_markets", self._store.read_markets(keys))
        except StoreError as error:
            self._health.degrade(error.reason, keys)
            return
        found = await self._on_read(Read(dict(zip(keys, values, strict=True)), callers, asked_at))
        for request in requests:
            _resolve(request.found, found)
        self._end_flight(under_way, found)

    def _end_flight(self, under_way: asyncio.Future[Lookups], found: Lookups) -> None:
        """Nobody else joins this read: what it found gets older."""
        _resolve(under_way, found)
        if under_way in self._in_flight.values():
            self._in_flight = {}


def _release(requests: Iterable[_Request]) -> None:
    for request in requests:
        _resolve(request.found, _NOTHING)


def _resolve(future: asyncio.Future[Lookups], found: Lookups) -> None:
    if not future.done():
        future.set_result(found)
