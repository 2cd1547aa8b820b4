"""Where everybody stands in a venue's ADL queue: order, share of the queue, meter, size and notional ahead."""

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.position import Side
from adlrisk.domain.queue.book import Book, BookState, derive_columns, maintenance_margins
from adlrisk.domain.queue.exact_sum import running_total
from adlrisk.domain.rules.card import LevelMeter, Meter, VenueRules
from adlrisk.domain.rules.formulas import FORMULAS, Formula, RankInputs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adlrisk.domain.queue.book import Flags, Floats

    Places = NDArray[np.intp]

_FIFTHS: Final = 5
# A share that rounding alone has pushed over the edge of a fifth still belongs to that fifth.
_LAST_BITS: Final = 1e-9
_SAME_KEY: Final = 1e-12  # keys closer than this, relatively, are equal but for rounding
_EQUITY_ROUNDS: Final = 2.0**-50  # as are keys whose equities differ by so little of what they are the sum of


class SideQueue(Struct, frozen=True, kw_only=True, gc=False):
    """One side of a book in the order in which it is reduced, the positions that are not eligible last.

    ``places`` are indices into the book. The columns below it run along the eligible ones, which come first.
    """

    count: int
    eligible: int
    size: float
    notional: float
    places: "Places"
    priority: "Floats"
    percentile: "Floats"
    adl_meter: "Floats | None"
    size_ahead: "Floats"
    notional_ahead: "Floats"


class RankedBook(Struct, frozen=True, kw_only=True, gc=False):
    """A book's queues and the state that they were ranked by."""

    state: BookState
    queues: dict[Side, SideQueue]


def rank_book(book: Book, rules: VenueRules, *, sides: tuple[Side, ...] = ("long", "short")) -> RankedBook:
    """The queue of each of ``sides`` under the venue's rules.

    Higher keys come first; of equals the larger size, then the order of the book.

    Raises:
        RefusedError: the venue has no queue, its formula is unknown, or a position lacks the maintenance margin
            that the formula needs (``path`` holds its index).
    """
    formula = queue_formula(rules)
    state = derive_columns(book)
    held = {side: book.is_long if side == "long" else ~book.is_long for side in sides}
    asked = np.logical_or.reduce(list(held.values()))
    priority, eligible = priorities(book, state, formula=formula, rules=rules, asked=asked)
    queues = {
        side: _queue(book, state, priority=priority, eligible=eligible, held=of_side, meter=rules.meter)
        for side, of_side in held.items()
    }
    return RankedBook(state=state, queues=queues)


def queue_formula(rules: VenueRules) -> Formula:
    """The formula by which the venue orders its queue.

    Raises:
        RefusedError: it has no queue, or its formula is unknown.
    """
    if rules.mechanism in ("queue", "unknown"):
        if rules.ranking.formula is not None:
            return FORMULAS[rules.ranking.formula]
        detail = rules.mechanism_note or f"How {rules.name} orders its queue is not published"
        raise RefusedError(problem="queue-formula-unknown", path=("venue",), detail=detail)
    detail = rules.mechanism_note or f"{rules.name} has no ADL queue"
    raise RefusedError(problem="venue-has-no-queue", path=("venue",), detail=detail)


def eligible_by(formula: Formula | None, state: BookState) -> "Flags":
    """Whom the queue under ``formula`` holds; without a formula, everybody who is solvent."""
    solvent = state.equity > 0.0
    if formula is None or formula.loser is not None:
        return solvent
    return solvent & (state.return_on_entry > 0.0)


def priorities(
    book: Book, state: BookState, *, formula: Formula, rules: VenueRules, asked: "Flags"
) -> tuple["Floats", "Flags"]:
    """Every position's key under ``formula`` (NaN where not eligible), and whether it is eligible.

    Only positions that are ``asked`` about can lack something.

    Raises:
        RefusedError: an eligible position that is asked about lacks the maintenance margin that the formula needs.
    """
    wins = state.return_on_entry > 0.0
    eligible = eligible_by(formula, state)
    maintenance: Floats | float = 0.0
    if formula.needs_maintenance_margin:
        maintenance = maintenance_margins(
            book, state, default_rate=rules.maintenance_margin_rate, basis=rules.maintenance_basis
        )
        needed = np.where(wins, formula.winner_needs_maintenance, formula.loser_needs_maintenance)
        _refuse_missing_maintenance(asked & eligible & needed & ~(maintenance > 0.0))
    ratio = np.where(book.is_long, book.mark_price / book.entry_price, book.entry_price / book.mark_price)
    inputs = RankInputs(
        return_on_entry=state.return_on_entry,
        effective_leverage=state.effective_leverage,
        unrealized_pnl=state.unrealized_pnl,
        margin=state.margin,
        margin_floored=np.maximum(1.0, state.margin),
        equity=state.equity,
        entry_notional=state.entry_notional,
        price_ratio=ratio,
        maintenance_margin=maintenance,
    )
    # Expressions run over all positions and are kept where they apply, so they may divide by nothing elsewhere.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        keys = formula.winner(inputs)
        if formula.loser is not None and formula.loser is not formula.winner:
            keys = np.where(wins, keys, formula.loser(inputs))
    return np.where(eligible, keys, np.nan), eligible


def meter_column(fifths: "NDArray[np.intp]", share_before: "Floats", meter: Meter | None) -> "Floats | None":
    """What the venue's meter shows: the level of each fifth (1 the first), or 1 − the share ahead."""
    if meter is None:
        return None
    if isinstance(meter, LevelMeter):
        return np.asarray(meter.levels, dtype=np.float64)[fifths - 1]
    return 1.0 - share_before


def fifths_of(percentile: "Floats") -> "NDArray[np.intp]":
    """Which fifth of the queue a cumulated share falls into, 1 the first: rounded up, as BitMEX does."""
    return np.clip(np.ceil(percentile * _FIFTHS - _LAST_BITS), 1, _FIFTHS).astype(np.intp)


def same_key(state: BookState) -> "Floats":
    """How close to each position's key, relatively, another is equal to it but for rounding.

    Where losses have used up nearly all of the margin, few digits of the equity are more than rounding, and of the key
    no more.
    """
    terms = np.abs(state.margin) + np.abs(state.unrealized_pnl)
    with np.errstate(divide="ignore"):
        return np.maximum(_SAME_KEY, _EQUITY_ROUNDS * terms / state.equity)


def in_order(
    places: "Places", *, priority: "Floats", size: "NDArray[np.number]", same: "Floats | None" = None
) -> "Places":
    """``places`` by falling key, then by falling size, then as they stand.

    ``same`` holds how close, relatively, keys are to be equal; like the other columns it runs along the whole book.
    """
    keys = -priority[places]
    ordered = np.argsort(keys)
    sorted_keys = keys[ordered]
    width = np.abs(sorted_keys) * (_SAME_KEY if same is None else same[places[ordered]])
    # Positions of one entry and leverage have one key, whatever rounding their sizes bring into it.
    same_as_next = np.diff(sorted_keys) <= width[1:]
    if same_as_next.any():
        # Only those who share a key are sorted again, within the steps that they take up together.
        tied = np.zeros(len(keys), dtype=np.bool_)
        tied[1:] |= same_as_next
        tied[:-1] |= same_as_next
        run = np.concatenate(([0], np.cumsum(~same_as_next)))[tied]
        among = ordered[tied]
        steps = _steps(sorted_keys[tied], run, width[tied])
        ordered[tied] = among[np.lexsort((among, -size[places[among]], steps, run))]
    return places[ordered]


def _steps(keys: "Floats", run: "NDArray[np.intp]", width: "Floats") -> "Floats":
    """How often the width of one key fits between each of rising ``keys`` and the first of its ``run``.

    It keeps a long run of keys, each next to its neighbour, from being one key from end to end.
    """
    first = np.searchsorted(run, run)
    return np.floor((keys - keys[first]) / np.maximum(width[first], np.finfo(np.float64).tiny))


def _queue(
    book: Book, state: BookState, *, priority: "Floats", eligible: "Flags", held: "Flags", meter: Meter | None
) -> SideQueue:
    places = in_order(np.flatnonzero(held & eligible), priority=priority, size=book.size, same=same_key(state))
    left_out = np.flatnonzero(held & ~eligible)
    sizes, notionals = running_total(book.size[places]), running_total(state.notional[places])
    by_accounts = meter is not None and meter.weighting == "accounts"
    cumulated = np.arange(1.0, len(places) + 1.0) if by_accounts else sizes
    percentile = cumulated / cumulated[-1] if len(places) else cumulated
    return SideQueue(
        count=len(places) + len(left_out),
        eligible=len(places),
        size=float(sizes[-1]) if len(places) else 0.0,
        notional=float(notionals[-1]) if len(places) else 0.0,
        places=np.concatenate((places, left_out)),
        priority=priority[places],
        percentile=percentile,
        adl_meter=meter_column(fifths_of(percentile), _before(percentile), meter),
        size_ahead=_before(sizes),
        notional_ahead=_before(notionals),
    )


def _before(cumulated: "Floats") -> "Floats":
    """The cumulated value ahead of each place."""
    return np.concatenate(([0.0], cumulated[:-1])) if len(cumulated) else cumulated


def _refuse_missing_maintenance(missing: "Flags") -> None:
    if not missing.any():
        return
    raise RefusedError(
        problem="maintenance-margin-required",
        path=(int(np.argmax(missing)), "maintenance_margin_rate"),
        detail="The venue ranks by maintenance margin: give maintenance_margin_rate or maintenance_margin, above 0",
    )
