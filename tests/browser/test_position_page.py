"""The page of a position, used as a person uses it: fill in, send, follow links, go back, share the address."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from support.browser.showcase import ETH_SHORT, WORKED_EXAMPLE, WRONG, address_of
from support.browser.visits import Visitor

_CHOICES = ("venue", "side", "liquidation_spike")


def fill_in(page: Page, fields: dict[str, str]) -> None:
    """Fill in the form, opening folded groups as needed."""
    for name, value in fields.items():
        group = page.locator("details.group:not([open])", has=page.locator(f"[name={name}]"))
        if group.count():
            group.locator("summary").click()
        if name in _CHOICES:
            page.select_option(f"[name={name}]", value)
        else:
            page.fill(f"[name={name}]", value)


def read_result(page: Page) -> str:
    """The text of the result, without the space that layout adds."""
    text = page.locator("#result").text_content() or ""
    return " ".join(text.split())


def test_a_filled_in_form_shows_the_score(visitor: Visitor) -> None:
    """Filling in the worked example and sending it shows its score, and the address has all that was filled in."""
    page = visitor.open().page
    page.goto("/")
    fill_in(page, WORKED_EXAMPLE)
    page.click("text=Show the risk")
    page.wait_for_url(re.compile(r"/page\?"))
    expect(page.locator("#answer .score")).to_contain_text("8 of 10")
    query = parse_qs(urlsplit(page.url).query)
    assert {name: values[0] for name, values in query.items()} == WORKED_EXAMPLE
    for name, value in WORKED_EXAMPLE.items():
        expect(page.locator(f"[name={name}]")).to_have_value(value)


def test_an_empty_form_names_what_is_missing(visitor: Visitor) -> None:
    """Sent as it is, the form names its required fields, each beside the field and by a link to it."""
    visit = visitor.open()
    visit.complaints.expect("400")
    visit.page.goto("/page")
    visit.page.click("text=Show the risk")
    expect(visit.page.locator("#errors")).to_be_visible()
    for name in ("side", "size", "entry_price", "mark_price"):
        expect(visit.page.locator(f"#errors a[href='#{name}']")).to_be_visible()
        expect(visit.page.locator(f"[data-field={name}] .error")).to_be_visible()
        expect(visit.page.locator(f"[name={name}]")).to_have_attribute("aria-invalid", "true")


def test_wrong_values_stay_to_be_corrected(visitor: Visitor) -> None:
    """What was wrong is shown as it was sent, with the words of the API; corrected, it is answered."""
    visit = visitor.open()
    visit.complaints.expect("400")
    page = visit.page
    page.goto(address_of(WRONG))
    for name in ("size", "mark_price"):
        expect(page.locator(f"[name={name}]")).to_have_value(WRONG[name])
        expect(page.locator(f"[data-field={name}] .error")).to_be_visible()
    fill_in(page, {name: WORKED_EXAMPLE[name] for name in ("size", "mark_price", "adl_meter")})
    page.click("text=Show the risk")
    expect(page.locator("#answer .score")).to_contain_text("8 of 10")
    expect(page.locator("#errors")).to_have_count(0)


def test_a_link_of_the_error_summary_leads_to_its_field(visitor: Visitor) -> None:
    """The link of an error puts the focus into the field that it is about."""
    visit = visitor.open()
    visit.complaints.expect("400")
    visit.page.goto(address_of(WRONG))
    visit.page.locator("#errors a[href='#size']").click()
    expect(visit.page.locator("[name=size]")).to_be_focused()


def test_examples_fill_in_the_form_and_are_answered(visitor: Visitor) -> None:
    """Each example is a link that shows a filled-in form and its result."""
    page = visitor.open().page
    page.goto("/page")
    links = page.locator(".examples a")
    addresses = [links.nth(number).get_attribute("href") for number in range(links.count())]
    assert len(addresses) >= 4
    for address in addresses:
        page.goto("/page")
        page.click(f".examples a[href={address!r}]")
        expect(page.locator("#answer .score")).to_be_visible()
        expect(page.locator("[name=size]")).not_to_have_value("")


def test_back_and_forward_show_what_was_there(visitor: Visitor) -> None:
    """The back button shows the form and result before, filled in as they were, and forward the later ones."""
    page = visitor.open().page
    page.goto(address_of(WORKED_EXAMPLE))
    first = read_result(page)
    page.goto(address_of(ETH_SHORT))
    second = read_result(page)
    assert first != second
    page.go_back()
    assert read_result(page) == first
    expect(page.locator("[name=size]")).to_have_value(WORKED_EXAMPLE["size"])
    page.go_forward()
    assert read_result(page) == second
    expect(page.locator("[name=size]")).to_have_value(ETH_SHORT["size"])


def test_a_shared_address_shows_the_same(visitor: Visitor) -> None:
    """Whoever gets the address of a result sees the same picture, whatever was edited before it was shared."""
    page = visitor.open().page
    page.goto("/page")
    fill_in(page, WORKED_EXAMPLE)
    page.click("text=Show the risk")
    expect(page.locator("#answer .score")).to_be_visible()
    other = visitor.open().page
    other.goto(page.url)
    assert read_result(other) == read_result(page)
    assert other.locator("#result").inner_html() == page.locator("#result").inner_html()


@pytest.mark.parametrize(
    ("link", "path"), [("A book", "/page/book"), ("Venues", "/page/venues"), ("API", "/docs"), ("A position", "/page")]
)
def test_the_navigation_leads_to_all_pages(link: str, path: str, visitor: Visitor) -> None:
    """Each link of the navigation leads to its page."""
    page = visitor.open().page
    page.goto("/page")
    with page.expect_navigation() as navigation:
        page.click(f"header nav >> text={link}")
    assert navigation.value.status == 200
    assert urlsplit(page.url).path == path


def test_no_link_of_a_result_is_broken(visitor: Visitor) -> None:
    """Every link of a result is answered (venues, JSON, ways out), and every place that one leads to is there."""
    visit = visitor.open()
    visit.page.goto(address_of(ETH_SHORT))
    hrefs = visit.page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
    assert len(hrefs) > 8
    for href in sorted({href for href in hrefs if href.startswith("/")}):
        answer = visit.context.request.get(href)
        assert answer.status == 200, href
    for href in {href for href in hrefs if href.startswith("#")}:
        expect(visit.page.locator(f"[id={href.removeprefix('#')}]")).to_have_count(1)


def test_a_telephone_shows_the_score_before_the_form(visitor: Visitor) -> None:
    """Where the form stands before the result, a line above it has the score, leads to it and follows edits."""
    page = visitor.open(window={"width": 360, "height": 740}).page
    page.goto(address_of(WORKED_EXAMPLE))
    glance = page.locator("#glance a")
    expect(glance).to_have_text("Score 8 of 10, high: see the answer")
    expect(glance).to_be_in_viewport()
    glance.click()
    expect(page.locator("#answer .score")).to_be_in_viewport()
    page.fill("[name=adl_meter]", "0")
    expect(glance).to_contain_text("6 of 10")
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(glance).to_be_hidden()


def test_the_answers_as_json_are_one_link_away(visitor: Visitor) -> None:
    """The link to JSON has the requests and the API's answers of the page."""
    visit = visitor.open()
    visit.page.goto(address_of(WORKED_EXAMPLE))
    href = visit.page.get_by_text("All of these answers as JSON").get_attribute("href")
    assert href is not None
    answers = visit.context.request.get(href).json()
    assert answers[0]["path"] == "/score"
    assert answers[0]["answer"]["score"] == 8
