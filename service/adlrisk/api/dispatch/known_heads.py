"""Heads that need not be read again: a client sends the same one with every request, but for the length of the body.

What the parser made of a head's bytes it makes of the same bytes again, where nothing was under way before them. So
what was understood of a head is kept under its digest: the head itself may hold an API key, which is kept nowhere.
"""

from hashlib import blake2b
from typing import Final, NamedTuple

from adlrisk.api.dispatch.fast_path import Understood

_MOST: Final = 1024
_LONGEST: Final = 1024  # bytes
_DIGEST_BYTES: Final = 32  # nobody finds a second head with the same one
END: Final = b"\r\n\r\n"


class KnownHead(NamedTuple):
    """A head that was understood, and the length of the body that follows it."""

    asked: Understood
    length: int


class KnownHeads:
    """The heads of requests that were answered at once."""

    def __init__(self) -> None:
        self._known: dict[bytes, KnownHead] = {}  # by digest

    def __len__(self) -> int:
        """How many there are."""
        return len(self._known)

    def get(self, head: bytes) -> KnownHead | None:
        """What is known of a head, given with the empty line that ends it."""
        return self._known.get(_digest_of(head)) if self._known and len(head) <= _LONGEST else None

    def keep(self, head: bytes, known: KnownHead) -> None:
        """Know a head, unless no other will be like it."""
        if len(head) > _LONGEST or not known.asked.is_nameless:
            return
        if len(self._known) >= _MOST:
            self._known.clear()  # whoever comes again is known again
        self._known[_digest_of(head)] = known


def _digest_of(head: bytes) -> bytes:
    return blake2b(head, digest_size=_DIGEST_BYTES).digest()
