"""Reader of XT's futures.

Sources: XT API, futures, "Get Position Information", "Get Margin Call Information" (ccxt joins the two), "Get user's
funds", "Get ADL Information" (of an undocumented scale, so not read).
"""

import math
from collections.abc import Iterable
from typing import Any, Final

from adlrisk.domain.position.arithmetic import price_gain, sign_of, unrealized_pnl
from adlrisk.positions.readers.parsing import less, margin_mode_of, number, parse_number, positive, side_of
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
    held = [row for row in ask.rows if row.market.get("settle") == ask.settle]
    profit = _sum_profit(held)
    coin = _fetch_coin(exchange, ask.settle, inverse=any(row.market.get("inverse") for row in held))
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


def _sum_profit(held: Iterable[Row]) -> float | None:
    """The unrealized PnL of all cross positions; ``None`` if one's is not known."""
    profits: list[float] = []
    for row in held:
        one = _read(row)
        if one.size == 0.0 or one.margin_mode == "isolated":
            continue
        profit = _reckon_profit(one, row.market)
        if profit is None or one.margin_mode is None:
            return None
        profits.append(profit)
    return math.fsum(profits)


def _reckon_profit(one: VenuePosition, market: Raw) -> float | None:
    entry, mark, contract_size = one.entry_price, one.mark_price, parse_number(market.get("contractSize"))
    if one.side is None or not one.size or entry is None or mark is None or contract_size is None:
        return None
    gain = price_gain(sign_of(one.side), entry, mark)
    inverse = bool(market.get("inverse"))
    return float(unrealized_pnl(one.size * contract_size, gain, entry=entry, mark=mark, inverse=inverse))


XT: Final = Reader(
    read=_read,
    fetch_equity=_fetch_equity,
    lists=({}, {"subType": "inverse"}),
    lists_by_symbol=False,  # ccxt asks for linear contracts only, whatever the symbol
)
