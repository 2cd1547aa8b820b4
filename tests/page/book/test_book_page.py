"""The page of a book: what is sent, what comes back, and that its numbers are the API's."""

import io
import json
import os
import signal
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adlrisk.api.limits.api_keys import digest_key
from adlrisk.page.book.fields import FIELDS
from adlrisk.page.book.routes import MAX_FORM_BYTES
from adlrisk.page.book.sample import SAMPLE_BOOK, SAMPLE_VALUES
from adlrisk.settings import Settings
from support.pages import BROWSER, Element, carried_numbers, numbers_in, read_page
from support.redis_servers import wait_for
from support.running import API_KEY, ROOT, RunningServer, serving
from support.sockets import answer_of, connected, next_answer, seen

HEADER = "id,side,size,entry_price,margin"
GOOD = f"{HEADER}\nann,long,1,100,50\nben,short,2,120,30\nme,short,3,115,60"
BASE = {"venue": "bitmex", "mark_price": "110", "book": GOOD}
EVERYTHING = {
    **BASE,
    "own_id": "me",
    "bankrupt_size": "2",
    "bankruptcy_price": "112",
    "lot_size": "0.5",
    "fund_balance": "10",
    "size_for_one_percent": "1",
    "maintenance_margin_rate": "0.01",
    "volatility": "0.8",
}
MULTIPART = {"content-type": "multipart/form-data; boundary=x"}


def send(
    client: httpx.Client, fields: Mapping[str, str], *, file: bytes | None = None, **headers: str
) -> httpx.Response:
    """What the form is answered with."""
    parts: list[tuple[str, Any]] = [(name, (None, text)) for name, text in fields.items()]
    parts.append(("file", ("" if file is None else "book.csv", file or b"", "text/csv")))
    return client.post("/page/book", files=parts, headers={**BROWSER, **headers}, timeout=60.0)


def open_result(client: httpx.Client, fields: Mapping[str, str], *, status: int = 200) -> Element:
    """The page that the form is answered with."""
    response = send(client, fields)
    assert response.status_code == status, response.text
    return read_page(response.text)


def errors_of(page: Element) -> dict[str, str]:
    """What is wrong, by the field that it is told of, at the top and beside the field alike."""
    if not page.has("errors"):
        return {}
    links = page.find("errors").all("a")
    told = {link.attributes["href"].removeprefix("#"): link.text.partition(": ")[2] for link in links}
    for name, text in told.items():
        assert page.find(f"{name}-error").text == f"Error: {text}"
        assert page.find(name).attributes["aria-invalid"] == "true"
        assert f"{name}-error" in page.find(name).attributes["aria-describedby"].split()
    return told


def positions_of(book: str) -> list[dict[str, Any]]:
    """The positions of a CSV, as the API takes them."""
    names, *rows = [line.split(",") for line in book.splitlines()]
    texts = [dict(zip(names, row, strict=True)) for row in rows]
    return [
        {name: text if name in ("id", "side") else float(text) for name, text in each.items() if text} for each in texts
    ]


def test_an_empty_form_is_opened_by_an_address(client: httpx.Client) -> None:
    """A POST form of parts, for text or file, that needs no script; a link may choose the venue."""
    page = read_page(client.get("/page/book?venue=okx", headers=BROWSER).text)
    [form] = [form for form in page.all("form") if form.all("textarea")]
    assert (form.attributes["method"], form.attributes["enctype"]) == ("post", "multipart/form-data")
    assert form.attributes["action"].partition("#")[0] == "/page/book"
    assert form.one("input", type="file").attributes["name"] == "file"
    chosen = [
        option.attributes["value"] for option in page.find("venue").all("option") if "selected" in option.attributes
    ]
    assert chosen == ["okx"]
    names = {each.attributes.get("name") for each in (*form.all("input"), *form.all("select"), *form.all("textarea"))}
    assert names == {*FIELDS, "book", "file"}


def test_a_form_says_that_it_works(client: httpx.Client) -> None:
    """A script shows the note on the work; without one a browser shows that it loads, and the note stays hidden."""
    page = read_page(client.get("/page/book", headers=BROWSER).text)
    for form in page.all("form"):
        assert "data-busy" in form.attributes
        assert "hidden" in form.one("p", css="busy").attributes


def test_every_number_of_a_result_is_the_apis(client: httpx.Client) -> None:
    """Ladder, policies and chain carry numbers of the answers to the same book, and of nothing else."""
    page = open_result(client, {**SAMPLE_VALUES, "book": SAMPLE_BOOK})
    positions = [{**each, "maintenance_margin_rate": 0.01} for each in positions_of(SAMPLE_BOOK)]
    start: dict[str, Any] = {"venue": "bitmex", "mark_price": 2000, "positions": positions}
    policies = ["venue", "pro_rata_size", "pro_rata_profit", "pro_rata_score", "risk_aware", "min_max_leverage"]
    bankrupt = {"side": "long", "size": 90, "bankruptcy_price": 2012}
    chain = {
        "fund": {"balance": 500},
        "depth": {"size_for_one_percent": 60},
        "moves": {"volatility": 0.8, "points": 21},
    }
    asked = {
        "ladder": ("/queue/rank", {**start, "side": "short", "layout": "columns"}),
        "policies": (
            "/adl/allocate",
            {**start, "bankrupt": bankrupt, "lot_size": 0.01, "policies": policies, "layout": "columns"},
        ),
        "what-triggers": ("/adl/exposure", {**start, "ids": ["me"], "lot_size": 0.01, **chain}),
    }
    for section, (path, body) in asked.items():
        response = client.post(path, json=body)
        assert response.status_code == 200, response.text
        shown = set(carried_numbers(page.find(section)))
        assert len(shown) >= 5
        assert shown <= numbers_in(response.json()) | numbers_in(body), section


def test_a_result_shows_the_commands_for_the_same(client: httpx.Client) -> None:
    """Each exchange as curl; the body in it is answered as the page says."""
    page = open_result(client, EVERYTHING)
    commands = [pre.text for pre in page.find("api").all("pre")]
    assert [command.split("'")[1].removeprefix(str(client.base_url).rstrip("/")) for command in commands] == [
        *("/queue/rank", "/adl/allocate", "/adl/exposure")
    ]
    for command in commands:
        path, body = command.split("'")[1::2][0], command.split("-d '")[1].removesuffix("'")
        assert client.post(path, content=body, headers={"content-type": "application/json"}).status_code == 200


def test_a_position_given_apart_is_ranked_in_the_book(client: httpx.Client) -> None:
    """It stands where it would stand as a row, and is called you."""
    others = "\n".join(GOOD.splitlines()[:-1])
    apart = {**BASE, "book": others, "own_side": "short", "own_size": "3", "own_entry_price": "115", "own_margin": "60"}
    inside = open_result(client, {**BASE, "own_id": "me"}).find("ladder")
    added = open_result(client, apart).find("ladder")
    assert added.text.replace("you (you)", "me (you)") == inside.text
    assert "You are number 2" in inside.text


def test_text_file_and_json_are_the_same_book(client: httpx.Client) -> None:
    """However the book is sent, the ladder is the same; a file goes before a text."""
    texts = (GOOD, json.dumps(positions_of(GOOD)), GOOD.replace(",", ";").replace("\n", "\r\n"))
    ladders = [open_result(client, {**BASE, "book": text}).find("ladder").text for text in texts]
    file = send(client, {**BASE, "book": "not a book"}, file=b"\xef\xbb\xbf" + GOOD.encode())
    ladders.append(read_page(file.text).find("ladder").text)
    assert len(set(ladders)) == 1


@pytest.mark.parametrize("venue", ["okx", "bybit"])
def test_a_large_position_that_is_closed_first_is_told_so(client: httpx.Client, venue: str) -> None:
    """Number 1 is in the 1st fifth, be it nearly the whole queue or all of it; the meter's reading is explained."""
    small = "\n".join(f"p{number},short,{number},2050,5" for number in range(1, 10))
    for others in (f"\n{small}", ""):
        book = f"id,side,size,entry_price,leverage\nme,short,1000,2200,20{others}"
        fields = {"venue": venue, "mark_price": "2000", "maintenance_margin_rate": "0.01", "own_id": "me"}
        ladder = open_result(client, {**fields, "book": book}).find("ladder")
        assert "You are number 1, in the 1st fifth, closed first. Nobody is closed before you." in ladder.text
        assert ladder.one("svg").all("g")[0].text == "1st fifth, closed first 1 position, 0 ahead, you"
        assert "The venue's meter counts your own position in and reads as the 5th fifth" in ladder.text


TWICE = "given more than once; say it once"


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"mark_price": "2000"}, {"mark_price": "3000"}, {"mark_price": TWICE}),
        ({"mark_price": "2000"}, {"mark_price": ""}, {"mark_price": TWICE}),
        ({"own_id": "me", "book": GOOD}, {"own_id": "ann", "book": GOOD}, {"book": TWICE, "own_id": TWICE}),
        ({"file": GOOD}, {"file": GOOD}, {"book": "more than one file was sent; send one"}),
    ],
)
def test_what_is_given_twice_is_refused(
    client: httpx.Client, first: dict[str, str], second: dict[str, str], told: dict[str, str]
) -> None:
    """Neither value is chosen in silence, of a field, a text or a file."""
    pairs = [*((name, text) for name, text in BASE.items() if name not in first), *first.items(), *second.items()]
    parts = [(name, (f"{name}.csv" if name == "file" else None, text)) for name, text in pairs]
    response = client.post("/page/book", files=parts, headers=BROWSER)
    assert response.status_code == 400
    page = read_page(response.text)
    assert errors_of(page) == told
    assert not page.has("ladder")


def test_an_address_that_gives_a_field_twice_is_refused(client: httpx.Client) -> None:
    """As in a form, also where one of the values is empty."""
    for query in ("venue=okx&venue=bybit", "venue=okx&venue="):
        response = client.get(f"/page/book?{query}", headers=BROWSER)
        assert response.status_code == 400
        assert errors_of(read_page(response.text)) == {"venue": TWICE}


def test_what_was_sent_stands_in_the_form_again(client: httpx.Client) -> None:
    """Values and book, also one from a file, so that a field can be changed; groups with values are open."""
    page = read_page(send(client, {**EVERYTHING, "book": ""}, file=GOOD.encode()).text)
    assert "".join(str(child) for child in page.find("book").children).lstrip("\n") == GOOD
    for name, value in EVERYTHING.items():
        if name not in ("book", "venue"):
            assert page.find(name).attributes["value"] == value
    folded = {group.one("summary").text: "open" in group.attributes for group in page.all("details", css="group")}
    assert folded == {
        "My position is not in the book": False,
        "A bankrupt position to share out": True,
        "Insurance fund and order book": True,
        "More about the contract": True,
    }


def test_a_long_book_does_not_come_back(client: httpx.Client) -> None:
    """Beyond 256 KiB the text stays out of the form, and the page says what to do."""
    page = read_page(send(client, {**BASE, "book": GOOD + "\n" * 300_000}).text)
    assert page.find("book").text == ""
    assert "choose the file once more" in page.text


WRONG = {
    "empty": ({"book": " "}, 400, {"book": "empty"}),
    "no number": ({"book": f"{HEADER}\na,long,abc,1,1"}, 400, {"book": "line 2, column 3 (size): 'abc': must be"}),
    "thousands": (
        {"book": f'{HEADER}\n\na,long,"1,800",1,1'},
        400,
        {"book": "line 3, column 3 (size): '1,800': must be a number, not text: send 1800"},
    ),
    "huge": (
        {"book": f"{HEADER}\na,long,1e400,1,1"},
        400,
        {"book": "line 2, column 3 (size): '1e400': must be at most"},
    ),
    "negative": (
        {"book": f"{HEADER}\na,long,-1,1,1"},
        400,
        {"book": "line 2, column 3 (size): must be a positive number"},
    ),
    "side": (
        {"book": f"{HEADER}\na,Long,1,1,1"},
        400,
        {"book": "line 2, column 2 (side): must be `long` or `short`, not 'Long': use `long`"},
    ),
    "missing": ({"book": f"{HEADER}\na,long,,1,1"}, 400, {"book": "line 2, column 3 (size): required, but missing"}),
    "ragged": ({"book": f"{HEADER}\na,long"}, 400, {"book": "line 2, column 3 (size): 2 cells"}),
    "unknown column": (
        {"book": "id,side,size,entry_price,x"},
        400,
        {"book": "line 1, column 5: unknown column 'x'. There"},
    ),
    "twice": (
        {"book": f"{HEADER}\na,long,1,1,1\n\na,long,1,1,1"},
        422,
        {"book": "line 4, column 1 (id): 'a' is already used in line 2"},
    ),
    "no margin": (
        {"book": "id,side,size,entry_price\na,long,1,1"},
        422,
        {"book": "line 2, margin: required, but missing: equity, margin or leverage is needed"},
    ),
    "broken json": ({"book": '[\n{"id": "a"'}, 400, {"book": "line 2, column 11: the JSON ends in the middle"}),
    "json row": ({"book": '[{"id": "a", "side": 5}]'}, 400, {"book": "position 1 (id 'a'), side: must be"}),
    "json list": (
        {"book": '[{"id": "me", "side": ["long"]}]', "own_id": "me"},
        400,
        {"book": "position 1 (id 'me'), side"},
    ),
    "json number": ({"book": "[5]"}, 400, {"book": "position 1: must be an object, not a number"}),
    "venue": ({"venue": "binanse"}, 422, {"venue": "There is no venue 'binanse'; use `binance`?"}),
    "mark": ({"mark_price": ""}, 400, {"mark_price": "required, but missing"}),
    "all at once": (
        {"mark_price": "x", "contract_size": "-1", "formula": "y", "book": f"{HEADER}\na,long,q,1,1"},
        400,
        {
            "book": "line 2, column 3 (size): 'q': must be a positive number",
            "mark_price": "must be a number, not text",
            "contract_size": "must be at least 1e-12, not -1",
            "formula": "must be",
        },
    ),
    "text and field": (
        {"mark_price": "x", "book": "id,x"},
        400,
        {"book": "line 1, column 2", "mark_price": "must be a number"},
    ),
    "own id": ({"own_id": "bem"}, 400, {"own_id": "no position in the book has the id 'bem'; the nearest is 'ben'"}),
    "own id and cell": (
        {"own_id": "bem", "book": GOOD.replace("120", "1x0")},
        400,
        {"book": "line 3, column 4 (entry_price): '1x0': must be", "own_id": "the nearest is 'ben'"},
    ),
    "own id and margin": (
        {"own_id": "bem", "mark_price": "x", "book": GOOD.replace(",30", ",")},
        400,
        {"book": "line 3, column 5 (margin): required", "mark_price": "must be a number", "own_id": "'bem'"},
    ),
    "own twice": ({"own_id": "me", "own_size": "1"}, 400, {"own_id": "not both"}),
    "own size": ({"own_side": "long", "own_size": "2x"}, 400, {"own_size": "must be a positive number"}),
    "own margin": (
        {"own_side": "long", "own_size": "2", "own_entry_price": "9"},
        422,
        {"own_margin": "required, but missing: equity, margin or leverage is needed"},
    ),
    "you": (
        {
            "book": GOOD.replace("ann", "you"),
            "own_side": "long",
            "own_size": "2",
            "own_entry_price": "9",
            "own_margin": "1",
        },
        422,
        {"book": "the id 'you' is that of your position"},
    ),
    "rate": (
        {"venue": "binance"},
        422,
        {"maintenance_margin_rate": "The venue ranks by maintenance margin: give maintenance_margin_rate"},
    ),
    "wrong rate": (
        {"venue": "binance", "maintenance_margin_rate": "1%"},
        400,
        {"maintenance_margin_rate": "must be a number, a fraction: send 0.01 for '1%'"},
    ),
    "contract": ({"contract": "inverse", "venue": "binance"}, 422, {"contract": "has no inverse contracts"}),
    "bankrupt": (
        {"own_id": "me", "bankrupt_size": "z", "bankruptcy_price": "1"},
        400,
        {"bankrupt_size": "must be"},
    ),
    "no side": ({"bankrupt_size": "1", "bankruptcy_price": "1"}, 400, {"bankrupt_side": "required, but missing"}),
    "lots": (
        {"own_id": "me", "bankrupt_size": "1", "bankruptcy_price": "112", "lot_size": "0.4"},
        422,
        {"bankrupt_size": "1 is 2.5 lots of 0.4"},
    ),
    "fill": (
        {"own_id": "me", "bankrupt_size": "1", "bankruptcy_price": "112", "fill_price": "bid"},
        400,
        {"fill_price": "must be"},
    ),
    "fund": ({**EVERYTHING, "fund_balance": "5x"}, 400, {"fund_balance": "must be a number"}),
    "volatility": ({**EVERYTHING, "volatility": "99"}, 400, {"volatility": "must be at most 20, not 99"}),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_in_the_apis_words(client: httpx.Client, case: str) -> None:
    """Beside its field, and in the book with line and column of the cell; at the top with a link to it."""
    changed, status, expected = WRONG[case]
    told = errors_of(open_result(client, {**BASE, **changed}, status=status))
    assert list(told) == list(expected)
    assert [text for name, text in expected.items() if text not in told[name]] == []


NO_BOOKS = {
    "latin-1": ("id,side\nä,long".encode("latin-1"), "line 2, column 1: byte 0xe4 is not UTF-8"),
    "utf-16": (GOOD.encode("utf-16"), "the file is in UTF-16"),
    "zip": (b"PK\x03\x04\x14\0", "control character U+0003"),
    "nul": (b"id\0", "line 1, column 3: control character U+0000"),
}


@pytest.mark.parametrize("kind", NO_BOOKS)
def test_files_that_are_no_text_are_told(client: httpx.Client, kind: str) -> None:
    """By line and column, whatever is in them."""
    content, expected = NO_BOOKS[kind]
    response = send(client, BASE, file=content)
    assert response.status_code == 400
    assert expected in errors_of(read_page(response.text))["book"]
    assert "\0" not in response.text


contents = st.text(max_size=30) | st.sampled_from(
    [GOOD, HEADER, "me", "1e400", "-0", "NaN", "[{}]", "okx", "\0", "\ud7ff"]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*FIELDS, "book", "file", "key", "sample", "?", ""]), contents, max_size=8))
def test_whatever_is_sent_is_answered_with_a_page(client: httpx.Client, fields: dict[str, str]) -> None:
    """Never a 500, never anything but well-formed HTML."""
    fields.pop("sample", None)
    response = send(client, {**BASE, **fields})
    assert response.status_code in (200, 400, 413, 415, 422)
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert read_page(response.text).has("main")


def test_markup_in_a_book_is_no_markup(client: httpx.Client) -> None:
    """In text and table it comes back as it was written, and ends no element."""
    id_ = "</textarea><script>alert(1)</script>"
    book = f"{HEADER}\n{id_},short,1,115,50\n"
    page = open_result(client, {**BASE, "book": book, "own_id": id_})
    assert [script.attributes["src"].startswith("/page/page.") for script in page.all("script")] == [True]
    assert f"{id_} (you)" in page.find("ladder").text
    assert page.find("own_id").attributes["value"] == id_


def test_what_a_venue_does_not_say_is_unknown(client: httpx.Client) -> None:
    """Without a queue formula the queue is unknown and four policies are compared; with a chosen one all six are."""
    fields = {
        **BASE,
        "venue": "kraken",
        "own_id": "me",
        "bankrupt_size": "1",
        "bankruptcy_price": "112",
        "fill_price": "mark",
    }
    page = open_result(client, fields)
    assert page.find("ladder").one("strong").text == "Unknown"
    assert page.find("ladder").all("a", href="#formula")
    assert page.find("policies").one("h2").text.startswith("Four ways")
    chosen = open_result(client, {**fields, "formula": "pnl_leverage"})
    assert "the formula that you chose" in chosen.find("ladder").text
    assert chosen.find("policies").one("h2").text.startswith("Six ways")


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "the insurance fund and the order book"),
        ({"fund_balance": "5"}, "which position is yours"),
        ({"own_id": "me", "fund_balance": "5", "volatility": "0.5"}, "Order book within 1 %"),
        ({"own_id": "me", "size_for_one_percent": "5", "volatility": "0.5"}, "Insurance fund"),
        ({"own_id": "me", "size_for_one_percent": "5", "fund_balance": "5"}, "Volatility"),
    ],
)
def test_the_chain_is_unknown_until_its_inputs_are_given(
    client: httpx.Client, changed: dict[str, str], expected: str
) -> None:
    """It says what is missing, with a link to the field, and no probability."""
    section = open_result(client, {**BASE, "maintenance_margin_rate": "0.01", **changed}).find("what-triggers")
    assert "Unknown" in section.text
    assert expected in [link.text for link in section.all("a")]
    assert carried_numbers(section) == []


@pytest.mark.parametrize("balance", ["20", "500"])
def test_a_fund_that_is_used_up_is_shown_as_0(client: httpx.Client, balance: str) -> None:
    """What is left because the smallest lot would cost more is no amount to show, in the API's answer though it is."""
    fields = {name: text for name, text in SAMPLE_VALUES.items() if name != "lot_size"}
    page = open_result(client, {**fields, "book": SAMPLE_BOOK, "fund_balance": balance})
    command = page.find("api").all("pre")[-1].text
    answer = client.post("/adl/exposure", json=json.loads(command.split("-d '")[1].removesuffix("'"))).json()
    left = [point["fund_after"] for case in answer["cases"] for point in case["curve"]]
    assert [amount for amount in left if 0.0 < amount < 1e-6]
    section = page.find("what-triggers")
    [table] = [each for each in section.all("table") if each.one("caption").text == "Least and most over all cases"]
    funds = {cell.text for row in table.one("tbody").all("tr") for cell in row.all("td")[2:4]}
    assert "0" in funds
    assert [text for text in funds if "e" in text or text.startswith("0.0000")] == []
    assert "the insurance fund is left with 0" in section.text


def test_a_market_record_fills_in_what_the_chain_needs(admin: httpx.Client) -> None:
    """Fund, depth and volatility of the symbol's record are taken, and said to be; without one they are missing."""
    fields = {**SAMPLE_VALUES, "book": SAMPLE_BOOK, "symbol": "BOOKUSD"}
    fields = {
        name: text
        for name, text in fields.items()
        if name not in ("fund_balance", "size_for_one_percent", "volatility")
    }
    before = open_result(admin, fields).find("what-triggers")
    assert "Unknown" in before.text
    record = {"insurance_fund": 500.0, "size_for_one_percent": 60.0, "volatility": 0.8, "ttl_seconds": 86_400}
    admin.put("/venues/bitmex/markets/BOOKUSD", json=record).raise_for_status()
    section = open_result(admin, fields).find("what-triggers")
    assert "From the market record of BOOKUSD" in section.text
    assert {500.0, 60.0, 0.8} <= set(carried_numbers(section))


def test_the_sample_is_answered_with_one_click(client: httpx.Client) -> None:
    """A button sends it; the result has every section, and the page says that it is made up."""
    page = read_page(client.get("/page/book", headers=BROWSER).text)
    [form] = [form for form in page.all("form") if form.one("button").text == "Try a sample book"]
    button = form.one("button").attributes
    assert form.attributes["method"] == "post"
    assert "made up" in form.text
    result = open_result(client, {button["name"]: button["value"]})
    assert errors_of(result) == {}
    assert "You are number" in result.find("ladder").text
    assert "Unknown" not in result.find("main").text
    assert result.find("policies").all("svg")
    assert result.find("what-triggers").all("svg")
    assert result.find("own_id").attributes["value"] == "me"


def test_the_sample_can_be_copied_and_downloaded(client: httpx.Client) -> None:
    """Both are the same text, which is a book."""
    page = read_page(client.get("/page/book", headers=BROWSER).text)
    [link] = [link for link in page.all("a") if "download" in link.attributes]
    response = client.get(link.attributes["href"])
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.text == SAMPLE_BOOK
    assert page.one("pre").text == " ".join(SAMPLE_BOOK.split())
    assert open_result(client, {**BASE, "mark_price": "2000", "book": response.text}).has("ladder")


def test_the_book_of_the_docs_is_read(client: httpx.Client) -> None:
    """What docs/page.md shows as a book is one."""
    book = (ROOT / "docs" / "page.md").read_text().partition("```text\n")[2].partition("```")[0]
    assert "You are number" in open_result(client, {**BASE, "mark_price": "2000", "book": book, "own_id": "me"}).text


def test_a_result_is_kept_nowhere(server: RunningServer, client: httpx.Client) -> None:
    """It is not to be stored, has no address, and neither ids nor the book are in the log."""
    response = send(client, {**BASE, "book": GOOD.replace("ann", "a-secret-account")})
    assert response.headers["cache-control"] == "no-store"
    assert "a-secret-account" in response.text
    assert "location" not in response.headers
    assert "a-secret-account" not in server.log.getvalue()
    assert client.get("/page/book").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "headers",
    [{"origin": "https://elsewhere.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
)
def test_forms_of_other_sites_are_refused(client: httpx.Client, headers: Any) -> None:
    """403, as a page; from here and from what is no browser they are answered."""
    response = send(client, BASE, **headers)
    assert response.status_code == 403
    assert not read_page(response.text).has("ladder")
    assert send(client, BASE, origin=str(client.base_url).rstrip("/")).status_code == 200


def test_a_form_that_is_too_long_is_refused_before_it_is_read(server: RunningServer) -> None:
    """Who announces more than two megabytes gets 413 without sending any of it; who does not is stopped there."""
    head = b"POST /page/book HTTP/1.1\r\nhost: x\r\ncontent-type: multipart/form-data; boundary=x\r\n"
    with connected(server, sends=head + b"content-length: %d\r\n\r\n" % (MAX_FORM_BYTES + 1)) as connection:
        announced = answer_of(next_answer(connection))
    assert announced.status_code == 413
    assert str(MAX_FORM_BYTES) in announced.text
    chunk = b"%x\r\n%s\r\n" % (1 << 18, b"x" * (1 << 18))
    with connected(server, sends=head + b"transfer-encoding: chunked\r\n\r\n" + chunk * 9) as connection:
        assert answer_of(next_answer(connection)).status_code == 413


def test_the_limit_of_books_holds_for_the_page_too() -> None:
    """Where the service takes smaller books, so does the page."""
    with serving(max_book_bytes=1024) as (_, client):
        assert send(client, {**BASE, "book": GOOD + "\n" * 2000}).status_code == 413


def test_as_many_positions_as_the_page_takes(client: httpx.Client) -> None:
    """5,000 are ranked, one more is refused."""
    rows = [
        f"p{number},{('long', 'short')[number % 2]},{1 + number % 9},{90 + number % 37},50" for number in range(5000)
    ]
    page = open_result(client, {**BASE, "book": "\n".join([HEADER, *rows]), "own_id": "p4321"})
    listed = client.post(
        "/queue/rank",
        json={
            "venue": "bitmex",
            "mark_price": 110,
            "positions": positions_of("\n".join([HEADER, *rows])),
            "ids": ["p4321"],
        },
    ).json()["queues"]["short"]["positions"][0]
    assert f"You are number {listed['rank']:,}" in page.find("ladder").text
    assert listed["size_ahead"] in carried_numbers(page.find("ladder"))
    assert [item.text for item in page.find("api").all("li")] == ["POST /queue/rank"]
    told = errors_of(open_result(client, {**BASE, "book": "\n".join([HEADER, *rows, "q,long,1,1,1"])}, status=400))
    assert "line 5002: the page takes at most 5,000 positions" in told["book"]


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"a=b", {"content-type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {"content-type": "application/json"}, 415),
        (b"", {}, 415),
        (b"", MULTIPART, 400),
        (b"garbage", MULTIPART, 400),
        (b"--x\r\n", MULTIPART, 400),
        (b"--x--\r\n", {"content-type": "multipart/form-data"}, 400),
        (b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n' * 5000, MULTIPART, 400),
        (b'--x\r\ncontent-disposition: form-data; name="\xff"\r\n\r\n\xff\r\n--x--\r\n', MULTIPART, 400),
    ],
)
def test_what_is_no_form_is_a_page_too(
    client: httpx.Client, content: bytes, headers: dict[str, str], status: int
) -> None:
    """415 or 400, in HTML."""
    response = client.post("/page/book", content=content, headers={**BROWSER, **headers})
    assert response.status_code == status, response.text
    assert read_page(response.text).has("main")


@pytest.fixture
def guarded() -> Iterator[tuple[RunningServer, httpx.Client]]:
    """A service that needs a key for reading."""
    with (
        RunningServer(Settings(api_keys=digest_key(API_KEY)), log=io.StringIO()) as server,
        httpx.Client(base_url=server.url) as client,
    ):
        yield server, client


def test_a_key_is_asked_for_and_never_shown(guarded: tuple[RunningServer, httpx.Client]) -> None:
    """Without it 401 beside its field; with it the result, in which it does not stand."""
    server, client = guarded
    for key in ({}, {"key": "wrong"}):
        refused = open_result(client, {**BASE, **key}, status=401)
        assert list(errors_of(refused)) == ["key"]
        assert not refused.has("ladder")
    response = send(client, {**BASE, "key": API_KEY})
    assert response.status_code == 200
    assert read_page(response.text).has("ladder")
    assert API_KEY not in response.text
    assert API_KEY not in server.log.getvalue()


def test_a_book_is_dropped_when_its_client_leaves() -> None:
    """The work ends with the connection; its slot is free for the next book, and no defect is logged."""
    rows = "\n".join(f"p{number},long,1,100,50" for number in range(2000))
    fields = {**BASE, "book": f"{HEADER}\n{rows}"}
    with serving(inline_book_bytes=1024) as (server, client):
        open_result(client, fields)
        worker = server.worker
        assert worker is not None
        os.kill(worker, signal.SIGSTOP)
        request = client.build_request(
            "POST", "/page/book", files=[(name, (None, text)) for name, text in fields.items()]
        )
        body = request.read()
        head = b"POST /page/book HTTP/1.1\r\nhost: x\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n"
        sent = head % (request.headers["content-type"].encode(), len(body)) + body
        with connected(server, sends=sent):
            wait_for(lambda: seen(server, "adlrisk_places_taken", limit="books") == 1, "the book")
        wait_for(
            lambda: seen(server, "adlrisk_places_taken", limit="books") == 0, "the slot of a book nobody waits for"
        )
        assert open_result(client, fields).has("ladder")
        assert server.worker != worker
        assert [line for line in server.log_lines() if line["event"] == "defect"] == []
