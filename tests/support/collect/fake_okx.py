"""A fake of OKX. Shapes: www.okx.com/docs-v5."""

from typing import Any

from support.collect.fake_venue import FakeVenue, Now


class FakeOkx(FakeVenue):
    """BTC-USDT-SWAP, of 0.01 BTC a contract, and BTC-USD-SWAP, of 100 USD."""

    venue = "okx"
    stream_path = "/ws/v5/public"

    def initial_answers(self) -> dict[str, Any]:
        bids = [["59990", "200", "0", "3"], ["59700", "100", "0", "1"], ["59000", "5000", "0", "9"]]
        asks = [["60010", "150", "0", "2"], ["60300", "200", "0", "2"], ["61000", "5000", "0", "9"]]
        return {
            "/api/v5/public/time": _answer([{"ts": Now(text=True)}]),
            "/api/v5/public/instruments": _answer([_instrument("BTC-USDT"), _instrument("BTC-USD")]),
            "/api/v5/public/funding-rate?instId=BTC-USDT-SWAP": _answer([_funding("BTC-USDT-SWAP")]),
            "/api/v5/public/funding-rate?instId=BTC-USD-SWAP": _answer([_funding("BTC-USD-SWAP")]),
            "/api/v5/public/mark-price?instId=BTC-USDT-SWAP": _answer([_mark("BTC-USDT-SWAP")]),
            "/api/v5/public/mark-price?instId=BTC-USD-SWAP": _answer([_mark("BTC-USD-SWAP")]),
            "/api/v5/public/open-interest?instId=BTC-USDT-SWAP": _answer([_interest("BTC-USDT-SWAP")]),
            "/api/v5/market/books-full?instId=BTC-USDT-SWAP": _answer(
                [{"bids": bids, "asks": asks, "ts": Now(text=True), "seqId": 1}]
            ),
            "/api/v5/market/books-full?instId=BTC-USD-SWAP": _answer(
                [{"bids": bids, "asks": asks, "ts": Now(text=True), "seqId": 1}]
            ),
            "/api/v5/public/position-tiers?tdMode=cross": _answer(_tiers("BTC-USDT") + _tiers("BTC-USD")),
            "/api/v5/public/position-tiers?tdMode=isolated": _answer(_tiers("BTC-USDT") + _tiers("BTC-USD")),
            "/api/v5/public/insurance-fund?instFamily=BTC-USDT": _answer([_fund("BTC-USDT", "USDT", "25000000.5")]),
            "/api/v5/public/insurance-fund?instFamily=BTC-USD": _answer([_fund("BTC-USD", "BTC", "800.25")]),
        }

    def reply_to(self, message: Any) -> list[Any]:
        if message == "ping":
            return ["pong"]
        return [{"event": message["op"], "arg": arg, "connId": "a4d3ae55"} for arg in message["args"]]

    def liquidation(self, *, side: str, price: str, size: str, at: Any) -> Any:
        detail = {
            "bkLoss": "0",
            "bkPx": price,
            "ccy": "",
            "posSide": side,
            "side": {"long": "sell", "short": "buy"}[side],
            "sz": size,
            "ts": at,
        }
        row = {
            "details": [detail],
            "instFamily": "BTC-USDT",
            "instId": "BTC-USDT-SWAP",
            "instType": "SWAP",
            "uly": "BTC-USDT",
        }
        return {"arg": {"channel": "liquidation-orders", "instType": "SWAP"}, "data": [row]}


def _answer(data: list[Any]) -> dict[str, Any]:
    return {"code": "0", "msg": "", "data": data}


def _instrument(family: str) -> dict[str, Any]:
    linear = family == "BTC-USDT"
    return {
        "instType": "SWAP",
        "instId": f"{family}-SWAP",
        "instFamily": family,
        "uly": family,
        "baseCcy": "",
        "quoteCcy": "",
        "settleCcy": "USDT" if linear else "BTC",
        "ctVal": "0.01" if linear else "100",
        "ctMult": "1",
        "ctValCcy": "BTC" if linear else "USD",
        "ctType": "linear" if linear else "inverse",
        "lotSz": "0.1" if linear else "1",
        "minSz": "0.1" if linear else "1",
        "tickSz": "0.1",
        "lever": "100",
        "state": "live",
        "listTime": "1611916828000",
        "expTime": "",
    }


def _funding(symbol: str) -> dict[str, Any]:
    return {
        "instId": symbol,
        "instType": "SWAP",
        "fundingRate": "0.0001875391284828",
        "fundingTime": "1700726400000",
        "nextFundingTime": "1700740800000",  # 4 hours on
        "nextFundingRate": "",
        "maxFundingRate": "0.00375",
        "minFundingRate": "-0.0075",
        "settState": "settled",
        "settFundingRate": "0.0001699799259033",
        "method": "current_period",
        "ts": Now(text=True),
    }


def _mark(symbol: str) -> dict[str, Any]:
    return {"instType": "SWAP", "instId": symbol, "markPx": "60000", "ts": Now(text=True)}


def _interest(symbol: str) -> dict[str, Any]:
    return {"instType": "SWAP", "instId": symbol, "oi": "2125419", "oiCcy": "21254.19", "ts": Now(text=True)}


def _tiers(family: str) -> list[dict[str, Any]]:
    rows = [("1", "0", "500", "0.004", "0.01", "100"), ("2", "501", "1500", "0.005", "0.0133", "75")]
    return [
        {
            "instFamily": family,
            "uly": family,
            "instId": "",
            "tier": tier,
            "minSz": least,
            "maxSz": most,
            "mmr": mmr,
            "imr": imr,
            "maxLever": lever,
            "optMgnFactor": "0",
            "quoteMaxLoan": "0",
            "baseMaxLoan": "0",
        }
        for tier, least, most, mmr, imr, lever in rows
    ]


def _fund(family: str, coin: str, balance: str) -> dict[str, Any]:
    def detail(balance: str, *, seconds: float) -> dict[str, Any]:
        return {
            "balance": balance,
            "amt": "",
            "ccy": coin,
            "type": "regular_update",
            "maxBal": "",
            "maxBalTs": "",
            "decRate": "",
            "adlType": "",
            "ts": Now(seconds=seconds, text=True),
        }

    return {
        "instType": "SWAP",
        "instFamily": family,
        "total": "1000000000",
        "details": [detail("1", seconds=-7200), detail(balance, seconds=-3600), detail("2", seconds=-10800)],
    }
