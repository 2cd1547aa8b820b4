"""A request off the wire: which formats it speaks, its body within limits, and what is wrong with it."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine
from functools import lru_cache
from typing import Any, Final, TypeVar

import msgspec
from litestar.types import Receive

from adlrisk.api.http.accept import best_match
from adlrisk.api.http.codecs import MEDIA_TYPES
from adlrisk.api.http.headers import Head
from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.venues.tasks import end_tasks

_LONGEST_LENGTH: Final = 18  # digits: an exabyte, and more than Python should be made to read
_LONGEST_NAME: Final = 64  # of an unknown field in an answer
# What a decoder says. The caller's own words stand in some of it, so each is known by how it begins and ends.
_PLACED: Final = re.compile(r"(?P<what>.*) - at (?:`key` in )?`(?P<at>\$[A-Za-z0-9_.\[\]]*)`\Z", re.DOTALL)
_UNKNOWN_FIELD: Final = re.compile(r"Object contains unknown field `(?P<name>.*)`\Z", re.DOTALL)
_NAMED_FIELD: Final = re.compile(r"(?P<kind>[A-Z][a-z ]*) field `(?P<name>\w+)`(?P<rest>.*)\Z", re.DOTALL)
_PATH_STEP: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]")

T = TypeVar("T")


class ClientDisconnectedError(Exception):
    """The caller went away before its request was complete; there is nobody to answer."""


def media_type_of_body(head: Head, accepted: tuple[str, ...] = MEDIA_TYPES) -> str:
    """The media type that the request's Content-Type names, one of ``accepted``.

    Raises:
        ProblemError: there is none (415).
    """
    return _media_type_named(head.all(b"content-type"), head.joined(b"content-encoding"), accepted)


def media_type_of_answer(head: Head) -> str:
    """The media type to answer in, from the request's Accept header; JSON where it says nothing.

    Raises:
        ProblemError: nothing it accepts can be served (406).
    """
    accept = head.joined(b"accept")
    chosen = best_match(accept, MEDIA_TYPES)
    if chosen is None:
        raise ProblemError("not-acceptable", f"Accept {accept[:64]!r} admits none of {', '.join(MEDIA_TYPES)}")
    return chosen


def announces_at_most(size: int, head: Head) -> bool:
    """Whether the headers say that the body is no longer than ``size`` bytes."""
    announced = _announced(head)
    return announced is not None and announced <= size


async def read_body(head: Head, receive: Receive, *, limit: int, timeout_seconds: float) -> list[bytes]:
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


@lru_cache(maxsize=256)
def _media_type_named(given: tuple[bytes, ...], content_encoding: str, accepted: tuple[str, ...]) -> str:
    if len(set(given)) > 1:
        raise _unsupported(f"Content-Type is given {len(given)} times, and not alike", accepted)
    media_type, _, parameters = (given[0].decode("latin-1") if given else "").partition(";")
    named = media_type.strip().lower()
    if named not in accepted:
        raise _unsupported(f"Content-Type {named[:64]!r} is none of {', '.join(accepted)}", accepted)
    charset = re.search(r"(?:^|;)\s*charset\s*=\s*\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8"):
        raise _unsupported(f"charset {charset[1][:32]!r} is not UTF-8", accepted)
    encoding = content_encoding.strip().lower()
    if encoding not in ("", "identity"):
        raise _unsupported(f"Content-Encoding {encoding[:32]!r}: send the body as it is", accepted)
    return named


def _announced(head: Head) -> int | None:
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


async def unless_gone(work: Coroutine[Any, Any, T], gone: Callable[[], Awaitable[None]]) -> T:
    """What ``work`` comes to, which is cancelled where ``gone`` returns first.

    Raises:
        ClientDisconnectedError: it did.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(gone())
    try:
        await asyncio.wait([working, leaving], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnectedError
        return working.result()
    finally:
        await end_tasks([working, leaving])


def decode(decoder: Callable[[Any], Any], body: bytes | bytearray | msgspec.Raw, *, within: str = "") -> Any:
    """What ``decoder`` makes of ``body``; ``within`` is the JSON Pointer of ``body`` in the request.

    Raises:
        ProblemError: it cannot be decoded, or breaks the schema (400).
    """
    try:
        return decoder(body)
    except msgspec.ValidationError as error:
        pointer, detail = located(str(error))
        pointer = within + pointer
        summary = f"{pointer or 'the body'}: {detail}"
        raise ProblemError("invalid-request", summary, errors=(field_error(pointer, detail),)) from error
    except UnicodeDecodeError as error:
        raise _malformed("a string is not UTF-8", within) from error
    except RecursionError as error:
        raise _malformed("it is nested too deeply", within) from error
    except msgspec.DecodeError as error:
        detail = str(error) if isinstance(body, msgspec.Raw) or bytes(body[:64]).strip() else "it is empty"
        raise _malformed(detail, within) from error


def too_large(limit: int, *, what: str = "body", within: str = "") -> ProblemError:
    """The problem for a ``what`` beyond ``limit`` bytes; ``within`` is its JSON Pointer in the request."""
    detail = f"The {what} may be at most {limit} bytes long"
    return ProblemError("body-too-large", detail, errors=(field_error(within, detail),) if within else ())


def located(message: str) -> tuple[str, str]:
    """A decoder's message as JSON Pointer and what is wrong there."""
    placed = _PLACED.match(message)
    what, at = (placed["what"], placed["at"]) if placed else (message, "")
    pointer = "".join(f"/{name or index}" for name, index in _PATH_STEP.findall(at))
    if what.startswith("Expected `str` matching regex"):
        return pointer, "does not have the form that the schema's pattern asks for"
    if unknown := _UNKNOWN_FIELD.match(what):
        return f"{pointer}/{_escaped(unknown['name'][:_LONGEST_NAME])}", "unknown field"
    named = _NAMED_FIELD.match(what)
    if named is None:
        return pointer, what[:1].lower() + what[1:]
    pointer += f"/{named['name']}"
    if named["kind"] == "Object missing required":
        return pointer, "required, but missing" + named["rest"]
    return pointer, named["rest"].removeprefix(": ")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _malformed(detail: str, within: str) -> ProblemError:
    return ProblemError("malformed-body", detail, errors=(field_error(within, detail),))


def _unsupported(detail: str, accepted: tuple[str, ...]) -> ProblemError:
    return ProblemError("unsupported-media-type", detail, headers={"accept": ", ".join(accepted)})
