"""What attackers send, and what the others beside them ask."""

import itertools
import json
import string
from collections.abc import Iterator
from typing import Any, Final

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
POLICIES: Final = (
    "venue",
    "pro_rata_size",
    "pro_rata_profit",
    "pro_rata_score",
    "risk_aware",
    "min_max_leverage",
)

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
_LETTERS: Final = string.digits + string.ascii_letters


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
    """A book to rank of as many positions, 20 bytes each."""
    return _dense({"venue": "bitmex", "mark_price": 1, "columns": _columns(count)})


def allocation(count: int) -> bytes:
    """The same book to allocate by all policies, each of which closes all of it."""
    bankrupt = {"side": "short", "size": count, "bankruptcy_price": 1.5}
    asked = {"bankrupt": bankrupt, "policies": POLICIES, "lot_size": 1}
    return _dense({"venue": "bitmex", "mark_price": 2, "columns": _columns(count), **asked})


def denormals(size: int) -> bytes:
    """A position of ``size`` bytes: one field again and again, with the number that takes longest to read."""
    position = json.dumps(_POSITION)[1:-1]
    repeated = '"maintenance_amount":3e-324,' * (size // 28)
    return f'{{"venue":"{VENUE}","position":{{{repeated}{position}}}}}'.encode()


def _columns(count: int) -> dict[str, list[Any]]:
    sides, ones = ["long"] * count, [1] * count
    ids = ["".join(letters) for letters in itertools.islice(_short_words(), count)]
    return {"id": ids, "side": sides, "size": ones, "entry_price": ones, "leverage": ones}


def _short_words() -> Iterator[tuple[str, ...]]:
    """All combinations of letters, the shortest first."""
    for length in itertools.count(1):
        yield from itertools.product(_LETTERS, repeat=length)


def _dense(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()
