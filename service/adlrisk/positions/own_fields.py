"""Sizes, sides and profits that ccxt takes from another field than the venue's own, or from none.

A row keeps ccxt's form. What the venue does not say either stays unknown.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from adlrisk.positions.adl_meters import Raw, parse_number


def complete_row(venue: str, row: Raw, market: Raw | None) -> Raw:
    """The ``row`` of a position with the venue's own size, side and profit, where ccxt has others or none.

    >>> complete_row("delta", {"contracts": -2.0, "side": "short", "info": {"mark_price": "90"}}, None)["contracts"]
    2.0
    """
    complete = _COMPLETIONS.get(venue)
    return row if complete is None else {**row, **complete(row, market or {})}


def find_whitebit_side(raw: Raw) -> str | None:
    """The side of a position at WhiteBIT: its own, else the only one that has a grade in the ADL queue.

    An amount is not known to have a sign where a position has no side of its own, but a negative one can only be short.
    """
    named = {"LONG": "long", "SHORT": "short"}.get(str(raw.get("positionSide")))
    if named is not None:
        return named
    if (parse_number(raw.get("amount")) or 0.0) < 0.0:
        return "short"
    graded = [side for side in ("long", "short") if raw.get(side) is not None]
    return graded[0] if len(graded) == 1 else None


def _complete_backpack(row: Raw, _: Raw) -> dict[str, Any]:
    """Its net quantity: ccxt has the net exposure, in which open orders may be, and the sign of the cost."""
    return _signed(row["info"].get("netQuantity"))


def _complete_delta(row: Raw, _: Raw) -> dict[str, Any]:
    raw = row["info"]
    return {
        "contracts": _size(row.get("contracts")),
        "markPrice": raw.get("mark_price"),
        "unrealizedPnl": raw.get("unrealized_pnl"),
    }


def _complete_deribit(row: Raw, market: Raw) -> dict[str, Any]:
    """Its size is money and its size_currency the amount; floating profit is since the daily settlement only."""
    raw = row["info"]
    money, amount = _size(raw.get("size")), _size(raw.get("size_currency"))
    contracts, notional = (amount, money) if market.get("linear") else (money, amount)
    profit = raw.get("total_profit_loss")
    return {"contracts": contracts, "contractSize": 1.0, "notional": notional, "unrealizedPnl": profit}


def _complete_poloniex(row: Raw, _: Raw) -> dict[str, Any]:
    """In one-way mode posSide is BOTH, and side says whether it was bought or sold."""
    if row.get("side") != "both":
        return {}
    return {"side": {"BUY": "long", "SELL": "short"}.get(str(row["info"].get("side")))}


def _complete_whitebit(row: Raw, _: Raw) -> dict[str, Any]:
    raw = row["info"]
    return {"contracts": _size(raw.get("amount")), "side": find_whitebit_side(raw)}


def _signed(value: object) -> dict[str, Any]:
    quantity = parse_number(value)
    if not quantity:
        return {"contracts": quantity, "side": None}
    return {"contracts": abs(quantity), "side": "long" if quantity > 0.0 else "short"}


def _size(value: object) -> float | None:
    size = parse_number(value)
    return None if size is None else abs(size)


_COMPLETIONS: Final[Mapping[str, Callable[[Raw, Raw], dict[str, Any]]]] = {
    "backpack": _complete_backpack,
    "delta": _complete_delta,
    "deribit": _complete_deribit,
    "deribit_inverse": _complete_deribit,
    "poloniex": _complete_poloniex,
    "whitebit": _complete_whitebit,
}
