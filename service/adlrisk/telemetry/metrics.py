"""Metrics of the service, created from ``definitions``."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from functools import cache, partial
from itertools import product
from operator import attrgetter
from typing import Any, Final, NamedTuple

from msgspec import Struct
from prometheus_client import CollectorRegistry

from adlrisk.telemetry.children import Children
from adlrisk.telemetry.definitions import FAMILIES, LOG_LINES_DROPPED, SIGNALS, Family
from adlrisk.telemetry.fast_metrics import Count, Distribution, FastCounter, FastHistogram, Level
from adlrisk.telemetry.registry import build_registry
from adlrisk.telemetry.slo import SERVICE_LEVELS

_SERVER_FAILURES: Final = ("500", "503")
_OUTCOMES: Final = {True: "fired", False: "calm", None: "unknown"}


class ScoreFigures(NamedTuple):
    """The labels and the value that a score is counted with."""

    venue: str
    band: str
    ratio: float  # of its maximum
    outcomes: tuple[bool | None, ...]  # whether each of ``SIGNALS`` fired, if known
    lookup: str | None  # what became of the market record; None: no symbol was named
    alerts: tuple[str, ...] = ()


class Metrics:
    """The metrics of one application, in a registry of its own."""

    def __init__(self, *, version: str, catalogue: str) -> None:
        self.registry = build_registry()
        self._metrics = {family.name: _create_metric(family, self.registry) for family in FAMILIES}
        self.in_flight = Level()
        self._metrics["adlrisk_http_requests_in_flight"][()].set_function(partial(attrgetter("value"), self.in_flight))
        # The children that one request or one score updates are cached together. The caches stay small: labels come
        # from fixed sets, and five signals have at most 243 outcomes per venue.
        self._request_children = cache(self._find_request_children)
        self._score_children = cache(self._find_score_children)
        self._metrics[LOG_LINES_DROPPED.name].child()
        self._lookups: dict[str, Count] = {}
        self._metrics["adlrisk_build"].family.info({"version": version})
        self._metrics["adlrisk_catalogue"].family.info({"revision": catalogue})
        for level in SERVICE_LEVELS:
            self._metrics["adlrisk_target_ratio"][(level.name, "availability")].set(level.availability)
            self._metrics["adlrisk_target_ratio"][(level.name, "latency")].set(level.latency)
            self._metrics["adlrisk_target_latency_seconds"][(level.name,)].set(level.seconds)

    def count_request(
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
        """Count one answered request and its body sizes in bytes; ``trace_id`` becomes an exemplar."""
        answered = self._request_children(route, method, status, received > 0)
        answered.requests.value += 1
        answered.duration.observe(seconds)
        if answered.received is not None:
            answered.received.observe(received)
        answered.sent.observe(sent)
        if trace_id is not None:
            exemplar = {"trace_id": trace_id}
            answered.requests.set_exemplar(exemplar)
            answered.duration.set_exemplar(seconds, exemplar)

    def count_scores(self, figures: ScoreFigures, *, times: int = 1) -> None:
        """Count ``times`` scores that have the same figures."""
        scored = self._score_children(figures.venue, figures.band, figures.outcomes)
        for count in scored.counts:
            count.value += times
        scored.ratio.observe(figures.ratio, times)
        if figures.lookup is not None:
            self._lookups[figures.lookup].value += times
        for alert in figures.alerts:
            self._metrics["adlrisk_alerts"].child(figures.venue, alert).value += times

    def count_fills(self, venue: str, kinds: Mapping[str, int]) -> None:
        """Count the fills of a request, given by their kinds."""
        for kind, times in kinds.items():
            self._metrics["adlrisk_fills"][(venue, kind)].inc(times)

    def count_plan(self, *, venue: str, outcome: str) -> None:
        """Count one plan: its target was ``reached`` already, is ``reachable``, or ``out_of_reach``."""
        self._metrics["adlrisk_plans"][(venue, outcome)].inc()

    def count_book(self, *, operation: str, venue: str, positions: int, seconds: float) -> None:
        """Count and time one book."""
        self._metrics["adlrisk_books"][(operation, venue)].inc()
        self._metrics["adlrisk_book_positions"][(operation,)].observe(positions)
        self._metrics["adlrisk_book_duration_seconds"][(operation,)].observe(seconds)

    def count_simulated_steps(self, *, operation: str, steps: int) -> None:
        """Count the mark prices at which one book was simulated."""
        self._metrics["adlrisk_simulated_steps"][(operation,)].observe(steps)

    def count_allocation(self, *, policy: str, uncovered_lots: int) -> None:
        """Count one allocation."""
        self._metrics["adlrisk_allocations"][(policy, "no" if uncovered_lots else "yes")].inc()
        self._metrics["adlrisk_allocation_uncovered_lots"][(policy,)].inc(uncovered_lots)

    def count_problem(self, slug: str, *, times: int = 1) -> None:
        """Count ``times`` problems of one type."""
        self._metrics["adlrisk_problems"][(slug,)].inc(times)

    def count_rejection(self, limit: str) -> None:
        """Count one request refused by a limit."""
        self._metrics["adlrisk_rejections"][(limit,)].inc()

    def count_turned_away(self, *, key: str, status: int) -> None:
        """Count one request answered 401, 403 or 429; ``key`` is the name of its key, or what stands for none."""
        self._metrics["adlrisk_callers_turned_away"][(key, str(status))].inc()

    def count_change(self, *, venue: str, kind: str, key: str) -> None:
        """Count one change made over HTTP."""
        self._metrics["adlrisk_changes"][(venue, kind, key)].inc()

    def count_cut_off(self) -> None:
        """Count one client that was cut off because too many answers were unread."""
        self._metrics["adlrisk_unread_answers_cut_off"][()].inc()

    def count_unchecked_rate_limit(self) -> None:
        """Count one request whose rate limit could not be checked."""
        self._metrics["adlrisk_rate_limit_unchecked"][()].inc()

    def count_store_operation(self, *, operation: str, outcome: str, seconds: float) -> None:
        """Count and time one operation of the store."""
        self._metrics["adlrisk_store_operation_duration_seconds"][(operation, outcome)].observe(seconds)

    def count_ignored_value(self) -> None:
        """Count one unusable value in the store."""
        self._metrics["adlrisk_store_values_ignored"][()].inc()

    def bind_log(self, dropped: Count) -> None:
        """Show the number of dropped log lines."""
        self._metrics[LOG_LINES_DROPPED.name].bind(dropped)

    def begin_at_zero(
        self,
        *,
        routes: Iterable[tuple[str, str]],
        venues: Iterable[str],
        bands: Sequence[str],
        alerts: Sequence[str],
        problems: Iterable[str],
        limits: Iterable[str],
        policies: Iterable[str],
        lookups: Iterable[str],
    ) -> None:
        """Create the series that alerts and ratios use at 0: Prometheus sees no increase in a series that is new."""
        requests, scores = self._metrics["adlrisk_http_requests"], self._metrics["adlrisk_scores"]
        for route, method in routes:
            for status in _SERVER_FAILURES:
                requests.child(route, method, status)
        for venue in venues:
            for band in bands:
                scores.child(venue, band)
            for alert in alerts:
                self._metrics["adlrisk_alerts"].child(venue, alert)
        self._lookups = {status: self._metrics["adlrisk_market_lookups"].child(status) for status in lookups}
        for name, values in (("problems", problems), ("rejections", limits), ("allocation_uncovered_lots", policies)):
            for value in values:
                self._metrics[f"adlrisk_{name}"][(value,)].inc(0.0)

    def begin_keys_at_zero(
        self,
        *,
        names: Iterable[str],
        statuses: Iterable[int],
        venues: Iterable[str],
        writers: Mapping[str, Iterable[str]],
    ) -> None:
        """Create the series of keys at 0; ``writers`` are the names that may make each kind of change."""
        for key, status in product(names, statuses):
            self._metrics["adlrisk_callers_turned_away"][(key, str(status))].inc(0.0)
        for venue, (kind, keys) in product(venues, writers.items()):
            for key in keys:
                self._metrics["adlrisk_changes"][(venue, kind, key)].inc(0.0)

    def forget_other_keys(self, names: Container[str]) -> None:
        """Stop showing the series of keys with other names."""
        for family, place in (("adlrisk_callers_turned_away", 0), ("adlrisk_changes", 2)):
            children = self._metrics[family]
            for labels in [labels for labels in children if labels[place] not in names]:
                children.remove(labels)

    def bind_keys(self, staleness_seconds: Callable[[], float]) -> None:
        """Show, at each scrape, how long ago the files of keys last said what is in force."""
        self._metrics["adlrisk_keys_staleness_seconds"][()].set_function(staleness_seconds)

    def bind_store(
        self,
        *,
        staleness_seconds: Callable[[], float],
        refresh_seconds: float,
        reasons: Iterable[str],
        failing: Callable[[], Container[str]],
        ahead_seconds: Callable[[], float],
    ) -> None:
        """Show, at each scrape, how stale the overrides are, why the store fails, and how far ahead its records lie."""
        self._metrics["adlrisk_market_records_ahead_seconds"][()].set_function(ahead_seconds)
        self._metrics["adlrisk_parameters_staleness_seconds"][()].set_function(staleness_seconds)
        self._metrics["adlrisk_parameters_refresh_seconds"][()].set(refresh_seconds)
        for reason in reasons:
            self._metrics["adlrisk_store_degraded"][(reason,)].set_function(partial(_contains, reason, failing))

    def bind_slots(self, *, limit: str, taken: Callable[[], int], total: int) -> None:
        """Show, at each scrape, how many slots a limit has and how many are taken."""
        self._metrics["adlrisk_places_taken"][(limit,)].set_function(taken)
        self._metrics["adlrisk_places"][(limit,)].set(total)

    def bind_venues(self, *, read_at: Mapping[str, float], overridden: Callable[[], Container[str]]) -> None:
        """Show when each venue's sources were read and, at each scrape, which venues are overridden."""
        for venue, timestamp in read_at.items():
            self._metrics["adlrisk_venue_sources_timestamp_seconds"][(venue,)].set(timestamp)
            self._metrics["adlrisk_venue_overridden"][(venue,)].set_function(partial(_contains, venue, overridden))

    def _find_request_children(self, route: str, method: str, status: int, had_body: bool) -> "_RequestChildren":  # noqa: FBT001 (a key of the cache)
        return _RequestChildren(
            requests=self._metrics["adlrisk_http_requests"].child(route, method, str(status)),
            duration=self._metrics["adlrisk_http_request_duration_seconds"].child(route, method),
            received=self._metrics["adlrisk_http_request_body_bytes"].child(route) if had_body else None,
            sent=self._metrics["adlrisk_http_response_body_bytes"].child(route),
        )

    def _find_score_children(self, venue: str, band: str, outcomes: tuple[bool | None, ...]) -> "_ScoreChildren":
        signals = self._metrics["adlrisk_signals"]
        judged = zip(SIGNALS, outcomes, strict=True)
        counts = [signals.child(venue, signal, _OUTCOMES[has_fired]) for signal, has_fired in judged]
        return _ScoreChildren(
            counts=(self._metrics["adlrisk_scores"].child(venue, band), *counts),
            ratio=self._metrics["adlrisk_score_ratio"].child(venue),
        )


class _RequestChildren(Struct, frozen=True, kw_only=True):
    """The children that an answered request updates."""

    requests: Count
    duration: Distribution
    received: Distribution | None  # None: the request had no body
    sent: Distribution


class _ScoreChildren(Struct, frozen=True, kw_only=True):
    """The children that a score updates."""

    counts: tuple[Count, ...]
    ratio: Distribution


def _create_metric(family: Family, registry: CollectorRegistry) -> Any:
    """The metric of ``family``: a fast one on the hot path, else the library's."""
    if family.is_hot_path:
        return FastCounter(family, registry) if family.kind == "counter" else FastHistogram(family, registry)
    return Children(family, registry)


def _contains(value: str, those: Callable[[], Container[str]]) -> float:
    return float(value in those())
