"""The builder of a contract's market record from its latest observations."""

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from adlrisk.collect.adapters.observation import CallName, Observation
from adlrisk.collect.record.history import MarketHistory
from adlrisk.collect.schedule import is_current
from adlrisk.domain.position.market import MarketRecord
from adlrisk.venues.market_records import MarketKey, StoredRecord, decode_record, encode_record

SOURCE: Final = "collector"
WRITE_INTERVAL_SECONDS: Final = 10.0
RECORD_TTL_SECONDS: Final = 45.0  # from the write: four more writes, and time for another collector to take over

_UNKNOWN: Final = (None, ())

# Their fields hardly change within minutes, so their age does not make a record old.
_SLOW_CALLS: Final[frozenset[CallName]] = frozenset(
    {"contract", "tiers", "insurance", "adl", "rating", "open_interest", "clock"}
)


class MarketRecordBuilder:
    """The latest observation of each call about one contract, while it is current. Times are seconds since 1970."""

    def __init__(self, key: MarketKey, market: str, *, history: MarketHistory) -> None:
        self.key = key
        self.market = market
        self.history = history
        self._latest: dict[CallName, tuple[float, Observation]] = {}

    def add(self, call: CallName, observation: Observation, *, now: float) -> None:
        """Add the answer to a call; it replaces the one before."""
        self._latest[call] = (now, observation)
        if observation.market.mark_price is not None:
            self.history.add_mark_price(observation.market.mark_price, now=now)
        if observation.depths:
            self.history.add_depths(observation.depths, now=now)
        if observation.depth_sizes:
            self.history.add_depth_sizes(observation.depth_sizes, now=now)
        if observation.open_interest is not None:
            self.history.add_open_interest(observation.open_interest, now=now)
        balance = observation.market.insurance_fund
        if observation.fund is not None and balance is not None:
            self.history.add_fund_balance(balance, observation.fund, now=now)

    def build(self, *, now: float) -> StoredRecord | None:
        """The record of what is current, observed when the oldest of its fast fields was; ``None`` if nothing is.

        Raises:
            UnreadableError: the observations are outside the bounds of a record.
        """
        current = sorted(
            (fetched_at, call, observation)
            for call, (fetched_at, observation) in self._latest.items()
            if is_current(call, fetched_at=fetched_at, now=now)
        )
        calls = {call: observation for _, call, observation in current}
        fields = self._judge_conditions(calls, now) | self._read_trails(calls, now)
        for _, _, observation in current:  # the latest last: a mark price comes with funding too
            fields |= _known_fields(observation.market)
        if not fields:
            return None
        observed_at = min((fetched_at for fetched_at, call, _ in current if call not in _SLOW_CALLS), default=now)
        record = StoredRecord(
            market=MarketRecord(**fields),
            observed_at=datetime.fromtimestamp(observed_at, UTC),
            source=SOURCE,
            ttl_seconds=now + RECORD_TTL_SECONDS - observed_at,
        )
        return decode_record(encode_record(record))  # checks the bounds that its readers require

    def _judge_conditions(self, current: dict[CallName, Observation], now: float) -> dict[str, Any]:
        depth, adl = current.get("depth"), current.get("adl")
        fund, interest = current.get("insurance"), current.get("open_interest")
        judged = {
            "fund_peak": self.history.judge_fund_peak(now=now) if fund and fund.fund else None,
            "open_interest_high": self._judge_open_interest(interest, now),
            "liquidation_spike": self.history.judge_liquidation_spike(now=now),
            "thin_liquidity": self.history.judge_thin_liquidity(depth.depths, now=now) if depth else None,
            "adl_trigger": self.history.judge_adl_trigger(adl.pool) if adl and adl.pool else None,
        }
        return {name: value for name, value in judged.items() if value is not None}

    def _read_trails(self, current: dict[CallName, Observation], now: float) -> dict[str, Any]:
        depth, interest = current.get("depth"), current.get("open_interest")
        found: dict[str, Any] = {}
        if "mark" in current:
            found["volatility"] = self.history.measure_volatility(now=now)
        if depth and depth.depth_sizes:
            found["size_for_one_percent"] = self.history.measure_size_for_one_percent()
        if interest and interest.open_interest is not None:
            found["entries"] = self.history.list_entries(now=now)
            found["entries_seen"] = self.history.measure_entries_seen(now=now)
        return {name: value for name, value in found.items() if value not in _UNKNOWN}

    def _judge_open_interest(self, observation: Observation | None, now: float) -> bool | None:
        if observation is None or observation.open_interest is None:
            return None
        return self.history.judge_open_interest_high(observation.open_interest, now=now)


def _known_fields(market: MarketRecord) -> dict[str, Any]:
    return {name: value for name, value in msgspec.structs.asdict(market).items() if value not in _UNKNOWN}
