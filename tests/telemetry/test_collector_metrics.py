"""Collector metrics: everything that alerts use exists from the start; ages and clocks only while it leads."""

import asyncio
from typing import get_args

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from adlrisk.collect.adapters.observation import Outcome
from adlrisk.telemetry.collector_metrics import COLLECTOR_FAMILIES, CollectorMetrics
from adlrisk.telemetry.exposition import render_metrics

AGE, SKEW = "adlrisk_collector_record_age_seconds", "adlrisk_collector_clock_skew_seconds"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def metrics(clock: Clock) -> CollectorMetrics:
    calls = {"okx": ("contract", "mark", "depth"), "bybit": ("contract", "mark")}
    return CollectorMetrics(version="1.2.3", calls=calls, outcomes=get_args(Outcome), clock=clock)


def shown(registry: CollectorRegistry, name: str) -> dict[tuple[str, ...], float]:
    """The samples of a name by the values of their labels, in the order of the labels' names."""
    return {
        tuple(sample.labels[label] for label in sorted(sample.labels)): sample.value
        for family in registry.collect()
        for sample in family.samples
        if sample.name == name
    }


def test_series_of_alerts_exist_from_the_start(metrics: CollectorMetrics) -> None:
    """Each venue's leader, records and calls are 0 for every outcome, and there are no ages and clocks."""
    assert shown(metrics.registry, "adlrisk_collector_leader") == {("okx",): 0.0, ("bybit",): 0.0}
    written = {("ok", "okx"): 0.0, ("failed", "okx"): 0.0, ("ok", "bybit"): 0.0, ("failed", "bybit"): 0.0}
    assert shown(metrics.registry, "adlrisk_collector_records_written_total") == written
    outcomes = ("ok", "rate-limited", "unavailable", "timeout", "refused", "unreadable")
    asked = (("contract", "okx"), ("mark", "okx"), ("depth", "okx"), ("contract", "bybit"), ("mark", "bybit"))
    expected = {(call, outcome, venue): 0.0 for call, venue in asked for outcome in outcomes}
    assert shown(metrics.registry, "adlrisk_collector_fetches_total") == expected
    assert shown(metrics.registry, AGE) == {}
    assert shown(metrics.registry, SKEW) == {}
    assert shown(metrics.registry, "adlrisk_collector_build_info") == {("1.2.3",): 1.0}


def test_calls_are_counted_by_outcome_and_timed(metrics: CollectorMetrics) -> None:
    """Two answers and a refusal count as two and one, and three in the histogram; an omitted field counts by reason."""
    for outcome, seconds in (("ok", 0.25), ("ok", 0.5), ("refused", 1.0)):
        metrics.count_fetch("okx", "mark", outcome, seconds=seconds)
    metrics.count_field_left_out("okx", "funding_cap", "mistyped")
    fetches = shown(metrics.registry, "adlrisk_collector_fetches_total")
    assert fetches["mark", "ok", "okx"] == 2.0
    assert fetches["mark", "refused", "okx"] == 1.0
    assert sum(fetches.values()) == 3.0
    assert shown(metrics.registry, "adlrisk_collector_fetch_duration_seconds_count") == {("mark", "okx"): 3.0}
    assert shown(metrics.registry, "adlrisk_collector_fetch_duration_seconds_sum") == {("mark", "okx"): 1.75}
    left_out = {("funding_cap", "okx", "mistyped"): 1.0}
    assert shown(metrics.registry, "adlrisk_collector_fields_left_out_total") == left_out


def test_record_age_starts_at_the_last_write(metrics: CollectorMetrics, clock: Clock) -> None:
    """The age runs from the start of tracking until a record is kept, then from there; failures do not count."""
    metrics.set_leader("okx", is_leader=True)
    metrics.track_market("okx", "BTC-USDT-SWAP")
    metrics.track_market("okx", "ETH-USDT-SWAP")
    clock.now = 1030.0
    metrics.count_write("okx", "BTC-USDT-SWAP", is_kept=True)
    metrics.count_write("okx", "ETH-USDT-SWAP", is_kept=False)
    clock.now = 1042.0
    assert shown(metrics.registry, AGE) == {("BTC-USDT-SWAP", "okx"): 12.0, ("ETH-USDT-SWAP", "okx"): 42.0}
    written = shown(metrics.registry, "adlrisk_collector_records_written_total")
    assert (written["ok", "okx"], written["failed", "okx"]) == (1.0, 1.0)


def test_only_the_leader_shows_ages_and_clocks(metrics: CollectorMetrics, clock: Clock) -> None:
    """A follower shows neither, or old values would look like a new problem; a new leader starts again."""
    for venue, symbol in (("okx", "BTC-USDT-SWAP"), ("bybit", "BTCUSDT")):
        metrics.set_leader(venue, is_leader=True)
        metrics.track_market(venue, symbol)
        metrics.set_clock_skew(venue, -0.5)
    clock.now = 1100.0
    metrics.set_leader("okx", is_leader=False)
    metrics.count_write("okx", "BTC-USDT-SWAP", is_kept=True)  # a late write, after the lease was lost
    assert shown(metrics.registry, "adlrisk_collector_leader") == {("okx",): 0.0, ("bybit",): 1.0}
    assert shown(metrics.registry, AGE) == {("BTCUSDT", "bybit"): 100.0}
    assert shown(metrics.registry, SKEW) == {("bybit",): -0.5}
    metrics.set_leader("okx", is_leader=True)
    metrics.track_market("okx", "BTC-USDT-SWAP")
    metrics.set_clock_skew("okx", 0.25)
    clock.now = 1101.0
    assert shown(metrics.registry, AGE) == {("BTC-USDT-SWAP", "okx"): 1.0, ("BTCUSDT", "bybit"): 101.0}
    assert shown(metrics.registry, SKEW) == {("okx",): 0.25, ("bybit",): -0.5}


def test_exposed_families_match_the_definitions(metrics: CollectorMetrics) -> None:
    """Every family is written with its labels, and no other family of the collector."""
    metrics.count_fetch("okx", "mark", "ok", seconds=0.1)
    metrics.count_field_left_out("okx", "depth", "absurd")
    metrics.track_market("okx", "BTC-USDT-SWAP")
    metrics.set_clock_skew("okx", 0.0)
    text, _ = asyncio.run(render_metrics(metrics.registry, accept="text/plain"))
    found = {
        family.name: {label for sample in family.samples for label in sample.labels} - {"le"}
        for family in text_string_to_metric_families(text.decode())
        if family.name.startswith("adlrisk_")
    }
    suffixes = {"info": "_info"}
    expected = {family.name + suffixes.get(family.kind, ""): set(family.labels) for family in COLLECTOR_FAMILIES}
    assert found == expected
