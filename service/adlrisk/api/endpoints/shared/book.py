"""How a book of positions comes in, as rows or as columns, and becomes the columns of the domain."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec import UNSET, Struct, UnsetType

from adlrisk.api.endpoints.shared.schema import BookColumns, BookPosition
from adlrisk.api.http.problems import ProblemError, field_error
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import (
    Contract,
)

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Book


# What can be wrong with any request that holds a book.
BOOK_PROBLEMS: Final = (
    "unknown-venue",
    "venue-has-no-queue",
    "queue-formula-unknown",
    "maintenance-margin-required",
    "ragged-columns",
    "margin-required",
    "duplicate-id",
    "worker-failed",
)

_OPTIONAL: Final = ("margin", "leverage", "maintenance_margin_rate", "maintenance_margin")


class Layout(Struct, frozen=True, kw_only=True):
    """Where a position's field stands in the request: behind the row's index, or before it."""

    rows: bool

    def path(self, index: int, name: str) -> tuple[str | int, ...]:
        """The path of field ``name`` of position ``index``."""
        return ("positions", index, name) if self.rows else ("columns", name, index)

    def relocated(self, error: RefusedError) -> RefusedError:
        """``error`` of the domain, whose path begins with a position's index, as the caller wrote it."""
        match error.path:
            case (int(index), str(name)):
                return RefusedError(problem=error.problem, path=self.path(index, name), detail=error.detail)
            case _:
                return error

    def refusal(self, slug: str, index: int, name: str, detail: str) -> ProblemError:
        """The problem of field ``name`` of position ``index``."""
        pointer = "".join(f"/{part}" for part in self.path(index, name))
        return ProblemError(slug, f"{pointer}: {detail}", errors=(field_error(pointer, detail),))


def layout_of(positions: Sequence[BookPosition] | UnsetType, columns: BookColumns | UnsetType) -> Layout:
    """Whether the book came as rows or as columns.

    Raises:
        ProblemError: it came as both or as neither.
    """
    if (positions is UNSET) == (columns is UNSET):
        detail = "exactly one of positions and columns is needed"
        raise ProblemError("invalid-request", f"/positions: {detail}", errors=(field_error("/positions", detail),))
    return Layout(rows=columns is UNSET)


def read_book(
    positions: Sequence[BookPosition] | UnsetType,
    columns: BookColumns | UnsetType,
    *,
    mark_price: float,
    contract: Contract,
    contract_size: float,
) -> tuple[Sequence[str], "Book"]:
    """The ids and the book of a request, checked across positions.

    Raises:
        ProblemError: columns of different lengths, an id that stands twice, a position without margin and leverage.
    """
    layout = layout_of(positions, columns)
    fields = _fields_of_columns(columns) if isinstance(columns, BookColumns) else _fields_of_rows(positions or ())
    ids: Sequence[str] = fields["id"]
    _refuse_duplicates(ids, layout)
    book = _book(fields, mark_price=mark_price, contract=contract, contract_size=contract_size)
    _refuse_missing_margin(book, layout)
    return ids, book


def _fields_of_rows(positions: Sequence[BookPosition]) -> dict[str, Any]:
    # Spelt out: an attribute in a comprehension costs half of what any way by the field's name does.
    return {
        "id": [position.id for position in positions],
        "side": [position.side for position in positions],
        "size": [position.size for position in positions],
        "entry_price": [position.entry_price for position in positions],
        "margin": [position.margin for position in positions],
        "leverage": [position.leverage for position in positions],
        "maintenance_margin_rate": [position.maintenance_margin_rate for position in positions],
        "maintenance_amount": [position.maintenance_amount for position in positions],
        "maintenance_margin": [position.maintenance_margin for position in positions],
    }


def _fields_of_columns(columns: BookColumns) -> dict[str, Any]:
    fields = {name: getattr(columns, name) for name in columns.__struct_fields__}
    length = len(columns.id)
    for name, column in fields.items():
        if column is not None and len(column) != length:
            detail = f"has {len(column)} values where id has {length}"
            pointer = f"/columns/{name}"
            raise ProblemError("ragged-columns", f"{pointer}: {detail}", errors=(field_error(pointer, detail),))
    return fields


def _book(fields: dict[str, Any], *, mark_price: float, contract: Contract, contract_size: float) -> "Book":
    import numpy as np  # noqa: PLC0415 (only books need it)

    from adlrisk.domain.queue.book import Book  # noqa: PLC0415

    length = len(fields["id"])

    def column(name: str, absent: float) -> Any:
        values = fields[name]
        if values is None or (length and values[0] is None and values.count(None) == length):
            return np.full(length, absent)
        return np.array(values, dtype=np.float64)  # None becomes NaN, which is what the domain calls unknown

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


def _refuse_duplicates(ids: Sequence[str], layout: Layout) -> None:
    if len(set(ids)) == len(ids):
        return
    first_at: dict[str, int] = {}
    for index, id_ in enumerate(ids):
        if id_ in first_at:
            raise layout.refusal("duplicate-id", index, "id", f"{id_!r} stands at index {first_at[id_]} already")
        first_at[id_] = index


def _refuse_missing_margin(book: "Book", layout: Layout) -> None:
    import numpy as np  # noqa: PLC0415 (only books need it)

    missing = np.isnan(book.margin) & np.isnan(book.leverage)
    if missing.any():
        detail = "required, but missing: margin or leverage is needed"
        # The schema can ask for one of the two in each row, but not in columns.
        slug = "invalid-request" if layout.rows else "margin-required"
        raise layout.refusal(slug, int(np.argmax(missing)), "margin", detail)
