"""Health of the store: timing of its operations, current failure reasons, and what a probe must verify."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import Final, Literal, TypeVar

from cachetools import LRUCache

from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.store import (
    Degraded,
    Evicting,
    Ignored,
    Listener,
    Operation,
    OverridesLost,
    Reason,
    Recovered,
    StoreError,
)

T = TypeVar("T")

_UNANSWERED: Final = ("store-slow", "store-unreachable")  # it may have done what it was asked
_WRITE_REASONS: Final = ("store-full", "store-read-only")  # reads still work
_MAX_SUSPECTS: Final = 100
_MAX_REPORTED: Final = 10_000


def is_uncertain(error: BaseException) -> bool:
    """Whether a write that ended in ``error`` may have been made: the store did not answer, or nobody waited for it."""
    return isinstance(error, asyncio.CancelledError) or (isinstance(error, StoreError) and error.reason in _UNANSWERED)


class StoreHealth:
    """The store's health; changes are reported to a listener."""

    def __init__(self, on_event: Listener, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.reason: Reason | None = None  # why the store is not asked, and cached values are used
        self.write_reason: Reason | None = None  # why changes fail, though reads work
        self.suspects: tuple[MarketKey, ...] = ()  # keys whose read failed: a probe must read them
        self.refresh_needed = asyncio.Event()  # the store has failed, or its content has changed
        self.change_announced = False  # a replica has changed overrides since they were last read
        self._on_event = on_event
        self._eviction_policy: str | None = None
        self._missing: frozenset[str] = frozenset()  # overrides that were gone when last read, unannounced
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

    def report_eviction(self, policy: str | None) -> None:
        """Report the policy by which the store may remove overrides, when it has become known."""
        known, self._eviction_policy = self._eviction_policy, policy
        if policy is not None and policy != known:
            self._on_event(Evicting(policy=policy))

    def report_lost(self, before: AbstractSet[str], now: AbstractSet[str]) -> None:
        """Report overrides that are gone and were not removed by a replica, the next time that overrides are read.

        Not at once, since a replica announces a removal after it.
        """
        announced, self.change_announced = self.change_announced, False
        lost = self._missing - now
        self._missing = frozenset() if announced else frozenset(before - now)
        if lost and not announced:
            self._on_event(OverridesLost(venues=tuple(sorted(lost))))

    def report_ignored(self, key: str, value: bytes, error: Exception) -> None:
        """Report that a stored value is unusable, once per value."""
        if self._reported.get(key) != value:
            self._reported[key] = value
            self._on_event(Ignored(key=key, why=str(error)))
