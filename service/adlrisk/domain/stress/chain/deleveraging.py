"""ADL of what order book and fund leave over: closed against the other side by one of the allocation policies."""

from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from adlrisk.domain.deleverage.allocation import Counterparties, close_lots
from adlrisk.domain.position import arithmetic
from adlrisk.domain.stress.chain.accounts import Fills
from adlrisk.domain.stress.chain.marked import MarkedAccounts
from adlrisk.domain.stress.chain.values import value_of
from adlrisk.domain.stress.terms import Terms

if TYPE_CHECKING:
    from adlrisk.domain.deleverage.apportionment import Lots
    from adlrisk.domain.queue.book import Floats


class SideAdl(Struct, frozen=True, kw_only=True, gc=False):
    """ADL against one side."""

    fills: Fills
    uncovered: int  # lots
    unpaid: float  # settlement currency


def deleverage_side(
    marked: MarkedAccounts, terms: Terms, *, sign: float, left: "Lots", bankruptcy: "Floats"
) -> SideAdl:
    """Close what is ``left`` of the longs (``sign`` +1) or shorts (−1), with these bankruptcy values, by ADL."""
    accounts, mark = marked.accounts, marked.mark_value
    requested = int(left.sum())
    mean = float((left * bankruptcy).sum()) / requested
    fill = _fill_value(marked, terms, mean=mean)
    lot_loss = sign * accounts.unit * (fill - mark)
    candidates = marked.candidates(-sign)
    solvent = arithmetic.equity_of(candidates.equity, -lot_loss * candidates.lots) > 0.0
    held = candidates.lots[solvent]
    order = candidates.queue_order
    closed = close_lots(
        Counterparties(
            book=candidates.book,
            requested_lots=requested,
            fill_price=fill,
            lot_size=terms.lot_size,
            same_side=0,
            ineligible=int(np.count_nonzero(~solvent)),
            indices=candidates.indices[solvent],
            lots=held,
            lot_value=accounts.unit * abs(mark),
            lot_loss=lot_loss,
            equity=candidates.equity[solvent],
            profit=candidates.profit[solvent],
            priority=None if candidates.priority is None else candidates.priority[solvent],
            queue_order=None if order is None else _keep(order, solvent),
        ),
        terms.policy,
    )
    places = np.arange(len(held)) if order is None or terms.policy != "venue" else _keep(order, solvent)
    places = places[closed[places] > 0]
    taken = int(closed.sum())
    shortfall = sign * accounts.unit * (mean - mark)
    beyond_fill = sign * accounts.unit * (mean - fill)
    return SideAdl(
        fills=Fills(
            sign=-sign,
            indices=candidates.indices[solvent][places],
            lots=closed[places],
            value=fill,
            lot_loss=lot_loss,
        ),
        uncovered=requested - taken,
        unpaid=max(0.0, shortfall) * (requested - taken) + max(0.0, beyond_fill) * taken,
    )


def _fill_value(marked: MarkedAccounts, terms: Terms, *, mean: float) -> float:
    if terms.fill_price == "bankruptcy":
        return mean
    if terms.fill_price == "mark":
        return marked.mark_value
    value: float = value_of(terms.fill_price, marked.accounts.contract)
    return value


def _keep(order: "Lots", kept: "Lots") -> "Lots":
    """``order`` of those that are ``kept``, counted anew."""
    places = np.cumsum(kept) - 1
    return places[order[kept[order]]]
