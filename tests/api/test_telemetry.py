"""Metrics and logs as operations see them."""

import io
import re
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adlrisk.settings import Settings
from running import RunningServer, example

SCORE = example("score.request")


@pytest.fixture
def fresh() -> Any:
    """A server that nobody has asked anything yet, with its client."""
    with RunningServer(Settings(), log=io.StringIO()) as server, httpx.Client(base_url=server.url) as client:
        yield server, client


def samples(client: httpx.Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
    }


def value(found: dict[Any, float], name: str, **labels: str) -> float:
    return found.get((name, tuple(sorted(labels.items()))), 0.0)


def test_requests_are_counted_by_template_method_and_status(fresh: Any) -> None:
    """Templates, not paths; unrouted paths and odd methods fall into fixed labels."""
    _, client = fresh
    client.post("/score", json=SCORE)
    client.get("/venues/okx")
    client.get("/venues/binance")
    client.get("/venues/nowhere")
    client.get("/nowhere")
    client.get("/nowhere/else")
    client.put("/score")
    client.request("PROPFIND", "/score")
    found = samples(client)
    name = "adlrisk_http_requests_total"
    assert value(found, name, route="/score", method="POST", status="200") == 1
    assert value(found, name, route="/venues/{venue}", method="GET", status="200") == 2
    assert value(found, name, route="/venues/{venue}", method="GET", status="404") == 1
    assert value(found, name, route="unmatched", method="GET", status="404") == 2
    assert value(found, name, route="/score", method="PUT", status="405") == 1
    assert value(found, name, route="/score", method="other", status="405") == 1
    assert value(found, "adlrisk_http_request_duration_seconds_count", route="/score", method="POST") == 1
    assert value(found, "adlrisk_http_requests_in_flight") == 1  # the scrape itself


def test_scores_signals_and_problems_are_counted(fresh: Any) -> None:
    """One score counts once with its five signals, in a batch as alone; problems count by type."""
    _, client = fresh
    client.post("/score", json=SCORE)
    client.post("/scores", json={"items": [SCORE, example("score-position-alone.request"), {}]})
    client.post("/score", json={**SCORE, "venue": "nowhere"})
    found = samples(client)
    assert value(found, "adlrisk_scores_total", venue="binance", band="high") == 2
    assert value(found, "adlrisk_scores_total", venue="binance", band="low") == 1
    signals = "adlrisk_signals_total"
    assert value(found, signals, venue="binance", signal="leverage", outcome="calm") == 3
    assert value(found, signals, venue="binance", signal="funding", outcome="fired") == 2
    assert value(found, signals, venue="binance", signal="funding", outcome="unknown") == 1
    assert value(found, "adlrisk_problems_total", type="invalid-request") == 1
    assert value(found, "adlrisk_problems_total", type="unknown-venue") == 1


def test_labels_come_from_fixed_sets(fresh: Any) -> None:
    """Nothing a caller sends becomes a label of its own."""
    _, client = fresh
    for number in range(30):
        client.get(f"/x{number}")
        client.request("MKCOL", f"/x{number}")
        client.post("/score", json={**SCORE, "venue": f"v{number}"})
        client.get(f"/venues/v{number}")
    text = client.get("/metrics").text
    assert not re.search(r'="[/xv]+\d', text)


def test_openmetrics_where_it_is_asked_for(client: httpx.Client) -> None:
    """OpenMetrics ends in EOF; the default is the Prometheus text format."""
    response = client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")
    assert client.get("/metrics").headers["content-type"].startswith("text/plain")


def test_one_log_line_per_request_and_no_position_in_it(fresh: Any) -> None:
    """A line says how the request went and never what was in it."""
    server, client = fresh
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    client.post("/score", json=SCORE, headers={"x-request-id": "line-1", "traceparent": trace})
    client.get("/nowhere?secret=7")
    lines = server.log_lines()
    assert len(lines) == 2
    scored, missed = lines
    assert scored["event"] == "request"
    assert (scored["route"], scored["method"], scored["status"]) == ("/score", "POST", 200)
    assert scored["request_id"] == "line-1"
    assert scored["trace_id"] == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert scored["milliseconds"] > 0
    assert (missed["route"], missed["status"]) == ("unmatched", 404)
    text = server.log.getvalue()
    for private in ("2000", "1800", "ETHUSDT", "secret", "short"):
        assert private not in text.replace(scored["timestamp"], "").replace(missed["timestamp"], "")


def test_a_warning_level_keeps_requests_out_of_the_log() -> None:
    """At level warning, requests leave no line."""
    settings = Settings(log_level="warning")
    with RunningServer(settings, log=io.StringIO()) as server:
        httpx.get(f"{server.url}/venues")
        assert server.log.getvalue() == ""
