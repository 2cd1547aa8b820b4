"""Orders of BloFin that have ended: of all contracts in pages of 100, newest first. Deals carry no mark.

Source: BloFin API, "Get Order History" (begin, after, limit; orderCategory).
"""

from typing import Any, Final

from adlrisk.positions.fills.source import (
    FillList,
    FillPage,
    FillsAsk,
    VenueFill,
    amount,
    closed_side,
    fetch_pages,
    first_text,
    read_orders,
    time_of,
)
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_PAGE: Final = 100


def _read(raw: Raw) -> VenueFill:
    return VenueFill(
        raw=raw,
        id=first_text(raw, "orderId"),
        at=time_of(raw, "updateTime", "createTime"),
        symbol=first_text(raw, "instId"),
        reduced=closed_side(raw.get("positionSide"), traded=raw.get("side")),
        size=amount(raw, "filledSize"),
        price=positive(raw, "averagePrice"),
    )


def _fetch(exchange: Any, ask: FillsAsk) -> FillPage:
    def ask_page(cursor: Any) -> tuple[list[VenueFill], Any]:
        more = {"after": cursor} if cursor else {}
        rows = exchange.privateGetTradeOrdersHistory({"begin": ask.since, "limit": _PAGE, **more})["data"]
        return read_orders(rows, _read), rows[-1].get("orderId") if len(rows) >= _PAGE else None

    return fetch_pages(ask_page)


BLOFIN: Final = (FillList(what="the orders that have ended", fetch=_fetch),)
