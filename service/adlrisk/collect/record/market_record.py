"""What is known of one contract now, and the record that it makes."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from adlrisk.collect.adapters.observation import CallName, Finding
from adlrisk.collect.record.history import Trail
from adlrisk.collect.schedule import holds
from adlrisk.domain.position.market import MarketRecord
from adlrisk.venues.market_records import MarketKey, StoredRecord, decode_record, encode_record

SOURCE: Final = "collector"
WRITE_EVERY_SECONDS: Final = 10.0
LASTS_SECONDS: Final = 45.0  # after it was written: four writes, and the time that another takes over in

# What an hour changes little is no reason to call a record old.
_SLOW: Final[frozenset[CallName]] = frozenset({"contract", "tiers", "insurance", "adl", "clock"})


class MarketState:
    """The latest findings on one contract, each for as long as it holds. Moments are seconds since 1970."""

    def __init__(self, key: MarketKey, market: str, *, trail: Trail) -> None:
        self.key = key
        self.market = market
        self.trail = trail
        self._found: dict[CallName, tuple[float, Finding]] = {}

    def take(self, call: CallName, finding: Finding, *, now: float) -> None:
        """Take up what a call found."""
        self._found[call] = (now, finding)
        if finding.depths:
            self.trail.saw_depths(finding.depths, now=now)

    def record(self, *, now: float) -> StoredRecord | None:
        """The record of what holds now, observed when the oldest of its fast fields was; ``None``: nothing holds.

        Raises:
            UnreadableError: what was found makes no record.
        """
        held = sorted(
            (found_at, call, finding)
            for call, (found_at, finding) in self._found.items()
            if holds(call, found_at=found_at, now=now)
        )
        known = self._judged({call: finding for _, call, finding in held}, now)
        for _, _, finding in held:  # the latest last: a mark price comes with funding too
            known |= {name: value for name, value in _known_of(finding.market).items() if value is not None}
        if not known:
            return None
        observed_at = min((found_at for found_at, call, _ in held if call not in _SLOW), default=now)
        record = StoredRecord(
            market=MarketRecord(**known),
            observed_at=datetime.fromtimestamp(observed_at, UTC),
            source=SOURCE,
            ttl_seconds=now + LASTS_SECONDS - observed_at,
        )
        return decode_record(encode_record(record))  # within the bounds of what others may read

    def _judged(self, found: dict[CallName, Finding], now: float) -> dict[str, Any]:
        depth, adl = found.get("depth"), found.get("adl")
        judged = {
            "liquidation_spike": self.trail.liquidation_spike(now=now),
            "thin_liquidity": self.trail.thin_liquidity(depth.depths, now=now) if depth else None,
            "adl_trigger": self.trail.adl_trigger(adl.pool) if adl and adl.pool else None,
        }
        return {name: value for name, value in judged.items() if value is not None}


def _known_of(market: MarketRecord) -> dict[str, Any]:
    known = msgspec.structs.asdict(market)
    if not market.maintenance_tiers:
        del known["maintenance_tiers"]
    return known
