"""A fake of Binance's futures. Shapes: developers.binance.com, derivatives."""

from typing import Any

from support.collect.fake_venue import FakeVenue, Now


class FakeBinance(FakeVenue):
    """BTCUSDT, with an interval of its own, and ETHUSDT with the venue's."""

    venue = "binance"
    stream_path = "/market/ws/"

    def initial_answers(self) -> dict[str, Any]:
        return {
            "/fapi/v1/time": {"serverTime": Now()},
            "/fapi/v1/exchangeInfo": {
                "timezone": "UTC",
                "serverTime": Now(),
                "symbols": [_linear("BTC", step="0.001"), _linear("ETH", step="0.01")],
            },
            "/fapi/v1/premiumIndex?symbol=BTCUSDT": {
                "symbol": "BTCUSDT",
                "markPrice": "60000.50000000",
                "indexPrice": "59990.10000000",
                "estimatedSettlePrice": "59980.00000000",
                "lastFundingRate": "-0.00042000",
                "interestRate": "0.00010000",
                "nextFundingTime": Now(seconds=3600),
                "time": Now(),
            },
            "/fapi/v1/premiumIndex?symbol=ETHUSDT": {
                "symbol": "ETHUSDT",
                "markPrice": "3000.25000000",
                "lastFundingRate": "0.00010000",
                "nextFundingTime": Now(seconds=3600),
                "time": Now(),
            },
            "/fapi/v1/fundingInfo": [
                {
                    "symbol": "BTCUSDT",
                    "adjustedFundingRateCap": "0.02000000",
                    "adjustedFundingRateFloor": "-0.03000000",
                    "fundingIntervalHours": 4,
                    "disclaimer": False,
                }
            ],
            "/fapi/v1/depth": {
                "lastUpdateId": 1027024,
                "E": Now(),
                "T": Now(),
                "bids": [["59990.00", "2.000"], ["59700.00", "1.000"], ["59000.00", "50.000"]],
                "asks": [["60010.00", "1.500"], ["60300.00", "2.000"], ["61000.00", "50.000"]],
            },
            "/fapi/v1/symbolAdlRisk": {"symbol": "BTCUSDT", "adlRisk": "Medium", "updateTime": Now(seconds=-1200)},
            "/fapi/v1/openInterest": {"symbol": "BTCUSDT", "openInterest": "10659.509", "time": Now(seconds=-60)},
            "/fapi/v1/insuranceBalance": {
                "symbols": ["BTCUSDT", "ETHUSDT"],
                "assets": [
                    {"asset": "USDC", "marginBalance": "299999998.6497832", "updateTime": Now(seconds=-3600)},
                    {"asset": "USDT", "marginBalance": "793930579.315848", "updateTime": Now(seconds=-3600)},
                ],
            },
        }

    def reply_to(self, message: Any) -> list[Any]:
        return [{"result": None, "id": message["id"]}]

    def liquidation(self, *, side: str, price: str, size: str, at: Any) -> Any:
        return _force_order("BTCUSDT", side=side, price=price, size=size, at=at)


class FakeBinanceCoinM(FakeVenue):
    """BTCUSD_PERP, of 100 USD a contract, and ETHUSD_PERP, of 10 and with an interval of its own."""

    venue = "binance_coinm"
    stream_path = "/ws/"

    def initial_answers(self) -> dict[str, Any]:
        return {
            "/dapi/v1/time": {"serverTime": Now()},
            "/dapi/v1/exchangeInfo": {
                "timezone": "UTC",
                "serverTime": Now(),
                "symbols": [_inverse("BTC", size=100), _inverse("ETH", size=10)],
            },
            "/dapi/v1/premiumIndex?symbol=BTCUSD_PERP": [_premium("BTC", mark="60000.50000000")],
            "/dapi/v1/premiumIndex?symbol=ETHUSD_PERP": [_premium("ETH", mark="3000.25000000")],
            "/dapi/v1/fundingInfo": [
                {
                    "symbol": "ETHUSD_PERP",
                    "adjustedFundingRateCap": "0.02500000",
                    "adjustedFundingRateFloor": "-0.02500000",
                    "fundingIntervalHours": 4,
                    "disclaimer": False,
                }
            ],
            "/dapi/v1/openInterest": {
                "symbol": "BTCUSD_PERP",
                "pair": "BTCUSD",
                "openInterest": "15004",
                "contractType": "PERPETUAL",
                "time": Now(seconds=-60),
            },
            "/dapi/v1/depth": {
                "lastUpdateId": 16769853,
                "symbol": "BTCUSD_PERP",
                "pair": "BTCUSD",
                "E": Now(),
                "T": Now(),
                "bids": [["59990.0", "300"], ["59700.0", "50"], ["59000.0", "9000"]],
                "asks": [["60010.0", "200"], ["60300.0", "100"], ["61000.0", "9000"]],
            },
        }

    def reply_to(self, message: Any) -> list[Any]:
        return [{"result": None, "id": message["id"]}]

    def liquidation(self, *, side: str, price: str, size: str, at: Any) -> Any:
        return _force_order("BTCUSD_PERP", side=side, price=price, size=size, at=at)


def _force_order(symbol: str, *, side: str, price: str, size: str, at: Any) -> Any:
    order = {
        "s": symbol,
        "S": {"long": "SELL", "short": "BUY"}[side],
        "o": "LIMIT",
        "f": "IOC",
        "q": "9.999",
        "p": "1.00",
        "ap": price,
        "X": "FILLED",
        "l": "0.001",
        "z": size,
        "T": at,
    }
    return {"e": "forceOrder", "E": at, "o": order}


def _linear(base: str, *, step: str) -> dict[str, Any]:
    return {
        "symbol": f"{base}USDT",
        "pair": f"{base}USDT",
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000,
        "status": "TRADING",
        "baseAsset": base,
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": 2,
        "quantityPrecision": 3,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.10", "maxPrice": "1000000", "tickSize": "0.10"},
            {"filterType": "LOT_SIZE", "minQty": step, "maxQty": "1000", "stepSize": step},
            {"filterType": "MARKET_LOT_SIZE", "minQty": step, "maxQty": "120", "stepSize": step},
        ],
    }


def _premium(base: str, *, mark: str) -> dict[str, Any]:
    return {
        "symbol": f"{base}USD_PERP",
        "pair": f"{base}USD",
        "markPrice": mark,
        "lastFundingRate": "0.00010000",
        "nextFundingTime": Now(seconds=3600),
        "time": Now(),
    }


def _inverse(base: str, *, size: int) -> dict[str, Any]:
    return {
        "symbol": f"{base}USD_PERP",
        "pair": f"{base}USD",
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": 1597042800000,
        "contractStatus": "TRADING",
        "contractSize": size,
        "baseAsset": base,
        "quoteAsset": "USD",
        "marginAsset": base,
        "pricePrecision": 1,
        "quantityPrecision": 0,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "1000", "maxPrice": "4520958", "tickSize": "0.1"},
            {"filterType": "LOT_SIZE", "minQty": "1", "maxQty": "1000000", "stepSize": "1"},
        ],
    }
