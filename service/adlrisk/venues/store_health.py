"""How the store is doing: what it was asked and how long that took, why it fails, and what a probe has to show."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, Literal, TypeVar

from cachetools import LRUCache

from adlrisk.venues.market_records import MarketKey
from adlrisk.venues.store import Degraded, Ignored, Listener, Operation, Reason, Recovered, StoreError

T = TypeVar("T")

_WRITE_REASONS: Final = ("store-full", "store-read-only")  # reading goes on
_MOST_SUSPECTS: Final = 100
_MOST_COMPLAINTS: Final = 10_000


class StoreHealth:
    """What is known of the store's health, told to a listener when it changes."""

    def __init__(self, on_event: Listener, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.reason: Reason | None = None  # why answers rest on what is known already
        self.write_reason: Reason | None = None  # why changes cannot be made, though reading goes on
        self.suspects: tuple[MarketKey, ...] = ()  # records whose reading failed: a probe has to read them
        self.has_news = asyncio.Event()  # it has failed, or its content has changed
        self._on_event = on_event
        self._complained: LRUCache[str, bytes] = LRUCache(_MOST_COMPLAINTS)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """All that is wrong with it."""
        found = dict.fromkeys((self.reason, self.write_reason))
        return tuple(reason for reason in found if reason is not None)

    async def measured(self, operation: str, command: Awaitable[T]) -> T:
        """What the store answers, counted and timed.

        Raises:
            StoreError: it does not.
        """
        started = self.clock()
        outcome: Literal["ok", "failed"] = "failed"
        try:
            answered = await command
            outcome = "ok"
        finally:
            self._on_event(Operation(operation=operation, outcome=outcome, seconds=self.clock() - started))
        return answered

    async def written(self, operation: str, command: Awaitable[T]) -> T:
        """What the store says to a change; whether it takes changes is part of its health.

        Raises:
            StoreError: it does not take it.
        """
        try:
            answered = await self.measured(operation, command)
        except StoreError as error:
            if error.reason in _WRITE_REASONS and self.write_reason is None:
                self.write_reason = error.reason
                self._on_event(Degraded(reason=error.reason))
                self.has_news.set()
            raise
        if self.write_reason is not None:
            known, self.write_reason = self.write_reason, None
            self._on_event(Recovered(reason=known))
        return answered

    def degrade(self, reason: Reason, suspects: Iterable[MarketKey] = ()) -> None:
        """From now on nobody waits for the store, until a probe has read ``suspects`` too."""
        self.suspects = tuple(dict.fromkeys((*self.suspects, *suspects)))[:_MOST_SUSPECTS]
        known, self.reason = self.reason, reason
        if known is None:
            self._on_event(Degraded(reason=reason))
            self.has_news.set()

    def recover(self) -> None:
        """It works again, suspects and all."""
        self.suspects = ()
        known, self.reason = self.reason, None
        if known is not None:
            self._on_event(Recovered(reason=known))

    def ignore(self, key: str, value: bytes, error: Exception) -> None:
        """Say that a kept value cannot be used, once of each."""
        if self._complained.get(key) != value:
            self._complained[key] = value
            self._on_event(Ignored(key=key, why=str(error)))
