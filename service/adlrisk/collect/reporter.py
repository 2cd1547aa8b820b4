"""The observer that counts every event in metrics and logs changes of state."""

from typing import Final

from prometheus_client import CollectorRegistry
from structlog.typing import FilteringBoundLogger

from adlrisk.collect.adapters.observation import CallName, Exchange, LeftOutField, Outcome
from adlrisk.telemetry.collector_metrics import CollectorMetrics

_LONGEST_DETAIL: Final = 300
_SKEW_SECONDS: Final = 2.0


def reported_calls(exchange: Exchange) -> frozenset[CallName]:
    """The calls that are reported for a venue: those it answers, and its liquidation stream where it has one."""
    return exchange.calls | {"liquidations"} if exchange.streams_liquidations else exchange.calls


class Reporter:
    """Counts every event; logs when a failure begins and ends, not each time it recurs. Satisfies ``Observer``."""

    def __init__(self, *, metrics: CollectorMetrics, logger: FilteringBoundLogger) -> None:
        self._metrics = metrics
        self._logger = logger
        self._failing: set[tuple[str, str]] = set()  # venue and what fails
        self._left_out: set[tuple[str, LeftOutField]] = set()
        self._led_venues: set[str] = set()
        self.store_failure: str | None = None

    @property
    def registry(self) -> CollectorRegistry:
        """The registry that holds the metrics."""
        return self._metrics.registry

    @property
    def led_venues(self) -> list[str]:
        """The venues that this collector leads."""
        return sorted(self._led_venues)

    def leadership_changed(self, venue: str, *, is_leader: bool) -> None:
        """This collector has become a venue's leader, or is no longer."""
        self._metrics.set_leader(venue, is_leader=is_leader)
        (self._led_venues.add if is_leader else self._led_venues.discard)(venue)
        self._logger.info("leads venue" if is_leader else "no longer leads venue", venue=venue)

    def market_tracked(self, venue: str, symbol: str) -> None:
        """This collector now keeps the record of a contract."""
        self._metrics.track_market(venue, symbol)

    def fetched(self, venue: str, call: CallName, outcome: Outcome, *, seconds: float, detail: str = "") -> None:
        """A call to a venue has ended."""
        self._metrics.count_fetch(venue, call, outcome, seconds=seconds)
        self._log_change(venue, call, fails=outcome != "ok", detail=detail)

    def stream_ended(self, venue: str, outcome: Outcome, *, seconds: float, detail: str) -> None:
        """A liquidation stream that worked has ended: it is reopened, and only a failure to do so is one."""
        self._metrics.count_fetch(venue, "liquidations", outcome, seconds=seconds)
        lasted = round(seconds)
        self._logger.info("stream ended", venue=venue, lasted_seconds=lasted, detail=detail[:_LONGEST_DETAIL])

    def field_left_out(self, venue: str, left_out: LeftOutField) -> None:
        """A field of a venue's answer could not be used; logged once."""
        self._metrics.count_field_left_out(venue, left_out.field, left_out.why)
        if (venue, left_out) not in self._left_out:
            self._left_out.add((venue, left_out))
            self._logger.warning("field left out", venue=venue, field=left_out.field, why=left_out.why)

    def write_finished(self, venue: str, symbol: str, *, is_ok: bool, detail: str = "") -> None:
        """A record was written, or could not be."""
        self._metrics.count_write(venue, symbol, is_kept=is_ok)
        self._log_change(venue, f"record of {symbol}", fails=not is_ok, detail=detail)

    def clock_skew_measured(self, venue: str, seconds: float) -> None:
        """A venue's clock is ``seconds`` ahead of ours."""
        self._metrics.set_clock_skew(venue, seconds)
        self._log_change(venue, "clock", fails=abs(seconds) > _SKEW_SECONDS, detail=f"{seconds:+.1f} s from ours")

    def store_failed(self, detail: str) -> None:
        """A request to the store failed."""
        if self.store_failure is None:
            self._logger.warning("store failing", detail=detail[:_LONGEST_DETAIL])
        self.store_failure = detail.partition(":")[0]

    def store_answered(self) -> None:
        """A request to the store succeeded."""
        if self.store_failure is not None:
            self._logger.info("store answers again")
        self.store_failure = None

    def market_unknown(self, venue: str, market: str, detail: str) -> None:
        """The venue does not list a contract that is to be collected."""
        self._metrics.track_market(venue, market)  # its record never comes, and its age shows that
        self._logger.error("market unknown", venue=venue, market=market, detail=detail[:_LONGEST_DETAIL])

    def collector_failed(self, venue: str, error: Exception) -> None:
        """Collecting a venue ended in an unexpected error."""
        self._logger.error("collector failed", venue=venue, exc_info=error)

    def _log_change(self, venue: str, what: str, *, fails: bool, detail: str) -> None:
        """Log when something begins to fail and when it recovers."""
        if fails and (venue, what) not in self._failing:
            self._failing.add((venue, what))
            self._logger.warning("venue failing", venue=venue, what=what, detail=detail[:_LONGEST_DETAIL])
        elif not fails and (venue, what) in self._failing:
            self._failing.discard((venue, what))
            self._logger.info("venue well again", venue=venue, what=what)
