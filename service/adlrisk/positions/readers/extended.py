"""Reader of Extended.

Sources: Extended API, "Get positions", "Get balance"; documentation, "Trading Accounts", "Margin". ``marginRatio`` is
maintenance margin over equity, but of an undocumented unit, so the account's maintenance margin is not read.
"""

from typing import Any, Final

from adlrisk.positions.readers.parsing import less, number, positive, side_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Reader, Row, VenuePosition

_ROUNDING: Final = 0.01  # in USDC


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    return VenuePosition(
        side=side_of(raw.get("side")),
        size=number(raw, "size"),
        entry_price=positive(raw, "openPrice"),
        mark_price=positive(raw, "markPrice"),
        margin_mode="cross",  # all positions of a trading account share its collateral
        notional=positive(raw, "value"),
        unrealized_pnl=number(raw, "unrealisedPnl"),
        liquidation_price=positive(raw, "liquidationPrice"),
        # adl is of an undocumented scale.
    )


def _fetch_equity(exchange: Any, _: Ask) -> AccountEquity | None:
    """The account's equity; it is in dollars where it is more than USDC and profit, as spot assets may count too."""
    account = exchange.v1PrivateGetUserBalance()["data"]
    equity, balance = number(account, "equity"), number(account, "balance")
    if equity is None:
        return None
    wallet = less(equity, number(account, "unrealisedPnl"))
    only_cash = wallet is not None and balance is not None and abs(wallet - balance) <= _ROUNDING
    return AccountEquity(amount=equity, wallet_balance=wallet, in_dollars=not only_cash)


EXTENDED: Final = Reader(
    read=_read,
    fetch_equity=_fetch_equity,
    credentials=("apiKey",),  # only orders are signed
)
