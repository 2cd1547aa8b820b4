"""Progress of a request: which part of it is being read, how large its head and trailers are, and how chopped its body.

Packets do not end where heads do, so what of a head or of trailers is no complete line yet is known by whole packets.
"""

from typing import Final

# Each chunk costs some microseconds, whatever it holds: without a limit one packet of 256 KiB could hold 40,000 of one
# byte, a tenth of a second. Clients stream pieces of hundreds of bytes and more; a short body may come in any pieces.
_FREE_CHUNKS: Final = 1000
_MIN_CHUNK_BYTES: Final = 64  # on average, beyond those
_FREE_FRAMING_BYTES: Final = 64 << 10  # of chunk sizes and extensions; beyond those no more than of the body
_LINE_OVERHEAD: Final = len(b": \r\n")


class RequestProgress:
    """What of the current request has come."""

    def __init__(self) -> None:
        self.is_open = False  # a request has begun and is not complete
        self.in_head = False
        self._min_head_bytes_received = 0
        self._blank_bytes = 0  # of line breaks before a head
        self._is_blank = False  # the packet holds nothing else
        self._line_bytes = 0  # of the complete lines of the head, or of the trailers
        self._trailer_bytes = 0
        self._packet_bytes = 0
        self._is_exact = False  # the packet begins where its first head does
        self._awaits_chunk = False  # or trailers, which come in its place
        self._awaited_chunk = False
        self._chunks = 0  # since the last answer, of all requests that have come
        self._body_bytes = 0  # the same
        self._framing_bytes = 0  # the same, of packets with nothing but a body
        self._bytes_before = -1  # of bodies, before such a packet; negative before any other

    @property
    def in_body(self) -> bool:
        """Whether the body of a request is incomplete."""
        return self.is_open and not self.in_head

    @property
    def is_padded(self) -> bool:
        """Whether bodies come, after a packet, with too much around them."""
        return self._framing_bytes > _FREE_FRAMING_BYTES + self._body_bytes

    def begin_packet(self, size: int) -> None:
        """Count a packet that is about to be parsed."""
        self._packet_bytes = size
        self._is_exact = self._is_blank = not self.is_open
        self._awaited_chunk = self._awaits_chunk
        self._bytes_before = self._body_bytes if self.in_body else -1
        if self.in_head:
            self._min_head_bytes_received += size

    def end_packet(self) -> None:
        """Count as trailers what came in place of a chunk and is none, and as framing what else is no body."""
        if self._is_blank:
            self._blank_bytes += self._packet_bytes
        if self._awaited_chunk and self._awaits_chunk:
            self._trailer_bytes += self._packet_bytes
        elif self._bytes_before >= 0 and self.in_body:
            self._framing_bytes += self._packet_bytes - (self._body_bytes - self._bytes_before)

    def exceeds(self, limit: int) -> bool:
        """Whether, after a packet, the head or the trailers are certainly larger than ``limit`` bytes."""
        head_bytes = self._min_head_bytes_received if self.in_head else 0
        return max(head_bytes, self._trailer_bytes, self._blank_bytes) > limit

    def begin_head(self) -> None:
        """A request begins in the packet."""
        self.is_open = self.in_head = True
        self._is_blank = False
        self._line_bytes = self._blank_bytes = 0
        self._min_head_bytes_received = self._packet_bytes if self._is_exact else 0
        self._is_exact = False

    def receive_target(self, size: int) -> int:
        """Count a piece of the request's target; how large the head's complete lines are."""
        self._line_bytes += size
        return self._line_bytes

    def receive_line(self, name: bytes, value: bytes) -> int:
        """Count a header or trailer; how large those that have come are together."""
        self._line_bytes += len(name) + len(value) + _LINE_OVERHEAD
        return self._line_bytes

    def end_head(self) -> None:
        """The head is complete."""
        self.in_head = False
        self._line_bytes = 0

    def begin_chunk(self) -> bool:
        """A chunk of the body follows, or the trailers; whether bodies come in too many chunks for their size."""
        self._awaits_chunk = True
        self._chunks += 1
        return self._chunks > _FREE_CHUNKS + self._body_bytes // _MIN_CHUNK_BYTES

    def receive_body(self, size: int) -> None:
        """A piece of the body has come."""
        self._awaits_chunk = False
        self._body_bytes += size

    def complete(self) -> None:
        """The request is complete."""
        self.is_open = self._awaits_chunk = False
        self._trailer_bytes = 0

    def answer(self) -> None:
        """A request has been answered, so that others may have as many chunks again."""
        self._chunks = self._body_bytes = self._framing_bytes = 0
