"""Bodies in a content coding, valid and hostile, with their answers."""

import functools
import gzip
import struct
import zlib
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from adlrisk.api.http.codings.zstandard import zstd
from support.hostile.hostile_cases import ALLOCATION, EXPOSURE, FORCED, PLANNED, RANK, SCORES, SIMULATION, WHOLE

# Those whose bodies may be compressed.
TARGETS: Final = (SCORES, WHOLE, PLANNED, RANK, ALLOCATION, SIMULATION, EXPOSURE, FORCED)
TAKEN: Final = "zstd, gzip"

_SKIPPABLE: Final = struct.pack("<II", 0x184D2A50, 0)  # RFC 8878, section 3.1.2: a frame to be skipped, of no bytes
_MIB: Final = 1 << 20
_LARGEST: Final = 64  # MiB, twice the largest body of any endpoint


class Coded(Struct, frozen=True, kw_only=True):
    """A body made of a valid one, sent with this Content-Encoding, and its answer."""

    title: str
    coding: str
    pack: Callable[[bytes], bytes]
    shown: str
    status: int = 200
    slug: str | None = None
    says: str = ""  # in the detail


def pack_zstd(body: bytes, *, window_log: int = 0, checksum: bool = False) -> bytes:
    """``body`` as a zstd frame, its size not announced."""
    options: dict[int, int] = {zstd.CompressionParameter.checksum_flag: int(checksum)}
    if window_log:
        options[zstd.CompressionParameter.window_log] = window_log
    compressor = zstd.ZstdCompressor(options=options)
    return compressor.compress(body) + compressor.flush()


def _flip(packed: bytes, index: int) -> bytes:
    changed = bytearray(packed)
    changed[index] ^= 0x55
    return bytes(changed)


def _store(body: bytes) -> bytes:
    stored = zlib.compressobj(0, zlib.DEFLATED, 31)
    return stored.compress(body) + stored.flush()


@functools.cache
def _build_gzip_bomb() -> bytes:
    return gzip.compress(bytes(_LARGEST * _MIB), 1)


def _with_dictionary(body: bytes) -> bytes:
    """A frame whose header names dictionary 5: one raw block of two bytes."""
    return b"\x28\xb5\x2f\xfd\x21\x05\x02\x11\x00\x00" + body[:1] + body[-1:]


def _malformed(title: str, coding: str, pack: Callable[[bytes], bytes], shown: str, says: str) -> Coded:
    return Coded(title=title, coding=coding, pack=pack, shown=shown, status=400, slug="malformed-body", says=says)


def _unsupported(title: str, coding: str, says: str) -> Coded:
    return Coded(
        title=title,
        coding=coding,
        pack=gzip.compress,
        shown=f"`Content-Encoding: {coding}`",
        status=415,
        slug="unsupported-media-type",
        says=says,
    )


def _bomb(title: str, coding: str, pack: Callable[[bytes], bytes]) -> Coded:
    return Coded(
        title=title,
        coding=coding,
        pack=pack,
        shown=f"{_LARGEST} MiB of NUL",
        status=413,
        slug="body-too-large",
        says="when it is unpacked",
    )


CODED: Final[tuple[Coded, ...]] = (
    Coded(title="gzip", coding="gzip", pack=gzip.compress, shown="a valid body"),
    Coded(title="gzip by its old name", coding="x-gzip", pack=gzip.compress, shown="a valid body"),
    Coded(title="gzip in capitals", coding="GZIP", pack=gzip.compress, shown="a valid body"),
    Coded(title="gzip in a list with an empty element", coding="gzip,", pack=gzip.compress, shown="a valid body"),
    Coded(title="gzip that is not compressed", coding="gzip", pack=_store, shown="a valid body in stored blocks"),
    Coded(
        title="gzip of two members",
        coding="gzip",
        pack=lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:]),
        shown="a valid body in two members",
    ),
    Coded(
        title="999 empty gzip members",
        coding="gzip",
        pack=lambda body: gzip.compress(b"") * 999 + gzip.compress(body),
        shown="999 empty members, then a valid body",
    ),
    Coded(title="zstd", coding="zstd", pack=zstd.compress, shown="a valid body"),
    Coded(
        title="zstd with a checksum",
        coding="zstd",
        pack=lambda body: pack_zstd(body, checksum=True),
        shown="a valid body",
    ),
    Coded(
        title="zstd with the largest window",
        coding="zstd",
        pack=lambda body: pack_zstd(body, window_log=23),
        shown="a valid body, window of 8 MiB",
    ),
    Coded(
        title="zstd of two frames",
        coding="zstd",
        pack=lambda body: zstd.compress(body[:9]) + zstd.compress(body[9:]),
        shown="a valid body in two frames",
    ),
    Coded(
        title="zstd frame to be skipped",
        coding="zstd",
        pack=lambda body: _SKIPPABLE + zstd.compress(body) + _SKIPPABLE,
        shown="a valid body between two skippable frames",
    ),
    Coded(title="coding that is none", coding="identity", pack=bytes, shown="a valid body"),
    _malformed("no gzip", "gzip", bytes, "a valid body", "is not valid gzip"),
    _malformed("no zstd", "zstd", bytes, "a valid body", "is not valid zstd"),
    _malformed("zstd as gzip", "gzip", zstd.compress, "zstd", "is not valid gzip"),
    _malformed("gzip as zstd", "zstd", gzip.compress, "gzip", "is not valid zstd"),
    _malformed("zlib as gzip", "gzip", zlib.compress, "zlib", "is not valid gzip"),
    _malformed("no bytes as gzip", "gzip", lambda _: b"", "no bytes", "ends too early"),
    _malformed("no bytes as zstd", "zstd", lambda _: b"", "no bytes", "ends too early"),
    _malformed("gzip of nothing", "gzip", lambda _: gzip.compress(b""), "gzip of no bytes", "empty"),
    _malformed("zstd of nothing", "zstd", lambda _: zstd.compress(b""), "zstd of no bytes", "empty"),
    _malformed("only frames to be skipped", "zstd", lambda _: _SKIPPABLE, "a skippable frame", "empty"),
    _malformed(
        "gzip cut in the middle",
        "gzip",
        lambda body: gzip.compress(body)[:-40],
        "gzip without its last 40 bytes",
        "ends too early",
    ),
    _malformed(
        "gzip cut in its trailer",
        "gzip",
        lambda body: gzip.compress(body)[:-1],
        "gzip without its last byte",
        "ends too early",
    ),
    _malformed(
        "zstd cut in the middle",
        "zstd",
        lambda body: zstd.compress(body)[:-9],
        "zstd without its last 9 bytes",
        "ends too early",
    ),
    _malformed(
        "wrong checksum of gzip",
        "gzip",
        lambda body: _flip(gzip.compress(body), -5),
        "its CRC changed",
        "incorrect data check",
    ),
    _malformed(
        "wrong length of gzip",
        "gzip",
        lambda body: _flip(gzip.compress(body), -1),
        "its length changed",
        "incorrect length check",
    ),
    _malformed(
        "wrong checksum of zstd",
        "zstd",
        lambda body: _flip(pack_zstd(body, checksum=True), -1),
        "its checksum changed",
        "checksum",
    ),
    _malformed(
        "something after gzip",
        "gzip",
        lambda body: gzip.compress(body) + b"{}",
        "gzip, then `{}`",
        "something else follows its end",
    ),
    _malformed(
        "something after zstd",
        "zstd",
        lambda body: zstd.compress(body) + b"{} {}",
        "zstd, then `{} {}`",
        "something else follows its end",
    ),
    _malformed(
        "zeros after gzip",
        "gzip",
        lambda body: gzip.compress(body) + bytes(512),
        "gzip, then 512 NUL",
        "something else follows its end",
    ),
    _malformed(
        "1,001 gzip members",
        "gzip",
        lambda _: gzip.compress(b"") * 1001,
        "1,001 empty members",
        "more than 1000 streams",
    ),
    _malformed(
        "1,001 frames to be skipped",
        "zstd",
        lambda _: _SKIPPABLE * 1001,
        "1,001 skippable frames",
        "more than 1000 streams",
    ),
    _malformed(
        "zstd with a window that is too large",
        "zstd",
        lambda body: pack_zstd(body, window_log=24),
        "a valid body, window of 16 MiB",
        "too much memory",
    ),
    _malformed("zstd with a dictionary", "zstd", _with_dictionary, "a frame that names a dictionary", "Dictionary"),
    _bomb("gzip bomb", "gzip", lambda _: _build_gzip_bomb()),
    _bomb("gzip bomb of many members", "gzip", lambda _: gzip.compress(bytes(_MIB)) * _LARGEST),
    _bomb("zstd bomb", "zstd", lambda _: pack_zstd(bytes(_LARGEST * _MIB))),
    _unsupported("gzip twice", "gzip, gzip", "name one coding"),
    _unsupported("gzip and zstd", "gzip, zstd", "name one coding"),
    _unsupported("gzip and none", "identity, gzip", "name one coding"),
    _unsupported("deflate", "deflate", "zstd or gzip"),
    _unsupported("brotli", "br", "zstd or gzip"),
    _unsupported("unknown coding", "aes128gcm", "zstd or gzip"),
    _unsupported("coding with a quality", "gzip;q=1", "zstd or gzip"),
)
