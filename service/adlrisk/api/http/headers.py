"""Request headers, by name."""

from collections.abc import Collection, Iterable


class Headers:
    """Headers by name, in lower case as in ASGI; reading a first value is one dict access."""

    __slots__ = ("_first", "_given")

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._given = list(headers)
        self._first = dict(reversed(self._given))

    def first(self, name: bytes) -> bytes:
        """Return the header's first value; empty if it is not sent."""
        return self._first.get(name, b"")

    def text(self, name: bytes) -> str:
        """Return the header's first value as text; empty if it is not sent."""
        return self._first.get(name, b"").decode("latin-1")

    def all(self, name: bytes) -> tuple[bytes, ...]:
        """Return all values of a header, in the order they were sent."""
        if name not in self._first:
            return ()
        if len(self._first) == len(self._given):  # no header is repeated
            return (self._first[name],)
        return tuple(value for given, value in self._given if given == name)

    def without(self, names: Collection[bytes]) -> "Headers":
        """Return a copy without the headers of these names."""
        return Headers([header for header in self._given if header[0] not in names])

    def joined(self, name: bytes) -> str:
        """Return all values of a header as one comma-separated list (RFC 9110, section 5.3)."""
        return b", ".join(self.all(name)).decode("latin-1")
