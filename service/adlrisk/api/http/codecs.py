"""Codecs for JSON and MessagePack: Structs, numpy columns, and large answers in pieces."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import Struct


class Codec(Struct, frozen=True, kw_only=True):
    """A wire format."""

    name: str
    media_types: tuple[str, ...]
    encode: Callable[[Any], bytes]
    build_decoder: Callable[[Any], Callable[[Any], Any]]  # built once for each type, which takes 0.1 ms
    encode_column: Callable[[Any], bytes]  # a numpy column, without a Python object per value; NaN becomes null
    join_arrays: Callable[[list[tuple[int, bytes]]], list[bytes]]
    announce: Callable[[int], None] = lambda _: None  # told at least how many bytes are going to be encoded

    def splice(self, skeleton: Any, parts: Mapping[str, list[bytes]]) -> list[bytes]:
        """Encode ``skeleton``, with each string in it that is a key of ``parts`` replaced by that part's encoded bytes.

        Large parts are never copied into one buffer. Keys must be in the order of ``skeleton``, occur once in
        it, and be longer than a binary number, so that no number is mistaken for one.

        Raises:
            LookupError: ``skeleton`` does not contain a key.
        """
        rest, pieces = self.encode(skeleton), []
        for key, part in parts.items():
            before, found, rest = rest.partition(self.encode(key))
            if not found:
                raise LookupError(key)
            pieces += [before, *part]
        return [*pieces, rest]


def _join_json(blocks: list[tuple[int, bytes]]) -> list[bytes]:
    """Join encoded arrays, each given with its length, into one array; ``blocks`` are used up as they are copied."""
    pieces = [b"["]
    blocks.reverse()
    while blocks:
        length, block = blocks.pop()
        if length:
            pieces += [block[1:-1], b","]
    return [*(pieces[:-1] if len(pieces) > 1 else pieces), b"]"]


def _join_msgpack(blocks: list[tuple[int, bytes]]) -> list[bytes]:
    """Join encoded arrays, each given with its length, into one array; ``blocks`` are used up as they are copied."""
    pieces = [_encode_array_header(sum(length for length, _ in blocks))]
    blocks.reverse()
    while blocks:
        length, block = blocks.pop()
        pieces.append(block[len(_encode_array_header(length)) :])
    return pieces


def _encode_column_json(column: Any) -> bytes:
    """Encode a numpy column as JSON, null for NaN; copied, because orjson's own bytes reserve twice their size."""
    import orjson  # noqa: PLC0415 (only answers to books need it; the library has none)

    return bytes(memoryview(orjson.dumps(column, option=orjson.OPT_SERIALIZE_NUMPY)))


def _encode_column_msgpack(column: Any) -> bytes:
    """Encode a numpy column of doubles or integers as MessagePack: 9 bytes per value, null for NaN."""
    import numpy as np  # noqa: PLC0415 (only books need it)

    code, wide = (b"\xcb", ">f8") if column.dtype.kind == "f" else (b"\xd3", ">i8")
    cells = np.empty((len(column), 9), dtype=np.uint8)
    cells[:, 0] = code[0]
    cells[:, 1:] = column.astype(wide).view(np.uint8).reshape(-1, 8)
    unknown = column != column  # noqa: PLR0124 (true of NaN alone)
    if not unknown.any():
        return _encode_array_header(len(column)) + cells.tobytes()
    cells[unknown, 0] = 0xC0
    sent = np.ones(cells.shape, dtype=np.bool_)
    sent[unknown, 1:] = False
    return _encode_array_header(len(column)) + cells[sent].tobytes()


def _encode_array_header(length: int) -> bytes:
    """Encode the MessagePack header of an array of ``length`` items."""
    if length < 16:  # noqa: PLR2004 (fixarray)
        return bytes((0x90 | length,))
    if length < 1 << 16:
        return b"\xdc" + length.to_bytes(2, "big")
    return b"\xdd" + length.to_bytes(4, "big")


JSON: Final = Codec(
    name="JSON",
    media_types=("application/json",),
    encode=msgspec.json.Encoder().encode,
    build_decoder=cache(lambda kind: msgspec.json.Decoder(kind).decode),
    encode_column=_encode_column_json,
    join_arrays=_join_json,
)
MSGPACK: Final = Codec(
    name="MessagePack",
    media_types=("application/msgpack", "application/x-msgpack", "application/vnd.msgpack"),
    encode=msgspec.msgpack.Encoder().encode,
    build_decoder=cache(lambda kind: msgspec.msgpack.Decoder(kind).decode),
    encode_column=_encode_column_msgpack,
    join_arrays=_join_msgpack,
)
MEDIA_TYPES: Final = (*JSON.media_types, *MSGPACK.media_types)
MERGE_PATCH: Final = "application/merge-patch+json"  # the media type that RFC 7396 registers
CODECS: Final = {media_type: codec for codec in (JSON, MSGPACK) for media_type in codec.media_types} | {
    MERGE_PATCH: JSON
}
