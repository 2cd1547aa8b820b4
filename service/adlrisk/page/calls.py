"""Calls of the API in this process, the one way in which the page comes to a number."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from adlrisk.api.dispatch.endpoint import CallApi, Endpoint, PageCall

_FIRST_ERROR: Final = 400
_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?\Z|\[[0-9A-Fa-f:.]{2,45}\](:[0-9]{1,5})?\Z")
_DEFAULT_HOST: Final = "localhost:8000"


class Exchange(Struct, frozen=True, kw_only=True):
    """A request to an endpoint of the API, and what it answered."""

    method: str
    path: str
    body: bytes  # JSON, empty if there is none
    status: int
    answer: Any  # in plain values

    @property
    def problem(self) -> Mapping[str, Any] | None:
        """The problem that it was answered with, if it was."""
        return self.answer if self.status >= _FIRST_ERROR else None


class Caller(Struct, frozen=True, kw_only=True):
    """Calls endpoints for whoever asked for a page."""

    call_api: CallApi
    key: str = ""

    async def post(self, endpoint: Endpoint, body: Mapping[str, Any]) -> Exchange:
        """The exchange of a POST with this body."""
        content = msgspec.json.encode(body)
        response = await self.call_api(endpoint.operation_id, body=content, key=self.key)
        return Exchange(
            method=endpoint.method,
            path=endpoint.path,
            body=content,
            status=response.status,
            answer=msgspec.json.decode(response.content),
        )

    async def get(self, endpoint: Endpoint, **path: str) -> Exchange:
        """The exchange of a GET with these parameters in its path."""
        response = await self.call_api(endpoint.operation_id, path=path, key=self.key)
        return Exchange(
            method=endpoint.method,
            path=endpoint.path.format(**path),
            body=b"",
            status=response.status,
            answer=msgspec.json.decode(response.content),
        )


def find_origin(call: PageCall) -> str:
    """Scheme and host under which the client reaches the service, as far as it says so.

    Whatever is no host is not repeated: it would be in commands that are there to be copied.
    """
    host = call.headers.text(b"host")
    return f"{call.scheme}://{host if _HOST.match(host) else _DEFAULT_HOST}"


def write_curl(exchange: Exchange, *, origin: str, with_key: bool) -> str:
    """The command that makes the same request, for a POSIX shell; the key is left to a variable."""
    words = ["curl -s", _quote(origin + exchange.path)]
    if with_key:
        words.append('-H "X-API-Key: $ADLRISK_KEY"')
    if exchange.body:
        words += ["-H 'content-type: application/json'", "-d", _quote(exchange.body.decode())]
    return " ".join(words)


def _quote(text: str) -> str:
    """Quote a word for a POSIX shell.

    >>> print(_quote("it's"))
    'it'"'"'s'
    """
    escaped = text.replace("'", "'\"'\"'")
    return f"'{escaped}'"
