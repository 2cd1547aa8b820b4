"""The page while fields are edited: the result follows, and nothing old looks new where the service fails."""

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page, Route, expect

from support.browser.showcase import WORKED_EXAMPLE, address_of
from support.browser.visits import Visit, Visitor

# Requests of the script, not those of a form that is sent or an address that is opened.
_FETCHED: Final = "**/page?*"


def _open_example(visitor: Visitor) -> Visit:
    visit = visitor.open()
    visit.page.goto(address_of(WORKED_EXAMPLE))
    expect(visit.page.locator("#answer .score")).to_contain_text("8 of 10")
    return visit


def _fail(route: Route, *, status: int, headers: dict[str, str]) -> None:
    body = f"<!doctype html><title>x</title><main><h1>Busy</h1><p>made up, {status}</p></main>"
    route.fulfill(status=status, headers=headers, content_type="text/html", body=body)


def _hold(page: Page) -> list[Route]:
    """Requests of the script wait from now on until the test lets them go."""
    held: list[Route] = []
    page.route(_FETCHED, lambda route: held.append(route))  # noqa: PLW0108 (Playwright writes into what it is given)
    return held


def _wait_for(page: Page, held: list[Route], count: int) -> None:
    for _ in range(1_000):
        if len(held) >= count:
            return
        page.wait_for_timeout(20)
    pytest.fail(f"{len(held)} of {count} requests came")


def test_the_result_follows_what_is_edited(visitor: Visitor) -> None:
    """An edit is answered without a click, the address follows, and what has the focus keeps it."""
    page = _open_example(visitor).page
    page.fill("[name=adl_meter]", "0")
    expect(page.locator("#answer .score")).to_contain_text("6 of 10")
    expect(page.locator("[name=adl_meter]")).to_be_focused()
    page.wait_for_url("**adl_meter=0**")
    expect(page.locator("#said")).to_contain_text("6 of 10")
    page.reload()
    expect(page.locator("#answer .score")).to_contain_text("6 of 10")


def test_an_edit_that_is_wrong_is_told_beside_its_field(visitor: Visitor) -> None:
    """What cannot be answered is told beside its field, and the old result is gone."""
    visit = _open_example(visitor)
    visit.complaints.expect("400")
    visit.page.fill("[name=size]", "-3")
    expect(visit.page.locator("[data-field=size] .error")).to_be_visible()
    expect(visit.page.locator("#errors a[href='#size']")).to_be_visible()
    expect(visit.page.locator("#answer")).to_have_count(0)
    expect(visit.page.locator("[name=size]")).to_be_focused()
    visit.page.fill("[name=size]", "10")
    expect(visit.page.locator("#answer .score")).to_contain_text("8 of 10")
    expect(visit.page.locator("#errors")).to_have_count(0)


def test_a_slow_answer_is_waited_for_in_sight(visitor: Visitor) -> None:
    """While an answer is on its way the result says that it is busy, and no longer once it is there."""
    page = _open_example(visitor).page
    held = _hold(page)
    page.fill("[name=adl_meter]", "0")
    expect(page.locator("#result")).to_have_attribute("aria-busy", "true")
    _wait_for(page, held, 1)
    held[0].continue_()
    expect(page.locator("#answer .score")).to_contain_text("6 of 10")
    expect(page.locator("#result")).not_to_have_attribute("aria-busy", "true")


def test_a_later_edit_ends_an_earlier_request(visitor: Visitor) -> None:
    """Of two edits the later one is shown: the request of the earlier one is abandoned, whenever it is answered."""
    visit = _open_example(visitor)
    visit.complaints.expect("failed request: .*adl_meter=0.*ERR_ABORTED")
    page = visit.page
    held = _hold(page)
    page.fill("[name=adl_meter]", "0")
    _wait_for(page, held, 1)
    with page.expect_event("requestfailed") as abandoned:
        page.fill("[name=adl_meter]", "2")
    assert "adl_meter=0" in abandoned.value.url
    _wait_for(page, held, 2)
    held[1].continue_()
    expect(page.locator("#answer")).to_contain_text("adlQuantile reads 2")
    page.wait_for_url("**adl_meter=2**")


_FAILURES: Final[dict[str, tuple[Callable[[Route], None], str, str]]] = {
    "an error": (lambda route: _fail(route, status=500, headers={}), "500", "500"),
    "busy": (lambda route: _fail(route, status=503, headers={"retry-after": "1"}), "503", "503"),
    "a lost connection": (lambda route: route.abort("connectionreset"), "ERR_CONNECTION_RESET", "cannot be reached"),
}


@pytest.mark.parametrize("failure", _FAILURES)
def test_a_result_of_before_is_never_shown_as_of_now(failure: str, visitor: Visitor) -> None:
    """Where an edit cannot be answered, the result says in sight that it is not of what is filled in, and why."""
    respond, complaint, reason = _FAILURES[failure]
    visit = _open_example(visitor)
    visit.complaints.expect(complaint)
    page = visit.page
    page.route(_FETCHED, respond)
    page.fill("[name=adl_meter]", "0")
    expect(page.locator("#result[data-outdated]")).to_have_count(1)
    expect(page.locator("#result .outdated")).to_be_visible()
    expect(page.locator("#result .outdated")).to_contain_text(reason)
    expect(page.locator("#result")).not_to_have_attribute("aria-busy", "true")
    page.unroute(_FETCHED)
    page.fill("[name=adl_meter]", "2")
    expect(page.locator("#answer")).to_contain_text("adlQuantile reads 2")
    expect(page.locator("#result[data-outdated]")).to_have_count(0)
    expect(page.locator(".outdated")).to_have_count(0)


def test_a_result_is_not_of_a_form_that_lacks_something(visitor: Visitor) -> None:
    """While a field that is needed is empty, the result of before says that it is not of this form."""
    page = _open_example(visitor).page
    page.fill("[name=size]", "")
    expect(page.locator("#result[data-outdated] .outdated")).to_be_visible()
    page.fill("[name=size]", "10")
    expect(page.locator("#result[data-outdated]")).to_have_count(0)
