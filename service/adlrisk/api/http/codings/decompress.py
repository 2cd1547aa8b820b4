"""Decompression of request bodies as they come, so that no more than the limit is ever unpacked."""

import asyncio
import zlib
from collections.abc import Iterator
from typing import Final, Protocol

from adlrisk.api.http.codings.accept_encoding import Coding
from adlrisk.api.http.codings.zstandard import zstd
from adlrisk.api.http.problems import ProblemError

_GZIP_WRAPPER: Final = 16 + zlib.MAX_WBITS
_MAX_WINDOW_LOG: Final = 23  # 8 MiB: what RFC 8878, section 3.1.1.1.2, recommends to support, and RFC 9659 allows
_MAX_STREAMS: Final = 1000  # each takes up to 8 µs, and an empty one is as short as 8 bytes
_SLICE_BYTES: Final = 16 << 10  # given to a decoder at once: it copies what follows its stream
_PIECE_BYTES: Final = 64 << 10  # unpacked at once, in a fraction of a millisecond
_LEAST_BYTES: Final = 1 << 10  # what unpacking a smaller piece, or an empty one, costs as much time as


class Unpacker:
    """Unpacks one body: one or more gzip members or zstd frames, one after the other."""

    def __init__(self, coding: Coding, *, limit: int) -> None:
        """``limit`` is the most that the body may be, unpacked, in bytes."""
        self._coding = coding
        self._limit = limit
        self._size = 0
        self._streams = 0
        self._stream: _Stream | None = None

    async def unpack(self, chunk: bytes) -> list[bytes]:
        """What a chunk of the body holds. Much of it is unpacked in a thread, while others are answered.

        Raises:
            ProblemError: it is not in the coding (400), or there is too much of it (413).
        """
        pieces, unpacked, size = self._unpack(chunk), [], 0
        for piece in pieces:
            unpacked.append(piece)
            size += max(len(piece), _LEAST_BYTES)
            if size >= _PIECE_BYTES:
                return unpacked + await asyncio.to_thread(list, pieces)
        return unpacked

    def finish(self) -> None:
        """Check that the body was whole.

        Raises:
            ProblemError: it ends early (400).
        """
        if self._stream is not None or not self._streams:
            raise _malformed(self._coding, "it ends too early")

    def _unpack(self, chunk: bytes) -> Iterator[bytes]:
        for start in range(0, len(chunk), _SLICE_BYTES):
            rest = chunk[start : start + _SLICE_BYTES]
            while rest:
                stream = self._stream = self._stream or self._begin()
                for piece in self._decode(stream, rest):
                    self._size += len(piece)
                    if self._size > self._limit:
                        detail = f"The body may be at most {self._limit} bytes long when it is unpacked"
                        raise ProblemError("body-too-large", detail)
                    yield piece
                rest = stream.rest
                if stream.has_ended:
                    self._stream = None

    def _begin(self) -> "_Stream":
        """The next member or frame of the body."""
        self._streams += 1
        if self._streams > _MAX_STREAMS:
            raise _malformed(self._coding, f"it consists of more than {_MAX_STREAMS} streams")
        return _GzipStream() if self._coding == "gzip" else _ZstdStream()

    def _decode(self, stream: "_Stream", data: bytes) -> Iterator[bytes]:
        try:
            yield from stream.decode(data)
        except (zlib.error, zstd.ZstdError) as error:
            if self._streams > 1 and not stream.has_begun:
                raise _malformed(self._coding, "something else follows its end") from error
            raise _malformed(self._coding, str(error).rpartition(": ")[2]) from error


class _Stream(Protocol):
    """A gzip member or a zstd frame."""

    has_begun: bool  # with its header read

    @property
    def has_ended(self) -> bool: ...

    @property
    def rest(self) -> bytes:
        """What followed its end."""

    def decode(self, data: bytes) -> Iterator[bytes]: ...


class _GzipStream:
    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(_GZIP_WRAPPER)
        self.has_begun = False

    @property
    def has_ended(self) -> bool:
        return self._decoder.eof

    @property
    def rest(self) -> bytes:
        return self._decoder.unused_data

    def decode(self, data: bytes) -> Iterator[bytes]:
        while True:
            piece = self._decoder.decompress(data, _PIECE_BYTES)
            self.has_begun = True
            yield piece
            data = self._decoder.unconsumed_tail
            if self._decoder.eof or (not data and len(piece) < _PIECE_BYTES):
                return


class _ZstdStream:
    def __init__(self) -> None:
        self._decoder = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _MAX_WINDOW_LOG})
        self.has_begun = False

    @property
    def has_ended(self) -> bool:
        return self._decoder.eof

    @property
    def rest(self) -> bytes:
        return self._decoder.unused_data

    def decode(self, data: bytes) -> Iterator[bytes]:
        while True:
            piece = self._decoder.decompress(data, _PIECE_BYTES)
            self.has_begun = True
            yield piece
            data = b""
            if self._decoder.eof or self._decoder.needs_input:
                return


def _malformed(coding: Coding, reason: str) -> ProblemError:
    return ProblemError("malformed-body", f"The body is not valid {coding}: {reason}")
