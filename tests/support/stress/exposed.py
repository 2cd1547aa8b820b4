"""Exposure in the slow reading: each move is a chain of its own, from today's book, run step by step."""

from dataclasses import dataclass
from fractions import Fraction

from adlrisk.domain.queue.book import Book
from adlrisk.domain.stress.likelihood import Path
from adlrisk.domain.stress.moves import WeightedMoves
from adlrisk.domain.stress.terms import Terms
from support.stress.chain import Chain, StepRead

_SAME_MOVE = 1e-12
_FINE = 0.0001  # how far apart the moves are between which the nearest one lies


@dataclass(kw_only=True)
class Course:
    """One move, run to its end."""

    move: float
    weight: Fraction
    depth_left: Fraction
    chain: Chain

    @property
    def steps(self) -> list[StepRead]:
        return self.chain.steps

    @property
    def liquidated_lots(self) -> int:
        return sum(step.liquidated_lots for step in self.steps)

    @property
    def adl_lots(self) -> int:
        return sum(step.adl_lots for step in self.steps)

    @property
    def left_for_fund(self) -> int:
        return sum(step.left_for_fund for step in self.steps)

    @property
    def left_for_depth(self) -> int:
        return sum(step.left_for_depth for step in self.steps)

    @property
    def total_haircut(self) -> Fraction:
        return sum((step.haircut for step in self.steps), Fraction(0))

    def closed(self, index: int) -> int:
        return self.chain.accounts[index].closed_lots

    def haircut(self, index: int) -> Fraction:
        return self.chain.accounts[index].haircut

    def is_liquidated(self, index: int) -> bool:
        return self.chain.accounts[index].liquidated


class Exposed:
    """One case of liquidity, that leaves ``least`` of the depth, on one path."""

    def __init__(self, book: Book, terms: Terms, moves: WeightedMoves, *, least: float, path: Path) -> None:
        self._book, self._terms, self._moves, self._least, self._path = book, terms, moves, least, path
        self._kept: dict[float, Chain] = {}
        weighed = zip(moves.moves, moves.weights, strict=True)
        self.courses = [self._run(move, weight=weight) for move, weight in weighed]

    def expect(self, values: list[Fraction]) -> Fraction:
        """The weighted sum of one value for each course."""
        return sum((course.weight * value for course, value in zip(self.courses, values, strict=True)), Fraction(0))

    def worst(self, index: int) -> Course | None:
        """The course that closes most of a position; of equal ones that with the larger haircut, then the first."""
        worst = max(self.courses, key=lambda course: (course.closed(index), course.haircut(index)))
        return worst if worst.closed(index) else None

    def nearest(self, index: int, *, sign: int) -> float | None:
        """The smallest move of this sign that closes any of a position; 0 where that is closed without any move."""
        before = 0.0
        if self._closes(0.0, index):
            return 0.0
        for move in self._candidates(sign):
            if self._closes(move, index):
                return self._bisect(before, move, index)
            before = move
        return None

    def _candidates(self, sign: int) -> list[float]:
        moves = {move for move in self._moves.moves if sign * move > 0.0}
        if self._path == "walk" and moves:
            furthest = max(moves, key=abs)
            moves.update(self._waypoints(furthest))
        return sorted(moves, key=abs)

    def _bisect(self, without: float, closing: float, index: int) -> float:
        while abs(closing - without) > _FINE:
            middle = 0.5 * (without + closing)
            if self._closes(middle, index):
                closing = middle
            else:
                without = middle
        return closing

    def _closes(self, move: float, index: int) -> bool:
        return self._run(move, weight=0.0).closed(index) > 0

    def _run(self, move: float, *, weight: float) -> Course:
        if move not in self._kept:
            self._kept[move] = self._chain_to(move)
        chain = self._kept[move]
        return Course(move=move, weight=Fraction(weight), depth_left=self._depth_left(move), chain=chain)

    def _chain_to(self, move: float) -> Chain:
        chain = Chain(self._book, self._terms)
        for way in [*(self._waypoints(move) if self._path == "walk" else []), move]:
            mark = Fraction(self._book.mark_price) * (1 + Fraction(way))
            chain.step(mark, depth_left=self._depth_left(way))
        return chain

    def _waypoints(self, move: float) -> list[float]:
        """The multiples of the step on the way to ``move``."""
        step, count = self._moves.step if move > 0.0 else -self._moves.step, 1
        way = []
        while abs(count * step) < abs(move) - _SAME_MOVE:
            way.append(count * step)
            count += 1
        return way

    def _depth_left(self, move: float) -> Fraction:
        """All of it at no move, what the case leaves from two standard deviations on, and evenly in between."""
        if move == 0.0:
            return Fraction(1)
        full = 2 * Fraction(self._moves.deviation)
        share = min(Fraction(1), abs(Fraction(move)) / full)
        return 1 - share * (1 - Fraction(self._least))
