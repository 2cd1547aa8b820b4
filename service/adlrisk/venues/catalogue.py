"""The catalogue: the rule cards in force by venue, each with a revision (a hash of its content)."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from adlrisk.domain.rules.card import VenueRules
from adlrisk.venues.card_files import read_bundled_cards, read_local_cards
from adlrisk.venues.clocks import Clock, system_clock
from adlrisk.venues.nearest import find_nearest, fold_names
from adlrisk.venues.overrides import Override, apply_override

_REVISION_LENGTH: Final = 12
_CANONICAL: Final = msgspec.json.Encoder(order="deterministic")
_SHOWN: Final = 32  # letters of an unknown id
_NO_IDS: Final[Mapping[str, str]] = {}
_NO_CARDS: Final[Mapping[str, VenueRules]] = {}
_NO_OVERRIDES: Final[Mapping[str, Override]] = {}

CardSource = Literal["catalogue", "local", "override"]


class UnknownVenueError(KeyError):
    """There is no card under that id. ``ids`` are those that there are, by each name that they go by, folded."""

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
        """The id that was probably meant; ``None`` where none is near enough."""
        return find_nearest(self.venue, self._ids)


class VenueRef(Struct, frozen=True, kw_only=True):
    """The rules that an answer is based on."""

    id: Annotated[str, Meta(extra_json_schema={"$ref": "#/components/schemas/VenueId"})]
    revision: Annotated[str, Meta(description="Short hash of the rule card in force.")]
    source: Annotated[
        CardSource,
        Meta(
            description="`catalogue`: the bundled card; `local`: a card of this service's operators, from "
            "`ADLRISK_CARDS_DIR`; `override`: either, changed while the service runs."
        ),
    ]
    facts_age_days: Annotated[
        int,
        Meta(
            description="Days since the card's sources had last been read. The older, the likelier that the venue has "
            "changed its rule since."
        ),
    ]


class Venue:
    """A rule card in force."""

    __slots__ = ("_clock", "_day", "_ref", "revision", "rules", "source")

    def __init__(self, rules: VenueRules, *, source: CardSource, clock: Clock) -> None:
        self.rules = rules
        self.revision = revision_of(rules)
        self.source = source
        self._clock = clock
        self._day = 0  # of the reference, as an ordinal

    @property
    def ref(self) -> VenueRef:
        """The reference to the card in an answer of today."""
        today = self._clock().toordinal()
        if today != self._day:
            age = max(0, today - self.rules.checked.toordinal())
            self._ref = VenueRef(id=self.rules.id, revision=self.revision, source=self.source, facts_age_days=age)
            self._day = today
        return self._ref


class Catalogue(Mapping[str, Venue]):
    """The venues by id, in alphabetical order; each is also found under its aliases, which are not among the ids."""

    def __init__(
        self,
        bundled: Mapping[str, VenueRules],
        *,
        local: Mapping[str, VenueRules] = _NO_CARDS,
        overrides: Mapping[str, Override] = _NO_OVERRIDES,
        clock: Clock = system_clock,
    ) -> None:
        self._bundled = bundled
        self._local = local
        self._overrides = overrides
        self._clock = clock
        self._cards = {**bundled, **local}
        self._venues = {id_: self._build_venue(id_) for id_ in sorted(self._cards)}
        self._aliases = _list_aliases(self._cards)
        self._by_name = self._venues | {alias: self._venues[id_] for alias, id_ in self._aliases.items()}
        ids = {name: venue.rules.id for name, venue in self._by_name.items()}
        self._names = fold_names(ids, {id_: card.name for id_, card in self._cards.items()})

    @property
    def revision(self) -> str:
        """A short hash of all cards, without overrides."""
        revisions = {id_: revision_of(card) for id_, card in self._cards.items()}
        return hashlib.sha256(_CANONICAL.encode(revisions)).hexdigest()[:_REVISION_LENGTH]

    @property
    def aliases(self) -> Mapping[str, str]:
        """The ids by alias: ccxt's ids that name exactly one card and are no card's own."""
        return self._aliases

    @property
    def local(self) -> Mapping[str, VenueRules]:
        """The cards of the operators' own folder, by id."""
        return self._local

    @property
    def overrides(self) -> Mapping[str, Override]:
        """The overrides in force, by venue id."""
        return self._overrides

    def with_overrides(self, overrides: Mapping[str, Override]) -> "Catalogue":
        """A catalogue of the same cards with these overrides instead of the current ones.

        Raises:
            msgspec.ValidationError: an override results in an invalid card.
        """
        return Catalogue(self._bundled, local=self._local, overrides=overrides, clock=self._clock)

    def with_local(self, local: Mapping[str, VenueRules]) -> "Catalogue":
        """A catalogue of the same bundled cards with these local ones instead of the current ones, and no overrides."""
        return Catalogue(self._bundled, local=local, clock=self._clock)

    def __getitem__(self, venue: str) -> Venue:
        """The venue of that id or alias.

        Raises:
            UnknownVenueError: there is none.
        """
        try:
            return self._by_name[venue]
        except KeyError:
            raise UnknownVenueError(venue, self._names) from None

    def __contains__(self, venue: object) -> bool:
        """Whether there is a venue of that id or alias."""
        return venue in self._by_name

    def __iter__(self) -> Iterator[str]:
        """The ids."""
        return iter(self._venues)

    def __len__(self) -> int:
        """How many venues there are."""
        return len(self._venues)

    def _build_venue(self, id_: str) -> Venue:
        card, override = self._cards[id_], self._overrides.get(id_)
        rules = apply_override(card, override) if override else card
        source: CardSource = "local" if id_ in self._local else "catalogue"
        return Venue(rules, source=source if rules == card else "override", clock=self._clock)


def load_catalogue(*, cards: str = "", clock: Clock = system_clock) -> Catalogue:
    """The catalogue of the bundled cards and those of the folder ``cards``, which replace or add to them.

    Raises:
        CardError: a card cannot be read or is invalid.
    """
    return Catalogue(read_bundled_cards(), local=read_local_cards(cards), clock=clock)


def revision_of(rules: VenueRules) -> str:
    """A short hash of the card's content."""
    return hashlib.sha256(_CANONICAL.encode(rules)).hexdigest()[:_REVISION_LENGTH]


def _list_aliases(cards: Mapping[str, VenueRules]) -> dict[str, str]:
    named = Counter(name for card in cards.values() for name in card.ccxt)
    return {
        name: id_ for id_, card in sorted(cards.items()) for name in card.ccxt if named[name] == 1 and name not in cards
    }
