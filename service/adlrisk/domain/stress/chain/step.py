"""One step of the chain: who is due is closed, what is left over is deleveraged, and the impact may make others due."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from adlrisk.domain.deleverage.lots import MAX_TOTAL_LOTS, round_down
from adlrisk.domain.deleverage.policies import RANKED_POLICIES
from adlrisk.domain.queue.book import Book
from adlrisk.domain.rules.chosen_formula import require_formula
from adlrisk.domain.stress.chain.accounts import Accounts, apply_fills, read_accounts, remove_accounts
from adlrisk.domain.stress.chain.closing import Closing, close_due
from adlrisk.domain.stress.chain.deleveraging import SideAdl, deleverage_side
from adlrisk.domain.stress.chain.marked import SIGNS, Due, MarkedAccounts
from adlrisk.domain.stress.chain.order_book import Ladder, Side, build_ladders, place_levels
from adlrisk.domain.stress.fund import floor_of
from adlrisk.domain.stress.terms import Terms

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.apportionment import Lots

Pulse = Callable[[], None]

_MAX_ROUNDS: Final = 100


def do_nothing() -> None:
    """The pulse of a computation that nobody wants to stop."""


class State(Struct, frozen=True, kw_only=True, gc=False):
    """Book and fund between two steps."""

    accounts: Accounts
    fund: float  # balance, settlement currency
    held: int  # lots that the fund has taken over


class Round(Struct, frozen=True, kw_only=True, gc=False):
    """What happened at one mark price."""

    mark_price: float
    due: Due
    closing: Closing
    taken_over: "Lots"  # of each due account, by the fund
    adl: tuple[SideAdl, ...]  # of the longs' rest, then of the shorts'
    accounts: Accounts  # before it
    fund: float  # balance after it
    held: int  # lots that the fund has taken over, after it

    def accounts_after(self) -> Accounts:
        """The accounts after it."""
        accounts = remove_accounts(self.accounts, self.due.indices)
        for side in self.adl:
            accounts = apply_fills(accounts, side.fills)
        return accounts


class StepRounds(Struct, frozen=True, kw_only=True, gc=False):
    """The rounds of a step, from its given mark price to where the impact leaves it."""

    before: State
    mark_price: float
    mark_after: float
    rounds: tuple[Round, ...]

    @property
    def fund_after(self) -> float:
        """The fund's balance after the last round."""
        return self.rounds[-1].fund if self.rounds else self.before.fund

    def state_after(self) -> State:
        """Book and fund after the last round."""
        if not self.rounds:
            return self.before
        last = self.rounds[-1]
        return State(accounts=last.accounts_after(), fund=last.fund, held=last.held)


def begin(book: Book, terms: Terms) -> tuple[State, tuple[Ladder, Ladder]]:
    """Book and fund before the first step, and the order book.

    Raises:
        RefusedError: a size is no whole number of lots, a maintenance margin is missing, or the policy needs a queue
            that the venue does not have; ``path`` begins with the position's index where there is one.
    """
    if terms.policy in RANKED_POLICIES:
        require_formula(terms.rules, terms.formula)
    state = State(accounts=read_accounts(book, terms), fund=terms.fund.balance, held=0)
    return state, build_ladders(terms.depth)


def run_step(
    state: State,
    terms: Terms,
    ladders: tuple[Ladder, Ladder],
    *,
    mark_price: float,
    depth_left: float,
    pulse: Pulse = do_nothing,
    marked: MarkedAccounts | None = None,
) -> StepRounds:
    """What happens at ``mark_price``; ``marked``, if given, are the accounts of ``state`` at it, to work on.

    ``pulse`` is called before each round, and may raise to end the work.
    """
    pulse()
    marked = marked or MarkedAccounts(state.accounts, terms, mark_price=mark_price)
    if not len(marked.due.indices):
        return StepRounds(before=state, mark_price=mark_price, mark_after=mark_price, rounds=())
    contract = state.accounts.contract
    bids, asks = (
        place_levels(ladder, mark_price=mark_price, depth_left=depth_left, lot_size=terms.lot_size, contract=contract)
        for ladder in ladders
    )
    rounds: list[Round] = []
    used, fund, held, mark = (0, 0), state.fund, state.held, mark_price
    while True:
        done = _run_round(marked, terms, (bids, asks), used=used, fund=fund, held=held)
        rounds.append(done)
        used, fund, held = done.closing.used, done.fund, done.held
        moved = _move_mark(mark_price, (bids, asks), used=used, impact=terms.permanent_impact)
        if moved == mark:
            break
        mark = moved
        if len(rounds) == _MAX_ROUNDS:
            break
        pulse()
        marked = MarkedAccounts(done.accounts_after(), terms, mark_price=mark)
        if not len(marked.due.indices):
            break
    return StepRounds(before=state, mark_price=mark_price, mark_after=mark, rounds=tuple(rounds))


def _run_round(
    marked: MarkedAccounts, terms: Terms, book: tuple[Side, Side], *, used: tuple[int, int], fund: float, held: int
) -> Round:
    due, unit = marked.due, marked.accounts.unit
    floor = floor_of(terms.fund, drawdown=terms.rules.trigger.drawdown)
    closing = close_due(due, book, used=used, available=fund - floor, unit=unit)
    fund = max(fund - closing.paid + closing.received, min(fund, floor))  # rounding never takes it below
    taken_over = _take_over(
        closing.left_depth,
        capacity=terms.fund.takes_over * max(0.0, fund - floor),
        held=held,
        lot_value=unit * abs(marked.mark_value),
    )
    left = closing.left_fund + closing.left_depth - taken_over
    adl = tuple(
        deleverage_side(marked, terms, sign=sign, left=left[of_side], bankruptcy=due.bankruptcy[of_side])
        for sign in SIGNS
        if left[of_side := due.is_long if sign > 0.0 else ~due.is_long].any()
    )
    return Round(
        mark_price=marked.mark_price,
        due=due,
        closing=closing,
        taken_over=taken_over,
        adl=adl,
        accounts=marked.accounts,
        fund=fund,
        held=held + int(taken_over.sum()),
    )


def _take_over(left: "Lots", *, capacity: float, held: int, lot_value: float) -> "Lots":
    """How much of each account's rest, for which no level was there, the fund takes over, in order."""
    lots = max(0, min(round_down(capacity / lot_value), MAX_TOTAL_LOTS) - held) if capacity > 0.0 else 0
    ahead = np.cumsum(left) - left
    taken: Lots = np.clip(lots - ahead, 0, left)
    return taken


def _move_mark(mark_price: float, book: tuple[Side, Side], *, used: tuple[int, int], impact: float) -> float:
    """The mark price after the permanent impact of what has been closed in the step."""
    if impact == 0.0:
        return mark_price
    bids, asks = (_displacement(mark_price, side, used=lots) for side, lots in zip(book, used, strict=True))
    return mark_price + impact * (asks - bids)


def _displacement(mark_price: float, side: Side, *, used: int) -> float:
    """The distance from the mark price to the price of the last level touched."""
    if used == 0:
        return 0.0
    return abs(mark_price - float(side.prices[np.searchsorted(side.ends, used - 1, side="right")]))
