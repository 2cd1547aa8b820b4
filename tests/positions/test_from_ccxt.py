"""One of ccxt's positions as a leg, by the command's readers."""

from typing import Any

import pytest

from adlrisk import Leg, UnknownVenueError
from adlrisk.positions import UnreadablePositionError, leg_from_ccxt
from positions.test_conversion import BTC_USDT

OKX = {"posSide": "net", "pos": "-2", "avgPx": "100", "markPx": "110", "mgnMode": "cross", "upl": "-20", "adl": "4"}


def leg_of(raw: dict[str, Any], exchange: str = "okx", **given: Any) -> Leg:
    return leg_from_ccxt({"symbol": "BTC/USDT:USDT", "info": raw}, market=BTC_USDT, exchange=exchange, **given)


def test_position_is_a_leg() -> None:
    """It has the venue's own figures, and an id of its contract and side unless one is given."""
    common: dict[str, Any] = {"side": "short", "size": 2, "entry_price": 100, "mark_price": 110, "adl_meter": 4}
    names: dict[str, Any] = {"symbol": "BTCUSDT", "underlying": "BTC", "settlement": "USDT"}
    assert leg_of(OKX) == Leg(id="BTCUSDT short", **common, **names)
    assert leg_of(OKX, id_="mine").id == "mine"
    isolated = leg_of({**OKX, "mgnMode": "isolated", "margin": "30"}, exchange="okx")
    assert (isolated.margin_mode, isolated.margin) == ("isolated", 30)


def test_what_a_position_lacks_is_given() -> None:
    """Mark prices of venues whose positions have none, and the account's mode; ccxt's ids name the exchange."""
    kraken = {"side": "long", "size": 2, "price": 100}
    assert leg_of(kraken, exchange="krakenfutures", mark_price=110.0).mark_price == 110
    bybit = {"side": "Buy", "size": "2", "avgPrice": "100", "markPrice": "110", "positionIM": "30"}
    mode = {"unifiedMarginStatus": 6, "marginMode": "ISOLATED_MARGIN"}
    assert leg_of(bybit, exchange="bybit", account=mode).margin == 30
    assert leg_of(bybit, exchange="bybit").margin is None


@pytest.mark.parametrize(
    ("raw", "exchange", "why"),
    [
        ({**OKX, "pos": "0"}, "okx", "its size is zero"),
        ({**OKX, "markPx": ""}, "okx", "no mark price"),
        ({**OKX, "upl": "50"}, "okx", "unrealized PnL of -20, but the venue's is 50"),
        ({}, "okx", "long or short"),
        (OKX, "gmx", "positions at gmx cannot be read"),
    ],
)
def test_position_that_is_no_leg_is_refused_with_the_reason(raw: dict[str, Any], exchange: str, why: str) -> None:
    """A leg that contradicts itself would make the account's sums wrong."""
    with pytest.raises(UnreadablePositionError, match=why):
        leg_of(raw, exchange=exchange)


def test_unknown_exchange_is_an_unknown_venue() -> None:
    """The error is the catalogue's."""
    with pytest.raises(UnknownVenueError):
        leg_of(OKX, exchange="nowhere")
