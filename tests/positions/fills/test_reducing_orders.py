"""Orders that can only reduce a position, as the real ccxt returns those of the venues' documented answers."""

from typing import Any

import ccxt
import pytest

from adlrisk.domain.position.position import Side
from adlrisk.positions.fills.reducing_orders import ReducingOrder, fetch_reducing_orders
from adlrisk.positions.readers.reader import Row
from adlrisk.positions.requests.credentials import Credentials
from adlrisk.positions.requests.venue_calls import VenueCalls
from support.positions.answered import answered
from support.positions.samples.perpetuals import perpetual

BTC = perpetual("BTCUSDT", "BTC/USDT:USDT")


class Orders:
    """A stub of ccxt's exchange whose open orders are those that are given."""

    def __init__(self, *orders: dict[str, Any]) -> None:
        self.orders, self.asked = orders, list[dict[str, Any]]()

    def fetch_open_orders(self, symbol: str, since: None, limit: None, parameters: dict[str, Any]) -> Any:
        assert (symbol, since, limit) == ("BTC/USDT:USDT", None, None)
        self.asked.append(parameters)
        return [] if parameters else list(self.orders)


def order(side: str = "sell", *, reduce_only: bool | None = None, **raw: Any) -> dict[str, Any]:
    """One of ccxt's orders with the venue's fields ``raw``."""
    return {
        "id": "1",
        "side": side,
        "amount": 3.0,
        "remaining": 2.0,
        "price": 90.0,
        "reduceOnly": reduce_only,
        "info": raw,
    }


def found(*orders: dict[str, Any], side: Side = "long", venue: str = "bybit") -> Any:
    exchange = Orders(*orders)
    return fetch_reducing_orders(exchange, VenueCalls(Credentials({})), venue=venue, market=BTC, side=side)


@pytest.mark.parametrize(
    ("one", "reduces"),
    [
        (order(reduce_only=True), True),
        (order(reduce_only=False), False),
        (order(), False),
        (order("buy", reduce_only=True), False),
        (order(reduceOnly="true"), True),
        (order(reduce_only=False, reduceOnly="true"), False),
        (order(is_reduce_only=True), True),
        (order(reduce_only=True, positionIdx=0), True),
        (order(positionIdx=1), True),
        (order(positionIdx=2), False),
        (order("buy", positionIdx=1), False),
        (order(positionSide="LONG"), True),
        (order(positionSide="BOTH", reduce_only=True), True),
        (order(positionSide="SHORT", reduce_only=True), False),
        (order(posSide="long", tradeSide="close"), True),
        (order("buy", posSide="long", tradeSide="close"), True),
        (order(posSide="long", tradeSide="open"), False),
    ],
)
def test_orders_that_can_only_reduce_a_long(one: dict[str, Any], *, reduces: bool) -> None:
    """By ccxt's flag, by the venue's where ccxt has none; in hedge mode by what trades against its own position."""
    assert bool(found(one)) is reduces


def test_amount_is_what_is_open() -> None:
    """Of 3, 1 has been filled; a price of 0 is none."""
    (one,) = found(order(reduce_only=True))
    assert one == ReducingOrder(id="1", side="sell", amount=2.0, price=90.0)
    (market,) = found({**order(reduce_only=True), "price": 0.0, "remaining": None})
    assert (market.amount, market.price) == (3.0, None)


def test_order_that_closes_whatever_is_left_is_not_listed() -> None:
    """It has no amount, and cannot be too large."""
    assert found({**order(reduce_only=True), "remaining": 0.0, "amount": 0.0}) == ()


def test_amounts_in_units_are_counted_in_contracts() -> None:
    """Deribit's amounts are in units: 0.02 are 2 contracts of 0.01."""
    market = perpetual("BTC_USDC-PERPETUAL", "BTC/USDT:USDT", 0.01)
    exchange = Orders({**order(reduce_only=True), "remaining": 0.02})
    (one,) = fetch_reducing_orders(  # type: ignore[misc]  # it is there
        exchange, VenueCalls(Credentials({})), venue="deribit", market=market, side="long"
    )
    assert one.amount == pytest.approx(2.0)


@pytest.mark.parametrize(("venue", "lists"), [("bybit", 1), ("binance", 2), ("bitget", 3), ("okx", 4)])
def test_conditional_orders_are_in_lists_of_their_own(venue: str, lists: int) -> None:
    """Stops and take-profits are what most often reduces; some venues have them in the list of all."""
    exchange = Orders()
    assert fetch_reducing_orders(exchange, VenueCalls(Credentials({})), venue=venue, market=BTC, side="long") == ()
    assert len(exchange.asked) == lists


@pytest.mark.parametrize(
    ("venue", "raw", "told"),
    [
        ("binance", {"positionAmt": "1"}, {"portfolioMargin": True}),
        ("binance", {"positionAmt": "1", "isolatedWallet": "0"}, {}),
        ("bitget", {"posSide": "long"}, {"uta": True}),
        ("bitget", {"holdSide": "long"}, {}),
    ],
)
def test_orders_are_those_of_the_account_that_has_the_positions(
    venue: str, raw: dict[str, Any], told: dict[str, bool]
) -> None:
    """Portfolio margin and the unified account have lists of their own, which ccxt has to be told, for each list."""
    exchange = Orders()
    rows = [Row(raw=raw, market=BTC)]
    calls = VenueCalls(Credentials({}))
    fetch_reducing_orders(exchange, calls, venue=venue, market=BTC, side="long", rows=rows)
    assert len(exchange.asked) > 1
    assert all(asked.items() >= told.items() for asked in exchange.asked)
    assert exchange.asked[0] == told


def test_list_that_fails_makes_orders_unknown() -> None:
    """A stop could be in it: nothing is said rather than too little."""

    class Failing(Orders):
        def fetch_open_orders(self, symbol: str, since: None, limit: None, parameters: dict[str, Any]) -> Any:
            if parameters:
                raise ccxt.ExchangeNotAvailable("down")
            return super().fetch_open_orders(symbol, since, limit, parameters)

    exchange = Failing(order(reduce_only=True))
    assert fetch_reducing_orders(exchange, VenueCalls(Credentials({})), venue="okx", market=BTC, side="long") is None


def test_binance_conditional_orders_are_read() -> None:
    """A stop of USDⓈ-M futures is an algo order, whose own fields are other ones; closePosition has no amount."""
    algo = {
        "algoId": 2146760,
        "clientAlgoId": "mine",
        "algoType": "CONDITIONAL",
        "orderType": "STOP_MARKET",
        "symbol": "BTCUSDT",
        "side": "SELL",
        "positionSide": "BOTH",
        "timeInForce": "GTC",
        "quantity": "0.5",
        "algoStatus": "NEW",
        "triggerPrice": "50000",
        "price": "0",
        "reduceOnly": True,
        "closePosition": False,
        "createTime": 1764288000000,
        "updateTime": 1764288000000,
    }
    closing = {**algo, "algoId": 2, "quantity": "0", "closePosition": True}
    answers = {"/fapi/v1/openOrders": [], "/fapi/v1/openAlgoOrders": [algo, closing]}
    exchange = answered("binanceusdm", [BTC], answers)
    orders = fetch_reducing_orders(exchange, VenueCalls(Credentials({})), venue="binance", market=BTC, side="long")
    assert orders == (ReducingOrder(id="2146760", side="sell", amount=0.5, price=None),)
