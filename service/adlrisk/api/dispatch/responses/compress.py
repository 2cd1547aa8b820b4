"""Compression of responses: which are compressed, how hard, and where, so that no other request waits for it."""

import asyncio
from typing import Final

import cachetools
import msgspec

from adlrisk.api.dispatch.responses.response import EncodedResponse
from adlrisk.api.http.codings.accept_encoding import AcceptedCodings, Coding
from adlrisk.api.http.codings.compress import compress_pieces
from adlrisk.api.http.etags import tag_coding

_OK: Final = 200
_NOT_MODIFIED: Final = 304
_INLINE_BYTES: Final = 32 << 10  # compressed in the event loop, in a tenth of a millisecond; a thread takes as long
_KEPT: Final = 256  # pages: each venue's card in two formats and two codings


class Compressor:
    """Compresses the responses of one application."""

    def __init__(self, *, from_bytes: int) -> None:
        """``from_bytes`` is the size of the smallest answer that is compressed; 0: none is."""
        self._from_bytes = from_bytes
        self._kept: cachetools.LRUCache[tuple[bytes, Coding], bytes] = cachetools.LRUCache(_KEPT)

    @property
    def is_on(self) -> bool:
        """Whether any answer is compressed."""
        return self._from_bytes > 0

    def smallest(self, accepted: AcceptedCodings) -> int:
        """The size of the smallest answer that is compressed: any, for a client that does not accept it otherwise."""
        return self._from_bytes if accepted.identity else 0

    async def compress(self, response: EncodedResponse, accepted: AcceptedCodings) -> EncodedResponse:
        """``response``, whose pieces may be used up, as it is sent to a client that accepts these codings.

        Small answers are compressed at once, large ones in a thread. Pages, which have an ETag, are whatever their
        size, because they are compressed once and kept.
        """
        if not self.is_on or response.status not in (_OK, _NOT_MODIFIED):  # errors are small
            return response
        headers = {**response.headers, "vary": add_coding(response.headers.get("vary", ""))}
        size, coding = sum(map(len, response.pieces)), accepted.best
        is_page = "etag" in headers
        is_done = response.status == _NOT_MODIFIED or "content-encoding" in headers
        if is_done or coding is None or (size < self.smallest(accepted) and not is_page):
            return msgspec.structs.replace(response, headers=headers)
        headers["content-encoding"] = coding
        if is_page:
            headers["etag"] = tag_coding(headers["etag"], coding)
            pieces = [await self._compress_page(b"".join(response.pieces), coding)]
        else:
            pieces = await _compress(response.pieces, coding, size)
        return msgspec.structs.replace(response, headers=headers, pieces=pieces)

    async def _compress_page(self, content: bytes, coding: Coding) -> bytes:
        kept = self._kept.get((content, coding))
        if kept is None:
            kept = b"".join(await asyncio.to_thread(compress_pieces, [content], coding, "once"))
            self._kept[content, coding] = kept
        return kept


def add_coding(vary: str) -> str:
    """The `Vary` of an answer that may come compressed; ``vary`` is what else it depends on."""
    return f"{vary}, accept-encoding" if vary else "accept-encoding"


async def _compress(pieces: list[bytes], coding: Coding, size: int) -> list[bytes]:
    if size <= _INLINE_BYTES:
        return compress_pieces(pieces, coding, "quick")
    return await asyncio.to_thread(compress_pieces, pieces, coding, "thorough")
