"""Which web pages may ask from a browser: none, unless the operators name them.

The service knows no cookies, so a browser is never told to send any. Litestar's own layer is not used: it reads an
origin's dots as any character, and takes the answer's own Vary away.
"""

from typing import Final

from litestar.types import HTTPScope

_SENT: Final = b"authorization, content-type, if-match, if-none-match, traceparent, x-api-key, x-request-id"
_READ: Final = b"etag, retry-after, x-request-id"
_METHODS: Final = b"DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
_KEPT_SECONDS: Final = b"600"


class CrossOrigin:
    """The headers that let pages of named origins ask."""

    def __init__(self, origins: list[str]) -> None:
        """``origins`` are as browsers send them, scheme, host and port; ``*`` stands for all."""
        self._origins = {origin.lower().encode() for origin in origins}

    def headers(self, scope: HTTPScope) -> list[tuple[bytes, bytes]]:
        """What is added to the answer of a request, whatever it is."""
        if not self._origins:
            return []
        sent = dict(scope["headers"])
        allowed = self._allowed(sent.get(b"origin", b""))
        if allowed is None:
            return [(b"vary", b"origin")]
        headers = [(b"vary", b"origin"), (b"access-control-allow-origin", allowed)]
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in sent:
            return [
                *headers,
                (b"access-control-allow-methods", _METHODS),
                (b"access-control-allow-headers", _SENT),
                (b"access-control-max-age", _KEPT_SECONDS),
            ]
        return [*headers, (b"access-control-expose-headers", _READ)]

    def _allowed(self, origin: bytes) -> bytes | None:
        """What the answer to a page of ``origin`` allows."""
        if not origin:
            return None
        if b"*" in self._origins:
            return b"*"
        return origin if origin.lower() in self._origins else None
