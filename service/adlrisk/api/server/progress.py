"""Progress of a request: which part of it is being read, and how large its head and trailers are.

Packets do not end where heads do, so a head's size is known between two bounds.
"""


class RequestProgress:
    """What of the current request has come."""

    def __init__(self) -> None:
        self.is_open = False  # a request has begun and is not complete
        self.in_head = False
        self.max_head_bytes_received = 0
        self._min_head_bytes_received = 0
        self._trailer_bytes = 0
        self._packet_bytes = 0
        self._is_exact = False  # the packet begins where its first head does
        self._awaits_chunk = False  # or trailers, which come in its place
        self._awaited_chunk = False

    def begin_packet(self, size: int) -> None:
        """Count a packet that is about to be parsed."""
        self._packet_bytes = size
        self._is_exact = not self.is_open
        self._awaited_chunk = self._awaits_chunk
        if self.in_head:
            self._min_head_bytes_received += size
            self.max_head_bytes_received += size

    def end_packet(self) -> None:
        """Count as trailers what came in place of a chunk and is none."""
        if self._awaited_chunk and self._awaits_chunk:
            self._trailer_bytes += self._packet_bytes

    def exceeds(self, limit: int) -> bool:
        """Whether the head, or the trailers, are certainly larger than ``limit`` bytes."""
        return max(self._min_head_bytes_received if self.in_head else 0, self._trailer_bytes) > limit

    def begin_head(self) -> None:
        """A request begins in the packet."""
        self.is_open = self.in_head = True
        self.max_head_bytes_received = self._packet_bytes
        self._min_head_bytes_received = self._packet_bytes if self._is_exact else 0
        self._is_exact = False

    def end_head(self) -> None:
        """The head is complete."""
        self.in_head = False

    def begin_chunk(self) -> None:
        """A chunk of the body follows, or the trailers."""
        self._awaits_chunk = True

    def receive_body(self) -> None:
        """A piece of the body has come."""
        self._awaits_chunk = False

    def complete(self) -> None:
        """The request is complete."""
        self.is_open = self._awaits_chunk = False
        self._trailer_bytes = 0
