"""The page without script: everything on it works, by sending forms and following links."""

from playwright.sync_api import expect

from support.browser.showcase import WORKED_EXAMPLE, WRONG, address_of
from support.browser.visits import Visitor


def test_the_form_works_without_script(visitor: Visitor) -> None:
    """A form is filled in, sent and answered; the address can be shared."""
    page = visitor.open(with_script=False).page
    page.goto("/")
    for name in ("venue", "side"):
        page.select_option(f"[name={name}]", WORKED_EXAMPLE[name])
    for name in ("symbol", "size", "entry_price", "mark_price", "margin", "adl_meter", "funding_rate"):
        page.fill(f"[name={name}]", WORKED_EXAMPLE[name])
    page.click("text=Show the risk")
    expect(page.locator("#answer .score")).to_be_visible()
    expect(page.locator("[name=size]")).to_have_value("10")
    expect(page.locator("#answer")).to_be_in_viewport()
    other = visitor.open(with_script=False).page
    other.goto(page.url)
    assert other.locator("#result").inner_html() == page.locator("#result").inner_html()


def test_errors_are_shown_without_script(visitor: Visitor) -> None:
    """Errors are beside their fields, listed with links, and the place of the result says where they are."""
    visit = visitor.open(with_script=False)
    visit.complaints.expect("400")
    visit.page.goto(address_of(WRONG))
    expect(visit.page.locator("[data-field=size] .error")).to_be_visible()
    expect(visit.page.locator("#errors a[href='#size']")).to_be_visible()
    expect(visit.page.locator("#result a[href='#errors']")).to_be_visible()


def test_folded_groups_open_without_script(visitor: Visitor) -> None:
    """Groups of fields and of numbers are folded by the browser itself."""
    page = visitor.open(with_script=False).page
    page.goto(address_of(WORKED_EXAMPLE))
    group = page.locator("details:not([open])").first
    group.locator("summary").first.click()
    expect(page.locator("details[open]").first).to_be_visible()


def test_links_work_without_script(visitor: Visitor) -> None:
    """Examples, the venue and the navigation are links."""
    page = visitor.open(with_script=False).page
    page.goto("/page")
    page.locator(".examples a").first.click()
    expect(page.locator("#answer .score")).to_be_visible()
    page.locator("#answer a[href^='/page/venues/']").first.click()
    expect(page.locator("h1")).to_contain_text("Binance")
    page.go_back()
    expect(page.locator("#answer .score")).to_be_visible()
