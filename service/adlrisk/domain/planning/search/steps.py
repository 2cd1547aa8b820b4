"""Steps of an option: amounts of margin, and contracts closed, in whole steps."""

import math

from msgspec import Struct

from adlrisk.domain.deleverage.lots import MAX_LOTS, count_lots, is_whole, round_down, size_of_lots
from adlrisk.domain.planning.costs.terms import Terms
from adlrisk.domain.planning.held import Held, margin_given
from adlrisk.domain.position.bounds import LARGEST

_WITHIN = LARGEST * (1.0 - 1e-9)  # so that rounding leads no figure out of bounds


class LotSteps(Struct, frozen=True, kw_only=True):
    """A position in lots; what its size has beyond whole lots stays open to the last."""

    size: float
    lot_size: float
    count: int
    is_whole: bool

    def closed(self, lots: int) -> float:
        """The contracts in ``lots``."""
        return float(size_of_lots(lots, self.lot_size))

    def left(self, lots: int) -> float:
        """The contracts that are left once ``lots`` are closed."""
        return self.closed(self.count - lots) if self.is_whole else self.size - self.closed(lots)


def step_size(size: float, terms: Terms) -> LotSteps:
    """``size`` in the lots of ``terms``.

    Raises:
        RefusedError: the lots are the request's, and it is no whole number of them.
    """
    lots = size / terms.lot_size
    if terms.has_lots:
        whole = count_lots(size, terms.lot_size, path=("position", "size"))
        return LotSteps(size=size, lot_size=terms.lot_size, count=whole, is_whole=True)
    is_multiple = lots <= MAX_LOTS and bool(is_whole(lots, round(lots)))
    return LotSteps(size=size, lot_size=terms.lot_size, count=round_down(lots), is_whole=is_multiple)


def margin_of_steps(steps: int, terms: Terms) -> float:
    """The amount of ``steps`` steps of margin."""
    return float(size_of_lots(steps, terms.margin_step))


def count_margin_steps(held: Held, terms: Terms) -> int:
    """The most steps of margin after which every figure of ``held`` is within its bounds."""
    position, account = held.position, held.account
    figures = [margin_given(position), position.equity, position.wallet_balance]
    if account is not None:
        figures = [account.equity, account.wallet_balance]
    largest = max((abs(figure) for figure in figures if figure is not None), default=0.0)
    return max(0, math.floor((_WITHIN - largest) / terms.margin_step))


def steps_of(amount: float, step: float) -> int:
    """A guess: the whole steps that make at least ``amount``."""
    return max(1, math.ceil(amount / step)) if math.isfinite(amount) else 1
