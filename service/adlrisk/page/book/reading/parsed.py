"""A book as it was read from a text: its positions, and where in the text each of their fields stands."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

from adlrisk.api.endpoints.shared.schema import BookPosition

FIELDS: Final = BookPosition.__struct_fields__  # as columns of a CSV, and as fields in JSON
REQUIRED: Final = ("id", "side", "size", "entry_price")
MAX_ROWS: Final = 5000

_LONGEST_SHOWN: Final = 40  # characters of a cell or name in a message


class BookTextError(Exception):
    """A text is no book. ``line`` and ``column`` count from 1; of a CSV the column is the cell, ``name`` its header."""

    def __init__(
        self, detail: str, *, line: int | None = None, column: int | None = None, name: str | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.line = line
        self.column = column
        self.name = name

    def __str__(self) -> str:
        """Place and detail, in words."""
        place = place_words(line=self.line, column=self.column, name=self.name)
        return f"{place}: {self.detail}" if place else self.detail


class Place(Struct, frozen=True, kw_only=True):
    """Where a field of a position stands, and the text that stands there, if it is one."""

    words: str
    shown: str | None = None


class ParsedBook(Struct, frozen=True, kw_only=True):
    """The positions of a book, in the form of the API's `positions`; not checked yet, but for their names."""

    positions: Sequence[Any]
    lines: Sequence[int] = ()  # of a CSV: the line of each position, and its cells as they are written
    cells: Sequence[Sequence[str]] = ()
    header: Sequence[str] = ()  # of a CSV

    def locate(self, index: int, name: str | None) -> Place:
        """The place of field ``name`` of position ``index``, or of the whole position."""
        position = self.positions[index]
        fields: Mapping[str, Any] = position if isinstance(position, dict) else {}
        if self.lines:
            column = self.header.index(name) if name in self.header else None
            shown = None if column is None else shorten(self.cells[index][column])
            column = None if column is None else column + 1
            return Place(words=place_words(line=self.lines[index], column=column, name=name), shown=shown or None)
        shown = shorten(fields[name]) if name is not None and isinstance(fields.get(name), str) else None
        id_ = fields.get("id")
        called = f" (id {shorten(id_)!r})" if isinstance(id_, str) else ""
        return Place(words=f"position {index + 1}{called}{f', {name}' if name else ''}", shown=shown)

    def find(self, id_: str) -> int | None:
        """The index of the position with this id; ``None`` if there is none."""
        ids = (position.get("id") if isinstance(position, dict) else None for position in self.positions)
        return next((index for index, each in enumerate(ids) if each == id_), None)


def place_words(*, line: int | None, column: int | None, name: str | None) -> str:
    """A place in a text.

    >>> place_words(line=3, column=2, name="size")
    'line 3, column 2 (size)'
    """
    parts = [f"line {line}"] if line is not None else []
    if column is not None:
        parts.append(f"column {column}")
    words = ", ".join(parts)
    if not name:
        return words
    return f"{words} ({name})" if column is not None else f"{words}, {name}".lstrip(", ")


def reject_too_many(count: int, *, line: int | None = None) -> None:
    """Refuse a book of more rows than the page takes.

    Raises:
        BookTextError: it has more.
    """
    if count > MAX_ROWS:
        raise BookTextError(f"the page takes at most {MAX_ROWS:,} positions; the API takes more", line=line)


def shorten(text: str) -> str:
    """A text of the client's, short enough for a message."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
