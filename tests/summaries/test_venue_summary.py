"""The summaries of rule cards against the cards."""

import pytest

from adlrisk import catalogue
from adlrisk.api.endpoints.venues.answer import build_card, list_venues
from adlrisk.domain.rules.card import VenueRules
from adlrisk.summaries.layout import WIDTH
from adlrisk.summaries.venue_summary import summarise_card, summarise_venues
from adlrisk.venues.catalogue import load_catalogue
from support.facts import FACTS

VENUES = load_catalogue()


def card_of(venue: str) -> str:
    """The summary on one line, hyphens at the ends of lines joined."""
    return join(summarise_card(build_card(VENUES[venue])))


def join(text: str) -> str:
    return " ".join(text.split()).replace("- ", "-")


def texts_of(rules: VenueRules) -> list[str | None]:
    """What the card says in words, whole."""
    return [
        rules.mechanism_note,
        rules.ranking.note,
        rules.trigger.rule,
        rules.trigger.pool,
        rules.execution.note,
        rules.funding.note,
        *(text for other in rules.alternatives for text in (other.note, other.source)),
        *((rules.meter.field, rules.meter.endpoint, rules.meter.trap, rules.meter.note) if rules.meter else ()),
        *rules.fills.adl,
        *rules.unknown,
        *(text for one in rules.sources for text in (one.title, one.where, f"read {one.read}")),
    ]


@pytest.fixture(scope="module")
def listed() -> dict[str, str]:
    """The lines of the list by id."""
    return {line.split()[0]: line for line in summarise_venues(list_venues(VENUES)).splitlines()[1:]}


def test_the_list_has_a_line_for_each_venue(listed: dict[str, str]) -> None:
    """In the order of the catalogue, each with its name and how sure its rule is."""
    assert list(listed) == list(catalogue())
    for id_, line in listed.items():
        rules = VENUES[id_].rules
        assert line.endswith(f"  {rules.name}")
        assert f"  {rules.confidence or 'not known'}  " in line


@pytest.mark.parametrize(
    ("venue", "rule", "sure"),
    [
        ("binance", "profit over balance × margin ratio", "documented"),
        ("hyperliquid", "price ratio × leverage", "disputed"),
        ("dydx", "at random", "documented"),
        ("kraken", "a queue, no formula", "documented"),
        ("coinbase", "no ADL", "documented"),
    ],
)
def test_the_list_names_rule_and_confidence(listed: dict[str, str], venue: str, rule: str, sure: str) -> None:
    """As the venue's documents have it: a formula, chance, a queue without a formula, no ADL."""
    assert f"  {rule}  " in listed[venue]
    assert f"  {sure}  " in listed[venue]


def test_each_card_is_told_whole() -> None:
    """Every note, alternative, trap, mark, open question and source of a card is in its summary, at 100 columns."""
    for venue, one in VENUES.items():
        told = summarise_card(build_card(one))
        for text in texts_of(one.rules):
            assert join(text or "") in join(told), (venue, text)
        assert max(map(len, told.splitlines())) <= WIDTH, venue


@pytest.mark.parametrize("venue", ["okx", "binance", "gmx"])
def test_a_card_has_the_documented_facts(venue: str) -> None:
    """Fill price and meter as the facts that were written from the venue's documents."""
    text, facts = card_of(venue), FACTS[venue]
    assert f"fill price: {facts.price} price;" in text
    assert ("meter none" in text) == (facts.meter is None)


def test_unknown_stands_as_unknown() -> None:
    """What no source says is not left out: fees and cancelled orders at OKX, the meter and the interval at Kraken."""
    assert "fee: unknown; open orders are cancelled: unknown; in part: unknown" in card_of("okx")
    assert "open orders are cancelled: unknown; in part: yes" in card_of("hyperliquid")  # some fills were partial
    assert "rate: differs by contract or unknown" in card_of("okx")
    assert "interval unknown" in card_of("generic")


def test_a_venue_that_closes_nobody_has_no_fill_price() -> None:
    """Losses are shared at Paradex, so there is no forced fill."""
    assert "fill nobody is closed" in card_of("paradex")
    assert "price: " not in card_of("paradex").partition(" fill ")[2].partition(" fires at ")[0]


def test_aliases_are_named() -> None:
    """What requests may write instead of the id stands beside it."""
    told = summarise_card(build_card(VENUES["binance"]), aliases=["binanceusdm"])
    assert told.startswith("Binance USDⓈ-M Futures: binance or binanceusdm in requests\n")
