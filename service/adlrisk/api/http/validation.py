"""Decoding and validation of request bodies, with msgspec's messages as JSON Pointer and detail."""

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.api.http.repairs import explain_value, find_value

NEVER_SLOW_BYTES: Final = 4096  # a body up to this size is read in 2 ms, whatever its numbers are

_MAX_READ_AGAIN: Final = 64 << 10
_UNKNOWN: Final = "unknown field"
_REQUIRED: Final = "required, but missing"
_MAX_NAME: Final = 64  # of an unknown field that is shown in an answer
# Numbers next to nothing (3e-324), which are read a hundred times as slowly as others, 10 µs each. Of the numbers that
# are within bounds, only those with negative exponents of three digits are slow; what follows tells them from text.
_SLOW_NUMBERS: Final = tuple(re.compile(rb"%c-0*[1-9][0-9]{2,}\s*[,}\]]" % mark) for mark in b"eE")
_SLOW_NUMBER: Final = re.compile(rb"[0-9.][eE]-0*[1-9][0-9]{2,}\s*[,}\]]")  # several times slower, and right
_MAX_SLOW_NUMBERS: Final = 200
# Messages of the decoder. Some quote the client's own text, so each is matched at its start and end.
_LOCATED: Final = re.compile(r"(?P<what>.*) - at (?:`key` in )?`(?P<at>\$[A-Za-z0-9_.\[\]]*)`\Z", re.DOTALL)
_UNKNOWN_FIELD: Final = re.compile(r"Object contains unknown field `(?P<name>.*)`\Z", re.DOTALL)
_NAMED_FIELD: Final = re.compile(r"(?P<kind>[A-Z][a-z ]*) field `(?P<name>\w+)`(?P<rest>.*)\Z", re.DOTALL)
_ANY_VALUE: Final = "[...]"  # in a map; the decoder does not say of which key
_PATH_STEP: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]")


def decode_body(
    decoder: Callable[[Any], Any],
    body: bytes | bytearray | msgspec.Raw,
    *,
    within: str = "",
    reads_numbers: bool = True,
) -> Any:
    """Decode ``body`` with ``decoder``; ``within`` is the JSON Pointer of ``body`` in the request.

    A decoder that leaves the items as they are reads no numbers; whoever decodes them does.

    Raises:
        ProblemError: it cannot be decoded, or does not match the schema (400).
    """
    if reads_numbers and len(body) > NEVER_SLOW_BYTES:
        reject_slow_numbers(body, within=within)
    try:
        return decoder(body)
    except msgspec.ValidationError as error:
        pointer, detail = explain_error(str(error), _read_plainly(body))
        pointer = within + pointer
        summary = f"{pointer or 'the body'}: {detail}"
        raise ProblemError("invalid-request", summary, errors=(field_error(pointer, detail),)) from error
    except UnicodeDecodeError as error:
        raise _malformed("a string is not UTF-8", within) from error
    except RecursionError as error:
        raise _malformed("nested too deeply", within) from error
    except msgspec.DecodeError as error:
        detail = str(error) if isinstance(body, msgspec.Raw) or bytes(body[:64]).strip() else "empty"
        raise _malformed(detail, within) from error


def reject_slow_numbers(body: bytes | bytearray | msgspec.Raw, *, within: str = "") -> None:
    """Reject a body whose numbers would take long to read; ``within`` is its JSON Pointer in the request.

    Raises:
        ProblemError: it has hundreds of numbers next to nothing (400).
    """
    may_be_slow = sum(len(slow.findall(body)) for slow in _SLOW_NUMBERS) > _MAX_SLOW_NUMBERS
    if may_be_slow and len(_SLOW_NUMBER.findall(body)) > _MAX_SLOW_NUMBERS:
        detail = f"more than {_MAX_SLOW_NUMBERS} numbers below 1e-99, which take long to read; send 0 instead"
        raise ProblemError(
            "invalid-request", f"{within or 'the body'}: {detail}", errors=(field_error(within, detail),)
        )


def explain_error(message: str, request: object) -> tuple[str, str]:
    """Split a decoder's message about ``request``, in plain values, into JSON Pointer and detail, with the repair."""
    pointer, detail = locate_error(message)
    names = [step for step in pointer.split("/") if step and not step.isdecimal()]
    if not names or detail == _UNKNOWN or detail.startswith(_REQUIRED):
        return pointer, detail
    venue = find_value(request, "/venue")
    return pointer, explain_value(
        detail,
        field=names[-1],
        value=find_value(request, pointer),
        venue=venue if isinstance(venue, str) else "generic",
    )


def locate_error(message: str) -> tuple[str, str]:
    """Split a decoder's message into JSON Pointer and detail."""
    located = _LOCATED.match(message)
    what, at = (located["what"], located["at"]) if located else (message, "")
    at, in_a_map, below = at.partition(_ANY_VALUE)
    pointer = "".join(f"/{name or index}" for name, index in _PATH_STEP.findall(at))
    if in_a_map:
        inner, detail = locate_error(f"{what} - at `${below}`")
        return pointer, f"in one of its values: {inner[1:]}: {detail}" if inner else f"one of its values: {detail}"
    if what.startswith("Expected `str` matching regex"):
        return pointer, "does not match the schema's pattern"
    if unknown := _UNKNOWN_FIELD.match(what):
        return f"{pointer}/{_escape(unknown['name'][:_MAX_NAME])}", _UNKNOWN
    named = _NAMED_FIELD.match(what)
    if named is None:
        return pointer, what[:1].lower() + what[1:]
    pointer += f"/{named['name']}"
    if named["kind"] == "Object missing required":
        return pointer, _REQUIRED + named["rest"]
    return pointer, named["rest"].removeprefix(": ")


def _read_plainly(body: bytes | bytearray | msgspec.Raw) -> object:
    """The body in plain values; ``None`` if it is too large to be decoded once more for a message."""
    content = memoryview(body)
    if content.nbytes > _MAX_READ_AGAIN:
        return None
    decode = msgspec.json.decode if bytes(content[:64]).lstrip()[:1] == b"{" else msgspec.msgpack.decode
    try:
        return decode(content)
    except (ValueError, RecursionError, TypeError):  # DecodeError and UnicodeDecodeError are ValueErrors
        return None  # what is wrong with it is not where the decoder has stopped


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _malformed(detail: str, within: str) -> ProblemError:
    return ProblemError("malformed-body", detail, errors=(field_error(within, detail),))
