"""The catalogue: all bundled rule cards, validated when loaded, each with a revision (a hash of its content)."""

import hashlib
import re
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


class CardError(ValueError):
    """An invalid rule card; the message names its file and field."""


class UnknownVenueError(KeyError):
    """There is no card under that id."""

    def __init__(self, venue: str) -> None:
        super().__init__(venue)
        self.venue = venue


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
    """The venues by id, in alphabetical order."""

    def __init__(self, cards: Mapping[str, VenueRules], *, overrides: Mapping[str, Override] | None = None) -> None:
        self._cards = cards
        self._overrides = overrides or {}
        self._venues = {id_: _venue_of(cards[id_], self._overrides.get(id_)) for id_ in sorted(cards)}

    @property
    def revision(self) -> str:
        """A short hash of all bundled cards."""
        revisions = {id_: revision_of(card) for id_, card in self._cards.items()}
        return hashlib.sha256(_CANONICAL.encode(revisions)).hexdigest()[:_REVISION_LENGTH]

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
        """The venue of that id.

        Raises:
            UnknownVenueError: there is none.
        """
        try:
            return self._venues[venue]
        except KeyError:
            raise UnknownVenueError(venue) from None

    def __contains__(self, venue: object) -> bool:
        """Whether there is a venue of that id."""
        return venue in self._venues

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
