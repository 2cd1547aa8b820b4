"""The search among venues."""

import pytest

from adlrisk.api.endpoints.venues.answer import build_card
from adlrisk.page.venues.search import find_venues, suggest_venues
from adlrisk.venues.catalogue import load_catalogue

CATALOGUE = load_catalogue()
CARDS = [build_card(venue) for venue in CATALOGUE.values()]


def find(query: str) -> list[str]:
    """Ids of the venues found."""
    return [card.id for card in find_venues(CARDS, query, aliases=CATALOGUE.aliases)]


def suggest(query: str) -> list[str]:
    """Ids of the venues suggested."""
    return [card.id for card in suggest_venues(CARDS, query, aliases=CATALOGUE.aliases)]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("binance", ["binance", "binance_coinm"]),
        ("  BINANCE  coin-m ", ["binance_coinm"]),
        ("binanceusdm", ["binance"]),  # ccxt's id
        ("deepcoin", ["bitmex_family"]),  # an alias
        ("WOOFi", ["orderly"]),
        ("huobi", ["htx"]),  # its former name
        ("crypto.com", ["cryptocom"]),
        ("usdⓢ", ["binance"]),
        ("nowhere", []),
        ("---", []),
        ("\x00", []),
        ("<script>", []),
    ],
)
def test_a_venue_is_found_by_any_of_its_names(query: str, ids: list[str]) -> None:
    """By id, name, alias, ccxt's id and former name, in any spelling of capitals and signs."""
    assert find(query) == ids


@pytest.mark.parametrize("query", ["", "   "])
def test_a_blank_search_finds_all(query: str) -> None:
    """Nothing asked is nothing left out."""
    assert find(query) == list(CATALOGUE)


@pytest.mark.parametrize("alias", sorted(CATALOGUE.aliases))
def test_every_alias_finds_its_venue(alias: str) -> None:
    """A name that requests may use is found."""
    assert CATALOGUE.aliases[alias] in find(alias)


@pytest.mark.parametrize(
    ("query", "first"),
    [("binanse", "binance"), ("hyperlqiuid", "hyperliquid"), ("krakn", "kraken"), ("BitMax", "bitmex")],
)
def test_a_misspelt_name_suggests_what_was_meant(query: str, first: str) -> None:
    """The likest name comes first."""
    assert suggest(query)[0] == first


@pytest.mark.parametrize("query", ["", "---", "qqqqqqqq", "x" * 100_000])
def test_nothing_is_suggested_for_what_is_like_no_name(query: str) -> None:
    """A suggestion is no guess."""
    assert suggest(query) == []
