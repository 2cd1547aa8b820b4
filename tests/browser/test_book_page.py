"""The page of a book: pasted, chosen as a file, wrong, and as large as it may be."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import FilePayload, Page, expect

from support.browser.checks import find_barriers, find_overlaps, width_beyond_window
from support.browser.showcase import write_book
from support.browser.visits import Visitor

_BOOK = "id,side,size,entry_price,leverage\nann,short,4,2100,10\nme,short,2,2050,20\ngus,long,6,1990,40\n"
# What is said while the next page is on its way: nothing can be asked of this one then.
_KEEP_BUSY = """new MutationObserver(() => sessionStorage.setItem('said',
  [...document.querySelectorAll('.busy')].filter(one => one.checkVisibility()).map(one => one.textContent).join()))
  .observe(document.body, {subtree: true, attributes: true})"""


def _fill_in(page: Page, book: str = "") -> None:
    page.goto("/page/book")
    page.select_option("[name=venue]", "bitmex")
    page.fill("[name=mark_price]", "2000")
    page.fill("[name=own_id]", "me")
    page.fill("[name=book]", book)


def test_a_pasted_book_shows_the_place_in_the_queue(visitor: Visitor) -> None:
    """A pasted book is ranked; the result has the place of one's own position, and no address to share."""
    page = visitor.open().page
    _fill_in(page, _BOOK)
    page.click("text=Show the queue")
    expect(page.locator("#result h2").first).to_contain_text("queue")
    expect(page.locator("#result")).to_contain_text("You are number")
    expect(page.locator("[name=book]")).to_have_value(_BOOK)
    assert "?" not in page.url


@pytest.mark.parametrize("with_script", [True, False])
def test_a_file_is_the_same_as_its_text(with_script: bool, visitor: Visitor, tmp_path: Path) -> None:
    """A book chosen as a file gives the result of the same book pasted, with script and without."""
    file = tmp_path / "book.csv"
    file.write_text(_BOOK)
    page = visitor.open(with_script=with_script).page
    results = []
    for book in (_BOOK, ""):
        _fill_in(page, book)
        if not book:
            page.set_input_files("[name=file]", file)
        page.click("text=Show the queue")
        expect(page.locator("#result")).to_contain_text("You are number")
        results.append(page.locator("#result").inner_text())
    assert results[0] == results[1]


def test_a_broken_book_names_line_and_column(visitor: Visitor) -> None:
    """What is wrong in a book is told with its line and column, beside the book, which stays to be corrected."""
    visit = visitor.open()
    visit.complaints.expect("40[0-9]|422")
    _fill_in(visit.page, _BOOK.replace("2050", "a lot"))
    visit.page.click("text=Show the queue")
    error = visit.page.locator("#book-error")
    expect(error).to_contain_text("line 3")
    expect(error).to_contain_text("entry_price")
    expect(visit.page.locator("#errors")).to_be_in_viewport()
    expect(visit.page.locator("[name=book]")).to_have_value(_BOOK.replace("2050", "a lot"))


def test_a_sample_is_one_click_away_and_its_page_is_as_good_as_all(visitor: Visitor) -> None:
    """The sample shows every section; its page has no barrier, and fits the window of a telephone."""
    page = visitor.open().page
    page.goto("/page/book")
    page.click("text=Try a sample book")
    expect(page.locator("#result section")).to_have_count(4)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = find_barriers(page)
    assert not found, "\n".join(found)
    page.set_viewport_size({"width": 360, "height": 740})
    assert width_beyond_window(page) == 0


def test_large_work_says_that_it_is_under_way(visitor: Visitor) -> None:
    """While a book as large as it may be is worked on, the page says so; then it has the result."""
    page = visitor.open().page
    _fill_in(page)
    book = FilePayload(name="book.csv", mimeType="text/csv", buffer=write_book(5_000).encode())
    page.set_input_files("[name=file]", book)
    page.fill("[name=own_id]", "p4")
    page.evaluate(_KEEP_BUSY)
    page.click("text=Show the queue")
    expect(page.locator("#result")).to_contain_text("You are number")
    assert "Working on the book" in page.evaluate("sessionStorage.getItem('said')")


def test_a_book_of_another_site_is_refused(visitor: Visitor) -> None:
    """A form of another origin that sends a book here is refused by a page that says why."""
    visit = visitor.open()
    url = str(httpx.URL(visitor.service).copy_with(host="localhost"))
    visit.complaints.expect("403|elsewhere|Content Security")
    page = visit.page
    form = f"""<form method=post enctype=multipart/form-data action={url}/page/book>
      <input name=book><button>x</button></form>"""
    page.route("**/made-up", lambda route: route.fulfill(body=form, content_type="text/html"))
    page.goto("/made-up")
    page.click("button")
    expect(page.locator("main")).to_contain_text("another site")


def test_texts_of_pictures_do_not_overlap_on_a_telephone(visitor: Visitor) -> None:
    """No two texts of the picture of the queue lie on each other, with the long numbers of a large book."""
    page = visitor.open(window={"width": 360, "height": 740}).page
    _fill_in(page)
    book = FilePayload(name="book.csv", mimeType="text/csv", buffer=write_book(1_500).encode())
    page.set_input_files("[name=file]", book)
    page.fill("[name=own_id]", "p4")
    page.click("text=Show the queue")
    expect(page.locator("#ladder svg").first).to_be_visible()
    assert find_overlaps(page) == []
