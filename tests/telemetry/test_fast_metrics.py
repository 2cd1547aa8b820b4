"""Fast metrics: they are exposed exactly as the library's own counters and histograms."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Histogram, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import DuplicateTimeseries

from adlrisk.telemetry.definitions import FAMILIES, SIGNALS
from adlrisk.telemetry.fast_metrics import FastCounter, FastHistogram
from adlrisk.telemetry.metrics import Metrics, ScoreFigures

TALLIED = {family.name: family for family in FAMILIES if family.is_hot_path}
OPENMETRICS = "application/openmetrics-text; version=1.0.0"
OUTCOMES = {True: "fired", False: "calm", None: "unknown"}


class Answered(Struct, frozen=True, kw_only=True):
    route: str
    method: str
    status: int
    seconds: float
    received: int
    sent: int
    trace_id: str | None


class Scored(Struct, frozen=True, kw_only=True):
    venue: str
    band: str
    ratio: float
    outcomes: tuple[bool | None, ...]


class Library:
    """The same families in the library's own classes: the reference."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._of: dict[str, Any] = {
            family.name: Counter(family.name, family.help, family.labels, registry=self.registry)
            if family.kind == "counter"
            else Histogram(family.name, family.help, family.labels, buckets=family.buckets, registry=self.registry)
            for family in TALLIED.values()
        }

    def count(self, happened: Answered | Scored) -> None:
        if isinstance(happened, Scored):
            self._score(happened)
            return
        exemplar = {"trace_id": happened.trace_id} if happened.trace_id else None
        route, method = happened.route, happened.method
        self._of["adlrisk_http_requests"].labels(route, method, happened.status).inc(exemplar=exemplar)
        self._of["adlrisk_http_request_duration_seconds"].labels(route, method).observe(happened.seconds, exemplar)
        if happened.received:
            self._of["adlrisk_http_request_body_bytes"].labels(route).observe(happened.received)
        self._of["adlrisk_http_response_body_bytes"].labels(route).observe(happened.sent)

    def _score(self, happened: Scored) -> None:
        self._of["adlrisk_scores"].labels(happened.venue, happened.band).inc()
        self._of["adlrisk_score_ratio"].labels(happened.venue).observe(happened.ratio)
        for signal, outcome in zip(SIGNALS, happened.outcomes, strict=True):
            self._of["adlrisk_signals"].labels(happened.venue, signal, OUTCOMES[outcome]).inc()


def count(metrics: Metrics, happened: Answered | Scored) -> None:
    if isinstance(happened, Scored):
        metrics.count_scores(ScoreFigures(happened.venue, happened.band, happened.ratio, happened.outcomes, None))
        return
    metrics.count_request(
        route=happened.route,
        method=happened.method,
        status=happened.status,
        seconds=happened.seconds,
        received=happened.received,
        sent=happened.sent,
        trace_id=happened.trace_id,
    )


def on_and_around(bounds: tuple[float, ...]) -> st.SearchStrategy[float]:
    """Bucket bounds, their neighbours, and any other value."""
    beside = [bound * factor for bound in bounds for factor in (1.0, 1.0 - 2**-53, 1.0 + 2**-52)]
    return st.sampled_from(beside) | st.floats(0.0, 1e12) | st.just(float("inf"))


LABELS = st.sampled_from(["/score", "/venues/{venue}", "unmatched", 'a "quoted" \\ name\n'])
SIZES = st.integers(0, 2**40) | st.sampled_from([4**power + more for power in range(3, 15) for more in (-1, 0, 1)])
HAPPENED = st.builds(
    Answered,
    route=LABELS,
    method=st.sampled_from(["GET", "POST", "other"]),
    status=st.sampled_from([200, 404, 500, 503]),
    seconds=on_and_around(TALLIED["adlrisk_http_request_duration_seconds"].buckets),
    received=SIZES,
    sent=SIZES,
    trace_id=st.none() | st.sampled_from(["4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c"]),
) | st.builds(
    Scored,
    venue=st.sampled_from(["binance", "okx"]),
    band=st.sampled_from(["low", "high"]),
    ratio=st.integers(0, 10).map(lambda tenths: tenths / 10) | on_and_around((0.5,)),
    outcomes=st.tuples(*[st.sampled_from([True, False, None]) for _ in SIGNALS]),
)


def shown(registry: CollectorRegistry) -> list[Metric]:
    """The fast metrics as exposed, exemplars without their times."""
    families = [family for family in registry.collect() if family.name in TALLIED]
    for family in families:
        family.samples = [
            sample if sample.exemplar is None else sample._replace(exemplar=sample.exemplar._replace(timestamp=None))
            for sample in family.samples
        ]
    return families


def written(families: list[Metric], *, accept: str) -> bytes:
    encode, _ = choose_encoder(accept)
    registry: Any = type("Read", (), {"collect": lambda _: families})()
    return encode(registry)


@given(st.lists(HAPPENED))
def test_fast_metrics_equal_those_of_the_library(story: list[Answered | Scored]) -> None:
    """Given the same input, both are written alike to the last byte, with labels, bounds, values and exemplars."""
    metrics, library = Metrics(version="1", catalogue="1"), Library()
    for happened in story:
        count(metrics, happened)
        library.count(happened)
    for accept in ("text/plain", OPENMETRICS):
        assert written(shown(metrics.registry), accept=accept) == written(shown(library.registry), accept=accept)


@given(st.lists(st.lists(HAPPENED, max_size=5), max_size=5))
def test_series_never_decrease(story: list[list[Answered | Scored]]) -> None:
    """At each scrape every series is still there, and none is smaller."""
    metrics = Metrics(version="1", catalogue="1")
    before: dict[Any, float] = {}
    for happenings in story:
        for happened in happenings:
            count(metrics, happened)
        now = {
            (sample.name, tuple(sample.labels.items())): sample.value
            for family in shown(metrics.registry)
            for sample in family.samples
        }
        assert before.keys() <= now.keys()
        assert all(now[series] >= before[series] for series in before)
        before = now


@given(st.lists(HAPPENED, min_size=1), st.lists(HAPPENED, min_size=1))
def test_a_collected_family_is_a_copy(first: list[Answered | Scored], later: list[Answered | Scored]) -> None:
    """Buckets, count and sum agree while they are written, though requests are answered meanwhile."""
    metrics = Metrics(version="1", catalogue="1")
    for happened in first:
        count(metrics, happened)
    families = shown(metrics.registry)
    text = written(families, accept=OPENMETRICS)
    for happened in later:
        count(metrics, happened)
    assert written(families, accept=OPENMETRICS) == text


def test_an_exemplar_has_the_time_of_its_request() -> None:
    """Of a counter as of a bucket, and the latest of a bucket is shown."""
    metrics = Metrics(version="1", catalogue="1")
    started = time.time()
    for trace_id, seconds in (("a" * 32, 0.003), ("b" * 32, 0.004), ("c" * 32, 7.0)):
        metrics.count_request(route="/", method="GET", status=200, seconds=seconds, trace_id=trace_id)
    ended = time.time()
    found = {
        sample.labels.get("le"): sample.exemplar
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.exemplar is not None
    }
    seen = {bound: (exemplar.labels["trace_id"], exemplar.value) for bound, exemplar in found.items()}
    assert seen == {None: ("c" * 32, 1.0), "0.005": ("b" * 32, 0.004), "10.0": ("c" * 32, 7.0)}
    for exemplar in found.values():
        assert isinstance(exemplar.timestamp, float)
        assert started <= exemplar.timestamp <= ended


@pytest.mark.parametrize("kind", [FastCounter, FastHistogram])
def test_duplicate_family_names_are_refused(kind: Callable[..., Any]) -> None:
    """The registry refuses a second family of the same name."""
    registry = CollectorRegistry()
    name = "adlrisk_scores" if kind is FastCounter else "adlrisk_score_ratio"
    kind(TALLIED[name], registry)
    with pytest.raises(DuplicateTimeseries):
        kind(TALLIED[name], registry)
