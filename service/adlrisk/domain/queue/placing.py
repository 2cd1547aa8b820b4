"""Placing: where one more position would stand in a book's queue, without ranking the book anew."""

import math
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from adlrisk.domain.position.position import Side
from adlrisk.domain.queue.book import Book, derive_columns
from adlrisk.domain.queue.exact_sum import running_total
from adlrisk.domain.queue.queue import FIFTHS, LAST_BITS, compute_priorities, key_tolerance
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.chosen_formula import require_formula
from adlrisk.domain.rules.formulas import FormulaName

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

    def __init__(self, book: Book, rules: VenueRules, *, side: Side, formula: FormulaName | None = None) -> None:
        """Order the positions of ``book`` on ``side`` by ``formula``, by default the venue's.

        Raises:
            RefusedError: the venue has no queue or its formula is unknown; or a position lacks the maintenance margin
                that the formula needs (``path`` holds its index).
        """
        rule = require_formula(rules, formula, takes_request=False).formula
        state = derive_columns(book)
        held = book.is_long if side == "long" else ~book.is_long
        priority, eligible = compute_priorities(book, state, formula=rule, rules=rules, required=held)
        indices = np.flatnonzero(held & eligible)
        ordered = indices[np.argsort(-priority[indices])]
        self._keys: Floats = -priority[ordered]
        tolerance = key_tolerance(equity=state.equity[ordered], terms=state.equity_terms[ordered])
        self._ahead: Floats = np.concatenate(([0.0], running_total(book.size[ordered])))
        ties = np.diff(self._keys) <= np.abs(self._keys[1:]) * tolerance[1:]
        self._breaks = np.flatnonzero(~ties) + 1  # where other keys begin
        self._by_accounts = rules.meter is not None and rules.meter.weighting == "accounts"

    def find_fifth(self, own: Contender) -> int:
        """The fifth of the queue that ``own`` begins in, 1 is reduced first: by the share that is reduced before it.

        Among equal keys it counts as the first, since nobody knows a venue's order of them. What it adds to the queue
        itself does not move it back: a fifth of the venue's own meter may count it in.
        """
        first = self._find_first(own)
        if self._by_accounts:
            share = first / (len(self._keys) + 1.0)
        else:
            share = float(self._ahead[first]) / (float(self._ahead[-1]) + own.size)
        return min(FIFTHS, math.floor(share * FIFTHS + LAST_BITS) + 1)

    def _find_first(self, own: Contender) -> int:
        """How many positions have a higher key."""
        key = -own.priority
        at = int(np.searchsorted(self._keys, key))
        tolerance = key_tolerance(equity=np.array([own.equity]), terms=np.array([own.equity_terms]))
        is_tied = at > 0 and key - self._keys[at - 1] <= abs(key) * float(tolerance[0])
        return self._run_start(at - 1) if is_tied else at

    def _run_start(self, at: int) -> int:
        run = int(np.searchsorted(self._breaks, at, side="right"))
        return int(self._breaks[run - 1]) if run else 0
