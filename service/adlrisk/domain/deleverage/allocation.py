"""Who is closed against a bankrupt position, and by how much: six policies over one book, in whole lots.

Sizes become whole lots once, when the counterparties are found, and become sizes once again in the fills; closed and
uncovered lots always add up to those that were to be closed.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
from msgspec import Struct

from adlrisk.domain.deleverage.apportionment import share_by_weight, share_out
from adlrisk.domain.deleverage.lots import MOST_LOTS_TOGETHER, is_whole, refused_lots, size_of, whole_lots
from adlrisk.domain.deleverage.min_max_leverage import close_to_one_level, leverage_left
from adlrisk.domain.deleverage.policies import RANKED, Bankrupt, Policy
from adlrisk.domain.position import position as one
from adlrisk.domain.queue.book import Book, derive_columns
from adlrisk.domain.queue.queue import eligible_by, in_order, priorities, queue_formula, same_key
from adlrisk.domain.rules.card import VenueRules
from adlrisk.domain.rules.formulas import FORMULAS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adlrisk.domain.deleverage.apportionment import Lots, Places
    from adlrisk.domain.queue.book import Floats

Number = TypeVar("Number", bound=np.generic)


class Counterparties(Struct, frozen=True, kw_only=True, gc=False):
    """Those on the other side of a bankrupt position who can be closed against it.

    Columns run along them; ``places`` are their indices in the book. Values are in settlement currency, per lot
    where they say so.
    """

    book: Book
    requested_lots: int
    fill_price: float
    lot_size: float
    same_side: int  # positions left alone because they are on the bankrupt's side
    ineligible: int  # and those on the other side that cannot be closed
    places: "Places"
    lots: "Lots"
    lot_value: float  # of one lot at mark
    lot_loss: float  # what closing one lot at the fill price costs against mark; below 0 a gain
    equity: "Floats"
    profit: "Floats"  # unrealized, 0 for losers
    # The venue's key of each, and their order in its queue, where a policy asked for rests on its ranking.
    priority: "Floats | None"
    queue: "Places | None"


class Fills(Struct, frozen=True, kw_only=True, gc=False):
    """What is closed in whole or in part, a column each; ``places`` are indices into the book."""

    places: "Places"
    closed: "Floats"
    closed_lots: "Lots"
    remaining: "Floats"
    realized_pnl: "Floats"
    haircut: "Floats"
    leverage_after: "Floats"


class Allocation(Struct, frozen=True, kw_only=True, gc=False):
    """What one policy closes."""

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
) -> Counterparties:
    """Who can be closed against ``bankrupt``: the other side's eligible whom the fill leaves solvent.

    Raises:
        RefusedError: a policy rests on a queue that the venue does not have, or whose formula is unknown; an eligible
            position lacks the maintenance margin that such a policy needs, or its size is no whole number of lots
            (``path`` begins with its index).
    """
    requested = whole_lots(bankrupt.size, lot_size, path=("bankrupt", "size"))
    ranked = any(policy in RANKED for policy in policies)
    formula = queue_formula(rules) if ranked else FORMULAS.get(rules.ranking.formula or "")
    state = derive_columns(book)
    lot_value, lot_loss = _per_lot(book, bankrupt, fill_price=fill_price, lot_size=lot_size)
    other = ~book.is_long if bankrupt.side == "long" else book.is_long
    eligible = other & eligible_by(formula, state)
    eligible &= one.equity_left(state.equity, -lot_loss * np.rint(book.size / lot_size)) > 0.0
    places = np.flatnonzero(eligible)
    priority = order = None
    if ranked and formula is not None:
        keys, _ = priorities(book, state, formula=formula, rules=rules, asked=eligible)
        priority = keys[places]
        same = same_key(state)[places]
        order = in_order(np.arange(len(places)), priority=priority, size=book.size[places], same=same)
    return Counterparties(
        book=book,
        requested_lots=requested,
        fill_price=fill_price,
        lot_size=lot_size,
        same_side=int(np.count_nonzero(~other)),
        ineligible=int(np.count_nonzero(other & ~eligible)),
        places=places,
        lots=_in_lots(book.size, places, lot_size),
        lot_value=lot_value,
        lot_loss=lot_loss,
        equity=state.equity[places],
        profit=np.maximum(state.unrealized_pnl[places], 0.0),
        priority=priority,
        queue=order,
    )


def allocate(others: Counterparties, policy: Policy) -> Allocation:
    """What ``policy`` closes of ``others``."""
    closed = _RULES[policy](others)
    order = _known(others.queue) if policy == "venue" else np.arange(len(others.places))
    steps = order[closed[order] > 0]
    leverage = leverage_left(
        others.lots, closed, equity=others.equity, lot_value=others.lot_value, lot_loss=others.lot_loss
    )
    total = int(closed.sum())
    fills = _fills(others, steps, closed_lots=closed[steps], leverage_after=leverage[steps])
    return Allocation(
        policy=policy,
        closed_lots=total,
        uncovered_lots=others.requested_lots - total,
        accounts_hit=len(steps),
        accounts_closed=int(np.count_nonzero(closed[steps] == others.lots[steps])),
        largest_share=int(closed.max()) / total if total else None,
        top_leverage_after=float(leverage.max()) if len(leverage) else None,
        total_haircut=total * max(0.0, others.lot_loss),
        fills=fills,
    )


def _by_queue(others: Counterparties) -> "Lots":
    order = _known(others.queue)
    lots = others.lots[order]
    ahead = np.cumsum(lots) - lots
    closed = np.zeros_like(lots)
    closed[order] = np.clip(others.requested_lots - ahead, 0, lots)
    return closed


def _by_size(others: Counterparties) -> "Lots":
    return share_out(others.requested_lots, held=others.lots)


def _by_profit(others: Counterparties) -> "Lots":
    return share_by_weight(others.requested_lots, weight=others.profit, held=others.lots)


def _by_score(others: Counterparties) -> "Lots":
    weight = np.multiply(others.lots, np.maximum(_known(others.priority), 0.0), dtype=np.float64)
    return share_by_weight(others.requested_lots, weight=weight, held=others.lots)


def _by_risk(others: Counterparties) -> "Lots":
    leverage = others.lots * others.lot_value / others.equity
    return share_by_weight(others.requested_lots, weight=others.profit * leverage**2, held=others.lots)


def _by_level(others: Counterparties) -> "Lots":
    return close_to_one_level(
        others.requested_lots,
        held=others.lots,
        equity=others.equity,
        lot_value=others.lot_value,
        lot_loss=others.lot_loss,
    )


_RULES: Final[dict[Policy, Callable[[Counterparties], "Lots"]]] = {
    "venue": _by_queue,
    "pro_rata_size": _by_size,
    "pro_rata_profit": _by_profit,
    "pro_rata_score": _by_score,
    "risk_aware": _by_risk,
    "min_max_leverage": _by_level,
}


def _known(ranking: "NDArray[Number] | None") -> "NDArray[Number]":
    if ranking is None:
        raise LookupError("the counterparties were found for policies that need no ranking")
    return ranking


def _per_lot(book: Book, bankrupt: Bankrupt, *, fill_price: float, lot_size: float) -> tuple[float, float]:
    """Value of one lot at mark, and what closing it at ``fill_price`` costs its holder against mark."""
    inverse = book.contract == "inverse"
    units = lot_size * book.contract_size
    gain = one.price_gain(-one.sign(bankrupt.side), fill_price, book.mark_price)
    value: float = one.value(units, book.mark_price, inverse=inverse)
    loss: float = one.unrealized_pnl(units, gain, entry=fill_price, mark=book.mark_price, inverse=inverse)
    return value, loss


def _fills(others: Counterparties, steps: "Places", *, closed_lots: "Lots", leverage_after: "Floats") -> Fills:
    book, places = others.book, others.places[steps]
    held, lots = book.size[places], others.lots[steps]
    closed = np.where(closed_lots == lots, held, size_of(closed_lots, others.lot_size))
    sign = np.where(book.is_long[places], 1.0, -1.0)
    entry = book.entry_price[places]
    gain = one.price_gain(sign, entry, others.fill_price)
    inverse = book.contract == "inverse"
    units = closed * book.contract_size
    return Fills(
        places=places,
        closed=closed,
        closed_lots=closed_lots,
        remaining=size_of(lots - closed_lots, others.lot_size),
        realized_pnl=one.unrealized_pnl(units, gain, entry=entry, mark=others.fill_price, inverse=inverse),
        haircut=np.multiply(closed_lots, max(0.0, others.lot_loss), dtype=np.float64),
        leverage_after=leverage_after,
    )


def _in_lots(sizes: "Floats", places: "Places", lot_size: float) -> "Lots":
    """The sizes at ``places`` as counts of lots."""
    lots = sizes[places] / lot_size
    nearest = np.rint(lots)
    whole = is_whole(lots, nearest)
    # Summed in doubles, which do not overflow; a sum this large is refused long before the last bits matter.
    countable = np.cumsum(nearest) < MOST_LOTS_TOGETHER
    fits = whole & countable
    if not fits.all():
        index = int(places[int(np.argmin(fits))])
        raise refused_lots(float(sizes[index]), lot_size, path=(index, "size"))
    return nearest.astype(np.int64)
