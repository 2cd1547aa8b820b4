"""Fills of Kraken's futures: the last 100 of all contracts, and those before a time.

Source: Kraken Futures API, "Get your fills" (lastFillTime).
"""

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
)
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_PAGE: Final = 100


def _read(exchange: Any, raw: Raw) -> VenueFill:
    at = exchange.parse8601(raw.get("fillTime"))
    if at is None:
        raise ValueError("a fill has no time")
    return VenueFill(
        raw=raw,
        id=first_text(raw, "fill_id"),
        at=float(at),
        symbol=first_text(raw, "symbol").upper(),
        reduced=reduced_by(raw.get("side")),
        size=amount(raw, "size"),
        price=positive(raw, "price"),
    )


def _fetch(exchange: Any, ask: FillsAsk) -> FillPage:
    def ask_page(cursor: Any) -> tuple[list[VenueFill], Any]:
        rows = exchange.privateGetFills({"lastFillTime": cursor} if cursor else {})["fills"]
        found = read_orders(rows, lambda raw: _read(exchange, raw))
        oldest = min(found, key=lambda fill: fill.at, default=None)
        is_last = len(rows) < _PAGE or oldest is None or oldest.at < ask.since
        newer = [fill for fill in found if fill.at >= ask.since]
        return newer, None if is_last or oldest is None else oldest.raw.get("fillTime")

    return fetch_pages(ask_page)


KRAKEN: Final = (FillList(what="the fills", fetch=_fetch),)
