"""The HTTP/1.1 that the service speaks: uvicorn's, with two manners mended.

uvicorn loses the body of a request that offers an upgrade it does not take (Java's default client offers h2c with
every request), and answers what its parser refuses in plain text. RFC 9110, section 7.8: a server may ignore an
Upgrade. Used names of uvicorn are held by tests.
"""

from typing import Any, Final

import httptools

from adlrisk.api.http.problems import ProblemError
from adlrisk.api.server.connection import BoundedConnection

_NOT_REPEATED: Final = (b"upgrade", b"connection", b"http2-settings")


class Protocol(BoundedConnection):
    """One connection."""

    _goes_on_after_upgrade = False  # a head is fed to the parser a second time, without the upgrade

    def feed(self, data: bytes) -> None:
        """Feed the parser; an upgrade is ignored, and what follows it is the body."""
        self._unset_keepalive_if_required()
        rest = data
        while True:
            try:
                self.parser.feed_data(rest)
            except httptools.HttpParserError:
                self.refuse(ProblemError("bad-request", "The request is not valid HTTP/1.1"))
                return
            except httptools.HttpParserUpgrade as upgrade:
                rest = self._without_upgrade(rest[upgrade.args[0] :])
            else:
                return

    def on_message_begin(self) -> None:
        """Begin a request, unless its head has been read before."""
        if not self._goes_on_after_upgrade:
            super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take the target; that of a tunnel is refused, which the parser would take for an upgrade for ever."""
        if self.parser.get_method() == b"CONNECT":
            raise httptools.HttpParserError("this is no proxy")
        if not self._goes_on_after_upgrade:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        if not self._goes_on_after_upgrade:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the application, unless it has been started."""
        if self._goes_on_after_upgrade:
            self._goes_on_after_upgrade = False
        else:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End the request, unless the parser only stopped at an upgrade."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _without_upgrade(self, rest: bytes) -> bytes:
        """The head that was read once more, without its upgrade, and what follows it; for a parser of its own."""
        method: Any = self.scope["method"]
        head = [method.encode(), b" ", self.url, b" HTTP/1.1\r\n"]
        for name, value in self.headers:
            if name not in _NOT_REPEATED:
                head += [name, b": ", value, b"\r\n"]
        self.parser = httptools.HttpRequestParser(self)
        self._goes_on_after_upgrade = True
        return b"".join([*head, b"\r\n", rest])
