"""What a browser complains of while pages are open in it, and what they ask of anyone but the service."""

import re
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

_LEVELS: Final = ("error", "warning")  # of the console; a breach of the content security policy is an error
_OWN_SCHEMES: Final = ("data", "blob", "about")  # of what comes from no server


class Complaints:
    """Errors and warnings of the console, of scripts, of requests, and requests to elsewhere, in their order."""

    def __init__(self, context: BrowserContext, *, service: str) -> None:
        """Listens to all pages of ``context``; ``service`` is the one address that they may ask."""
        self._context = context
        self._found: list[str] = []
        self._expected: list[re.Pattern[str]] = []
        self._host = urlsplit(service).netloc
        context.on("console", self._hear_console)
        context.on("weberror", self._hear_script)
        context.on("request", self._hear_request)
        context.on("requestfailed", self._hear_failure)

    def end(self) -> None:
        """Listen no longer."""
        self._context.remove_listener("console", self._hear_console)
        self._context.remove_listener("weberror", self._hear_script)
        self._context.remove_listener("request", self._hear_request)
        self._context.remove_listener("requestfailed", self._hear_failure)

    def unexpected(self) -> list[str]:
        """All that was not expected, up to now."""
        for page in self._context.pages:
            page.title()  # an answer of the browser, after all that it said before
        return [one for one in self._found if not any(pattern.search(one) for pattern in self._expected)]

    def expect(self, pattern: str) -> None:
        """Complaints in which ``pattern`` is found are what the test is about."""
        self._expected.append(re.compile(pattern))

    def _hear_console(self, message: ConsoleMessage) -> None:
        if message.type in _LEVELS:
            self._found.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _hear_script(self, error: WebError) -> None:
        self._found.append(f"script: {error.error}")

    def _hear_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.netloc != self._host and address.scheme not in _OWN_SCHEMES:
            self._found.append(f"request to elsewhere: {request.url}")

    def _hear_failure(self, request: Request) -> None:
        # What the page itself gives up: an answer that a later change of the form, or the next page, has made useless.
        if request.failure != "net::ERR_ABORTED":
            self._found.append(f"failed request: {request.url}: {request.failure}")
