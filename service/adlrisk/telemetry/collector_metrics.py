"""Metrics of the collector, which is a process of its own."""

import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import product
from typing import Final

from adlrisk.telemetry.children import Children
from adlrisk.telemetry.definitions import LOG_LINES_DROPPED, Family
from adlrisk.telemetry.fast_metrics import Count, FastCounter
from adlrisk.telemetry.registry import build_registry

# 5 ms to 20 s: venues answer in some tenths of a second.
_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)

COLLECTOR_FAMILIES: Final = (
    Family(
        name="adlrisk_collector_fetches",
        kind="counter",
        help="Calls of venues, by what was asked for and how it ended; an open stream counts as ok once a minute.",
        labels=("venue", "call", "outcome"),
    ),
    Family(
        name="adlrisk_collector_fetch_duration_seconds",
        kind="histogram",
        help="Time of a call, however it ended; of a stream of liquidations, since it was opened or last counted.",
        labels=("venue", "call"),
        buckets=_SECONDS,
    ),
    Family(
        name="adlrisk_collector_fields_left_out",
        kind="counter",
        help="Fields of venues' answers that could not be used, and why.",
        labels=("venue", "field", "why"),
    ),
    Family(
        name="adlrisk_collector_records_written",
        kind="counter",
        help="Market records made, and whether the store took them.",
        labels=("venue", "outcome"),
    ),
    Family(
        name="adlrisk_collector_record_age_seconds",
        kind="gauge",
        help="Since the record of a market was last kept, or since this collector leads its venue.",
        labels=("venue", "symbol"),
    ),
    Family(
        name="adlrisk_collector_leader",
        kind="gauge",
        help="1 while this collector leads the venue, 0 while it waits.",
        labels=("venue",),
    ),
    Family(
        name="adlrisk_collector_clock_skew_seconds",
        kind="gauge",
        help="How far the venue's clock is ahead of the collector's.",
        labels=("venue",),
    ),
    Family(name="adlrisk_collector_build", kind="info", help="The release that runs.", labels=("version",)),
)


class CollectorMetrics:
    """The metrics of one collector, in a registry of its own.

    ``calls`` lists the calls of each collected venue, ``outcomes`` how a call can end. Their counters exist from the
    start: Prometheus sees no increase in a series that first appears with it, and a call that was never answered would
    go unnoticed.
    """

    def __init__(
        self,
        *,
        version: str,
        calls: Mapping[str, Iterable[str]],
        outcomes: Iterable[str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.registry = build_registry()
        self._clock = clock
        self._metrics = {family.name: Children(family, self.registry) for family in COLLECTOR_FAMILIES}
        self._kept_at: dict[tuple[str, str], float] = {}
        self._metrics["adlrisk_collector_build"].family.info({"version": version})
        ended = tuple(outcomes)
        for venue, asked in calls.items():
            self._metrics["adlrisk_collector_leader"][(venue,)].set(0.0)
            for outcome in ("ok", "failed"):
                self._metrics["adlrisk_collector_records_written"][(venue, outcome)].inc(0.0)
            for call, outcome in product(asked, ended):
                self._metrics["adlrisk_collector_fetches"][(venue, call, outcome)].inc(0.0)

    def bind_log(self, dropped: Count) -> None:
        """Show the number of dropped log lines."""
        FastCounter(LOG_LINES_DROPPED, self.registry).bind(dropped)

    def count_fetch(self, venue: str, call: str, outcome: str, *, seconds: float) -> None:
        """Count and time one call of a venue."""
        self._metrics["adlrisk_collector_fetches"][(venue, call, outcome)].inc()
        self._metrics["adlrisk_collector_fetch_duration_seconds"][(venue, call)].observe(seconds)

    def count_field_left_out(self, venue: str, field: str, why: str) -> None:
        """Count one field of an answer that could not be used."""
        self._metrics["adlrisk_collector_fields_left_out"][(venue, field, why)].inc()

    def set_leader(self, venue: str, *, is_leader: bool) -> None:
        """Show whether this collector leads the venue; only a leader shows record ages and clock skew."""
        self._metrics["adlrisk_collector_leader"][(venue,)].set(float(is_leader))
        for market in [market for market in self._kept_at if market[0] == venue]:
            del self._kept_at[market]
            self._metrics["adlrisk_collector_record_age_seconds"].remove(market)
        self._metrics["adlrisk_collector_clock_skew_seconds"].remove((venue,))

    def track_market(self, venue: str, symbol: str) -> None:
        """Show the age of a market's record from now on."""
        market = (venue, symbol)
        self._kept_at[market] = self._clock()
        self._metrics["adlrisk_collector_record_age_seconds"][market].set_function(partial(self._age, market))

    def count_write(self, venue: str, symbol: str, *, is_kept: bool) -> None:
        """Count one record; if it was kept, its age starts again at 0."""
        self._metrics["adlrisk_collector_records_written"][(venue, "ok" if is_kept else "failed")].inc()
        if is_kept and (venue, symbol) in self._kept_at:
            self._kept_at[(venue, symbol)] = self._clock()

    def set_clock_skew(self, venue: str, seconds: float) -> None:
        """Show how far the venue's clock is ahead, in seconds."""
        self._metrics["adlrisk_collector_clock_skew_seconds"][(venue,)].set(seconds)

    def _age(self, market: tuple[str, str]) -> float:
        return self._clock() - self._kept_at[market]
