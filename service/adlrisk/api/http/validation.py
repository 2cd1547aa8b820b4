"""Decoding of a body, and msgspec's messages as JSON Pointers with what is wrong there."""

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from adlrisk.api.http.problems import ProblemError, field_error

_LONGEST_NAME: Final = 64  # of an unknown field in an answer


# What a decoder says. The caller's own words stand in some of it, so each is known by how it begins and ends.
_PLACED: Final = re.compile(r"(?P<what>.*) - at (?:`key` in )?`(?P<at>\$[A-Za-z0-9_.\[\]]*)`\Z", re.DOTALL)


_UNKNOWN_FIELD: Final = re.compile(r"Object contains unknown field `(?P<name>.*)`\Z", re.DOTALL)


_NAMED_FIELD: Final = re.compile(r"(?P<kind>[A-Z][a-z ]*) field `(?P<name>\w+)`(?P<rest>.*)\Z", re.DOTALL)


_PATH_STEP: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]")


def decode_body(decoder: Callable[[Any], Any], body: bytes | bytearray | msgspec.Raw, *, within: str = "") -> Any:
    """What ``decoder`` makes of ``body``; ``within`` is the JSON Pointer of ``body`` in the request.

    Raises:
        ProblemError: it cannot be decoded, or breaks the schema (400).
    """
    try:
        return decoder(body)
    except msgspec.ValidationError as error:
        pointer, detail = locate_error(str(error))
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


def locate_error(message: str) -> tuple[str, str]:
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
