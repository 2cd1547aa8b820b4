"""Raw fills, orders and log entries as the venues' APIs give them, and what they must be classified as.

Written from the venues' documents and from the sample payloads of ccxt's sources, not from the cards. Figures are made
up or rounded; of long objects the fields are kept that a rule could look at.
"""

from typing import Any

from msgspec import Struct


class Fill(Struct, frozen=True, kw_only=True):
    """A raw object of a venue's API and its kind."""

    source: str
    raw: dict[str, Any]
    kind: str = "unknown"
    side_of: str | None = None  # None where the documents do not tell whose leg it is
    noted: bool = False  # whether the answer must warn of something


def _fills(source: str, kind: str, *raw: dict[str, Any], side_of: str | None = None) -> tuple[Fill, ...]:
    return tuple(Fill(source=source, raw=one, kind=kind, side_of=side_of) for one in raw)


_BINANCE_ENUMS = "Binance API: order status; client order ids of the user data stream (ccxt 4.5.90, pro/binance.py)"
_BINANCE_ORDER = {"orderId": 6071832819, "status": "FILLED", "type": "LIMIT", "side": "SELL", "executedQty": "0.001"}
_BINANCE_EVENT = {"S": "SELL", "o": "LIMIT", "x": "TRADE", "X": "FILLED", "i": 8886774, "l": "0.001", "t": 7}


def _binance_fills(symbol: str) -> tuple[Fill, ...]:
    order, event = {"symbol": symbol, **_BINANCE_ORDER}, {"s": symbol, **_BINANCE_EVENT}
    return (
        *_fills(
            _BINANCE_ENUMS,
            "adl",
            {**order, "clientOrderId": "adl_autoclose"},
            {**event, "c": "adl_autoclose"},
            side_of="reduced",
        ),
        *_fills(
            _BINANCE_ENUMS,
            "liquidation",
            {**order, "clientOrderId": "autoclose-1596107620040000020"},
            {**event, "c": "autoclose-1596107620040000020"},
            side_of="bankrupt",
        ),
        *_fills(
            "Binance and Aster API: order status NEW_ADL, the liquidation against a counterparty",
            "adl",
            {**order, "status": "NEW_ADL"},
        ),
        *_fills(
            "userTrades carries no mark of a forced fill",
            "unknown",
            {"symbol": symbol, "id": 698759, "orderId": 25851813, "side": "SELL", "price": "7819.01", "qty": "0.002"},
            {**order, "clientOrderId": "autocloses-of-my-own"},
        ),
    )


_SETTLED_BY_BINANCE = _fills(
    _BINANCE_ENUMS, "settlement", {"s": "BTCUSDT", **_BINANCE_EVENT, "c": "settlement_autoclose-1"}
)

FILLS: dict[str, tuple[Fill, ...]] = {
    "binance": (*_binance_fills("BTCUSDT"), *_SETTLED_BY_BINANCE),
    "binance_coinm": _binance_fills("BTCUSD_PERP"),
    "aster": _binance_fills("BTCUSDT"),
    "okx": (
        *_fills(
            "OKX API: order category; types 9 and subtypes 125 to 128 of bills (ccxt 4.5.90, okx.py)",
            "adl",
            {"instId": "BTC-USDT-SWAP", "ordId": "1", "ordType": "market", "category": "adl", "state": "filled"},
            *(
                {"billId": "2", "instId": "BTC-USDT-SWAP", "type": "9", "subType": subtype}
                for subtype in ("125", "126", "127", "128")
            ),
            side_of="reduced",
        ),
        *_fills(
            "OKX API: order category; subtypes 100 to 107 of bills",
            "liquidation",
            {"instId": "BTC-USDT-SWAP", "ordId": "3", "category": "full_liquidation"},
            {"instId": "BTC-USDT-SWAP", "ordId": "4", "category": "partial_liquidation"},
            {"billId": "5", "instId": "BTC-USDT-SWAP", "type": "5", "subType": "100"},
            {"billId": "6", "instId": "BTC-USDT-SWAP", "type": "5", "subType": "104"},
            side_of="bankrupt",
        ),
        *_fills("OKX API: bills of type 8", "funding", {"billId": "7", "type": "8", "subType": "173"}),
        *_fills(
            "OKX API: category normal; subtypes 3 and 6, open long and close short",
            "own",
            {"instId": "BTC-USDT-SWAP", "ordId": "8", "category": "normal", "state": "filled"},
            {"billId": "9", "instId": "BTC-USDT-SWAP", "type": "2", "subType": "3"},
            {"instType": "SWAP", "tradeId": "10", "ordId": "11", "subType": "6", "execType": "T"},
        ),
        *_fills("values that nobody knows", "unknown", {"ordId": "12", "category": "unheard_of"}, {"ordId": "13"}, {}),
    ),
    "bybit": (
        *_fills(
            "bybit-exchange/docs, v5/enum.mdx: execType, createType, type of the transaction log",
            "adl",
            {"symbol": "BTCUSDT", "execId": "1", "execType": "AdlTrade", "execQty": "0.01"},
            {"symbol": "BTCUSDT", "orderId": "2", "orderStatus": "Filled", "createType": "CreateByAdl_PassThrough"},
            {"symbol": "BTCUSDT", "id": "3", "side": "Sell", "type": "ADL", "qty": "0.01"},
            side_of="reduced",
        ),
        *_fills(
            "the same: takeover and laddered liquidation; its executions are of type Trade",
            "liquidation",
            {"symbol": "BTCUSDT", "execId": "4", "execType": "BustTrade"},
            {"symbol": "BTCUSDT", "orderId": "5", "createType": "CreateByTakeOver_PassThrough"},
            {"symbol": "BTCUSDT", "execId": "6", "execType": "Trade", "createType": "CreateByLiq"},
            side_of="bankrupt",
        ),
        *_fills("the same", "own", {"symbol": "ETHPERP", "execType": "Trade", "createType": "CreateByUser"}),
        *_fills(
            "the same: SETTLEMENT of the transaction log is the settlement of funding",
            "funding",
            {"symbol": "BTCUSDT", "execType": "Funding"},
            {"symbol": "BTCUSDT", "type": "SETTLEMENT"},
        ),
        *_fills("the same", "delivery", {"symbol": "BTC-27NOV26", "execType": "Delivery"}),
        *_fills("the same: inverse futures", "settlement", {"symbol": "BTCUSDZ26", "execType": "Settle"}),
        *_fills(
            "the same: UNKNOWN of a classic account, and the stream execution.fast, which has no type",
            "unknown",
            {"symbol": "BTCUSDT", "execType": "UNKNOWN"},
            {"symbol": "BTCUSDT", "execType": "Trade"},  # of whose order it is not told
            {"symbol": "BTCUSDT", "execType": "Trade", "createType": "CreateByAdminClosing"},
            {"symbol": "BTCUSDT", "execType": "Trade", "createType": "CreateByTakeover"},
            {"category": "linear", "symbol": "ICPUSDT", "execId": "7", "execPrice": "12.015", "isMaker": False},
        ),
    ),
    "bitmex": (
        Fill(
            source="BitMEX API: execType Liquidation is that of a liquidation and of an auto-deleveraging",
            raw={"execID": "1", "symbol": "XBTUSD", "execType": "Liquidation", "lastQty": 100},
            kind="liquidation",
            noted=True,
        ),
        *_fills("BitMEX API: execType", "own", {"execID": "2", "symbol": "XBTUSD", "execType": "Trade"}),
        *_fills("BitMEX API: execType", "funding", {"execID": "3", "symbol": "XBTUSD", "execType": "Funding"}),
        *_fills("BitMEX API: execType", "settlement", {"execID": "4", "symbol": "XBTZ26", "execType": "Settlement"}),
        *_fills("an order that is no fill yet", "unknown", {"execID": "5", "symbol": "XBTUSD", "execType": "New"}),
    ),
    "mexc": (
        *_fills(
            "MEXC contract API: category of orders and deals, a number or (in ccxt's samples) a text",
            "adl",
            {"id": "1", "symbol": "BTC_USDT", "side": 4, "vol": "10", "category": 4},
            {"orderId": "2", "symbol": "STEPN_USDT", "category": "4", "orderType": "5"},
            side_of="reduced",
        ),
        *_fills(
            "MEXC contract API: system take-over and close delegate",
            "liquidation",
            {"id": "3", "symbol": "BTC_USDT", "category": 2},
            {"id": "4", "symbol": "BTC_USDT", "category": 3},
            side_of="bankrupt",
        ),
        *_fills("MEXC contract API", "own", {"id": "5", "symbol": "BTC_USDT", "category": 1}),
        *_fills("values that nobody knows", "unknown", {"id": "6", "category": 44}, {"id": "7", "symbol": "BTC_USDT"}),
    ),
    "bitget": (
        *_fills(
            "Bitget API v2: tradeSide of fills",
            "adl",
            *(
                {"tradeId": "1", "symbol": "BTCUSDT", "side": "sell", "tradeSide": side}
                for side in (
                    "dte_sys_adl_close_long",
                    "dte_sys_adl_close_short",
                    "dte_sys_adl_buy_in_single_side_mode",
                    "dte_sys_adl_sell_in_single_side_mode",
                )
            ),
            side_of="reduced",
        ),
        *_fills(
            "Bitget API v2: liquidation, partial liquidation and netting",
            "liquidation",
            *(
                {"tradeId": "2", "symbol": "BTCUSDT", "side": "sell", "tradeSide": side}
                for side in ("burst_close_long", "burst_sell_single", "reduce_close_short", "offset_close_long")
            ),
            side_of="bankrupt",
        ),
        *_fills(
            "Bitget API v2", "delivery", {"tradeId": "3", "symbol": "BTCUSDZ26", "tradeSide": "delivery_close_long"}
        ),
        *_fills(
            "Bitget API v2 and ccxt 4.5.90, bitget.py",
            "own",
            *({"tradeId": "4", "symbol": "BTCUSDT", "tradeSide": side} for side in ("open", "close", "buy_single")),
        ),
        *_fills(
            "values that nobody knows", "unknown", {"tradeId": "5", "tradeSide": "dte_unheard_of"}, {"tradeId": "6"}
        ),
    ),
    "gate": (
        *_fills(
            "Gate API: reserved order text; finish_as, finished by ADL",
            "adl",
            {"contract": "ADA_USDT", "id": 1, "text": "auto_deleveraging", "finish_as": "filled", "is_liq": False},
            {"contract": "ADA_USDT", "id": 2, "finish_as": "auto_deleveraged", "status": "finished"},
            side_of="reduced",
        ),
        *_fills(
            "Gate API: reserved order text",
            "liquidation",
            {"contract": "ADA_USDT", "id": 3, "text": "liquidation", "finish_as": "filled"},
            side_of="bankrupt",
        ),
        *_fills(
            "Gate API: t- begins a text of the user, web and api are where the order came from",
            "own",
            {"contract": "ADA_USDT", "id": 4, "text": "t-d18baf9ac44d82e2", "finish_as": "filled"},
            {"contract": "ADA_USDT", "id": 5, "text": "web", "finish_as": "filled"},
            {"contract": "ADA_USDT", "id": 6, "text": "api", "finish_as": "filled"},
            {"contract": "ADA_USDT", "id": 8, "text": "t-mine", "finish_as": "auto_deleveraged", "left": 4},
        ),
        *_fills("values that nobody knows", "unknown", {"id": 7, "text": "unheard_of"}, {"contract": "ADA_USDT"}),
    ),
    "kucoin": (
        *_fills(
            "KuCoin universal SDK: tradeType of the trade history",
            "adl",
            {"symbol": "XBTUSDTM", "tradeId": "1", "orderType": "limit", "tradeType": "adl"},
            side_of="reduced",
        ),
        *_fills("the same", "own", {"symbol": "XBTUSDTM", "tradeId": "2", "tradeType": "trade"}),
        *_fills("the same", "settlement", {"symbol": "XBTMZ26", "tradeId": "3", "tradeType": "settlement"}),
        *_fills(
            "values that nobody knows; FUTURES is the tradeType of orders of the unified account",
            "unknown",
            {"tradeId": "4", "tradeType": "unheard_of"},
            {"orderId": "5", "tradeType": "FUTURES"},
            {"symbol": "XBTUSDTM"},
        ),
    ),
    "kraken": (
        *_fills(
            "Kraken Futures API: fillType of fills, info of the account log",
            "adl",
            {"fill_id": "1", "symbol": "PF_XBTUSD", "side": "buy", "fillType": "unwindCounterparty"},
            {"booking_uid": "2", "asset": "btc", "info": "futures unwind counterparty"},
            side_of="reduced",
        ),
        *_fills(
            "the same",
            "adl",
            {"fill_id": "3", "symbol": "PF_XBTUSD", "side": "sell", "fillType": "unwindBankrupt"},
            {"booking_uid": "4", "asset": "btc", "info": "futures unwind bankrupt"},
            side_of="bankrupt",
        ),
        *_fills(
            "the same",
            "liquidation",
            {"fill_id": "5", "symbol": "PF_XBTUSD", "fillType": "liquidation"},
            {"fill_id": "6", "symbol": "PF_XBTUSD", "fillType": "partialLiquidation"},
            side_of="bankrupt",
        ),
        *_fills(
            "the same",
            "own",
            *(
                {"fill_id": "7", "symbol": "PF_XBTUSD", "fillType": kind}
                for kind in ("maker", "taker", "takerAfterEdit")
            ),
        ),
        *_fills("values that nobody knows", "unknown", {"fill_id": "8", "fillType": "unheard_of"}, {"fill_id": "9"}),
    ),
    "deribit": (
        *_fills(
            "docs.deribit.com, subscription user.liquidation: the receiving account",
            "adl",
            {"state": "adl_transfer_received", "instrument_name": "BTC_USDC-PERPETUAL", "amount": 0.01},
            side_of="reduced",
        ),
        *_fills(
            "the same: the account that is deleveraged",
            "adl",
            {"state": "adl_transfer", "instrument_name": "BTC_USDC-PERPETUAL", "amount": 0.01},
            side_of="bankrupt",
        ),
        *_fills(
            "the same: transferred to a participant of the liquidity support programme",
            "liquidation",
            {"state": "lsp_transfer", "instrument_name": "BTC_USDC-PERPETUAL", "amount": 0.01},
            side_of="bankrupt",
        ),
        *_fills(
            "LSP guide: type of the transaction log, of both accounts",
            "adl",
            {"id": 1, "type": "ADL transfer", "instrument_name": "BTC_USDC-PERPETUAL"},
        ),
        *_fills(
            "the same: stages of a liquidation are no fills",
            "unknown",
            {"state": "close_out_liquidation_started"},
            {"id": 2, "type": "unheard_of"},
            {},
        ),
    ),
    "phemex": (
        *_fills(
            "Phemex API: tradeType",
            "adl",
            {"symbol": "BTCUSD", "execQty": 700, "tradeType": "AdlTrade"},
            side_of="reduced",
        ),
        *_fills("Phemex API: tradeType", "own", {"symbol": "BTCUSD", "execQty": 700, "tradeType": "Trade"}),
        *_fills("Phemex API: tradeType", "funding", {"symbol": "BTCUSD", "tradeType": "Funding"}),
        *_fills("values that are no fill", "unknown", {"symbol": "BTCUSD", "tradeType": "Amend"}, {"symbol": "BTCUSD"}),
    ),
    "bingx": _fills(
        "BingX API: autoCloseType is a filter of forceOrders, its orders do not say which",
        "unknown",
        {"orderId": 1, "symbol": "BTC-USDT", "side": "SELL", "type": "LIMIT", "status": "FILLED"},
    ),
    "coinex": _fills(
        "CoinEx API: only the endpoint position-adl-history tells that its deals are of an ADL",
        "unknown",
        {"deal_id": 1, "market": "BTCUSDT", "side": "sell", "price": "1", "amount": "1", "role": "taker"},
    ),
    "hyperliquid": (
        *_fills(
            "fills of 2025-10-10: dir; each carries whose liquidation it served",
            "adl",
            {
                "coin": "HYPE",
                "px": "22.075",
                "sz": "1.0",
                "side": "B",
                "dir": "Auto-Deleveraging",
                "crossed": False,
                "fee": "0.0",
                "liquidation": {"liquidatedUser": "0x1", "markPx": "22.025", "method": "backstop"},
            },
            side_of="reduced",
        ),
        *_fills(
            "fills of 2025-10-10: dir of the bankrupt",
            "liquidation",
            {"coin": "HYPE", "dir": "Liquidated Cross Long", "fee": "0.0"},
            {"coin": "HYPE", "dir": "Liquidated Isolated Short", "fee": "0.0"},
            side_of="bankrupt",
        ),
        *_fills("ccxt 4.5.90, hyperliquid.py", "own", {"coin": "SOL", "dir": "Open Long", "crossed": True}),
        *_fills("values that nobody knows", "unknown", {"coin": "SOL", "dir": "Unheard Of"}, {"coin": "SOL"}),
    ),
    "dydx": (
        *_fills(
            "v4-chain, fill-types.ts: the offsetting subaccount, maker",
            "adl",
            {"id": "1", "side": "BUY", "liquidity": "MAKER", "type": "OFFSETTING", "fee": "0"},
            side_of="reduced",
        ),
        *_fills(
            "the same: the subaccount that was deleveraged, taker",
            "adl",
            {"id": "2", "side": "SELL", "liquidity": "TAKER", "type": "DELEVERAGED", "fee": "0"},
            side_of="bankrupt",
        ),
        *_fills(
            "the same: the liquidated subaccount, taker",
            "liquidation",
            {"id": "3", "side": "SELL", "liquidity": "TAKER", "type": "LIQUIDATED"},
            side_of="bankrupt",
        ),
        *_fills("the same", "own", {"id": "4", "side": "BUY", "liquidity": "TAKER", "type": "LIMIT"}),
        *_fills("values that nobody knows", "unknown", {"id": "5", "type": "UNHEARD_OF"}, {"id": "6"}),
    ),
    "gmx": (
        *_fills(
            "gmx-synthetics: event OrderExecuted, secondaryOrderType 1 is Adl",
            "adl",
            {"eventName": "OrderExecuted", "key": "0x1", "account": "0x2", "secondaryOrderType": 1},
            side_of="reduced",
        ),
        *_fills("values that nobody knows", "unknown", {"secondaryOrderType": 9}, {"eventName": "OrderExecuted"}),
    ),
    "paradex": (
        *_fills("ccxt 4.5.90, paradex.py", "own", {"id": "1", "market": "BTC-USD-PERP", "fill_type": "FILL"}),
        *_fills(
            "Paradex documentation: the transfers of a vault that is unwound are no auto-deleveraging",
            "transfer",
            {"id": "2", "market": "BTC-USD-PERP", "fill_type": "UNWIND_TRANSFER", "order_id": ""},
        ),
        *_fills("values that nobody knows", "unknown", {"id": "3", "fill_type": "UNHEARD_OF"}, {"id": "4"}),
    ),
    "lighter": (
        *_fills(
            "Lighter API: type of a trade, which names both accounts",
            "adl",
            {"trade_id": 1, "type": "deleverage", "ask_account_id": 20, "bid_account_id": 1077},
        ),
        *_fills("Lighter API", "own", {"trade_id": 2, "type": "trade", "ask_account_id": 20, "bid_account_id": 1077}),
        *_fills("Lighter API", "liquidation", {"trade_id": 3, "type": "liquidation", "ask_account_id": 20}),
        *_fills("values that nobody knows", "unknown", {"trade_id": 4, "type": "unheard_of"}, {"trade_id": 5}),
    ),
    "extended": (
        *_fills(
            "x10xchange/python_sdk: TradeType, of all trades of the market",
            "adl",
            {"id": 1, "market": "BTC-USD", "side": "BUY", "tradeType": "DELEVERAGE", "fee": "0"},
        ),
        *_fills("the same", "liquidation", {"id": 2, "market": "BTC-USD", "tradeType": "LIQUIDATION"}),
        *_fills("the same", "own", {"id": 3, "market": "BTC-USD", "tradeType": "TRADE"}),
        *_fills("values that nobody knows", "unknown", {"id": 4, "tradeType": "UNHEARD_OF"}, {"id": 5}),
    ),
    "whitebit": (
        *_fills(
            "whitebit-exchange/docs, concepts/auto-deleveraging: the source of the counterparty's order",
            "adl",
            {"orderId": 1, "clientOrderId": "adl_1", "source": "adl", "status": "FILLED", "reduceOnly": False},
            side_of="reduced",
        ),
        *_fills("values that nobody knows", "unknown", {"orderId": 2, "source": "unheard_of"}, {"orderId": 3}),
    ),
    "edgex": (
        *_fills("edgeX API: flag of orders", "adl", {"id": "1", "contractId": "10000001", "isDeleverage": True}),
        *_fills("values that nobody knows", "unknown", {"id": "2", "contractId": "10000001"}, {}),
    ),
    "backpack": (
        *_fills(
            "Backpack API: systemOrderType of fills",
            "adl",
            {"tradeId": 1, "symbol": "ETH_USDC_PERP", "systemOrderType": "LiquidatePositionOnAdl"},
        ),
        *_fills(
            "Backpack API: null is the absence of a mark",
            "unknown",
            {"tradeId": 2, "symbol": "ETH_USDC_PERP", "systemOrderType": None},
            {"tradeId": 3, "systemOrderType": "UnheardOf"},
        ),
    ),
    "pacifica": (
        *_fills(
            "docs.pacifica.fi, channel account_liquidations: adl names the profitable side that ADL closed",
            "adl",
            {"u": "42trU9A5...", "s": "BTC", "m": "adl", "d": "ask", "a": "0.25", "p": "64210", "i": None},
            side_of="reduced",
        ),
        *_fills(
            "docs.pacifica.fi: event of the balance history, of either side",
            "adl",
            {"amount": "1.5", "balance": "100", "event_type": "adl_liquidation"},
        ),
        *_fills(
            "docs.pacifica.fi, the same channel: every other value is a liquidation of the account",
            "liquidation",
            {"u": "42trU9A5...", "s": "BTC", "m": "market", "d": "bid", "a": "0.25", "p": "64210", "i": 7},
            side_of="bankrupt",
        ),
        *_fills("ccxt 4.5.90, pacifica.py", "own", {"symbol": "SOL", "side": "close_short", "cause": "normal"}),
        *_fills("values that nobody knows", "unknown", {"symbol": "SOL", "cause": "unheard_of"}, {"symbol": "SOL"}),
    ),
    "blofin": (
        *_fills(
            "BloFin API: orderCategory",
            "adl",
            {"orderId": "1", "instId": "BTC-USDT", "state": "filled", "orderCategory": "adl"},
            side_of="reduced",
        ),
        *_fills(
            "BloFin API: orderCategory",
            "liquidation",
            {"orderId": "2", "instId": "BTC-USDT", "orderCategory": "full_liquidation"},
            {"orderId": "3", "instId": "BTC-USDT", "orderCategory": "partial_liquidation"},
            side_of="bankrupt",
        ),
        *_fills("ccxt 4.5.90, blofin.py", "own", {"orderId": "4", "orderCategory": "normal"}),
        *_fills("values that nobody knows", "unknown", {"orderId": "5", "orderCategory": "unheard_of"}, {}),
    ),
    "delta": (
        *_fills("Delta Exchange API: fill_type", "adl", {"id": "1", "side": "sell", "size": 1, "fill_type": "adl"}),
        *_fills("Delta Exchange API: fill_type", "liquidation", {"id": "2", "fill_type": "liquidation"}),
        *_fills("Delta Exchange API: fill_type", "settlement", {"id": "3", "fill_type": "settlement"}),
        *_fills("Delta Exchange API: fill_type", "own", {"id": "4", "role": "taker", "fill_type": "normal"}),
        *_fills("values that nobody knows", "unknown", {"id": "5", "fill_type": "unheard_of"}, {"id": "6"}),
    ),
    "deribit_inverse": (
        *_fills(
            "Deribit API, schemas of user_trade, order and transaction_log: a liquidation's own order and trade",
            "liquidation",
            {"instrument_name": "BTC-PERPETUAL", "trade_id": "1", "order_type": "liquidation", "amount": 40.0},
            {"instrument_name": "BTC-PERPETUAL", "order_id": "2", "is_liquidation": True},
            side_of="bankrupt",
        ),
        *_fills(
            "the same: liquidation M, T or MT says which of the two orders was one",
            "liquidation",
            {"instrument_name": "BTC-PERPETUAL", "trade_id": "3", "liquidation": "T"},
        ),
        *_fills(
            "the same: an order of one's own, also where the other side of the trade was liquidated",
            "own",
            {"instrument_name": "BTC-PERPETUAL", "trade_id": "4", "order_type": "limit"},
            {"order_type": "limit", "liquidity": "M", "liquidation": "T"},
        ),
        *_fills("the same", "settlement", {"instrument_name": "BTC-PERPETUAL", "type": "settlement"}),
        *_fills("the same", "delivery", {"instrument_name": "BTC-25DEC26", "type": "delivery"}),
        *_fills("the same", "transfer", {"type": "transfer", "amount": 0.1}),
        *_fills("values that nobody knows", "unknown", {"order_type": "unheard_of"}, {"is_liquidation": False}, {}),
    ),
    "htx": (
        *_fills(
            "HTX linear swap API, swap_cross_order_detail and swap_cross_matchresults: order_type 22, order_source ADL",
            "adl",
            {"order_id": 1, "order_type": 22, "order_source": "ADL"},
            {"order_id": 2, "order_source": "ADL", "trade_volume": 1},
            side_of="reduced",
        ),
        *_fills(
            "the same: order_type 3; liquidation_type 1 to 3, 0 for none",
            "liquidation",
            {"order_id": 3, "order_type": 3, "order_source": "risk"},
            {"order_id": 4, "liquidation_type": "3", "order_source": "system"},
            side_of="bankrupt",
        ),
        *_fills("the same", "delivery", {"order_id": 5, "order_type": 4, "order_source": "settlement"}),
        *_fills("the same", "own", {"order_id": 6, "order_type": 1, "liquidation_type": "0", "order_source": "api"}),
        *_fills("values that nobody knows", "unknown", {"order_source": "system"}, {"order_type": 1}, {}),
    ),
    "cryptocom": (
        *_fills("journal types (ccxt 4.5.90, cryptocom.py)", "funding", {"journal_type": "FUNDING"}),
        *_fills("the same", "settlement", {"journal_type": "SESSION_SETTLE"}, {"journal_type": "DELIST"}),
        *_fills("TRADING may be a liquidation", "unknown", {"journal_type": "TRADING"}, {}),
    ),
}
