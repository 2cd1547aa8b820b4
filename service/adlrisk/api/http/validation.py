"""Decoding and validation of request bodies, with msgspec's messages as JSON Pointer and detail."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from msgspec import inspect

from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.api.http.repairs.endpoints import explain_wrong_endpoint, find_endpoint
from adlrisk.api.http.repairs.fields import explain_unknown, find_wrong_key, find_wrong_value, list_fields
from adlrisk.api.http.repairs.values import explain_value
from adlrisk.decoding.places import ANY_KEY, MISSING, find_types, find_value, list_key_types
from adlrisk.decoding.plain_words import explain, quote
from adlrisk.decoding.reasons import REQUIRED, UNKNOWN_FIELD, Reason, read_reason

NEVER_SLOW_BYTES: Final = 4096  # a body up to this size is read in 2 ms, whatever its numbers are

# The escape of half a surrogate pair: JSON's grammar allows it, but it is no text.
_HALF_SURROGATE: Final = re.compile(
    rb"(?<!\\)(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
_MAX_READ_AGAIN: Final = 64 << 10
# Numbers next to nothing (3e-324), which are read a hundred times as slowly as others, 10 µs each. Of the numbers that
# are within bounds, only those with negative exponents of three digits are slow; what follows tells them from text.
_SLOW_NUMBERS: Final = tuple(re.compile(rb"%c-0*[1-9][0-9]{2,}\s*[,}\]]" % mark) for mark in b"eE")
_SLOW_NUMBER: Final = re.compile(rb"[0-9.][eE]-0*[1-9][0-9]{2,}\s*[,}\]]")  # several times slower, and right
_MAX_SLOW_NUMBERS: Final = 200


def decode_body(
    decoder: Callable[[Any], Any],
    body: bytes | bytearray | msgspec.Raw,
    *,
    within: str = "",
    reads_numbers: bool = True,
    venue: str = "generic",
) -> Any:
    """Decode ``body`` with ``decoder``; ``within`` is the JSON Pointer of ``body`` in the request.

    ``venue`` is that of the request, for the message about a symbol in a body that names no venue itself.
    A decoder that leaves the items as they are reads no numbers; whoever decodes them does.

    Raises:
        ProblemError: it cannot be decoded, or does not match the schema (400).
    """
    if reads_numbers and len(body) > NEVER_SLOW_BYTES:
        reject_slow_numbers(body, within=within)
    try:
        return decoder(body)
    except msgspec.ValidationError as error:
        kind = getattr(getattr(decoder, "__self__", None), "type", None)
        try:
            plain = _read_plainly(body, is_json=isinstance(getattr(decoder, "__self__", None), msgspec.json.Decoder))
        except msgspec.DecodeError as broken:  # further on than where the decoder has stopped
            raise _malformed(_explain_malformed(str(broken), body), within) from error
        pointer, detail = explain_error(str(error), plain, kind=kind, venue=venue)
        pointer = within + pointer
        summary = f"{pointer or 'the body'}: {detail}"
        raise ProblemError("invalid-request", summary, errors=(field_error(pointer, detail),)) from error
    except UnicodeDecodeError as error:
        raise _malformed("a string is not UTF-8", within) from error
    except RecursionError as error:
        raise _malformed("nested too deeply", within) from error
    except msgspec.DecodeError as error:
        raise _malformed(_explain_malformed(str(error), body), within) from error


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


def explain_error(message: str, request: object, *, kind: Any = None, venue: str = "generic") -> tuple[str, str]:
    """Split a decoder's message about ``request``, in plain values, into JSON Pointer and detail, with the repair.

    ``kind`` is the type that was to be decoded, if it is known; ``venue`` that of a request that does not name it.
    """
    reason = read_reason(message)
    own_venue = find_value(request, ("venue",))
    if isinstance(own_venue, str):
        venue = own_venue
    if reason.of_key:
        return _point(reason.steps), f"each key {_explain_key(reason, request, kind=kind, venue=venue)}"
    key = _find_key(reason, request, kind)
    return _place(reason, _explain_reason(reason, request, kind=kind, venue=venue, key=key), key=key)


def _explain_key(reason: Reason, request: object, *, kind: Any, venue: str) -> str:
    types = list_key_types(find_types(kind, reason.steps)) if kind is not None else []
    if not types:  # an object, whose keys are names of fields
        return explain(reason.account)
    key = find_wrong_key(kind, reason.steps, find_value(request, reason.steps))
    is_text = not reason.account.partition("got")[1]
    value = (key or "") if is_text else MISSING
    # Keys of a form are symbols, the others free names.
    field = "symbol" if any(isinstance(each, inspect.StrType) and each.pattern for each in types) else ""
    return explain_value(reason.account, field=field, types=types, value=value, venue=venue)


def _find_key(reason: Reason, request: object, kind: Any) -> str | None:
    """The key of the map that ``reason`` is in a value of; ``None`` if it is in none, or it is unclear which."""
    if ANY_KEY not in reason.steps:
        return None
    outer = reason.steps[: reason.steps.index(ANY_KEY)]
    return find_wrong_value(kind, outer, find_value(request, outer))


def _explain_reason(reason: Reason, request: object, *, kind: Any, venue: str, key: str | None) -> str:
    if reason.account.startswith(REQUIRED):
        return reason.account
    value = find_value(request, [key if step == ANY_KEY and key is not None else step for step in reason.steps])
    if reason.account == UNKNOWN_FIELD:
        *outer, name = reason.steps
        known = list_fields(kind, tuple(outer))
        endpoint = None if outer else find_endpoint(request, known)
        return explain_unknown(name, value, known) if endpoint is None else explain_wrong_endpoint(endpoint)
    fields = [step for step in reason.steps if step != ANY_KEY and not step.isdecimal()]
    within, field = ["", "", *fields][-2:]
    types = find_types(kind, reason.steps) if kind is not None else ()
    return explain_value(reason.account, field=field, types=types, within=within, value=value, venue=venue)


def _place(reason: Reason, detail: str, *, key: str | None = None) -> tuple[str, str]:
    """JSON Pointer and detail; the pointer ends at a map, of whose values the detail says in which it is."""
    if ANY_KEY not in reason.steps:
        return _point(reason.steps), detail
    at = reason.steps.index(ANY_KEY)
    below = [_point(reason.steps[at + 1 :])[1:]] if reason.steps[at + 1 :] else []
    where = "in one of its values" if key is None else f"in {quote(key)}"
    return _point(reason.steps[:at]), ": ".join([where, *below, detail])


def _read_plainly(body: bytes | bytearray | msgspec.Raw, *, is_json: bool) -> object:
    """The body in plain values; ``None`` if it is too large to be decoded once more for a message.

    Raises:
        msgspec.DecodeError: it is no JSON.
    """
    content = memoryview(body)
    if content.nbytes > _MAX_READ_AGAIN:
        return None
    decode = msgspec.json.decode if is_json else msgspec.msgpack.decode
    try:
        return decode(content)
    except msgspec.ValidationError:  # a number that is out of range
        return None
    except msgspec.DecodeError:
        if is_json:
            raise
        return None  # what is wrong with it is not where the decoder has stopped
    except (ValueError, RecursionError, TypeError):  # UnicodeDecodeError is a ValueError
        return None


def _point(steps: Sequence[str]) -> str:
    """The JSON Pointer of ``steps``."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _explain_malformed(message: str, body: bytes | bytearray | msgspec.Raw) -> str:
    if not isinstance(body, msgspec.Raw) and not bytes(body[:64]).strip():
        return "the body is empty"
    half = _HALF_SURROGATE.search(body)
    if half is None:
        return message
    return f"{half[0].decode()} is half of an emoji, where a text was cut within it; send the whole or leave it out"


def _malformed(detail: str, within: str) -> ProblemError:
    return ProblemError("malformed-body", detail, errors=(field_error(within, detail),))
