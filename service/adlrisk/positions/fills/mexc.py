"""Forced orders of MEXC's futures: of all contracts, by category, at most 100 of each.

Source: MEXC futures API, "Get all of the user's historical orders", whose filter is the order's category.
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
    first_text,
    read_orders,
    time_of,
)
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_MOST: Final = 100
# 2 takes a position over, 3 closes what was taken over and is no second loss of the account, 4 is an ADL.
_CATEGORIES: Final = {"2": "the liquidations", "4": "the ADLs"}
_SIDES: Final[dict[str, Side]] = {"2": "short", "4": "long"}  # 2: close short, 4: close long


def _read(raw: Raw) -> VenueFill:
    return VenueFill(
        raw=raw,
        id=first_text(raw, "orderId", "id"),
        at=time_of(raw, "updateTime", "createTime"),
        symbol=first_text(raw, "symbol"),
        reduced=_SIDES.get(first_text(raw, "side")),
        size=amount(raw, "dealVol"),
        price=positive(raw, "dealAvgPrice", "price"),
    )


def _fetch(exchange: Any, ask: FillsAsk, *, category: str) -> FillPage:
    asked = {"category": category, "start_time": ask.since, "page_num": 1, "page_size": _MOST}
    rows = exchange.contractPrivateGetOrderListHistoryOrders(asked)["data"]
    # What the venue does with a filter that it does not know is not documented.
    found = [fill for fill in read_orders(rows, _read) if fill.at >= ask.since]
    return FillPage(found, is_whole=len(rows) < _MOST)


MEXC: Final = tuple(
    FillList(what=what, fetch=partial(_fetch, category=category)) for category, what in _CATEGORIES.items()
)
