"""Pages open in Chromium, each as if nothing had been there before."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from support.browser.complaints import Complaints

_WINDOW: Final = ViewportSize(width=1280, height=720)

Key = tuple[str, bool]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A page, and what the browser complains of in it."""

    page: Page
    context: BrowserContext
    complaints: Complaints
    key: Key | None  # under which the page is kept for later tests


@dataclass(frozen=True, kw_only=True)
class Pages:
    """Pages that tests have left: a new one takes a second of a processor to begin with."""

    browser: Browser
    left: dict[Key, Page] = field(default_factory=dict)

    def take(self, key: Key) -> Page:
        """A page that nobody has, of this service, with script or without."""
        return self.left.pop(key, None) or self.open(key)

    def open(self, key: Key) -> Page:
        """A page in a context of its own."""
        service, with_script = key
        return self.browser.new_context(base_url=service, java_script_enabled=with_script).new_page()

    def leave(self, visit: Visit) -> None:
        """Keep a page for others, without what the test did to it; close one that was for its test only."""
        visit.complaints.end()
        if visit.key is None:
            visit.context.close()
            return
        visit.page.unroute_all(behavior="ignoreErrors")
        visit.page.emulate_media(color_scheme="light")
        visit.page.goto("about:blank")
        self.left[visit.key] = visit.page


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Opens pages, of ``service`` unless told."""

    pages: Pages
    service: str
    visits: list[Visit] = field(default_factory=list)

    def open(
        self, service: str = "", *, window: ViewportSize = _WINDOW, with_script: bool = True, is_first: bool = False
    ) -> Visit:
        """A page that is still empty. With ``is_first`` the browser has kept nothing of the service."""
        key = (service or self.service, with_script)
        page = self.pages.open(key) if is_first else self.pages.take(key)
        page.set_viewport_size(window)
        complaints = Complaints(page.context, service=key[0])
        visit = Visit(page=page, context=page.context, complaints=complaints, key=None if is_first else key)
        self.visits.append(visit)
        return visit


@contextlib.contextmanager
def visiting(pages: Pages, service: str) -> Iterator[Visitor]:
    """A visitor, whose pages are left at the end; fails if there was an unexpected complaint in any."""
    visitor = Visitor(pages=pages, service=service)
    try:
        yield visitor
        for visit in visitor.visits:
            unexpected = visit.complaints.unexpected()
            assert not unexpected, f"the browser complained: {unexpected}"
    finally:
        for visit in visitor.visits:
            pages.leave(visit)
