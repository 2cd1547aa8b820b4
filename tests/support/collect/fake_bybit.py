"""A fake of Bybit. Shapes: repository bybit-exchange/docs, docs/v5."""

from typing import Any

from support.collect.fake_venue import FakeVenue, Now


class FakeBybit(FakeVenue):
    """BTCUSDT, linear, and BTCUSD, inverse."""

    venue = "bybit"
    stream_path = "/v5/public/linear"

    def initial_answers(self) -> dict[str, Any]:
        return {
            "/v5/market/time": _reply({"timeSecond": "1", "timeNano": "1"}),
            "/v5/market/instruments-info?category=linear": _reply(
                {"category": "linear", "list": [_instrument("BTCUSDT", "LinearPerpetual")], "nextPageCursor": ""}
            ),
            "/v5/market/instruments-info?category=inverse": _reply(
                {"category": "inverse", "list": [_instrument("BTCUSD", "InversePerpetual")], "nextPageCursor": ""}
            ),
            "/v5/market/instruments-info?category=linear&status=PreLaunch": _reply({"category": "linear", "list": []}),
            "/v5/market/instruments-info?category=inverse&status=PreLaunch": _reply(
                {"category": "inverse", "list": []}
            ),
            "/v5/market/tickers?symbol=BTCUSDT": _reply({"category": "linear", "list": [_ticker("BTCUSDT")]}),
            "/v5/market/tickers?symbol=BTCUSD": _reply({"category": "inverse", "list": [_ticker("BTCUSD")]}),
            "/v5/market/orderbook?symbol=BTCUSDT": _reply(
                {
                    "s": "BTCUSDT",
                    "b": [["59990.00", "2.000"], ["59700.00", "1.000"], ["59000.00", "50.000"]],
                    "a": [["60010.00", "1.500"], ["60300.00", "2.000"], ["61000.00", "50.000"]],
                    "ts": Now(),
                    "u": 5277055,
                }
            ),
            "/v5/market/orderbook?symbol=BTCUSD": _reply(
                {
                    "s": "BTCUSD",
                    "b": [["59990.00", "30000"], ["59700.00", "5000"], ["59000.00", "900000"]],
                    "a": [["60010.00", "20000"], ["60300.00", "10000"], ["61000.00", "900000"]],
                    "ts": Now(),
                    "u": 5277056,
                }
            ),
            "/v5/market/risk-limit?symbol=BTCUSDT": _reply(
                {
                    "category": "linear",
                    "list": [
                        _limit(1, "BTCUSDT", to="2000000", mmr="0.005", leverage="100.00", deduction=""),
                        _limit(2, "BTCUSDT", to="2600000", mmr="0.0056", leverage="90.00", deduction="1200"),
                        _limit(3, "BTCUSDT", to="3200000", mmr="0.0062", leverage="80.00", deduction="2760"),
                    ],
                }
            ),
            "/v5/market/risk-limit?symbol=BTCUSD": _reply(
                {
                    "category": "inverse",
                    "list": [
                        _limit(1, "BTCUSD", to="150", mmr="0.005", leverage="100.00", deduction="0"),
                        _limit(2, "BTCUSD", to="300", mmr="0.01", leverage="50.00", deduction="0.75"),
                    ],
                }
            ),
            "/v5/market/insurance": _reply(
                {
                    "updatedTime": Now(seconds=-60, text=True),
                    "list": [
                        {"coin": "USDT", "symbols": "WIFUSDT,AGIUSDT", "balance": "10002.5", "value": "10001.1"},
                        {"coin": "USDT", "symbols": "ETHUSDT,BTCUSDT", "balance": "902178.57602476", "value": "901898"},
                        {"coin": "BTC", "symbols": "BTCUSD", "balance": "61.73143554", "value": "3703886"},
                    ],
                }
            ),
            "/v5/market/adlAlert": _reply(
                {
                    "updatedTime": Now(seconds=-62, text=True),
                    "list": [
                        {
                            "coin": "USDT",
                            "symbol": "BTCUSDT",
                            "balance": "92203504694.99632",
                            "maxBalance": "",
                            "insurancePnlRatio": "-0.3",
                            "pnlRatio": "-0.260973",
                            "adlTriggerThreshold": "10000",
                            "adlStopRatio": "-0.25",
                        }
                    ],
                }
            ),
        }

    def reply_to(self, message: Any) -> list[Any]:
        pong = {"ret_msg": "pong", "op": "ping"}
        done = {"ret_msg": "", "op": "subscribe"}
        return [
            {
                "success": True,
                "conn_id": "1",
                "req_id": message.get("req_id"),
                **(pong if message["op"] == "ping" else done),
            }
        ]

    def liquidation(self, *, side: str, price: str, size: str, at: Any) -> Any:
        close = {"T": at, "s": "BTCUSDT", "S": {"long": "Buy", "short": "Sell"}[side], "v": size, "p": price}
        return {"topic": "allLiquidation.BTCUSDT", "type": "snapshot", "ts": at, "data": [close]}


def _reply(result: dict[str, Any]) -> dict[str, Any]:
    return {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": Now()}


def _instrument(symbol: str, contract_type: str) -> dict[str, Any]:
    linear = contract_type == "LinearPerpetual"
    return {
        "symbol": symbol,
        "contractType": contract_type,
        "status": "Trading",
        "baseCoin": "BTC",
        "quoteCoin": "USDT" if linear else "USD",
        "settleCoin": "USDT" if linear else "BTC",
        "launchTime": "1585526400000",
        "deliveryTime": "0",
        "priceScale": "2",
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": "0.10", "maxPrice": "1999999.80", "tickSize": "0.10"},
        # ccxt takes the smallest order, here 10, for the size of an inverse contract, which is 1.
        "lotSizeFilter": {
            "maxOrderQty": "1190.000",
            "minOrderQty": "0.001" if linear else "10",
            "qtyStep": "0.001" if linear else "1",
            "minNotionalValue": "5",
        },
        "unifiedMarginTrade": True,
        "fundingInterval": 480,
        "upperFundingRate": "0.00375",
        "lowerFundingRate": "-0.00375",
    }


def _ticker(symbol: str) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "lastPrice": "60003.00",
        "indexPrice": "59990.10",
        "markPrice": "60000.50",
        "openInterest": "373504108",  # of both sides
        "singleOpenInterest": "186752054",
        "openInterestValue": "22505.67",
        "fundingRate": "-0.001034",
        "nextFundingTime": Now(seconds=3600, text=True),
        "fundingIntervalHour": "4",
        "fundingCap": "0.005",
        "ask1Size": "1",
        "bid1Price": "59990.00",
        "ask1Price": "60010.00",
        "bid1Size": "1",
    }


def _limit(number: int, symbol: str, *, to: str, mmr: str, leverage: str, deduction: str) -> dict[str, Any]:
    return {
        "id": number,
        "symbol": symbol,
        "riskLimitValue": to,
        "maintenanceMargin": mmr,
        "initialMargin": f"{1.0 / float(leverage):.4f}",
        "isLowestRisk": 1 if number == 1 else 0,
        "maxLeverage": leverage,
        "mmDeduction": deduction,
    }
