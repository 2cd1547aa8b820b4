"""Metrics and logs as operations see them."""

import asyncio
import io
import json
import re
import socket
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from prometheus_client import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from adlrisk.api.http.problem_types import PROBLEMS
from adlrisk.settings import Settings
from adlrisk.telemetry.definitions import FAMILIES
from adlrisk.telemetry.exposition import render_metrics
from adlrisk.telemetry.slo import SERVICE_LEVELS
from adlrisk.venues.catalogue import load_catalogue
from support.redis_servers import wait_for
from support.running import RunningServer, example

SCORE = example("score.request")
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


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
    """Labels are path templates; unrouted paths and unknown methods have fixed labels."""
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
    """A score counts once with its five signals, in a batch as alone; problems count by type."""
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


def test_each_signal_is_counted_under_its_name(fresh: Any) -> None:
    """Each signal is counted with the outcome in the answer."""
    _, client = fresh
    outcomes = {True: "fired", False: "calm", None: "unknown"}
    expected: Counter[tuple[str, str]] = Counter()
    calm = {**SCORE, "market": {**SCORE["market"], "funding_rate": 0}}
    silent = {**SCORE, "market": {}}
    for asked in (SCORE, calm, silent, example("score-position-alone.request")):  # so that no two signals count alike
        answer = client.post("/score", json=asked).raise_for_status()
        expected.update((signal["signal"], outcomes[signal["fired"]]) for signal in answer.json()["signals"])
    counted = {
        (dict(labels)["signal"], dict(labels)["outcome"]): count
        for (name, labels), count in samples(client).items()
        if name == "adlrisk_signals_total"
    }
    assert counted == expected
    by_signal: dict[str, set[tuple[str, float]]] = {}
    for (signal, outcome), count in counted.items():
        by_signal.setdefault(signal, set()).add((outcome, count))
    assert len({frozenset(counts) for counts in by_signal.values()}) == 5


def test_books_and_allocations_are_counted(fresh: Any) -> None:
    """A book is counted by operation and venue with its positions, an allocation by policy with its uncovered lots."""
    _, client = fresh
    book = example("adl-allocate.request")
    greedy = {**book, "policies": ["venue", "pro_rata_size"], "bankrupt": {**book["bankrupt"], "size": 1_000}}
    client.post("/queue/rank", json=example("queue-rank.request")).raise_for_status()
    covered = client.post("/adl/allocate", json=book).raise_for_status().json()
    uncovered = client.post("/adl/allocate", json=greedy).raise_for_status().json()
    assert [result["uncovered_lots"] for result in covered["results"]] == [0]
    found = samples(client)
    venue, ranked_at = book["venue"], example("queue-rank.request")["venue"]
    assert value(found, "adlrisk_books_total", operation="rankQueue", venue=ranked_at) == 1
    assert value(found, "adlrisk_books_total", operation="allocateDeleveraging", venue=venue) == 2
    assert value(found, "adlrisk_book_positions_count", operation="allocateDeleveraging") == 2
    positions = len(book["positions"])
    assert value(found, "adlrisk_book_positions_sum", operation="allocateDeleveraging") == 2 * positions
    assert value(found, "adlrisk_book_duration_seconds_count", operation="rankQueue") == 1
    assert 0.0 < value(found, "adlrisk_book_duration_seconds_sum", operation="rankQueue") < 10.0
    assert value(found, "adlrisk_allocations_total", policy="venue", covered="yes") == 1
    assert value(found, "adlrisk_allocations_total", policy="venue", covered="no") == 1
    assert value(found, "adlrisk_allocations_total", policy="pro_rata_size", covered="no") == 1
    lots = "adlrisk_allocation_uncovered_lots_total"
    assert value(found, lots, policy="pro_rata_size") == uncovered["results"][1]["uncovered_lots"] > 0


def test_books_in_the_worker_are_counted() -> None:
    """The service counts what its worker process did."""
    settings = Settings(inline_book_bytes=1)
    with RunningServer(settings, log=io.StringIO()) as server, httpx.Client(base_url=server.url, timeout=30) as client:
        client.post("/adl/allocate", json=example("adl-allocate-policies.request")).raise_for_status()
        client.post("/queue/rank", json={**example("queue-rank.request"), "venue": "kraken"})
        found = samples(client)
    operation = "allocateDeleveraging"
    positions = len(example("adl-allocate-policies.request")["columns"]["id"])
    assert value(found, "adlrisk_book_positions_sum", operation=operation) == positions
    assert value(found, "adlrisk_book_duration_seconds_count", operation=operation) == 1
    assert value(found, "adlrisk_book_positions_count", operation="rankQueue") == 0
    asked = example("adl-allocate-policies.request")["policies"]
    counted = {labels for name, labels in found if name == "adlrisk_allocations_total"}
    assert {dict(labels)["policy"] for labels in counted} == set(asked)


def test_book_without_a_slot_is_counted() -> None:
    """It is a rejection by the books' limit; metrics show the slots and those taken."""
    with RunningServer(Settings(max_books=1), log=io.StringIO()) as server, httpx.Client(base_url=server.url) as client:
        body = json.dumps(example("queue-rank.request")).encode()
        head = b"POST /queue/rank HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        with socket.create_connection(("127.0.0.1", server.port)) as slow:
            slow.sendall(head % len(body) + body[:10])
            wait_for(lambda: value(samples(client), "adlrisk_places_taken", limit="books") == 1, "the place taken")
            assert client.post("/queue/rank", content=body, headers={"content-type": "application/json"}).is_error
            slow.sendall(body[10:])
            assert slow.recv(20).startswith(b"HTTP/1.1 200")
        found = samples(client)
    assert value(found, "adlrisk_rejections_total", limit="books") == 1
    assert value(found, "adlrisk_places_taken", limit="books") == 0
    assert value(found, "adlrisk_places", limit="books") == 1


def test_body_sizes_are_measured(fresh: Any) -> None:
    """Received and sent bytes are measured, chunked or not; a HEAD's answer is empty."""
    _, client = fresh
    body = json.dumps(SCORE).encode()
    answer = client.post("/score", content=body, headers={"content-type": "application/json"})
    client.post("/score", content=iter([body[:10], body[10:]]), headers={"content-type": "application/json"})
    client.head("/venues")
    found = samples(client)
    assert value(found, "adlrisk_http_request_body_bytes_count", route="/score") == 2
    assert value(found, "adlrisk_http_request_body_bytes_sum", route="/score") == 2 * len(body)
    assert value(found, "adlrisk_http_response_body_bytes_sum", route="/score") == 2 * len(answer.content)
    assert value(found, "adlrisk_http_response_body_bytes_sum", route="/venues") == 0
    assert value(found, "adlrisk_http_response_body_bytes_count", route="/venues") == 1
    assert value(found, "adlrisk_http_request_body_bytes_count", route="/venues") == 0


def test_scores_have_buckets_of_a_tenth(fresh: Any) -> None:
    """The worked example, 8 of 10, is above the bucket of 0.7 and within that of 0.8."""
    _, client = fresh
    client.post("/score", json=SCORE)
    found = samples(client)
    name = "adlrisk_score_ratio_bucket"
    assert value(found, name, venue="binance", le="0.7") == 0
    assert value(found, name, venue="binance", le="0.8") == 1


def test_metrics_of_alerts_start_at_zero(fresh: Any) -> None:
    """Failures, bands, problems and rejections exist before their first increase, or alerts could not see it."""
    _, client = fresh
    found = samples(client)
    zeros = [
        ("adlrisk_http_requests_total", {"route": "/adl/allocate", "method": "POST", "status": "500"}),
        ("adlrisk_scores_total", {"venue": "okx", "band": "high"}),
        ("adlrisk_problems_total", {"type": "internal-error"}),
        ("adlrisk_rejections_total", {"limit": "books"}),
        ("adlrisk_allocation_uncovered_lots_total", {"policy": "venue"}),
    ]
    for name, labels in zeros:
        assert found[(name, tuple(sorted(labels.items())))] == 0.0
    assert {dict(labels)["type"] for name, labels in found if name == "adlrisk_problems_total"} == set(PROBLEMS)


def test_metrics_show_the_catalogue_and_the_objectives(admin: httpx.Client) -> None:
    """Metrics show card and service versions, the age of each card's sources, overrides, and the objectives."""
    admin.get("/venues")  # so that something has taken its time
    found = samples(admin)
    (shown,) = [dict(labels)["revision"] for name, labels in found if name == "adlrisk_catalogue_info"]
    assert shown == load_catalogue().revision
    (version,) = [dict(labels)["version"] for name, labels in found if name == "adlrisk_build_info"]
    assert version == admin.get("/").json()["version"]
    for listed in admin.get("/venues").json()["venues"]:
        card = admin.get(f"/venues/{listed['id']}").json()
        read = min(datetime.fromisoformat(source["read"]).replace(tzinfo=UTC) for source in card["sources"])
        assert value(found, "adlrisk_venue_sources_timestamp_seconds", venue=listed["id"]) == read.timestamp()
    for level in SERVICE_LEVELS:
        assert value(found, "adlrisk_target_ratio", routes=level.name, promise="availability") == level.availability
        assert value(found, "adlrisk_target_ratio", routes=level.name, promise="latency") == level.latency
        assert value(found, "adlrisk_target_latency_seconds", routes=level.name) == level.seconds
        assert f"{level.seconds}" in {dict(labels).get("le") for _, labels in found}
    try:
        admin.patch("/venues/mexc", json={"score": {"leverage": 5}}).raise_for_status()
        assert value(samples(admin), "adlrisk_venue_overridden", venue="mexc") == 1
    finally:
        admin.delete("/venues/mexc/override").raise_for_status()
    assert value(samples(admin), "adlrisk_venue_overridden", venue="mexc") == 0


def test_exemplars_name_sampled_traces(fresh: Any) -> None:
    """OpenMetrics shows the trace of a sampled request; the text format and unsampled traces show none."""
    _, client = fresh
    kept, dropped = "4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c"
    client.post("/score", json=SCORE, headers={"traceparent": f"00-{kept}-00f067aa0ba902b7-01"})
    client.get("/venues", headers={"traceparent": f"00-{dropped}-00f067aa0ba902b7-00"})
    answer = client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    exemplars = {
        (sample.name, sample.labels["route"]): sample.exemplar.labels["trace_id"]
        for family in parse_openmetrics(answer.text)  # type: ignore[no-untyped-call]
        for sample in family.samples
        if sample.exemplar is not None
    }
    assert exemplars == {
        ("adlrisk_http_requests_total", "/score"): kept,
        ("adlrisk_http_request_duration_seconds_bucket", "/score"): kept,
    }
    assert kept not in client.get("/metrics").text


ACCEPTED = [
    "",
    "text/plain; version=abc",
    "application/openmetrics-text; version=",
    "application/openmetrics-text; version=1.x",
    "application/openmetrics-text; version=0.0.1; escaping=ü".encode("latin-1").decode("latin-1"),
    "text/plain; version=99999999999999999999.9; escaping=allow-utf-8",
    "*/*;q=0",
]


@pytest.mark.parametrize("accept", ACCEPTED)
def test_metrics_are_served_whatever_accept_says(client: httpx.Client, accept: str) -> None:
    """No Accept header keeps operations from the metrics."""
    response = client.get("/metrics", headers=[(b"accept", accept.encode("latin-1"))])
    assert response.status_code == 200
    assert "adlrisk_build_info" in response.text


def test_writing_the_metrics_yields_to_other_requests(fresh: Any) -> None:
    """However many series there are, other requests wait for at most a hundred lines."""
    server, client = fresh
    position = example("score-position-alone.request")["position"]
    for venue, known in load_catalogue().items():
        held = {**position, "contract": known.rules.contracts[0]}
        client.post("/score", json={"venue": venue, "position": held}).raise_for_status()

    async def story() -> tuple[int, bytes]:
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        beside = asyncio.create_task(others())
        content, _ = await render_metrics(server.app.context.metrics.registry, accept="")
        beside.cancel()
        return turns, content

    turns, content = asyncio.run(story())
    lines = content.count(b"\n")
    assert lines > 700
    assert turns > max(lines / 100, len(FAMILIES))
    whole = generate_latest(server.app.context.metrics.registry)
    assert [line.split(b" ")[0] for line in content.split(b"\n")] == [
        line.split(b" ")[0] for line in whole.split(b"\n")
    ]


def test_each_metric_family_is_complete(client: httpx.Client) -> None:
    """Written family by family, both formats equal the library's output."""
    client.post("/score", json=SCORE)
    for accept, parse in (("text/plain", text_string_to_metric_families), (OPENMETRICS, parse_openmetrics)):
        text = client.get("/metrics", headers={"accept": accept}).text
        names = [family.name for family in parse(text)]
        assert len(names) == len(set(names))
        assert {family.name for family in FAMILIES} <= set(names) | {name.removesuffix("_info") for name in names}
        assert text.count("# EOF") == (accept == OPENMETRICS)


def test_labels_come_from_fixed_sets(fresh: Any) -> None:
    """Nothing in a request becomes a new label."""
    _, client = fresh
    for number in range(30):
        client.get(f"/x{number}")
        client.request("MKCOL", f"/x{number}")
        client.post("/score", json={**SCORE, "venue": f"v{number}"})
        client.get(f"/venues/v{number}")
    text = client.get("/metrics").text
    assert not re.search(r'="[/xv]+\d', text)


def test_openmetrics_is_served_if_accepted(client: httpx.Client) -> None:
    """OpenMetrics ends in EOF; the default is the Prometheus text format."""
    response = client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert response.headers["content-type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")
    assert client.get("/metrics").headers["content-type"].startswith("text/plain")


def test_each_request_logs_one_line_without_its_content(fresh: Any) -> None:
    """A line says how the request went, and nothing of its content."""
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


def test_warning_level_logs_no_requests() -> None:
    """At level warning, requests leave no line."""
    settings = Settings(log_level="warning")
    with RunningServer(settings, log=io.StringIO()) as server:
        httpx.get(f"{server.url}/venues")
        assert server.log.getvalue() == ""


def test_alerts_are_counted_by_venue(fresh: Any) -> None:
    """Each alert of each score counts once, in a batch and a leg as alone; all begin at zero."""
    _, client = fresh
    name = "adlrisk_alerts_total"
    begun = {(dict(labels)["venue"], dict(labels)["alert"]) for (shown, labels) in samples(client) if shown == name}
    assert {venue for venue, _ in begun} == set(load_catalogue())
    assert len(begun) == 6 * len(load_catalogue())
    market = {"adl_rating": "high", "open_interest_high": True}
    asked = {**SCORE, "market": market}
    client.post("/score", json=asked)
    client.post("/scores", json={"items": [asked, asked, SCORE]})
    leg = {**SCORE["position"], "id": "a", "symbol": "ETHUSDT"}
    del leg["margin"]
    account = {"venue": "binance", "equity": 3000, "markets": {"ETHUSDT": {"adl_rating": "high"}}, "positions": [leg]}
    assert client.post("/account", json=account).json()["positions"][0]["alerts"]
    found = samples(client)
    assert value(found, name, venue="binance", alert="venue_rates_high") == 4
    assert value(found, name, venue="binance", alert="open_interest_high") == 3
    assert value(found, name, venue="binance", alert="adl_in_progress") == 0
