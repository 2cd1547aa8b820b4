"""A simulation: the chain at one mark price after the other, and what becomes of the accounts."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from adlrisk.domain.deleverage.lots import size_of_lots
from adlrisk.domain.queue.book import Book
from adlrisk.domain.stress.chain.accounts import Accounts, margin_of, realized_pnl
from adlrisk.domain.stress.chain.marked import MarkedAccounts
from adlrisk.domain.stress.chain.step import Pulse, Round, StepRounds, begin, do_nothing, run_step
from adlrisk.domain.stress.chain.totals import sum_up
from adlrisk.domain.stress.steps import Outcome, SimulatedPosition, Step
from adlrisk.domain.stress.terms import Terms

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.apportionment import Indices

MAX_TOLD: Final = 1000  # positions of an answer that names none

_UNTOUCHED: Final = -1


class Simulated(Struct, frozen=True, kw_only=True, gc=False):
    """The steps of a simulation, and what became of the positions."""

    steps: tuple[Step, ...]
    positions: tuple[SimulatedPosition, ...]


def simulate(
    book: Book,
    terms: Terms,
    marks: Sequence[float],
    *,
    ids: Sequence[str],
    watched: Sequence[int] | None = None,
    pulse: Pulse = do_nothing,
) -> Simulated:
    """What happens to ``book`` while the mark price takes the values of ``marks``, quote currency.

    ``watched`` are the indices of the positions to tell of, by default all that were touched, the first touched first,
    at most 1,000. ``pulse`` is called before each step and each of its rounds, and may raise to end the work.

    Raises:
        RefusedError: a size is no whole number of lots, a maintenance margin is missing, or the policy needs a queue
            that the venue does not have; ``path`` begins with the position's index where there is one.
    """
    state, ladders = begin(book, terms)
    fates = _Fates(state.accounts)
    steps: list[Step] = []
    for place, mark_price in enumerate(marks):
        done = run_step(state, terms, ladders, mark_price=mark_price, depth_left=terms.depth.depth_left, pulse=pulse)
        fates.follow(done, step=place)
        steps.append(sum_up(done))
        state = done.state_after()
    last = MarkedAccounts(state.accounts, terms, mark_price=steps[-1].mark_after)
    told = np.array(fates.touched if watched is None else watched, dtype=np.intp)
    return Simulated(steps=tuple(steps), positions=fates.tell(told, ids=ids, last=last))


class _Fates:
    """What has happened to each account, one column per figure."""

    def __init__(self, accounts: Accounts) -> None:
        count = len(accounts)
        self._first_lots = accounts.lots
        self._step = np.full(count, _UNTOUCHED)
        self._closed = np.zeros(count, dtype=np.int64)
        self._is_liquidated = np.zeros(count, dtype=np.bool_)
        self._realized = np.zeros(count)
        self._haircut = np.zeros(count)
        self.touched: list[int] = []

    def follow(self, done: StepRounds, *, step: int) -> None:
        """Take in what happened in a step."""
        for each in done.rounds:
            self._liquidate(each, step=step)
            for side in each.adl:
                fills = side.fills
                self._touch(fills.indices, step=step)
                self._closed[fills.indices] += fills.lots
                self._realized[fills.indices] += realized_pnl(each.accounts, fills, since=each.accounts.entry)
                self._haircut[fills.indices] += fills.lots * max(0.0, fills.lot_loss)

    def tell(self, indices: "Indices", *, ids: Sequence[str], last: MarkedAccounts) -> tuple[SimulatedPosition, ...]:
        """What became of the positions at ``indices``; ``last`` are the accounts after the last step."""
        lots, lot_size = last.accounts.lots[indices], last.accounts.lot_size
        leverage = last.effective_leverage(indices)
        steps = self._step[indices]
        return tuple(
            SimulatedPosition(
                id=ids[index],
                outcome=self._outcome(index),
                step=None if step == _UNTOUCHED else step,
                closed=closed,
                remaining=remaining,
                realized_pnl=realized,
                haircut=haircut,
                effective_leverage=None if self._is_liquidated[index] or math.isnan(leverage) else leverage,
            )
            for index, step, closed, remaining, realized, haircut, leverage in zip(
                indices.tolist(),
                steps.tolist(),
                size_of_lots(self._closed[indices], lot_size).tolist(),
                size_of_lots(lots, lot_size).tolist(),
                (self._realized[indices] + 0.0).tolist(),
                self._haircut[indices].tolist(),
                leverage.tolist(),
                strict=True,
            )
        )

    def _liquidate(self, each: Round, *, step: int) -> None:
        indices = each.due.indices
        self._touch(indices, step=step)
        self._is_liquidated[indices] = True
        self._realized[indices] -= margin_of(each.accounts, indices)

    def _touch(self, indices: "Indices", *, step: int) -> None:
        new = indices[self._step[indices] == _UNTOUCHED]
        self._step[new] = step
        room = MAX_TOLD - len(self.touched)
        self.touched.extend(new[:room].tolist())

    def _outcome(self, index: int) -> Outcome:
        if self._is_liquidated[index]:
            return "liquidated"
        closed = int(self._closed[index])
        if not closed:
            return "untouched"
        return "closed" if closed == int(self._first_lots[index]) else "reduced"
