"""Reader of Kraken Derivatives: the multi-collateral wallet (flex) and the coin-margined ones.

Sources: "Get open positions", "Get wallets", "Get tickers", "Get position percentile of unwind queue".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adlrisk.domain.position.position import MarginMode
from adlrisk.positions.readers.parsing import less, number, positive, side_of
from adlrisk.positions.readers.reader import AccountEquity, Addition, Ask, Raw, Reader, Row, VenuePosition


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    return VenuePosition(
        side=side_of(raw.get("side")),
        size=number(raw, "size"),
        entry_price=positive(raw, "price"),
        mark_price=None,  # that of the tickers
        # Only isolated positions have a leverage limit; what is posted for them is not published.
        margin_mode=_find_mode(raw),
        adl_meter=number(row.extra, "percentile"),
    )


def _find_mode(raw: Raw) -> MarginMode | None:
    if "maxFixedLeverage" not in raw:
        return "cross"
    return "isolated" if positive(raw, "maxFixedLeverage") else None


def _fetch_marks(exchange: Any, _: Sequence[Raw]) -> Mapping[str, Raw]:
    tickers = exchange.publicGetTickers()["tickers"]
    return {ticker["symbol"].upper(): {"mark_price": ticker.get("markPrice")} for ticker in tickers}


def _fetch_readings(exchange: Any, _: Sequence[Raw]) -> Mapping[str, Raw]:
    queue = exchange.privateGetUnwindqueue()["queue"]
    return {row["symbol"].upper(): {"percentile": row.get("percentile")} for row in queue}


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    held = [row for row in ask.rows if row.market.get("settle") == ask.settle]
    accounts = exchange.privateGetAccounts()["accounts"]
    inverse = [row for row in held if row.market.get("inverse")]
    if inverse:
        return _find_coin_equity(accounts, inverse)
    if any(_read(row).margin_mode != "cross" for row in ask.rows):
        return None  # what of the wallet is an isolated position's is not published
    return _find_flex_equity(accounts.get("flex") or {})


def _find_flex_equity(account: Raw) -> AccountEquity | None:
    """What counts as margin in dollars, after the haircut of each currency."""
    equity = number(account, "marginEquity")
    if equity is None:
        return None
    return AccountEquity(
        amount=equity,
        wallet_balance=less(equity, number(account, "pnl")),
        maintenance_margin=number(account, "maintenanceMargin"),
        in_dollars=True,
    )


def _find_coin_equity(accounts: Raw, held: Sequence[Row]) -> AccountEquity | None:
    """The value of the coin's wallet, which is named after its contracts; several wallets of a coin are not summed."""
    names = {f"fi_{str(row.market.get('id')).lower().partition('_')[2]}" for row in held}
    account = accounts.get(next(iter(names))) if len(names) == 1 else None
    figures, required = (account or {}).get("auxiliary") or {}, (account or {}).get("marginRequirements") or {}
    equity = number(figures, "pv")
    if equity is None:
        return None
    return AccountEquity(
        amount=equity, wallet_balance=less(equity, number(figures, "pnl")), maintenance_margin=number(required, "mm")
    )


KRAKEN: Final = Reader(
    read=_read,
    additions=(
        Addition(what="the mark prices", fetch=_fetch_marks),
        Addition(what="the ADL readings", fetch=_fetch_readings),
    ),
    fetch_equity=_fetch_equity,
)
