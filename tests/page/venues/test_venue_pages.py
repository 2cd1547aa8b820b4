"""The pages of venues: they say what ``GET /venues`` and ``GET /venues/{venue}`` answer."""

import io
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from adlrisk.api.limits.api_keys import digest_key
from adlrisk.domain.rules.card_words import CONFIDENCES, FORMULA_TITLES, PRICES, WITHOUT_FORMULA
from adlrisk.domain.rules.formulas import FORMULAS
from adlrisk.settings import Settings
from adlrisk.venues.catalogue import load_catalogue
from support.pages import Element, read_page
from support.running import API_KEY, RunningServer

IDS = list(load_catalogue())
NO_METER = {"queue": "none known", "unknown": "none known"}  # of a venue without a queue: none
each_venue = pytest.mark.parametrize("venue", IDS)


def open_page(client: httpx.Client, path: str, *, status: int = 200) -> Element:
    """A page."""
    response = client.get(path)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["content-security-policy"].startswith("default-src 'self'; ")
    return read_page(response.text)


def texts_of(value: Any) -> Iterator[str]:
    """Every text of more than one word in a card."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
    elif isinstance(value, str) and " " in value:
        yield " ".join(value.split())


def facts_of(page: Element) -> dict[str, str]:
    """The facts of a page by their names; the first of a name."""
    pairs = [(pair.one("dt").text, pair.one("dd").text) for facts in page.all("dl") for pair in facts.all("div")]
    return dict(reversed(pairs))


def row_of(page: Element, venue: str) -> dict[str, str]:
    """The cells of a venue's row by the names of the columns."""
    rows = [
        row
        for row in page.one("tbody").all("tr")
        if row.one("th").one("a").attributes["href"] == f"/page/venues/{venue}"
    ]
    assert len(rows) == 1
    return {cell.attributes["data-label"]: cell.text for cell in rows[0].all("td")}


def test_the_table_has_a_row_for_each_venue_of_the_answer(client: httpx.Client) -> None:
    """Name, mechanism or formula, meter, fill price, contracts and confidence are those of ``GET /venues``."""
    page = open_page(client, "/page/venues")
    listed = client.get("/venues").json()["venues"]
    assert len(page.one("tbody").all("tr")) == len(listed) == len(IDS)
    for venue in listed:
        cells = row_of(page, venue["id"])
        first = WITHOUT_FORMULA[venue["mechanism"]] if venue["formula"] is None else FORMULA_TITLES[venue["formula"]]
        assert cells["who is first"] == first
        assert cells["how sure"] == (venue["confidence"] or "not known")
        assert cells["ADL meter"].partition(":")[0] == (venue["meter"] or NO_METER.get(venue["mechanism"], "none"))
        closes_nobody = venue["mechanism"] in ("socialised", "none")
        assert cells["fill price"] == ("nobody is closed" if closes_nobody else PRICES[venue["fill_price"]])
        name = page.one("a", href=f"/page/venues/{venue['id']}")
        assert name.text == " ".join(venue["name"].split())


@each_venue
def test_a_row_says_what_the_card_says(client: httpx.Client, venue: str) -> None:
    """Direction of the meter, trigger, days of the sources and the number of open questions are the card's."""
    cells, card = row_of(open_page(client, "/page/venues"), venue), client.get(f"/venues/{venue}").json()
    meter, days = card["meter"], sorted(source["read"] for source in card["sources"])
    if meter is not None:
        first, last = (meter["levels"][0], meter["levels"][-1]) if meter["scale"] == "levels" else (1, 0)
        assert f": {first} first, {last} last" in cells["ADL meter"]
        assert ("(" in cells["ADL meter"]) == (meter["direction_confidence"] != "documented")
    assert cells["sources"].startswith(f"{len(days)}: {days[0]}")
    assert days[-1] in cells["sources"]
    assert cells["open questions"] == str(len(card["unknown"]) or "none noted")
    if card["trigger"]["drawdown"] is not None:
        assert f"{card['trigger']['drawdown']:.0%}".replace("%", " %") in cells["what triggers it"]
    elif card["trigger"]["rule"] is None:
        assert cells["what triggers it"] == "unknown"
    else:
        shown = cells["what triggers it"].removesuffix(" …")
        assert card["trigger"]["rule"].lower().startswith(shown.lower())
        assert cells["what triggers it"].endswith("…") == (len(shown) < len(card["trigger"]["rule"].rstrip(".")))


@each_venue
def test_a_page_has_every_text_of_its_card(client: httpx.Client, venue: str) -> None:
    """Notes, traps, history, marks, alternatives, thin sessions, sources with their days and open questions."""
    page, card = open_page(client, f"/page/venues/{venue}").one("main"), client.get(f"/venues/{venue}").json()
    shown = page.text.lower()
    assert [text for text in texts_of(card) if text.lower() not in shown] == []
    assert [source["read"] for source in card["sources"]] == [day.text for day in page.all("time")]
    assert [day.attributes["datetime"] for day in page.all("time")] == [day.text for day in page.all("time")]
    assert page.one("h1").text == " ".join(card["name"].split())
    assert [heading.attributes.get("id") for heading in page.all("h2") if heading.text == "Not known"] == ["not-known"]
    links = [link.attributes["href"] for link in page.all("a")]
    assert {f"/page?venue={venue}", f"/page/book?venue={venue}", f"/venues/{venue}"} <= set(links)


@each_venue
def test_what_is_not_known_of_a_venue_stands_as_unknown(client: httpx.Client, venue: str) -> None:
    """Terms of the fill, interval, trigger and pool say unknown where the card has null or unknown, and only there."""
    page, card = open_page(client, f"/page/venues/{venue}"), client.get(f"/venues/{venue}").json()
    facts, terms = facts_of(page), card["execution"]
    assert ("What one insurance fund covers: unknown." in page.text) == (card["trigger"]["pool"] is None)
    assert ("What triggers it: unknown." in page.text) == (card["trigger"]["rule"] is None)
    assert (facts["Funding interval"] == "unknown") == (card["funding"]["interval_hours"] is None)
    if card["mechanism"] in ("socialised", "none"):
        assert facts["Price"] == facts["Fill price"] == facts["ADL"] == "nobody is closed"
        return
    assert facts["Price"] == facts["Fill price"] == PRICES[terms["price"]]
    assert facts["Fee"] == terms["fee"]
    words = {None: "unknown", True: "yes", False: "no"}
    assert facts["Your open orders are cancelled"] == words[terms["cancels_orders"]]
    assert facts["A position can be reduced in part"] == words[terms["partial"]]
    assert (facts["ADL"] == "unknown") == (not card["fills"]["adl"])
    assert {span.text for span in page.all("span", css="unknown")} <= {"unknown"}


@each_venue
def test_a_page_says_how_to_read_the_meter(client: httpx.Client, venue: str) -> None:
    """Field, where it is, what each reading means, and how sure the direction is; or that there is none."""
    page, meter = open_page(client, f"/page/venues/{venue}"), client.get(f"/venues/{venue}").json()["meter"]
    facts = facts_of(page)
    if meter is None:
        mechanism = client.get(f"/venues/{venue}").json()["mechanism"]
        assert facts["ADL meter"] == NO_METER.get(mechanism, "none")
        assert "Field" not in facts
        return
    assert facts["Field"] == meter["field"]
    assert facts["Where"] == meter["endpoint"]
    assert facts["What its places count"] == meter["weighting"]
    confidence = meter["direction_confidence"]
    assert facts["How sure the direction is"] == f"{confidence}: {CONFIDENCES[confidence]}"
    if meter["scale"] == "levels":
        [table] = [
            table for table in page.all("table") if table.all("caption") and "reading" in table.one("caption").text
        ]
        readings = [re.split(", also ", row.one("th").text)[0] for row in table.one("tbody").all("tr")]
        assert readings == [str(level) for level in meter["levels"]]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_page_has_the_expressions_of_the_formula(client: httpx.Client, formula: str) -> None:
    """The formula by name, and its expressions for winners and losers."""
    venue = next(each["id"] for each in client.get("/venues").json()["venues"] if each["formula"] == formula)
    codes = [code.text for code in open_page(client, f"/page/venues/{venue}").all("code")]
    assert formula in codes
    assert [code for code in re.findall("``(.+?)``", FORMULAS[formula].meaning) if code not in codes] == []


def test_a_venue_is_searched_without_a_script(client: httpx.Client) -> None:
    """The search is a GET form; what was searched for stands in it, and the rows that it finds are shown."""
    form = open_page(client, "/page/venues?q=").one("form")
    assert (form.attributes["method"], form.attributes["action"], form.one("input").attributes["name"]) == (
        "get",
        "/page/venues",
        "q",
    )
    page = open_page(client, "/page/venues?q=WOOFi")
    assert [row.one("th").one("a").text for row in page.one("tbody").all("tr")] == [
        load_catalogue()["orderly"].rules.name
    ]
    assert page.one("input", name="q").attributes["value"] == "WOOFi"
    assert "1 of 39 venues" in page.text


def test_a_search_that_finds_nothing_suggests_what_is_like_it(client: httpx.Client) -> None:
    """The likest names, all venues, and the generic one."""
    page = open_page(client, "/page/venues?q=binanse")
    links = [link.attributes["href"] for link in page.one("main").all("a")]
    assert links[:2] == ["/page/venues", "/page/venues/binance"]
    assert "/page/venues/generic" in links
    assert page.all("table") == []


HOSTILE = [
    "%3Cscript%3Ealert(1)%3C",
    "%22%3E%3Cb%3E",
    "%ff%fe",
    "%00",
    "%0d%0aa:b",
    "a" * 5000,
    "%f0%9f%98%80",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("path", ["/page/venues?q=", "/page/venues/"])
def test_anything_in_an_address_comes_back_escaped(client: httpx.Client, path: str, text: str) -> None:
    """Never as markup, never a 500."""
    response = client.get(path + text)
    assert response.status_code in (200, 404)
    page = read_page(response.text)
    assert [script.attributes["src"].startswith("/page/page.") for script in page.all("script")] == [True]
    assert page.one("main").all("b", css="x") == []
    assert "\0" not in response.text
    assert len(response.content) < 60_000


def test_an_unknown_venue_is_a_page_with_suggestions(client: httpx.Client) -> None:
    """404 in HTML, in the words of the API, with what was probably meant, and the search."""
    page = open_page(client, "/page/venues/binanse", status=404)
    assert client.get("/venues/binanse").json()["detail"] in page.text
    assert page.one("main").all("li")[0].one("a").attributes["href"] == "/page/venues/binance"
    assert page.one("input", name="q").attributes["value"] == "binanse"


def test_an_alias_opens_its_venue(client: httpx.Client) -> None:
    """As in requests."""
    page = open_page(client, "/page/venues/woofipro")
    assert facts_of(page)["Name in requests"].startswith("orderly, also ")
    assert "woofipro" in facts_of(page)["Name in requests"]


def test_a_page_shows_the_card_in_force(admin: httpx.Client) -> None:
    """What operators change while the service runs is shown at once, and that they did."""
    before = admin.get("/page/venues/kraken").text
    assert "have changed this card" not in before
    change = {"score": {"leverage": 7.5}, "execution": {"price": "bankruptcy"}}
    admin.patch("/venues/kraken", json=change).raise_for_status()
    try:
        page, row = open_page(admin, "/page/venues/kraken"), row_of(open_page(admin, "/page/venues"), "kraken")
    finally:
        admin.delete("/venues/kraken/override").raise_for_status()
    assert facts_of(page)["Effective leverage"] == "7.5 or more"
    assert facts_of(page)["Fill price"] == row["fill price"] == "bankruptcy price"
    assert "have changed this card" in page.text
    assert admin.get("/page/venues/kraken").text == before


def test_a_page_that_has_not_changed_is_not_sent_again(client: httpx.Client) -> None:
    """It has an ETag."""
    for path in ("/page/venues", "/page/venues/okx"):
        etag = client.get(path).headers["etag"]
        assert client.get(path, headers={"if-none-match": etag}).status_code == 304


def test_the_pages_ask_for_a_key_where_the_api_does() -> None:
    """Without a key the cards are not shown, in HTML; with it they are."""
    with RunningServer(Settings(api_keys=digest_key(API_KEY)), log=io.StringIO()) as server:
        for path in ("/page/venues", "/page/venues/okx"):
            refused = httpx.get(server.url + path)
            assert refused.status_code == 401
            assert refused.headers["content-type"] == "text/html; charset=utf-8"
            assert "profit × leverage" not in refused.text
            shown = httpx.get(server.url + path, headers={"x-api-key": API_KEY})
            assert shown.status_code == 200
            assert "profit × leverage" in shown.text


def test_the_pages_are_small(client: httpx.Client) -> None:
    """At most 60 kB each."""
    sizes = {path: len(client.get(path).content) for path in ("/page/venues", *(f"/page/venues/{id_}" for id_ in IDS))}
    assert [path for path, size in sizes.items() if size > 60_000] == []
