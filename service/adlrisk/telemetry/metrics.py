"""Every metric of the service, declared once.

Labels take values from fixed sets only: a route template or ``unmatched``, a method or ``other``, a venue of
the catalogue or ``unknown``, the slug of a documented problem.
"""

from collections.abc import Callable, Container, Iterable
from functools import partial
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import choose_encoder

# 0.2 ms to 10 s: a score takes a fraction of a millisecond, a large book seconds.
_SECONDS: Final = (
    0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
)  # fmt: skip


class Metrics:
    """The metrics of one application, in a registry of its own."""

    def __init__(self, *, version: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it so
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.requests = Counter(
            "adlrisk_http_requests",
            "Requests answered, by route template (or unmatched), method (or other) and status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.duration = Histogram(
            "adlrisk_http_request_duration_seconds",
            "Time from the request's first byte handed over by the server to the answer's last.",
            ("route", "method"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "adlrisk_http_requests_in_flight",
            "Requests being answered now.",
            registry=self.registry,
        )
        self.scores = Counter(
            "adlrisk_scores",
            "Positions scored, by venue and band of the score.",
            ("venue", "band"),
            registry=self.registry,
        )
        self.signals = Counter(
            "adlrisk_signals",
            "Signals judged, by venue, signal and outcome (fired, calm, unknown).",
            ("venue", "signal", "outcome"),
            registry=self.registry,
        )
        self.problems = Counter(
            "adlrisk_problems",
            "Problems answered, by type; items of a batch included.",
            ("type",),
            registry=self.registry,
        )
        self.store_operations = Histogram(
            "adlrisk_store_operation_duration_seconds",
            "Time of what the store of parameters was asked for, by operation and outcome (ok, failed).",
            ("operation", "outcome"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.store_degraded = Gauge(
            "adlrisk_store_degraded",
            "1 while the store fails for that reason, and answers rest on what is known or changes are refused.",
            ("reason",),
            registry=self.registry,
        )
        self.store_ignored = Counter(
            "adlrisk_store_values_ignored",
            "Values in the store that cannot be used, each counted once.",
            registry=self.registry,
        )
        self.staleness = Gauge(
            "adlrisk_parameters_staleness_seconds",
            "How long ago the overrides in force were last seen in the store; 0 with the store in memory.",
            registry=self.registry,
        )
        Gauge(
            "adlrisk_build",
            "Always 1; the label says which version runs.",
            ("version",),
            registry=self.registry,
        ).labels(version).set(1)

    def request_answered(self, *, route: str, method: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self.requests.labels(route, method, str(status)).inc()
        self.duration.labels(route, method).observe(seconds)

    def position_scored(self, *, venue: str, band: str, outcomes: Iterable[tuple[str, str]]) -> None:
        """Count one score; ``outcomes`` holds each signal's name with fired, calm or unknown."""
        self.scores.labels(venue, band).inc()
        for signal, outcome in outcomes:
            self.signals.labels(venue, signal, outcome).inc()

    def problem_answered(self, slug: str) -> None:
        """Count one problem of that type."""
        self.problems.labels(slug).inc()

    def watch_store(
        self, *, staleness_seconds: Callable[[], float], reasons: Iterable[str], failing: Callable[[], Container[str]]
    ) -> None:
        """Show, whenever metrics are read, how stale parameters are and for which of ``reasons`` the store fails."""
        self.staleness.set_function(staleness_seconds)
        for reason in reasons:
            self.store_degraded.labels(reason).set_function(partial(_holds, reason, failing))

    def store_asked(self, *, operation: str, outcome: str, seconds: float) -> None:
        """Count one operation of the store."""
        self.store_operations.labels(operation, outcome).observe(seconds)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """All metrics as text and its media type: OpenMetrics where ``accept`` asks for it, else Prometheus."""
        encode, media_type = choose_encoder(accept)
        return encode(self.registry), media_type


def _holds(reason: str, failing: Callable[[], Container[str]]) -> float:
    return float(reason in failing())
