"""The page at any width and zoom: nothing wider than the window, nothing that moves, little to load."""

from typing import Final

import pytest
from playwright.sync_api import Request, expect

from support.browser.checks import KEEP_SHIFTS, find_overlaps, width_beyond_window
from support.browser.showcase import ETH_SHORT, HEDGED, LITTLE_KNOWN, WRONG, address_of
from support.browser.visits import Visitor

_PAGES: Final = {
    "empty": "/page",
    "short": address_of(ETH_SHORT),
    "little": address_of(LITTLE_KNOWN),
    "hedged": address_of(HEDGED),
    "wrong": address_of(WRONG),
    "book": "/page/book",
    "venues": "/page/venues",
    "venue": "/page/venues/binance",
}
# Half of it is a window of 1280 × 900 at a zoom of 200 %.
_WINDOWS: Final = {"phone": (360, 640), "zoomed": (640, 450), "tablet": (768, 1024)}
_MOST_BYTES: Final = 60_000


@pytest.mark.parametrize("name", _PAGES)
def test_pages_never_scroll_sideways(name: str, visitor: Visitor) -> None:
    """On a phone, zoomed to 200 % and on a tablet no page is wider than its window, with all that is folded open."""
    visit = visitor.open()
    visit.complaints.expect("400")
    visit.page.goto(_PAGES[name])
    visit.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for window, (width, height) in _WINDOWS.items():
        visit.page.set_viewport_size({"width": width, "height": height})
        assert width_beyond_window(visit.page) == 0, window


@pytest.mark.parametrize("name", ["short", "little", "hedged"])
def test_texts_of_pictures_do_not_overlap(name: str, visitor: Visitor) -> None:
    """No two texts of a picture lie on each other, on a telephone and at a desk."""
    page = visitor.open().page
    page.goto(_PAGES[name])
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert find_overlaps(page) == [], width


@pytest.mark.parametrize("name", ["empty", "short", "book", "venue"])
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves_while_a_page_loads(name: str, width: int, visitor: Visitor) -> None:
    """No part of a page changes its place after it was first drawn."""
    page = visitor.open(window={"width": width, "height": 900}, is_first=True).page
    page.add_init_script(KEEP_SHIFTS)
    page.goto(_PAGES[name], wait_until="networkidle")
    assert page.evaluate("window.shifts") == []


@pytest.mark.parametrize("name", _PAGES)
def test_a_page_with_all_that_it_loads_is_small(name: str, visitor: Visitor) -> None:
    """All that a first visit transfers, headers and all, is 60 kB at most."""
    visit = visitor.open(is_first=True)
    visit.complaints.expect("400")
    requests: list[Request] = []
    visit.page.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108 (Playwright marks it)
    visit.page.goto(_PAGES[name], wait_until="networkidle")
    expect(visit.page.locator("main")).to_be_visible()
    sizes = [request.sizes() for request in requests]
    assert 3 <= len(sizes) <= 5
    assert sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes) <= _MOST_BYTES
