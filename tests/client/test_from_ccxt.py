"""ccxt's positions as legs of the client's calls."""

from typing import Any

import pytest

from adlrisk.client import AsyncClient, Client
from adlrisk.positions import UnreadablePositionError, leg_from_ccxt
from positions.test_conversion import BTC_USDT
from support.client.both import WAYS, Way, connect
from support.running import RunningServer

OKX = {"posSide": "net", "pos": "-2", "avgPx": "100", "markPx": "110", "mgnMode": "cross", "upl": "-20", "adl": "4"}
POSITION: dict[str, Any] = {"symbol": "BTC/USDT:USDT", "info": OKX}


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_leg_is_that_of_the_positions_reader(client: type[Client | AsyncClient]) -> None:
    """With the same arguments and the same errors."""
    given: dict[str, Any] = {"market": BTC_USDT, "exchange": "okx"}
    assert client.from_ccxt(POSITION, **given) == leg_from_ccxt(POSITION, **given)
    assert client.from_ccxt(POSITION, **given, id_="mine").id == "mine"
    with pytest.raises(UnreadablePositionError, match="its size is zero"):
        client.from_ccxt({**POSITION, "info": {**OKX, "pos": "0"}}, **given)


@pytest.mark.parametrize("way", WAYS)
def test_leg_is_scored(server: RunningServer, way: Way) -> None:
    """It goes into a call as it is."""
    leg = Client.from_ccxt(POSITION, market=BTC_USDT, exchange="okx")
    with connect(way, server.url) as client:
        (scored,) = client.account(venue="okx", equity=500, positions=[leg]).positions
    assert (scored.id, scored.state.notional) == ("BTCUSDT short", 220.0)
