"""The parameters in force: bundled cards with operators' overrides, and market records.

Overrides are held in the process and refreshed beside the requests, never on their way.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from adlrisk.domain.rules.card import VenueRules
from adlrisk.venues.catalogue import Catalogue, Venue
from adlrisk.venues.market_records import MarketKey, StoredRecord, encode_record
from adlrisk.venues.overrides import (
    Override,
    UnreadableError,
    apply_override,
    decode_override,
    encode_override,
    merge_patches,
)
from adlrisk.venues.record_cache import RecordCache
from adlrisk.venues.store import Listener, Reason, Store, StoreError, StoreKind
from adlrisk.venues.store_health import StoreHealth
from adlrisk.venues.tasks import cancel_tasks

_PROBE_SECONDS: Final = 1.0  # how often a failing store is asked again
_ATTEMPTS: Final = 20  # of a change that others keep forestalling


class RevisionMismatchError(Exception):
    """The card has another revision than the caller expects."""

    def __init__(self, revision: str) -> None:
        super().__init__(revision)
        self.revision = revision


class UnreadableOverrideError(Exception):
    """What is kept for the venue is broken or of another format, so it cannot be built upon."""


class LiveRules:
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
        self._health = StoreHealth(on_event, clock=clock)
        self._records = RecordCache(store, self._health, deadline_seconds=deadline_seconds)
        self._deadline_seconds = deadline_seconds
        self._refresh_seconds = refresh_seconds
        self._kept: Mapping[str, bytes] = {}
        self._refreshed_at = clock()
        self._own_changes = 0
        self._tasks: list[asyncio.Task[None]] = []

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
        return self._health.reason

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why answers rest on what is known already, and why changes cannot be made."""
        return self._health.reasons

    @property
    def refresh_seconds(self) -> float:
        """How often the overrides are read; 0 where nobody else can change them."""
        return 0.0 if self._store.is_local else self._refresh_seconds

    @property
    def staleness_seconds(self) -> float:
        """How long ago the overrides were last seen in the store."""
        return 0.0 if self._store.is_local else self._health.clock() - self._refreshed_at

    async def start(self) -> None:
        """Load the overrides, and keep them current from now on; without the store, begin with the bundled cards."""
        if self._store.is_local:
            return
        await self._refresh(in_time=False)  # the first time it has to connect
        self._tasks = [asyncio.create_task(self._keep_current()), asyncio.create_task(self._listen())]

    async def close(self) -> None:
        """Stop, and let go of the store."""
        await cancel_tasks(self._tasks)
        await self._records.close()
        await self._store.close()

    async def records(self, keys: Iterable[MarketKey]) -> dict[MarketKey, StoredRecord]:
        """The records there are under ``keys``, read at most once; those known already where the store fails."""
        return await self._records.get(keys)

    def cached_records(self, keys: Iterable[MarketKey]) -> dict[MarketKey, StoredRecord] | None:
        """The same where the store need not be asked; else ``None``."""
        return self._records.get_cached(keys)

    async def put_record(self, key: MarketKey, record: StoredRecord, *, now: datetime) -> None:
        """Keep a record until it expires, in place of the one there was.

        Raises:
            StoreError: the store did not take it.
        """
        lasts = (record.expires_at - now).total_seconds()
        command = self._store.put_market(key, encode_record(record), ttl_seconds=lasts)
        await self._health.measure_write("put_market", command)
        self._records.put(key, record)

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
        return await self._change(venue, lambda override: merge_patches(override, patch), expected)

    async def reset(self, venue: str, *, expected: frozenset[str] | None = None) -> Venue:
        """The venue's bundled card, which is in force again.

        Raises:
            UnknownVenueError, RevisionMismatchError, UnreadableOverrideError, StoreError: as for ``patch``.
        """
        return await self._change(venue, None, expected)

    async def _change(
        self, venue: str, change: Callable[[Override], Override] | None, expected: frozenset[str] | None
    ) -> Venue:
        card = self._bundled[venue].rules
        for _ in range(_ATTEMPTS):
            kept = (await self._health.measure("read_overrides", self._store.read_overrides())).get(venue)
            override: Override = {}
            if change is not None or expected is not None:
                override = _override_to_change(card, kept)
            current = self._bundled.with_overrides({venue: override})[venue]
            if expected is not None and current.ref.revision not in expected:
                raise RevisionMismatchError(current.ref.revision)
            changed = change(override) if change else None
            if changed is not None:
                apply_override(card, changed)  # refused whole before anything is written
            new = None if changed is None else encode_override(changed)
            command = self._store.replace_override(venue, old=kept, new=new)
            if await self._health.measure_write("replace_override", command):
                return await self._changed(venue, new)
        raise StoreError("store-refused", "others keep changing the venue")

    async def _changed(self, venue: str, new: bytes | None) -> Venue:
        """Put an own change in force here at once, and tell the others."""
        self._own_changes += 1
        others = {other: value for other, value in self._kept.items() if other != venue}
        self._adopt(others if new is None else {**others, venue: new})
        self._health.refresh_needed.set()  # somebody may have changed it since: the store knows
        card = self._venues[venue]
        with contextlib.suppress(StoreError):  # others find out when they refresh
            await self._health.measure("announce", self._store.announce())
        return card

    async def _keep_current(self) -> None:
        while True:
            if self._health.reason is None:
                await self._wait_for_news()
            if self._health.reason is not None:
                await asyncio.sleep(_PROBE_SECONDS)  # what failed a moment ago has a moment to mend
            self._health.refresh_needed.clear()
            await self._refresh()

    async def _wait_for_news(self) -> None:
        seconds = self._refresh_seconds
        if self._health.write_reason is not None:
            seconds = min(seconds, _PROBE_SECONDS)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._health.refresh_needed.wait()

    async def _listen(self) -> None:
        """Refresh when a message says so; after a lost connection once more, for messages may have been lost."""
        while True:
            with contextlib.suppress(StoreError):
                async for _ in self._store.changes():
                    self._health.refresh_needed.set()
            await asyncio.sleep(_PROBE_SECONDS)

    async def _refresh(self, *, in_time: bool = True) -> None:
        """See what is in the store, whether it answers in time, and whether what has failed works again."""
        suspects = self._health.suspects
        try:
            slow = await self._read_overrides()
            if suspects:
                slow = await self._read_slowly(suspects) or slow
            if self._health.write_reason is not None:
                await self._probe_writing()
        except StoreError as error:
            self._health.degrade(error.reason)
            return
        except Exception as error:  # noqa: BLE001 (whatever it is: the next refresh has to come)
            self._health.report_ignored("the store's answer", repr(error).encode(), error)
            self._health.degrade("store-refused")
            return
        if slow and in_time:
            self._health.degrade("store-slow")
        elif suspects == self._health.suspects:
            self._health.recover()

    async def _read_overrides(self) -> bool:
        """Put in force what the store holds; whether it took longer than the deadline."""
        while True:
            own_changes, started = self._own_changes, self._health.clock()
            kept = await self._health.measure("read_overrides", self._store.read_overrides())
            if own_changes == self._own_changes:  # else what was read may be older than what was written
                break
        self._refreshed_at = self._health.clock()
        self._adopt(kept)
        return self._refreshed_at - started > self._deadline_seconds

    async def _read_slowly(self, suspects: tuple[MarketKey, ...]) -> bool:
        """Read what could not be read; whether it took longer than the deadline."""
        started = self._health.clock()
        await self._health.measure("probe", self._store.read_markets(suspects))
        return self._health.clock() - started > self._deadline_seconds

    async def _probe_writing(self) -> None:
        with contextlib.suppress(StoreError):
            await self._health.measure_write("probe_writing", self._store.check_writable())

    def _adopt(self, kept: Mapping[str, bytes]) -> None:
        """Put the overrides in force; those that cannot be used are left out."""
        if kept == self._kept:
            return
        overrides = {venue: override for venue, value in kept.items() if (override := self._usable(venue, value))}
        self._kept = kept
        self._venues = self._bundled.with_overrides(overrides)

    def _usable(self, venue: str, value: bytes) -> Override | None:
        try:
            override = decode_override(value)
            apply_override(self._bundled[venue].rules, override)
        except (UnreadableError, LookupError, msgspec.ValidationError) as error:
            self._health.report_ignored(f"override of {venue[:64]}", value, error)
            return None
        return override


def _override_to_change(card: VenueRules, kept: bytes | None) -> Override:
    if kept is None:
        return {}
    try:
        override = decode_override(kept)
        apply_override(card, override)
    except (UnreadableError, msgspec.ValidationError) as error:
        raise UnreadableOverrideError(str(error)) from error
    return override
