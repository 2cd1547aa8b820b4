"""Encoding of long lists as rows, block by block, so that a large book's rows are never all in memory at once."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from adlrisk.api.http.codecs import Codec

_BLOCK_ROWS: Final = 20_000

ColumnPart = Callable[[str, int, int], list[Any]]  # field name, start, end -> values


def encode_rows(kind: type[msgspec.Struct], *, length: int, part: ColumnPart, codec: Codec) -> list[bytes]:
    """Encode an array of ``length`` rows of ``kind``, a Struct with positional fields, in pieces."""
    codec.announce(length * len(codec.encode(kind(*["", *[0] * (len(kind.__struct_fields__) - 1)]))))
    blocks = []
    for start in range(0, length, _BLOCK_ROWS):
        end = min(start + _BLOCK_ROWS, length)
        columns = [part(name, start, end) for name in kind.__struct_fields__]
        blocks.append((end - start, codec.encode(list(map(kind, *columns)))))
    return codec.join_arrays(blocks)
