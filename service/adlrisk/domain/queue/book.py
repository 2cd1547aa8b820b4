"""A book: many positions of one contract as numpy columns, and the values derived from them.

The formulas are those of ``domain.position``, applied to whole columns. Unknown and undefined values are NaN
internally and null in answers.
"""

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from adlrisk.domain.position import arithmetic
from adlrisk.domain.position.position import Contract, MaintenanceBasis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


class Book(Struct, frozen=True, kw_only=True, gc=False):
    """The positions of one contract: one column per field, all of the same length.

    ``size`` is in contracts, prices in quote currency, money in settlement currency. What may be left out is NaN if
    not given; each position has an equity, a margin or a leverage.
    """

    mark_price: float
    contract: Contract
    contract_size: float
    is_long: "Flags"
    size: "Floats"
    entry_price: "Floats"
    equity: "Floats"
    margin: "Floats"
    leverage: "Floats"
    wallet_balance: "Floats"
    maintenance_margin_rate: "Floats"
    maintenance_amount: "Floats"
    maintenance_margin: "Floats"
    maintenance_on_entry: "Floats"  # 1: maintenance margin is taken on the value at entry, 0: at mark

    def __len__(self) -> int:
        """How many positions there are."""
        return len(self.size)


class BookState(Struct, frozen=True, kw_only=True, gc=False):
    """Columns derived from a book, as in ``PositionState``; NaN where undefined."""

    notional: "Floats"
    entry_notional: "Floats"
    unrealized_pnl: "Floats"
    return_on_entry: "Floats"
    margin: "Floats"
    wallet_balance: "Floats"
    equity: "Floats"
    equity_terms: "Floats"  # the magnitudes of what the equity is the sum of: its own if it is given
    effective_leverage: "Floats"


def derive_columns(book: Book) -> BookState:
    """The state of every position of ``book``."""
    inverse = book.contract == "inverse"
    entry, mark = book.entry_price, book.mark_price
    sign = np.where(book.is_long, 1.0, -1.0)
    quantity = book.size * book.contract_size
    entry_notional = arithmetic.notional_value(quantity, entry, inverse=inverse)
    notional = arithmetic.notional_value(quantity, mark, inverse=inverse)
    gain = arithmetic.price_gain(sign, entry, mark)
    pnl = arithmetic.unrealized_pnl(quantity, gain, entry=entry, mark=mark, inverse=inverse)
    margin = np.where(np.isnan(book.margin), entry_notional / book.leverage, book.margin)
    equity, terms = arithmetic.equity_of(margin, pnl), np.abs(margin) + np.abs(pnl)
    is_given = ~np.isnan(book.equity)
    if is_given.any():
        given = arithmetic.given_balance(book.equity)
        margin = np.where(is_given, arithmetic.margin_of(given, pnl), margin)
        equity, terms = np.where(is_given, given, equity), np.where(is_given, np.abs(given), terms)
    leverage = np.full(len(book), np.nan)
    np.divide(notional, equity, out=leverage, where=equity > 0.0)
    return BookState(
        notional=notional,
        entry_notional=entry_notional,
        unrealized_pnl=pnl,
        return_on_entry=arithmetic.return_on_entry(gain, entry=entry, mark=mark, inverse=inverse),
        margin=margin,
        wallet_balance=np.where(np.isnan(book.wallet_balance), margin, book.wallet_balance),
        equity=equity,
        equity_terms=terms,
        effective_leverage=leverage,
    )


def maintenance_margins(
    book: Book, state: BookState, *, default_rate: float | None, basis: MaintenanceBasis
) -> "Floats":
    """The maintenance margin of every position, settlement currency; NaN where neither given nor computable.

    ``default_rate``, if the venue has one rate for all contracts, and ``basis`` replace what is not given.
    """
    rate = book.maintenance_margin_rate
    if default_rate is not None:
        rate = np.where(np.isnan(rate), default_rate, rate)
    on_entry = np.where(np.isnan(book.maintenance_on_entry), float(basis == "entry"), book.maintenance_on_entry)
    based_on = np.where(on_entry, state.entry_notional, state.notional)
    due = arithmetic.maintenance_requirement(based_on, rate=rate, amount=book.maintenance_amount)
    return np.where(np.isnan(book.maintenance_margin), due, book.maintenance_margin)
