"""Long lists of an answer, as rows, encoded block by block so that a large book's never exist all at once."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from adlrisk.api.http.codecs import Codec

_ROWS_AT_ONCE: Final = 20_000

ColumnPart = Callable[[str, int, int], list[Any]]  # the values of a field by name, from a start to an end


def encoded_rows(kind: type[msgspec.Struct], *, length: int, part: ColumnPart, codec: Codec) -> list[bytes]:
    """An array of ``length`` rows of ``kind``, a Struct with positional fields, in pieces."""
    blocks = []
    for start in range(0, length, _ROWS_AT_ONCE):
        end = min(start + _ROWS_AT_ONCE, length)
        columns = [part(name, start, end) for name in kind.__struct_fields__]
        blocks.append((end - start, codec.encode(list(map(kind, *columns)))))
    return codec.joined(blocks)
