"""Open orders that can only reduce a position, through ccxt, as its own structures and the venue's fields say."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final, Literal

from msgspec import Struct

from adlrisk.domain.position.position import Side
from adlrisk.positions.fills.source import first_text
from adlrisk.positions.readers.binance import is_portfolio
from adlrisk.positions.readers.bitget import is_unified
from adlrisk.positions.readers.parsing import number, positive
from adlrisk.positions.readers.reader import Raw, Row
from adlrisk.positions.requests.venue_calls import VenueCalls

_CLOSING: Final[Mapping[Side, Literal["buy", "sell"]]] = {"long": "sell", "short": "buy"}
# In hedge mode an order names the side of its position: by a word, or at Bybit by a number.
_SIDE_FIELDS: Final = ("positionSide", "posSide", "positionIdx")
_SIDES: Final[Mapping[str, Side]] = {"long": "long", "short": "short", "1": "long", "2": "short"}
_FLAGS: Final = ("reduceOnly", "reduce_only", "is_reduce_only", "closeOrder")
_YES: Final = frozenset({"true", "1", "yes"})
_CONDITIONAL: Final[Raw] = {"trigger": True}
# Further lists, of conditional orders, by the name of the exchange: elsewhere one list has all, or only one is read.
_MORE_LISTS: Final[Mapping[str, tuple[Raw, ...]]] = {
    "binance": (_CONDITIONAL,),
    "binance_coinm": (_CONDITIONAL,),
    "bitget": ({"planType": "profit_loss"}, _CONDITIONAL),
    "gate": (_CONDITIONAL,),
    "kucoin": (_CONDITIONAL,),
    "okx": ({"ordType": "conditional"}, {"ordType": "oco"}, _CONDITIONAL),
}
# Where ccxt gives the amount of an order in units of the currency, and not in contracts.
_IN_UNITS: Final = frozenset({"deribit", "deribit_inverse"})


class ReducingOrder(Struct, frozen=True, kw_only=True):
    """An open order that can only reduce a position."""

    id: str
    side: Literal["buy", "sell"]
    amount: float  # what of it is open, in contracts
    price: float | None  # None: at the market


def fetch_reducing_orders(
    exchange: Any, calls: VenueCalls, *, venue: str, market: Raw, side: Side, rows: Sequence[Row] = ()
) -> tuple[ReducingOrder, ...] | None:
    """The open orders that can only reduce the position of ``side`` in ``market``, ccxt's; ``None``: not known.

    ``rows`` are of positions, which tell the kind of the account. An order that closes whatever is left has no amount,
    and is not among them.
    """
    of_account = _describe_account(venue, rows)
    orders: list[Raw] = []
    for parameters in ({}, *_MORE_LISTS.get(venue, ())):
        fetch = partial(exchange.fetch_open_orders, market["symbol"], None, None, {**of_account, **parameters})
        found: Sequence[Raw] | None = calls.try_call("the open orders", fetch)
        if found is None:
            return None
        orders += found
    unit = (positive(market, "contractSize") or 1.0) if venue in _IN_UNITS else 1.0
    read = {first_text(order, "id"): _read(order, unit) for order in orders if _reduces(order, side)}
    return tuple(order for order in read.values() if order is not None)


def _describe_account(venue: str, rows: Sequence[Row]) -> Raw:
    """What ccxt has to be told of the account: orders of these kinds are in lists of their own."""
    if venue in ("binance", "binance_coinm") and any(is_portfolio(row.raw) for row in rows):
        return {"portfolioMargin": True}
    if venue == "bitget" and any(is_unified(row.raw) for row in rows):
        return {"uta": True}
    return {}


def _reduces(order: Raw, side: Side) -> bool:
    raw = order.get("info") or {}
    named = next((found for field in _SIDE_FIELDS if (found := _SIDES.get(str(raw.get(field)).lower()))), None)
    if named is not None:  # hedge mode: what trades against its own position closes it
        return named == side and _trades_against(order, raw, side)
    return order.get("side") == _CLOSING[side] and _is_reduce_only(order, raw)


def _trades_against(order: Raw, raw: Raw, side: Side) -> bool:
    """Whether the order closes: Bitget says that in a word, and ``side`` there may name the position's."""
    word = first_text(raw, "tradeSide").lower()
    if word:
        return word.startswith("close")
    return order.get("side") == _CLOSING[side]


def _is_reduce_only(order: Raw, raw: Raw) -> bool:
    unified = order.get("reduceOnly")
    if unified is not None:
        return bool(unified)
    return any(str(raw.get(flag)).lower() in _YES for flag in _FLAGS)


def _read(order: Raw, unit: float) -> ReducingOrder | None:
    open_amount = number(order, "remaining", "amount")
    side = order.get("side")
    if not open_amount or side not in ("buy", "sell"):
        return None
    return ReducingOrder(
        id=first_text(order, "id"), side=side, amount=open_amount / unit, price=positive(order, "price")
    )
