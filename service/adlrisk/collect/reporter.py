"""What the collector does, in metrics and, where something changes, in the log."""

from typing import Final

from prometheus_client import CollectorRegistry
from structlog.typing import FilteringBoundLogger

from adlrisk.collect.adapters.observation import CallName, Exchange, LeftOut, Outcome
from adlrisk.telemetry.collector_metrics import CollectorMetrics

_LONGEST_DETAIL: Final = 300
_SKEW_SECONDS: Final = 2.0


def calls_of(exchange: Exchange) -> frozenset[CallName]:
    """What is told of a venue: everything that it is asked, and its stream of liquidations where it has one."""
    return exchange.calls | {"liquidations"} if exchange.tells_liquidations else exchange.calls


class Reporting:
    """Counts everything; logs what begins and what ends, not what goes on."""

    def __init__(self, *, metrics: CollectorMetrics, logger: FilteringBoundLogger) -> None:
        self._metrics = metrics
        self._logger = logger
        self._failing: set[tuple[str, str]] = set()  # venue and what fails
        self._left_out: set[tuple[str, LeftOut]] = set()
        self._led: set[str] = set()
        self.store_failure: str | None = None

    @property
    def registry(self) -> CollectorRegistry:
        """Where metrics are read from."""
        return self._metrics.registry

    @property
    def led(self) -> list[str]:
        """The venues that this collector leads."""
        return sorted(self._led)

    def leads(self, venue: str, *, is_leader: bool) -> None:
        """This collector leads a venue from now on, or does not."""
        self._metrics.leads(venue, is_leader=is_leader)
        (self._led.add if is_leader else self._led.discard)(venue)
        self._logger.info("leads venue" if is_leader else "no longer leads venue", venue=venue)

    def watches(self, venue: str, symbol: str) -> None:
        """This collector is to keep a record of a contract."""
        self._metrics.watches(venue, symbol)

    def fetched(self, venue: str, call: CallName, outcome: Outcome, *, seconds: float, detail: str = "") -> None:
        """A venue was asked for something."""
        self._metrics.fetched(venue, call, outcome, seconds=seconds)
        self._tell(venue, call, fails=outcome != "ok", detail=detail)

    def stream_ended(self, venue: str, outcome: Outcome, *, seconds: float, detail: str) -> None:
        """A stream of liquidations that was well has ended: it is opened again, which is no failure unless it fails."""
        self._metrics.fetched(venue, "liquidations", outcome, seconds=seconds)
        lasted = round(seconds)
        self._logger.info("stream ended", venue=venue, lasted_seconds=lasted, detail=detail[:_LONGEST_DETAIL])

    def left_out(self, venue: str, left_out: LeftOut) -> None:
        """A field of a venue's answer could not be used."""
        self._metrics.left_out(venue, left_out.field, left_out.why)
        if (venue, left_out) not in self._left_out:
            self._left_out.add((venue, left_out))
            self._logger.warning("field left out", venue=venue, field=left_out.field, why=left_out.why)

    def wrote(self, venue: str, symbol: str, *, is_kept: bool, detail: str = "") -> None:
        """A record was kept, or could not be."""
        self._metrics.wrote(venue, symbol, is_kept=is_kept)
        self._tell(venue, f"record of {symbol}", fails=not is_kept, detail=detail)

    def clock_skew(self, venue: str, seconds: float) -> None:
        """How far a venue's clock is ahead of ours."""
        self._metrics.clock_skew(venue, seconds)
        self._tell(venue, "clock", fails=abs(seconds) > _SKEW_SECONDS, detail=f"{seconds:+.1f} s from ours")

    def store_failed(self, detail: str) -> None:
        """The store did not do what it was asked to."""
        if self.store_failure is None:
            self._logger.warning("store failing", detail=detail[:_LONGEST_DETAIL])
        self.store_failure = detail.partition(":")[0]

    def store_answered(self) -> None:
        """The store did."""
        if self.store_failure is not None:
            self._logger.info("store answers again")
        self.store_failure = None

    def market_unknown(self, venue: str, market: str, detail: str) -> None:
        """A contract that is to be collected is none of the venue's."""
        self._metrics.watches(venue, market)  # its record never comes, and its age says so
        self._logger.error("market unknown", venue=venue, market=market, detail=detail[:_LONGEST_DETAIL])

    def defect(self, venue: str, error: Exception) -> None:
        """The collector itself failed."""
        self._logger.error("collector failed", venue=venue, exc_info=error)

    def _tell(self, venue: str, what: str, *, fails: bool, detail: str) -> None:
        """Log that something begins to fail, or does so no more."""
        if fails and (venue, what) not in self._failing:
            self._failing.add((venue, what))
            self._logger.warning("venue failing", venue=venue, what=what, detail=detail[:_LONGEST_DETAIL])
        elif not fails and (venue, what) in self._failing:
            self._failing.discard((venue, what))
            self._logger.info("venue well again", venue=venue, what=what)
