"""Fake accounts at Binance, OKX and Bybit behind an HTTP server, in the documented shapes.

Private paths require the key and the signature of the venue's documentation, so that requests are checked as by the
venue.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Accepts = Callable[[str, str, Any], bool]  # of path, query and headers

_POLL_SECONDS = 0.01  # for shutdown
KEY, SECRET, PASSPHRASE = "read-only-KEY-0123456789abcdef", "SECRET/for+tests=0123456789", "pass phrase & more"

ETHUSDT = {
    "symbol": "ETHUSDT",
    "pair": "ETHUSDT",
    "contractType": "PERPETUAL",
    "status": "TRADING",
    "baseAsset": "ETH",
    "quoteAsset": "USDT",
    "marginAsset": "USDT",
    "pricePrecision": 2,
    "quantityPrecision": 3,
    "filters": [
        {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "100000", "tickSize": "0.01"},
        {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "10000", "stepSize": "0.001"},
    ],
}


def hedged(side: str, amount: str, *, entry: str, wallet: str, maintenance: str, pnl: str) -> dict[str, Any]:
    """A row of Binance's ``/fapi/v3/positionRisk`` in hedge mode with isolated margin, marked at 1,800."""
    return {
        "symbol": "ETHUSDT",
        "positionSide": side,
        "positionAmt": amount,
        "entryPrice": entry,
        "breakEvenPrice": entry,
        "markPrice": "1800",
        "unRealizedProfit": pnl,
        "liquidationPrice": "0",
        "isolatedMargin": str(float(wallet) + float(pnl)),
        "notional": str(float(amount) * 1800),
        "marginAsset": "USDT",
        "isolatedWallet": wallet,
        "initialMargin": "900",
        "maintMargin": maintenance,
        "positionInitialMargin": "900",
        "openOrderInitialMargin": "0",
        "adl": 0,
        "updateTime": 1763467200000,
    }


BINANCE: dict[str, Any] = {
    "/fapi/v1/exchangeInfo": {"symbols": [ETHUSDT], "rateLimits": [], "assets": []},
    "/fapi/v1/leverageBracket": [
        {
            "symbol": "ETHUSDT",
            "brackets": [
                {
                    "bracket": 1,
                    "initialLeverage": 75,
                    "notionalCap": 1000000,
                    "notionalFloor": 0,
                    "maintMarginRatio": 0.005,
                    "cum": 0,
                }
            ],
        }
    ],
    "/fapi/v3/positionRisk": [
        hedged("SHORT", "-10", entry="2000", wallet="1000", maintenance="90", pnl="2000"),
        hedged("LONG", "5", entry="1700", wallet="850", maintenance="45", pnl="500"),
    ],
    "/fapi/v1/adlQuantile": [{"symbol": "ETHUSDT", "adlQuantile": {"LONG": 1, "SHORT": 3, "BOTH": 0}}],
}
OKX: dict[str, Any] = {
    "/api/v5/public/instruments": {
        "code": "0",
        "data": [
            {
                "instType": "SWAP",
                "instId": "BTC-USDT-SWAP",
                "uly": "BTC-USDT",
                "instFamily": "BTC-USDT",
                "settleCcy": "USDT",
                "ctVal": "0.01",
                "ctMult": "1",
                "ctValCcy": "BTC",
                "ctType": "linear",
                "lever": "100",
                "tickSz": "0.1",
                "lotSz": "1",
                "minSz": "1",
                "state": "live",
                "alias": "",
            }
        ],
    },
    "/api/v5/account/positions": {
        "code": "0",
        "data": [
            {
                "instType": "SWAP",
                "instId": "BTC-USDT-SWAP",
                "mgnMode": "cross",
                "posSide": "net",
                "pos": "100",
                "avgPx": "50000",
                "markPx": "60000",
                "upl": "10000",
                "lever": "10",
                "imr": "6000",
                "mmr": "240",
                "margin": "",
                "notionalUsd": "60000",
                "adl": "4",
                "ccy": "USDT",
                "liqPx": "",
                "cTime": "1763467200000",
                "uTime": "1763467200000",
            }
        ],
    },
    "/api/v5/account/balance": {
        "code": "0",
        "data": [{"adjEq": "", "mmr": "", "details": [{"ccy": "USDT", "eq": "30000", "isoEq": "0", "mmr": "240"}]}],
    },
}


def build_okx_hedge(*, short_mark: str = "2400") -> dict[str, Any]:
    """The answers of OKX with a short of 100 ETH from 2,000 in the same account, marked at 2,400."""
    (btc,) = OKX["/api/v5/account/positions"]["data"]
    (listed,) = OKX["/api/v5/public/instruments"]["data"]
    names = {"instId": "ETH-USDT-SWAP", "uly": "ETH-USDT", "instFamily": "ETH-USDT", "ctVal": "0.1", "ctValCcy": "ETH"}
    short = {
        **btc,
        "instId": "ETH-USDT-SWAP",
        "posSide": "short",
        "pos": "1000",
        "avgPx": "2000",
        "markPx": short_mark,
        "upl": "-40000",
        "mmr": "1200",
        "notionalUsd": "240000",
        "adl": "1",
    }
    usdt = {"ccy": "USDT", "eq": "30000", "isoEq": "0", "mmr": "1440"}
    return {
        "/api/v5/public/instruments": {"code": "0", "data": [listed, {**listed, **names}]},
        "/api/v5/account/positions": {"code": "0", "data": [btc, short]},
        "/api/v5/account/balance": {"code": "0", "data": [{"adjEq": "", "mmr": "", "details": [usdt]}]},
    }


def binance_accepts(path: str, query: str, headers: Any) -> bool:
    """HMAC-SHA256 of the query, in hexadecimal, as its last parameter."""
    if path == "/fapi/v1/exchangeInfo":
        return True
    signed, _, signature = query.rpartition("&signature=")
    expected = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return headers["X-MBX-APIKEY"] == KEY and signature == expected


def okx_accepts(path: str, query: str, headers: Any) -> bool:
    """HMAC-SHA256 of time, method and path, in base 64, beside key and passphrase."""
    if path.startswith("/api/v5/public/"):
        return True
    signed = f"{headers['OK-ACCESS-TIMESTAMP']}GET{path}{'?' if query else ''}{query}"
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest()).decode()
    message = (headers["OK-ACCESS-KEY"], headers["OK-ACCESS-PASSPHRASE"], headers["OK-ACCESS-SIGN"])
    return message == (KEY, PASSPHRASE, expected)


def bybit_accepts(path: str, query: str, headers: Any) -> bool:
    """HMAC-SHA256 of time, key, window and query, in hexadecimal."""
    if path.startswith("/v5/market/"):
        return True
    signed = f"{headers['X-BAPI-TIMESTAMP']}{headers['X-BAPI-API-KEY']}{headers['X-BAPI-RECV-WINDOW']}{query}"
    expected = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest()
    return (headers["X-BAPI-API-KEY"], headers["X-BAPI-SIGN"]) == (KEY, expected)


class FakeAccount:
    """A venue on a free port. A path without an answer is 404, a bad signature 401.

    ``answers`` may be changed; bytes are sent unchanged, and a function is called with the query's parameters. With
    ``echo`` every private path is answered 400 with the request's URL and headers. ``failing`` says how the venue
    fails, if it does: a status with its answer; ``DOWN`` ends each connection; ``HANGING`` does not answer.
    """

    DOWN, HANGING = "down", "hanging"

    def __init__(self, answers: dict[str, Any], accepts: Accepts, *, echo: bool = False) -> None:
        self.answers, self.requests = dict(answers), list[str]()
        self.queries: list[tuple[str, dict[str, str]]] = []
        self.failing: str | tuple[int, Any] | None = None
        self.date: float | None = None  # by the venue's clock; None: the machine's
        self._accepts, self._echo = accepts, echo
        self._released = threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                fake.requests.append(url.path)
                if fake.failing == fake.HANGING:
                    fake._released.wait(30)
                if isinstance(fake.failing, str):
                    self.close_connection = True
                    return
                self.answer(*(fake.failing or fake._find_answer(self.path, self.headers)))

            def answer(self, status: int, message: Any) -> None:
                body = message if isinstance(message, bytes) else json.dumps(message).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def date_time_string(self, timestamp: float | None = None) -> str:
                """The time in the header ``Date``."""
                return super().date_time_string(fake.date if timestamp is None else timestamp)

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL_SECONDS,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _find_answer(self, target: str, headers: Any) -> tuple[int, Any]:
        """The status and the answer to a request for ``target``."""
        url = urlsplit(target)
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.queries.append((url.path, asked))
        if self._echo and self.is_private(url.path, self._accepts):
            return 400, {"code": -1, "msg": f"unreadable: {target} {dict(headers)}"}
        if not self._accepts(url.path, url.query, headers):
            return 401, {"code": "50113", "msg": "Invalid Sign"}
        if url.path == "/api/v5/public/instruments" and asked.get("instType", "SWAP") != "SWAP":
            return 200, {"code": "0", "data": []}
        if url.path not in self.answers:
            return 404, {"code": -1, "msg": "no such path"}
        found = self.answers[url.path]
        return 200, found(asked) if callable(found) else found

    @staticmethod
    def is_private(path: str, accepts: Accepts) -> bool:
        """Whether the path requires a signature."""
        return not accepts(path, "", dict.fromkeys(("X-MBX-APIKEY", *OKX_HEADERS, *BYBIT_HEADERS), ""))

    def release(self) -> None:
        """End the connections that hang."""
        self._released.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


OKX_HEADERS = ("OK-ACCESS-TIMESTAMP", "OK-ACCESS-KEY", "OK-ACCESS-PASSPHRASE", "OK-ACCESS-SIGN")
BYBIT_HEADERS = ("X-BAPI-TIMESTAMP", "X-BAPI-API-KEY", "X-BAPI-RECV-WINDOW", "X-BAPI-SIGN")
