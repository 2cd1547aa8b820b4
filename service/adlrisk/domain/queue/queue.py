"""A venue's ADL queue: rank, percentile, ADL meter, size and notional ahead of each position."""

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Side
from adlrisk.domain.queue.book import Book, BookState, derive_columns, maintenance_margins
from adlrisk.domain.queue.exact_sum import running_total
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.chosen_formula import require_formula
from adlrisk.domain.rules.formulas import Formula, FormulaName, RankInputs
from adlrisk.domain.rules.meter import LevelMeter, Meter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adlrisk.domain.queue.book import Flags, Floats

    Indices = NDArray[np.intp]

FIFTHS: Final = 5
# A share that exceeds a fifth only by rounding still belongs to it.
LAST_BITS: Final = 1e-9
_SAME_KEY: Final = 1e-12  # relative difference below which keys count as equal
_ALL_ALIKE: Final = 1e15  # a tolerance that makes all keys equal; an infinite one would have no product with 0
_TINY: Final = float(np.finfo(np.float64).tiny)
_EQUITY_ROUNDS: Final = 2.0**-50  # the same for equities, relative to the terms of their sum


class SideQueue(Struct, frozen=True, kw_only=True, gc=False):
    """One side of a book in the order in which it is reduced; positions that are not eligible come last.

    ``indices`` are those of the positions in the book. The columns after it cover only the eligible ones, which come
    first.
    """

    count: int
    eligible: int
    size: float
    notional: float
    indices: "Indices"
    priority: "Floats"
    percentile: "Floats"
    adl_meter: "Floats | None"
    size_ahead: "Floats"
    notional_ahead: "Floats"


class RankedBook(Struct, frozen=True, kw_only=True, gc=False):
    """A book's queues and the state they were ranked by."""

    state: BookState
    queues: dict[Side, SideQueue]


def rank_book(
    book: Book,
    rules: VenueRules,
    *,
    sides: tuple[Side, ...] = ("long", "short"),
    formula: FormulaName | None = None,
) -> RankedBook:
    """The queue of each of ``sides`` under the venue's rules, by ``formula`` in place of the venue's if given.

    Higher keys come first; ties go to the larger size, then to the order of the book.

    Raises:
        RefusedError: without ``formula``, the venue has no queue or its formula is unknown; or a position lacks the
            maintenance margin that the formula needs (``path`` holds its index).
    """
    rule = require_formula(rules, formula).formula
    state = derive_columns(book)
    held = {side: book.is_long if side == "long" else ~book.is_long for side in sides}
    required = np.logical_or.reduce(list(held.values()))
    priority, eligible = compute_priorities(book, state, formula=rule, rules=rules, required=required)
    queues = {
        side: _queue(book, state, priority=priority, eligible=eligible, held=of_side, meter=rules.meter)
        for side, of_side in held.items()
    }
    return RankedBook(state=state, queues=queues)


def find_eligible(formula: Formula | None, state: BookState) -> "Flags":
    """Which positions the queue under ``formula`` holds; without a formula, all solvent ones."""
    solvent = state.equity > 0.0
    if formula is None:
        return solvent
    if formula.divides_by_margin:
        return solvent & (state.margin > 0.0)
    if formula.loser is not None:
        return solvent
    return solvent & (state.return_on_entry > 0.0)


def compute_priorities(
    book: Book, state: BookState, *, formula: Formula, rules: VenueRules, required: "Flags"
) -> tuple["Floats", "Flags"]:
    """Each position's key under ``formula`` (NaN if not eligible), and whether it is eligible.

    Only the ``required`` positions must have the fields that the formula needs.

    Raises:
        RefusedError: an eligible, required position lacks the maintenance margin that the formula needs.
    """
    wins = state.return_on_entry > 0.0
    eligible = find_eligible(formula, state)
    maintenance: Floats | float = 0.0
    if formula.needs_maintenance_margin:
        maintenance = maintenance_margins(
            book, state, default_rate=rules.maintenance_margin_rate, basis=rules.maintenance_basis
        )
        needed = np.where(wins, formula.winner_needs_maintenance, formula.loser_needs_maintenance)
        _reject_missing_maintenance(required & eligible & needed & ~(maintenance > 0.0))
    ratio = np.where(book.is_long, book.mark_price / book.entry_price, book.entry_price / book.mark_price)
    inputs = RankInputs(
        return_on_entry=state.return_on_entry,
        effective_leverage=state.effective_leverage,
        unrealized_pnl=state.unrealized_pnl,
        margin=state.margin,
        wallet_floored=np.maximum(1.0, state.wallet_balance),
        equity=state.equity,
        entry_notional=state.entry_notional,
        price_ratio=ratio,
        maintenance_margin=maintenance,
    )
    # Both expressions are computed for all positions and used where they apply; elsewhere they may divide by 0.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        keys = formula.winner(inputs)
        if formula.loser is not None and formula.loser is not formula.winner:
            keys = np.where(wins, keys, formula.loser(inputs))
    return np.where(eligible, keys, np.nan), eligible


def meter_readings(fifths: "NDArray[np.intp]", share_before: "Floats", meter: Meter | None) -> "Floats | None":
    """The readings of the venue's meter: the level of each fifth (1 is the first), or 1 − the share ahead.

    ``None`` without a meter, and for one whose levels are no fifths: that of WhiteBIT counts losers too, who are not in
    its queue.
    """
    if meter is None:
        return None
    if isinstance(meter, LevelMeter):
        if meter.shares is not None:
            return None
        return np.asarray(meter.levels, dtype=np.float64)[fifths - 1]
    return 1.0 - share_before


def fifths_of(percentile: "Floats") -> "NDArray[np.intp]":
    """The fifth of the queue that each cumulative share falls into, 1 is the first; rounded up, as BitMEX does."""
    return np.clip(np.ceil(percentile * FIFTHS - LAST_BITS), 1, FIFTHS).astype(np.intp)


def key_tolerance(*, equity: "Floats", terms: "Floats") -> "Floats":
    """The relative difference below which another key counts as equal to each position's.

    Where losses have used up nearly all of the margin, few digits of the equity are significant, and so of the key; all
    are where the equity was given. ``terms`` are the magnitudes of what the equity is the sum of.
    """
    with np.errstate(over="ignore"):
        lost = _EQUITY_ROUNDS * terms / np.maximum(np.abs(equity), _TINY)
    return np.clip(lost, _SAME_KEY, _ALL_ALIKE)


def sort_by_priority(
    indices: "Indices", *, priority: "Floats", size: "NDArray[np.number]", tolerance: "Floats | None" = None
) -> "Indices":
    """``indices`` by descending key, then by descending size, then in the given order.

    ``tolerance`` is the relative difference below which keys count as equal (``key_tolerance``); like the other
    columns it covers the whole book.
    """
    keys = -priority[indices]
    ordered = np.argsort(keys)
    sorted_keys = keys[ordered]
    width = np.abs(sorted_keys) * (_SAME_KEY if tolerance is None else tolerance[indices[ordered]])
    # Positions of one entry and leverage have the same key but for the rounding that their sizes cause.
    same_as_next = np.diff(sorted_keys) <= width[1:]
    if same_as_next.any():
        # Only runs of equal keys are sorted again, within the steps that they share.
        tied = np.zeros(len(keys), dtype=np.bool_)
        tied[1:] |= same_as_next
        tied[:-1] |= same_as_next
        run = np.concatenate(([0], np.cumsum(~same_as_next)))[tied]
        among = ordered[tied]
        steps = _steps(sorted_keys[tied], run, width[tied])
        ordered[tied] = among[np.lexsort((among, -size[indices[among]], steps, run))]
    return indices[ordered]


def _steps(keys: "Floats", run: "NDArray[np.intp]", width: "Floats") -> "Floats":
    """How many key widths lie between each of the ascending ``keys`` and the first of its ``run``.

    It keeps a long run of near neighbours from counting as one key from end to end.
    """
    first = np.searchsorted(run, run)
    return np.floor((keys - keys[first]) / np.maximum(width[first], _TINY))


def _queue(
    book: Book, state: BookState, *, priority: "Floats", eligible: "Flags", held: "Flags", meter: Meter | None
) -> SideQueue:
    indices = sort_by_priority(
        np.flatnonzero(held & eligible),
        priority=priority,
        size=book.size,
        tolerance=key_tolerance(equity=state.equity, terms=state.equity_terms),
    )
    left_out = np.flatnonzero(held & ~eligible)
    sizes, notionals = running_total(book.size[indices]), running_total(state.notional[indices])
    by_accounts = meter is not None and meter.weighting == "accounts"
    cumulative = np.arange(1.0, len(indices) + 1.0) if by_accounts else sizes
    percentile = cumulative / cumulative[-1] if len(indices) else cumulative
    return SideQueue(
        count=len(indices) + len(left_out),
        eligible=len(indices),
        size=float(sizes[-1]) if len(indices) else 0.0,
        notional=float(notionals[-1]) if len(indices) else 0.0,
        indices=np.concatenate((indices, left_out)),
        priority=priority[indices],
        percentile=percentile,
        adl_meter=meter_readings(fifths_of(percentile), _ahead(percentile), meter),
        size_ahead=_ahead(sizes),
        notional_ahead=_ahead(notionals),
    )


def _ahead(cumulative: "Floats") -> "Floats":
    """The cumulative value ahead of each position."""
    return np.concatenate(([0.0], cumulative[:-1])) if len(cumulative) else cumulative


def _reject_missing_maintenance(missing: "Flags") -> None:
    if not missing.any():
        return
    raise RefusedError(
        problem="maintenance-margin-required",
        path=(int(np.argmax(missing)), "maintenance_margin_rate"),
        detail="The venue ranks by maintenance margin: give maintenance_margin_rate or maintenance_margin, above 0",
    )
