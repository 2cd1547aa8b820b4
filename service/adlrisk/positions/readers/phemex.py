"""Reader of Phemex's contracts, settled in USDT, USD and coins.

Sources: Phemex API, contract REST, "Query trading account and positions"; hedged contract REST, "Query account
positions", "Query account positions with unrealized PNL"; unified trading account REST, "Query risk unit". A real value
has the name with Rv, Rp, Rq or Rr in accounts in USDT, and none of these in others.
"""

from typing import Any, Final

from adlrisk.domain.position.position import MarginMode
from adlrisk.positions.readers.parsing import number, positive, side_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition

_SCALE_OF_ER: Final = 1e8  # the integer of a field whose name ends with Er is at this scale


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    mode = _find_mode(raw)
    return VenuePosition(
        side=side_of(raw.get("side")),
        size=number(raw, "sizeRq", "size"),
        entry_price=positive(raw, "avgEntryPriceRp", "avgEntryPrice"),
        mark_price=positive(raw, "markPriceRp", "markPrice"),
        margin_mode=mode,
        # Without the profit; of a cross position it is all that the account has free.
        margin=positive(raw, "positionMarginRv", "positionMargin") if mode == "isolated" else None,
        maintenance_rate=positive(raw, "maintMarginReqRr", "maintMarginReq"),
        notional=positive(raw, "valueRv", "value"),
        unrealized_pnl=number(raw, "unRealisedPnlRv"),
        liquidation_price=positive(raw, "liquidationPriceRp", "liquidationPrice"),
        adl_meter=_find_reading(raw),
    )


def _find_mode(raw: Raw) -> MarginMode | None:
    """A leverage of 0 or below is cross margin, whatever ``crossMargin`` says beside it."""
    leverage = number(raw, "leverageRr", "leverage", "leverageEr")
    is_cross = raw.get("crossMargin")
    if leverage is not None and leverage <= 0.0:
        return "cross"
    if leverage is None:
        return None if is_cross is None else "cross" if is_cross else "isolated"
    return None if is_cross else "isolated"


def _find_reading(raw: Raw) -> float | None:
    reading = number(raw, "deleveragePercentileRr", "deleveragePercentile")
    scaled = number(raw, "deleveragePercentileEr")
    return scaled / _SCALE_OF_ER if reading is None and scaled is not None else reading


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    """That of the unit of risk of all cross positions: of the currency, or of the whole account in dollars.

    Its margin ratio, by which it is liquidated, is its maintenance margin over its equity.
    """
    units: list[Raw] = exchange.privateGetUtaApiRiskRiskUnits()["data"]
    for unit in units:
        shared = unit.get("riskType") == "MultiAssetContractCross"
        if shared or (unit.get("riskType") == "SingleAssetContractCross" and unit.get("currency") == ask.settle):
            equity = number(unit, "totalEquityRv")
            if equity is None:
                return None
            return AccountEquity(
                amount=equity,
                wallet_balance=number(unit, "totalBalanceRv"),
                maintenance_margin=number(unit, "totalPosMMRv"),
                in_dollars=shared,
            )
    return None


PHEMEX: Final = Reader(
    read=_read,
    fetch_equity=_fetch_equity,
    # The costlier of two lists in USDT has the unrealized PnL, with which the figures are checked.
    lists=({"code": "USDT", "method": "privateGetGAccountsPositions"}, {"code": "USD"}, {"code": "BTC"}),
    coverage="contracts settled in USDT, USD and BTC",
)
