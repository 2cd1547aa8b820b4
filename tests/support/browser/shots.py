"""Pictures of the page in Chromium at three widths, dark and light, to look at.

``shots.py URL FOLDER [NAME ...]``: of the service at ``URL`` into ``FOLDER``, all views or those with these names. As
modules of the tests it needs ``PYTHONPATH=service:tests`` and the environment of `make browser-test`.
"""

import itertools
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, FilePayload, Page

from support.browser.chromium import launch_chromium
from support.browser.showcase import ETH_SHORT, HEDGED, LITTLE_KNOWN, WORKED_EXAMPLE, WRONG, address_of, write_book

WIDTHS: Final = {360: 740, 768: 1024, 1280: 900}
_SCHEMES: Final = ("light", "dark")
_ROWS: Final = 5_000


def go(page: Page, address: str) -> None:
    """Show an address."""
    page.goto(address)


def send_book(page: Page) -> None:
    """Upload a large book and wait for what it comes to."""
    page.goto("/page/book")
    book = FilePayload(name="book.csv", mimeType="text/csv", buffer=write_book(_ROWS).encode())
    page.set_input_files("input[type=file]", book)
    page.fill("[name=mark_price]", "1800")
    page.fill("[name=own_id]", "p4")
    page.click("text=Show the queue")
    page.wait_for_selector("#result svg, #errors")


VIEWS: Final[dict[str, Callable[[Page], None]]] = {
    "empty": partial(go, address="/page"),
    "example": partial(go, address=address_of(WORKED_EXAMPLE)),
    "short": partial(go, address=address_of(ETH_SHORT)),
    "unknown": partial(go, address=address_of(LITTLE_KNOWN)),
    "wrong": partial(go, address=address_of(WRONG)),
    "hedged": partial(go, address=address_of(HEDGED)),
    "book": send_book,
    "venues": partial(go, address="/page/venues"),
    "venue": partial(go, address="/page/venues/binance"),
}


def take_shot(browser: Browser, url: str, *, name: str, width: int, scheme: str, path: Path) -> None:
    """A picture of the whole page."""
    viewport = {"width": width, "height": WIDTHS[width]}
    context = browser.new_context(base_url=url, viewport=viewport, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    VIEWS[name](page)
    page.screenshot(path=path, full_page=True)
    context.close()


def main(url: str, folder: str, *names: str) -> None:
    """Take all of them."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    with launch_chromium() as browser:
        for name, width, scheme in itertools.product(names or VIEWS, WIDTHS, _SCHEMES):
            path = Path(folder) / f"{name}-{width}-{scheme}.png"
            take_shot(browser, url, name=name, width=width, scheme=scheme, path=path)


if __name__ == "__main__":
    main(*sys.argv[1:])
