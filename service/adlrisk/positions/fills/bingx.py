"""Forced orders of BingX: of all contracts, by the filter that tells an ADL from a liquidation, at most 100 of each.

Sources: USDT-M perpetual, "User's Force Orders"; Coin-M futures, "Query force orders".
"""

from functools import partial
from typing import Any, Final

from adlrisk.positions.fills.source import (
    FillList,
    FillPage,
    FillsAsk,
    ForcedKind,
    VenueFill,
    amount,
    closed_side,
    first_text,
    is_not_inverse,
    read_orders,
    time_of,
)
from adlrisk.positions.readers.parsing import positive
from adlrisk.positions.readers.reader import Raw

_MOST: Final = 100
_FILTERS: Final[dict[str, ForcedKind]] = {"ADL": "adl", "LIQUIDATION": "liquidation"}


def _read(raw: Raw, kind: ForcedKind) -> VenueFill:
    return VenueFill(
        raw=raw,
        id=first_text(raw, "orderId"),
        at=time_of(raw, "updateTime", "time"),
        symbol=first_text(raw, "symbol"),
        reduced=closed_side(raw.get("positionSide"), traded=raw.get("side")),
        size=amount(raw, "executedQty"),
        price=positive(raw, "avgPrice", "price"),
        listed_as=kind,
    )


def _fetch(exchange: Any, ask: FillsAsk, *, name: str, close_type: str) -> FillPage:
    asked = {"autoCloseType": close_type, "startTime": ask.since, "limit": _MOST}
    data = getattr(exchange, name)(asked)["data"]
    rows = data.get("orders") or [] if isinstance(data, dict) else data
    kind = _FILTERS[close_type]
    return FillPage(read_orders(rows, lambda raw: _read(raw, kind)), is_whole=len(rows) < _MOST)


BINGX: Final = tuple(
    FillList(
        what=f"the forced orders of type {close_type}",
        fetch=partial(_fetch, name="swapV2PrivateGetTradeForceOrders", close_type=close_type),
        covers=is_not_inverse,
    )
    for close_type in _FILTERS
)
