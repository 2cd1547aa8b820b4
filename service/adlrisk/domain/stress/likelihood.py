"""What an exposure answers: for each case of liquidity and each path, how probable ADL is, and how much it takes."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from adlrisk.domain.stress.steps import LeftOver

Path = Literal["gap", "walk"]


class Nearest(Struct, frozen=True, kw_only=True, gc=False):
    """The first moves that reach a position, fractions of the mark price; null: none. A larger one may spare it."""

    down: float | None
    up: float | None


class Worst(Struct, frozen=True, kw_only=True, gc=False):
    """The move that closes most of a position by ADL; of equal ones that with the largest haircut."""

    move: float
    closed: Annotated[float, Meta(description="Contracts.")]
    haircut: Annotated[float, Meta(description="Settlement currency.")]


class ExposedPosition(Struct, frozen=True, kw_only=True, gc=False):
    """How much of a position ADL takes over the moves."""

    id: str
    probability: Annotated[float, Meta(description="Of the model: weights of the moves in which ADL closes any of it.")]
    probability_liquidated: Annotated[float, Meta(description="Weights of the moves in which it is liquidated.")]
    expected_closed: Annotated[float, Meta(description="Weighted mean of what ADL closes of it, contracts.")]
    expected_closed_share: Annotated[float, Meta(description="The same as a share of its size.")]
    expected_haircut: Annotated[float, Meta(description="Weighted mean, settlement currency.")]
    worst: Annotated[Worst | None, Meta(description="Null where no move reaches it.")]
    nearest: Nearest


class MarketOdds(Struct, frozen=True, kw_only=True, gc=False):
    """What happens to the contract over the moves."""

    probability: Annotated[float, Meta(description="Weights of the moves in which ADL closes anything.")]
    probability_fund_used_up: Annotated[
        float,
        Meta(
            description="Weights of the moves in which a level was there and the fund could not pay for even one lot."
        ),
    ]
    expected_adl_size: Annotated[float, Meta(description="Weighted mean, contracts.")]
    expected_haircut: Annotated[float, Meta(description="Weighted mean of all haircuts, settlement currency.")]


class CurvePoint(Struct, frozen=True, kw_only=True, gc=False):
    """What one move leads to."""

    move: Annotated[float, Meta(description="Of the mark price, a fraction.")]
    weight: Annotated[float, Meta(description="Its probability in the model.")]
    depth_left: Annotated[float, Meta(description="Share of the depth that is left at this move.")]
    liquidated_size: Annotated[float, Meta(description="Contracts.")]
    left_over: LeftOver
    adl_size: Annotated[float, Meta(description="Contracts closed by ADL.")]
    haircut: Annotated[float, Meta(description="Of all positions, settlement currency.")]
    fund_after: Annotated[float, Meta(description="Settlement currency.")]
    closed: Annotated[dict[str, float], Meta(description="Contracts that ADL closes of each position asked for.")]


class ExposureCase(Struct, frozen=True, kw_only=True, gc=False):
    """One case of liquidity on one path."""

    case: Annotated[str, Meta(description="Name of the case, as in `liquidity`.")]
    path: Annotated[
        Path,
        Meta(description="`gap`: to each move in one jump, usually the worse; `walk`: there in small steps."),
    ]
    leverage_mix: Annotated[
        str | None, Meta(description="Name of the mix of leverage, as in `leverage_mixes`; null if there are none.")
    ] = None
    depth_left: Annotated[float, Meta(description="Share of the depth that the case leaves, in full.")]
    market: MarketOdds
    positions: Annotated[tuple[ExposedPosition, ...], Meta(description="Each position asked for, `you` first.")]
    curve: Annotated[tuple[CurvePoint, ...], Meta(description="What each move leads to, in the order of the moves.")]


class Span(Struct, frozen=True, kw_only=True, gc=False):
    """The least and the most over all cases and paths."""

    least: float
    most: float


class ExposureRange(Struct, frozen=True, kw_only=True, gc=False):
    """A position over all cases and paths: the answer is a range, for nobody can forecast a cascade."""

    id: str
    probability: Annotated[Span, Meta(description="Weights of the moves in which ADL closes any of it.")]
    nearest: Annotated[Nearest, Meta(description="The nearest over all cases and paths.")]


class Exposure(Struct, frozen=True, kw_only=True, gc=False):
    """All cases of an exposure, and the range over them."""

    cases: tuple[ExposureCase, ...]
    range: tuple[ExposureRange, ...]
