"""Bytes to Structs and back: content negotiation, size limits, decoding, encoding."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
import orjson
from litestar.datastructures import Headers
from litestar.types import Receive
from msgspec import Struct

from adlrisk.api.negotiation import best_match
from adlrisk.api.problems import ProblemError, field_error

_LONGEST_LENGTH: Final = 18  # digits: an exabyte, and more than Python should be made to read
_LONGEST_NAME: Final = 64  # of an unknown field in an answer
_MESSAGE: Final = re.compile(r"(?P<what>.*?)(?: - at (?:`key` in )?`(?P<at>[^`]*)`)?\Z", re.DOTALL)
_NAMED_FIELD: Final = re.compile(r"field `(?P<name>.*?)`(?P<rest>.*)\Z", re.DOTALL)
_PATH_STEP: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]")


def _joined_json(blocks: Sequence[tuple[int, bytes]]) -> list[bytes]:
    """One array of the items of several encoded arrays, each given with its length."""
    pieces = [b"["]
    for length, block in blocks:
        if length:
            pieces += [block[1:-1], b","]
    return [*(pieces[:-1] if len(pieces) > 1 else pieces), b"]"]


def _joined_msgpack(blocks: Sequence[tuple[int, bytes]]) -> list[bytes]:
    """One array of the items of several encoded arrays, each given with its length."""
    total = sum(length for length, _ in blocks)
    return [_array_header(total), *(block[len(_array_header(length)) :] for length, block in blocks)]


def _packed_array(column: Any) -> bytes:
    """A numpy column of doubles or integers as MessagePack: each value 9 bytes, but null where it is NaN."""
    import numpy as np  # noqa: PLC0415 (only books need it)

    code, wide = (b"\xcb", ">f8") if column.dtype.kind == "f" else (b"\xd3", ">i8")
    cells = np.empty((len(column), 9), dtype=np.uint8)
    cells[:, 0] = code[0]
    cells[:, 1:] = column.astype(wide).view(np.uint8).reshape(-1, 8)
    unknown = column != column  # noqa: PLR0124 (true of NaN alone)
    if not unknown.any():
        return _array_header(len(column)) + cells.tobytes()
    cells[unknown, 0] = 0xC0
    sent = np.ones(cells.shape, dtype=np.bool_)
    sent[unknown, 1:] = False
    return _array_header(len(column)) + cells[sent].tobytes()


def _array_header(length: int) -> bytes:
    """How MessagePack begins an array of ``length`` items."""
    if length < 16:  # noqa: PLR2004 (fixarray)
        return bytes((0x90 | length,))
    if length < 1 << 16:
        return b"\xdc" + length.to_bytes(2, "big")
    return b"\xdd" + length.to_bytes(4, "big")


class Codec(Struct, frozen=True, kw_only=True):
    """One wire format."""

    name: str
    media_types: tuple[str, ...]
    encode: Callable[[Any], bytes]
    decoder_of: Callable[[Any], Callable[[Any], Any]]
    array: Callable[[Any], bytes]  # a numpy column, without a Python object for each value; NaN leaves as null
    joined: Callable[[Sequence[tuple[int, bytes]]], list[bytes]]

    def spliced(self, skeleton: Any, parts: Mapping[str, list[bytes]]) -> list[bytes]:
        """``skeleton`` encoded, each text of it that is a key of ``parts`` replaced by that part's bytes.

        Large parts are never copied into one whole. The keys must be texts that stand nowhere else.
        """
        rest, pieces = self.encode(skeleton), []
        for key, part in parts.items():
            before, found, rest = rest.partition(self.encode(key))
            if not found:
                raise LookupError(key)
            pieces += [before, *part]
        return [*pieces, rest]


JSON: Final = Codec(
    name="JSON",
    media_types=("application/json",),
    encode=msgspec.json.Encoder().encode,
    decoder_of=lambda kind: msgspec.json.Decoder(kind).decode,
    array=lambda column: orjson.dumps(column, option=orjson.OPT_SERIALIZE_NUMPY),
    joined=_joined_json,
)
MSGPACK: Final = Codec(
    name="MessagePack",
    media_types=("application/msgpack", "application/x-msgpack", "application/vnd.msgpack"),
    encode=msgspec.msgpack.Encoder().encode,
    decoder_of=lambda kind: msgspec.msgpack.Decoder(kind).decode,
    array=_packed_array,
    joined=_joined_msgpack,
)
CODECS: Final = {media_type: codec for codec in (JSON, MSGPACK) for media_type in codec.media_types}
MEDIA_TYPES: Final = tuple(CODECS)


class ClientDisconnectedError(Exception):
    """The caller went away before its request was complete; there is nobody to answer."""


def media_type_of_body(headers: Headers) -> str:
    """The media type that the request's Content-Type names, one that can be decoded.

    Raises:
        ProblemError: there is none (415).
    """
    media_type, _, parameters = headers.get("content-type", "").partition(";")
    named = media_type.strip().lower()
    if named not in CODECS:
        raise _unsupported(f"Content-Type {named[:64]!r} is none of {', '.join(MEDIA_TYPES)}")
    charset = re.search(r"(?:^|;)\s*charset\s*=\s*\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8"):
        raise _unsupported(f"charset {charset[1][:32]!r} is not UTF-8")
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise _unsupported(f"Content-Encoding {encoding[:32]!r}: send the body as it is")
    return named


def media_type_of_answer(headers: Headers) -> str:
    """The media type to answer in, from the request's Accept header; JSON where it says nothing.

    Raises:
        ProblemError: nothing it accepts can be served (406).
    """
    accept = ",".join(headers.getall("accept", []))
    chosen = best_match(accept, MEDIA_TYPES)
    if chosen is None:
        raise ProblemError("not-acceptable", f"Accept {accept[:64]!r} admits none of {', '.join(MEDIA_TYPES)}")
    return chosen


async def read_body(headers: Headers, receive: Receive, *, limit: int) -> list[bytes]:
    """The request's body as it came in, at most ``limit`` bytes long.

    An announced length is checked before anything is read, the real one while it is read.

    Raises:
        ProblemError: the body is longer (413).
        ClientDisconnectedError: the caller went away.
    """
    announced = headers.get("content-length", "").strip().lstrip("0")
    if announced.isdecimal() and (len(announced) > _LONGEST_LENGTH or int(announced) > limit):
        raise _too_large(limit)
    chunks: list[bytes] = []
    received = 0
    while True:
        event = await receive()
        if event["type"] != "http.request":
            raise ClientDisconnectedError
        chunk = event.get("body", b"")
        received += len(chunk)
        if received > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        if not event.get("more_body", False):
            return chunks


def decode(decoder: Callable[[Any], Any], body: bytes | bytearray | msgspec.Raw, *, within: str = "") -> Any:
    """What ``decoder`` makes of ``body``; ``within`` is the JSON Pointer of ``body`` in the request.

    Raises:
        ProblemError: it cannot be decoded, or breaks the schema (400).
    """
    try:
        return decoder(body)
    except msgspec.ValidationError as error:
        pointer, detail = _located(str(error))
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


def _located(message: str) -> tuple[str, str]:
    """A decoder's message as JSON Pointer and what is wrong there."""
    found = _MESSAGE.match(message)
    what, at = (found["what"], found["at"] or "") if found else (message, "")
    pointer = "".join(f"/{name or index}" for name, index in _PATH_STEP.findall(at))
    named = _NAMED_FIELD.search(what)
    if "matching regex" in what:
        return pointer, "does not have the form that the schema's pattern asks for"
    if named is None:
        return pointer, what[:1].lower() + what[1:]
    pointer += "/" + named["name"][:_LONGEST_NAME].replace("~", "~0").replace("/", "~1")
    if "missing required" in what:
        return pointer, "required, but missing" + named["rest"]
    if "unknown field" in what:
        return pointer, "unknown field"
    return pointer, named["rest"].removeprefix(": ")


def _malformed(detail: str, within: str) -> ProblemError:
    return ProblemError("malformed-body", detail, errors=(field_error(within, detail),))


def _too_large(limit: int) -> ProblemError:
    return ProblemError("body-too-large", f"The body may be at most {limit} bytes long")


def _unsupported(detail: str) -> ProblemError:
    return ProblemError("unsupported-media-type", detail, headers={"accept": ", ".join(MEDIA_TYPES)})
