"""The form: what is filled in is what the API is asked, and what it finds wrong is beside the field."""

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adlrisk.page.examples import EXAMPLES
from adlrisk.page.form.fields import FIELDS
from support.pages import BROWSER, WORKED, Element, read_page

NEEDED = {name: WORKED[name] for name in ("venue", "side", "size", "entry_price", "mark_price", "as_of")}
HOSTILE = (
    "abc",
    "1,800",
    "-1",
    "0",
    "1e400",
    "1" + "0" * 400,
    "NaN",
    "Infinity",
    "1e-400",
    "\0",
    "\x1f",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)",
    "&lt;b&gt;",
    "\u202e1800",
    "½",
    "١٢",
    "[" * 3000,
    "{}",
    "null",
    "true",
    "x" * 8000,
)
_SHORT = 100  # an address with it in all fields is none too long


def ask(client: httpx.Client, **fields: str) -> tuple[httpx.Response, Element]:
    """The page for these fields."""
    response = client.get("/page", params=fields, headers=BROWSER)
    return response, read_page(response.text)


def shown_value(page: Element, name: str) -> str:
    """What stands in a field."""
    field = page.find(name)
    if field.name == "input":
        return field.attributes["value"]
    (chosen,) = [option for option in field.all("option") if "selected" in option.attributes]
    return chosen.attributes["value"]


def error_of(page: Element, name: str) -> str:
    """What is said to be wrong with a field."""
    return page.find(f"{name}-error").text.removeprefix("Error: ")


def test_form_labels_every_field(client: httpx.Client) -> None:
    """Each field has a label, and is described by its hint where it has one."""
    page = read_page(client.get("/page").text)
    labels = {label.attributes["for"]: label.text for label in page.all("label")}
    for name, field in FIELDS.items():
        assert labels[name] == field.label
        if field.hint:
            assert page.find(name).attributes["aria-describedby"] == f"{name}-hint"
            assert page.find(f"{name}-hint").text == field.hint


def test_form_lists_every_venue(client: httpx.Client) -> None:
    """Every card can be chosen by its name."""
    options = read_page(client.get("/page").text).find("venue").all("option")
    listed = {option.attributes["value"] or "generic" for option in options}
    assert listed == {venue["id"] for venue in client.get("/venues").json()["venues"]}


@pytest.mark.parametrize(
    ("venue", "hint"),
    [
        ("binance", "adlQuantile at Binance USDⓈ-M Futures: 4, 3, 2, 1, 0, from reduced first to last."),
        ("hyperliquid", "Hyperliquid publishes none: leave it empty."),
    ],
)
def test_form_names_the_meter_of_the_venue(client: httpx.Client, venue: str, hint: str) -> None:
    """Beside the reading stands how this venue names and scales it."""
    _, page = ask(client, **{**NEEDED, "venue": venue})
    assert page.find("adl_meter-hint").text == hint


def test_empty_fields_are_left_out_of_the_request(client: httpx.Client) -> None:
    """A field that is empty, or holds only spaces, is not sent: the API is told nothing of it."""
    blank = {name: "  " for name in FIELDS if name not in NEEDED}
    response = client.get("/page", params={**NEEDED, **blank, "as": "json"})
    scored = response.json()[0]
    assert (scored["method"], scored["path"]) == ("POST", "/score")
    assert scored["request"] == {
        "venue": "binance",
        "position": {"side": "short", "size": 10, "entry_price": 2000, "mark_price": 1800},
        "as_of": "2026-11-18T12:00:00Z",
    }


def test_fields_are_sent_as_they_are_written(client: httpx.Client) -> None:
    """All fields of a score arrive at the API under their names, numbers with every digit that was typed."""
    response = client.get("/page", params={**WORKED, "size": "10.000000000000001", "as": "json"})
    body = response.json()[0]["request"]
    assert '"size":10.000000000000001,' in response.text
    flat = {**body, **body["position"], **body["market"]}
    for name, text in WORKED.items():
        assert name == "size" or str(flat[name]).lower() == text.lower()


def test_filled_in_values_stand_in_the_fields(client: httpx.Client) -> None:
    """What was asked stands in the form beside its answer."""
    response, page = ask(client, **WORKED)
    assert response.status_code == 200
    assert {name: shown_value(page, name) for name in WORKED} == WORKED


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"size": "1,800"}, "size", "must be a number, not text: send 1800, without quotation marks"),
        ({"margin": "abc"}, "margin", "must be a number, not text"),
        ({"funding_rate": "0.1%"}, "funding_rate", "must be a number, a fraction: send 0.001 for '0.1%'"),
        ({"venue": "binanc"}, "venue", "There is no venue 'binanc'; use `binance`? GET /venues lists the venues"),
        ({"side": "up"}, "side", "must be `long` or `short`, not 'up'"),
        (
            {"adl_meter": "9"},
            "adl_meter",
            "adlQuantile cannot read 9: it runs 4, 3, 2, 1, 0 from reduced first to last",
        ),
        ({"liquidation_spike": "perhaps"}, "liquidation_spike", "must be true or false, not text"),
        ({"mark_price": "1e400"}, "mark_price", "must be at most 1000000000000000 in magnitude"),
        ({"entry_price": ""}, "entry_price", "required, but missing"),
    ],
)
def test_errors_stand_beside_their_field_in_the_api_s_words(
    client: httpx.Client, fields: dict[str, str], name: str, words: str
) -> None:
    """A wrong value is shown back in its field, marked, with the API's words, and linked from the top of the page."""
    response, page = ask(client, **{**WORKED, **fields})
    assert response.status_code in (400, 422)
    assert error_of(page, name) == words
    assert shown_value(page, name) == fields[name]
    field = page.find(name).attributes
    assert field["aria-invalid"] == "true"
    assert f"{name}-error" in field["aria-describedby"].split()
    (link,) = [each for each in page.find("errors").all("a") if each.attributes["href"] == f"#{name}"]
    assert link.text == f"{FIELDS[name].label}: {words}"
    assert page.all("title")[0].text.startswith("Error: ")


PLANNED = {
    "venue": "bybit",
    "side": "long",
    "size": "3",
    "entry_price": "60000",
    "mark_price": "60000.0",
    "margin_mode": "isolated",
    "leverage": "20",
    "maintenance_margin_rate": "0.005",
    "planned": "true",
}


def test_a_planned_position_is_opened_at_the_mark_price(client: httpx.Client) -> None:
    """Another entry price is refused beside its field; the mark price, however it is written, is not."""
    response, page = ask(client, **{**PLANNED, "mark_price": "65000"})
    assert response.status_code == 400
    assert error_of(page, "entry_price").startswith("must be the mark price while the position is planned")
    assert not page.has("ways-out")
    assert ask(client, **PLANNED)[0].status_code == 200
    assert ask(client, **{**PLANNED, "mark_price": "65000", "planned": ""})[0].status_code == 200
    # What is no number is told in the API's words.
    assert error_of(ask(client, **{**PLANNED, "entry_price": "NaN"})[1], "entry_price").startswith("must be a number")


def test_a_planned_position_is_told_its_limits_and_nothing_to_take(client: httpx.Client) -> None:
    """The page names the target of the limits, warns of them, and has no action for what is not held."""
    page = ask(client, **PLANNED)[1]
    ways = page.find("ways-out").text
    assert "Largest size that has a score of 2 or less (low), with what backs it: 29.99" in ways
    assert "Stay well inside these limits." in ways
    answer = page.find("answer").text
    assert "Take profit" not in answer
    assert "Keep a margin buffer" not in answer
    assert "What do I do? Add margin. How large it may be" in answer
    small = ask(client, **{**PLANNED, "leverage": "2"})[1].find("answer").text
    assert "What do I do? It is not open yet. How large it may be" in small
    assert "no signal fires" not in small
    assert "Keep a margin buffer" in ask(client, **{**PLANNED, "planned": ""})[1].find("answer").text


def test_leverage_after_an_option_that_turns_it_off_is_below_its_threshold(client: httpx.Client) -> None:
    """The least margin that turns the leverage off leaves hardly less than 15×, which is not told as 15×."""
    held = {**PLANNED, "planned": "", "funding_rate": "0.0012", "funding_interval_hours": "8"}
    ways = ask(client, **held)[1].find("ways-out").text
    # A notional of 180,000 is backed by 9,000 and the 3,000.01.
    assert "Add 3,000.01 of margin" in ways
    assert "Leverage after 14.99999×" in ways


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"entries": "1:2:3"}, "entries", "must be prices with their shares, as price:share with spaces between"),
        ({"entries": "1950"}, "entries", "must be prices with their shares"),
        ({"entries": "1950:0.2 2000:0.3"}, "entries", "the shares must sum to 1, not to 0.5"),
        ({"open_interest": "many"}, "open_interest", "must be a number, not text"),
        ({"lot_size": "-1"}, "lot_size", "must be"),
        ({"fill_price": "x"}, "fill_price", "must be a number, not text"),
        ({"volatility": "x"}, "volatility", "must be a number, not text"),
    ],
)
def test_wrong_fields_that_a_score_does_not_need_are_told_beside_them(
    client: httpx.Client, fields: dict[str, str], name: str, words: str
) -> None:
    """What only a plan, a close or the chain reads is checked like any other field."""
    response, page = ask(client, **{**WORKED, **EXAMPLES["a larger short, and what stands before an ADL"], **fields})
    assert response.status_code == 400
    assert words in error_of(page, name)
    assert [link.attributes["href"] for link in page.find("errors").all("a")] == [f"#{name}"]


@pytest.mark.parametrize(
    ("venue", "hint"),
    [
        ("", "Empty: linear."),
        ("binance", "Empty: linear. Binance USDⓈ-M Futures has linear ones only."),
        ("binance_coinm", "Empty: linear. Binance COIN-M Futures has inverse ones only."),
        ("okx", "Empty: linear. OKX may have both: choose inverse where the contract settles in its coin."),
    ],
)
def test_form_says_what_an_empty_contract_is_taken_for(client: httpx.Client, venue: str, hint: str) -> None:
    """Kind and size of the contract have defaults, which stand beside them, with the kinds that the venue has."""
    _, page = ask(client, **{**NEEDED, "venue": venue})
    assert page.find("contract-hint").text == hint
    assert page.find("contract_size-hint").text.startswith("Empty: 1.")


def test_all_errors_are_told_at_once(client: httpx.Client) -> None:
    """Though the API stops at the first, the page names every wrong field."""
    wrong = {"venue": "binanc", "size": "1,800", "mark_price": "-3", "funding_rate": "x", "margin": "y"}
    _, page = ask(client, **wrong)
    named = {link.attributes["href"][1:] for link in page.find("errors").all("a")}
    assert named == {*wrong, "side", "entry_price"}


def test_a_field_given_twice_is_an_error(client: httpx.Client) -> None:
    """Two values of one field are refused: neither is taken for the one that was meant."""
    response = client.get("/page", params={**WORKED, "size": ["10", "11"]})
    assert response.status_code == 400
    assert error_of(read_page(response.text), "size") == "given more than once; say it once"


def test_unknown_parameters_are_named_and_ignored(client: httpx.Client) -> None:
    """What is no field is told, escaped, and the rest is answered."""
    response, page = ask(client, **WORKED, **{"<i>sise": "3", "utm_source": "x"})
    assert response.status_code == 200
    (notice,) = page.all("p", "notice")
    assert notice.text == "Not fields of this form, and ignored: <i>sise, utm_source."
    assert not page.all("i")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_values_are_shown_back_as_text(client: httpx.Client, text: str) -> None:
    """Whatever stands in a field, the page is the form with that text in it, and nothing of it becomes markup."""
    fields = dict.fromkeys(FIELDS, text) if len(text) < _SHORT else {**WORKED, "size": text}
    response, page = ask(client, **fields)
    assert response.status_code in (200, 400, 422)
    assert page.has("form")
    assert not page.all("img")
    assert [script.attributes.keys() for script in page.all("script")] == [{"src", "defer"}]
    assert not any(name.startswith("on") for each in page.walk() for name in each.attributes)
    kept = text.replace("\0", "\N{REPLACEMENT CHARACTER}").strip()
    for name, sent in fields.items():
        if sent == text:
            assert shown_value(page, name) == kept


@pytest.mark.parametrize(
    "query",
    [
        "size=%ED%A0%80",  # half a surrogate pair
        "size=%FF%FE",
        "size=%",
        "%00=%00",
        "=",
        "&&&;",
        "size",
        "side=long&size=1e309&entry_price=1e-320&mark_price=1",
        "&".join(f"f{index}=1" for index in range(190)),
        "position=1&market=2&venue[]=binance",
    ],
)
def test_broken_addresses_get_the_page(client: httpx.Client, query: str) -> None:
    """Bytes that are no text, names that are no fields, and a query that is no query are answered by the form."""
    response = client.get(f"/page?{query}", headers=BROWSER)
    assert response.status_code in (200, 400, 422)
    assert read_page(response.text).has("form")


def test_hundreds_of_parameters_are_refused(client: httpx.Client) -> None:
    """An address with more parameters than any form is refused as a page, before they are looked at."""
    response = client.get("/page?" + "&".join(f"f{index}=1" for index in range(500)), headers=BROWSER)
    assert response.status_code == 400
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "no more than 200 fields" in read_page(response.text).find("main").text


_values = st.text(max_size=20) | st.floats().map(repr) | st.integers().map(str) | st.sampled_from(HOSTILE[:12])


def test_no_values_fail(client: httpx.Client) -> None:
    """No values of any fields together cause a 500; the answer is a page, or JSON where that was asked for."""

    @given(fields=st.dictionaries(st.sampled_from([*FIELDS, "as", "key", "x"]), _values, max_size=12))
    @settings(max_examples=60)
    def check(fields: dict[str, str]) -> None:
        filled = {name: text.encode(errors="replace").decode() for name, text in {**NEEDED, **fields}.items()}
        response = client.get("/page", params=filled, headers=BROWSER)
        assert response.status_code in (200, 400, 422), response.text[-2000:]
        if response.headers["content-type"].startswith("text/html"):
            assert read_page(response.text).has("form")

    check()


@pytest.mark.parametrize("title", EXAMPLES)
def test_examples_load_with_one_link(client: httpx.Client, title: str) -> None:
    """Each example is a link of the page, and is answered without an error, in every section."""
    (link,) = [each for each in read_page(client.get("/page").text).all("a") if each.text == title]
    response = client.get(link.attributes["href"], headers=BROWSER)
    page = read_page(response.text)
    assert response.status_code == 200
    assert not page.has("errors")
    assert all(page.has(section) for section in ("answer", "prices", "ways-out", "if-adl-hits", "what-triggers", "api"))


def test_a_hedge_is_answered_as_an_account(client: httpx.Client) -> None:
    """With a second position the answer is that of the account, whose equity backs both."""
    fields = EXAMPLES["an account with a hedge"]
    exchanges = client.get("/page", params={**fields, "as": "json"}).json()
    account = exchanges[0]
    assert account["path"] == "/account"
    assert [leg["id"] for leg in account["request"]["positions"]] == ["position", "hedge"]
    assert account["answer"]["account"]["gross_leverage"] == 95.0  # (50,000 + 45,000) / 1,000
    page = ask(client, **fields)[1]
    assert "Gross leverage of the account 95× (net 5×)" in page.find("answer").text
    assert [exchange["status"] for exchange in exchanges] == [200] * 6


def test_errors_of_a_hedge_stand_beside_its_fields(client: httpx.Client) -> None:
    """What is wrong with the second position is said of its own fields, in a group that is open then."""
    fields = {**EXAMPLES["an account with a hedge"], "hedge_size": "-2"}
    response, page = ask(client, **fields)
    assert response.status_code == 400
    assert error_of(page, "hedge_size").startswith("must be a positive number")
    (group,) = [each for each in page.all("details", "group") if each.has("hedge_size")]
    assert "open" in group.attributes


def test_a_hedge_needs_a_symbol(client: httpx.Client) -> None:
    """The positions of an account are told apart by their symbols, so one is asked for."""
    fields = {name: text for name, text in EXAMPLES["an account with a hedge"].items() if name != "symbol"}
    response, page = ask(client, **fields)
    assert response.status_code == 400
    assert error_of(page, "symbol").startswith("required with a hedge")
