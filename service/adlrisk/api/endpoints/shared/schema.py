"""Structs of a book, in rows or columns: the part of a request that ranking and allocation share."""

from typing import Annotated

from msgspec import Meta, Struct, UnsetType

from adlrisk.api.endpoints.shared.fields import ALTERNATIVE
from adlrisk.domain.position.bounds import NonNegative, Positive, Rate, Signed
from adlrisk.domain.position.position import (
    EntryGiven,
    EquityGiven,
    LeverageGiven,
    MaintenanceAmountGiven,
    MaintenanceBasis,
    MaintenanceBasisGiven,
    MaintenanceMarginGiven,
    MaintenanceRateGiven,
    MarginGiven,
    Side,
    SideGiven,
    SizeGiven,
    WalletBalanceGiven,
)

PositionId = Annotated[str, Meta(min_length=1, max_length=64, description="The client's own id, unique in the book.")]


class BookPosition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A position in a book, which defines mark price and contract. `equity`, `margin` or `leverage` is required."""

    id: PositionId
    side: SideGiven
    size: SizeGiven
    entry_price: EntryGiven
    equity: EquityGiven = None
    margin: MarginGiven = None
    leverage: LeverageGiven = None
    wallet_balance: WalletBalanceGiven = None
    maintenance_margin_rate: MaintenanceRateGiven = None
    maintenance_amount: MaintenanceAmountGiven = 0.0
    maintenance_margin: MaintenanceMarginGiven = None
    maintenance_basis: MaintenanceBasisGiven = None


class BookColumns(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The positions of a book, one column per field of `BookPosition`, all of the same length.

    A column that no position has may be left out; a value that a single position lacks is null.
    """

    id: Annotated[list[PositionId], Meta(description="The client's own ids, each unique in the book.")]
    side: Annotated[list[Side], Meta(description="Sides of the positions.")]
    size: Annotated[list[Positive], Meta(description="Contracts; base units when `contract_size` is 1.")]
    entry_price: Annotated[list[Positive], Meta(description="Average entry prices, quote currency.")]
    equity: Annotated[list[Signed | None] | None, Meta(description="As `BookPosition.equity`; null if absent.")] = None
    margin: Annotated[list[Positive | None] | None, Meta(description="As `BookPosition.margin`; null if absent.")] = (
        None
    )
    leverage: Annotated[
        list[Positive | None] | None,
        Meta(description="As `BookPosition.leverage`; used if equity and margin are null."),
    ] = None
    wallet_balance: Annotated[
        list[Signed | None] | None, Meta(description="As `BookPosition.wallet_balance`; null: the margin.")
    ] = None
    maintenance_margin_rate: Annotated[
        list[Rate | None] | None, Meta(description="Maintenance margin rates of the positions' tiers, as fractions.")
    ] = None
    maintenance_amount: Annotated[
        list[NonNegative] | None,
        Meta(description="The tiers' deductions from maintenance margin, settlement currency."),
    ] = None
    maintenance_margin: Annotated[
        list[Positive | None] | None, Meta(description="Absolute maintenance margins, settlement currency.")
    ] = None
    maintenance_basis: Annotated[
        list[MaintenanceBasis | None] | None,
        Meta(description="As `BookPosition.maintenance_basis`; null: the venue's."),
    ] = None


RowsGiven = Annotated[
    list[BookPosition] | UnsetType,
    Meta(
        description="The book, one object per position. Exactly one of `positions` and `columns` is required.",
        extra_json_schema=ALTERNATIVE,
    ),
]
ColumnsGiven = Annotated[
    BookColumns | UnsetType,
    Meta(
        description="The book, one array per field: smaller and faster than rows.",
        extra_json_schema=ALTERNATIVE,
    ),
]
