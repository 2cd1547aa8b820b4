"""What the service counts and shows, by the table in ``families``."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import cache, partial
from operator import attrgetter
from typing import Any, Final, NamedTuple

from msgspec import Struct
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from adlrisk.telemetry import slo as targets
from adlrisk.telemetry.children import Children
from adlrisk.telemetry.definitions import FAMILIES, LOG_LINES_DROPPED, SIGNALS, Family
from adlrisk.telemetry.fast_metrics import Count, Distribution, FastCounter, FastHistogram, Level

_SERVER_FAILURES: Final = ("500", "503")
_OUTCOMES: Final = {True: "fired", False: "calm", None: "unknown"}


class ScoreFigures(NamedTuple):
    """What a score is counted by."""

    venue: str
    band: str
    ratio: float  # of its maximum
    outcomes: tuple[bool | None, ...]  # whether each of ``SIGNALS`` fired, if known


class Metrics:
    """The metrics of one application, in a registry of its own."""

    def __init__(self, *, version: str, catalogue: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it so
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._of = {family.name: _counting(family, self.registry) for family in FAMILIES}
        self.in_flight = Level()
        self._of["adlrisk_http_requests_in_flight"][()].set_function(partial(attrgetter("value"), self.in_flight))
        # What a request or a score counts with is looked up as one. There are few such: labels come from fixed sets,
        # and five signals have 243 outcomes at a venue at most.
        self._answered = cache(self._children_of_answers)
        self._scored = cache(self._children_of_scores)
        self._of[LOG_LINES_DROPPED.name].child()
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
        answered = self._answered(route, method, status, received > 0)
        answered.requests.value += 1
        answered.duration.observe(seconds)
        if answered.received is not None:
            answered.received.observe(received)
        answered.sent.observe(sent)
        if trace_id is not None:
            exemplar = {"trace_id": trace_id}
            answered.requests.exemplify(exemplar)
            answered.duration.exemplify(seconds, exemplar)

    def position_scored(self, figures: ScoreFigures, *, times: int = 1) -> None:
        """Count scores that have the same figures."""
        scored = self._scored(figures.venue, figures.band, figures.outcomes)
        for count in scored.counts:
            count.value += times
        scored.ratio.observe(figures.ratio, times)

    def book_worked_on(self, *, operation: str, venue: str, positions: int, seconds: float) -> None:
        """Count one book."""
        self._of["adlrisk_books"][(operation, venue)].inc()
        self._of["adlrisk_book_positions"][(operation,)].observe(positions)
        self._of["adlrisk_book_duration_seconds"][(operation,)].observe(seconds)

    def allocated(self, *, policy: str, uncovered_lots: int) -> None:
        """Count one allocation."""
        self._of["adlrisk_allocations"][(policy, "no" if uncovered_lots else "yes")].inc()
        self._of["adlrisk_allocation_uncovered_lots"][(policy,)].inc(uncovered_lots)

    def problem_answered(self, slug: str, *, times: int = 1) -> None:
        """Count problems of that type."""
        self._of["adlrisk_problems"][(slug,)].inc(times)

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

    def bind_log(self, dropped: Count) -> None:
        """Show how many log lines were dropped."""
        self._of[LOG_LINES_DROPPED.name].show(dropped)

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
        requests, scores = self._of["adlrisk_http_requests"], self._of["adlrisk_scores"]
        for route, method in routes:
            for status in _SERVER_FAILURES:
                requests.child(route, method, status)
        for venue in venues:
            for band in bands:
                scores.child(venue, band)
        for name, values in (("problems", problems), ("rejections", limits), ("allocation_uncovered_lots", policies)):
            for value in values:
                self._of[f"adlrisk_{name}"][(value,)].inc(0.0)

    def bind_store(
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

    def bind_slots(self, *, limit: str, taken: Callable[[], int], total: int) -> None:
        """Show, whenever metrics are read, how many places a limit has, and how many are taken."""
        self._of["adlrisk_places_taken"][(limit,)].set_function(taken)
        self._of["adlrisk_places"][(limit,)].set(total)

    def bind_venues(self, *, read_at: Mapping[str, float], overridden: Callable[[], Container[str]]) -> None:
        """Show how old each venue's sources are, and whenever metrics are read which venues are overridden."""
        for venue, timestamp in read_at.items():
            self._of["adlrisk_venue_sources_timestamp_seconds"][(venue,)].set(timestamp)
            self._of["adlrisk_venue_overridden"][(venue,)].set_function(partial(_holds, venue, overridden))

    def _children_of_answers(self, route: str, method: str, status: int, had_body: bool) -> "_Answered":  # noqa: FBT001 (a key of the cache)
        return _Answered(
            requests=self._of["adlrisk_http_requests"].child(route, method, str(status)),
            duration=self._of["adlrisk_http_request_duration_seconds"].child(route, method),
            received=self._of["adlrisk_http_request_body_bytes"].child(route) if had_body else None,
            sent=self._of["adlrisk_http_response_body_bytes"].child(route),
        )

    def _children_of_scores(self, venue: str, band: str, outcomes: tuple[bool | None, ...]) -> "_Scored":
        signals = self._of["adlrisk_signals"]
        judged = zip(SIGNALS, outcomes, strict=True)
        counts = [signals.child(venue, signal, _OUTCOMES[has_fired]) for signal, has_fired in judged]
        return _Scored(
            counts=(self._of["adlrisk_scores"].child(venue, band), *counts),
            ratio=self._of["adlrisk_score_ratio"].child(venue),
        )


class _Answered(Struct, frozen=True, kw_only=True):
    """What an answered request counts with."""

    requests: Count
    duration: Distribution
    received: Distribution | None  # only requests with a body show there
    sent: Distribution


class _Scored(Struct, frozen=True, kw_only=True):
    """What a scored position counts with."""

    counts: tuple[Count, ...]
    ratio: Distribution


def _counting(family: Family, registry: CollectorRegistry) -> Any:
    """What counts for ``family``, in the registry."""
    if family.is_fast:
        return FastCounter(family, registry) if family.kind == "counter" else FastHistogram(family, registry)
    return Children(family, registry)


def _holds(value: str, those: Callable[[], Container[str]]) -> float:
    return float(value in those())
