"""Reader of BingX, which publishes neither maintenance margins nor ADL readings.

Sources: USDT-M perpetual, "Query position data", "Query account data", "Query Multi-Assets Mode" and "Mark Price and
Funding Rate"; Coin-M futures, "Query warehouse" and "Query Account Assets"; help page "Account Structure (Perpetual
Futures)".
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adlrisk.positions.readers.isolated import leave_out_isolated
from adlrisk.positions.readers.parsing import find_row, less, margin_mode_if, number, positive, side_of, size_of
from adlrisk.positions.readers.reader import AccountEquity, Addition, Ask, Raw, Reader, Row, VenuePosition

_ONE_ASSET: Final = "singleAssetMode"


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    amount, isolated = number(raw, "positionAmt"), raw.get("isolated")
    return VenuePosition(
        side=side_of(raw.get("positionSide"), amount if raw.get("positionSide") == "BOTH" else None),
        size=size_of(amount),
        entry_price=positive(raw, "avgPrice"),
        mark_price=positive(raw, "markPrice"),
        margin_mode=margin_mode_if(isolated),
        margin=_find_margin(row) if isolated is True else None,
        notional=positive(raw, "positionValue"),
        unrealized_pnl=number(raw, "unrealizedProfit"),
        liquidation_price=positive(raw, "liquidationPrice"),
        notes=_ADDED_MARGIN if isolated and "margin" not in raw else (),
    )


_ADDED_MARGIN: Final = ("its initial margin is taken for its margin: margin added by hand is not published",)


def _find_margin(row: Row) -> float | None:
    """The margin, which contains the unrealized PnL of a linear contract, and is only the initial one of an inverse."""
    margin = less(number(row.raw, "margin"), number(row.raw, "unrealizedProfit"))
    return number(row.raw, "initialMargin") if margin is None else margin


def _fetch_marks(exchange: Any, listed: Sequence[Raw]) -> Mapping[str, Raw]:
    """The mark prices of linear contracts, which not all positions have."""
    if all("markPrice" in row["info"] for row in listed):
        return {}
    marks = exchange.swapV2PublicGetQuotePremiumIndex()["data"]
    return {mark["symbol"].upper(): {"mark_price": mark.get("markPrice")} for mark in marks}


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    """The currency's equity, in which the isolated positions are."""
    inverse = any(row.market.get("inverse") for row in ask.rows if row.market.get("settle") == ask.settle)
    if not inverse and exchange.swapV1PrivateGetTradeAssetMode()["data"]["assetMode"] != _ONE_ASSET:
        return None  # other assets back the positions too, and what they count for together is not published
    answer = exchange.cswapV1PrivateGetUserBalance() if inverse else exchange.swapV3PrivateGetUserBalance()
    asset = find_row(answer["data"], "asset", ask.settle)
    return None if asset is None else leave_out_isolated(number(asset, "equity"), ask, _read)


BINGX: Final = Reader(
    read=_read,
    additions=(Addition(what="the mark prices", fetch=_fetch_marks),),
    fetch_equity=_fetch_equity,
    lists=({"subType": "linear"}, {"subType": "inverse"}),
    private_currencies=True,
)
