"""Changes of what the store holds: which fields of a card or of a market record, from which value to which."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, Struct

from adlrisk.venues.catalogue import Venue
from adlrisk.venues.market_records import MarketKey, Missing, StoredRecord
from adlrisk.venues.overrides import Override

# Whether the change was made; unknown where the store did not answer in time.
Outcome = Literal["done", "unknown"]

_NOT_OF_A_RECORD: Final = ("market", "version", "observed_at")  # the fields of the market stand beside the others


class FieldChange(Struct, frozen=True, kw_only=True):
    """A field by its path, as in ``score.leverage``, and its values in plain types; ``None``: it had none.

    ``old`` is ``UNSET`` where nobody knows what it had.
    """

    field: str
    old: Any
    new: Any


class VenueChange(Struct, frozen=True, kw_only=True):
    """A change of a venue's override, as compared and set: nothing came between ``before`` and ``after``."""

    kind: Literal["patch", "reset"]
    before: Venue
    after: Venue
    old: Override | None  # None: it could not be read, so the card was in force without it
    new: Override
    outcome: Outcome = "done"

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """The fields that the override has, changes or leaves to the card since, with their values in force."""
        if self.old is None:
            return (FieldChange(field="override", old="unreadable", new=None),)
        before, after = msgspec.to_builtins(self.before.rules), msgspec.to_builtins(self.after.rules)
        return tuple(
            FieldChange(field=".".join(path), old=_look_up(before, path), new=_look_up(after, path))
            for path in sorted(_find_differing(_as_stored(self.old), _as_stored(self.new)))
        )


class RecordChange(Struct, frozen=True, kw_only=True):
    """A market record that has replaced another, as the store had it, or none; ``unknown``: it did not tell."""

    key: MarketKey
    before: StoredRecord | Missing | Literal["unknown"]
    after: StoredRecord
    outcome: Outcome = "done"

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """The fields whose values differ, but for the time of observation."""
        new = _flatten(self.after)
        if self.before in ("unreadable", "unknown"):
            return tuple(FieldChange(field=name, old=UNSET, new=new[name]) for name in sorted(new))
        old = _flatten(self.before) if isinstance(self.before, StoredRecord) else {}
        return tuple(
            FieldChange(field=name, old=old.get(name), new=new.get(name))
            for name in sorted({*old, *new})
            if old.get(name) != new.get(name)
        )


OnVenueChange = Callable[[VenueChange], None]
OnRecordChange = Callable[[RecordChange], None]


def _flatten(record: StoredRecord) -> dict[str, Any]:
    """The fields of a record that say something: neither null nor an empty list."""
    plain: dict[str, Any] = msgspec.to_builtins(record)
    named = plain["market"] | {name: value for name, value in plain.items() if name not in _NOT_OF_A_RECORD}
    return {name: value for name, value in named.items() if value is not None and value != ()}


def _as_stored(override: Override) -> Override:
    """The override as it is read again: with lists, where a patch has tuples."""
    stored: Override = msgspec.json.decode(msgspec.json.encode(override))
    return stored


def _find_differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """The paths at which two overrides differ: to the last object that both have, where a missing one is empty."""
    for name in {**one, **other}:
        before, after = one.get(name, {}), other.get(name, {})
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from ((name, *rest) for rest in _find_differing(before, after))
        elif before != after:
            yield (name,)


def _look_up(nested: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        nested = nested.get(name) if isinstance(nested, Mapping) else None
    return nested
