"""What attackers send, and what the others beside them ask."""

import json
from typing import Any, Final

from support.large_books import allocation_request, rank_request

VENUE: Final = "binance"
SYMBOL: Final = "BTCUSDT"
RECORD: Final[dict[str, Any]] = {
    "funding_rate": 0.002,
    "funding_interval_hours": 8,
    "liquidation_spike": True,
    "thin_liquidity": True,
    "ttl_seconds": 600,
}
SCORE_WITH_RECORD: Final = 6  # funding, liquidations and thin liquidity are two points each

_HELD: Final = {
    "side": "short",
    "size": 1,
    "entry_price": 60000,
    "mark_price": 55000,
    "margin": 6000,
    "maintenance_margin_rate": 0.004,
    "adl_meter": 2,
}
_POSITION: Final = {"side": "long", "size": 1, "entry_price": 1, "mark_price": 1, "leverage": 1}


def request(path: str, body: bytes = b"", *, method: str = "POST", key: str = "", close: bool = False) -> bytes:
    """A request with its body, if any."""
    return head(path, f"content-length: {len(body)}" if body else "", method=method, key=key, close=close) + body


def head(path: str, *lines: str, method: str = "POST", key: str = "", close: bool = False) -> bytes:
    """Request line and headers."""
    authorization = f"authorization: Bearer {key}" if key else ""
    given = ["host: x", "content-type: application/json", authorization, "connection: close" if close else "", *lines]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *filter(None, given), "", ""]).encode()


def chunked_head(path: str) -> bytes:
    """The head of a request whose body comes in chunks."""
    return head(path, "transfer-encoding: chunked")


def chunks(count: int, *, of: bytes = b" ") -> bytes:
    """So many chunks, and no end."""
    return (b"%x\r\n%s\r\n" % (len(of), of)) * count


def market_path(symbol: str = SYMBOL) -> str:
    """Where its market record is."""
    return f"/venues/{VENUE}/markets/{symbol}"


def score(symbol: str = SYMBOL) -> bytes:
    """A score that needs the symbol's market record."""
    return _dense({"venue": VENUE, "symbol": symbol, "position": _HELD})


def unknown_symbols(count: int, *, prefix: str = "x") -> bytes:
    """A batch of as many symbols that nobody has ever put."""
    items = ({"venue": VENUE, "symbol": f"{prefix}{number}", "position": _POSITION} for number in range(count))
    return _dense({"items": list(items)})


def batch(count: int) -> bytes:
    """A batch of scores without symbols."""
    return _dense({"items": [{"venue": VENUE, "position": _POSITION}] * count})


def book(count: int) -> bytes:
    """A book of as many positions, 20 bytes each, to rank."""
    return _dense(rank_request(count))


def allocation(count: int) -> bytes:
    """The same book to allocate by all policies."""
    return _dense(allocation_request(count, layout="rows"))


def denormals(size: int) -> bytes:
    """A position of ``size`` bytes: one field again and again, with the number that takes longest to read."""
    position = json.dumps(_POSITION)[1:-1]
    repeated = '"maintenance_amount":3e-324,' * (size // 28)
    return f'{{"venue":"{VENUE}","position":{{{repeated}{position}}}}}'.encode()


def _dense(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()
