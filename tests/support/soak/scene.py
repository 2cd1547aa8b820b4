"""The scene of a run: which venues stay the same, which one changes, and the records of their markets."""

import time
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import httpx
import msgspec

from adlrisk.domain.position.market import MaintenanceTier, MarketRecord
from adlrisk.library import catalogue
from adlrisk.venues.catalogue import Catalogue
from adlrisk.venues.market_records import Lookup, StoredRecord
from support.soak.faults import STORE_AWAY, FaultLog
from support.soak.histories import History
from support.soak.load.exchange import Answer

BUNDLED: Final = catalogue()
CHANGED: Final = "kucoin"  # the only venue whose card changes during a run
STILL: Final = tuple(venue for venue in BUNDLED if venue != CHANGED)
RECORDED: Final = "binance"  # its market records stay the same
MOVING: Final = "bybit"  # its market records change
SYMBOLS: Final = tuple(f"STILL{number}" for number in range(10))
MOVING_SYMBOLS: Final = tuple(f"MOVES{number}" for number in range(3))

_TTL_SECONDS: Final = 86_400.0
_RECOVERY_SECONDS: Final = 3.0  # after the store is back: a probe comes once a second
_LOOK_SECONDS: Final = 30.0


class Scene:
    """The times, records and histories of one run."""

    def __init__(self, faults: FaultLog) -> None:
        self.faults = faults
        now = datetime.now(UTC).replace(microsecond=0)
        self.observed_at = now - timedelta(minutes=10)
        self.as_of = (now - timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
        self.still = {symbol: self.record(number) for number, symbol in enumerate(SYMBOLS)}
        self.moving = {symbol: History(self.record(0), faults) for symbol in MOVING_SYMBOLS}
        self.override: History[dict[str, Any]] = History({}, faults)

    def show(self, port: int) -> None:
        """Have a replica look at all records, so that what it knows is a second old at most.

        Raises:
            HTTPStatusError: it does not find one.
        """
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30.0) as client:
            for venue, symbols in ((RECORDED, SYMBOLS), (MOVING, MOVING_SYMBOLS)):
                for symbol in symbols:
                    _look_at(client, f"/venues/{venue}/markets/{symbol}")

    def records(self, symbol: str, answer: Answer) -> list[Lookup]:
        """What ``answer`` may know of the record of ``symbol``."""
        known: list[Lookup] = []
        if symbol in self.still:
            known.append(self.still[symbol])
        else:
            known += self.moving[symbol].permitted(answer.sent_at, answer.over_at)
        return [*known, "unreadable"] if self._may_know_nothing(answer) else known

    def unknown(self, answer: Answer) -> list[Lookup]:
        """What ``answer`` may say of a symbol without record: absent, or that it could not find out."""
        faults = self.faults.overlapping(answer.sent_at - _RECOVERY_SECONDS, answer.over_at)
        return ["absent", "unreadable"] if faults & STORE_AWAY else ["absent"]

    def overrides(self, answer: Answer) -> list[dict[str, Any]]:
        """The overrides of the card that ``answer`` may use."""
        known = self.override.permitted(answer.sent_at, answer.over_at)
        return [*known, {}] if self._may_know_nothing(answer) else known

    def record(self, version: int) -> StoredRecord:
        """A record whose content encodes its version."""
        market = MarketRecord(
            funding_rate=round(1e-5 * (version + 1), 10),
            funding_interval_hours=float(1 + version % 8),
            liquidation_spike=version % 2 == 0,
            maintenance_tiers=(
                MaintenanceTier(up_to_notional=50_000.0, rate=0.004, amount=0.0),
                MaintenanceTier(up_to_notional=None, rate=0.005 + 0.0001 * (version % 10), amount=50.0),
            ),
        )
        return StoredRecord(
            market=market, observed_at=self.observed_at, source=f"version {version}", ttl_seconds=_TTL_SECONDS
        )

    def put_of(self, record: StoredRecord) -> dict[str, Any]:
        """The body of the request that puts a record."""
        market: dict[str, Any] = msgspec.to_builtins(record.market)
        observed_at = record.observed_at.isoformat()
        return {**market, "observed_at": observed_at, "source": record.source, "ttl_seconds": record.ttl_seconds}

    def venues(self, override: dict[str, Any]) -> Catalogue:
        """The catalogue with that override in force."""
        return BUNDLED.with_overrides({CHANGED: override}) if override else BUNDLED

    def _may_know_nothing(self, answer: Answer) -> bool:
        """Whether the answer may come from a replica that has not read the store since its start."""
        return "replica started without redis" in self.faults.overlapping(answer.sent_at, answer.over_at)


def _look_at(client: httpx.Client, path: str) -> None:
    """Get ``path``, with retries: on a busy machine the store may miss its deadline."""
    until = time.monotonic() + _LOOK_SECONDS
    response = client.get(path)
    while response.status_code == HTTPStatus.SERVICE_UNAVAILABLE and time.monotonic() < until:
        time.sleep(0.1)
        response = client.get(path)
    response.raise_for_status()
