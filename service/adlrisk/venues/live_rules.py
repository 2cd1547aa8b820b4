"""Live rules: the rule cards in force, which are the bundled and local cards with operators' overrides.

Overrides are held in memory and refreshed in the background, never during a request.
"""

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from adlrisk.domain.rules.card import VenueRules
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError, Venue
from adlrisk.venues.changes import OnRecordChange, OnVenueChange, VenueChange
from adlrisk.venues.clocks import Clock, system_clock
from adlrisk.venues.market_records import Lookup, MarketKey, StoredRecord
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
from adlrisk.venues.store_health import StoreHealth, is_uncertain
from adlrisk.venues.store_sync import StoreSync

_ATTEMPTS: Final = 20  # of a change while other replicas keep changing the same card


class RevisionMismatchError(Exception):
    """The card has another revision than the caller expects."""

    def __init__(self, revision: str) -> None:
        super().__init__(revision)
        self.revision = revision


class ContendedError(Exception):
    """Other replicas have changed the card before each attempt; nothing was changed."""


class UnreadableOverrideError(Exception):
    """The stored override is corrupt or in another format, so it cannot be changed."""


class LiveRules:
    """The venues in force, kept in sync with a store.

    It starts and closes everything that uses the store, so it owns the cache of market records as well.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        store: Store,
        *,
        deadline_seconds: float = 0.05,
        refresh_seconds: float = 5.0,
        on_event: Listener = lambda _event: None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Clock = system_clock,
    ) -> None:
        self._catalogue = catalogue
        self.venues = catalogue  # those in force
        self._store = store
        self._health = StoreHealth(on_event, clock=clock)
        self._records = RecordCache(store, self._health, deadline_seconds=deadline_seconds, wall_clock=wall_clock)
        self._sync = StoreSync(
            store,
            self._health,
            read=self._read_overrides,
            deadline_seconds=deadline_seconds,
            refresh_seconds=refresh_seconds,
        )
        self._refresh_seconds = refresh_seconds
        self._stored: Mapping[str, bytes] = {}
        self._refreshed_at = clock()
        self._own_changes = 0
        self._changing: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)  # by venue

    @property
    def store(self) -> StoreKind:
        """Kind of the store."""
        return self._store.kind

    @property
    def reason(self) -> Reason | None:
        """Why answers use cached values; ``None`` while the store works."""
        return self._health.reason

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why answers use cached values, and why changes fail."""
        return self._health.reasons

    @property
    def refresh_seconds(self) -> float:
        """Interval between refreshes of the overrides; 0 if only this process changes them."""
        return 0.0 if self._store.is_local else self._refresh_seconds

    @property
    def staleness_seconds(self) -> float:
        """Time since the overrides were last read from the store."""
        return 0.0 if self._store.is_local else self._health.clock() - self._refreshed_at

    async def start(self) -> None:
        """Load the overrides and keep them current; while the store fails, the cards are in force without any."""
        await self._sync.start()

    async def close(self) -> None:
        """Stop the background tasks and close the store."""
        await self._sync.close()
        await self._records.close()
        await self._store.close()

    @property
    def clock_lead_seconds(self) -> float:
        """How far ahead of this process's clock the market records of the last minutes were observed."""
        return self._records.lead.seconds

    async def records(self, keys: Iterable[MarketKey], *, caller: str = "") -> dict[MarketKey, Lookup]:
        """The market records under ``keys``, as ``RecordCache.get``."""
        return await self._records.get(keys, caller=caller)

    def cached_records(self, keys: Iterable[MarketKey]) -> dict[MarketKey, Lookup] | None:
        """The same without waiting, as ``RecordCache.get_cached``."""
        return self._records.get_cached(keys)

    async def put_record(
        self, key: MarketKey, record: StoredRecord, *, now: datetime, on_change: OnRecordChange = lambda _change: None
    ) -> None:
        """Store a market record until it expires, as ``RecordCache.put``.

        Raises:
            StoreError: the write failed.
        """
        await self._records.put(key, record, now=now, on_change=on_change)

    async def patch(
        self,
        venue: str,
        patch: Override,
        *,
        expected: frozenset[str] | None = None,
        on_change: OnVenueChange = lambda _change: None,
    ) -> Venue:
        """Merge ``patch`` into the venue's override, for all replicas; returns the venue with its new card.

        ``expected`` holds the revisions that the card may have now. Concurrent patches are both applied. ``on_change``
        is called at once when the store has made the change, or has not answered whether it has.

        Raises:
            UnknownVenueError: the venue is not in the catalogue.
            RevisionMismatchError: the card has another revision.
            ContendedError: other replicas keep changing the card.
            UnreadableOverrideError: the stored override cannot be changed.
            msgspec.ValidationError: the result would not be a valid card.
            StoreError: the write failed.
        """
        return await self._change(venue, lambda override: merge_patches(override, patch), expected, on_change)

    async def reset(
        self,
        venue: str,
        *,
        expected: frozenset[str] | None = None,
        on_change: OnVenueChange = lambda _change: None,
    ) -> Venue:
        """Remove the venue's override, for all replicas; returns the venue with its own card. ``on_change`` as above.

        Raises:
            UnknownVenueError, RevisionMismatchError, ContendedError, UnreadableOverrideError, StoreError: as for
                ``patch``.
        """
        return await self._change(venue, None, expected, on_change)

    async def _change(
        self,
        venue: str,
        change: Callable[[Override], Override] | None,
        expected: frozenset[str] | None,
        on_change: OnVenueChange,
    ) -> Venue:
        card = self._catalogue[venue].rules
        async with self._changing[card.id]:  # changes of this replica wait for each other, and do not collide
            changed = await self._compare_and_set(card, change, expected, on_change)
        with contextlib.suppress(StoreError):  # other replicas notice at their next refresh
            await self._health.measure("announce", self._store.announce())
        return changed

    async def _compare_and_set(
        self,
        card: VenueRules,
        change: Callable[[Override], Override] | None,
        expected: frozenset[str] | None,
        on_change: OnVenueChange,
    ) -> Venue:
        """Make the change where it is the next one of all replicas; returns the venue as it is in force here then."""
        venue = card.id
        for _ in range(_ATTEMPTS):
            stored = (await self._health.measure("read_overrides", self._store.read_overrides())).get(venue)
            override: Override | None
            if change is not None or expected is not None:
                override = _decode_for_change(card, stored)
            else:
                override = _decode_for_removal(card, stored)
            current = self._catalogue.with_overrides({venue: override or {}})[venue]
            if expected is not None and current.revision not in expected:
                raise RevisionMismatchError(current.revision)
            changed = change(override or {}) if change else {}
            made = VenueChange(
                kind="patch" if change else "reset",
                before=current,
                after=self._catalogue.with_overrides({venue: changed})[venue],  # validated before anything is written
                old=override,
                new=changed,
            )
            if await self._replace(made, stored=stored, on_change=on_change):
                return self._put_in_force(venue, _encode_change(made))
        raise ContendedError(venue)

    async def _replace(self, change: VenueChange, *, stored: bytes | None, on_change: OnVenueChange) -> bool:
        """Compare and set; whether the store still had what was ``stored`` before the change."""
        command = self._store.replace_override(change.after.rules.id, old=stored, new=_encode_change(change))
        try:
            is_made = await self._health.measure_write("replace_override", command)
        except BaseException as error:
            if is_uncertain(error):
                on_change(msgspec.structs.replace(change, outcome="unknown"))
            raise
        if is_made:  # before anything else is waited for: it has happened
            on_change(change)
        return is_made

    def _put_in_force(self, venue: str, new: bytes | None) -> Venue:
        """Put a change of this process in force here at once."""
        self._own_changes += 1
        others = {other: value for other, value in self._stored.items() if other != venue}
        self._apply_overrides(others if new is None else {**others, venue: new})
        self._health.refresh_needed.set()  # another replica may have changed it since
        return self.venues[venue]

    async def _read_overrides(self) -> None:
        """Put the stored overrides in force."""
        while True:
            own_changes = self._own_changes
            stored = await self._health.measure("read_overrides", self._store.read_overrides())
            if own_changes == self._own_changes:  # else the values read may be older than an own change
                break
        self._refreshed_at = self._health.clock()
        self._health.report_lost(self._stored.keys(), stored.keys())
        self._apply_overrides(stored)

    def _apply_overrides(self, stored: Mapping[str, bytes]) -> None:
        """Put the stored overrides in force, without the unusable ones."""
        if stored == self._stored:
            return
        overrides = {
            venue: override for venue, value in stored.items() if (override := self._decode_usable(venue, value))
        }
        self._stored = stored
        self.venues = self._catalogue.with_overrides(overrides)

    def _decode_usable(self, venue: str, value: bytes) -> Override | None:
        try:
            override = decode_override(value)
            card = self._catalogue[venue].rules
            if card.id != venue:
                raise UnknownVenueError(venue)  # an override is stored under the id, not an alias
            apply_override(card, override)
        except (UnreadableError, LookupError, msgspec.ValidationError) as error:
            self._health.report_ignored(f"override of {venue[:64]}", value, error)
            return None
        return override


def _encode_change(change: VenueChange) -> bytes | None:
    """What the store holds after the change; ``None``: nothing."""
    return encode_override(change.new) if change.kind == "patch" else None


def _decode_for_removal(card: VenueRules, stored: bytes | None) -> Override | None:
    """The stored override; ``None`` if it cannot be read, since it can still be removed."""
    try:
        return _decode_for_change(card, stored)
    except UnreadableOverrideError:
        return None


def _decode_for_change(card: VenueRules, stored: bytes | None) -> Override:
    if stored is None:
        return {}
    try:
        override = decode_override(stored)
        apply_override(card, override)
    except (UnreadableError, msgspec.ValidationError) as error:
        raise UnreadableOverrideError(str(error)) from error
    return override
