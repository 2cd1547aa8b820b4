"""ADL of what one side left over, in the slow reading; who is closed says the allocation that exists."""

from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from adlrisk.domain.deleverage.allocation import allocate, find_counterparties
from adlrisk.domain.deleverage.lots import size_of_lots
from adlrisk.domain.deleverage.policies import Bankrupt
from adlrisk.domain.position.position import Contract
from adlrisk.domain.queue.book import Book
from adlrisk.domain.stress.terms import Terms
from support.stress.account import Account
from support.stress.closing import Rest
from support.stress.price_scale import PriceScale


@dataclass(kw_only=True)
class Deleveraged:
    """ADL of one side in one round; prices are on the price scale."""

    is_long: bool  # the liquidated side
    mean_bankruptcy: Fraction
    fill: Fraction
    haircut: Fraction = Fraction(0)
    unpaid: Fraction = Fraction(0)
    uncovered: int = 0
    closed: list[tuple[Account, int]] = field(default_factory=list)

    @property
    def lots(self) -> int:
        return sum(lots for _, lots in self.closed)


def deleverage(
    rests: list[Rest],
    accounts: list[Account],
    *,
    is_long: bool,
    mark: Fraction,
    contract: Contract,
    contract_size: float,
    terms: Terms,
) -> Deleveraged | None:
    """Close what is left over of one side against the accounts of the other that are still there."""
    own = [rest for rest in rests if rest.account.is_long == is_long and rest.lots]
    if not own:
        return None
    scale, lots = PriceScale(contract), sum(rest.lots for rest in own)
    mean = sum((rest.lots * rest.account.bankruptcy() for rest in own), Fraction(0)) / lots
    found = Deleveraged(is_long=is_long, mean_bankruptcy=mean, fill=_fill_price(terms, scale, mean=mean, mark=mark))
    others = [account for account in accounts if account.alive]
    price = scale.double_at(found.fill)
    allocation = allocate(
        find_counterparties(
            _book_at(others, mark=mark, contract=contract, contract_size=contract_size),
            terms.rules,
            bankrupt=Bankrupt(
                side="long" if is_long else "short", size=size_of_lots(lots, terms.lot_size), bankruptcy_price=price
            ),
            fill_price=price,
            lot_size=terms.lot_size,
            policies=(terms.policy,),
            formula=terms.formula,
        ),
        terms.policy,
    )
    sign, unit = (1 if is_long else -1), own[0].account.lot_units
    marked = scale.at(mark)
    loss = max(Fraction(0), sign * unit * (found.fill - marked))
    for place, closed in zip(allocation.fills.indices.tolist(), allocation.fills.closed_lots.tolist(), strict=True):
        others[place].fill(closed, fill=found.fill, haircut=closed * loss)
        found.closed.append((others[place], closed))
    found.haircut = found.lots * loss
    found.uncovered = lots - found.lots
    found.unpaid = found.uncovered * max(Fraction(0), sign * unit * (mean - marked))
    found.unpaid += found.lots * max(Fraction(0), sign * unit * (mean - found.fill))
    return found


def _fill_price(terms: Terms, scale: PriceScale, *, mean: Fraction, mark: Fraction) -> Fraction:
    if terms.fill_price == "bankruptcy":
        return mean
    return scale.at(mark if terms.fill_price == "mark" else Fraction(terms.fill_price))


def _book_at(accounts: list[Account], *, mark: Fraction, contract: Contract, contract_size: float) -> Book:
    """The book of ``accounts`` as it is at ``mark``, with the maintenance margins that are in force there."""
    unknown = np.full(len(accounts), np.nan)
    return Book(
        mark_price=float(mark),
        contract=contract,
        contract_size=contract_size,
        is_long=np.array([account.is_long for account in accounts], dtype=np.bool_),
        size=_column([account.units / Fraction(contract_size) for account in accounts]),
        entry_price=_column([account.entry for account in accounts]),
        equity=_column([account.equity(mark) if account.takes_equity else None for account in accounts]),
        margin=_column([None if account.takes_equity else account.backing for account in accounts]),
        leverage=unknown,
        wallet_balance=_column([account.wallet for account in accounts]),
        maintenance_margin_rate=unknown,
        maintenance_amount=np.zeros(len(accounts)),
        maintenance_margin=_column([account.maintenance(mark) for account in accounts]),
        maintenance_on_entry=unknown,
    )


def _column(values: "list[Fraction | None] | list[Fraction]") -> "np.typing.NDArray[np.float64]":
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)
