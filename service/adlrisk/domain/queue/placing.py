"""Placing: where one more position would stand in a book's queue, without ranking the book anew."""

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from adlrisk.domain.position.position import Side
from adlrisk.domain.queue.book import Book, derive_columns
from adlrisk.domain.queue.exact_sum import running_total
from adlrisk.domain.queue.queue import TINY, compute_priorities, fifths_of, key_tolerance
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.chosen_formula import require_formula

if TYPE_CHECKING:
    from adlrisk.domain.queue.book import Floats


class Contender(Struct, frozen=True, kw_only=True, gc=False):
    """A position that is not in the book, by what its place depends on.

    ``size`` in contracts; ``equity`` and ``equity_terms``, the magnitudes it is the sum of, in settlement currency.
    """

    priority: float
    size: float
    equity: float
    equity_terms: float


class SideOrder:
    """One side of a book, in the order of its keys."""

    def __init__(self, book: Book, rules: VenueRules, *, side: Side) -> None:
        """Order the positions of ``book`` on ``side`` by the venue's formula.

        Raises:
            RefusedError: the venue has no queue or its formula is unknown; or a position lacks the maintenance margin
                that the formula needs (``path`` holds its index).
        """
        formula = require_formula(rules, takes_request=False).formula
        state = derive_columns(book)
        held = book.is_long if side == "long" else ~book.is_long
        priority, eligible = compute_priorities(book, state, formula=formula, rules=rules, required=held)
        indices = np.flatnonzero(held & eligible)
        ordered = indices[np.argsort(-priority[indices])]
        self._keys: Floats = -priority[ordered]
        self._sizes: Floats = book.size[ordered]
        tolerance = key_tolerance(equity=state.equity[ordered], terms=state.equity_terms[ordered])
        self._widths: Floats = np.abs(self._keys) * tolerance
        self._ahead: Floats = np.concatenate(([0.0], running_total(self._sizes)))
        self._breaks = np.flatnonzero(np.diff(self._keys) > self._widths[1:]) + 1  # where another run of ties begins
        self._by_accounts = rules.meter is not None and rules.meter.weighting == "accounts"

    def find_fifth(self, own: Contender) -> int:
        """The fifth of the queue that ``own`` would fall into, 1 is reduced first: as if it were the book's last."""
        ahead, size_ahead = self._count_ahead(own)
        if self._by_accounts:
            share = (ahead + 1.0) / (len(self._keys) + 1.0)
        else:
            share = (size_ahead + own.size) / (float(self._ahead[-1]) + own.size)
        return int(fifths_of(np.array([share]))[0])

    def _count_ahead(self, own: Contender) -> tuple[int, float]:
        """How many positions, and how many contracts, are reduced before ``own``."""
        key = -own.priority
        tolerance = key_tolerance(equity=np.array([own.equity]), terms=np.array([own.equity_terms]))
        width = abs(key) * float(tolerance[0])
        at = int(np.searchsorted(self._keys, key))
        first, end = self._find_ties(at, key=key, width=width)
        if first == end:
            return at, float(self._ahead[at])
        # Ties are sorted as in ``sort_by_priority``: by steps from the first of them, then by size.
        keys, sizes = self._keys[first:end], self._sizes[first:end]
        start, step = (key, width) if first == at else (keys[0], self._widths[first])
        steps = np.floor((keys - start) / max(step, TINY))
        own_steps = np.floor((key - start) / max(step, TINY))
        before = (steps < own_steps) | ((steps == own_steps) & (sizes >= own.size))
        return first + int(before.sum()), float(self._ahead[first] + sizes[before].sum())

    def _find_ties(self, at: int, *, key: float, width: float) -> tuple[int, int]:
        """The positions whose keys are the same as ``key``, which belongs before the one ``at``."""
        first = end = at
        if at > 0 and key - self._keys[at - 1] <= width:
            first = self._run_start(at - 1)
        if at < len(self._keys) and self._keys[at] - key <= self._widths[at]:
            end = self._run_end(at)
        return first, end

    def _run_start(self, at: int) -> int:
        run = int(np.searchsorted(self._breaks, at, side="right"))
        return int(self._breaks[run - 1]) if run else 0

    def _run_end(self, at: int) -> int:
        run = int(np.searchsorted(self._breaks, at, side="right"))
        return int(self._breaks[run]) if run < len(self._breaks) else len(self._keys)
