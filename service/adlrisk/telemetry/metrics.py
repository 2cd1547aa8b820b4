"""What the service counts and shows, by the table in ``families``."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from adlrisk.telemetry import targets
from adlrisk.telemetry.families import FAMILIES, Family

_SERVER_FAILURES: Final = ("500", "503")


class Metrics:
    """The metrics of one application, in a registry of its own."""

    def __init__(self, *, version: str, catalogue: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it so
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._of = {family.name: _Members(family, self.registry) for family in FAMILIES}
        # Those on every request's way have a name of their own.
        self.in_flight: Gauge = self._of["adlrisk_http_requests_in_flight"][()]
        self._requests = self._of["adlrisk_http_requests"]
        self._duration = self._of["adlrisk_http_request_duration_seconds"]
        self._received = self._of["adlrisk_http_request_body_bytes"]
        self._sent = self._of["adlrisk_http_response_body_bytes"]
        self._scores = self._of["adlrisk_scores"]
        self._score_ratio = self._of["adlrisk_score_ratio"]
        self._signals = self._of["adlrisk_signals"]
        self._of["adlrisk_build"].family.info({"version": version})
        self._of["adlrisk_catalogue"].family.info({"revision": catalogue})
        self._of["adlrisk_target_ratio"][("availability",)].set(targets.AVAILABILITY)
        self._of["adlrisk_target_ratio"][("latency",)].set(targets.LATENCY)
        self._of["adlrisk_target_latency_seconds"][(targets.LATENCY_ROUTE,)].set(targets.LATENCY_SECONDS)

    def request_answered(
        self,
        *,
        route: str,
        method: str,
        status: int,
        seconds: float,
        received: int = 0,
        sent: int = 0,
        trace_id: str | None = None,
    ) -> None:
        """Count one answered request with the sizes of its bodies; ``trace_id`` becomes an exemplar."""
        exemplar = None if trace_id is None else {"trace_id": trace_id}
        self._requests[(route, method, str(status))].inc(1.0, exemplar)
        self._duration[(route, method)].observe(seconds, exemplar)
        if received:
            self._received[(route,)].observe(received)
        self._sent[(route,)].observe(sent)

    def position_scored(self, *, venue: str, band: str, ratio: float, outcomes: Iterable[tuple[str, str]]) -> None:
        """Count one score, ``ratio`` of its maximum; ``outcomes`` holds each signal's name with its outcome."""
        self._scores[(venue, band)].inc()
        self._score_ratio[(venue,)].observe(ratio)
        for signal, outcome in outcomes:
            self._signals[(venue, signal, outcome)].inc()

    def book_worked_on(self, *, operation: str, venue: str, positions: int, seconds: float) -> None:
        """Count one book."""
        self._of["adlrisk_books"][(operation, venue)].inc()
        self._of["adlrisk_book_positions"][(operation,)].observe(positions)
        self._of["adlrisk_book_duration_seconds"][(operation,)].observe(seconds)

    def allocated(self, *, policy: str, uncovered_lots: int) -> None:
        """Count one allocation."""
        self._of["adlrisk_allocations"][(policy, "no" if uncovered_lots else "yes")].inc()
        self._of["adlrisk_allocation_uncovered_lots"][(policy,)].inc(uncovered_lots)

    def problem_answered(self, slug: str) -> None:
        """Count one problem of that type."""
        self._of["adlrisk_problems"][(slug,)].inc()

    def rejected(self, limit: str) -> None:
        """Count one request that was turned away."""
        self._of["adlrisk_rejections"][(limit,)].inc()

    def rate_limit_unchecked(self) -> None:
        """Count one request that no limit could be applied to."""
        self._of["adlrisk_rate_limit_unchecked"][()].inc()

    def store_asked(self, *, operation: str, outcome: str, seconds: float) -> None:
        """Count one operation of the store."""
        self._of["adlrisk_store_operation_duration_seconds"][(operation, outcome)].observe(seconds)

    def store_value_ignored(self) -> None:
        """Count one value in the store that cannot be used."""
        self._of["adlrisk_store_values_ignored"][()].inc()

    def begin_at_zero(
        self,
        *,
        routes: Iterable[tuple[str, str]],
        venues: Iterable[str],
        bands: Sequence[str],
        problems: Iterable[str],
        limits: Iterable[str],
        policies: Iterable[str],
    ) -> None:
        """Show what alerts and shares rest on before it happens first: a rise from nothing is no rise to Prometheus."""
        for route, method in routes:
            for status in _SERVER_FAILURES:
                self._requests[(route, method, status)].inc(0.0)
        for venue in venues:
            for band in bands:
                self._scores[(venue, band)].inc(0.0)
        for name, values in (("problems", problems), ("rejections", limits), ("allocation_uncovered_lots", policies)):
            for value in values:
                self._of[f"adlrisk_{name}"][(value,)].inc(0.0)

    def watch_store(
        self,
        *,
        staleness_seconds: Callable[[], float],
        refresh_seconds: float,
        reasons: Iterable[str],
        failing: Callable[[], Container[str]],
    ) -> None:
        """Show, whenever metrics are read, how stale parameters are and for which of ``reasons`` the store fails."""
        self._of["adlrisk_parameters_staleness_seconds"][()].set_function(staleness_seconds)
        self._of["adlrisk_parameters_refresh_seconds"][()].set(refresh_seconds)
        for reason in reasons:
            self._of["adlrisk_store_degraded"][(reason,)].set_function(partial(_holds, reason, failing))

    def watch_places(self, *, limit: str, taken: Callable[[], int], total: int) -> None:
        """Show, whenever metrics are read, how many places a limit has, and how many are taken."""
        self._of["adlrisk_places_taken"][(limit,)].set_function(taken)
        self._of["adlrisk_places"][(limit,)].set(total)

    def watch_venues(self, *, read_at: Mapping[str, float], overridden: Callable[[], Container[str]]) -> None:
        """Show how old each venue's sources are, and whenever metrics are read which venues are overridden."""
        for venue, timestamp in read_at.items():
            self._of["adlrisk_venue_sources_timestamp_seconds"][(venue,)].set(timestamp)
            self._of["adlrisk_venue_overridden"][(venue,)].set_function(partial(_holds, venue, overridden))


class _Members(dict[tuple[str, ...], Any]):
    """The members of a family by the values of their labels; looking one up again costs a dictionary's look."""

    def __init__(self, family: Family, registry: CollectorRegistry) -> None:
        super().__init__()
        self.family: Any = _declared(family, registry)
        if not family.labels:
            self[()] = self.family

    def __missing__(self, labels: tuple[str, ...]) -> Any:
        member = self[labels] = self.family.labels(*labels)
        return member


def _declared(family: Family, registry: CollectorRegistry) -> Any:
    match family.kind:
        case "counter":
            return Counter(family.name, family.help, family.labels, registry=registry)
        case "gauge":
            return Gauge(family.name, family.help, family.labels, registry=registry)
        case "histogram":
            return Histogram(family.name, family.help, family.labels, buckets=family.buckets, registry=registry)
        case "info":  # its labels come with its value
            return Info(family.name, family.help, registry=registry)


def _holds(value: str, those: Callable[[], Container[str]]) -> float:
    return float(value in those())
