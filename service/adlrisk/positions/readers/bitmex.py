"""Reader of BitMEX, for positions that are at hand: the present ccxt does not support it.

Source: BitMEX REST API, "GET /position". Amounts are integers: satoshis (1e-8) of XBt, millionths of USDt.
"""

from collections.abc import Mapping
from typing import Final

from adlrisk.positions.readers.parsing import find_quanto, margin_mode_if, number, positive, side_of, size_of
from adlrisk.positions.readers.reader import Reader, Row, VenuePosition

_UNITS: Final[Mapping[object, float]] = {"XBt": 1e-8, "USDt": 1e-6}


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    quantity = number(raw, "currentQty")
    unit = _UNITS.get(raw.get("currency"))
    is_cross = raw.get("crossMargin")
    return VenuePosition(
        side=side_of(None, quantity),
        size=size_of(quantity),
        entry_price=positive(raw, "avgEntryPrice"),
        mark_price=positive(raw, "markPrice"),
        margin_mode=margin_mode_if(not is_cross) if isinstance(is_cross, bool) else None,
        contract=find_quanto(row.market),
        margin=_scale(number(raw, "posMargin"), unit) if is_cross is False else None,  # maintMargin has the profit too
        maintenance_margin=_scale(positive(raw, "posMaint"), unit),
        maintenance_rate=positive(raw, "maintMarginReq"),
        notional=size_of(_scale(number(raw, "markValue"), unit)),
        unrealized_pnl=_scale(number(raw, "unrealisedPnl"), unit),
        liquidation_price=positive(raw, "liquidationPrice"),
        adl_meter=number(raw, "deleveragePercentile"),
    )


def _scale(amount: float | None, unit: float | None) -> float | None:
    return None if amount is None or unit is None else amount * unit


BITMEX: Final = Reader(read=_read)
