"""What the collector logs: what begins to fail and what is well again, each once and each time."""

import asyncio
import contextlib
import io
import json
from typing import Any, get_args

import pytest

from adlrisk.collect.adapters.observation import FetchError, Finding, Outcome
from adlrisk.collect.reporter import Reporting, calls_of
from adlrisk.collect.venue_loop import VenueCollector
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.telemetry.collector_metrics import CollectorMetrics
from adlrisk.telemetry.log_output import StreamOutput
from adlrisk.telemetry.logging import build_logger
from support.collect.skipped_time import monotonic, run_skipping, wall
from support.collect.staged import MemoryKeeping, StagedExchange, Told

CUT = FetchError("unavailable", "cut")
FETCHES = "adlrisk_collector_fetches_total"


class Reported:
    """A collector's report on a venue: what it has logged, and what it has counted."""

    def __init__(self, exchange: StagedExchange) -> None:
        calls = {exchange.venue: calls_of(exchange)}
        metrics = CollectorMetrics(version="1.2.3", calls=calls, outcomes=get_args(Outcome), clock=monotonic)
        self._log = io.StringIO()
        logger = build_logger(level="info", form="json", output=StreamOutput(self._log))
        self.reporting = Reporting(metrics=metrics, logger=logger)

    def lines(self, *events: str) -> list[dict[str, Any]]:
        """The lines of these events."""
        told = [json.loads(line) for line in self._log.getvalue().splitlines()]
        return [line for line in told if line["event"] in events]

    def counted(self, call: str) -> dict[str, float]:
        """How often a call ended how, as far as that is shown."""
        samples = (sample for family in self.reporting.registry.collect() for sample in family.samples)
        return {
            sample.labels["outcome"]: sample.value
            for sample in samples
            if sample.name == FETCHES and sample.labels["call"] == call
        }


def reported(exchange: StagedExchange, *, seconds: float) -> Reported:
    """What is reported of a venue that is collected for so long."""
    collected = Reported(exchange)

    async def scenario() -> None:
        collector = VenueCollector(
            exchange,
            ["BTC/USDT:USDT"],
            conditions=Conditions(),
            keeping=MemoryKeeping(monotonic=monotonic),
            watching=collected.reporting,
            clock=wall,
            monotonic=monotonic,
        )
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(collector.run(), seconds)

    run_skipping(scenario())
    return collected


def test_a_call_that_answers_again_is_logged_as_well_again() -> None:
    """A call that fails for a while is logged when it begins to, with the venue's words, and when it no longer does."""
    collected = Reported(StagedExchange({"mark": CUT}))
    for outcome in ("ok", "timeout", "unavailable", "ok", "ok", "unavailable"):
        detail = "" if outcome == "ok" else f"{outcome}: cut"
        collected.reporting.fetched("okx", "mark", outcome, seconds=0.5, detail=detail)
    lines = collected.lines("venue failing", "venue well again")
    assert [(line["event"], line["level"], line["venue"], line["what"], line.get("detail")) for line in lines] == [
        ("venue failing", "warning", "okx", "mark", "timeout: cut"),
        ("venue well again", "info", "okx", "mark", None),
        ("venue failing", "warning", "okx", "mark", "unavailable: cut"),
    ]


def test_every_break_of_a_stream_and_every_recovery_is_logged() -> None:
    """Of three breaks, each half a minute after the stream was opened, every one is logged, and every recovery."""
    broken: list[Told] = [Finding(), 30.0, CUT]
    collected = reported(StagedExchange({}, told=iter([*broken, *broken, *broken, Finding()])), seconds=600.0)
    lines = collected.lines("venue failing", "venue well again", "stream ended")
    assert [(line["event"], line["what"]) for line in lines] == [
        ("venue failing", "liquidations"),
        ("venue well again", "liquidations"),
    ] * 3
    assert [line.get("detail") for line in lines] == ["unavailable: cut", None] * 3


def test_a_stream_that_ends_after_hours_is_not_logged_as_failing() -> None:
    """Its end is a line of its own, with how long it lasted; it counts, and opened again it is well."""
    told: list[Told] = [Finding(), 7_200.0, CUT, Finding()]
    collected = reported(StagedExchange({}, told=iter(told)), seconds=7_300.0)
    assert collected.lines("venue failing", "venue well again") == []
    (ended,) = collected.lines("stream ended")
    assert (ended["level"], ended["venue"], ended["lasted_seconds"]) == ("info", "okx", 7_200)
    assert ended["detail"] == "unavailable: cut"
    assert collected.counted("liquidations")["unavailable"] == 1.0
    assert collected.counted("liquidations")["ok"] == 2.0


def test_a_stream_that_cannot_be_opened_again_after_hours_is_logged_as_failing() -> None:
    """Its end after hours is an ordinary one, and the first attempt to open it anew that fails is a failure."""
    told: list[Told] = [Finding(), 7_200.0, CUT, CUT]
    collected = reported(StagedExchange({}, told=iter(told)), seconds=7_300.0)
    lines = collected.lines("stream ended", "venue failing", "venue well again")
    assert [line["event"] for line in lines] == ["stream ended", "venue failing"]


@pytest.mark.parametrize("told", [None, []])
def test_a_stream_is_counted_from_zero_where_there_is_one(told: list[Told] | None) -> None:
    """Every outcome of a venue's stream is shown from the start, and none of a venue that has no stream."""
    outcomes = get_args(Outcome) if told is not None else ()
    collected = Reported(StagedExchange({"mark": CUT}, told=told))
    assert collected.counted("liquidations") == dict.fromkeys(outcomes, 0.0)
    assert collected.counted("mark") == dict.fromkeys(get_args(Outcome), 0.0)
