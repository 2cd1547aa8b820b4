"""The page by keyboard only: the order of the tab key, a focus that is seen, sending, and the focus on errors."""

import re
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from support.browser.showcase import WORKED_EXAMPLE, WRONG, address_of
from support.browser.visits import Visitor

_DESCRIBE: Final = "one => [one.tagName, one.id, one.textContent.trim().slice(0, 60)]"
# What the keyboard reaches in the document's order: visible, enabled, in it.
_REACHABLE: Final = f"""() => [...document.querySelectorAll(
    'a[href], button, input, select, summary, textarea, [tabindex="0"]')]
  .filter(one => one.checkVisibility() && !one.disabled).map({_DESCRIBE})"""
# The element with the focus, and whether it has a frame that says so.
_FOCUSED: Final = f"""() => {{
  const one = document.activeElement, style = getComputedStyle(one);
  return [({_DESCRIBE})(one), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2];
}}"""


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"the keyboard does not reach {selector}")


def _choose(page: Page, value: str) -> None:
    for _ in range(60):
        if page.locator(":focus").input_value() == value:
            return
        page.keyboard.press("ArrowDown")
    pytest.fail(f"the keyboard does not choose {value}")


@pytest.mark.parametrize(
    "address", ["/page", address_of(WORKED_EXAMPLE), "/page/book", "/page/venues", "/page/venues/binance"]
)
def test_the_tab_key_goes_through_all_in_order_and_shows_where_it_is(address: str, visitor: Visitor) -> None:
    """The tab key reaches every control and link in the order of the page, and each shows that it has the focus."""
    page = visitor.open(window={"width": 1280, "height": 900}).page
    page.goto(address)
    reachable = page.evaluate(_REACHABLE)
    for expected in reachable:
        page.keyboard.press("Tab")
        assert page.evaluate(_FOCUSED) == [expected, True]
    assert len(reachable) > 8


def test_the_first_link_skips_to_the_content(visitor: Visitor) -> None:
    """The first stop is a link, seen once it has the focus, past the navigation to the content."""
    page = visitor.open().page
    page.goto("/page")
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    expect(link).to_have_attribute("href", "#main")
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_form_is_filled_in_and_sent_by_keyboard(visitor: Visitor) -> None:
    """Choices by arrow, numbers by typing, and Enter in a field sends it."""
    page = visitor.open().page
    page.goto("/page")
    for name in ("venue", "symbol", "side", "size", "entry_price", "mark_price", "margin"):
        _tab_to(page, f"[name={name}]")
        if name in ("venue", "side"):
            _choose(page, WORKED_EXAMPLE[name])
        else:
            page.keyboard.type(WORKED_EXAMPLE[name])
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/page\?.*size=10"))
    expect(page.locator("#answer .score")).to_be_visible()
    expect(page.locator("[name=venue]")).to_have_value("binance")
    expect(page.locator("[name=side]")).to_have_value("short")


def test_errors_get_the_focus_and_lead_to_their_fields(visitor: Visitor) -> None:
    """After a form with errors was sent, the list of errors has the focus and is seen; Tab, Enter leads to a field."""
    visit = visitor.open(window={"width": 360, "height": 640})
    visit.complaints.expect("400")
    page = visit.page
    page.goto(address_of({**WRONG, "mark_price": WORKED_EXAMPLE["mark_price"]}))
    page.focus("[name=size]")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("#"))
    expect(page.locator("*:focus:has(h2)")).to_contain_text("There is a problem")
    expect(page.locator("#errors")).to_be_in_viewport()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[name=size]")).to_be_focused()


def test_parts_that_scroll_can_be_scrolled_by_keyboard(visitor: Visitor) -> None:
    """Wide tables and commands scroll within themselves, and the keyboard reaches them."""
    page = visitor.open(window={"width": 360, "height": 640}).page
    page.goto(address_of(WORKED_EXAMPLE))
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    stuck = page.evaluate(
        """() => [...document.querySelectorAll('*')].filter(one => one.scrollWidth > one.clientWidth + 1
          && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX) && one.tabIndex < 0
          && !one.querySelector('a, button, input, select, summary')).map(one => one.outerHTML.slice(0, 100))"""
    )
    assert stuck == []
