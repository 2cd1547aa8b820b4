"""Health of the store: timing of its operations, current failure reasons, and what a probe must verify."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Literal, TypeVar

from cachetools import LRUCache

from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.store import Degraded, Ignored, Listener, Operation, Reason, Recovered, StoreError

T = TypeVar("T")

_WRITE_REASONS: Final = ("store-full", "store-read-only")  # reads still work
_MAX_SUSPECTS: Final = 100
_MAX_REPORTED: Final = 10_000


class StoreHealth:
    """The store's health; changes are reported to a listener."""

    def __init__(self, on_event: Listener, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.reason: Reason | None = None  # why the store is not asked, and cached values are used
        self.write_reason: Reason | None = None  # why changes fail, though reads work
        self.suspects: tuple[MarketKey, ...] = ()  # keys whose read failed: a probe must read them
        self.refresh_needed = asyncio.Event()  # the store has failed, or its content has changed
        self._on_event = on_event
        self._reported: LRUCache[str, bytes] = LRUCache(_MAX_REPORTED)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """All current failure reasons."""
        found = dict.fromkeys((self.reason, self.write_reason))
        return tuple(reason for reason in found if reason is not None)

    async def measure(self, operation: str, command: Awaitable[T]) -> T:
        """Await an operation of the store and report its outcome and duration.

        Raises:
            StoreError: the operation failed.
        """
        started = self.clock()
        outcome: Literal["ok", "failed"] = "failed"
        try:
            answered = await command
            outcome = "ok"
        finally:
            self._on_event(Operation(operation=operation, outcome=outcome, seconds=self.clock() - started))
        return answered

    async def measure_write(self, operation: str, command: Awaitable[T]) -> T:
        """Await a write like ``measure``, and update whether the store accepts writes.

        Raises:
            StoreError: the write failed.
        """
        try:
            answered = await self.measure(operation, command)
        except StoreError as error:
            if error.reason in _WRITE_REASONS and self.write_reason is None:
                self.write_reason = error.reason
                self._on_event(Degraded(reason=error.reason))
                self.refresh_needed.set()
            raise
        if self.write_reason is not None:
            known, self.write_reason = self.write_reason, None
            self._on_event(Recovered(reason=known))
        return answered

    def degrade(self, reason: Reason, suspects: Iterable[MarketKey] = ()) -> None:
        """Stop waiting for the store until a probe has succeeded, including a read of ``suspects``."""
        self.suspects = tuple(dict.fromkeys((*self.suspects, *suspects)))[:_MAX_SUSPECTS]
        known, self.reason = self.reason, reason
        if known is None:
            self._on_event(Degraded(reason=reason))
            self.refresh_needed.set()

    def recover(self) -> None:
        """The store works again, including reads of the suspects."""
        self.suspects = ()
        known, self.reason = self.reason, None
        if known is not None:
            self._on_event(Recovered(reason=known))

    def report_ignored(self, key: str, value: bytes, error: Exception) -> None:
        """Report that a stored value is unusable, once per value."""
        if self._reported.get(key) != value:
            self._reported[key] = value
            self._on_event(Ignored(key=key, why=str(error)))
