"""Reader of Phemex's contracts: settled in USDT, in USD and in coins.

Sources: hedged perpetual contracts, "query account positions with unrealized PnL"; contract REST, "query trading
account and positions"; unified trading account, "risk units". Fields whose names end with Ev, Ep or Er are scaled
integers and not read where the same figure has a field of its own.
"""

from typing import Any, Final

from adlrisk.domain.position.position import MarginMode
from adlrisk.positions.readers.parsing import number, positive, side_of
from adlrisk.positions.readers.reader import AccountEquity, Ask, Raw, Reader, Row, VenuePosition

_SCALE_OF_ER: Final = 1e8
_SHARED: Final = "MultiAssetContractCross"
_OF_ONE_ASSET: Final = "SingleAssetContractCross"


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    mode = _find_mode(raw)
    return VenuePosition(
        side=side_of(raw.get("side")),
        size=number(raw, "sizeRq", "size"),
        entry_price=positive(raw, "avgEntryPriceRp", "avgEntryPrice"),
        mark_price=positive(raw, "markPriceRp", "markPrice"),
        margin_mode=mode,
        # Without the profit; of a cross position it contains what the account shares.
        margin=positive(raw, "positionMarginRv", "positionMargin") if mode == "isolated" else None,
        maintenance_rate=positive(raw, "maintMarginReqRr", "maintMarginReq"),
        notional=positive(raw, "valueRv", "value"),
        unrealized_pnl=number(raw, "unRealisedPnlRv"),
        liquidation_price=positive(raw, "liquidationPriceRp", "liquidationPrice"),
        adl_meter=_find_reading(raw),
    )


def _find_mode(raw: Raw) -> MarginMode | None:
    """A leverage of 0 or below is cross, whatever ``crossMargin`` says."""
    leverage = number(raw, "leverageRr", "leverage")
    if leverage is None:
        return None
    return "cross" if leverage <= 0.0 else "isolated"


def _find_reading(raw: Raw) -> float | None:
    reading = number(raw, "deleveragePercentileRr", "deleveragePercentile")
    scaled = number(raw, "deleveragePercentileEr")
    return scaled / _SCALE_OF_ER if reading is None and scaled is not None else reading


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    """The equity of the unit of risk that the cross positions are in: of one currency, or of all in dollars."""
    units = exchange.privateGetUtaApiRiskRiskUnits()["data"]
    of_currency = {unit.get("riskType"): unit for unit in units if unit.get("currency") == ask.settle}
    unit = of_currency.get(_SHARED) or of_currency.get(_OF_ONE_ASSET) or {}
    equity = number(unit, "totalEquityRv")
    if equity is None:
        return None
    return AccountEquity(
        amount=equity,
        wallet_balance=number(unit, "totalBalanceRv"),
        maintenance_margin=number(unit, "totalPosMMRv"),
        in_dollars=unit["riskType"] == _SHARED,
    )


PHEMEX: Final = Reader(
    read=_read,
    fetch_equity=_fetch_equity,
    lists=({"settle": "USDT", "method": "privateGetGAccountsPositions"}, {"settle": "BTC"}, {"settle": "USD"}),
    coverage="contracts that settle in USDT, BTC and USD",
)
