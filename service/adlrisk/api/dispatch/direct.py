"""The POST endpoints, dispatched by one look into a table before Litestar's router sees the request.

Litestar routes, builds its request and sends its response in some 40 µs, as long as everything else together takes.
"""

from collections.abc import Mapping
from typing import Any, Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from adlrisk.api.dispatch.errors import Failures
from adlrisk.api.dispatch.respond import Answerer, Asked, Encoded
from adlrisk.api.http.headers import Headers

_JOINED_BYTES: Final = 1 << 20


class Direct:
    """An ASGI application that answers some paths itself, and leaves all others to another."""

    def __init__(self, answerers: Mapping[str, Answerer], failures: Failures, *, otherwise: ASGIApp) -> None:
        """``answerers`` are those of the POST endpoints, by path."""
        self._answerers = answerers
        self._failures = failures
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST" or scope["path"] not in self._answerers:
            await self._otherwise(scope, receive, send)
            return
        answer_of = self._answerers[scope["path"]]
        scope["path_template"] = scope["path"]
        try:
            encoded = await answer_of(Asked(scope, Headers(scope["headers"]), receive))
        except Exception as error:  # noqa: BLE001 (the edge: whatever happened becomes an answer)
            encoded = self._failures.answer(scope, error)
        await _send(encoded, send)


async def _send(encoded: Encoded, send: Send) -> None:
    """The answer in pieces, each let go of when it has been sent; small ones as one."""
    pieces = encoded.pieces
    length = sum(map(len, pieces))
    named = {"content-type": encoded.media_type, "content-length": str(length), **encoded.headers}
    headers = [(name.encode(), value.encode()) for name, value in named.items()]
    start: Any = {"type": "http.response.start", "status": encoded.status, "headers": headers}
    await send(start)
    if length <= _JOINED_BYTES:
        await send(_body(b"".join(pieces), more=False))
        return
    pieces.reverse()
    while pieces:
        await send(_body(pieces.pop(), more=bool(pieces)))


def _body(piece: bytes, *, more: bool) -> Any:
    return {"type": "http.response.body", "body": piece, "more_body": more}
