"""Structs of ``POST /queue/rank``."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.api.endpoints.shared.fields import LayoutGiven, VenueId
from adlrisk.api.endpoints.shared.schema import ColumnsGiven, RowsGiven
from adlrisk.domain.position.position import ContractGiven, ContractSizeGiven, MarkGiven, Side
from adlrisk.domain.rules.formulas import Confidence
from adlrisk.venues.catalogue import VenueRef

_MOST_POSITIONS: Final = 10_000_000


class RankRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A book of one contract, and which part of its queues to answer."""

    venue: VenueId
    mark_price: MarkGiven
    contract: ContractGiven = "linear"
    contract_size: ContractSizeGiven = 1.0
    positions: RowsGiven = UNSET
    columns: ColumnsGiven = UNSET
    side: Annotated[Side | None, Meta(description="Answer this side's queue only.")] = None
    top: Annotated[
        # A whole number in the sense of JSON Schema, where 5.0 is one; documented as an integer.
        Annotated[float, Meta(ge=1.0, le=_MOST_POSITIONS, multiple_of=1.0)] | None,
        Meta(description="Answer only the first so many of each queue."),
    ] = None
    ids: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=64)]] | None,
        Meta(description="Answer only these positions, ranked in the whole book (and within `top`, if given)."),
    ] = None
    layout: LayoutGiven = "rows"


class QueueRow(Struct, frozen=True, gc=False):  # positional: a large answer builds a million of them
    """A position in its queue. Positions that are not eligible come last, with null where they have no place."""

    id: str
    rank: Annotated[int | None, Meta(description="1 is reduced first.")]
    priority: Annotated[float | None, Meta(description="The venue's ranking key.")]
    eligible: Annotated[bool, Meta(description="Whether the queue would hold it; an insolvent position it would not.")]
    percentile: Annotated[
        float | None,
        Meta(description="Share of the queue from the front, itself included, as the venue weights it."),
    ]
    adl_meter: Annotated[float | None, Meta(description="What the venue's own meter shows at this place.")]
    unrealized_pnl: Annotated[float, Meta(description="Settlement currency.")]
    return_on_entry: Annotated[float, Meta(description="Unrealized PnL over entry notional.")]
    effective_leverage: Annotated[float | None, Meta(description="Notional over equity; null when insolvent.")]
    size: Annotated[float, Meta(description="Contracts.")]
    size_ahead: Annotated[float | None, Meta(description="Contracts that are reduced before it.")]
    notional_ahead: Annotated[float | None, Meta(description="Their value at mark, settlement currency.")]


class QueueColumns(Struct, frozen=True, kw_only=True):
    """The positions of a queue, a column for each field of `QueueRow`."""

    id: list[str]
    rank: list[int | None]
    priority: list[float | None]
    eligible: list[bool]
    percentile: list[float | None]
    adl_meter: list[float | None]
    unrealized_pnl: list[float]
    return_on_entry: list[float]
    effective_leverage: list[float | None]
    size: list[float]
    size_ahead: list[float | None]
    notional_ahead: list[float | None]


class Queue(Struct, frozen=True, kw_only=True):
    """One side's queue; its positions as `positions` or as `columns`, as the request asks."""

    count: Annotated[int, Meta(description="All positions of that side.")]
    eligible: Annotated[int, Meta(description="Those that the queue holds.")]
    size: Annotated[float, Meta(description="Contracts of the eligible.")]
    notional: Annotated[float, Meta(description="Value of the eligible at mark, settlement currency.")]
    positions: list[QueueRow] | UnsetType = UNSET
    columns: QueueColumns | UnsetType = UNSET


class Queues(Struct, frozen=True, kw_only=True):
    """A queue for each side that was asked for."""

    long: Queue | UnsetType = UNSET
    short: Queue | UnsetType = UNSET


class RankAnswer(Struct, frozen=True, kw_only=True):
    """The book's queues, reduced from the front."""

    formula: Annotated[str, Meta(description="Name of the venue's queue formula; docs/venues.md has them all.")]
    confidence: Annotated[Confidence | None, Meta(description="How well the venue's ranking is known.")]
    mark_price: float
    queues: Queues
    venue: VenueRef
