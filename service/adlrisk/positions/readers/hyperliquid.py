"""Reader of Hyperliquid, whose positions are public by address.

Sources: Hyperliquid API, info endpoint, "Retrieve user's perpetuals account summary", "Retrieve a user's token
balances", "Retrieve all perpetual dexs", "Query a user's abstraction state"; trading, "Account abstraction modes"
(which balance backs what, and the unified account ratio), "Margining" (half of the initial margin at the greatest
leverage is maintenance margin).
"""

from collections.abc import Sequence
from typing import Any, Final

from adlrisk.positions.readers.isolated import sum_isolated
from adlrisk.positions.readers.parsing import find_row, less, number, parse_number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition

_FIRST_DEX: Final = ""  # the venue's own; the others are builders' (HIP-3), and their contracts are "dex:COIN"
_APART: Final = ("default", "disabled")  # a balance for each dex, and one for spot
_UNIFIED: Final = "unifiedAccount"  # one balance for each token, in the spot state
_POOLED: Final = (_UNIFIED, "portfolioMargin")


def _read(row: Row) -> VenuePosition:
    raw: Raw = row.raw.get("position") or {}
    amount, value, pnl = (number(raw, field) for field in ("szi", "positionValue", "unrealizedPnl"))
    leverage: Raw = raw.get("leverage") or {}
    is_isolated = leverage.get("type") == "isolated"
    greatest = positive(raw, "maxLeverage")
    return VenuePosition(
        symbol=raw.get("coin"),  # ccxt's id is a number
        side=side_of(None, amount),
        size=size_of(amount),
        entry_price=positive(raw, "entryPx"),
        mark_price=abs(value / amount) if value and amount else None,
        margin_mode="isolated" if is_isolated else "cross" if leverage.get("type") == "cross" else None,
        margin=less(number(raw, "marginUsed"), pnl) if is_isolated else None,  # of isolated, it includes the profit
        maintenance_rate=None if greatest is None else 1.0 / (2.0 * greatest),
        notional=value,
        unrealized_pnl=pnl,
        liquidation_price=positive(raw, "liquidationPx"),
        separate_account=_find_separate(row, raw),
    )


def _find_separate(row: Row, raw: Raw) -> str | None:
    """The dex of a builder's contract, unless one balance is behind all dexes."""
    dex, colon, _ = str(raw.get("coin")).partition(":")
    return dex if colon and row.account.get("mode") not in _POOLED else None


def _fetch_rows(exchange: Any) -> list[Raw]:
    """The positions of all dexes, each with its dex's summary of the account; ccxt asks for those of one dex."""
    symbols = {market.get("baseName"): name for name, market in exchange.markets.items() if market.get("swap")}
    dexes = [(dex or {}).get("name", _FIRST_DEX) for dex in exchange.publicPostInfo({"type": "perpDexs"})]
    rows: list[Raw] = []
    for dex in dexes:
        state = _ask(exchange, "clearinghouseState", **({"dex": dex} if dex != _FIRST_DEX else {}))
        rows += [
            {
                "symbol": symbols.get(held["position"]["coin"], held["position"]["coin"]),
                "info": {
                    **held,
                    "dex": dex,
                    "crossMarginSummary": state.get("crossMarginSummary"),
                    "crossMaintenanceMarginUsed": state.get("crossMaintenanceMarginUsed"),
                },
            }
            for held in state["assetPositions"]
        ]
    return rows


def _fetch_account(exchange: Any) -> Raw:
    return {"mode": _ask(exchange, "userAbstraction")}


def _ask(exchange: Any, what: str, **more: str) -> Any:
    return exchange.publicPostInfo({"type": what, "user": exchange.walletAddress, **more})


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    """Of the first dex in a classic account, of the spot balance in a unified one.

    Unknown with portfolio margin, which counts other tokens at prices and caps of its own, and with dex abstraction,
    whose transfers between dexes are not documented.
    """
    mode = ask.account.get("mode")
    if mode in _APART:
        return _find_classic_equity([row for row in ask.rows if row.raw.get("dex") == _FIRST_DEX])
    if mode == _UNIFIED and all(row.market for row in ask.rows):
        return _find_unified_equity(_ask(exchange, "spotClearinghouseState"), ask)
    return None


def _find_classic_equity(rows: Sequence[Row]) -> AccountEquity | None:
    summary: Raw = next((row.raw.get("crossMarginSummary") or {} for row in rows), {})
    equity = number(summary, "accountValue")
    return None if equity is None else _build_equity(equity, rows)


def _find_unified_equity(spot: Raw, ask: Ask) -> AccountEquity | None:
    """The token's total, which includes unrealized PnL and isolated margin, without the latter."""
    token = find_row(spot.get("balances"), "coin", ask.settle)
    total = None if token is None else number(token, "total")
    isolated = sum_isolated(ask, _read)
    if total is None or isolated is None:
        return None
    return _build_equity(total - isolated.equity, [row for row in ask.rows if row.market.get("settle") == ask.settle])


def _build_equity(equity: float, rows: Sequence[Row]) -> AccountEquity:
    """``equity`` with the unrealized PnL and the maintenance margin of the cross positions among ``rows``."""
    cross = [held for held in map(_read, rows) if held.margin_mode == "cross"]
    profits = [held.unrealized_pnl for held in cross if held.unrealized_pnl is not None]
    maintenance = {str(row.raw.get("dex")): parse_number(row.raw.get("crossMaintenanceMarginUsed")) for row in rows}
    known = [amount for amount in maintenance.values() if amount is not None]
    return AccountEquity(
        amount=equity,
        wallet_balance=equity - sum(profits) if len(profits) == len(cross) else None,
        maintenance_margin=sum(known) if len(known) == len(maintenance) else None,
    )


HYPERLIQUID: Final = Reader(
    read=_read,
    fetch_rows=_fetch_rows,
    fetch_account=_fetch_account,
    fetch_equity=_fetch_equity,
    credentials=("walletAddress",),
)
