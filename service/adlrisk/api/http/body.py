"""Reading of a request's body within its limits of size and time."""

import asyncio
from typing import Final

from litestar.types import Receive

from adlrisk.api.http.headers import Headers
from adlrisk.api.http.problems import ProblemError, field_error

_LONGEST_LENGTH: Final = 18  # digits: an exabyte, and more than Python should be made to read


class ClientDisconnectedError(Exception):
    """The caller went away before its request was complete; there is nobody to answer."""


async def read_body(head: Headers, receive: Receive, *, limit: int, timeout_seconds: float) -> list[bytes]:
    """The request's body as it came in, at most ``limit`` bytes long.

    An announced length is checked before anything is read, the real one while it is read.

    Raises:
        ProblemError: the body is longer (413), or takes longer to arrive (408).
        ClientDisconnectedError: the caller went away.
    """
    announced = _announced(head)
    if announced is not None and announced > limit:
        raise too_large(limit)
    try:
        async with asyncio.timeout(timeout_seconds):
            return await _received(receive, limit)
    except TimeoutError as error:
        detail = f"The body did not arrive within {timeout_seconds:g} seconds"
        raise ProblemError("body-too-slow", detail, headers={"connection": "close"}) from error


def announces_at_most(size: int, head: Headers) -> bool:
    """Whether the headers say that the body is no longer than ``size`` bytes."""
    announced = _announced(head)
    return announced is not None and announced <= size


def too_large(limit: int, *, what: str = "body", within: str = "") -> ProblemError:
    """The problem for a ``what`` beyond ``limit`` bytes; ``within`` is its JSON Pointer in the request."""
    detail = f"The {what} may be at most {limit} bytes long"
    return ProblemError("body-too-large", detail, errors=(field_error(within, detail),) if within else ())


def _announced(head: Headers) -> int | None:
    digits = head.text(b"content-length").strip()
    if not digits.isdecimal():
        return None
    digits = digits.lstrip("0")[:_LONGEST_LENGTH]  # a thousand digits are as much too long as eighteen
    return int(digits or "0")


async def _received(receive: Receive, limit: int) -> list[bytes]:
    chunks: list[bytes] = []
    received = 0
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise ClientDisconnectedError
        chunk = event.get("body", b"")
        received += len(chunk)
        if received > limit:
            raise too_large(limit)
        chunks.append(chunk)
        if not event.get("more_body", False):
            return chunks
