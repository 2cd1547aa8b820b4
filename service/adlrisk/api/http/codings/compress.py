"""Compression of answers, piece by piece."""

import zlib
from typing import Final, Literal

from adlrisk.api.http.codings.accept_encoding import Coding
from adlrisk.api.http.codings.zstandard import zstd

# quick: in the event loop, and for books, whose numbers hardly become smaller at any other level. thorough: in a
# thread; gzip needs it for texts that repeat. once: for what is kept.
Effort = Literal["quick", "thorough", "once"]

_GZIP_LEVELS: Final[dict[Effort, int]] = {"quick": 1, "thorough": 6, "once": 9}
_ZSTD_LEVELS: Final[dict[Effort, int]] = {"quick": 1, "thorough": 6, "once": 9}
_GZIP_WRAPPER: Final = 16 + zlib.MAX_WBITS


def compress_pieces(pieces: list[bytes], coding: Coding, effort: Effort) -> list[bytes]:
    """Compress an answer's ``pieces``, which are used up: each is released once it is compressed."""
    compressor = _build_compressor(coding, effort)
    compressed = []
    pieces.reverse()
    while pieces:
        compressed.append(compressor.compress(pieces.pop()))
    compressed.append(compressor.flush())
    return [piece for piece in compressed if piece]


def _build_compressor(coding: Coding, effort: Effort) -> "zlib._Compress | zstd.ZstdCompressor":
    if coding == "gzip":
        return zlib.compressobj(_GZIP_LEVELS[effort], zlib.DEFLATED, _GZIP_WRAPPER)
    return zstd.ZstdCompressor(_ZSTD_LEVELS[effort])
