"""Every number on the page of a position is one of the API's answers to the same input."""

import math

import httpx
import pytest

from adlrisk.page.examples import EXAMPLES
from adlrisk.page.sections.answer import describe_score
from support.pages import BROWSER, WORKED, Element, carried_numbers, numbers_in, read_page

PAGES = {
    **EXAMPLES,
    "insolvent": {**WORKED, "margin": "1e-9", "mark_price": "2500"},
    "inverse": {**WORKED, "venue": "okx", "contract": "inverse", "contract_size": "100", "size": "500", "margin": "10"},
}


def page_of(client: httpx.Client, fields: dict[str, str]) -> Element:
    """The page for these fields."""
    return read_page(client.get("/page", params=fields, headers=BROWSER).text)


@pytest.mark.parametrize("title", PAGES)
def test_numbers_of_the_page_are_the_api_s(client: httpx.Client, title: str) -> None:
    """Each number shown carries the exact one, and that is in an answer of the API, or in what it was asked."""
    fields = dict(PAGES[title])
    exchanges = client.get("/page", params={**fields, "as": "json"}).json()
    known = set().union(*(numbers_in(each["answer"]) | numbers_in(each["request"]) for each in exchanges))
    page = page_of(client, fields)
    shown = carried_numbers(page.find("result"))
    assert len(shown) >= 9
    assert [number for number in shown if number not in known] == []


@pytest.mark.parametrize("title", PAGES)
def test_answers_of_the_page_are_those_of_the_api_itself(client: httpx.Client, title: str) -> None:
    """Each exchange behind the page, sent to the API over HTTP, is answered alike."""
    for each in client.get("/page", params={**PAGES[title], "as": "json"}).json():
        response = client.post(each["path"], json=each["request"])
        assert response.status_code == each["status"]
        assert {**response.json(), "instance": ""} == {
            **each["answer"],
            "instance": "",
        }  # a problem has its request's id


def test_shown_text_is_the_carried_number_rounded(client: httpx.Client) -> None:
    """What is read beside a number is that number, with no digit that it does not have."""
    for element in page_of(client, WORKED).find("result").all("data"):
        exact, text = float(element.attributes["value"]), element.text
        plain = text.rstrip("×%\N{NO-BREAK SPACE} ").lstrip("+").replace(",", "").replace("−", "-")
        scale = 100 if text.endswith("%") else 1
        assert math.isclose(float(plain), exact * scale, rel_tol=5e-4), (exact, text)


def test_worked_example_answers_the_three_questions(client: httpx.Client) -> None:
    """Am I next, what if the price falls by 10 %, what do I do: each has its sentence on the page."""
    page = page_of(client, WORKED)
    answer = page.find("answer").text
    assert "8 of 10" in answer
    assert "Am I next? near the front of the queue. adlQuantile reads 3" in answer
    assert "take the first action now" in answer
    assert "If the price falls 10 %? ADL: unknown . What it needs" in answer.replace("unknown.", "unknown .")
    assert "What do I do? Take profit, or:" in answer
    assert "Close all: buy back 10 contracts" in page.find("ways-out").text
    known = page_of(client, EXAMPLES["a larger short, and what stands before an ADL"])
    assert "If the price falls 10 %? ADL closes 0 to 100 of your 100 contracts at −" in known.find("answer").text
    chain = known.find("what-triggers").text
    assert "If the price falls by 10 %" in chain


def test_a_fund_that_is_used_up_is_shown_as_0(client: httpx.Client) -> None:
    """What is left because the smallest lot would cost more is no amount to show, in the API's answer though it is."""
    fields = {**EXAMPLES["a larger short, and what stands before an ADL"], "insurance_fund": "20000"}
    fields.pop("lot_size", None)
    exchanges = client.get("/page", params={**fields, "as": "json"}).json()
    [answer] = [each["answer"] for each in exchanges if each["path"] == "/adl/exposure"]
    left = [point["fund_after"] for case in answer["cases"] for point in case["curve"]]
    assert [amount for amount in left if 0.0 < amount < 1e-4]
    tables = page_of(client, fields).find("what-triggers").all("table")
    [table] = [each for each in tables if each.one("caption").text == "Least and most over all cases"]
    funds = {cell.text for row in table.one("tbody").all("tr") for cell in row.all("td")[2:4]}
    assert "0" in funds
    assert [text for text in funds if "e" in text or text.startswith("0.000")] == []


def test_five_signals_are_told_in_words(client: httpx.Client) -> None:
    """Each signal is fired, not, unknown or not here, in words and by a mark, never by a colour alone."""
    rows = page_of(client, {**WORKED, "adl_meter": "", "venue": "hyperliquid"}).find("answer").all("tbody")[0].all("tr")
    told = {row.all("th")[0].text: row.all("td", "state")[0].text for row in rows}
    assert told == {
        "Leverage": "○ not",
        "Profit": "● fired",
        "Funding": "● fired",
        "Market stress": "● fired",
        "ADL meter": "– not here",
    }


def test_unknown_is_never_shown_as_low(client: httpx.Client) -> None:
    """While signals are unknown, the band says what it may be, and no colour of a band fills the bar."""
    little = EXAMPLES["the same, little known"]
    page = page_of(client, little)
    answer = page.find("answer")
    (band,) = answer.all("span", "band")
    assert band.text == "low, may be high"
    assert not [each for each in answer.walk() if "band-low" in each.attributes.get("class", "").split()]
    assert answer.all("rect", "bar-unknown")
    states = [row.all("td", "state")[0].text for row in answer.all("tbody")[0].all("tr")]
    assert states.count("? unknown") == 4
    (missing,) = answer.all("p", "missing")
    fields = [link.attributes["href"][1:] for link in missing.all("a")]
    assert "adl_meter" in fields
    assert all(page.has(name) for name in fields)


@pytest.mark.parametrize(
    ("score", "said"),
    [
        (
            {"score": 8, "max_score": 10, "score_upper": 8, "band": "high", "band_upper": "high"},
            "Score 8 of 10, high: most conditions of an ADL are met.",
        ),
        (
            {"score": 2, "max_score": 10, "score_upper": 6, "band": "low", "band_upper": "watch"},
            "Score 2 of 10, low: few conditions of an ADL are met. Up to 6, watch, by what is unknown.",
        ),
    ],
)
def test_the_status_says_score_and_band(score: dict[str, object], said: str) -> None:
    """What a screen reader is told after a change says the score, the band, and how high both may be."""
    assert describe_score(score) == said


def test_what_cannot_be_answered_names_the_fields_it_needs(client: httpx.Client) -> None:
    """A section that the API refuses says what it needs, in the API's words, each with a link to its field."""
    page = page_of(client, EXAMPLES["the same, little known"])
    ways, hits = page.find("ways-out"), page.find("if-adl-hits")
    assert [link.attributes["href"] for link in ways.all("a")] == ["#margin_mode"]
    assert "Margin mode: required, but missing: isolated or cross" in ways.text
    assert "neither likely nor unlikely" in hits.text
    needed = {link.attributes["href"] for link in page.find("what-triggers").all("a")}
    assert needed == {"#open_interest", "#entries", "#size_for_one_percent", "#insurance_fund", "#volatility"}


def test_a_fall_that_liquidates_says_so_first(client: httpx.Client) -> None:
    """A long whose liquidation price is less than 10 % away is told that, before what an ADL may do."""
    long = {**WORKED, "side": "long", "entry_price": "1800", "mark_price": "1800", "adl_meter": "", "size": "10"}
    near = page_of(client, {**long, "margin": "900"}).find("answer").text
    assert "If the price falls 10 %? Liquidation on the way, at 1,727.27" in near
    assert "Liquidation on the way" not in page_of(client, {**long, "margin": "9000"}).find("answer").text
