"""Allocation of a bankrupt position to the other side of a book, by one of six policies, in whole lots.

Sizes are converted to lots once, when the counterparties are found, and back once, in the fills; closed and uncovered
lots always add up to the requested ones.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from msgspec import Struct

from adlrisk.domain.deleverage.apportionment import apportion_by_holding, apportion_by_weight
from adlrisk.domain.deleverage.book_lots import count_book_lots
from adlrisk.domain.deleverage.lots import count_lots, size_of_lots
from adlrisk.domain.deleverage.min_max_leverage import close_to_common_leverage, leverage_after_close
from adlrisk.domain.deleverage.policies import RANKED_POLICIES, Bankrupt, Policy
from adlrisk.domain.position import arithmetic
from adlrisk.domain.queue.book import Book, derive_columns
from adlrisk.domain.queue.queue import compute_priorities, find_eligible, key_tolerance, sort_by_priority
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.chosen_formula import choose_formula, require_formula
from adlrisk.domain.rules.formulas import FormulaName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adlrisk.domain.deleverage.apportionment import Indices, Lots
    from adlrisk.domain.queue.book import Floats

Number = TypeVar("Number", bound=np.generic)


class Counterparties(Struct, frozen=True, kw_only=True, gc=False):
    """Positions on the other side of a bankrupt one that can be closed against it.

    One row each; ``indices`` are those in the book. Amounts are in settlement currency, per lot where the name says so.
    """

    book: Book
    requested_lots: int
    fill_price: float
    lot_size: float
    same_side: int  # positions on the bankrupt's side
    ineligible: int  # positions on the other side that cannot be closed
    indices: "Indices"
    lots: "Lots"
    lot_value: float  # one lot at mark
    lot_loss: float  # cost of closing one lot at the fill price instead of mark; a gain if below 0
    equity: "Floats"
    profit: "Floats"  # unrealized, 0 for losers
    # The venue's ranking key, and the order in its queue; None if no requested policy needs the ranking.
    priority: "Floats | None"
    queue_order: "Indices | None"


class Fills(Struct, frozen=True, kw_only=True, gc=False):
    """Positions closed in full or in part, one column per field; ``indices`` are those in the book."""

    indices: "Indices"
    closed: "Floats"
    closed_lots: "Lots"
    remaining: "Floats"
    realized_pnl: "Floats"
    haircut: "Floats"
    leverage_after: "Floats"


class Allocation(Struct, frozen=True, kw_only=True, gc=False):
    """The result of one policy."""

    policy: Policy
    closed_lots: int
    uncovered_lots: int
    accounts_hit: int
    accounts_closed: int
    largest_share: float | None
    top_leverage_after: float | None
    total_haircut: float
    fills: Fills


def find_counterparties(
    book: Book,
    rules: VenueRules,
    *,
    bankrupt: Bankrupt,
    fill_price: float,
    lot_size: float,
    policies: tuple[Policy, ...],
    formula: FormulaName | None = None,
) -> Counterparties:
    """The positions on the other side that can be closed: eligible, and still solvent after the close.

    ``formula`` ranks them in place of the venue's, if given.

    Raises:
        RefusedError: a policy needs a queue that the venue does not have, or whose formula is unknown; an eligible
            position lacks the maintenance margin that such a policy needs, or its size is not a whole number of lots
            (``path`` begins with its index).
    """
    requested = count_lots(bankrupt.size, lot_size, path=("bankrupt", "size"))
    ranked = any(policy in RANKED_POLICIES for policy in policies)
    chosen = require_formula(rules, formula) if ranked else choose_formula(rules, formula)
    rule = None if chosen is None else chosen.formula
    state = derive_columns(book)
    lot_value, lot_loss = _lot_value_and_loss(book, bankrupt, fill_price=fill_price, lot_size=lot_size)
    other = ~book.is_long if bankrupt.side == "long" else book.is_long
    eligible = other & find_eligible(rule, state)
    eligible &= arithmetic.equity_of(state.equity, -lot_loss * np.rint(book.size / lot_size)) > 0.0
    indices = np.flatnonzero(eligible)
    priority = queue_order = None
    if ranked and rule is not None:
        keys, _ = compute_priorities(book, state, formula=rule, rules=rules, required=eligible)
        priority = keys[indices]
        tolerance = key_tolerance(equity=state.equity, terms=state.equity_terms)[indices]
        queue_order = sort_by_priority(
            np.arange(len(indices)), priority=priority, size=book.size[indices], tolerance=tolerance
        )
    return Counterparties(
        book=book,
        requested_lots=requested,
        fill_price=fill_price,
        lot_size=lot_size,
        same_side=int(np.count_nonzero(~other)),
        ineligible=int(np.count_nonzero(other & ~eligible)),
        indices=indices,
        lots=count_book_lots(book.size, indices, lot_size),
        lot_value=lot_value,
        lot_loss=lot_loss,
        equity=state.equity[indices],
        profit=np.maximum(state.unrealized_pnl[indices], 0.0),
        priority=priority,
        queue_order=queue_order,
    )


def allocate(counterparties: Counterparties, policy: Policy) -> Allocation:
    """Allocate the requested lots to ``counterparties`` by ``policy``."""
    closed = close_lots(counterparties, policy)
    order = (
        _require_ranking(counterparties.queue_order) if policy == "venue" else np.arange(len(counterparties.indices))
    )
    closing_order = order[closed[order] > 0]
    leverage = leverage_after_close(
        counterparties.lots,
        closed,
        equity=counterparties.equity,
        lot_value=counterparties.lot_value,
        lot_loss=counterparties.lot_loss,
    )
    total = int(closed.sum())
    fills = _build_fills(
        counterparties, closing_order, closed_lots=closed[closing_order], leverage_after=leverage[closing_order]
    )
    return Allocation(
        policy=policy,
        closed_lots=total,
        uncovered_lots=counterparties.requested_lots - total,
        accounts_hit=len(closing_order),
        accounts_closed=int(np.count_nonzero(closed[closing_order] == counterparties.lots[closing_order])),
        largest_share=int(closed.max()) / total if total else None,
        top_leverage_after=float(leverage.max()) if len(leverage) else None,
        total_haircut=total * max(0.0, counterparties.lot_loss),
        fills=fills,
    )


def close_lots(counterparties: Counterparties, policy: Policy) -> "Lots":
    """The lots that ``policy`` closes of each of ``counterparties``."""
    return _POLICIES[policy](counterparties)


def _by_queue(counterparties: Counterparties) -> "Lots":
    order = _require_ranking(counterparties.queue_order)
    lots = counterparties.lots[order]
    ahead = np.cumsum(lots) - lots
    closed = np.zeros_like(lots)
    closed[order] = np.clip(counterparties.requested_lots - ahead, 0, lots)
    return closed


def _by_size(counterparties: Counterparties) -> "Lots":
    return apportion_by_holding(counterparties.requested_lots, held=counterparties.lots)


def _by_profit(counterparties: Counterparties) -> "Lots":
    return apportion_by_weight(counterparties.requested_lots, weight=counterparties.profit, held=counterparties.lots)


def _by_score(counterparties: Counterparties) -> "Lots":
    weight = np.multiply(
        counterparties.lots, np.maximum(_require_ranking(counterparties.priority), 0.0), dtype=np.float64
    )
    return apportion_by_weight(counterparties.requested_lots, weight=weight, held=counterparties.lots)


def _by_risk(counterparties: Counterparties) -> "Lots":
    leverage = counterparties.lots * counterparties.lot_value / counterparties.equity
    return apportion_by_weight(
        counterparties.requested_lots, weight=counterparties.profit * leverage**2, held=counterparties.lots
    )


def _by_leverage(counterparties: Counterparties) -> "Lots":
    return close_to_common_leverage(
        counterparties.requested_lots,
        held=counterparties.lots,
        equity=counterparties.equity,
        lot_value=counterparties.lot_value,
        lot_loss=counterparties.lot_loss,
    )


_POLICIES: Final[dict[Policy, Callable[[Counterparties], "Lots"]]] = {
    "venue": _by_queue,
    "pro_rata_size": _by_size,
    "pro_rata_profit": _by_profit,
    "pro_rata_score": _by_score,
    "risk_aware": _by_risk,
    "min_max_leverage": _by_leverage,
}


def _require_ranking(ranking: "NDArray[Number] | None") -> "NDArray[Number]":
    if ranking is None:
        raise LookupError("the counterparties were found for policies that need no ranking")
    return ranking


def _lot_value_and_loss(book: Book, bankrupt: Bankrupt, *, fill_price: float, lot_size: float) -> tuple[float, float]:
    """Value of one lot at mark, and the holder's loss from closing it at ``fill_price`` instead of mark."""
    inverse = book.contract == "inverse"
    units = lot_size * book.contract_size
    gain = arithmetic.price_gain(-arithmetic.sign_of(bankrupt.side), fill_price, book.mark_price)
    value: float = arithmetic.notional_value(units, book.mark_price, inverse=inverse)
    loss: float = arithmetic.unrealized_pnl(units, gain, entry=fill_price, mark=book.mark_price, inverse=inverse)
    return value, loss


def _build_fills(
    counterparties: Counterparties, closing_order: "Indices", *, closed_lots: "Lots", leverage_after: "Floats"
) -> Fills:
    book, indices = counterparties.book, counterparties.indices[closing_order]
    held, lots = book.size[indices], counterparties.lots[closing_order]
    closed = np.where(closed_lots == lots, held, size_of_lots(closed_lots, counterparties.lot_size))
    sign = np.where(book.is_long[indices], 1.0, -1.0)
    entry = book.entry_price[indices]
    gain = arithmetic.price_gain(sign, entry, counterparties.fill_price)
    inverse = book.contract == "inverse"
    units = closed * book.contract_size
    return Fills(
        indices=indices,
        closed=closed,
        closed_lots=closed_lots,
        remaining=size_of_lots(lots - closed_lots, counterparties.lot_size),
        realized_pnl=arithmetic.unrealized_pnl(
            units, gain, entry=entry, mark=counterparties.fill_price, inverse=inverse
        ),
        haircut=np.multiply(closed_lots, max(0.0, counterparties.lot_loss), dtype=np.float64),
        leverage_after=leverage_after,
    )
