"""Reader of XT's futures.

Sources: XT API, futures, "Get Position Information", "Get Margin Call Information" (ccxt joins the two), "Get user's
funds", "Get ADL Information" (of an undocumented scale, so not read).
"""

from typing import Any, Final

from adlrisk.positions.readers.isolated import sum_cross_profit
from adlrisk.positions.readers.parsing import less, margin_mode_of, number, positive, side_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    mode = margin_mode_of(raw.get("positionType"))
    return VenuePosition(
        side=side_of(raw.get("positionSide")),
        size=number(raw, "positionSize"),
        entry_price=positive(raw, "entryPrice"),
        mark_price=positive(raw, "markPrice", "calMarkPrice"),
        margin_mode=mode,
        # Of a cross position it is what the slider takes.
        margin=positive(raw, "isolatedMargin") if mode == "isolated" else None,
        liquidation_price=positive(raw, "breakPrice"),
    )


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    """The coin's wallet less the margin of its isolated positions, and the PnL of the cross ones, by their prices.

    The venue publishes no PnL of them, and a margin balance only with the isolated positions. Whether the wallet
    includes a bonus is not documented.
    """
    profit = sum_cross_profit(ask, _read)
    inverse = any(row.market.get("inverse") for row in ask.rows if row.market.get("settle") == ask.settle)
    coin = _fetch_coin(exchange, ask.settle, inverse=inverse)
    if coin is None or number(coin, "bonus"):
        return None
    wallet = less(number(coin, "walletBalance"), number(coin, "isolatedMargin"))
    if wallet is None or profit is None:
        return None
    return AccountEquity(amount=wallet + profit, wallet_balance=wallet)


def _fetch_coin(exchange: Any, settle: str, *, inverse: bool) -> Raw | None:
    """The coin's row in the balances of its kind of contracts."""
    if inverse:
        answer = exchange.privateInverseGetFutureUserV1BalanceList()
    else:
        answer = exchange.privateLinearGetFutureUserV1BalanceList()
    return next((coin for coin in answer["result"] if str(coin.get("coin")).upper() == settle), None)


XT: Final = Reader(
    read=_read,
    fetch_equity=_fetch_equity,
    lists=({}, {"subType": "inverse"}),
    lists_by_symbol=False,  # ccxt asks for linear contracts only, whatever the symbol
)
