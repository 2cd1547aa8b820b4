"""Fills of KuCoin's futures: of all contracts in pages of 500, at most seven days. Source: "Get Trade History"."""

from typing import Any, Final

from adlrisk.positions.fills.source import (
    FillList,
    FillPage,
    FillsAsk,
    VenueFill,
    amount,
    fetch_pages,
    first_text,
    read_orders,
    reduced_by,
    time_of,
)
from adlrisk.positions.readers.kucoin import is_unified
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_PAGE: Final = 500
_UNIFIED: Final = "the fills of KuCoin's unified account carry no mark, so neither an ADL nor a liquidation is told"


def _read(raw: Raw) -> VenueFill:
    return VenueFill(
        raw=raw,
        id=first_text(raw, "tradeId"),
        at=time_of(raw, "createdAt"),
        symbol=first_text(raw, "symbol"),
        reduced=reduced_by(raw.get("side")),
        size=amount(raw, "size"),
        price=positive(raw, "price"),
    )


def _fetch(exchange: Any, ask: FillsAsk) -> FillPage:
    if any(is_unified(row.raw) for row in ask.rows):
        return FillPage([], not_told=_UNIFIED)

    def ask_page(cursor: Any) -> tuple[list[VenueFill], Any]:
        page = cursor or 1
        asked = {"startAt": ask.since, "pageSize": _PAGE, "currentPage": page}
        rows = exchange.futuresPrivateGetFills(asked)["data"]["items"]
        return read_orders(rows, _read), page + 1 if len(rows) >= _PAGE else None

    return fetch_pages(ask_page)


KUCOIN: Final = (FillList(what="the fills", fetch=_fetch),)
