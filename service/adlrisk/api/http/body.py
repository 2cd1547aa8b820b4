"""Reading a request body within its limits of size and time."""

import asyncio
from typing import Final

from litestar.types import Receive

from adlrisk.api.http.codings.accept_encoding import Coding
from adlrisk.api.http.codings.decompress import Unpacker
from adlrisk.api.http.headers import Headers
from adlrisk.api.http.problems import ProblemError, field_error

_MAX_DIGITS: Final = 18  # an exabyte; int() of a huge number would be slow


class ClientDisconnectedError(Exception):
    """The client disconnected before its request was complete or its answer was sent."""


async def read_body(
    headers: Headers, receive: Receive, *, limit: int, timeout_seconds: float, coding: Coding | None = None
) -> list[bytes]:
    """Read the request body, at most ``limit`` bytes, as a list of chunks, unpacked if it is in a ``coding``.

    The announced length is checked before anything is read, the real length while reading, as sent and as unpacked.

    Raises:
        ProblemError: the body is too long (413), takes too long to arrive (408), or is not in its coding (400).
        ClientDisconnectedError: the client disconnected.
    """
    announced = _read_content_length(headers)
    if announced is not None and announced > limit:
        raise too_large(limit)
    try:
        async with asyncio.timeout(timeout_seconds):
            return await _receive_chunks(receive, limit, None if coding is None else Unpacker(coding, limit=limit))
    except TimeoutError as error:
        detail = f"The body did not arrive within {timeout_seconds:g} seconds"
        raise ProblemError("body-too-slow", detail, headers={"connection": "close"}) from error


def announces_at_most(size: int, headers: Headers) -> bool:
    """Whether Content-Length announces a body of at most ``size`` bytes."""
    announced = _read_content_length(headers)
    return announced is not None and announced <= size


def announces_more_than(size: int, headers: Headers) -> bool:
    """Whether Content-Length announces a body of more than ``size`` bytes."""
    announced = _read_content_length(headers)
    return announced is not None and announced > size


def too_large(limit: int, *, what: str = "body", within: str = "") -> ProblemError:
    """Build the problem for a ``what`` of more than ``limit`` bytes; ``within`` is its JSON Pointer in the request."""
    detail = f"The {what} may be at most {limit} bytes long"
    return ProblemError("body-too-large", detail, errors=(field_error(within, detail),) if within else ())


def _read_content_length(headers: Headers) -> int | None:
    digits = headers.text(b"content-length").strip()
    if not digits.isdecimal():
        return None
    digits = digits.lstrip("0")[:_MAX_DIGITS]  # more digits would be too long as well
    return int(digits or "0")


async def _receive_chunks(receive: Receive, limit: int, unpacker: Unpacker | None) -> list[bytes]:
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
        if unpacker is None:
            chunks.append(chunk)
        else:
            chunks += await unpacker.unpack(chunk)
        if event.get("more_body", False):
            continue
        if unpacker is not None:
            unpacker.finish()
        return chunks
