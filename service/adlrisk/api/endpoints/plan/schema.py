"""Structs of ``POST /plan``."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from adlrisk.api.endpoints.account.schema import MAX_LEGS
from adlrisk.api.endpoints.account.subject_schema import (
    OF_POSITION,
    WITH_ACCOUNT,
    WITH_POSITION,
    LegGiven,
    LegsGiven,
    OrdersGiven,
    PositiveOfAccount,
    SignedOfAccount,
    reject_mixture,
)
from adlrisk.api.endpoints.shared.fields import ALTERNATIVE, LotSize, Moment, SymbolId, VenueId, settle_as_of
from adlrisk.api.endpoints.shared.schema import ColumnsGiven, RowsGiven
from adlrisk.domain.account.figures import AccountFigures
from adlrisk.domain.planning.candidate import Candidate
from adlrisk.domain.planning.option import Cost, Figures, OptionName, ResizedOrder, Unchangeable
from adlrisk.domain.planning.target import Target, TargetBand
from adlrisk.domain.position.bounds import Positive
from adlrisk.domain.position.market import Market
from adlrisk.domain.position.position import MarginMode, Position
from adlrisk.domain.rules.formulas import Confidence
from adlrisk.domain.scoring.advice.action import Unit
from adlrisk.domain.scoring.band import most_points
from adlrisk.domain.scoring.score import MAX_SCORE
from adlrisk.domain.scoring.signals import SignalName
from adlrisk.domain.stress.depth import Depth
from adlrisk.venues.catalogue import VenueRef

PlanOutcome = Literal["reached", "reachable", "out_of_reach"]


class TargetFigure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A score to reach, or a place in the queue to leave: exactly one of them."""

    score: Annotated[
        Annotated[float, Meta(ge=0.0, le=MAX_SCORE, multiple_of=1.0)] | UnsetType,
        Meta(description="The highest score to have afterwards.", extra_json_schema=ALTERNATIVE),
    ] = UNSET
    leave_fifth: Annotated[
        Annotated[float, Meta(ge=1.0, le=4.0, multiple_of=1.0)] | UnsetType,
        Meta(
            description="The fifth of the queue to stand behind, 1 is reduced first: with 1, in the second fifth or "
            "further back. It needs `book`.",
            extra_json_schema=ALTERNATIVE,
        ),
    ] = UNSET

    def __post_init__(self) -> None:
        """Reject both and neither."""
        if (self.score is UNSET) == (self.leave_fifth is UNSET):
            raise ValueError("Contradicting field `score`: exactly one of score and leave_fifth is needed")


class OtherPositions(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The other positions in the contract of the position, as `POST /queue/rank` takes them, without its own."""

    positions: RowsGiven = UNSET
    columns: ColumnsGiven = UNSET


class PlanRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position, alone as in `POST /score` or a leg of an account as in `POST /account`, and where it is to get."""

    venue: VenueId = "generic"
    position: Annotated[
        Position | UnsetType, Meta(description="The position, as in `POST /score`.", extra_json_schema=OF_POSITION)
    ] = UNSET
    symbol: Annotated[SymbolId | None, Meta(extra_json_schema=WITH_POSITION)] = None
    market: Annotated[
        Market | None, Meta(description="What is known about the market.", extra_json_schema=WITH_POSITION)
    ] = None
    margin_mode: Annotated[
        MarginMode | None,
        Meta(
            description="Whether the position has margin of its own, or its account backs it; another than the "
            "position's own is refused.",
            extra_json_schema=OF_POSITION,
        ),
    ] = None
    positions: LegsGiven = UNSET
    leg: LegGiven = None
    wallet_balance: SignedOfAccount = None
    equity: SignedOfAccount = None
    maintenance_margin: PositiveOfAccount = None
    markets: Annotated[
        Annotated[dict[SymbolId, Market], Meta(max_length=MAX_LEGS)] | None,
        Meta(description="What is known about the markets, by symbol.", extra_json_schema=WITH_ACCOUNT),
    ] = None
    as_of: Moment | None = None
    target: Annotated[
        TargetBand | TargetFigure,
        Meta(
            description="`watch`: a score of 6 or less; `low`: 2 or less; or a score of your own, or a fifth of the "
            "queue to leave. `score` is what decides, not `score_upper`."
        ),
    ]
    book: Annotated[
        OtherPositions | UnsetType,
        Meta(
            description="The others in the contract: then `fifth` tells where in the queue the position stands. Their "
            "contract, contract size and mark price are the position's. The most there can be: "
            "`ADLRISK_MAX_POSITIONS`.",
        ),
    ] = UNSET
    taker_fee: Annotated[
        Annotated[float, Meta(ge=0.0, lt=1.0)], Meta(description="Of the notional of a fill, a fraction.")
    ] = 0.0005
    lot_size: Annotated[
        LotSize | None,
        Meta(description="Contracts per lot; the size must be a multiple of it. Default: the record's, else 1e-8."),
    ] = None
    margin_step: Annotated[
        Positive | None,
        Meta(description="Step of amounts of margin, settlement currency. Default: 0.01 linear, 1e-8 inverse."),
    ] = None
    depth: Annotated[Depth | None, Meta(description="The order book, for slippage; without it slippage is null.")] = (
        None
    )
    orders: OrdersGiven = ()
    candidate: Annotated[
        bool,
        Meta(
            description="Whether the position is yet to be opened: adds how large it may be and how little may back it."
        ),
    ] = False

    def __post_init__(self) -> None:
        """Reject what does not belong together; take an aware datetime."""
        settle_as_of(self, self.as_of)
        reject_mixture(self, of_one_position=("symbol", "market", "margin_mode"))
        if self.book is UNSET and isinstance(self.target, TargetFigure) and self.target.leave_fifth is not UNSET:
            raise ValueError("Object missing required field `book`: the others, whose queue is to be moved back in")
        if self.position is not UNSET and self.margin_mode is None:
            raise ValueError("Object missing required field `margin_mode`: isolated or cross")


def read_target(target: TargetBand | TargetFigure) -> Target:
    """The target that a request names."""
    if not isinstance(target, TargetFigure):
        return Target(points=most_points(target))
    if target.leave_fifth is not UNSET:
        return Target(leave_fifth=int(target.leave_fifth))
    return Target(points=0 if target.score is UNSET else int(target.score))


class Option(Struct, frozen=True, kw_only=True):
    """One way to the target, or what a usual way does not do."""

    action: Annotated[
        OptionName,
        Meta(
            description="`add_margin`; `reduce_size`: close a part at mark; `roll`: close all and open it again at "
            "mark, so that profit becomes margin; `close`: close all; `hedge`: an opposite position elsewhere; or two "
            "of them together, where none but `close` reaches the target alone."
        ),
    ]
    amount: Annotated[
        float | None,
        Meta(
            description="The least that does it, in whole steps of margin or lots: of two, that of the second; all of "
            "the size where it is rolled, closed or hedged; null where no amount changes anything."
        ),
    ]
    unit: Unit | None
    cost: Cost
    after: Annotated[Figures, Meta(description="What `request` is answered with.")]
    request: Annotated[
        Any,
        Meta(
            description="The complete body of `POST /score`, or of `POST /account` for a leg, whose answer has what "
            "`after` and `account` say; null after a close, unless it leaves other cross legs.",
            extra_json_schema={"type": ["object", "null"]},
        ),
    ]
    reaches_target: bool
    turns_off: Annotated[tuple[SignalName, ...], Meta(description="The signals that fire now, and no longer after it.")]
    does_not_change: Annotated[tuple[str, ...], Meta(description="What stays as it is, a sentence each.")]
    account: Annotated[
        AccountFigures | None,
        Meta(description="The account after it, as `POST /account` has it; null but for a cross leg."),
    ]
    makes_worse: Annotated[
        tuple[str, ...],
        Meta(description="What it makes worse, a sentence each: it may hedge another leg of the account."),
    ]
    orders: Annotated[tuple[ResizedOrder, ...], Meta(description="The reduce-only orders that are too large after it.")]


class PlanAnswer(Struct, frozen=True, kw_only=True):
    """How a position gets to the target: those options that do, the cheapest first, then those that do not."""

    now: Annotated[Figures, Meta(description="The position as it is.")]
    missing: Annotated[
        tuple[str, ...],
        Meta(description="Request fields that would settle what is unknown: the score, and when it is liquidated."),
    ]
    account: Annotated[AccountFigures | None, Meta(description="The account as it is; null but for a cross leg.")]
    reached: Annotated[
        bool,
        Meta(
            description="Whether it has the target already: then there are no options. An insolvent position has none, "
            "and neither has one past its liquidation price."
        ),
    ]
    reachable: Annotated[
        bool,
        Meta(
            description="Whether it has, or an option other than `close` gets it there; of a candidate, whether a size "
            "or a margin of `candidate` does."
        ),
    ]
    options: Annotated[tuple[Option, ...], Meta(description="Empty for a candidate, which is not held yet.")]
    not_yours: Annotated[
        tuple[Unchangeable, ...], Meta(description="The signals that fire, and that nothing turns off but a close.")
    ]
    candidate: Annotated[
        Candidate | None,
        Meta(
            description="Null unless it is a candidate of which equity and maintenance margin are known, without which "
            "nobody can say when it is liquidated."
        ),
    ]
    confidence: Annotated[
        Confidence | None,
        Meta(description="How well the venue's ranking is known, which `fifth` goes by; null without `book`."),
    ]
    venue: VenueRef
    as_of: Annotated[str, Meta(description="The time the plan is for.", extra_json_schema={"format": "date-time"})]

    @property
    def outcome(self) -> PlanOutcome:
        """What came of the plan, for the metrics."""
        if self.reached:
            return "reached"
        return "reachable" if self.reachable else "out_of_reach"
