"""Pages open in Chromium, each in a context with nothing in it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from support.browser.complaints import Complaints


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A page in a context of its own, and what the browser complained of in it."""

    page: Page
    context: BrowserContext
    complaints: Complaints


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Opens pages, of ``service`` unless told."""

    browser: Browser
    service: str
    visits: list[Visit] = field(default_factory=list)

    def open(self, service: str = "", **options: Any) -> Visit:
        """A page that is still empty, in a new context with Playwright's ``options``."""
        url = service or self.service
        context = self.browser.new_context(base_url=url, **options)
        complaints = Complaints(context, service=url)
        visit = Visit(page=context.new_page(), context=context, complaints=complaints)
        self.visits.append(visit)
        return visit


@contextlib.contextmanager
def visiting(browser: Browser, service: str) -> Iterator[Visitor]:
    """A visitor, whose pages are closed at the end; fails if there was an unexpected complaint in any."""
    visitor = Visitor(browser=browser, service=service)
    try:
        yield visitor
        for visit in visitor.visits:
            unexpected = visit.complaints.unexpected()
            assert not unexpected, f"the browser complained: {unexpected}"
    finally:
        for visit in visitor.visits:
            visit.context.close()
