"""Decompression of bodies: exact however they are cut, never beyond the limit, and little of it in the event loop."""

import asyncio
import contextlib
import gzip
import threading
import tracemalloc
from collections.abc import Callable, Iterator

import hypothesis.strategies as st
import pytest
from hypothesis import given

from adlrisk.api.http.codings import decompress
from adlrisk.api.http.codings.accept_encoding import Coding
from adlrisk.api.http.codings.decompress import Unpacker
from adlrisk.api.http.codings.zstandard import zstd
from adlrisk.api.http.problems import ProblemError
from support.hostile.hostile_codings import pack_zstd

KIB, MIB = 1 << 10, 1 << 20
CODINGS: tuple[Coding, ...] = ("gzip", "zstd")
codings = st.sampled_from(CODINGS)


def pack(body: bytes, coding: Coding) -> bytes:
    return gzip.compress(body, 1) if coding == "gzip" else pack_zstd(body, checksum=True)


def unpack(packed: bytes, coding: Coding, *, cuts: list[int], limit: int = 10 * MIB) -> bytes:
    """``packed``, which arrives in chunks that end at ``cuts``."""
    unpacker = Unpacker(coding, limit=limit)

    async def unpack_chunks() -> bytes:
        found: list[bytes] = []
        for start, end in zip([0, *cuts], [*cuts, len(packed)], strict=True):
            found += await unpacker.unpack(packed[start:end])
        unpacker.finish()
        return b"".join(found)

    return asyncio.run(unpack_chunks())


@given(
    parts=st.lists(st.binary(max_size=300) | st.builds(bytes, st.integers(0, 200_000)), min_size=1, max_size=4),
    coding=codings,
    where=st.lists(st.floats(0, 1), max_size=5),
)
def test_body_is_unpacked_however_it_is_cut(parts: list[bytes], coding: Coding, where: list[float]) -> None:
    """One stream or several, in chunks of any sizes: the bytes are those that were packed."""
    packed = b"".join(pack(part, coding) for part in parts)
    cuts = sorted(int(share * len(packed)) for share in where)
    assert unpack(packed, coding, cuts=cuts) == b"".join(parts)


@given(body=st.binary(max_size=300), coding=codings, share=st.floats(0, 1, exclude_max=True))
def test_body_that_ends_early_is_malformed(body: bytes, coding: Coding, share: float) -> None:
    """No beginning of a body is taken for the whole."""
    packed = pack(body, coding)
    with pytest.raises(ProblemError, match="ends too early") as caught:
        unpack(packed[: int(share * len(packed))], coding, cuts=[])
    assert caught.value.slug == "malformed-body"


@given(
    body=st.binary(min_size=1, max_size=300),
    coding=codings,
    where=st.floats(0, 1, exclude_max=True),
    flip=st.integers(1, 255),
)
def test_changed_byte_never_changes_the_body(body: bytes, coding: Coding, where: float, flip: int) -> None:
    """With a checksum, a byte changed on the way leaves the body as it was, or makes it malformed."""
    packed = bytearray(pack(body, coding))
    packed[int(where * len(packed))] ^= flip
    with contextlib.suppress(ProblemError):
        assert unpack(bytes(packed), coding, cuts=[], limit=KIB) in (body, b"")  # empty: the frame is one to be skipped


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("size", [MIB, MIB + 1])
def test_limit_counts_unpacked_bytes(coding: Coding, size: int) -> None:
    """A body of the limit is taken, one of a byte more is not."""
    packed = pack(bytes(size), coding)
    if size == MIB:
        assert len(unpack(packed, coding, cuts=[], limit=MIB)) == MIB
        return
    with pytest.raises(ProblemError, match="at most 1048576 bytes long when it is unpacked") as caught:
        unpack(packed, coding, cuts=[], limit=MIB)
    assert caught.value.slug == "body-too-large"


BOMBS: dict[str, tuple[Coding, Callable[[], bytes]]] = {
    "gzip": ("gzip", lambda: gzip.compress(bytes(64 * MIB), 1)),
    "gzip members": ("gzip", lambda: gzip.compress(bytes(MIB), 1) * 64),
    "zstd": ("zstd", lambda: pack_zstd(bytes(64 * MIB))),
    "zstd frames": ("zstd", lambda: zstd.compress(bytes(MIB)) * 64),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_bomb_takes_no_more_memory_than_the_limit(kind: str) -> None:
    """Of 64 MiB no more than the limit of 1 MiB is unpacked, and what the decoder needs beside it."""
    coding, build = BOMBS[kind]
    bomb = build()
    tracemalloc.start()
    try:
        with pytest.raises(ProblemError) as caught:
            unpack(bomb, coding, cuts=[], limit=MIB)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert caught.value.slug == "body-too-large"
    assert peak < 2 * MIB


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(gzip.compress(bytes(8 * MIB), 1), id="zeros"),
        pytest.param(gzip.compress(b"") * 900 + gzip.compress(b"x"), id="empty members"),
        pytest.param(gzip.compress(b"x" * 4000) * 900, id="small members"),
    ],
)
def test_event_loop_unpacks_little(monkeypatch: pytest.MonkeyPatch, packed: bytes) -> None:
    """64 KiB of a chunk, or 64 small pieces, are unpacked at once; all else in a thread, while others are answered."""
    pieces: list[tuple[int, int]] = []

    class Recorded(decompress._GzipStream):  # noqa: SLF001 (the place where the work is done)
        def decode(self, data: bytes) -> Iterator[bytes]:
            for piece in super().decode(data):
                pieces.append((threading.get_ident(), len(piece)))
                yield piece

    monkeypatch.setattr(decompress, "_GzipStream", Recorded)
    unpack(packed, "gzip", cuts=[])
    here = [size for thread, size in pieces if thread == threading.get_ident()]
    assert len(pieces) > len(here)
    assert len(here) <= 64
    assert sum(here) <= 128 * KIB
