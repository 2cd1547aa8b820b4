"""Every page is usable by all: no barrier that axe knows, light or dark, and valid HTML."""

from pathlib import Path
from typing import Final

import httpx
import pytest

from adlrisk.page.book.sample import SAMPLE_BOOK, SAMPLE_VALUES
from support.browser.checks import find_barriers, find_invalid
from support.browser.showcase import ETH_SHORT, HEDGED, LITTLE_KNOWN, WORKED_EXAMPLE, WRONG, address_of
from support.browser.visits import Visitor
from support.running import RunningServer

_PAGES: Final = {
    "empty": "/page",
    "example": address_of(WORKED_EXAMPLE),
    "short": address_of(ETH_SHORT),
    "little": address_of(LITTLE_KNOWN),
    "hedged": address_of(HEDGED),
    "wrong": address_of(WRONG),
    "book": "/page/book",
    "venues": "/page/venues",
    "found": "/page/venues?q=okx",
    "venue": "/page/venues/binance",
    "no-venue": "/page/venues/no-such-venue",
    "docs": "/docs",
}
_IN_THE_DARK: Final = ("short", "wrong", "venues", "docs")  # with all colours that there are
_BOOK: Final = {"book": SAMPLE_BOOK, **SAMPLE_VALUES}
_WRONG_HTML: Final = """<!doctype html><html lang=en><title>x</title>
<p role=none-such>a</p><svg><rect heigth=3></rect></svg><ul><p>x</ul>"""


# Each kind of page, as axe takes a second for each.
@pytest.mark.parametrize("name", ["short", "little", "wrong", "book", "venues", "venue", "no-venue", "docs"])
def test_no_page_has_a_barrier(name: str, visitor: Visitor) -> None:
    """All rules of axe are kept with all that is folded open, and those of contrast in the dark, too."""
    visit = visitor.open()
    visit.complaints.expect("40[04]")
    page = visit.page
    page.goto(_PAGES[name])
    if name == "docs":  # the rest is more of the same, and would take long
        page.evaluate("[...document.querySelectorAll('main > *')].slice(50).forEach(part => part.remove())")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = find_barriers(page)
    if name in _IN_THE_DARK:
        page.emulate_media(color_scheme="dark")
        found += [f"in the dark: {one}" for one in find_barriers(page, "color-contrast")]
    assert not found, "\n".join(found)


def test_pages_are_valid_and_errors_would_be_found(service: RunningServer, tmp_path: Path) -> None:
    """The checker finds nothing in any page, and in a wrong one what is wrong in HTML, ARIA and SVG."""
    pages = {"wrong-html": _WRONG_HTML}
    with httpx.Client(base_url=service.url, headers={"accept": "text/html"}, timeout=60) as client:
        for name, address in _PAGES.items():
            answer = client.get(address)
            assert answer.headers["content-type"] == "text/html; charset=utf-8", name
            pages[name] = answer.text
        pages["book-result"] = client.post(
            "/page/book", files={name: (None, text) for name, text in _BOOK.items()}
        ).text
    found = find_invalid(pages, tmp_path)
    in_pages = [one for one in found if not one.startswith("wrong-html: ")]
    assert not in_pages, "\n".join(in_pages)
    for words in ("none-such", "heigth", "Element “p” not allowed as child of element “ul”"):
        assert words in "\n".join(found)
