"""The accounts of a book while the mark price moves: what backs each, and what of it is left."""

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from adlrisk.domain.deleverage.book_lots import count_book_lots
from adlrisk.domain.deleverage.lots import size_of_lots
from adlrisk.domain.position import arithmetic
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Contract
from adlrisk.domain.queue.book import Book, derive_columns
from adlrisk.domain.stress.chain.values import value_of
from adlrisk.domain.stress.terms import Terms

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.apportionment import Indices, Lots
    from adlrisk.domain.queue.book import Flags, Floats


class Accounts(Struct, frozen=True, kw_only=True, gc=False):
    """The positions of a book, one column per field, in the book's order; money in settlement currency.

    ``backing`` is what the account is worth at the price ``anchor``: the margin at the entry price, or the equity at
    the book's mark price where equity is given. Maintenance margin is max(0, value · rate − amount) + others.
    """

    contract: Contract
    contract_size: float
    lot_size: float
    is_long: "Flags"
    sign: "Floats"  # +1 for a long, −1 for a short
    lots: "Lots"  # 0: it has left the book
    entry: "Floats"
    anchor: "Floats"
    backing: "Floats"
    has_equity: "Flags"  # equity was given, so that it has no terms that round
    wallet: "Floats"  # wallet balance, NaN if not given
    rate: "Floats"
    amount: "Floats"
    on_entry: "Flags"
    others: "Floats"

    @property
    def unit(self) -> float:
        """Lots times this are a quantity of the formulas: size times contract size."""
        return self.lot_size * self.contract_size

    def __len__(self) -> int:
        """How many positions the book had."""
        return len(self.lots)


class Fills(Struct, frozen=True, kw_only=True, gc=False):
    """The fills of one side's ADL, in the order of closing; ``indices`` are those in the book."""

    sign: float  # of the holders
    indices: "Indices"
    lots: "Lots"
    value: float  # of the fill price
    lot_loss: float  # what a lot loses its holder by the fill against the mark; a gain if below 0


def read_accounts(book: Book, terms: Terms) -> Accounts:
    """The accounts of ``book``.

    Raises:
        RefusedError: a size is no whole number of lots, or a maintenance margin is neither given nor computable;
            ``path`` begins with the position's index.
    """
    everyone = np.arange(len(book))
    lots = count_book_lots(book.size, everyone, terms.lot_size)
    state = derive_columns(book)
    has_equity = ~np.isnan(book.equity)
    on_entry = np.where(
        np.isnan(book.maintenance_on_entry), terms.rules.maintenance_basis == "entry", book.maintenance_on_entry == 1.0
    )
    rate, amount, others = _maintenance(book, terms, based_on=np.where(on_entry, state.entry_notional, state.notional))
    return Accounts(
        contract=book.contract,
        contract_size=book.contract_size,
        lot_size=terms.lot_size,
        is_long=book.is_long,
        sign=np.where(book.is_long, 1.0, -1.0),
        lots=lots,
        entry=book.entry_price,
        anchor=np.where(has_equity, book.mark_price, book.entry_price),
        backing=np.where(has_equity, state.equity, state.margin),
        has_equity=has_equity,
        wallet=book.wallet_balance,
        rate=rate,
        amount=amount,
        on_entry=on_entry,
        others=others,
    )


def quantity_of(accounts: Accounts, lots: "Lots") -> "Floats":
    """``lots`` as quantities: size times contract size."""
    quantity: Floats = size_of_lots(lots, accounts.lot_size) * accounts.contract_size
    return quantity


def margin_of(accounts: Accounts, indices: "Indices") -> "Floats":
    """What backs the accounts at ``indices`` without their unrealized PnL, whatever the mark price."""
    entry, anchor = accounts.entry[indices], accounts.anchor[indices]
    gain = arithmetic.price_gain(accounts.sign[indices], entry, anchor)
    quantity = quantity_of(accounts, accounts.lots[indices])
    pnl = arithmetic.unrealized_pnl(quantity, gain, entry=entry, mark=anchor, inverse=accounts.contract == "inverse")
    margin: Floats = arithmetic.margin_of(accounts.backing[indices], pnl)
    return margin


def remove_accounts(accounts: Accounts, indices: "Indices") -> Accounts:
    """The accounts without those at ``indices``, which keep their places."""
    lots = accounts.lots.copy()
    lots[indices] = 0
    return _replace(accounts, lots=lots)


def apply_fills(accounts: Accounts, fills: Fills) -> Accounts:
    """The accounts after ``fills``: sizes fall, and realized PnL goes into what backs them."""
    lots, backing, wallet = accounts.lots.copy(), accounts.backing.copy(), accounts.wallet.copy()
    indices = fills.indices
    lots[indices] -= fills.lots
    backing[indices] += realized_pnl(accounts, fills, since=accounts.anchor)
    wallet[indices] += realized_pnl(accounts, fills, since=accounts.entry)
    return _replace(accounts, lots=lots, backing=backing, wallet=wallet)


def realized_pnl(accounts: Accounts, fills: Fills, *, since: "Floats") -> "Floats":
    """The PnL of ``fills`` against the prices ``since``, of all accounts."""
    gain = fills.sign * (fills.value - value_of(since[fills.indices], accounts.contract))
    pnl: Floats = quantity_of(accounts, fills.lots) * gain
    return pnl


def _maintenance(book: Book, terms: Terms, *, based_on: "Floats") -> tuple["Floats", "Floats", "Floats"]:
    """Rate, amount and others, as ``position.maintenance`` settles them for one position."""
    rate, amount, sent = book.maintenance_margin_rate, book.maintenance_amount, book.maintenance_margin
    default = terms.maintenance_margin_rate or terms.rules.maintenance_margin_rate
    if default is not None:
        rate = np.where(np.isnan(rate), default, rate)
    is_sent, has_rate = ~np.isnan(sent), ~np.isnan(rate)
    _reject_unknown(~is_sent & ~has_rate)
    sent = np.where(is_sent, sent, 0.0)
    rate, amount = np.where(has_rate, rate, 0.0), np.where(has_rate, amount, 0.0)
    own = arithmetic.maintenance_requirement(based_on, rate=rate, amount=amount)
    scale = np.ones(len(book))
    np.divide(sent, own, out=scale, where=is_sent & (sent < own))
    return rate * scale, amount * scale, np.where(is_sent, np.maximum(sent - own, 0.0), 0.0)


def _reject_unknown(missing: "Flags") -> None:
    if not missing.any():
        return
    raise RefusedError(
        problem="maintenance-margin-required",
        path=(int(np.argmax(missing)), "maintenance_margin_rate"),
        detail="Who is liquidated depends on maintenance margin: give maintenance_margin_rate or maintenance_margin, "
        "or one maintenance_margin_rate for all",
    )


def _replace(accounts: Accounts, **columns: "Floats | Lots") -> Accounts:
    fields = {name: getattr(accounts, name) for name in accounts.__struct_fields__}
    return Accounts(**{**fields, **columns})
