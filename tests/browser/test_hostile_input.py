"""Hostile values in an address or a form: shown as text, never run; and no key is repeated."""

from typing import Final
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Request, Response, expect

from adlrisk.api.limits.api_keys import digest_key
from support.browser.showcase import WORKED_EXAMPLE, address_of
from support.browser.visits import Visitor
from support.running import API_KEY, serving

_RUNS: Final = "document.title = 'canary'; window.canary = 1"
_VALUES: Final = (
    f"<script>{_RUNS}</script>",
    f'"><img src=x onerror="{_RUNS}">',
    f"' onfocus='{_RUNS}' autofocus='",
    f"</textarea></select></title><svg onload={_RUNS!r}>",
    f"javascript:{_RUNS}",
    "{{7*7}}${7*7}<%= 7*7 %>",
    "\N{RIGHT-TO-LEFT OVERRIDE}evil\N{NULL}\N{BELL}\N{ZERO WIDTH SPACE}",
    "%3Cscript%3E",
    "x" * 400,
)
_FIELDS: Final = (
    "venue",
    "symbol",
    "side",
    "size",
    "margin_mode",
    "as_of",
    "entries",
    "liquidation_spike",
    "hedge_side",
)


@pytest.mark.parametrize("number", range(len(_VALUES)))
def test_hostile_values_are_shown_as_text(number: int, visitor: Visitor) -> None:
    """A value of any field comes back in its field as it was sent, and never runs."""
    value = _VALUES[number]
    visit = visitor.open()
    visit.complaints.expect("status of 4")
    page = visit.page
    page.goto(f"/page?{urlencode(dict.fromkeys(_FIELDS, value))}", wait_until="networkidle")
    expect(page.locator("#errors")).to_be_visible()
    shown = value.replace("\0", "\N{REPLACEMENT CHARACTER}").strip()
    for name in _FIELDS:
        expect(page.locator(f"[name={name}]")).to_have_value(shown)
    assert page.evaluate("window.canary") is None
    assert "canary" not in page.title()
    assert page.locator("main script, main img, main [onerror], main [onload], main [autofocus]").count() == 0


def test_hostile_names_are_shown_as_text(visitor: Visitor) -> None:
    """The name of a field that there is not is told, as text."""
    visit = visitor.open()
    page = visit.page
    page.goto(f"/page?{urlencode({**WORKED_EXAMPLE, _VALUES[0]: '1', _VALUES[1]: '2'})}", wait_until="networkidle")
    expect(page.locator("main")).to_contain_text(_VALUES[0])
    assert page.evaluate("window.canary") is None
    expect(page.locator("#answer .score")).to_be_visible()


@pytest.mark.parametrize("path", ["/page/venues?q={}", "/page/venues/{}", "/page/{}", "/{}"])
def test_hostile_paths_run_nothing(path: str, visitor: Visitor) -> None:
    """Searches and paths are told as text, too."""
    visit = visitor.open()
    visit.complaints.expect("status of 4")
    visit.page.goto(path.format(urlencode({"": _VALUES[1]})[1:]), wait_until="networkidle")
    assert visit.page.evaluate("window.canary") is None
    assert visit.page.locator("img").count() == 0


def test_the_policy_of_every_page_is_strict(visitor: Visitor) -> None:
    """Each page allows script and style of the service only, sends forms to it only, and is framed by nobody."""
    answers: list[Response] = []
    page = visitor.open(is_first=True).page
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 (Playwright marks what it is given)
    for address in ("/", address_of(WORKED_EXAMPLE), "/page/book", "/page/venues", "/page/venues/binance"):
        answer = page.goto(address, wait_until="networkidle")
        assert answer is not None
        policy = answer.all_headers()["content-security-policy"]
        directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
        assert directives["default-src"] == "'self'", address
        assert directives["form-action"] == "'self'"
        assert directives["frame-ancestors"] == directives["base-uri"] == "'none'"
        assert "unsafe" not in policy
    headers = [answer.all_headers() for answer in answers]
    assert len(headers) >= 7
    assert {one["x-content-type-options"] for one in headers} == {"nosniff"}
    assert not any("set-cookie" in one for one in headers)


def test_a_key_is_in_no_address_and_on_no_page(visitor: Visitor) -> None:
    """Where a key is needed, the form sends it in a body; the answer has the result, and nowhere the key."""
    asked: list[Request] = []
    with serving(api_keys=digest_key(API_KEY)) as (server, _):
        page = visitor.open(server.url, is_first=True).page
        page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 (same)
        page.goto("/page")
        page.fill("[name=key]", API_KEY)
        for name in ("venue", "side"):
            page.select_option(f"[name={name}]", WORKED_EXAMPLE[name])
        for name in ("symbol", "size", "entry_price", "mark_price", "margin", "adl_meter", "funding_rate"):
            page.fill(f"[name={name}]", WORKED_EXAMPLE[name])
        page.click("text=Show the risk")
        expect(page.locator("#answer .score")).to_be_visible()
        assert API_KEY not in page.content()
        assert "ADLRISK_KEY" in (page.locator("#api pre").first.text_content() or "")
        assert not [request.url for request in asked if API_KEY in request.url or "key" in request.url]
        assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_a_wrong_key_is_told_beside_its_field(visitor: Visitor) -> None:
    """Without a key, or with a wrong one, the form says so at the field, which stays empty."""
    with serving(api_keys=digest_key(API_KEY)) as (server, _):
        visit = visitor.open(server.url, is_first=True)
        visit.complaints.expect("401")
        page = visit.page
        page.goto("/page")
        page.fill("[name=key]", "wrong")
        page.select_option("[name=side]", "short")
        for name in ("size", "entry_price", "mark_price"):
            page.fill(f"[name={name}]", WORKED_EXAMPLE[name])
        page.click("text=Show the risk")
        expect(page.locator("[data-field=key] .error")).to_be_visible()
        expect(page.locator("[name=key]")).to_have_value("")
        expect(page.locator("[name=size]")).to_have_value("10")
