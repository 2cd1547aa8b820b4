"""Search among venues by name, id, alias and the ids that ccxt has for them."""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from adlrisk.api.endpoints.venues.schema import VenueCard
from adlrisk.venues.nearest import FORMER_NAMES

_NOT_A_LETTER: Final = re.compile(r"[\W_]+")
_SUGGESTIONS: Final = 3
_LIKENESS: Final = 0.6  # of difflib's ratio, as its own default
_LONGEST: Final = 64  # letters of a search that are looked at

Aliases = Mapping[str, str]  # id by alias, as the catalogue has them


def find_venues(cards: Iterable[VenueCard], query: str, *, aliases: Aliases) -> list[VenueCard]:
    """The cards of which some name has every word of ``query``; all of them where it is blank."""
    words = _normalise(query).split()
    if query.strip() and not words:
        return []
    return [card for card in cards if _has_all(words, names_of(card, aliases=aliases))]


def suggest_venues(cards: Iterable[VenueCard], query: str, *, aliases: Aliases) -> list[VenueCard]:
    """The cards whose names are most like ``query``, the likest first; none where nothing is like it."""
    wanted = _normalise(query)
    if not wanted:
        return []
    likeness = [(max(_compare(wanted, name) for name in names_of(card, aliases=aliases)), card) for card in cards]
    likeness.sort(key=lambda pair: -pair[0])
    return [card for ratio, card in likeness if ratio >= _LIKENESS][:_SUGGESTIONS]


def names_of(card: VenueCard, *, aliases: Aliases) -> Sequence[str]:
    """Every name that a venue goes by or went by: id, name, aliases, and the ids that ccxt has for it."""
    named = (name for name, id_ in (*aliases.items(), *FORMER_NAMES.items()) if id_ == card.id)
    return tuple(dict.fromkeys((card.id, card.name, *named, *card.ccxt)))


def _has_all(words: Sequence[str], names: Sequence[str]) -> bool:
    text = " ".join(_normalise(name) for name in names)
    return all(word in text for word in words)


def _compare(wanted: str, name: str) -> float:
    """How alike they are, 0 to 1; a name of several words is as like as its likest word."""
    candidates = (_normalise(name), *_normalise(name).split())
    return max(difflib.SequenceMatcher(None, candidate, wanted).ratio() for candidate in candidates)


def _normalise(text: str) -> str:
    """Small letters and digits without accents, words apart by one space."""
    plain = unicodedata.normalize("NFKD", text[:_LONGEST]).encode("ascii", "ignore").decode()
    return _NOT_A_LETTER.sub(" ", plain.casefold()).strip()
