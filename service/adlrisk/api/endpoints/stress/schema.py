"""Structs of ``POST /adl/simulate`` and ``POST /adl/exposure``."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType, field

from adlrisk.api.endpoints.shared.fields import (
    ALTERNATIVE_OR_NONE,
    FormulaGiven,
    LayoutGiven,
    LotSize,
    Moment,
    SymbolId,
    VenueId,
    settle_as_of,
)
from adlrisk.api.endpoints.shared.market_lookup import MarketLookup
from adlrisk.api.endpoints.shared.schema import BookPosition, ColumnsGiven, PositionId, RowsGiven
from adlrisk.domain.deleverage.policies import MEANINGS, FillPriceName, FillPriceRule, Policy
from adlrisk.domain.position.bounds import Positive, Rate
from adlrisk.domain.position.entries import Entry
from adlrisk.domain.position.market import MaintenanceTier
from adlrisk.domain.position.position import ContractGiven, ContractSizeGiven
from adlrisk.domain.position.shares import reject_partial_shares
from adlrisk.domain.rules.chosen_formula import FormulaSource
from adlrisk.domain.rules.formulas import Confidence
from adlrisk.domain.rules.leverage_mix import LeverageMix
from adlrisk.domain.stress.cohorts import Cohorts
from adlrisk.domain.stress.depth import Depth
from adlrisk.domain.stress.fund import Fund
from adlrisk.domain.stress.likelihood import ExposureCase, ExposureRange
from adlrisk.domain.stress.moves import Moves
from adlrisk.domain.stress.steps import Outcome, SimulatedPosition, Step
from adlrisk.venues.catalogue import VenueRef

MAX_MARKS: Final = 1440  # a day of minutes

_MAX_IDS: Final = 100
_MAX_CASES: Final = 8
_UNIQUE: Final = {"uniqueItems": True}
_MAX_MIXES: Final = 4
_LONGEST_CASE: Final = 32
_POLICY_MEANINGS: Final = " ".join(f"`{policy}`: {meaning}" for policy, meaning in MEANINGS.items())

PositionIds = list[Annotated[str, Meta(min_length=1, max_length=64)]]
CaseName = Annotated[str, Meta(min_length=1, max_length=_LONGEST_CASE)]


class StressRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A book of one contract, and what stands between it and an ADL: order book, insurance fund, rules of the venue."""

    venue: VenueId
    symbol: SymbolId | None = None
    as_of: Moment | None = None
    mark_price: Annotated[
        Positive,
        Meta(description="Mark price at which the book stands as given, before anything moves, quote currency."),
    ]
    contract: ContractGiven = "linear"
    contract_size: ContractSizeGiven = 1.0
    lot_size: Annotated[
        LotSize | None,
        Meta(description="Contracts per lot; sizes must be multiples of it. Default: the market record's, else 1e-8."),
    ] = None
    positions: RowsGiven = UNSET
    columns: ColumnsGiven = UNSET
    cohorts: Annotated[
        Cohorts | UnsetType,
        Meta(
            description="Aggregates that a book is made up of, where there is none. Instead of `positions` and "
            "`columns`; with a `symbol` all three may be left out, and the market record's aggregates are taken.",
            extra_json_schema=ALTERNATIVE_OR_NONE,
        ),
    ] = UNSET
    maintenance_margin_rate: Annotated[
        Rate | None,
        Meta(
            description="Maintenance margin rate, a fraction, of positions that have none of their own. Default: the "
            "venue's, if it has one for all contracts."
        ),
    ] = None
    fund: Annotated[
        Fund | None,
        Meta(
            description="The insurance fund, which pays for liquidations beyond bankruptcy prices. Default: the market "
            "record's; without one the request is refused: a fund that is not known is not a rich one."
        ),
    ] = None
    depth: Annotated[
        Depth | None,
        Meta(
            description="The order book that liquidated positions are closed into. Default: the market record's; "
            "without one the request is refused."
        ),
    ] = None
    permanent_impact: Annotated[
        Annotated[float, Meta(ge=0.0, le=1.0)],
        Meta(
            description="Share of what liquidations displace in the order book that stays in the mark price, so that "
            "it can make others due; 0: no cascade."
        ),
    ] = 0.0
    policy: Annotated[
        Policy, Meta(description=f"How an ADL is shared out among the other side. {_POLICY_MEANINGS}")
    ] = "venue"
    formula: FormulaGiven = None
    fill_price: Annotated[
        FillPriceName | Positive | None,
        Meta(
            description="Price at which ADL closes positions: the mean `bankruptcy` price of what is left over of the "
            "liquidated ones, the `mark` price, or a number in quote currency. Default: the venue's rule."
        ),
    ] = None

    def __post_init__(self) -> None:
        """Reject a day that is not in the calendar; take an aware datetime."""
        settle_as_of(self, self.as_of)


class OwnPosition(BookPosition, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A position of the client's own. `equity`, `margin` or `leverage` is required."""

    id: Annotated[PositionId, Meta(description="Not used: the answer calls it `you`.")] = "you"


class SimulateRequest(StressRequest, frozen=True, kw_only=True):
    """A book, and the mark prices that it meets one after the other."""

    marks: Annotated[
        tuple[Positive, ...],
        Meta(
            min_length=1,
            max_length=MAX_MARKS,
            description="Mark prices in the order in which they come, quote currency: one step each. Book and fund are "
            "carried from step to step, the order book is full again around each mark.",
        ),
    ]
    ids: Annotated[
        Annotated[PositionIds, Meta(max_length=_MAX_IDS, extra_json_schema=_UNIQUE)] | None,
        Meta(
            description="Positions to tell of, no duplicates. Default: all that were touched, the first touched first, "
            "at most 1,000.",
        ),
    ] = None
    layout: LayoutGiven = "rows"


class ExposureRequest(StressRequest, frozen=True, kw_only=True):
    """A book, the moves of the mark price to weigh, and the positions to answer for: `ids`, `position` or both."""

    moves: Annotated[Moves, Meta(description="The moves of the mark price, and how probable each of them is.")] = (
        Moves()
    )
    liquidity: Annotated[
        dict[CaseName, Annotated[float, Meta(gt=0.0, le=1.0)]],
        Meta(
            min_length=1,
            max_length=_MAX_CASES,
            description="Cases by name, each with the share of the depth that is left from a move of two standard "
            "deviations on; smaller moves leave more, none leaves all. Each is worked out by itself. Default: calm 1, "
            "typical 0.29, severe 0.06.",
        ),
    ] = field(default_factory=lambda: {"calm": 1.0, "typical": 0.29, "severe": 0.06})
    ids: Annotated[
        Annotated[PositionIds, Meta(min_length=1, max_length=_MAX_IDS, extra_json_schema=_UNIQUE)] | None,
        Meta(
            description="Positions of the book to answer for, no duplicates. Required unless there is a `position`.",
        ),
    ] = None
    position: Annotated[
        OwnPosition | None,
        Meta(description="A position of your own, which is added to the book as `you` and answered for first."),
    ] = None

    leverage_mixes: Annotated[
        Annotated[dict[CaseName, LeverageMix], Meta(min_length=1, max_length=_MAX_MIXES)] | None,
        Meta(
            description="Mixes of leverage by name, in place of that of `cohorts`: each case is worked out for each of "
            "them, and the range is over all. For a book made up of aggregates."
        ),
    ] = None

    def __post_init__(self) -> None:
        """Reject a request that asks for no position, and mixes of leverage for a book that has its own."""
        super().__post_init__()
        self._check_mixes()
        if self.ids is None and self.position is None:
            raise ValueError(
                "Object missing required field `ids`: name positions of the book in ids, or give one of your own in "
                "position"
            )

    def _check_mixes(self) -> None:
        if self.leverage_mixes is None:
            return
        if self.positions is not UNSET or self.columns is not UNSET:
            raise ValueError("Contradicting field `leverage_mixes`: they belong to cohorts")
        if self.cohorts is not UNSET and self.cohorts.leverage is not None:
            raise ValueError("Contradicting field `leverage_mixes`: cohorts has a mix of its own in leverage")
        for mix in self.leverage_mixes.values():
            reject_partial_shares("leverage_mixes", mix)


class SimulatedColumns(Struct, frozen=True, kw_only=True):
    """What became of the positions, one column per field of `SimulatedPosition`."""

    id: list[str]
    outcome: list[Outcome]
    step: list[int | None]
    closed: list[float]
    remaining: list[float]
    realized_pnl: list[float]
    haircut: list[float]
    effective_leverage: list[float | None]


class FilledInputs(Struct, frozen=True, kw_only=True):
    """What the request left out and the market record filled in; null where it did not."""

    insurance_fund: Annotated[float | None, Meta(description="The fund's balance, settlement currency.")] = None
    fund_peak: Annotated[
        float | None,
        Meta(description="Its largest balance; only where the venue's rule is a fall from it. Settlement currency."),
    ] = None
    size_for_one_percent: Annotated[
        float | None, Meta(description="Depth: contracts within 1 % of the mark price.")
    ] = None
    open_interest: Annotated[float | None, Meta(description="Contracts of one side.")] = None
    entries: Annotated[tuple[Entry, ...] | None, Meta(description="Entry prices of the open interest.")] = None
    entries_seen: Annotated[
        float | None,
        Meta(
            description="Share of the open interest whose opening the observer saw; the rest of `entries` stands where "
            "it was first met."
        ),
    ] = None
    volatility: Annotated[float | None, Meta(description="A year, a fraction.")] = None
    lot_size: Annotated[float | None, Meta(description="Contracts per lot.")] = None
    maintenance_margin_rate: Annotated[
        float | None, Meta(description="Of the cohorts, a fraction: that of the record's first tier.")
    ] = None
    position_tier: Annotated[
        MaintenanceTier | None, Meta(description="Of `position`: the record's tier of its notional at the mark price.")
    ] = None


class StressRules(Struct, frozen=True, kw_only=True):
    """The rules that an ADL went by."""

    policy: Policy
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
    fill_price_rule: Annotated[FillPriceRule, Meta(description="How fill prices were chosen.")]


class SimulateAnswer(StressRules, frozen=True, kw_only=True):
    """What happened step by step, and what became of the positions, in `positions` or `columns` by `layout`."""

    steps: Annotated[tuple[Step, ...], Meta(description="One per mark price of the request, in its order.")]
    positions: tuple[SimulatedPosition, ...] | UnsetType = UNSET
    columns: SimulatedColumns | UnsetType = UNSET
    assumptions: Annotated[list[str], Meta(description="What the model takes for granted, with its figures.")]
    market: Annotated[
        MarketLookup | None,
        Meta(description="What became of the market record of `symbol`; null if the request names none."),
    ]
    filled: FilledInputs
    venue: VenueRef


class ExposureAnswer(StressRules, frozen=True, kw_only=True):
    """How probable an ADL of each position is, how much it takes, and which move first reaches it: as a range."""

    cases: Annotated[
        tuple[ExposureCase, ...],
        Meta(description="Each case of `liquidity`, in the order of the request, first as `gap` and then as `walk`."),
    ]
    range: Annotated[tuple[ExposureRange, ...], Meta(description="Each position over all cases and paths.")]
    assumptions: Annotated[list[str], Meta(description="What the model takes for granted, with its figures.")]
    market: Annotated[
        MarketLookup | None,
        Meta(description="What became of the market record of `symbol`; null if the request names none."),
    ]
    filled: FilledInputs
    venue: VenueRef
