"""The figures of a step, summed over its rounds."""

from typing import TYPE_CHECKING

import numpy as np

from adlrisk.domain.deleverage.lots import size_of_lots
from adlrisk.domain.position import arithmetic
from adlrisk.domain.stress.chain.step import Round, StepRounds
from adlrisk.domain.stress.chain.values import price_of
from adlrisk.domain.stress.steps import Closings, Deleveraging, FundChange, LeftOver, Liquidated, Step

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Flags


def sum_up(done: StepRounds) -> Step:
    """The step ``done`` as it is answered."""
    accounts, rounds = done.before.accounts, done.rounds
    fills = [side.fills for each in rounds for side in each.adl]
    closed = sum(int(each.closing.closed.sum()) for each in rounds)
    filled = sum(int(fill.lots.sum()) for fill in fills)

    def size(lots: int) -> float:
        contracts: float = size_of_lots(lots, accounts.lot_size)
        return contracts

    def mean_price(value: float, lots: int) -> float | None:
        return price_of(value / lots, accounts.contract) if lots else None

    return Step(
        mark_price=done.mark_price,
        mark_after=done.mark_after,
        rounds=len(rounds),
        liquidated=Liquidated(
            accounts=sum(len(each.due.indices) for each in rounds),
            size=size(sum(int(each.due.lots.sum()) for each in rounds)),
            notional=sum(_notional(each) for each in rounds) + 0.0,
        ),
        market=Closings(
            size=size(closed),
            mean_price=mean_price(sum(each.closing.closed_value for each in rounds), closed),
            paid_by_fund=sum(each.closing.paid for each in rounds) + 0.0,
            received_by_fund=sum(each.closing.received for each in rounds) + 0.0,
        ),
        left_over=left_over(done),
        fund=FundChange(
            before=done.before.fund,
            after=done.fund_after,
            taken_over=size(sum(int(each.taken_over.sum()) for each in rounds)),
        ),
        adl=Deleveraging(
            size=size(filled),
            mean_fill_price=mean_price(sum(fill.value * int(fill.lots.sum()) for fill in fills), filled),
            accounts=int(np.count_nonzero(_hit(done))),
            haircut=haircut_of(done),
            uncovered=size(sum(side.uncovered for each in rounds for side in each.adl)),
        ),
        unpaid=sum(side.unpaid for each in rounds for side in each.adl) + 0.0,
    )


def left_over(done: StepRounds) -> LeftOver:
    """What the order book did not take, by its cause."""
    lot_size = done.before.accounts.lot_size
    return LeftOver(
        fund=size_of_lots(sum(int(each.closing.left_fund.sum()) for each in done.rounds), lot_size),
        depth=size_of_lots(sum(int(each.closing.left_depth.sum()) for each in done.rounds), lot_size),
    )


def haircut_of(done: StepRounds) -> float:
    """What all holders lose by the fills against the mark price."""
    fills = [side.fills for each in done.rounds for side in each.adl]
    return sum(int(fill.lots.sum()) * max(0.0, fill.lot_loss) for fill in fills) + 0.0


def _notional(each: Round) -> float:
    accounts = each.accounts
    quantity = size_of_lots(int(each.due.lots.sum()), accounts.lot_size) * accounts.contract_size
    notional: float = arithmetic.notional_value(quantity, each.mark_price, inverse=accounts.contract == "inverse")
    return notional


def _hit(done: StepRounds) -> "Flags":
    """Which accounts ADL closed anything of: one hit in several rounds counts once."""
    hit = np.zeros(len(done.before.accounts) if done.rounds else 0, dtype=np.bool_)
    for each in done.rounds:
        for side in each.adl:
            hit[side.fills.indices] = True
    return hit
