"""Conversion of a request's book, in rows or columns, to the domain's book."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from adlrisk.api.bulk.job import BookSize
from adlrisk.api.endpoints.shared.schema import BookColumns, BookPosition
from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Contract

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Book


# Problems of every request that contains a book.
BOOK_PROBLEMS: Final = (
    "unknown-venue",
    "contract-mismatch",
    "venue-has-no-queue",
    "queue-formula-unknown",
    "maintenance-margin-required",
    "ragged-columns",
    "margin-required",
    "duplicate-id",
    "book-too-large",
    "answer-too-large",
    "worker-failed",
)

_OPTIONAL: Final = (
    "equity",
    "margin",
    "leverage",
    "wallet_balance",
    "maintenance_margin_rate",
    "maintenance_margin",
    "maintenance_on_entry",
)
OWN_ID: Final = "you"  # of a position that is added to the book

_ON_ENTRY: Final = {"entry": 1.0, "mark": 0.0, None: None}


class Layout(Struct, frozen=True, kw_only=True):
    """The layout of a request's book, which decides the paths of its fields."""

    rows: bool
    within: tuple[str, ...] = ()  # the path of the object that holds the book
    own_index: int | None = None  # of the position that stands by itself in `position`

    def path(self, index: int, name: str) -> tuple[str | int, ...]:
        """Return the path of field ``name`` of position ``index``."""
        if index == self.own_index:
            return ("position", name)
        return (*self.within, *(("positions", index, name) if self.rows else ("columns", name, index)))

    def relocate(self, error: RefusedError) -> RefusedError:
        """Return the domain's ``error`` with its path, which begins with a position's index, as in the request."""
        match error.path:
            case (int(index), str(name)):
                return RefusedError(problem=error.problem, path=self.path(index, name), detail=error.detail)
            case _:
                return error

    def build_problem(self, slug: str, index: int, name: str, detail: str) -> ProblemError:
        """Return the problem with field ``name`` of position ``index``."""
        pointer = "".join(f"/{part}" for part in self.path(index, name))
        return ProblemError(slug, f"{pointer}: {detail}", errors=(field_error(pointer, detail),))


def measure_book(
    positions: Sequence[BookPosition] | UnsetType,
    columns: BookColumns | UnsetType,
    *,
    times: int = 1,
    within: tuple[str, ...] = (),
) -> BookSize:
    """Return how large a book is that is worked through so many ``times``; ``within`` as in ``detect_layout``."""
    if isinstance(columns, BookColumns):
        lengths = [len(getattr(columns, name) or ()) for name in columns.__struct_fields__]
        count, name = max(lengths), "columns"
    else:
        count, name = len(positions or ()), "positions"
    return BookSize(positions=count, pointer=_point(within, name), rows=count * times)


def detect_layout(
    positions: Sequence[BookPosition] | UnsetType,
    columns: BookColumns | UnsetType,
    *,
    own: BookPosition | None = None,
    within: tuple[str, ...] = (),
) -> Layout:
    """Return whether the book is given in rows or in columns, and the place of the client's ``own`` position after it.

    ``within`` is the path of the object that holds it, where that is not the request.

    Raises:
        ProblemError: both are given, or neither.
    """
    if (positions is UNSET) == (columns is UNSET):
        detail, pointer = "exactly one of positions and columns is needed", _point(within, "positions")
        raise ProblemError("invalid-request", f"{pointer}: {detail}", errors=(field_error(pointer, detail),))
    length = len(columns.id) if isinstance(columns, BookColumns) else len(positions or ())
    return Layout(rows=columns is UNSET, within=within, own_index=None if own is None else length)


def read_book(
    positions: Sequence[BookPosition] | UnsetType,
    columns: BookColumns | UnsetType,
    *,
    mark_price: float,
    contract: Contract,
    contract_size: float,
    own: BookPosition | None = None,
    within: tuple[str, ...] = (),
) -> tuple[Sequence[str], "Book"]:
    """Return the ids and the book of a request, validated across positions.

    A position of the client's ``own`` is the last of the book, with the id `you`. ``within`` as in ``detect_layout``.

    Raises:
        ProblemError: columns differ in length, an id is not unique, or a position has no equity, margin or leverage.
    """
    layout = detect_layout(positions, columns, own=own, within=within)
    fields = _read_columns(columns, within) if isinstance(columns, BookColumns) else _read_rows(positions or ())
    if own is not None:
        fields = _append_own(fields, own, layout)
    ids: Sequence[str] = fields["id"]
    _reject_duplicates(ids, layout)
    book = _build_book(fields, mark_price=mark_price, contract=contract, contract_size=contract_size)
    _reject_missing_margin(book, layout)
    return ids, book


def _read_rows(positions: Sequence[BookPosition]) -> dict[str, Any]:
    # Spelled out: attribute access in a comprehension takes half the time of any access by name.
    return {
        "id": [position.id for position in positions],
        "side": [position.side for position in positions],
        "size": [position.size for position in positions],
        "entry_price": [position.entry_price for position in positions],
        "equity": [position.equity for position in positions],
        "margin": [position.margin for position in positions],
        "leverage": [position.leverage for position in positions],
        "wallet_balance": [position.wallet_balance for position in positions],
        "maintenance_margin_rate": [position.maintenance_margin_rate for position in positions],
        "maintenance_amount": [position.maintenance_amount for position in positions],
        "maintenance_margin": [position.maintenance_margin for position in positions],
        "maintenance_basis": [position.maintenance_basis for position in positions],
    }


def _point(within: tuple[str, ...], *path: str) -> str:
    return "".join(f"/{part}" for part in (*within, *path))


def _read_columns(columns: BookColumns, within: tuple[str, ...]) -> dict[str, Any]:
    fields = {name: getattr(columns, name) for name in columns.__struct_fields__}
    length = len(columns.id)
    for name, column in fields.items():
        if column is not None and len(column) != length:
            detail = f"has {len(column)} values, but id has {length}"
            pointer = _point(within, "columns", name)
            raise ProblemError("ragged-columns", f"{pointer}: {detail}", errors=(field_error(pointer, detail),))
    return fields


def _append_own(fields: dict[str, Any], own: BookPosition, layout: Layout) -> dict[str, Any]:
    ids: Sequence[str] = fields["id"]
    if OWN_ID in ids:
        detail = f"the id {OWN_ID!r} is that of `position`: give this one another"
        raise layout.build_problem("duplicate-id", ids.index(OWN_ID), "id", detail)
    values = {**msgspec.structs.asdict(own), "id": OWN_ID}
    absent = {"maintenance_amount": 0.0}
    return {
        name: column
        if column is None and values[name] in (None, 0.0)
        else [*([absent.get(name)] * len(ids) if column is None else column), values[name]]
        for name, column in fields.items()
    }


def _build_book(fields: dict[str, Any], *, mark_price: float, contract: Contract, contract_size: float) -> "Book":
    import numpy as np  # noqa: PLC0415 (only books need it)

    from adlrisk.domain.queue.book import Book  # noqa: PLC0415

    length = len(fields["id"])
    basis = fields["maintenance_basis"]
    fields["maintenance_on_entry"] = None if basis is None else [_ON_ENTRY[value] for value in basis]

    def column(name: str, absent: float) -> Any:
        values = fields[name]
        if values is None or (length and values[0] is None and values.count(None) == length):
            return np.broadcast_to(np.float64(absent), length)  # takes no memory
        return np.array(values, dtype=np.float64)  # None becomes NaN, the domain's unknown

    return Book(
        mark_price=mark_price,
        contract=contract,
        contract_size=contract_size,
        is_long=np.fromiter(map("long".__eq__, fields["side"]), dtype=np.bool_, count=length),
        size=column("size", 0.0),
        entry_price=column("entry_price", 0.0),
        maintenance_amount=column("maintenance_amount", 0.0),
        **{name: column(name, np.nan) for name in _OPTIONAL},
    )


def _reject_duplicates(ids: Sequence[str], layout: Layout) -> None:
    if len(set(ids)) == len(ids):
        return
    first_at: dict[str, int] = {}
    for index, id_ in enumerate(ids):
        if id_ in first_at:
            raise layout.build_problem("duplicate-id", index, "id", f"{id_!r} is already used at index {first_at[id_]}")
        first_at[id_] = index


def _reject_missing_margin(book: "Book", layout: Layout) -> None:
    import numpy as np  # noqa: PLC0415 (only books need it)

    missing = np.isnan(book.equity) & np.isnan(book.margin) & np.isnan(book.leverage)
    if missing.any():
        detail = "required, but missing: equity, margin or leverage is needed"
        raise layout.build_problem("margin-required", int(np.argmax(missing)), "margin", detail)
