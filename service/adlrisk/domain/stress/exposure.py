"""An exposure: how probable it is that ADL reaches a position, and how much it takes, over weighted moves."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from adlrisk.domain.deleverage.lots import size_of_lots
from adlrisk.domain.queue.book import Book
from adlrisk.domain.stress.chain.step import Pulse, begin, do_nothing
from adlrisk.domain.stress.likelihood import (
    CurvePoint,
    ExposedPosition,
    Exposure,
    ExposureCase,
    ExposureRange,
    MarketOdds,
    Nearest,
    Path,
    Span,
    Worst,
)
from adlrisk.domain.stress.moves import WeightedMoves, depth_left_at
from adlrisk.domain.stress.paths.gap import take_gaps
from adlrisk.domain.stress.paths.outcome import MoveOutcome, Watch
from adlrisk.domain.stress.paths.scene import PathResult, Scene
from adlrisk.domain.stress.paths.walk import walk_to_moves
from adlrisk.domain.stress.steps import LeftOver
from adlrisk.domain.stress.terms import Terms

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Floats


def expose(
    book: Book,
    terms: Terms,
    moves: WeightedMoves,
    cases: Mapping[str, float],
    *,
    watched: Mapping[str, int],
    pulse: Pulse = do_nothing,
) -> Exposure:
    """What ``moves`` of the mark price do to ``book``, for each of ``cases`` on both paths, case by case.

    ``cases`` maps a name to the share of the depth that is left from a move of two standard deviations on; ``watched``
    an id to an index in the book. ``pulse`` is called before each step and each of its rounds, and may raise to end the
    work.

    Raises:
        RefusedError: as in ``simulate``.
    """
    start, ladders = begin(book, terms)
    indices = np.fromiter(watched.values(), dtype=np.intp, count=len(watched))
    scene = Scene(
        start=start,
        terms=terms,
        ladders=ladders,
        mark_price=book.mark_price,
        weighted=moves,
        cases=cases,
        watch=Watch(indices, count=len(book), fund=start.fund),
        pulse=pulse,
    )
    gaps = take_gaps(scene)
    walks = walk_to_moves(scene, at_once={case: result.outcomes[0.0] for case, result in gaps.items()})
    tell = _Teller(scene, list(watched), sizes=book.size[indices])
    told = [
        each for case in cases for each in (tell.case(case, "gap", gaps[case]), tell.case(case, "walk", walks[case]))
    ]
    return Exposure(cases=tuple(told), range=range_over(told))


def range_over(cases: Sequence[ExposureCase]) -> tuple[ExposureRange, ...]:
    """Each position over all ``cases``."""
    return tuple(_range_of([case.positions[place] for case in cases]) for place in range(len(cases[0].positions)))


class _Teller:
    """Puts what the paths have found into the answer."""

    def __init__(self, scene: Scene, ids: Sequence[str], *, sizes: "Floats") -> None:
        self._scene = scene
        self._moves = scene.weighted.moves
        self._weights = scene.weighted.weights
        self._ids = ids
        self._sizes = sizes.tolist()

    def case(self, case: str, path: Path, result: PathResult) -> ExposureCase:
        """One case on one path."""
        outcomes = [result.outcomes[move] for move in self._moves]
        return ExposureCase(
            case=case,
            path=path,
            depth_left=self._scene.cases[case],
            market=MarketOdds(
                probability=self._weigh_those([outcome.deleveraged > 0 for outcome in outcomes]),
                probability_fund_used_up=self._weigh_those([outcome.left_fund > 0 for outcome in outcomes]),
                expected_adl_size=self._weigh([self._size(outcome.deleveraged) for outcome in outcomes]),
                expected_haircut=self._weigh([outcome.haircut for outcome in outcomes]),
            ),
            positions=tuple(self._position(place, outcomes, result) for place in range(len(self._ids))),
            curve=tuple(
                self._point(case, move, weight, outcome)
                for move, weight, outcome in zip(self._moves, self._weights, outcomes, strict=True)
            ),
        )

    def _position(self, place: int, outcomes: Sequence[MoveOutcome], result: PathResult) -> ExposedPosition:
        closed = [self._size(int(outcome.closed[place])) for outcome in outcomes]
        haircuts = [float(outcome.haircuts[place]) for outcome in outcomes]
        expected = self._weigh(closed)
        worst = max(range(len(closed)), key=lambda index: (closed[index], haircuts[index]))  # the first of equal ones
        return ExposedPosition(
            id=self._ids[place],
            probability=self._weigh_those([size > 0.0 for size in closed]),
            probability_liquidated=self._weigh_those([bool(outcome.is_liquidated[place]) for outcome in outcomes]),
            expected_closed=expected,
            expected_closed_share=min(expected / self._sizes[place], 1.0),
            expected_haircut=self._weigh(haircuts),
            worst=Worst(move=self._moves[worst], closed=closed[worst], haircut=haircuts[worst])
            if closed[worst]
            else None,
            nearest=Nearest(down=result.down[place], up=result.up[place]),
        )

    def _point(self, case: str, move: float, weight: float, outcome: MoveOutcome) -> CurvePoint:
        closed = [self._size(lots) for lots in outcome.closed.tolist()]
        return CurvePoint(
            move=move,
            weight=weight,
            depth_left=depth_left_at(move, least=self._scene.cases[case], deviation=self._scene.weighted.deviation),
            liquidated_size=self._size(outcome.liquidated),
            left_over=LeftOver(fund=self._size(outcome.left_fund), depth=self._size(outcome.left_depth)),
            adl_size=self._size(outcome.deleveraged),
            haircut=outcome.haircut,
            fund_after=outcome.fund,
            closed=dict(zip(self._ids, closed, strict=True)),
        )

    def _size(self, lots: int) -> float:
        contracts: float = size_of_lots(lots, self._scene.terms.lot_size)
        return contracts

    def _weigh(self, values: Sequence[float]) -> float:
        return math.fsum(weight * value for weight, value in zip(self._weights, values, strict=True))

    def _weigh_those(self, happens: Sequence[bool]) -> float:
        """The weight of the moves in which something happens; rounding does not take it above 1."""
        return min(math.fsum(weight for weight, does in zip(self._weights, happens, strict=True) if does), 1.0)


def _range_of(positions: Sequence[ExposedPosition]) -> ExposureRange:
    probabilities = [position.probability for position in positions]
    return ExposureRange(
        id=positions[0].id,
        probability=Span(least=min(probabilities), most=max(probabilities)),
        nearest=Nearest(
            down=max(
                (position.nearest.down for position in positions if position.nearest.down is not None), default=None
            ),
            up=min((position.nearest.up for position in positions if position.nearest.up is not None), default=None),
        ),
    )
