"""The walk of the due accounts through the order book, lot block by lot block, in the slow reading."""

from dataclasses import dataclass
from fractions import Fraction

from support.stress.account import Account
from support.stress.fund import InsuranceFund
from support.stress.judge import Judge
from support.stress.order_book import OrderBookSide


@dataclass(kw_only=True)
class Block:
    """Lots of one account that one level took, and what that cost the fund; below 0 it gained."""

    account: Account
    price: Fraction
    lots: int
    cost: Fraction


@dataclass(kw_only=True)
class Rest:
    """What is left over of one account, by its cause, and what the fund took over of it."""

    account: Account
    for_fund: int = 0
    for_depth: int = 0
    taken_over: int = 0

    @property
    def lots(self) -> int:
        """Those that come to ADL."""
        return self.for_fund + self.for_depth - self.taken_over


def close_due(
    due: list[Account], *, sides: dict[bool, OrderBookSide], fund: InsuranceFund, judge: Judge
) -> tuple[list[Block], list[Rest]]:
    """Close the accounts in turn; ``sides`` are the bids (True: longs sell into them) and the asks."""
    blocks: list[Block] = []
    rests: list[Rest] = []
    for account in due:
        side, left, rest = sides[account.is_long], account.lots, Rest(account=account)
        while left:
            if side.lots == 0:
                rest.for_depth = left
                break
            wanted = min(left, side.lots)
            price, cost = side.price, _cost_of_lot(account, side.price, judge)
            lots = wanted if cost <= 0 else min(wanted, judge.round_down(fund.available / cost))
            if lots:
                blocks.append(Block(account=account, price=price, lots=lots, cost=lots * cost))
                fund.balance -= lots * cost
                side.take(lots)
                left -= lots
            if lots < wanted:
                rest.for_fund = left
                break
        rests.append(rest)
    return blocks, rests


def take_over(rests: list[Rest], *, mark: Fraction, fund: InsuranceFund, judge: Judge) -> None:
    """The fund takes over what no level was there for, in the order of the walk."""
    for rest in rests:
        account = rest.account
        room = judge.round_down(fund.room(account.scale.value(account.lot_units, mark)))
        rest.taken_over = min(rest.for_depth, room)
        fund.taken_lots += rest.taken_over


def _cost_of_lot(account: Account, price: Fraction, judge: Judge) -> Fraction:
    """What closing one lot at ``price`` costs the fund: the way from the bankruptcy price to it."""
    bankruptcy, scaled = account.bankruptcy(), account.scale.at(price)
    away = account.sign * (bankruptcy - scaled)
    return Fraction(0) if judge.is_rounding(away, terms=abs(bankruptcy) + abs(scaled)) else account.lot_units * away
