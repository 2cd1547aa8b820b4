"""Executions of Bybit: of all contracts of a category in pages of 100, at most seven days from the start.

Source: Bybit API v5, "Get Trade History". ccxt's fetch_my_trades asks for executions of type Trade only, among which
are no ADLs.
"""

from functools import partial
from typing import Any, Final

from adlrisk.positions.fills.source import (
    FillList,
    FillPage,
    FillsAsk,
    VenueFill,
    amount,
    fetch_pages,
    first_text,
    is_inverse,
    is_not_inverse,
    read_orders,
    reduced_by,
    time_of,
)
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_FORCED: Final = ("AdlTrade", "BustTrade")


def _read(raw: Raw) -> VenueFill | None:
    if raw.get("execType") == "Funding":  # a row of its own each eight hours
        return None
    return VenueFill(
        raw=raw,
        id=first_text(raw, "execId"),
        at=time_of(raw, "execTime"),
        symbol=first_text(raw, "symbol"),
        reduced=reduced_by(raw.get("side")),
        size=amount(raw, "execQty"),
        price=positive(raw, "execPrice"),
    )


def _fetch(exchange: Any, ask: FillsAsk, *, category: str) -> FillPage:
    """All executions; of an account that has more than can be paged, those that are surely forced beside."""
    page = _fetch_pages(exchange, {"category": category, "startTime": ask.since})
    if page.is_whole:
        return page
    forced = [
        fill
        for kind in _FORCED
        for fill in _fetch_pages(exchange, {"category": category, "startTime": ask.since, "execType": kind}).fills
    ]
    known = {fill.raw.get("execId") for fill in page.fills}
    return FillPage(page.fills + [fill for fill in forced if fill.raw.get("execId") not in known], is_whole=False)


def _fetch_pages(exchange: Any, asked: Raw) -> FillPage:
    def ask_page(cursor: Any) -> tuple[list[VenueFill], Any]:
        more = {"cursor": cursor} if cursor else {}
        result = exchange.privateGetV5ExecutionList({**asked, "limit": 100, **more})["result"]
        return read_orders(result["list"], _read), result.get("nextPageCursor")

    return fetch_pages(ask_page)


BYBIT: Final = tuple(
    FillList(what=f"the executions of {category} contracts", fetch=partial(_fetch, category=category), covers=covers)
    for category, covers in (("linear", is_not_inverse), ("inverse", is_inverse))
)
