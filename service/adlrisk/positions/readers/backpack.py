"""Reader of Backpack.

Sources: Backpack Exchange API, "Get open positions" (FuturePositionWithMargin), "Get collateral"
(MarginAccountSummary); documentation, "Margin System", "Futures Specs", "Settlement and Realization".
"""

from typing import Any, Final

from adlrisk.positions.readers.parsing import less, number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition

_REALIZED: Final = (
    "its profit up to the last settlement is in the balance and is not counted: the entry price is that settlement's"
)
_SAME: Final = 1e-3  # of the entry price: prices and profits are rounded


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    quantity = number(raw, "netQuantity")
    entry, is_settled = _find_entry(raw, quantity)
    return VenuePosition(
        side=side_of(None, quantity),
        size=size_of(quantity),
        entry_price=entry,
        mark_price=positive(raw, "markPrice"),
        margin_mode="cross",  # all of a subaccount share its collateral
        maintenance_rate=positive(raw, "mmf"),
        notional=_find_notional(raw, quantity),
        unrealized_pnl=number(raw, "pnlUnrealized"),
        liquidation_price=positive(raw, "estLiquidationPrice"),
        notes=(_REALIZED,) if is_settled else (),
    )


def _find_entry(raw: Raw, quantity: float | None) -> tuple[float | None, bool]:
    """The price from which the profit counts, and whether some of it was settled since entry.

    Profit is realized every ten seconds without a change of the size, where the account does not prevent it.
    """
    entry, mark, pnl = positive(raw, "entryPrice"), positive(raw, "markPrice"), number(raw, "pnlUnrealized")
    if not quantity or mark is None or pnl is None:
        return entry, False
    settled = mark - pnl / quantity
    if entry is not None and abs(settled - entry) <= _SAME * entry:
        return entry, False
    return (settled if settled > 0.0 else None), True


def _find_notional(raw: Raw, quantity: float | None) -> float | None:
    """The published notional, unless orders that are still open are in it."""
    exposure = number(raw, "netExposureQuantity")
    is_alone = quantity is not None and exposure is not None and abs(exposure) == abs(quantity)
    return size_of(number(raw, "netExposureNotional")) if is_alone else None


def _fetch_equity(exchange: Any, _: Ask) -> AccountEquity | None:
    """What the collateral counts for, with the unrealized PnL and less what is borrowed, in dollars.

    Its maintenance margin fraction is not said to be of positions alone: open orders are in its exposure.
    """
    account = exchange.privateGetApiV1CapitalCollateral()
    equity = number(account, "netEquity")
    if equity is None:
        return None
    return AccountEquity(amount=equity, wallet_balance=less(equity, number(account, "pnlUnrealized")), in_dollars=True)


BACKPACK: Final = Reader(read=_read, fetch_equity=_fetch_equity)
