"""What a move of the mark price leads to: totals, and what happens to the positions asked for."""

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from adlrisk.domain.stress.chain.step import StepRounds
from adlrisk.domain.stress.chain.totals import haircut_of

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.apportionment import Indices, Lots
    from adlrisk.domain.queue.book import Flags, Floats


class MoveOutcome(Struct, frozen=True, kw_only=True, gc=False):
    """What has happened by the time that a move is done; lots and settlement currency."""

    liquidated: int
    left_fund: int
    left_depth: int
    deleveraged: int
    haircut: float
    fund: float  # balance afterwards
    closed: "Lots"  # by ADL, of each watched position
    haircuts: "Floats"
    is_liquidated: "Flags"


class Watch:
    """The positions of a book that are watched, in order."""

    def __init__(self, indices: "Indices", *, count: int, fund: float) -> None:
        """``count`` positions are in the book; ``fund`` is the balance before anything happens."""
        self._places = np.full(count, -1)
        self._places[indices] = np.arange(len(indices))
        self.nothing = MoveOutcome(
            liquidated=0,
            left_fund=0,
            left_depth=0,
            deleveraged=0,
            haircut=0.0,
            fund=fund,
            closed=np.zeros(len(indices), dtype=np.int64),
            haircuts=np.zeros(len(indices)),
            is_liquidated=np.zeros(len(indices), dtype=np.bool_),
        )

    def add(self, before: MoveOutcome, done: StepRounds) -> MoveOutcome:
        """What has happened after a step."""
        if not done.rounds:
            return before
        closed, haircuts, is_liquidated = before.closed.copy(), before.haircuts.copy(), before.is_liquidated.copy()
        fills = [side.fills for each in done.rounds for side in each.adl]
        for each in done.rounds:
            places = self._places[each.due.indices]
            is_liquidated[places[places >= 0]] = True
        for fill in fills:
            places = self._places[fill.indices]
            watched = places >= 0
            closed[places[watched]] += fill.lots[watched]
            haircuts[places[watched]] += fill.lots[watched] * max(0.0, fill.lot_loss)
        return MoveOutcome(
            liquidated=before.liquidated + sum(int(each.due.lots.sum()) for each in done.rounds),
            left_fund=before.left_fund + sum(int(each.closing.left_fund.sum()) for each in done.rounds),
            left_depth=before.left_depth + sum(int(each.closing.left_depth.sum()) for each in done.rounds),
            deleveraged=before.deleveraged + sum(int(fill.lots.sum()) for fill in fills),
            haircut=before.haircut + haircut_of(done),
            fund=done.fund_after,
            closed=closed,
            haircuts=haircuts,
            is_liquidated=is_liquidated,
        )
