"""The trigger chain in the slow reading: rounds of a step, steps of a book.

Written from the design of the chain, not from the program: exact fractions, plain loops, one lot block at a time.
"""

from dataclasses import dataclass, field
from fractions import Fraction

from adlrisk.domain.queue.book import Book
from adlrisk.domain.stress.terms import Terms
from support.stress.account import Account
from support.stress.closing import Block, Rest, close_due, take_over
from support.stress.deleveraging import Deleveraged, deleverage
from support.stress.due import find_due
from support.stress.fund import InsuranceFund
from support.stress.judge import Judge
from support.stress.order_book import OrderBookSide, cut_levels
from support.stress.price_scale import PriceScale

_MOST_ROUNDS = 100


@dataclass(kw_only=True)
class Round:
    """What happened at one mark."""

    mark: Fraction
    liquidated: list[tuple[Account, int]]
    blocks: list[Block]
    rests: list[Rest]
    adl: list[Deleveraged]


@dataclass(kw_only=True)
class StepRead:
    """One step; ``rounds`` are those in which somebody was due."""

    mark: Fraction
    mark_after: Fraction
    fund_before: Fraction
    fund_after: Fraction
    rounds: list[Round] = field(default_factory=list)

    @property
    def blocks(self) -> list[Block]:
        return [block for one in self.rounds for block in one.blocks]

    @property
    def rests(self) -> list[Rest]:
        return [rest for one in self.rounds for rest in one.rests]

    @property
    def adl(self) -> list[Deleveraged]:
        return [adl for one in self.rounds for adl in one.adl]

    @property
    def liquidated_lots(self) -> int:
        return sum(lots for one in self.rounds for _, lots in one.liquidated)

    @property
    def adl_lots(self) -> int:
        return sum(adl.lots for adl in self.adl)

    @property
    def haircut(self) -> Fraction:
        return sum((adl.haircut for adl in self.adl), Fraction(0))

    @property
    def left_for_fund(self) -> int:
        return sum(rest.for_fund for rest in self.rests)

    @property
    def left_for_depth(self) -> int:
        return sum(rest.for_depth for rest in self.rests)

    def closed_of(self, account: Account) -> int:
        """Lots that ADL closed of it."""
        return sum(lots for adl in self.adl for of, lots in adl.closed if of is account)


class Chain:
    """A book and a fund that steps change; ``judge`` counts the decisions that were close."""

    def __init__(self, book: Book, terms: Terms) -> None:
        self._book, self._terms = book, terms
        self.judge = Judge()
        self.scale = PriceScale(book.contract)
        self.accounts = [Account(book, index, terms) for index in range(len(book))]
        self.fund = InsuranceFund(terms)
        self.steps: list[StepRead] = []

    def step(self, mark: Fraction, *, depth_left: Fraction) -> StepRead:
        """One step at ``mark`` with this share of the depth."""
        place = len(self.steps)
        before = self.fund.balance
        sides = {is_long: self._side(mark, is_long=is_long, depth_left=depth_left) for is_long in (True, False)}
        step = StepRead(mark=mark, mark_after=mark, fund_before=before, fund_after=before)
        impact = Fraction(self._terms.permanent_impact)
        while due := find_due(self.accounts, mark=step.mark_after, judge=self.judge):
            step.rounds.append(self._round(due, mark=step.mark_after, sides=sides, place=place))
            moved = mark - impact * sides[True].displacement() + impact * sides[False].displacement()
            stands_still, step.mark_after = moved == step.mark_after, moved
            if stands_still or len(step.rounds) == _MOST_ROUNDS:
                break
        step.fund_after = self.fund.balance
        self.steps.append(step)
        return step

    def _side(self, mark: Fraction, *, is_long: bool, depth_left: Fraction) -> OrderBookSide:
        sign = 1 if is_long else -1
        levels = cut_levels(
            self._terms.depth,
            sign=sign,
            depth_left=depth_left,
            lot_size=Fraction(self._terms.lot_size),
            judge=self.judge,
        )
        return OrderBookSide(levels, mark=mark, sign=sign)

    def _round(self, due: list[Account], *, mark: Fraction, sides: dict[bool, OrderBookSide], place: int) -> Round:
        blocks, rests = close_due(due, sides=sides, fund=self.fund, judge=self.judge)
        take_over(rests, mark=mark, fund=self.fund, judge=self.judge)
        for account in due:
            account.touch(place)
            account.liquidate(mark)
        adl = []
        for is_long in (True, False):
            found = deleverage(
                rests,
                self.accounts,
                is_long=is_long,
                mark=mark,
                contract=self._book.contract,
                contract_size=self._book.contract_size,
                terms=self._terms,
            )
            if found is not None:
                adl.append(found)
                for account, _ in found.closed:
                    account.touch(place)
        liquidated = [(account, account.lots) for account in due]
        return Round(mark=mark, liquidated=liquidated, blocks=blocks, rests=rests, adl=adl)
