"""Forced orders of OKX: of all swaps, by category, at most 100 of each and of the last seven days.

Source: OKX API v5, "Get Order history (last 7 days)", whose filter is the order's category.
"""

from functools import partial
from typing import Any, Final

from adlrisk.positions.fills.source import (
    FillList,
    FillPage,
    FillsAsk,
    VenueFill,
    amount,
    closed_side,
    first_text,
    read_orders,
    time_of,
)
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_MOST: Final = 100


def _read(raw: Raw) -> VenueFill:
    return VenueFill(
        raw=raw,
        id=first_text(raw, "ordId"),
        at=time_of(raw, "fillTime", "uTime", "cTime"),
        symbol=first_text(raw, "instId"),
        reduced=closed_side(raw.get("posSide"), traded=raw.get("side")),
        size=amount(raw, "accFillSz"),
        price=positive(raw, "avgPx"),
    )


def _fetch(exchange: Any, ask: FillsAsk, *, category: str) -> FillPage:
    asked = {"instType": "SWAP", "category": category, "begin": str(ask.since), "limit": str(_MOST)}
    rows = exchange.privateGetTradeOrdersHistory(asked)["data"]
    return FillPage(read_orders(rows, _read), is_whole=len(rows) < _MOST)


OKX: Final = tuple(
    FillList(what=f"the orders of category {category}", fetch=partial(_fetch, category=category))
    for category in ("adl", "full_liquidation", "partial_liquidation")
)
