"""Forced orders of Binance's futures: of all contracts in one request, at most 100 and of at most seven days.

Sources: Binance, "User's Force Orders" of USDⓈ-M and COIN-M futures; portfolio margin, "Query User's UM Force Orders"
and its CM sister. A user trade carries no mark.
"""

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
from adlrisk.positions.readers.binance import is_portfolio
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_MOST: Final = 100


def _read(raw: Raw) -> VenueFill:
    return VenueFill(
        raw=raw,
        id=first_text(raw, "orderId"),
        at=time_of(raw, "updateTime", "time"),
        symbol=first_text(raw, "symbol"),
        reduced=closed_side(raw.get("positionSide"), traded=raw.get("side")),
        size=amount(raw, "executedQty"),
        price=positive(raw, "avgPrice", "price"),
    )


def _fetch(exchange: Any, ask: FillsAsk, *, plain: str, portfolio: str) -> FillPage:
    """The list of the kind of account that the positions are of; of either kind while there are none."""
    asked = {"startTime": ask.since, "limit": _MOST}
    if any(is_portfolio(row.raw) for row in ask.rows):
        return _as_page(getattr(exchange, portfolio)(asked))
    page = _as_page(getattr(exchange, plain)(asked))
    if ask.rows or page.fills:
        return page
    try:
        return _as_page(getattr(exchange, portfolio)(asked))
    except Exception:  # noqa: BLE001 (most accounts have no portfolio margin)
        return page


def _as_page(rows: Any) -> FillPage:
    return FillPage(read_orders(rows, _read), is_whole=len(rows) < _MOST)


def _fetch_linear(exchange: Any, ask: FillsAsk) -> FillPage:
    return _fetch(exchange, ask, plain="fapiPrivateGetForceOrders", portfolio="papiGetUmForceOrders")


def _fetch_inverse(exchange: Any, ask: FillsAsk) -> FillPage:
    return _fetch(exchange, ask, plain="dapiPrivateGetForceOrders", portfolio="papiGetCmForceOrders")


BINANCE: Final = (FillList(what="the forced orders", fetch=_fetch_linear),)
BINANCE_COINM: Final = (FillList(what="the forced orders", fetch=_fetch_inverse),)
