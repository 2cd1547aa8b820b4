"""Upgrades that a client offers are ignored, as RFC 9110, section 7.8, allows.

uvicorn loses the body of a request that offers an upgrade which it does not take (Kludex/uvicorn#2722); Java's default
client offers h2c with every request. The parser stops at such a head, so the head is read once more by another parser,
without its upgrade and unseen by the connection, and what follows it is the body.
"""

from typing import TYPE_CHECKING, Any, Final

import httptools

if TYPE_CHECKING:
    from adlrisk.api.server.connection import Connection

_UPGRADE_HEADERS: Final = (b"upgrade", b"connection", b"http2-settings")


def head_without_upgrade(method: str, url: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    r"""A request's head without its offer of an upgrade.

    >>> head_without_upgrade("GET", b"/", [(b"host", b"x"), (b"upgrade", b"h2c")])
    b'GET / HTTP/1.1\r\nhost: x\r\n\r\n'
    """
    lines = [b"%b %b HTTP/1.1" % (method.encode(), url)]
    lines += [b"%b: %b" % header for header in headers if header[0] not in _UPGRADE_HEADERS]
    return b"\r\n".join([*lines, b"", b""])


def second_parser(connection: "Connection") -> Any:
    """A parser that keeps the first head it reads to itself, and tells the connection everything after it."""
    parser = httptools.HttpRequestParser(_AfterHead(connection))
    parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it, for pipelined requests
    return parser


class _AfterHead:
    """The parser's callbacks of a connection, from the end of the first head on."""

    def __init__(self, connection: "Connection") -> None:
        self._connection = connection
        self._is_past_head = False
        self.on_body = connection.on_body
        self.on_chunk_header = connection.on_chunk_header
        self.on_message_complete = connection.on_message_complete

    def on_message_begin(self) -> None:
        if self._is_past_head:
            self._connection.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if self._is_past_head:
            self._connection.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._is_past_head:
            self._connection.on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._is_past_head:
            self._connection.on_headers_complete()
        self._is_past_head = True
