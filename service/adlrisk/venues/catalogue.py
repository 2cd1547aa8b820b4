"""The catalogue: all bundled rule cards, validated when loaded, each with a revision (a hash of its content)."""

import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from adlrisk.domain.rules.card import VenueRules
from adlrisk.venues.overrides import Override, apply_override

_REVISION_LENGTH: Final = 12
_ERROR_PATH: Final = re.compile(r" - at `\$\.?(?P<path>[^`]*)`\Z")
_CANONICAL: Final = msgspec.json.Encoder(order="deterministic")
_SHOWN: Final = 32  # letters of an unknown id
_NO_IDS: Final[Mapping[str, str]] = {}
_FORMER_NAMES: Final = {"huobi": "htx"}  # until 2023


class CardError(ValueError):
    """An invalid rule card; the message names its file and field."""


class UnknownVenueError(KeyError):
    """There is no card under that id. ``ids`` are those that there are, by each name that they go by."""

    def __init__(self, venue: str, ids: Mapping[str, str] = _NO_IDS) -> None:
        super().__init__(venue)
        self.venue = venue
        self._ids = ids

    def __str__(self) -> str:
        """The name, and the nearest id."""
        nearest = self.nearest
        return f"no venue {self.venue[:_SHOWN]!r}" + (f"; the nearest is {nearest!r}" if nearest else "")

    @property
    def nearest(self) -> str | None:
        """The id that was probably meant."""
        name = self.venue[:_SHOWN].strip().lower()
        alike = [known for known in self._ids if known[0] == name[:1]]  # the others would take most of the time
        found = next(iter(difflib.get_close_matches(name, alike, n=1)), None) or _FORMER_NAMES.get(name)
        return None if found is None else self._ids.get(found)


class VenueRef(Struct, frozen=True, kw_only=True):
    """The rules that an answer is based on."""

    id: Annotated[str, Meta(extra_json_schema={"$ref": "#/components/schemas/VenueId"})]
    revision: Annotated[str, Meta(description="Short hash of the rule card in force.")]
    source: Annotated[
        Literal["catalogue", "override"],
        Meta(description="`catalogue`: the bundled card; `override`: changed by this service's operators."),
    ]


class Venue(Struct, frozen=True, kw_only=True):
    """A rule card in force, and the reference to it in answers."""

    rules: VenueRules
    ref: VenueRef


class Catalogue(Mapping[str, Venue]):
    """The venues by id, in alphabetical order; each is also found under its aliases, which are not among the ids."""

    def __init__(self, cards: Mapping[str, VenueRules], *, overrides: Mapping[str, Override] | None = None) -> None:
        self._cards = cards
        self._overrides = overrides or {}
        self._venues = {id_: _venue_of(cards[id_], self._overrides.get(id_)) for id_ in sorted(cards)}
        self._aliases = _list_aliases(cards)
        self._by_name = self._venues | {alias: self._venues[id_] for alias, id_ in self._aliases.items()}

    @property
    def revision(self) -> str:
        """A short hash of all bundled cards."""
        revisions = {id_: revision_of(card) for id_, card in self._cards.items()}
        return hashlib.sha256(_CANONICAL.encode(revisions)).hexdigest()[:_REVISION_LENGTH]

    @property
    def aliases(self) -> Mapping[str, str]:
        """The ids by alias: ccxt's ids that name exactly one card and are no card's own."""
        return self._aliases

    @property
    def overrides(self) -> Mapping[str, Override]:
        """The overrides in force, by venue id."""
        return self._overrides

    def with_overrides(self, overrides: Mapping[str, Override]) -> "Catalogue":
        """A catalogue of the same bundled cards with these overrides instead of the current ones.

        Raises:
            msgspec.ValidationError: an override results in an invalid card.
        """
        return Catalogue(self._cards, overrides=overrides)

    def __getitem__(self, venue: str) -> Venue:
        """The venue of that id or alias.

        Raises:
            UnknownVenueError: there is none.
        """
        try:
            return self._by_name[venue]
        except KeyError:
            raise UnknownVenueError(venue, {name: known.ref.id for name, known in self._by_name.items()}) from None

    def __contains__(self, venue: object) -> bool:
        """Whether there is a venue of that id or alias."""
        return venue in self._by_name

    def __iter__(self) -> Iterator[str]:
        """The ids."""
        return iter(self._venues)

    def __len__(self) -> int:
        """How many venues there are."""
        return len(self._venues)


def load_catalogue(directory: Traversable | None = None) -> Catalogue:
    """The catalogue of the cards in ``directory``, by default those of this package.

    Raises:
        CardError: a card cannot be read, is invalid, or its id is not its file name.
    """
    directory = directory or files("adlrisk.venues") / "cards"
    return Catalogue(
        {
            card.name.removesuffix(".toml"): read_card(card)
            for card in directory.iterdir()
            if card.name.endswith(".toml")
        }
    )


def read_card(card: Traversable) -> VenueRules:
    """The rules of one card.

    Raises:
        CardError: the card is invalid; the message names file and field.
    """
    try:
        rules = msgspec.toml.decode(card.read_bytes(), type=VenueRules)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CardError(f"{card.name}: {_locate_error(str(error))}") from error
    if rules.id != card.name.removesuffix(".toml"):
        raise CardError(f"{card.name}: id: {rules.id!r} is not the name of the file")
    return rules


def revision_of(rules: VenueRules) -> str:
    """A short hash of the card's content."""
    return hashlib.sha256(_CANONICAL.encode(rules)).hexdigest()[:_REVISION_LENGTH]


def _list_aliases(cards: Mapping[str, VenueRules]) -> dict[str, str]:
    named = Counter(name for card in cards.values() for name in card.ccxt)
    return {
        name: id_ for id_, card in sorted(cards.items()) for name in card.ccxt if named[name] == 1 and name not in cards
    }


def _venue_of(card: VenueRules, override: Override | None) -> Venue:
    rules = apply_override(card, override) if override else card
    changed = rules != card
    ref = VenueRef(id=card.id, revision=revision_of(rules), source="override" if changed else "catalogue")
    return Venue(rules=rules, ref=ref)


def _locate_error(message: str) -> str:
    found = _ERROR_PATH.search(message)
    if found is None:
        return message
    return f"{found['path'] or 'card'}: {message[: found.start()]}"
