"""Forced fills as the venues document their lists, asked for and read through the real ccxt.

The shapes are those of the venues' API pages and of the samples in ccxt 4.5.90; ids and figures are made up. What is
expected was written by hand.
"""

from typing import Any, Final

import pytest

from adlrisk.domain.rules.classification import FillClassifier
from adlrisk.library import catalogue
from adlrisk.positions.fills.every import FILL_LISTS
from adlrisk.positions.fills.forced import ForcedClose, judge_fills
from adlrisk.positions.fills.source import FillsAsk
from adlrisk.positions.readers.reader import Row
from support.positions.answered import CREDENTIALS, answered
from support.positions.samples.perpetuals import perpetual

SINCE: Final = 1_764_288_000_000  # 2025-11-28 00:00 UTC
AT: Final = SINCE + 60_000
SECONDS: Final = AT / 1000

BTC: Final = perpetual("BTCUSDT", "BTC/USDT:USDT")
Answers = dict[str, Any]


def list_closes(
    venue: str, answers: Answers, *, markets: tuple[dict[str, Any], ...] = (BTC,), rows: tuple[Row, ...] = ()
) -> tuple[list[ForcedClose], list[str]]:
    """What all lists of ``venue`` contain since ``SINCE``, and the paths that were asked for."""
    card = catalogue()[venue].rules
    exchange = answered(card.ccxt[0], list(markets), answers)
    pages = [one.fetch(exchange, FillsAsk(since=SINCE, rows=rows)) for one in FILL_LISTS[venue]]
    assert all(page.is_whole for page in pages)
    closes = judge_fills([fill for page in pages for fill in page.fills], FillClassifier(card.fills)).closes
    return list(closes), [path for _, path, _ in exchange.asked]


def close(kind: str, id_: str, side: str, **fields: Any) -> ForcedClose:
    """What the order or fill ``id_`` closed of the position of ``side``, at ``AT``."""
    symbol = fields.pop("symbol", "BTCUSDT")
    named = {"id": f"{kind}:{id_}:{symbol}:{side}", "at": SECONDS, "symbol": symbol, "side": side, "kind": kind}
    return ForcedClose(**{**named, **fields})


def force_order(**fields: Any) -> dict[str, Any]:
    return {
        "orderId": 6071832819,
        "symbol": "BTCUSDT",
        "status": "FILLED",
        "clientOrderId": "adl_autoclose",
        "price": "10871.09",
        "avgPrice": "10913.21000",
        "origQty": "0.001",
        "executedQty": "0.001",
        "cumQuote": "10.91321",
        "timeInForce": "IOC",
        "type": "LIMIT",
        "reduceOnly": False,
        "closePosition": False,
        "side": "SELL",
        "positionSide": "BOTH",
        "stopPrice": "0",
        "workingType": "CONTRACT_PRICE",
        "origType": "LIMIT",
        "time": AT - 43,
        "updateTime": AT,
        **fields,
    }


def test_binance_lists_forced_orders_of_all_contracts() -> None:
    """One request without a symbol; the client order id tells an ADL, and what was sold was long."""
    rows = [
        force_order(),
        force_order(orderId=7, clientOrderId="autoclose-1596107620040000020", side="BUY", positionSide="SHORT"),
        force_order(orderId=8, clientOrderId="settlement_autoclose-1"),
    ]
    closes, asked = list_closes("binance", {f"/fapi/v1/forceOrders#startTime={SINCE}": rows})
    assert closes == [
        close("adl", "6071832819", "long", size=0.001, price=10913.21),
        close("liquidation", "7", "short", size=0.001, price=10913.21),
    ]
    assert asked == ["/fapi/v1/forceOrders"]


@pytest.mark.parametrize(
    ("venue", "path", "is_portfolio"),
    [
        ("binance", "/papi/v1/um/forceOrders", True),
        ("binance_coinm", "/dapi/v1/forceOrders", False),
        ("binance_coinm", "/papi/v1/cm/forceOrders", True),
    ],
)
def test_binance_is_asked_for_the_account_that_has_the_positions(venue: str, path: str, *, is_portfolio: bool) -> None:
    """Coin-margined futures and portfolio margin have lists of their own."""
    raw = {"positionAmt": "1"} if is_portfolio else {"positionAmt": "1", "isolatedWallet": "0"}
    closes, asked = list_closes(venue, {path: [force_order()]}, rows=(Row(raw=raw, market=BTC),))
    assert closes == [close("adl", "6071832819", "long", size=0.001, price=10913.21)]
    assert asked == [path]


def test_binance_is_asked_for_both_accounts_while_there_are_no_positions() -> None:
    """What was taken whole while nobody watched leaves no position that tells the kind of the account."""
    path = "/papi/v1/um/forceOrders"
    closes, asked = list_closes("binance", {"/fapi/v1/forceOrders": [], path: [force_order()]})
    assert closes == [close("adl", "6071832819", "long", size=0.001, price=10913.21)]
    assert asked == ["/fapi/v1/forceOrders", path]
    closes, asked = list_closes("binance", {"/fapi/v1/forceOrders": [], path: {"code": -2015}})
    assert (closes, len(asked)) == ([], 2)


def execution(exec_type: str, **fields: Any) -> dict[str, Any]:
    return {
        "symbol": "BTCUSDT",
        "orderType": "UNKNOWN",
        "orderLinkId": "",
        "side": "Buy",
        "orderId": "8c065341",
        "leavesQty": "0",
        "execTime": str(AT),
        "isMaker": False,
        "execFee": "0",
        "execId": "e0cbe81d",
        "execPrice": "1190.15",
        "orderQty": "0.1",
        "execValue": "119.015",
        "execType": exec_type,
        "execQty": "0.1",
        "closedSize": "0.1",
        **fields,
    }


def test_bybit_lists_executions_of_every_type() -> None:
    """ADLs are no executions of type Trade, for which alone ccxt's fetch_my_trades asks."""
    rows = [
        execution("AdlTrade"),
        execution("AdlTrade", execId="e1", execQty="0.3", execPrice="1194.15"),
        execution("Trade", orderId="mine", execId="e2", createType="CreateByUser"),
        execution("Trade", orderId="laddered", execId="e3", createType="CreateByLiq", side="Sell"),
        execution("BustTrade", orderId="taken", execId="e4", side="Sell"),
        execution("Funding", orderId="", execId="e5"),
    ]
    answers = {
        "/v5/execution/list#category=linear": {"result": {"list": rows, "nextPageCursor": ""}},
        "/v5/execution/list#category=inverse": {"result": {"list": [], "nextPageCursor": ""}},
    }
    closes, asked = list_closes("bybit", answers)
    assert closes == [
        close("adl", "e0cbe81d", "short", size=0.1, price=1190.15),
        close("adl", "e1", "short", size=0.3, price=1194.15),
        close("liquidation", "e3", "long", size=0.1, price=1190.15),
        close("liquidation", "e4", "long", size=0.1, price=1190.15),
    ]
    assert len(asked) == 2


def test_okx_lists_orders_by_category() -> None:
    """Three requests, one a category; in net mode what was bought was short, else the order names the side."""

    def order(category: str, **fields: Any) -> dict[str, Any]:
        return {
            "accFillSz": "3",
            "avgPx": "60000",
            "category": category,
            "cTime": str(AT - 5),
            "fillTime": str(AT),
            "instId": "BTC-USDT-SWAP",
            "instType": "SWAP",
            "ordId": f"1{category}",
            "ordType": "market",
            "posSide": "net",
            "side": "buy",
            "state": "filled",
            "sz": "3",
            "uTime": str(AT + 9),
            **fields,
        }

    path = "/api/v5/trade/orders-history"
    answers = {
        f"{path}#category=adl&begin={SINCE}": {"code": "0", "data": [order("adl")]},
        f"{path}#category=full_liquidation": {
            "code": "0",
            "data": [order("full_liquidation", posSide="long", side="sell")],
        },
        f"{path}#category=partial_liquidation": {"code": "0", "data": []},
    }
    closes, asked = list_closes("okx", answers, markets=(perpetual("BTC-USDT-SWAP", "BTC/USDT:USDT", 0.01),))
    symbol = "BTC-USDT-SWAP"
    assert closes == [
        close("adl", "1adl", "short", symbol=symbol, size=3.0, price=60000.0),
        close("liquidation", "1full_liquidation", "long", symbol=symbol, size=3.0, price=60000.0),
    ]
    assert asked == [path] * 3


def bitget_fill(trade_side: str, order: str, **fields: Any) -> dict[str, Any]:
    return {
        "tradeId": f"t{order}",
        "symbol": "BTCUSDT",
        "orderId": order,
        "price": "37271.4",
        "baseVolume": "0.5",
        "feeDetail": [{"feeCoin": "USDT", "totalFee": "0"}],
        "side": "buy",
        "quoteVolume": "18635.7",
        "tradeSide": trade_side,
        "posMode": "hedge_mode",
        "tradeScope": "taker",
        "cTime": str(AT),
        **fields,
    }


def test_bitget_names_the_side_in_hedge_mode_and_the_trade_in_one_way_mode() -> None:
    """``side`` is not relied upon in hedge mode, where editions say different things of it."""
    fills = [
        bitget_fill("dte_sys_adl_close_long", "1"),
        bitget_fill("dte_sys_adl_buy_in_single_side_mode", "2"),
        bitget_fill("burst_close_short", "3"),
        bitget_fill("close", "4"),
    ]
    path = "/api/v2/mix/order/fill-history"
    nothing = {"data": {"fillList": None, "endId": None}}
    answers = {
        f"{path}#productType=USDT-FUTURES&startTime={SINCE}": {"data": {"fillList": fills, "endId": "9"}},
        path: nothing,
    }
    closes, asked = list_closes("bitget", answers)
    assert closes == [
        close("adl", "t1", "long", size=0.5, price=37271.4),
        close("adl", "t2", "short", size=0.5, price=37271.4),
        close("liquidation", "t3", "short", size=0.5, price=37271.4),
    ]
    assert asked == [path] * 3


def test_bitget_unified_account_tells_liquidations_by_its_orders() -> None:
    """Its fills carry no mark, and its orders none of an ADL: that is said, and an order like any other is no event."""

    def order(exec_type: str, id_: str) -> dict[str, Any]:
        return {
            "orderId": id_,
            "category": "USDT-FUTURES",
            "symbol": "BTCUSDT",
            "orderType": "market",
            "side": "sell",
            "qty": "0.25",
            "cumExecQty": "0.25",
            "avgPrice": "107005.4",
            "orderStatus": "filled",
            "posSide": "long",
            "holdMode": "hedge_mode",
            "reduceOnly": "NO",
            "createdTime": str(AT - 9),
            "updatedTime": str(AT),
            "execType": exec_type,
        }

    path = "/api/v3/trade/history-orders"
    answers = {
        f"{path}#category=USDT-FUTURES": {"data": {"list": [order("liquidation", "1"), order("normal", "2")]}},
        path: {"data": {"list": [], "cursor": None}},
    }
    rows = (Row(raw={"posSide": "long"}, market=BTC),)
    closes, asked = list_closes("bitget", answers, rows=rows)
    assert closes == [close("liquidation", "1", "long", size=0.25, price=107005.4)]
    assert asked == [path] * 3
    exchange = answered("bitget", [BTC], answers)
    page = FILL_LISTS["bitget"][0].fetch(exchange, FillsAsk(since=SINCE, rows=rows))
    assert page.not_told is not None
    assert "no ADL is told" in page.not_told


def test_gate_has_a_list_of_adls_and_one_of_liquidations() -> None:
    """A sale of 10 that leaves a long of 1 was an ADL of 10; a long of 600, of which 50 were left, lost 550."""
    adl = {
        "time": AT // 1000,
        "contract": "ACH_USDT",
        "order_id": 73873128,
        "user": 1666,
        "cross_leverage_limit": "0",
        "leverage": "0",
        "entry_price": "2649.648633636364",
        "fill_price": "2790.8082",
        "position_size": 1,
        "trade_size": -10,
    }
    liquidation = {
        "time": AT // 1000,
        "contract": "BTC_USDT",
        "size": 600,
        "leverage": "25",
        "entry_price": "3536.123",
        "liq_price": "3421.54",
        "order_id": 317393847,
        "order_price": "3405",
        "fill_price": "3424",
        "left": 50,
    }
    answers = {
        f"/futures/usdt/auto_deleverages#from={SINCE // 1000}": [adl],
        f"/futures/usdt/liquidates#from={SINCE // 1000}": [liquidation],
        "/futures/btc/auto_deleverages": [],
        "/futures/btc/liquidates": [],
    }
    closes, asked = list_closes("gate", answers)
    assert closes == [
        close("adl", "73873128", "long", symbol="ACH_USDT", size=10.0, price=2790.8082),
        close("liquidation", "317393847", "long", symbol="BTC_USDT", size=550.0, price=3424.0),
    ]
    assert len(asked) == 4


def test_kucoin_fills_tell_by_their_trade_type() -> None:
    """An ADL that bought was of a short; an own trade is none."""

    def fill(trade_type: str, order: str) -> dict[str, Any]:
        return {
            "symbol": "XBTUSDM",
            "tradeId": f"t{order}",
            "orderId": order,
            "side": "buy",
            "liquidity": "taker",
            "price": "8302",
            "size": 10,
            "orderType": "limit",
            "tradeType": trade_type,
            "createdAt": AT,
            "settleCurrency": "XBT",
            "tradeTime": AT * 1_000_000,
        }

    items = [fill("adl", "1"), fill("trade", "2"), fill("liquid", "3")]
    closes, _ = list_closes("kucoin", {f"/fills#startAt={SINCE}": {"data": {"items": items, "totalPage": 1}}})
    assert closes == [
        close("adl", "t1", "short", symbol="XBTUSDM", size=10.0, price=8302.0),
        close("liquidation", "t3", "short", symbol="XBTUSDM", size=10.0, price=8302.0),
    ]


def test_hyperliquid_tells_whose_liquidation_it_was() -> None:
    """A close against somebody else's liquidation is the user's own order."""

    def fill(direction: str, tid: int, **fields: Any) -> dict[str, Any]:
        return {
            "closedPnl": "0.19343",
            "coin": "ETH",
            "crossed": True,
            "dir": direction,
            "fee": "0.0",
            "hash": "0x0",
            "oid": tid,
            "px": "2381.0",
            "side": "B",
            "startPosition": "-3.0",
            "sz": "1.0",
            "tid": tid,
            "time": AT,
            **fields,
        }

    mine, other = CREDENTIALS["walletAddress"], "0x1"
    rows = [
        fill("Auto-Deleveraging", 1, liquidation={"liquidatedUser": other, "markPx": "2380", "method": "backstop"}),
        fill("Auto-Deleveraging", 2, px="2384.0", sz="2.0"),
        fill("Close Short", 3, liquidation={"liquidatedUser": other, "markPx": "2380", "method": "market"}),
        fill("Close Short", 4, coin="BTC", liquidation={"liquidatedUser": mine, "markPx": "2380", "method": "market"}),
        fill("Open Long", 5),
    ]
    eth = perpetual("1", "ETH/USDC:USDC", baseName="ETH")
    closes, _ = list_closes("hyperliquid", {"/info#userFillsByTime": rows}, markets=(eth,))
    *adls, liquidation = closes
    assert adls == [
        close("adl", "1", "short", symbol="ETH", size=1.0, price=2381.0),
        close("adl", "2", "short", symbol="ETH", size=2.0, price=2384.0),
    ]
    assert (liquidation.kind, liquidation.symbol, liquidation.size) == ("liquidation", "BTC", 1.0)


def test_mexc_lists_orders_by_category() -> None:
    """Side 2 closes a short, side 4 a long; what a filter lets through from before is left out."""

    def order(order_id: str, category: str, side: str, time: int = AT) -> dict[str, Any]:
        return {
            "orderId": order_id,
            "symbol": "STEPN_USDT",
            "positionId": "0",
            "price": "2.1",
            "vol": "102",
            "side": side,
            "category": category,
            "orderType": "5",
            "dealAvgPrice": "2.05",
            "dealVol": "102",
            "state": "3",
            "createTime": str(time),
            "updateTime": str(time),
        }

    path = "/order/list/history_orders"
    answers = {
        f"{path}#category=2": {"success": True, "data": [order("1", "2", "4")]},
        f"{path}#category=4": {"success": True, "data": [order("2", "4", "2"), order("3", "4", "2", SINCE - 1)]},
    }
    closes, asked = list_closes("mexc", answers)
    symbol = "STEPN_USDT"
    assert closes == [
        close("liquidation", "1", "long", symbol=symbol, size=102.0, price=2.05),
        close("adl", "2", "short", symbol=symbol, size=102.0, price=2.05),
    ]
    assert len(asked) == 2


def test_kraken_fills_have_a_leg_for_each_side_of_an_unwind() -> None:
    """The counterparty's is an ADL, the bankrupt's is its own liquidation; what is older is left out."""

    def fill(fill_type: str, order: str, at: str = "2025-11-28T00:01:00.000Z") -> dict[str, Any]:
        return {
            "fillTime": at,
            "order_id": order,
            "fill_id": f"f{order}",
            "symbol": "pf_xbtusd",
            "side": "buy",
            "size": 2,
            "price": 4255,
            "fillType": fill_type,
        }

    fills = [
        fill("unwindCounterparty", "1"),
        fill("unwindBankrupt", "2"),
        fill("partialLiquidation", "3"),
        fill("taker", "4"),
        fill("liquidation", "5", "2025-11-27T23:59:59.999Z"),
    ]
    closes, asked = list_closes("kraken", {"/fills": {"result": "success", "fills": fills}})
    symbol = "PF_XBTUSD"
    assert closes == [
        close("adl", "f1", "short", symbol=symbol, size=2.0, price=4255.0),
        close("liquidation", "f2", "short", symbol=symbol, size=2.0, price=4255.0),
        close("liquidation", "f3", "short", symbol=symbol, size=2.0, price=4255.0),
    ]
    assert len(asked) == 1


def test_deribit_has_liquidations_among_trades_and_adls_in_the_log() -> None:
    """0.02 BTC of contracts of 0.01 are 2; the role in the log tells whose leg it is."""
    market = perpetual("BTC_USDC-PERPETUAL", "BTC/USDC:USDC", 0.01)
    trade = {
        "trade_seq": 3,
        "trade_id": "T1",
        "timestamp": AT,
        "state": "filled",
        "price": 60000.0,
        "order_type": "liquidation",
        "order_id": "L1",
        "liquidity": "T",
        "instrument_name": "BTC_USDC-PERPETUAL",
        "direction": "sell",
        "amount": 0.02,
    }
    own = {**trade, "order_type": "limit", "order_id": "mine", "liquidation": "M"}
    row = {
        "id": 61312,
        "type": "ADL transfer",
        "role": "destination",
        "instrument_name": "BTC_USDC-PERPETUAL",
        "side": "close buy",
        "amount": 0.03,
        "price": 61000.0,
        "timestamp": AT,
    }
    answers = {
        "/get_user_trades_by_currency_and_time#currency=USDC": {"result": {"trades": [trade, own], "has_more": False}},
        "/get_user_trades_by_currency_and_time": {"result": {"trades": [], "has_more": False}},
        f"/get_transaction_log#currency=USDC&start_timestamp={SINCE}": {
            "result": {"logs": [row, {**row, "id": 61313, "role": "source"}, {"type": "trade"}], "continuation": None}
        },
        "/get_transaction_log": {"result": {"logs": [], "continuation": None}},
    }
    closes, asked = list_closes("deribit", answers, markets=(market,))
    symbol = "BTC_USDC-PERPETUAL"
    assert sorted(closes, key=lambda one: one.id) == [
        close("adl", "61312", "short", symbol=symbol, size=pytest.approx(3.0), price=61000.0),
        close("liquidation", "61313", "short", symbol=symbol, size=pytest.approx(3.0), price=61000.0),
        close("liquidation", "T1", "long", symbol=symbol, size=pytest.approx(2.0), price=60000.0),
    ]
    assert len(asked) == 4


def test_bingx_is_told_by_the_filter_of_the_request() -> None:
    """Its orders carry no mark: the list that they come from is one."""
    order = {
        "time": AT - 5,
        "symbol": "BTC-USDT",
        "side": "SELL",
        "type": "LIMIT",
        "positionSide": "LONG",
        "status": "FILLED",
        "price": "60000",
        "origQty": "0.5",
        "avgPrice": "60010",
        "executedQty": "0.5",
        "orderId": 77,
        "updateTime": AT,
    }
    path = "/trade/forceOrders"
    answers = {
        f"{path}#autoCloseType=ADL": {"code": 0, "data": {"orders": [order]}},
        f"{path}#autoCloseType=LIQUIDATION": {"code": 0, "data": {"orders": []}},
    }
    closes, _ = list_closes("bingx", answers, markets=(perpetual("BTC-USDT", "BTC/USDT:USDT"),))
    assert closes == [close("adl", "77", "long", symbol="BTC-USDT", size=0.5, price=60010.0)]


def test_dydx_fills_have_a_leg_for_each_side() -> None:
    """OFFSETTING is the holder's own ADL, DELEVERAGED the bankrupt's; a maker's fill of a liquidation is its own."""

    def fill(kind: str, id_: str, at: str = "2025-11-28T00:01:00.000Z") -> dict[str, Any]:
        return {
            "id": id_,
            "side": "BUY",
            "liquidity": "MAKER",
            "type": kind,
            "market": "BTC-USD",
            "marketType": "PERPETUAL",
            "price": "60000",
            "size": "0.5",
            "fee": "0",
            "createdAt": at,
            "createdAtHeight": "52228825",
            "orderId": None,
            "subaccountNumber": 0,
        }

    fills = [
        fill("OFFSETTING", "a"),
        fill("DELEVERAGED", "b"),
        fill("LIQUIDATION", "c"),
        fill("OFFSETTING", "d", "2025-11-27T23:59:59.999Z"),
    ]
    closes, asked = list_closes(
        "dydx", {"/fills/parentSubaccountNumber": {"fills": fills}}, markets=(perpetual("BTC-USD", "BTC/USDC:USDC"),)
    )
    assert closes == [
        close("adl", "a", "short", symbol="BTC-USD", size=0.5, price=60000.0),
        close("liquidation", "b", "short", symbol="BTC-USD", size=0.5, price=60000.0),
    ]
    assert len(asked) == 1


def test_blofin_orders_tell_by_their_category() -> None:
    """Of an account in hedge mode the order names the side."""

    def order(category: str, id_: str, **fields: str) -> dict[str, Any]:
        return {
            "orderId": id_,
            "clientOrderId": "",
            "instId": "LTC-USDT",
            "marginMode": "cross",
            "positionSide": "net",
            "side": "buy",
            "orderType": "market",
            "price": "0.000000000000000000",
            "size": "2.000000000000000000",
            "reduceOnly": "true",
            "state": "filled",
            "filledSize": "2.000000000000000000",
            "averagePrice": "68.110000000000000000",
            "createTime": str(AT - 89),
            "updateTime": str(AT),
            "orderCategory": category,
            **fields,
        }

    orders = [
        order("adl", "1"),
        order("partial_liquidation", "2", positionSide="long", side="sell"),
        order("normal", "3"),
        order("adl", "4", filledSize="0"),
    ]
    closes, _ = list_closes(
        "blofin",
        {f"/orders-history#begin={SINCE}": {"data": orders}},
        markets=(perpetual("LTC-USDT", "LTC/USDT:USDT"),),
    )
    assert closes == [
        close("adl", "1", "short", symbol="LTC-USDT", size=2.0, price=68.11),
        close("liquidation", "2", "long", symbol="LTC-USDT", size=2.0, price=68.11),
    ]
