"""The parameters in force: bundled cards with operators' overrides, and market records.

Overrides are held in the process and refreshed beside the requests, never on their way. Market records are read on the
way, within a deadline; once it is missed, or the store fails, nothing waits for the store until it has answered again,
and answers go on with what is known.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, Literal, NamedTuple, TypeVar

import msgspec
from cachetools import LRUCache

from adlrisk.domain.rules import VenueRules
from adlrisk.venues.catalogue import Catalogue, Venue
from adlrisk.venues.overrides import (
    Override,
    UnreadableError,
    decode_override,
    encode_override,
    overridden,
    patched,
)
from adlrisk.venues.records import KeptRecord, MarketKey, decode_record, encode_record
from adlrisk.venues.store import (
    Degraded,
    Ignored,
    Listener,
    Operation,
    Reason,
    Recovered,
    Store,
    StoreError,
    StoreKind,
)

T = TypeVar("T")

_WRITE_REASONS: Final = ("store-full", "store-read-only")  # reading goes on
_FRESH_SECONDS: Final = 1.0  # how long a record that was read, or its absence, is not asked for again
_PROBE_SECONDS: Final = 1.0  # how often a failing store is asked again
_MOST_RECORDS: Final = 10_000
_MOST_SUSPECTS: Final = 100
_DECODED_AT_ONCE: Final = 200  # records, before other requests have their turn
_KEYS_PER_DEADLINE: Final = 1000  # a batch may wait a deadline for each so many
_ATTEMPTS: Final = 20  # of a change that others keep forestalling


class RevisionMismatchError(Exception):
    """The card has another revision than the caller expects."""

    def __init__(self, revision: str) -> None:
        super().__init__(revision)
        self.revision = revision


class UnreadableOverrideError(Exception):
    """What is kept for the venue is of another format, so it cannot be built upon."""


class _Read(NamedTuple):
    record: KeptRecord | None
    read_at: float


class Parameters:
    """The venues in force and the market records, from one store."""

    def __init__(
        self,
        catalogue: Catalogue,
        store: Store,
        *,
        deadline_seconds: float = 0.05,
        refresh_seconds: float = 5.0,
        on_event: Listener = lambda _event: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bundled = catalogue
        self._venues = catalogue
        self._store = store
        self._deadline_seconds = deadline_seconds
        self._refresh_seconds = refresh_seconds
        self._on_event = on_event
        self._clock = clock
        self._kept: Mapping[str, bytes] = {}
        self._reason: Reason | None = None
        self._write_reason: Reason | None = None
        self._suspects: tuple[MarketKey, ...] = ()  # records whose reading failed: a probe has to read them
        self._refreshed_at = clock()
        self._own_changes = 0
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._records: LRUCache[MarketKey, _Read] = LRUCache(_MOST_RECORDS)
        self._asked: dict[MarketKey, asyncio.Future[None]] = {}
        self._reading: dict[MarketKey, asyncio.Future[None]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._complained: LRUCache[str, bytes] = LRUCache(_MOST_RECORDS)

    @property
    def venues(self) -> Catalogue:
        """The venues in force."""
        return self._venues

    @property
    def store(self) -> StoreKind:
        """Where parameters are kept."""
        return self._store.kind

    @property
    def reason(self) -> Reason | None:
        """Why answers rest on what is known already; ``None`` while the store answers."""
        return self._reason

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why answers rest on what is known already, and why changes cannot be made."""
        found = dict.fromkeys((self._reason, self._write_reason))
        return tuple(reason for reason in found if reason is not None)

    @property
    def staleness_seconds(self) -> float:
        """How long ago the overrides were last seen in the store."""
        return 0.0 if self._store.is_local else self._clock() - self._refreshed_at

    async def start(self) -> None:
        """Load the overrides, and keep them current from now on; without the store, begin with the bundled cards."""
        if self._store.is_local:
            return
        await self._refresh()
        self._tasks = [asyncio.create_task(self._keep_current()), asyncio.create_task(self._listen())]

    async def close(self) -> None:
        """Stop, and let go of the store."""
        tasks = [*self._tasks, *([self._reader] if self._reader else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._store.close()

    async def patch(self, venue: str, patch: Override, *, expected: frozenset[str] | None = None) -> Venue:
        """The venue's card once ``patch`` is merged into it, for all replicas.

        ``expected`` holds the revisions that the card may have now. Two patches at once are both applied.

        Raises:
            UnknownVenueError: the venue is not in the catalogue.
            RevisionMismatchError: the card has another revision.
            UnreadableOverrideError: what is kept for the venue cannot be built upon.
            msgspec.ValidationError: the result would be no valid card.
            StoreError: the store did not take it.
        """
        return await self._change(venue, lambda override: patched(override, patch), expected)

    async def reset(self, venue: str, *, expected: frozenset[str] | None = None) -> Venue:
        """The venue's bundled card, which is in force again.

        Raises:
            UnknownVenueError, RevisionMismatchError, StoreError: as for ``patch``.
        """
        return await self._change(venue, None, expected)

    async def records(self, keys: Iterable[MarketKey]) -> dict[MarketKey, KeptRecord]:
        """The records there are under ``keys``, read at most once; those known already where the store fails."""
        wanted = dict.fromkeys(keys)
        now = self._clock()
        stale = [key for key in wanted if self._is_stale(key, now)]
        if stale and self._store.is_local:
            await self._read(stale)
        elif stale and self._reason is None:
            await self._read_in_time(stale)
        found = {key: self._records[key].record for key in wanted if key in self._records}
        return {key: record for key, record in found.items() if record is not None}

    async def put_record(self, key: MarketKey, record: KeptRecord, *, now: datetime) -> None:
        """Keep a record until it expires, in place of the one there was.

        Raises:
            StoreError: the store did not take it.
        """
        lasts = (record.expires_at - now).total_seconds()
        command = self._store.put_market(key, encode_record(record), ttl_seconds=lasts)
        await self._written("put_market", command)
        self._records[key] = _Read(record, self._clock())

    async def _change(
        self, venue: str, change: Callable[[Override], Override] | None, expected: frozenset[str] | None
    ) -> Venue:
        card = self._bundled[venue].rules
        for _ in range(_ATTEMPTS):
            kept = (await self._measured("read_overrides", self._store.overrides())).get(venue)
            override: Override = {}
            if change is not None or expected is not None:
                override = self._override_to_change(card, kept)
            current = self._bundled.overridden({venue: override})[venue]
            if expected is not None and current.ref.revision not in expected:
                raise RevisionMismatchError(current.ref.revision)
            changed = change(override) if change else None
            if changed is not None:
                overridden(card, changed)  # refused whole before anything is written
            new = None if changed is None else encode_override(changed)
            command = self._store.replace_override(venue, old=kept, new=new)
            if await self._written("replace_override", command):
                return await self._changed(venue, new)
        raise StoreError("store-refused", "others keep changing the venue")

    async def _changed(self, venue: str, new: bytes | None) -> Venue:
        """Put an own change in force here at once, and tell the others."""
        self._own_changes += 1
        others = {other: value for other, value in self._kept.items() if other != venue}
        self._adopt(others if new is None else {**others, venue: new})
        self._wake.set()  # somebody may have changed it since: the store knows
        card = self._venues[venue]
        with contextlib.suppress(StoreError):  # others find out when they refresh
            await self._measured("announce", self._store.announce())
        return card

    @staticmethod
    def _override_to_change(card: VenueRules, kept: bytes | None) -> Override:
        if kept is None:
            return {}
        try:
            override = decode_override(kept)
            overridden(card, override)
        except (UnreadableError, msgspec.ValidationError) as error:
            raise UnreadableOverrideError(str(error)) from error
        return override

    async def _keep_current(self) -> None:
        while True:
            pause = self._refresh_seconds if self._reason is None else _PROBE_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            self._wake.clear()
            if self._reason is not None:
                await asyncio.sleep(_PROBE_SECONDS)  # what failed a moment ago has a moment to mend
            await self._refresh()

    async def _listen(self) -> None:
        """Refresh when a message says so; after a lost connection once more, for messages may have been lost."""
        while True:
            with contextlib.suppress(StoreError):
                async for _ in self._store.changes():
                    self._wake.set()
            await asyncio.sleep(_PROBE_SECONDS)

    async def _refresh(self) -> None:
        """See what is in the store, whether it answers in time, and whether what has failed works again."""
        suspects = self._suspects
        try:
            slow = await self._read_overrides()
            if suspects:
                started = self._clock()
                await self._measured("probe", self._store.markets(suspects))
                slow = slow or self._clock() - started > self._deadline_seconds
            if self._write_reason is not None:
                await self._probe_writing()
        except StoreError as error:
            self._degrade(error.reason)
            return
        except Exception as error:  # noqa: BLE001 (whatever it is: the next refresh has to come)
            self._on_event(Ignored(key="the store's answer", why=repr(error)))
            self._degrade("store-refused")
            return
        if slow:
            self._degrade("store-slow")
        elif suspects == self._suspects:
            self._suspects = ()
            self._recover()

    async def _read_overrides(self) -> bool:
        """Put in force what the store holds; whether it took longer than the deadline."""
        while True:
            own_changes, started = self._own_changes, self._clock()
            kept = await self._measured("read_overrides", self._store.overrides())
            if own_changes == self._own_changes:  # else what was read may be older than what was written
                break
        self._refreshed_at = self._clock()
        self._adopt(kept)
        return self._refreshed_at - started > self._deadline_seconds

    async def _probe_writing(self) -> None:
        with contextlib.suppress(StoreError):
            await self._written("probe_writing", self._store.check_writable())

    def _degrade(self, reason: Reason, suspects: Iterable[MarketKey] = ()) -> None:
        self._suspects = tuple(dict.fromkeys((*self._suspects, *suspects)))[:_MOST_SUSPECTS]
        known, self._reason = self._reason, reason
        if known is None:
            self._on_event(Degraded(reason=reason))
            self._wake.set()

    def _recover(self) -> None:
        known, self._reason = self._reason, None
        if known is not None:
            self._on_event(Recovered(reason=known))

    def _adopt(self, kept: Mapping[str, bytes]) -> None:
        """Put the overrides in force; those that cannot be used are left out."""
        if kept == self._kept:
            return
        overrides = {venue: override for venue, value in kept.items() if (override := self._usable(venue, value))}
        self._kept = kept
        self._venues = self._bundled.overridden(overrides)

    def _usable(self, venue: str, value: bytes) -> Override | None:
        try:
            override = decode_override(value)
            overridden(self._bundled[venue].rules, override)
        except (UnreadableError, LookupError, msgspec.ValidationError) as error:
            self._ignore(f"override of {venue[:64]}", value, error)
            return None
        return override

    async def _read_in_time(self, keys: list[MarketKey]) -> None:
        """Read ``keys``, together with all that others ask for meanwhile, but wait no longer than the deadline."""
        loop = asyncio.get_running_loop()
        answers = {self._reading.get(key) or self._asked.setdefault(key, loop.create_future()) for key in keys}
        if self._reader is None:
            self._reader = asyncio.create_task(self._read_what_is_asked())
        patience = self._deadline_seconds * (1 + len(keys) // _KEYS_PER_DEADLINE)
        _, late = await asyncio.wait(answers, timeout=patience)
        if late:
            self._degrade("store-slow", keys)

    async def _read_what_is_asked(self) -> None:
        """One read after the other, each of all that was asked for while the one before was on its way."""
        await asyncio.sleep(0)  # so that requests that came in together are read together
        try:
            while self._asked:
                self._reading, self._asked = self._asked, {}
                if self._reason is None:
                    await self._read(list(self._reading))
                self._answer_all(self._reading)
                self._reading = {}
        finally:
            self._answer_all({**self._reading, **self._asked})
            self._reading, self._asked, self._reader = {}, {}, None

    @staticmethod
    def _answer_all(asked: Mapping[MarketKey, asyncio.Future[None]]) -> None:
        for answer in asked.values():
            if not answer.done():
                answer.set_result(None)

    async def _read(self, keys: list[MarketKey]) -> None:
        try:
            values = await self._measured("read_markets", self._store.markets(keys))
        except StoreError as error:
            self._degrade(error.reason, keys)
            return
        now = self._clock()
        for count, (key, value) in enumerate(zip(keys, values, strict=True), start=1):
            self._records[key] = _Read(None if value is None else self._record(key, value), now)
            if count % _DECODED_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _record(self, key: MarketKey, value: bytes) -> KeptRecord | None:
        try:
            return decode_record(value)
        except UnreadableError as error:
            self._ignore(f"market record {key.venue}:{key.symbol}", value, error)
            return None

    def _is_stale(self, key: MarketKey, now: float) -> bool:
        read = self._records.get(key)
        return read is None or self._store.is_local or now - read.read_at >= _FRESH_SECONDS

    def _ignore(self, key: str, value: bytes, error: Exception) -> None:
        """Say once of each value that it is ignored."""
        if self._complained.get(key) != value:
            self._complained[key] = value
            self._on_event(Ignored(key=key, why=str(error)))

    async def _written(self, operation: str, command: Awaitable[T]) -> T:
        """What the store says to a change; whether it takes changes is part of its health."""
        try:
            answered = await self._measured(operation, command)
        except StoreError as error:
            if error.reason in _WRITE_REASONS and self._write_reason is None:
                self._write_reason = error.reason
                self._on_event(Degraded(reason=error.reason))
            raise
        if self._write_reason is not None:
            known, self._write_reason = self._write_reason, None
            self._on_event(Recovered(reason=known))
        return answered

    async def _measured(self, operation: str, command: Awaitable[T]) -> T:
        started = self._clock()
        outcome: Literal["ok", "failed"] = "failed"
        try:
            answered = await command
            outcome = "ok"
        finally:
            self._on_event(Operation(operation=operation, outcome=outcome, seconds=self._clock() - started))
        return answered
