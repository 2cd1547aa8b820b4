"""Which web pages may ask from a browser: none, unless the operators name them.

The service knows no cookies, so a browser is never told to send any. Litestar's own layer is not used: it reads an
origin's dots as any character, and takes the answer's own Vary away.
"""

from typing import Any, Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

_SENT: Final = b"authorization, content-type, if-match, if-none-match, traceparent, x-api-key, x-request-id"
_READ: Final = b"etag, ratelimit, ratelimit-policy, retry-after, x-request-id"
_METHODS: Final = b"DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
_KEPT_SECONDS: Final = b"600"


class CrossOrigin:
    """An ASGI application that lets pages of named origins ask another."""

    def __init__(self, app: ASGIApp, origins: list[str]) -> None:
        """``origins`` are as browsers send them, scheme, host and port; ``*`` stands for all."""
        self._app = app
        self._origins = {origin.lower().encode() for origin in origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and say that the page may read the answer where it may."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        sent = dict(scope["headers"])
        origin = sent.get(b"origin", b"")
        allowed = self._allowed(origin)
        headers = [(b"vary", b"origin"), *([(b"access-control-allow-origin", allowed)] if allowed else ())]
        if allowed and scope["method"] == "OPTIONS" and b"access-control-request-method" in sent:
            headers += [
                (b"access-control-allow-methods", _METHODS),
                (b"access-control-allow-headers", _SENT),
                (b"access-control-max-age", _KEPT_SECONDS),
            ]
        elif allowed:
            headers.append((b"access-control-expose-headers", _READ))

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                shown: Any = {**message, "headers": [*message["headers"], *headers]}
                await send(shown)
            else:
                await send(message)

        await self._app(scope, receive, answer)

    def _allowed(self, origin: bytes) -> bytes | None:
        """What the answer to a page of ``origin`` allows."""
        if not origin:
            return None
        if b"*" in self._origins:
            return b"*"
        return origin if origin.lower() in self._origins else None
