"""Large books, as dense as a body can be: short ids, whole numbers and nothing that may be left out."""

import itertools
import string
from collections.abc import Iterator
from typing import Any, Final

from adlrisk.domain.deleverage.policies import POLICIES

_LETTERS: Final = string.ascii_letters + string.digits


def rank_request(count: int) -> dict[str, Any]:
    """A book of ``count`` longs to rank, each in profit; the numbers of the answer are long."""
    return {"venue": "bitmex", "mark_price": 1.1234567, "columns": _columns(count)}


def allocation_request(count: int, *, layout: str) -> dict[str, Any]:
    """The same book to allocate under all policies, each of which closes a part of every position or the whole."""
    return {
        **rank_request(count),
        "bankrupt": {"side": "short", "size": count, "bankruptcy_price": 1.5},
        "policies": POLICIES,
        "layout": layout,
    }


def in_rows(request: dict[str, Any]) -> dict[str, Any]:
    """The same request with its book in rows."""
    rest = dict(request)
    columns = rest.pop("columns")
    return {**rest, "positions": [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]}


def in_columns(request: dict[str, Any]) -> dict[str, Any]:
    """The same request with its book in columns, null for what a row does not have."""
    rest = dict(request)
    rows = rest.pop("positions")
    names = sorted({name for row in rows for name in row})
    return {**rest, "columns": {name: [row.get(name) for row in rows] for name in names}}


def _columns(count: int) -> dict[str, list[Any]]:
    ids = ["".join(letters) for letters in itertools.islice(_shortest_words(), count)]
    ones = [1] * count
    return {"id": ids, "side": ["long"] * count, "size": ones, "entry_price": ones, "leverage": ones}


def _shortest_words() -> Iterator[tuple[str, ...]]:
    """All combinations of letters and digits, the shortest first."""
    for length in itertools.count(1):
        yield from itertools.product(_LETTERS, repeat=length)
