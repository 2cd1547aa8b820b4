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
    fetch_back,
    first_text,
    reduced_by,
    written_time_of,
)
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_PAGE: Final = 100
_TIME: Final = "fillTime"


def _read(exchange: Any, raw: Raw) -> VenueFill:
    return VenueFill(
        raw=raw,
        id=first_text(raw, "fill_id"),
        at=written_time_of(exchange, raw, _TIME),
        symbol=first_text(raw, "symbol").upper(),
        reduced=reduced_by(raw.get("side")),
        size=amount(raw, "size"),
        price=positive(raw, "price"),
    )


def _fetch(exchange: Any, ask: FillsAsk) -> FillPage:
    def ask_rows(before: Any) -> list[Any]:
        rows: list[Any] = exchange.privateGetFills({"lastFillTime": before} if before else {})["fills"]
        return rows

    return fetch_back(ask, ask_rows, lambda raw: _read(exchange, raw), time=_TIME, page=_PAGE)


KRAKEN: Final = (FillList(what="the fills", fetch=_fetch),)
