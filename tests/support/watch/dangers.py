"""Positions in each state, at a fake Binance with a service that has the contract's market record.

A short of 10 ETH from 2,000 at a mark of 1,600, isolated with 1,000: it has won 4,000, so the signal of profit fires (2
points). The meter fires at level 3 (2), the market record by its funding and its spike (2 each).
"""

from typing import Any, Final, Literal

import httpx

from support.positions.fake_venue import BinanceVenue
from support.running import WRITE_KEY, RunningServer

State = Literal["ok", "watch", "high"]
SCORES: Final[dict[State, int]] = {"ok": 2, "watch": 4, "high": 8}  # by the docstring
_METERS: Final[dict[State, int]] = {"ok": 1, "watch": 3, "high": 3}
_TTL_SECONDS: Final = 86_400.0


class Danger:
    """Sets the state of the position that a venue holds."""

    def __init__(self, venue: BinanceVenue, server: RunningServer) -> None:
        self._venue = venue
        self._server = server

    def set(self, state: State, *, size: float = 10.0, mark: float = 1600.0) -> None:
        """Let the position be in ``state`` from the next reading on."""
        meter = _METERS[state]
        self._venue.answers["/fapi/v1/adlQuantile"] = [
            {"symbol": "ETHUSDT", "adlQuantile": {"LONG": meter, "SHORT": meter, "BOTH": 0}}
        ]
        self._venue.hold("short", size, mark=mark)
        self.put_record(is_high=state == "high")

    def put_record(self, *, is_high: bool) -> None:
        """Let the service have a market record that is calm, or the opposite."""
        record: dict[str, Any] = {
            "funding_rate": -0.002 if is_high else 0.0001,
            "funding_interval_hours": 8,
            "liquidation_spike": is_high,
            "thin_liquidity": False,
            "ttl_seconds": _TTL_SECONDS,
        }
        url = f"{self._server.url}/venues/binance/markets/{self._venue.symbol}"
        httpx.put(url, json=record, headers={"authorization": f"Bearer {WRITE_KEY}"}).raise_for_status()
