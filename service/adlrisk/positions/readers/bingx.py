"""Reader of BingX, which publishes neither maintenance margins nor ADL readings.

Sources: USDT-M perpetual, "Query position data" and "Query account data"; Coin-M futures, "Query warehouse" and "Query
Account Assets"; help page "Account Structure (Perpetual Futures)".
"""

from typing import Any, Final

from adlrisk.positions.readers.isolated import sum_cross_profit, sum_isolated
from adlrisk.positions.readers.parsing import find_row, less, number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    amount, isolated = number(raw, "positionAmt"), raw.get("isolated")
    return VenuePosition(
        side=side_of(raw.get("positionSide"), amount if raw.get("positionSide") == "BOTH" else None),
        size=size_of(amount),
        entry_price=positive(raw, "avgPrice"),
        mark_price=positive(raw, "markPrice"),
        margin_mode=None if isolated is None else "isolated" if isolated else "cross",
        margin=_find_margin(row) if isolated else None,
        notional=positive(raw, "positionValue"),
        unrealized_pnl=number(raw, "unrealizedProfit"),
        liquidation_price=positive(raw, "liquidationPrice"),
        notes=_ADDED_MARGIN if isolated and "margin" not in raw else (),
    )


_ADDED_MARGIN: Final = ("its initial margin is taken for its margin: margin added by hand is not published",)


def _find_margin(row: Row) -> float | None:
    """The margin, which contains the unrealized PnL of a linear contract, and is only the initial one of an inverse."""
    margin = less(number(row.raw, "margin"), number(row.raw, "unrealizedProfit"))
    return number(row.raw, "initialMargin") if margin is None else margin


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    """The currency's equity, in which the isolated positions are."""
    inverse = any(row.market.get("inverse") for row in ask.rows if row.market.get("settle") == ask.settle)
    answer = exchange.cswapV1PrivateGetUserBalance() if inverse else exchange.swapV3PrivateGetUserBalance()
    asset = find_row(answer["data"], "asset", ask.settle)
    isolated = sum_isolated(ask, _read)
    if asset is None or isolated is None:
        return None
    amount = less(number(asset, "equity"), isolated.equity)
    if amount is None:
        return None
    return AccountEquity(amount=amount, wallet_balance=less(amount, sum_cross_profit(ask, _read)))


BINGX: Final = Reader(
    read=_read,
    fetch_equity=_fetch_equity,
    lists=({"subType": "linear"}, {"subType": "inverse"}),
    private_currencies=True,
)
