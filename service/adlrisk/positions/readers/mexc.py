"""Reader of MEXC.

Sources: contract API, "Get the user's current holding position", "Get all informations of user's asset", "Get contract
trend data". The ADL reading comes by web socket only.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from adlrisk.domain.position.position import MarginMode, Side
from adlrisk.positions.readers.isolated import leave_out_isolated
from adlrisk.positions.readers.parsing import find_row, number, positive
from adlrisk.positions.readers.reader import AccountEquity, Addition, Ask, Raw, Reader, Row, VenuePosition

_SIDES: Final[Mapping[float | None, Side]] = {1.0: "long", 2.0: "short"}
_MODES: Final[Mapping[float | None, MarginMode]] = {1.0: "isolated", 2.0: "cross"}


def _read(row: Row) -> VenuePosition:
    raw = row.raw
    mode = _MODES.get(number(raw, "openType"))
    return VenuePosition(
        side=_SIDES.get(number(raw, "positionType")),
        size=number(raw, "holdVol"),
        entry_price=positive(raw, "holdAvgPriceFullyScale", "holdAvgPrice"),
        mark_price=None,  # the fair price of the ticker
        margin_mode=mode,
        margin=number(raw, "im") if mode == "isolated" else None,
        liquidation_price=positive(raw, "liquidatePrice"),
    )


def _fetch_marks(exchange: Any, _: Sequence[Raw]) -> Mapping[str, Raw]:
    tickers = exchange.contractPublicGetTicker()["data"]
    return {ticker["symbol"].upper(): {"mark_price": ticker.get("fairPrice")} for ticker in tickers}


def _fetch_equity(exchange: Any, ask: Ask) -> AccountEquity | None:
    """The currency's equity, in which the isolated positions are."""
    asset = find_row(exchange.contractPrivateGetAccountAssets()["data"], "currency", ask.settle)
    return None if asset is None else leave_out_isolated(number(asset, "equity"), ask, _read)


MEXC: Final = Reader(
    read=_read,
    additions=(Addition(what="the fair prices", fetch=_fetch_marks),),
    fetch_equity=_fetch_equity,
    private_currencies=True,
)
