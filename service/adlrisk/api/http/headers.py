"""The headers of a request."""

from collections.abc import Collection, Iterable


class Headers:
    """Headers by name, in lower case as ASGI has them; what is on every request's way is one look into a dictionary."""

    __slots__ = ("_first", "_given")

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._given = list(headers)
        self._first = dict(reversed(self._given))

    def first(self, name: bytes) -> bytes:
        """The header's first value; empty where it is not given."""
        return self._first.get(name, b"")

    def text(self, name: bytes) -> str:
        """The same as text."""
        return self._first.get(name, b"").decode("latin-1")

    def all(self, name: bytes) -> tuple[bytes, ...]:
        """All values of a header, in the order they were sent."""
        if name not in self._first:
            return ()
        if len(self._first) == len(self._given):  # none is given twice
            return (self._first[name],)
        return tuple(value for given, value in self._given if given == name)

    def without(self, names: Collection[bytes]) -> "Headers":
        """The same without the headers of these names."""
        return Headers([header for header in self._given if header[0] not in names])

    def joined(self, name: bytes) -> str:
        """All values of a header as one list, as RFC 9110, section 5.3, has it."""
        return b", ".join(self.all(name)).decode("latin-1")
