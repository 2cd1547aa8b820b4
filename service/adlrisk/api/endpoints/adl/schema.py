"""Structs of ``POST /adl/partial`` and ``POST /adl/allocate``."""

from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.api.endpoints.shared.fields import MARGIN_OR_LEVERAGE, LayoutGiven, LotSize, VenueId
from adlrisk.api.endpoints.shared.schema import ColumnsGiven, RowsGiven
from adlrisk.domain.deleverage.partial_close import MarginMode, PartialClose
from adlrisk.domain.deleverage.policies import MEANINGS, POLICIES, Bankrupt, FillPriceRule, Policy
from adlrisk.domain.position.bounds import Positive
from adlrisk.domain.position.position import ContractGiven, ContractSizeGiven, MarkGiven, Position
from adlrisk.venues.catalogue import VenueRef

_MOST_SCENARIOS: Final = 1000


_SIZE_OR_FRACTION: Final[dict[str, Any]] = {"oneOf": [{"required": ["size"]}, {"required": ["fraction"]}]}


class Close(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is closed: exactly one of `size` and `fraction`."""

    size: Annotated[Positive | UnsetType, Meta(description="Contracts, at most the position's size.")] = UNSET
    fraction: Annotated[
        Annotated[float, Meta(ge=1e-12, le=1.0)] | UnsetType,
        Meta(description="Share of the position's size; with `lot_size` rounded down to whole lots."),
    ] = UNSET

    def __post_init__(self) -> None:
        """Refuse both and neither."""
        if (self.size is UNSET) == (self.fraction is UNSET):
            raise ValueError("Contradicting field `size`: exactly one of size and fraction is needed")


class PartialRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position, and how much of it is closed at which price."""

    venue: VenueId = "generic"
    position: Annotated[
        Position, Meta(description="The position before the ADL.", extra_json_schema=MARGIN_OR_LEVERAGE)
    ]
    close: Annotated[Close, Meta(description="How much is closed.", extra_json_schema=_SIZE_OR_FRACTION)]
    fill_price: Annotated[
        Positive | None,
        Meta(
            description="Price it is closed at, quote currency: at many venues the bankruptcy price of the position "
            "that is liquidated, which may lie beyond this one's entry. Default: the mark price."
        ),
    ] = None
    margin_mode: Annotated[
        MarginMode,
        Meta(
            description="`isolated` margin is released in proportion to what is closed; `cross` margin stays behind "
            "the rest, plus what was realized."
        ),
    ] = "isolated"
    lot_size: LotSize | None = None
    scenario_prices: Annotated[
        tuple[Positive, ...],
        Meta(max_length=_MOST_SCENARIOS, description="Prices at which to compare with and without the ADL."),
    ] = ()


class PartialAnswer(PartialClose, frozen=True, kw_only=True):
    """The position before and after, with the rules its state rests on."""

    venue: VenueRef


_NAMED: Final = " ".join(f"`{policy}`: {meaning}" for policy, meaning in MEANINGS.items())


class AllocateRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A bankrupt position, the book that it is closed against, and the policies to compare."""

    venue: VenueId
    mark_price: MarkGiven
    contract: ContractGiven = "linear"
    contract_size: ContractSizeGiven = 1.0
    bankrupt: Annotated[Bankrupt, Meta(description="What is to be closed against the book.")]
    positions: RowsGiven = UNSET
    columns: ColumnsGiven = UNSET
    lot_size: LotSize = 1e-8
    policies: Annotated[
        tuple[Policy, ...],
        Meta(
            min_length=1,
            max_length=len(POLICIES),
            description=f"Ways to share it out, each worked out on the whole book, no one twice. {_NAMED}",
            extra_json_schema={"uniqueItems": True},
        ),
    ] = ("venue",)
    fill_price: Annotated[
        Literal["bankruptcy", "mark"] | Positive | None,
        Meta(
            description="Price at which positions are closed: the bankrupt's `bankruptcy` price, the `mark` price, or "
            "a number in quote currency. Default: what the venue does."
        ),
    ] = None
    layout: LayoutGiven = "rows"


class Fill(Struct, frozen=True, gc=False):  # positional: a large answer builds millions of them
    """A position that is closed in whole or in part."""

    id: str
    closed: Annotated[float, Meta(description="Contracts that are closed.")]
    closed_lots: Annotated[int, Meta(description="The same in lots.")]
    remaining: Annotated[float, Meta(description="Contracts that are left.")]
    realized_pnl: Annotated[float, Meta(description="PnL of what is closed, against its entry, settlement currency.")]
    haircut: Annotated[
        float,
        Meta(description="What the fill price costs its holder against the mark, settlement currency; never negative."),
    ]
    leverage_after: Annotated[
        float, Meta(description="Notional left over equity, with nothing withdrawn; 0 when all is closed.")
    ]


class FillColumns(Struct, frozen=True, kw_only=True):
    """The fills of a policy, a column for each field of `Fill`."""

    id: list[str]
    closed: list[float]
    closed_lots: list[int]
    remaining: list[float]
    realized_pnl: list[float]
    haircut: list[float]
    leverage_after: list[float]


class PolicyResult(Struct, frozen=True, kw_only=True):
    """What one policy closes; its fills as `fills` or as `columns`, as the request asks.

    Fills come in the order of the queue under `venue`, else in the order of the request.
    """

    policy: Policy
    closed_lots: Annotated[int, Meta(description="Lots that are closed, over all accounts.")]
    uncovered_lots: Annotated[int, Meta(description="Lots that nobody eligible could take.")]
    accounts_hit: Annotated[int, Meta(description="Positions closed in whole or in part.")]
    accounts_closed: Annotated[int, Meta(description="Positions closed in whole.")]
    largest_share: Annotated[
        float | None, Meta(description="Largest fill over all that was closed; null when nothing was.")
    ]
    top_leverage_after: Annotated[
        float | None, Meta(description="Highest leverage among all eligible afterwards; null when nobody is eligible.")
    ]
    total_haircut: Annotated[float, Meta(description="Sum of the haircuts, settlement currency.")]
    fills: list[Fill] | UnsetType = UNSET
    columns: FillColumns | UnsetType = UNSET


class AllocateAnswer(Struct, frozen=True, kw_only=True):
    """Who is closed, under each policy."""

    requested_lots: Annotated[int, Meta(description="The bankrupt position in lots.")]
    fill_price: Annotated[float, Meta(description="Price at which positions are closed, quote currency.")]
    fill_price_rule: Annotated[FillPriceRule, Meta(description="Where the fill price comes from.")]
    same_side: Annotated[int, Meta(description="Positions on the bankrupt's own side, left alone.")]
    ineligible: Annotated[int, Meta(description="Positions on the other side that cannot be closed, left alone.")]
    results: Annotated[list[PolicyResult], Meta(description="One for each policy, in the order of the request.")]
    venue: VenueRef
