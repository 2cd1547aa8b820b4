"""The commands on the page: copied into a shell, they make the request that was answered."""

import json
import shlex

import httpx
import pytest

from adlrisk.page.calls import Exchange, write_curl
from adlrisk.page.examples import EXAMPLES
from support.pages import BROWSER, WORKED, read_page


def commands_of(client: httpx.Client, fields: dict[str, str], **headers: str) -> list[list[str]]:
    """The words of each command of the page, as a shell splits them."""
    page = read_page(client.get("/page", params=fields, headers={**BROWSER, **headers}).text)
    return [shlex.split(code.text) for code in page.find("api").all("pre")]


@pytest.mark.parametrize("title", EXAMPLES)
def test_commands_make_the_requests_of_the_page(client: httpx.Client, title: str) -> None:
    """Method, address and body of each command are those of an exchange behind the page."""
    fields = EXAMPLES[title]
    exchanges = client.get("/page", params={**fields, "as": "json"}).json()
    asked = {(each["path"], json.dumps(each["request"])) for each in exchanges}
    for words in commands_of(client, fields):
        assert words[:2] == ["curl", "-s"]
        assert words[3:5] == ["-H", "content-type: application/json"]
        path = words[2].removeprefix(str(client.base_url).rstrip("/"))
        assert (path, json.dumps(json.loads(words[6]))) in asked


def test_commands_quote_what_a_shell_would_read(client: httpx.Client) -> None:
    """Quotes, dollars and backticks of a value reach the API as they were typed."""
    settlement = "a'b\"c$(id)`id`\\"
    words = commands_of(client, {**WORKED, "settlement": settlement})[0]
    assert json.loads(words[6])["position"]["settlement"] == settlement


@pytest.mark.parametrize("host", ["evil';id;'", "$(id)", "x" * 300, "user@host"])
def test_commands_repeat_no_host_that_is_none(client: httpx.Client, host: str) -> None:
    """A Host that is no host is not in a command that is there to be copied."""
    words = commands_of(client, WORKED, host=host)[0]
    assert words[2] == "http://localhost:8000/score"


def test_key_is_left_to_a_variable() -> None:
    """Where a key is needed, the command takes it from the environment, so that no history keeps it."""
    exchange = Exchange(method="POST", path="/score", body=b"{}", status=200, answer={})
    command = write_curl(exchange, origin="https://risk.example", with_key=True)
    assert command == (
        "curl -s 'https://risk.example/score' -H \"X-API-Key: $ADLRISK_KEY\" "
        "-H 'content-type: application/json' -d '{}'"
    )
