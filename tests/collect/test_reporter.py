"""The reporter: each begin and each end of a failure is logged once, and every event is counted."""

import asyncio
import contextlib
import io
import json
from typing import Any, get_args

import pytest

from adlrisk.collect.adapters.observation import FetchError, Observation, Outcome
from adlrisk.collect.reporter import Reporter, reported_calls
from adlrisk.collect.venue_loop import VenueCollector
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.telemetry.collector_metrics import CollectorMetrics
from adlrisk.telemetry.log_output import StreamOutput
from adlrisk.telemetry.logging import build_logger
from support.collect.skipped_time import monotonic, run_skipping, wall
from support.collect.staged import MemoryCollectorStore, StagedExchange, Streamed

CUT = FetchError("unavailable", "cut")
FETCHES = "adlrisk_collector_fetches_total"


class Report:
    """A reporter on one venue, with what it has logged and counted."""

    def __init__(self, exchange: StagedExchange) -> None:
        calls = {exchange.venue: reported_calls(exchange)}
        metrics = CollectorMetrics(version="1.2.3", calls=calls, outcomes=get_args(Outcome), clock=monotonic)
        self._log = io.StringIO()
        logger = build_logger(level="info", form="json", output=StreamOutput(self._log))
        self.reporter = Reporter(metrics=metrics, logger=logger)

    def lines(self, *events: str) -> list[dict[str, Any]]:
        """The lines of these events."""
        streamed = [json.loads(line) for line in self._log.getvalue().splitlines()]
        return [line for line in streamed if line["event"] in events]

    def counted(self, call: str) -> dict[str, float]:
        """The counter of a call, by outcome."""
        samples = (sample for family in self.reporter.registry.collect() for sample in family.samples)
        return {
            sample.labels["outcome"]: sample.value
            for sample in samples
            if sample.name == FETCHES and sample.labels["call"] == call
        }


def collect(exchange: StagedExchange, *, seconds: float) -> Report:
    """The report on a venue that is collected for ``seconds``."""
    report = Report(exchange)

    async def scenario() -> None:
        collector = VenueCollector(
            exchange,
            ["BTC/USDT:USDT"],
            conditions=Conditions(),
            store=MemoryCollectorStore(monotonic=monotonic),
            observer=report.reporter,
            clock=wall,
            monotonic=monotonic,
        )
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(collector.run(), seconds)

    run_skipping(scenario())
    return report


def test_recovered_call_is_logged_as_well_again() -> None:
    """A failing call is logged when the failure begins, with its detail, and when it ends."""
    report = Report(StagedExchange({"mark": CUT}))
    for outcome in ("ok", "timeout", "unavailable", "ok", "ok", "unavailable"):
        detail = "" if outcome == "ok" else f"{outcome}: cut"
        report.reporter.fetched("okx", "mark", outcome, seconds=0.5, detail=detail)
    lines = report.lines("venue failing", "venue well again")
    assert [(line["event"], line["level"], line["venue"], line["what"], line.get("detail")) for line in lines] == [
        ("venue failing", "warning", "okx", "mark", "timeout: cut"),
        ("venue well again", "info", "okx", "mark", None),
        ("venue failing", "warning", "okx", "mark", "unavailable: cut"),
    ]


def test_each_stream_break_and_recovery_is_logged() -> None:
    """Three breaks, each half a minute after the stream opened, are all logged, and so is each recovery."""
    broken: list[Streamed] = [Observation(), 30.0, CUT]
    report = collect(StagedExchange({}, streamed=iter([*broken, *broken, *broken, Observation()])), seconds=600.0)
    lines = report.lines("venue failing", "venue well again", "stream ended")
    assert [(line["event"], line["what"]) for line in lines] == [
        ("venue failing", "liquidations"),
        ("venue well again", "liquidations"),
    ] * 3
    assert [line.get("detail") for line in lines] == ["unavailable: cut", None] * 3


def test_end_of_stable_stream_is_not_logged_as_failure() -> None:
    """The end after hours is logged with the duration and counted; the reopened stream is reported as ok."""
    streamed: list[Streamed] = [Observation(), 7_200.0, CUT, Observation()]
    report = collect(StagedExchange({}, streamed=iter(streamed)), seconds=7_300.0)
    assert report.lines("venue failing", "venue well again") == []
    (ended,) = report.lines("stream ended")
    assert (ended["level"], ended["venue"], ended["lasted_seconds"]) == ("info", "okx", 7_200)
    assert ended["detail"] == "unavailable: cut"
    assert report.counted("liquidations")["unavailable"] == 1.0
    assert report.counted("liquidations")["ok"] == 2.0


def test_stable_stream_that_cannot_be_reopened_is_logged_as_failing() -> None:
    """Its end after hours is no failure, but the first failed attempt to reopen it is."""
    streamed: list[Streamed] = [Observation(), 7_200.0, CUT, CUT]
    report = collect(StagedExchange({}, streamed=iter(streamed)), seconds=7_300.0)
    lines = report.lines("stream ended", "venue failing", "venue well again")
    assert [line["event"] for line in lines] == ["stream ended", "venue failing"]


@pytest.mark.parametrize("streamed", [None, []])
def test_stream_counters_start_at_zero(streamed: list[Streamed] | None) -> None:
    """Every outcome of a venue's stream is exported from the start, and none for a venue without a stream."""
    outcomes = get_args(Outcome) if streamed is not None else ()
    report = Report(StagedExchange({"mark": CUT}, streamed=streamed))
    assert report.counted("liquidations") == dict.fromkeys(outcomes, 0.0)
    assert report.counted("mark") == dict.fromkeys(get_args(Outcome), 0.0)
