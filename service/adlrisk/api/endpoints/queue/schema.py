"""Structs of ``POST /queue/rank``."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.api.endpoints.shared.fields import FormulaGiven, LayoutGiven, VenueId
from adlrisk.api.endpoints.shared.schema import ColumnsGiven, RowsGiven
from adlrisk.domain.position.position import ContractGiven, ContractSizeGiven, MarkGiven, Side
from adlrisk.domain.rules.chosen_formula import FormulaSource
from adlrisk.domain.rules.formulas import Confidence
from adlrisk.venues.catalogue import VenueRef

_MAX_POSITIONS: Final = 10_000_000


class RankRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A book of one contract, and which part of its queues to return."""

    venue: VenueId
    mark_price: MarkGiven
    contract: ContractGiven = "linear"
    contract_size: ContractSizeGiven = 1.0
    positions: RowsGiven = UNSET
    columns: ColumnsGiven = UNSET
    side: Annotated[Side | None, Meta(description="Return only this side's queue.")] = None
    top: Annotated[
        # An integer in the sense of JSON Schema, which accepts 5.0.
        Annotated[float, Meta(ge=1.0, le=_MAX_POSITIONS, multiple_of=1.0)] | None,
        Meta(description="Return only this many positions from the front of each queue."),
    ] = None
    ids: Annotated[
        list[Annotated[str, Meta(min_length=1, max_length=64)]] | None,
        Meta(description="Return only these positions, ranked in the whole book (and within `top`, if given)."),
    ] = None
    formula: FormulaGiven = None
    layout: LayoutGiven = "rows"


class QueueRow(Struct, frozen=True, gc=False):  # positional: a large answer builds a million of them
    """A position in its queue. Ineligible positions come last; they have no rank, and null wherever it would matter."""

    id: str
    rank: Annotated[int | None, Meta(description="1 is reduced first.")]
    priority: Annotated[float | None, Meta(description="The ranking key.")]
    eligible: Annotated[bool, Meta(description="Whether it is in the queue; an insolvent position is not.")]
    percentile: Annotated[
        float | None,
        Meta(description="Share of the queue up to and including this position, as the venue weights it."),
    ]
    adl_meter: Annotated[float | None, Meta(description="Reading of the venue's own ADL meter at this rank.")]
    unrealized_pnl: Annotated[float, Meta(description="Settlement currency.")]
    return_on_entry: Annotated[float, Meta(description="Unrealized PnL over entry notional.")]
    effective_leverage: Annotated[float | None, Meta(description="Notional over equity; null when insolvent.")]
    size: Annotated[float, Meta(description="Contracts.")]
    size_ahead: Annotated[float | None, Meta(description="Contracts reduced before it.")]
    notional_ahead: Annotated[float | None, Meta(description="Their value at mark, settlement currency.")]


class QueueColumns(Struct, frozen=True, kw_only=True):
    """The positions of a queue, one column per field of `QueueRow`."""

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
    """One side's queue, with its positions in `positions` or in `columns`, depending on `layout`."""

    count: Annotated[int, Meta(description="All positions on this side.")]
    eligible: Annotated[int, Meta(description="Positions in the queue.")]
    size: Annotated[float, Meta(description="Contracts of the eligible positions.")]
    notional: Annotated[float, Meta(description="Value of the eligible positions at mark, settlement currency.")]
    positions: list[QueueRow] | UnsetType = UNSET
    columns: QueueColumns | UnsetType = UNSET


class Queues(Struct, frozen=True, kw_only=True):
    """One queue for each requested side."""

    long: Queue | UnsetType = UNSET
    short: Queue | UnsetType = UNSET


class RankAnswer(Struct, frozen=True, kw_only=True):
    """The book's queues, each in the order in which positions are reduced."""

    formula: Annotated[str, Meta(description="Name of the queue formula; see docs/formulas.md.")]
    formula_source: Annotated[FormulaSource, Meta(description="Whose formula it is: the venue's or the request's.")]
    confidence: Annotated[
        Confidence | None,
        Meta(description="How well the venue's ranking is known; null for a formula of the request."),
    ]
    mark_price: float
    queues: Queues
    venue: VenueRef
