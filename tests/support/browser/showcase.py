"""Positions and a book that the page is looked at with: a well-known one, others that are not, and a wrong one."""

import random
from typing import Final
from urllib.parse import urlencode

_AS_OF: Final = "2026-11-18T12:00:00Z"
# That of the README, openapi/examples/score.request.json.
WORKED_EXAMPLE: Final = {
    "venue": "binance",
    "symbol": "ETHUSDT",
    "side": "short",
    "size": "10",
    "entry_price": "2000",
    "mark_price": "1800",
    "margin": "1000",
    "maintenance_margin_rate": "0.01",
    "adl_meter": "3",
    "funding_rate": "0.0012",
    "liquidation_spike": "true",
    "as_of": _AS_OF,
}
# With all that the page asks for: fund, order book and open interest tell what would trigger an ADL.
ETH_SHORT: Final = {
    **WORKED_EXAMPLE,
    "margin_mode": "isolated",
    "adl_meter": "4",
    "size": "100",
    "margin": "10000",
    "lot_size": "0.001",
    "insurance_fund": "900000",
    "open_interest": "120000",
    "entries": "1760:0.1 1800:0.3 1850:0.25 1900:0.2 2000:0.15",
    "size_for_one_percent": "1200",
    "volatility": "0.9",
}
LITTLE_KNOWN: Final = {
    name: WORKED_EXAMPLE[name] for name in ("venue", "side", "size", "entry_price", "mark_price", "as_of")
}
WRONG: Final = {**WORKED_EXAMPLE, "size": "-3", "mark_price": "a lot", "adl_meter": "9"}
HEDGED: Final = {
    "venue": "okx",
    "symbol": "BTC-USDT-SWAP",
    "side": "long",
    "size": "1",
    "entry_price": "50000",
    "mark_price": "50000",
    "maintenance_margin_rate": "0.004",
    "settlement": "USDT",
    "wallet_balance": "1000",
    "hedge_side": "short",
    "hedge_size": "0.9",
    "hedge_entry_price": "50000",
    "hedge_maintenance_margin_rate": "0.004",
    "as_of": _AS_OF,
}


def address_of(fields: dict[str, str]) -> str:
    """The address of the page on this position."""
    return f"/page?{urlencode(fields)}"


def write_book(rows: int) -> str:
    """A book as CSV, the same for every run."""
    chance = random.Random(28)  # noqa: S311 (no secret)
    lines = ["id,side,size,entry_price,leverage"]
    for number in range(rows):
        side = "long" if number % 2 else "short"
        entry = round(chance.gauss(1900, 80), 2)
        lines.append(f"p{number},{side},{chance.randint(1, 400) / 10},{entry},{chance.choice((2, 5, 10, 20, 50))}")
    return "\n".join(lines) + "\n"
