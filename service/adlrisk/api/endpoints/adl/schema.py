"""Structs of ``POST /adl/partial`` and ``POST /adl/allocate``."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.api.endpoints.account.subject_schema import (
    OF_POSITION,
    WITH_POSITION,
    LegGiven,
    LegsGiven,
    OrdersGiven,
    PositiveOfAccount,
    SignedOfAccount,
    reject_mixture,
)
from adlrisk.api.endpoints.shared.fields import ALTERNATIVE, FormulaGiven, LayoutGiven, LotSize, VenueId
from adlrisk.api.endpoints.shared.schema import ColumnsGiven, RowsGiven
from adlrisk.domain.account.figures import AccountFigures
from adlrisk.domain.deleverage.partial_close import PartialClose
from adlrisk.domain.deleverage.policies import MEANINGS, POLICIES, Bankrupt, FillPriceName, FillPriceRule, Policy
from adlrisk.domain.planning.option import ResizedOrder
from adlrisk.domain.position.bounds import Positive
from adlrisk.domain.position.position import ContractGiven, ContractSizeGiven, MarginMode, MarkGiven, Position
from adlrisk.domain.rules.chosen_formula import FormulaSource
from adlrisk.domain.rules.formulas import Confidence
from adlrisk.venues.catalogue import VenueRef

_MAX_SCENARIOS: Final = 1000


class Close(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much to close: exactly one of `size` and `fraction`."""

    size: Annotated[
        Positive | UnsetType,
        Meta(description="Contracts, at most the position's size.", extra_json_schema=ALTERNATIVE),
    ] = UNSET
    fraction: Annotated[
        Annotated[float, Meta(ge=1e-12, le=1.0)] | UnsetType,
        Meta(
            description="Fraction of the position's size; rounded down to whole lots if `lot_size` is given.",
            extra_json_schema=ALTERNATIVE,
        ),
    ] = UNSET

    def __post_init__(self) -> None:
        """Reject both and neither."""
        if (self.size is UNSET) == (self.fraction is UNSET):
            raise ValueError("Contradicting field `size`: exactly one of size and fraction is needed")


class PartialRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position, how much of it to close, and at what price."""

    venue: VenueId = "generic"
    position: Annotated[
        Position | UnsetType,
        Meta(
            description="The position before the ADL. `equity`, `margin` or `leverage` is required.",
            extra_json_schema=OF_POSITION,
        ),
    ] = UNSET
    positions: LegsGiven = UNSET
    leg: LegGiven = None
    wallet_balance: SignedOfAccount = None
    equity: SignedOfAccount = None
    maintenance_margin: PositiveOfAccount = None
    close: Annotated[Close, Meta(description="How much to close.")]
    fill_price: Annotated[
        Positive | None,
        Meta(
            description="Price at which it is closed, quote currency: at many venues the bankruptcy price of the "
            "liquidated position, which may be worse than this position's entry price. Default: the mark price."
        ),
    ] = None
    margin_mode: Annotated[
        MarginMode | None,
        Meta(
            description="`isolated`: margin is released in proportion to the closed size; `cross`: all margin stays "
            "with the rest of the position, plus the realized PnL. Default: the position's, or else `isolated`; "
            "another than the position's is refused.",
            extra_json_schema=WITH_POSITION,
        ),
    ] = None
    lot_size: LotSize | None = None
    scenario_prices: Annotated[
        tuple[Positive, ...],
        Meta(
            max_length=_MAX_SCENARIOS,
            description="Prices at which to compare the position with and without the ADL, quote currency.",
        ),
    ] = ()
    orders: OrdersGiven = ()

    def __post_init__(self) -> None:
        """Reject what does not belong together."""
        reject_mixture(self, of_one_position=("margin_mode",))


class AccountChange(Struct, frozen=True, kw_only=True):
    """The account before and after: the cross legs together.

    What a cross leg has realized is in its wallet balance afterwards; what an isolated leg has released, margin and PnL
    of what is closed, as well. The position's own states are those that it has in the account.
    """

    before: AccountFigures
    after: AccountFigures


class PartialAnswer(PartialClose, frozen=True, kw_only=True):
    """The position before and after, and the venue's rules that were applied."""

    account: Annotated[AccountChange | None, Meta(description="Null for a position alone.")]
    orders: Annotated[
        tuple[ResizedOrder, ...], Meta(description="The reduce-only orders that are larger than what is left.")
    ]
    venue: VenueRef


_POLICY_MEANINGS: Final = " ".join(f"`{policy}`: {meaning}" for policy, meaning in MEANINGS.items())


class AllocateRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A bankrupt position, the book to close it against, and the policies to compare."""

    venue: VenueId
    mark_price: MarkGiven
    contract: ContractGiven = "linear"
    contract_size: ContractSizeGiven = 1.0
    bankrupt: Annotated[Bankrupt, Meta(description="The position to close against the book.")]
    positions: RowsGiven = UNSET
    columns: ColumnsGiven = UNSET
    lot_size: LotSize = 1e-8
    policies: Annotated[
        tuple[Policy, ...],
        Meta(
            min_length=1,
            max_length=len(POLICIES),
            description=f"Allocation policies, each applied to the whole book; no duplicates. {_POLICY_MEANINGS}",
            extra_json_schema={"uniqueItems": True},
        ),
    ] = ("venue",)
    fill_price: Annotated[
        FillPriceName | Positive | None,
        Meta(
            description="Price at which positions are closed: the bankrupt position's `bankruptcy` price, the `mark` "
            "price, or a number in quote currency. Default: the venue's rule."
        ),
    ] = None
    formula: FormulaGiven = None
    layout: LayoutGiven = "rows"


class Fill(Struct, frozen=True, gc=False):  # positional: a large answer builds millions of them
    """A position that is closed fully or in part."""

    id: str
    closed: Annotated[float, Meta(description="Contracts closed.")]
    closed_lots: Annotated[int, Meta(description="Lots closed.")]
    remaining: Annotated[float, Meta(description="Contracts left.")]
    realized_pnl: Annotated[float, Meta(description="PnL of the closed part, settlement currency.")]
    haircut: Annotated[
        float,
        Meta(description="What the holder loses by the fill against the mark price, settlement currency; at least 0."),
    ]
    leverage_after: Annotated[
        float, Meta(description="Remaining notional over equity, assuming no withdrawal; 0 when fully closed.")
    ]


class FillColumns(Struct, frozen=True, kw_only=True):
    """The fills of a policy, one column per field of `Fill`."""

    id: list[str]
    closed: list[float]
    closed_lots: list[int]
    remaining: list[float]
    realized_pnl: list[float]
    haircut: list[float]
    leverage_after: list[float]


class PolicyResult(Struct, frozen=True, kw_only=True):
    """The result of one policy, with its fills in `fills` or in `columns`, depending on `layout`.

    Fills are in queue order under `venue`, else in the order of the request.
    """

    policy: Policy
    closed_lots: Annotated[int, Meta(description="Lots closed, over all positions.")]
    uncovered_lots: Annotated[int, Meta(description="Lots that no eligible position could take.")]
    accounts_hit: Annotated[int, Meta(description="Positions closed fully or in part.")]
    accounts_closed: Annotated[int, Meta(description="Positions closed fully.")]
    largest_share: Annotated[
        float | None, Meta(description="Largest fill over the total closed; null when nothing was closed.")
    ]
    top_leverage_after: Annotated[
        float | None,
        Meta(description="Highest leverage of the eligible positions after the ADL; null when there are none."),
    ]
    total_haircut: Annotated[float, Meta(description="Sum of the haircuts, settlement currency.")]
    fills: list[Fill] | UnsetType = UNSET
    columns: FillColumns | UnsetType = UNSET


class AllocateAnswer(Struct, frozen=True, kw_only=True):
    """The fills under each policy."""

    requested_lots: Annotated[int, Meta(description="Size of the bankrupt position in lots.")]
    fill_price: Annotated[float, Meta(description="Price at which positions are closed, quote currency.")]
    fill_price_rule: Annotated[FillPriceRule, Meta(description="How the fill price was chosen.")]
    same_side: Annotated[int, Meta(description="Positions on the bankrupt's own side, not touched.")]
    ineligible: Annotated[int, Meta(description="Positions on the other side that cannot be closed, not touched.")]
    formula: Annotated[
        str | None,
        Meta(
            description="Name of the queue formula that decides who is in the queue, and where; null if the venue has "
            "none, so that all solvent positions count as in it."
        ),
    ]
    formula_source: Annotated[
        FormulaSource | None, Meta(description="Whose formula it is: the venue's or the request's.")
    ]
    confidence: Annotated[
        Confidence | None,
        Meta(description="How well the venue's ranking is known; null for a formula of the request."),
    ]
    results: Annotated[list[PolicyResult], Meta(description="One result per policy, in the order of the request.")]
    venue: VenueRef
