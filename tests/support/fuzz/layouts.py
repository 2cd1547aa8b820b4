"""The rows of a book or of an answer, in either layout."""

from collections.abc import Mapping
from typing import Any


def rows_of(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The positions of a book in either layout."""
    return list(request["positions"]) if "positions" in request else _rows(request["columns"])


def listed_in(part: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The rows of an answer in either layout."""
    return list(part[name]) if name in part else _rows(part["columns"])


def _rows(columns: Mapping[str, list[Any] | None]) -> list[dict[str, Any]]:
    given = {name: column for name, column in columns.items() if column is not None}  # null: a column left out
    assert len({len(column) for column in given.values()}) == 1
    return [dict(zip(given, values, strict=True)) for values in zip(*given.values(), strict=True)]
