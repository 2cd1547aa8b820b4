"""Decoding and validation of request bodies, with msgspec's messages as JSON Pointer and detail."""

import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

from adlrisk.api.http.problems import ProblemError, field_error

_MAX_NAME: Final = 64  # of an unknown field that is shown in an answer
# Messages of the decoder. Some quote the client's own text, so each is matched at its start and end.
_LOCATED: Final = re.compile(r"(?P<what>.*) - at (?:`key` in )?`(?P<at>\$[A-Za-z0-9_.\[\]]*)`\Z", re.DOTALL)
_UNKNOWN_FIELD: Final = re.compile(r"Object contains unknown field `(?P<name>.*)`\Z", re.DOTALL)
_NAMED_FIELD: Final = re.compile(r"(?P<kind>[A-Z][a-z ]*) field `(?P<name>\w+)`(?P<rest>.*)\Z", re.DOTALL)
_PATH_STEP: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]")


def decode_body(decoder: Callable[[Any], Any], body: bytes | bytearray | msgspec.Raw, *, within: str = "") -> Any:
    """Decode ``body`` with ``decoder``; ``within`` is the JSON Pointer of ``body`` in the request.

    Raises:
        ProblemError: it cannot be decoded, or does not match the schema (400).
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
        raise _malformed("nested too deeply", within) from error
    except msgspec.DecodeError as error:
        detail = str(error) if isinstance(body, msgspec.Raw) or bytes(body[:64]).strip() else "empty"
        raise _malformed(detail, within) from error


def locate_error(message: str) -> tuple[str, str]:
    """Split a decoder's message into JSON Pointer and detail."""
    located = _LOCATED.match(message)
    what, at = (located["what"], located["at"]) if located else (message, "")
    pointer = "".join(f"/{name or index}" for name, index in _PATH_STEP.findall(at))
    if what.startswith("Expected `str` matching regex"):
        return pointer, "does not match the schema's pattern"
    if unknown := _UNKNOWN_FIELD.match(what):
        return f"{pointer}/{_escape(unknown['name'][:_MAX_NAME])}", "unknown field"
    named = _NAMED_FIELD.match(what)
    if named is None:
        return pointer, what[:1].lower() + what[1:]
    pointer += f"/{named['name']}"
    if named["kind"] == "Object missing required":
        return pointer, "required, but missing" + named["rest"]
    return pointer, named["rest"].removeprefix(": ")


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _malformed(detail: str, within: str) -> ProblemError:
    return ProblemError("malformed-body", detail, errors=(field_error(within, detail),))
