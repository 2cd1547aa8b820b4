"""Exact reference: the domain's formulas in fractions, without rounding.

Written from the design's tables, not from the code. A ``Figure`` is an exact value together with the sum of the
magnitudes of the terms that it is the sum of, carried through products and quotients: the error of a double is
measured in units of 2⁻⁵³ times ``terms``. Where nothing cancels, ``terms`` is the value's own magnitude and the
measure is the relative error.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple, Self

from adlrisk.domain.position.position import Position

UNIT = Fraction(1, 2**53)
# The rules of docs/decisions/0006: a difference smaller than this fraction counts as 0.
EQUITY_CUT = Fraction(1, 10**13)
PRICE_CUT = Fraction(1, 10**12)


class Figure(NamedTuple):
    """An exact value, the sum of its terms' magnitudes, and the cut below which a rule makes it 0."""

    exact: Fraction
    terms: Fraction
    cut: Fraction = Fraction(0)

    @classmethod
    def of(cls, given: float) -> Self:
        """A given number, which has no error."""
        return cls(Fraction(given), abs(Fraction(given)))

    def plus(self, other: "Figure") -> "Figure":
        return Figure(self.exact + other.exact, self.terms + other.terms)

    def minus(self, other: "Figure") -> "Figure":
        return Figure(self.exact - other.exact, self.terms + other.terms)

    def times(self, other: "Figure") -> "Figure":
        """The product; to first order the relative errors of the factors add up."""
        return Figure(self.exact * other.exact, max(self.terms * abs(other.exact), abs(self.exact) * other.terms))

    def over(self, other: "Figure") -> "Figure":
        """The same for a quotient."""
        exact, divisor = self.exact / other.exact, abs(other.exact)
        return Figure(exact, max(self.terms / divisor, abs(exact) * other.terms / divisor))

    def units(self, computed: float) -> float:
        """The error of ``computed`` in units of 2⁻⁵³ of the terms."""
        error = abs(Fraction(computed) - self.exact)
        return float(error / (UNIT * self.terms)) if error else 0.0


def sum_of(figures: Iterable[Figure]) -> Figure:
    total = Figure(Fraction(0), Fraction(0))
    for figure in figures:
        total = total.plus(figure)
    return total


class Exact:
    """Everything derived from a position; attributes are named as in ``PositionState``."""

    def __init__(self, position: Position) -> None:
        """Take the doubles of ``position`` as exact numbers."""
        self.s = 1 if position.side == "long" else -1
        self.inverse = position.contract == "inverse"
        self.q = Fraction(position.size) * Fraction(position.contract_size)
        self.entry, self.mark = Fraction(position.entry_price), Fraction(position.mark_price)
        self.amount = Fraction(position.maintenance_amount)
        self.notional, self.entry_notional = self._worth(self.mark), self._worth(self.entry)
        self.given = None if position.equity is None else Figure.of(position.equity)
        self.others = Figure.of(0.0)  # of the maintenance margin: that of other positions
        self.wallet = None if position.wallet_balance is None else Figure.of(position.wallet_balance)
        if self.given is not None:
            self.margin = self.given.minus(self.pnl(self.mark))._replace(cut=EQUITY_CUT * abs(self.given.exact))
        elif position.margin is not None:
            self.margin = Figure.of(position.margin)
        elif position.leverage is not None:
            self.margin = self.entry_notional.over(Figure.of(position.leverage))
        self.unrealized_pnl = self.pnl(self.mark)
        base = self.entry if self.inverse else self.mark
        self.pnl_to_notional = _plain(self.s * (self.mark - self.entry) / base)
        base = self.mark if self.inverse else self.entry
        self.return_on_entry = _plain(self.s * (self.mark - self.entry) / base)

    def _worth(self, price: Fraction) -> Figure:
        return _plain(self.q / price if self.inverse else self.q * price)

    def pnl(self, end: Fraction, *, start: Fraction | None = None, quantity: Fraction | None = None) -> Figure:
        """PnL of ``quantity``, by default all, as the price goes from ``start``, by default the entry, to ``end``."""
        start, quantity = self.entry if start is None else start, self.q if quantity is None else quantity
        moved = quantity * self.s * (end - start)
        return _plain(moved / (start * end) if self.inverse else moved)

    @property
    def equity(self) -> Figure:
        if self.given is not None:
            return self.given
        whole = self.margin.plus(self.unrealized_pnl)
        return whole._replace(cut=EQUITY_CUT * abs(self.margin.exact))

    @property
    def return_on_margin(self) -> Figure:
        return self.unrealized_pnl.over(self.margin)

    @property
    def profit_share(self) -> Figure:
        return self.unrealized_pnl.over(self.equity)

    @property
    def effective_leverage(self) -> Figure:
        return self.notional.over(self.equity)

    @property
    def bankruptcy(self) -> Figure:
        """The bankruptcy price, or its reciprocal if inverse, and what counts as out of reach."""
        return self._free_of(self._backing.over(_plain(self.q)))

    @property
    def spent(self) -> Figure:
        """Where equity meets the maintenance margin of others alone, as a price or reciprocal."""
        return self._free_of(self._backing.minus(self.others).over(_plain(self.q)))

    def liquidation(self, rate: Fraction, basis: str) -> Figure:
        """The liquidation price, or its reciprocal if inverse; not limited by the bankruptcy price."""
        free = self._backing.minus(self.others)
        backing = free.plus(_plain(self.amount)).over(_plain(self.q))
        if basis == "entry":
            return self._free_of(backing.minus(_plain(rate * self._entry)))
        # s·(P − E) + backing = m·P, or inverse s·(1/E − r) + backing = m·r, solved for the price P or reciprocal r.
        divisor = _plain(self.s + rate if self.inverse else self.s - rate)
        start = _plain(self.s * self._start)  # of the entry price, or of the mark if equity is given
        price = (backing.plus(start) if self.inverse else start.minus(backing)).over(divisor)
        least = EQUITY_CUT * abs(backing.exact if self.inverse else start.exact) / abs(divisor.exact)
        return price._replace(cut=max(self._cut, least))

    def maintenance(self, rate: Fraction, basis: str) -> Figure:
        """Value · m − a, before the floor of 0."""
        worth = self.entry_notional if basis == "entry" else self.notional
        due = worth.times(_plain(rate)).minus(_plain(self.amount))
        return due._replace(cut=EQUITY_CUT * self.amount)

    @property
    def price_ratio(self) -> Figure:
        return _plain(self.mark / self.entry if self.s > 0 else self.entry / self.mark)

    def key(self, formula: str, maintenance: Figure) -> Figure:
        """The ranking key of a solvent position, by the design's table of queue formulas."""
        won = self.unrealized_pnl.exact > 0
        gain, leverage, equity = self.return_on_entry, self.effective_leverage, self.equity
        if formula == "pnl_leverage":
            return gain.times(leverage) if won else gain.over(leverage)
        if formula == "pnl_over_margin_ratio":
            ratio = equity.over(maintenance)
            return gain.over(ratio) if won else gain.times(ratio)
        if formula == "profit_times_margin_ratio":
            wallet = self.wallet or self.margin
            floored = Figure(max(Fraction(1), wallet.exact), max(Fraction(1), wallet.terms))
            return self.unrealized_pnl.over(floored).times(maintenance.over(equity)) if won else _plain(Fraction(0))
        if formula == "price_ratio_leverage":
            return self.price_ratio.times(leverage)
        if formula == "value_ratio_leverage":
            return self.price_ratio.times(self.entry_notional).over(self.margin)
        if formula == "pnl_over_equity":
            return self.unrealized_pnl.over(equity)
        raise LookupError(formula)

    @property
    def _backing(self) -> Figure:
        """What the account is worth at the price ``_start``: the equity if it is given, else the margin."""
        return self.margin if self.given is None else self.given

    @property
    def _start(self) -> Fraction:
        price = self.entry if self.given is None else self.mark
        return 1 / price if self.inverse else price

    @property
    def _entry(self) -> Fraction:
        return 1 / self.entry if self.inverse else self.entry

    @property
    def _cut(self) -> Fraction:
        return PRICE_CUT * self._entry

    def _free_of(self, backing: Figure) -> Figure:
        """The price, or reciprocal, that is ``backing`` per unit away from the start, against the position."""
        start = _plain(self._start)
        away = start.plus(backing) if (self.s > 0) == self.inverse else start.minus(backing)
        return away._replace(cut=self._cut)


def left_of(position: Position, *, size: Fraction, margin: Figure) -> Exact:
    """The rest of ``position`` after a close: another size and margin, all else as before."""
    rest: Any = Exact(position)
    rest.q = size * Fraction(position.contract_size)
    rest.margin = margin
    rest.notional, rest.entry_notional = rest._worth(rest.mark), rest._worth(rest.entry)  # noqa: SLF001 (its own)
    rest.unrealized_pnl = rest.pnl(rest.mark)
    return rest  # type: ignore[no-any-return]  # an Exact


def _plain(value: Fraction) -> Figure:
    """A value without cancellation."""
    return Figure(value, abs(value))
