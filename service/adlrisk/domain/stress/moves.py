"""The moves of the mark price that an exposure weighs: a grid under Student's t distribution, or the request's own."""

import math
from itertools import pairwise
from typing import Annotated, Final

from msgspec import Meta, Struct

from adlrisk.domain.position.bounds import Volatility
from adlrisk.domain.stress.student_t import cumulative_probability

HOURS_A_YEAR: Final = 8760.0
FURTHEST: Final = 0.9  # of a grid, either way

_DEFAULT_DEGREES_OF_FREEDOM: Final = 3.0
_DEFAULT_HORIZON_HOURS: Final = 8.0
_DEFAULT_POINTS: Final = 101
_DEFAULT_REACH: Final = 5.0
_MAX_POINTS: Final = 401
_SUM_ROUNDS: Final = 1e-9

MoveGiven = Annotated[float, Meta(gt=-0.99, le=10.0)]


class Moves(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Moves of the mark price with their weights: from `volatility` and `horizon_hours`, or `moves` with `weights`."""

    volatility: Annotated[
        Volatility | None,
        Meta(
            description="Standard deviation of the price's relative change over a year, a fraction: 0.8 is 80 %. "
            "Default: the market record's."
        ),
    ] = None
    horizon_hours: Annotated[
        Annotated[float, Meta(ge=1e-3, le=HOURS_A_YEAR)] | None, Meta(description="Hours to look ahead. Default: 8.")
    ] = None
    degrees_of_freedom: Annotated[
        Annotated[float, Meta(gt=2.0, le=1000.0)] | None,
        Meta(description="Of Student's t distribution: the fewer, the fatter its tails. Default: 3."),
    ] = None
    points: Annotated[
        Annotated[float, Meta(ge=3.0, le=_MAX_POINTS, multiple_of=1.0)] | None,
        Meta(description="Moves on the grid, an odd number. Default: 101."),
    ] = None
    reach: Annotated[
        Annotated[float, Meta(ge=0.01, le=100.0)] | None,
        Meta(description="Standard deviations to the ends of the grid, at most 90 % either way. Default: 5."),
    ] = None
    moves: Annotated[
        Annotated[tuple[MoveGiven, ...], Meta(min_length=1, max_length=_MAX_POINTS)] | None,
        Meta(description="Moves of one's own, fractions of the mark price: −0.1 is a fall by 10 %."),
    ] = None
    weights: Annotated[
        tuple[Annotated[float, Meta(ge=0.0, le=1.0)], ...] | None,
        Meta(description="The probability of each of `moves`; what is missing to 1 is the case that nothing happens."),
    ] = None
    step: Annotated[
        Annotated[float, Meta(ge=0.0005, le=1.0)],
        Meta(description="Steps of the path `walk`, a fraction of the mark price."),
    ] = 0.0025

    def __post_init__(self) -> None:
        """Reject what is neither of the two forms, or half of one."""
        if self.volatility is not None and self.moves is not None:
            raise ValueError("Contradicting field `volatility`: only one of volatility and moves is needed")
        if self.moves is None:
            self._check_grid()
        else:
            self._check_given(self.moves)

    def _check_grid(self) -> None:
        if self.weights is not None:
            raise ValueError("Contradicting field `weights`: they belong to moves, not to volatility")
        if self.points is not None and self.points % 2 == 0:
            raise ValueError("Wrong field `points`: must be odd, so that no move is among them")

    def _check_given(self, moves: tuple[float, ...]) -> None:
        for name in ("horizon_hours", "degrees_of_freedom", "points", "reach"):
            if getattr(self, name) is not None:
                raise ValueError(f"Contradicting field `{name}`: it belongs to volatility, not to moves")
        if self.weights is None:
            raise ValueError("Object missing required field `weights`: each of moves needs one")
        if len(self.weights) != len(moves):
            raise ValueError(f"Wrong field `weights`: has {len(self.weights)} values, but moves has {len(moves)}")
        if math.fsum(self.weights) > 1.0 + _SUM_ROUNDS:
            raise ValueError("Wrong field `weights`: their sum must be at most 1")


class WeightedMoves(Struct, frozen=True, kw_only=True, gc=False):
    """Moves in the order of the request, their weights, and their standard deviation."""

    moves: tuple[float, ...]
    weights: tuple[float, ...]
    deviation: float
    step: float


def weigh_moves(given: Moves) -> WeightedMoves:
    """The moves that ``given`` describes; its volatility, if it has no moves of its own, is known."""
    if given.moves is None or given.weights is None:
        return _grid(given)
    square = math.fsum(weight * move * move for move, weight in zip(given.moves, given.weights, strict=True))
    return WeightedMoves(moves=given.moves, weights=given.weights, deviation=math.sqrt(square), step=given.step)


def count_moves(given: Moves) -> int:
    """How many moves ``given`` describes.

    >>> count_moves(Moves(volatility=0.8, horizon_hours=8)), count_moves(Moves(moves=(0.1,), weights=(1,)))
    (101, 1)
    """
    return int(given.points or _DEFAULT_POINTS) if given.moves is None else len(given.moves)


def settle_horizon(given: Moves) -> float:
    """The hours to look ahead of the request, else 8."""
    return given.horizon_hours or _DEFAULT_HORIZON_HOURS


def settle_degrees_of_freedom(given: Moves) -> float:
    """Those of the request, else 3."""
    return given.degrees_of_freedom or _DEFAULT_DEGREES_OF_FREEDOM


def depth_left_at(move: float, *, least: float, deviation: float) -> float:
    """The share of the depth that is left at ``move``: ``least`` from two standard deviations on, 1 at no move.

    >>> depth_left_at(0.02, least=0.2, deviation=0.02)
    0.6
    """
    if move == 0.0:
        return 1.0
    full = 2.0 * deviation
    return least if abs(move) >= full else 1.0 - (1.0 - least) * abs(move) / full


def _grid(given: Moves) -> WeightedMoves:
    """An even grid; each move weighs the probability of all that are nearest to it."""
    years = settle_horizon(given) / HOURS_A_YEAR
    deviation = (given.volatility or 0.0) * math.sqrt(years)
    freedom = settle_degrees_of_freedom(given)
    half = int(given.points or _DEFAULT_POINTS) // 2
    end = min((given.reach or _DEFAULT_REACH) * deviation, FURTHEST)
    moves = tuple(end * (place / half) for place in range(-half, half + 1))
    scale = math.sqrt(freedom / (freedom - 2.0)) / deviation  # the distribution's own deviation is that of a t variable
    upper = [cumulative_probability(scale * 0.5 * (a + b), freedom) for a, b in pairwise(moves)]
    weights = tuple(b - a for a, b in pairwise([0.0, *upper, 1.0]))
    return WeightedMoves(moves=moves, weights=weights, deviation=deviation, step=given.step)
