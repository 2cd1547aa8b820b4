"""Fills of Bitget's futures: of all contracts of a product in pages of 100.

Sources: API v2, contract, "Get Historical Transaction Details" (fill-history). In a unified account (v3) fills carry no
mark: its orders do, "Get Order History", though not of an ADL.
"""

from functools import partial
from typing import Any, Final

from adlrisk.domain.position.position import Side
from adlrisk.positions.fills.source import (
    FillList,
    FillPage,
    FillsAsk,
    VenueFill,
    amount,
    closed_side,
    fetch_pages,
    first_text,
    is_inverse,
    read_orders,
    reduced_by,
    settles_in,
    time_of,
)
from adlrisk.positions.readers.bitget import is_unified
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_PAGE: Final = 100
_UNIFIED: Final = (
    "orders of Bitget's unified account do not tell an ADL from one's own, so no ADL is told; liquidations are"
)


def _read(raw: Raw) -> VenueFill:
    return VenueFill(
        raw=raw,
        id=first_text(raw, "tradeId"),
        at=time_of(raw, "cTime"),
        symbol=first_text(raw, "symbol"),
        reduced=_find_side(first_text(raw, "tradeSide"), raw),
        size=None if _is_coin_margined(raw) else amount(raw, "baseVolume"),
        price=positive(raw, "price"),
    )


def _read_order(raw: Raw) -> VenueFill | None:
    """An order of a unified account, unless it says nothing of whose it was."""
    if raw.get("execType") == "normal" and not raw.get("tradeSide"):
        return None
    return VenueFill(
        raw=raw,
        id=first_text(raw, "orderId"),
        at=time_of(raw, "updatedTime", "createdTime"),
        symbol=first_text(raw, "symbol"),
        reduced=closed_side(raw.get("posSide"), traded=raw.get("side")),
        size=None if _is_coin_margined(raw) else amount(raw, "cumExecQty"),
        price=positive(raw, "avgPrice"),
    )


def _is_coin_margined(raw: Raw) -> bool:
    """Whether the contract is inverse, whose contracts are dollars and whose fills are in the coin."""
    return first_text(raw, "symbol").endswith("USD")


def _find_side(trade_side: str, raw: Raw) -> Side | None:
    """In hedge mode the mark ends in the side, in one-way mode it names what was traded, as ``side`` does."""
    for side in ("long", "short"):
        if trade_side.endswith(f"_close_{side}"):
            return side
    return reduced_by(raw.get("side"))


def _fetch(exchange: Any, ask: FillsAsk, *, product: str) -> FillPage:
    if any(is_unified(row.raw) for row in ask.rows):
        page = fetch_pages(partial(_fetch_unified_page, exchange, ask, product))
        return page._replace(not_told=_UNIFIED)
    return fetch_pages(partial(_fetch_page, exchange, ask, product))


def _fetch_page(exchange: Any, ask: FillsAsk, product: str, cursor: Any) -> tuple[list[VenueFill], Any]:
    asked = {"productType": product, "startTime": str(ask.since), "limit": str(_PAGE)}
    more = {"idLessThan": cursor} if cursor else {}
    data = exchange.privateMixGetV2MixOrderFillHistory({**asked, **more})["data"]
    rows = data.get("fillList") or []
    return read_orders(rows, _read), data.get("endId") if len(rows) >= _PAGE else None


def _fetch_unified_page(exchange: Any, ask: FillsAsk, product: str, cursor: Any) -> tuple[list[VenueFill], Any]:
    asked = {"category": product, "startTime": str(ask.since), "limit": str(_PAGE)}
    more = {"cursor": cursor} if cursor else {}
    data = exchange.privateUtaGetV3TradeHistoryOrders({**asked, **more})["data"]
    rows = data.get("list") or []
    return read_orders(rows, _read_order), data.get("cursor") if len(rows) >= _PAGE else None


BITGET: Final = tuple(
    FillList(what=f"the fills of {product}", fetch=partial(_fetch, product=product), covers=covers)
    for product, covers in (
        ("USDT-FUTURES", settles_in("USDT")),
        ("USDC-FUTURES", settles_in("USDC")),
        ("COIN-FUTURES", is_inverse),
    )
)
