"""API keys and the page: sent in a form, never shown, never in an address or a log; whose forms are answered."""

import io
from collections.abc import Iterator, Mapping

import httpx
import pytest

from adlrisk.api.limits.api_keys import digest_key
from adlrisk.settings import Settings
from support.pages import BROWSER, WORKED, read_page
from support.running import API_KEY, RunningServer

Served = tuple[RunningServer, httpx.Client]
WRONG_KEY = "a-wrong'key<b>"


@pytest.fixture(scope="module")
def guarded() -> Iterator[Served]:
    """A service that needs a key for reading."""
    settings = Settings(api_keys=digest_key(API_KEY))
    with (
        RunningServer(settings, log=io.StringIO()) as server,
        httpx.Client(base_url=server.url, timeout=60.0) as client,
    ):
        yield server, client


def send(client: httpx.Client, fields: Mapping[str, str], headers: Mapping[str, str] = BROWSER) -> httpx.Response:
    """What the form is answered with."""
    parts = {name: (None, text) for name, text in fields.items()}
    return client.post("/page", files=parts, headers={**BROWSER, **headers})


def test_form_with_a_key_is_sent_in_a_body(guarded: Served) -> None:
    """Where the service needs a key, the form has a field for it, which browsers do not show, and is sent by POST."""
    page = read_page(guarded[1].get("/page", headers=BROWSER).text)
    form = page.find("form").attributes
    assert (form["method"], form["enctype"]) == ("post", "multipart/form-data")
    key = page.find("key").attributes
    assert (key["type"], key["autocomplete"]) == ("password", "off")
    assert "value" not in key


def test_form_without_a_key_is_an_address(client: httpx.Client) -> None:
    """Where none is needed there is no field for one, and what is filled in is in the address, to be shared."""
    page = read_page(client.get("/page", headers=BROWSER).text)
    assert page.find("form").attributes["method"] == "get"
    assert not page.has("key")


def test_key_opens_the_answer_and_is_not_shown(guarded: Served) -> None:
    """With the right key the form is answered, and the key is nowhere in the page or the log."""
    server, client = guarded
    response = send(client, {**WORKED, "key": API_KEY})
    page = read_page(response.text)
    assert response.status_code == 200
    assert "8 of 10" in page.find("answer").text
    assert response.headers["cache-control"] == "no-store"
    assert API_KEY not in response.text
    assert "X-API-Key: $ADLRISK_KEY" in page.find("api").text
    assert page.find("size").attributes["value"] == "10"
    assert API_KEY not in server.log.getvalue()


@pytest.mark.parametrize(("key", "words"), [("", "Send an API key"), (WRONG_KEY, "The API key is unknown")])
def test_missing_and_wrong_keys_are_named_beside_the_field(guarded: Served, key: str, words: str) -> None:
    """Without a key, or with an unknown one, the API's refusal stands beside the field, which stays empty."""
    server, client = guarded
    response = send(client, {**WORKED, "key": key})
    page = read_page(response.text)
    assert response.status_code == 401
    assert words in page.find("key-error").text
    assert page.find("size").attributes["value"] == "10"
    assert WRONG_KEY not in response.text + server.log.getvalue()
    assert "a-wrong" not in response.text


@pytest.mark.parametrize("key", ["schlüssel", "a\nb", "\0", "x" * 5000])
def test_keys_that_no_header_can_hold_are_unknown(guarded: Served, key: str) -> None:
    """Whatever stands in the field, it is a key that the service does not know, or none."""
    assert send(guarded[1], {**WORKED, "key": key}).status_code == 401


def test_key_in_an_address_opens_nothing(guarded: Served) -> None:
    """A key in an address is ignored and said to be, not shown: addresses are logged and kept in histories."""
    response = guarded[1].get("/page", params={**WORKED, "key": API_KEY}, headers=BROWSER)
    assert response.status_code == 401
    assert "ignored: key" in read_page(response.text).find("main").text
    assert API_KEY not in response.text


def test_key_of_a_gateway_opens_an_address(guarded: Served) -> None:
    """A key in a header, such as a gateway adds, serves the page's calls as it serves the API's."""
    response = guarded[1].get("/page", params=WORKED, headers={**BROWSER, "x-api-key": API_KEY})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "http://HOST"}, 200),
        ({"origin": "https://HOST"}, 200),
        ({"origin": "http://HOST", "sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"origin": "https://elsewhere.example"}, 403),
        ({"origin": "http://HOST.elsewhere.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://HOST", "sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_forms_of_other_sites_are_refused(client: httpx.Client, headers: dict[str, str], status: int) -> None:
    """A form is answered if it comes from this page, or from no browser; from anywhere else it is not."""
    host = f"{client.base_url.host}:{client.base_url.port}"
    named = {name: text.replace("HOST", host) for name, text in headers.items()}
    response = send(client, WORKED, named)
    assert response.status_code == status
    assert read_page(response.text).has("answer") == (status == 200)
