"""The accounts at one mark price: who is due for liquidation, and who can be closed by ADL, each worked out once."""

from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from adlrisk.domain.deleverage.policies import RANKED_POLICIES
from adlrisk.domain.position import arithmetic
from adlrisk.domain.position.arithmetic import ROUNDING
from adlrisk.domain.position.bounds import SMALLEST_POSITIVE
from adlrisk.domain.queue.book import Book, derive_columns
from adlrisk.domain.queue.queue import compute_priorities, find_eligible, key_tolerance, sort_by_priority
from adlrisk.domain.rules.chosen_formula import choose_formula
from adlrisk.domain.stress.chain.accounts import Accounts, quantity_of
from adlrisk.domain.stress.chain.values import value_of
from adlrisk.domain.stress.terms import Terms

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.apportionment import Indices, Lots
    from adlrisk.domain.queue.book import Flags, Floats

SIGNS: Final = (1.0, -1.0)  # longs come first wherever both sides have a turn


class Due(Struct, frozen=True, kw_only=True, gc=False):
    """The accounts that are due for liquidation, worst first; ``indices`` are those in the book."""

    indices: "Indices"
    is_long: "Flags"
    lots: "Lots"
    bankruptcy: "Floats"  # values of their bankruptcy prices


class Candidates(Struct, frozen=True, kw_only=True, gc=False):
    """The accounts of one side that ADL can close, one column per field; ``indices`` are those in the book."""

    book: Book
    indices: "Indices"
    lots: "Lots"
    equity: "Floats"
    profit: "Floats"  # unrealized, 0 for losers
    priority: "Floats | None"  # the ranking keys; None if the policy needs none
    queue_order: "Indices | None"


class MarkedAccounts:
    """The accounts at one mark price."""

    def __init__(self, accounts: Accounts, terms: Terms, *, mark_price: float) -> None:
        self.accounts = accounts
        self.mark_price = mark_price
        self.mark_value: float = value_of(mark_price, accounts.contract)
        self._terms = terms
        self._candidates: dict[float, Candidates] = {}

    @cached_property
    def due(self) -> Due:
        """Who is liquidated: equity is not above the maintenance margin."""
        accounts = self.accounts
        indices = np.flatnonzero(self._is_due)
        if len(indices):
            indices = indices[self._worst_first(indices)]
        quantity = self._quantity[indices]
        depth = accounts.sign[indices] * accounts.backing[indices] / quantity
        return Due(
            indices=indices,
            is_long=accounts.is_long[indices],
            lots=accounts.lots[indices],
            bankruptcy=value_of(accounts.anchor[indices], accounts.contract) - depth,
        )

    def candidates(self, sign: float) -> Candidates:
        """Who of the longs (``sign`` +1) or of the shorts (−1) is in the queue and not due."""
        if sign not in self._candidates:
            self._candidates[sign] = self._find_candidates(sign)
        return self._candidates[sign]

    def effective_leverage(self, indices: "Indices") -> "Floats":
        """Notional over equity of the accounts at ``indices``: 0 where nothing is left, NaN where insolvent."""
        notional = arithmetic.notional_value(self._quantity, self.mark_price, inverse=self._inverse)[indices]
        equity = self._equity[indices]
        leverage = np.full(len(indices), np.nan)
        np.divide(notional, equity, out=leverage, where=equity > 0.0)
        return np.where(self.accounts.lots[indices] == 0, 0.0, leverage)

    @property
    def _inverse(self) -> bool:
        return self.accounts.contract == "inverse"

    @cached_property
    def _quantity(self) -> "Floats":
        return quantity_of(self.accounts, self.accounts.lots)

    @cached_property
    def _pnl(self) -> "Floats":
        """PnL since the anchor."""
        accounts, mark = self.accounts, self.mark_price
        gain = arithmetic.price_gain(accounts.sign, accounts.anchor, mark)
        pnl: Floats = arithmetic.unrealized_pnl(
            self._quantity, gain, entry=accounts.anchor, mark=mark, inverse=self._inverse
        )
        return pnl

    @cached_property
    def _equity(self) -> "Floats":
        equity: Floats = arithmetic.equity_of(self.accounts.backing, self._pnl)
        return equity

    @cached_property
    def _maintenance(self) -> "Floats":
        accounts = self.accounts
        prices = np.where(accounts.on_entry, accounts.entry, self.mark_price)
        based_on = arithmetic.notional_value(self._quantity, prices, inverse=self._inverse)
        due: Floats = arithmetic.maintenance_requirement(based_on, rate=accounts.rate, amount=accounts.amount)
        return due + accounts.others

    @cached_property
    def _is_due(self) -> "Flags":
        # Up to rounding: at its liquidation price, told in decimals, an account is due.
        rounds = ROUNDING * (np.abs(self.accounts.backing) + np.abs(self._pnl))
        flags: Flags = (self.accounts.lots > 0) & (self._equity - self._maintenance <= rounds)
        return flags

    def _worst_first(self, indices: "Indices") -> "Indices":
        """The order of liquidation: by equity over maintenance margin; those without maintenance first, by equity."""
        lots, equity, maintenance = self.accounts.lots[indices], self._equity[indices], self._maintenance[indices]
        terms = np.where(
            self.accounts.has_equity[indices] & (self._pnl[indices] == 0.0),
            np.abs(equity),
            np.abs(self.accounts.backing[indices]) + np.abs(self._pnl[indices]),
        )
        tolerance = key_tolerance(equity=equity, terms=terms)
        has_none = maintenance <= 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = equity / maintenance
        return np.concatenate(
            [
                sort_by_priority(np.flatnonzero(chosen), priority=-key, size=lots, tolerance=tolerance)
                for chosen, key in ((has_none, equity), (~has_none, ratio))
            ]
        )

    def _find_candidates(self, sign: float) -> Candidates:
        accounts, rules = self.accounts, self._terms.rules
        held = np.flatnonzero((accounts.lots > 0) & ~self._is_due & (accounts.sign == sign))
        book = self._book(held)
        state = derive_columns(book)
        chosen = choose_formula(rules, self._terms.formula)
        eligible = find_eligible(None if chosen is None else chosen.formula, state)
        rows = np.flatnonzero(eligible)
        priority = queue_order = None
        if chosen is not None and self._terms.policy in RANKED_POLICIES:
            keys, _ = compute_priorities(book, state, formula=chosen.formula, rules=rules, required=eligible)
            priority = keys[rows]
            tolerance = key_tolerance(equity=state.equity, terms=state.equity_terms)[rows]
            queue_order = sort_by_priority(
                np.arange(len(rows)), priority=priority, size=book.size[rows], tolerance=tolerance
            )
        return Candidates(
            book=book,
            indices=held[rows],
            lots=accounts.lots[held[rows]],
            equity=state.equity[rows],
            profit=np.maximum(state.unrealized_pnl[rows], 0.0),
            priority=priority,
            queue_order=queue_order,
        )

    def _book(self, indices: "Indices") -> Book:
        """The accounts at ``indices`` as a book at this mark price."""
        accounts = self.accounts
        has_equity = accounts.has_equity[indices]
        unknown = np.broadcast_to(np.float64(np.nan), len(indices))
        return Book(
            mark_price=self.mark_price,
            contract=accounts.contract,
            contract_size=accounts.contract_size,
            is_long=accounts.is_long[indices],
            size=self._quantity[indices] / accounts.contract_size,
            entry_price=accounts.entry[indices],
            equity=np.where(has_equity, self._equity[indices], np.nan),
            margin=np.where(has_equity, np.nan, accounts.backing[indices]),
            leverage=unknown,
            wallet_balance=accounts.wallet[indices],
            maintenance_margin_rate=unknown,
            maintenance_amount=unknown,
            # Where a tier's deduction leaves no maintenance margin, the keys of formulas that need one stay finite.
            maintenance_margin=np.maximum(self._maintenance[indices], SMALLEST_POSITIVE),
            maintenance_on_entry=unknown,
        )
