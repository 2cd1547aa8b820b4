"""One account of a book in the slow reading: what it is worth at a price, what it must keep, what became of it."""

import math
from fractions import Fraction

from adlrisk.domain.deleverage.lots import count_lots
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.queue.book import Book
from adlrisk.domain.stress.terms import Terms
from support.stress.judge import Judge
from support.stress.price_scale import PriceScale

_ROUNDING = Fraction(1, 10**13)  # a sum smaller than this share of its terms is 0 (docs/decisions/0006)


class Account:
    """A position with what backs it: ``backing`` is what the account is worth at the price ``anchor``."""

    def __init__(self, book: Book, index: int, terms: Terms) -> None:
        self.index = index
        self.scale = PriceScale(book.contract)
        self.is_long = bool(book.is_long[index])
        self.sign = 1 if self.is_long else -1
        self.lots = count_lots(float(book.size[index]), terms.lot_size, path=(index, "size"))
        self.lot_units = Fraction(terms.lot_size) * Fraction(book.contract_size)
        self.entry = _given(book.entry_price[index])
        self.takes_equity = not math.isnan(book.equity[index])
        self.anchor, self.backing = self._back(book)
        self.wallet = _given_or_none(book.wallet_balance[index])
        self._take_maintenance(book, terms)
        self.alive = True
        self.liquidated = False
        self.first_step: int | None = None
        self.closed_lots = 0
        self.realized = Fraction(0)
        self.haircut = Fraction(0)

    @property
    def units(self) -> Fraction:
        return self.lots * self.lot_units

    def pnl(self, start: Fraction, end: Fraction, *, lots: int | None = None) -> Fraction:
        """PnL of ``lots``, by default all, as the price goes from ``start`` to ``end``."""
        return self.pnl_to(self.scale.at(end), start=start, lots=lots)

    def pnl_to(self, scaled: Fraction, *, start: Fraction, lots: int | None = None) -> Fraction:
        """The same where the end is given on the price scale."""
        units = (self.lots if lots is None else lots) * self.lot_units
        return self.sign * units * (scaled - self.scale.at(start))

    def equity(self, mark: Fraction) -> Fraction:
        """What the account is worth at ``mark``; 0 where the sum is mere rounding."""
        whole = self.backing + self.pnl(self.anchor, mark)
        return whole if abs(whole) > _ROUNDING * abs(self.backing) else Fraction(0)

    def equity_terms(self, mark: Fraction) -> Fraction:
        return abs(self.backing) + abs(self.pnl(self.anchor, mark))

    def maintenance(self, mark: Fraction) -> Fraction:
        """What the account must keep at ``mark``."""
        return self._own_maintenance(mark) + self._others

    def is_due(self, mark: Fraction, judge: Judge) -> bool:
        equity, maintenance = self.equity(mark), self.maintenance(mark)
        return judge.is_at_most(equity, maintenance, terms=self.equity_terms(mark) + maintenance)

    def bankruptcy(self) -> Fraction:
        """Where the equity is 0, on the price scale; any number, also one that no price reaches."""
        return self.scale.at(self.anchor) - self.sign * self.backing / self.units

    def margin(self, mark: Fraction) -> Fraction:
        """What backs the position without its own PnL from its entry."""
        return self.equity(mark) - self.pnl(self.entry, mark)

    def fill(self, lots: int, *, fill: Fraction, haircut: Fraction) -> None:
        """Close ``lots`` by ADL at ``fill`` (on the price scale)."""
        realized = self.pnl_to(fill, start=self.entry, lots=lots)
        self.backing += self.pnl_to(fill, start=self.anchor, lots=lots)
        if self.wallet is not None:
            self.wallet += realized
        self.lots -= lots
        self.closed_lots += lots
        self.realized += realized
        self.haircut += haircut
        self.alive = self.lots > 0

    def liquidate(self, mark: Fraction) -> None:
        """Take it out of the book; its margin, with all that earlier fills brought, is lost."""
        self.realized -= self.margin(mark)
        self.alive, self.liquidated = False, True

    def touch(self, step: int) -> None:
        if self.first_step is None:
            self.first_step = step

    def _back(self, book: Book) -> tuple[Fraction, Fraction]:
        index = self.index
        if self.takes_equity:
            return Fraction(book.mark_price), _given(book.equity[index])
        margin = _given_or_none(book.margin[index])
        if margin is None:
            margin = self.scale.value(self.units, self.entry) / _given(book.leverage[index])
        return self.entry, margin

    def _take_maintenance(self, book: Book, terms: Terms) -> None:
        index = self.index
        own_rate = _given_or_none(book.maintenance_margin_rate[index])
        sent = _given_or_none(book.maintenance_margin[index])
        stand_in = terms.maintenance_margin_rate
        if stand_in is None:
            stand_in = terms.rules.maintenance_margin_rate
        rate = own_rate if own_rate is not None or stand_in is None else Fraction(stand_in)
        if rate is None and sent is None:
            raise RefusedError(
                problem="maintenance-margin-required", path=(index, "maintenance_margin_rate"), detail="none is known"
            )
        on_entry = _given_or_none(book.maintenance_on_entry[index])
        self._on_entry = terms.rules.maintenance_basis == "entry" if on_entry is None else bool(on_entry)
        self._rate, self._amount = rate or Fraction(0), _given(book.maintenance_amount[index])
        self._others = Fraction(0)
        if sent is None:
            return
        if rate is None:
            self._rate, self._amount, self._others = Fraction(0), Fraction(0), sent
            return
        own = self._own_maintenance(Fraction(book.mark_price))
        if sent >= own:
            self._others = sent - own
        else:
            self._rate, self._amount = self._rate * sent / own, self._amount * sent / own

    def _own_maintenance(self, mark: Fraction) -> Fraction:
        value = self.scale.value(self.units, self.entry if self._on_entry else mark)
        own = value * self._rate - self._amount
        return own if own > _ROUNDING * self._amount else Fraction(0)


def _given(number: float) -> Fraction:
    return Fraction(float(number))


def _given_or_none(number: float) -> Fraction | None:
    return None if math.isnan(number) else _given(number)
