"""Reader of market records: one read of the store after the other, each of a few keys and with a deadline.

Keys of concurrent requests are read together, and what arrives during a read is part of the next one. A single key
never waits for more than the read under way and its own: batches are read in pieces, and single keys beside each.
A read that misses the deadline degrades the store; a request that waited too long for its turn does not.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.store import Store, StoreError
from adlrisk.venues.store_health import StoreHealth
from adlrisk.venues.tasks import await_reporting_overrun, cancel_tasks, wait_with_timeout

PIECE: Final = 500  # keys of batches in one read, and as many single keys beside them

Values = Mapping[MarketKey, bytes | None]


class Read(NamedTuple):
    """What the store held: the values, for whom each was read, and when it was asked."""

    values: Values
    callers: Mapping[MarketKey, str]
    asked_at: float


class _Request(NamedTuple):
    """Keys that are waited for."""

    keys: Sequence[MarketKey]
    caller: str
    is_over: asyncio.Future[None]


class RecordReader:
    """Reads market records for all requests of a process."""

    def __init__(
        self,
        store: Store,
        health: StoreHealth,
        *,
        deadline_seconds: float,
        on_read: Callable[[Read], Awaitable[None]],
    ) -> None:
        """``on_read`` is given what each read found, however late it came, before its requests go on."""
        self._store = store
        self._health = health
        self._deadline_seconds = deadline_seconds
        self._on_read = on_read
        self._singles: deque[_Request] = deque()
        self._pieces: deque[_Request] = deque()
        self._in_flight: dict[MarketKey, asyncio.Future[None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def read(self, keys: Sequence[MarketKey], *, caller: str) -> None:
        """Return once ``keys``, at most a piece of them, have been read, or could not be in time.

        That is a deadline for the read under way, and one for their own.
        """
        waits = {future for key in keys if (future := self._in_flight.get(key)) is not None}
        others = [key for key in keys if key not in self._in_flight]
        if others:
            waits.add(self._queue(others, caller))
        await wait_with_timeout(waits, seconds=2.0 * self._deadline_seconds)

    async def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            await cancel_tasks([self._task])

    def _queue(self, keys: Sequence[MarketKey], caller: str) -> asyncio.Future[None]:
        request = _Request(keys, caller, asyncio.get_running_loop().create_future())
        (self._singles if len(keys) == 1 else self._pieces).append(request)
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        return request.is_over

    async def _run(self) -> None:
        await asyncio.sleep(0)  # so that requests that arrived together are read together
        requests: list[_Request] = []
        try:
            while self._singles or self._pieces:
                requests = self._take()
                if self._health.reason is None:
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
            size += len(self._pieces[0].keys)
            taken.append(self._pieces.popleft())
        return taken

    def _drop_queue(self) -> list[_Request]:
        """Empty the queue; returns what was in it."""
        dropped = [*self._singles, *self._pieces]
        self._singles.clear()
        self._pieces.clear()
        return dropped

    async def _read(self, requests: Sequence[_Request]) -> None:
        callers = {key: request.caller for request in requests for key in request.keys}
        keys = list(callers)
        under_way = asyncio.get_running_loop().create_future()
        self._in_flight = dict.fromkeys(keys, under_way)

        def give_up() -> None:
            self._health.degrade("store-slow", keys)
            _release([*requests, *self._drop_queue()])  # nobody waits for a store that fails
            under_way.set_result(None)

        asked_at = self._health.clock()  # the values are at most this old, however late they arrive
        command = self._health.measure("read_markets", self._store.read_markets(keys))
        try:
            values = await await_reporting_overrun(command, seconds=self._deadline_seconds, on_overrun=give_up)
            await self._on_read(Read(dict(zip(keys, values, strict=True)), callers, asked_at))
        except StoreError as error:
            self._health.degrade(error.reason, keys)
        finally:
            self._in_flight = {}
            if not under_way.done():
                under_way.set_result(None)


def _release(requests: Iterable[_Request]) -> None:
    for request in requests:
        if not request.is_over.done():
            request.is_over.set_result(None)
