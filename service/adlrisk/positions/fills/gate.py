"""ADLs and liquidations of Gate's perpetual futures: lists of their own, of all contracts that settle alike.

Sources: API v4, futures, "Query ADL auto-deleveraging order information", "Query liquidation history"; at most 100 of
each, from a time on.
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
    settles_in,
    time_of,
)
from adlrisk.positions.readers.parsing import number, positive
from adlrisk.positions.readers.reader import Raw

_MOST: Final = 100
_MILLISECONDS: Final = 1000.0


def _read_adl(raw: Raw) -> VenueFill:
    """``trade_size`` is what was traded, signed: a sale is that of a long."""
    traded = number(raw, "trade_size")
    return VenueFill(
        raw=raw,
        id=_name(raw),
        at=time_of(raw, "time") * _MILLISECONDS,
        symbol=first_text(raw, "contract"),
        reduced=_side_by_sign(None if traded is None else -traded),
        size=amount(raw, "trade_size"),
        price=positive(raw, "fill_price"),
        listed_as="adl",
    )


def _read_liquidation(raw: Raw) -> VenueFill:
    """``size`` is the position's, signed, of which ``left`` was not closed."""
    held, left = number(raw, "size"), amount(raw, "left")
    return VenueFill(
        raw=raw,
        id=_name(raw),
        at=time_of(raw, "time") * _MILLISECONDS,
        symbol=first_text(raw, "contract"),
        reduced=_side_by_sign(held),
        size=None if held is None else abs(held) - (left or 0.0),
        price=positive(raw, "fill_price"),
        listed_as="liquidation",
    )


def _name(raw: Raw) -> str:
    """Its order, else its time: the same row has the same one each time."""
    return first_text(raw, "order_id") or f"at {first_text(raw, 'time')}"


def _side_by_sign(size: float | None) -> Side | None:
    if not size:
        return None
    return "long" if size > 0.0 else "short"


def _fetch_adls(exchange: Any, ask: FillsAsk, *, settle: str) -> FillPage:
    rows = exchange.privateFuturesGetSettleAutoDeleverages(_describe(ask, settle))
    return FillPage(read_orders(rows, _read_adl), is_whole=len(rows) < _MOST)


def _fetch_liquidations(exchange: Any, ask: FillsAsk, *, settle: str) -> FillPage:
    rows = exchange.privateFuturesGetSettleLiquidates(_describe(ask, settle))
    return FillPage(read_orders(rows, _read_liquidation), is_whole=len(rows) < _MOST)


def _describe(ask: FillsAsk, settle: str) -> Raw:
    return {"settle": settle, "from": int(ask.since / _MILLISECONDS), "limit": _MOST}


GATE: Final = tuple(
    FillList(
        what=f"the {what} in {settle}",
        fetch=partial(fetch, settle=settle.lower()),
        covers=settles_in(settle),
    )
    for settle in ("USDT", "BTC")
    for what, fetch in (("ADLs", _fetch_adls), ("liquidations", _fetch_liquidations))
)
