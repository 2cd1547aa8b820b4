"""docs/client.md against the client: its bot, its examples, its tables."""

import doctest
import inspect
import re
from collections.abc import Iterator

import ccxt
import pytest

from adlrisk import client as package
from adlrisk.api.app import ENDPOINTS
from adlrisk.client import AsyncClient, Client, ClientError
from support.client.calls import METHODS, is_for_browsers
from support.positions.fake_account import KEY, PASSPHRASE, SECRET, FakeAccount, build_okx_hedge, okx_accepts
from support.positions.pointed import pointed_at
from support.running import ROOT, RunningServer

PAGE = (ROOT / "docs" / "client.md").read_text()
BOT, *_ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
(PRINTED,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
URL = '"http://localhost:8000"'
KEYS = '{"apiKey": "…", "secret": "…", "password": "…"}'


class EnoughError(Exception):
    """Ends the bot."""


@pytest.fixture
def account() -> Iterator[FakeAccount]:
    with FakeAccount(build_okx_hedge(), okx_accepts) as venue, pointed_at(venue.url):
        yield venue


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.usefixtures("account")
def test_the_bot_of_the_page_prints_what_the_page_says(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its 20 lines are run as they are, but for the keys and the addresses of service and venue."""

    def wait(seconds: float) -> None:
        assert seconds == 30
        raise EnoughError

    assert len(BOT.splitlines()) <= 20
    assert URL in BOT
    assert KEYS in BOT
    keys = {"apiKey": KEY, "secret": SECRET, "password": PASSPHRASE}
    monkeypatch.setattr(ccxt.okx, "fetch_currencies", lambda _: {})
    program = BOT.replace(URL, repr(server.url)).replace(KEYS, repr(keys)).replace("time.sleep", "wait")
    with pytest.raises(EnoughError):
        exec(compile(program, "the bot of the page", "exec"), {"wait": wait})  # noqa: S102 (what is tested)
    assert capsys.readouterr().out == PRINTED


def test_the_examples_of_the_page_are_correct(server: RunningServer) -> None:
    """Each prints what it shows."""
    test = doctest.DocTestParser().get_doctest(PAGE.replace(URL, repr(server.url)), {}, "client.md", None, 0)
    outcome = doctest.DocTestRunner().run(test, clear_globs=False)
    test.globs["client"].close()
    assert outcome.attempted >= 10
    assert outcome.failed == 0


def test_the_table_of_methods_has_every_method_with_its_request() -> None:
    """In the order of the routes, with arguments that the method has."""
    said = [(re.match(r"`(\w+)\((.*)\)`", method), request.strip("`")) for method, request in rows("Methods")]
    assert [(match[1], request) for match, request in said if match] == [
        (METHODS[endpoint.operation_id], f"{endpoint.method} {endpoint.path}")
        for endpoint in ENDPOINTS
        if not is_for_browsers(endpoint)
    ]


def test_the_table_of_options_has_every_option_with_its_default() -> None:
    """Of both clients."""
    said = {name.strip("`"): default.strip("`") for name, default, _ in rows("Options")}
    for kind in (Client, AsyncClient):
        parameters = list(inspect.signature(kind).parameters.values())[1:]
        assert said == {parameter.name: repr(parameter.default) for parameter in parameters}


def test_the_table_of_errors_has_every_error_with_what_it_has() -> None:
    """Each that the package exports, and each name in its row is one of it."""
    said = {name.strip("`"): re.findall(r"`(\w+)`", has) for name, _, has in rows("What goes wrong")}
    kinds: dict[str, type[ClientError]] = {
        name: kind for name in package.__all__ if issubclass(kind := getattr(package, name), ClientError)
    }
    assert set(said) == set(kinds) - {"ClientError"}
    for name, attributes in said.items():
        source = inspect.getsource(kinds[name])
        assert all(f"self.{attribute} =" in source or f"def {attribute}(" in source for attribute in attributes), name
