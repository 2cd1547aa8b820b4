"""CORS (cross-origin resource sharing): off, unless the operators list the allowed origins.

The service uses no cookies, so credentials are never allowed. Litestar's own middleware is not used: it treats the dots
of an origin as wildcards, and drops the answer's own Vary header.
"""

from typing import Final

from litestar.types import HTTPScope

_REQUEST_HEADERS: Final = (
    b"authorization, content-encoding, content-type, if-match, if-none-match, mcp-method, mcp-name, "
    b"mcp-protocol-version, traceparent, x-api-key, x-request-id"
)
_EXPOSED_HEADERS: Final = b"accept-encoding, etag, retry-after, x-request-id"
_METHODS: Final = b"DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
_MAX_AGE_SECONDS: Final = b"600"


class Cors:
    """Adds CORS headers for the allowed origins."""

    def __init__(self, origins: list[str]) -> None:
        """Allow ``origins``, each with scheme, host and port as browsers send it; ``*`` allows all."""
        self._origins = {origin.lower().encode() for origin in origins}

    def headers(self, scope: HTTPScope) -> list[tuple[bytes, bytes]]:
        """Return the headers to add to the answer of a request, whatever its status."""
        if not self._origins:
            return []
        sent = dict(scope["headers"])
        allowed = self._allowed_origin(sent.get(b"origin", b""))
        if allowed is None:
            return [(b"vary", b"origin")]
        headers = [(b"vary", b"origin"), (b"access-control-allow-origin", allowed)]
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in sent:
            return [
                *headers,
                (b"access-control-allow-methods", _METHODS),
                (b"access-control-allow-headers", _REQUEST_HEADERS),
                (b"access-control-max-age", _MAX_AGE_SECONDS),
            ]
        return [*headers, (b"access-control-expose-headers", _EXPOSED_HEADERS)]

    def _allowed_origin(self, origin: bytes) -> bytes | None:
        """Return the value of Access-Control-Allow-Origin; ``None`` if ``origin`` is not allowed."""
        if not origin:
            return None
        if b"*" in self._origins:
            return b"*"
        return origin if origin.lower() in self._origins else None
