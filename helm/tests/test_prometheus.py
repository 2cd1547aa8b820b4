"""Dashboard, rules and metrics together, against a real Prometheus."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from adlrisk.api.app import ENDPOINTS
from dashboard.grafana import FILE
from deployment import Load, collector, replicas, watch
from kube_state import kube_state
from prometheus_server import NAMESPACE, RULES, Prometheus, shortened
from support.hostile.failure_cases import FAILURES
from support.redis_servers import RedisServer
from waiting import until

PANELS = [panel for panel in json.loads(FILE.read_text())["panels"] if panel["type"] != "row"]
TARGETS = [(panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]]
GROUPS = yaml.safe_load(shortened(RULES.read_text()))["groups"]
RECORDED = [rule for group in GROUPS for rule in group["rules"] if "record" in rule]
ALERTS = [rule for group in GROUPS for rule in group["rules"] if "alert" in rule]
SET_OPERATORS, COMPARISONS = ("and", "or", "unless"), ("==", "!=", ">", "<", ">=", "<=")


class Watched:
    """The running servers."""

    def __init__(self, prometheus: Prometheus, store: RedisServer, load: Load) -> None:
        self.prometheus = prometheus
        self.store = store
        self.load = load


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Two replicas under a load that has touched everything, scraped for a quarter of a minute."""
    directory = tmp_path_factory.mktemp("watched")
    with ExitStack() as stack:
        ports, store = stack.enter_context(replicas(directory))
        collects = stack.enter_context(collector(directory, store))
        watches = stack.enter_context(watch(directory))
        cluster = stack.enter_context(kube_state())
        prometheus = stack.enter_context(
            Prometheus(directory / "prometheus", ports=[*ports, collects, watches], cluster_ports=[cluster])
        )
        load = stack.enter_context(Load(ports))
        load.touch_everything()
        until(lambda: load.rounds > 300, "the load")
        until(lambda: bool(prometheus.samples("adlrisk_collector_clock_skew_seconds")), "the collector")
        until(lambda: bool(prometheus.samples("adlrisk:burn:rate30d offset 20s")), "the rules")
        until(lambda: bool(prometheus.samples("adlrisk:high_scores:baseline offset 20s")), "the baseline")
        yield Watched(prometheus, store, load)


def operands(expression: Any) -> list[Any]:
    """The operands of an alert's comparisons, which must have data while the alert does not fire."""
    if isinstance(expression, promql_parser.ParenExpr):
        return operands(expression.expr)
    if isinstance(expression, promql_parser.BinaryExpr) and (
        str(expression.op) in (*SET_OPERATORS, *COMPARISONS)
        or is_filtered(expression.lhs)
        or is_filtered(expression.rhs)
    ):
        return operands(expression.lhs) + operands(expression.rhs)
    if isinstance(expression, promql_parser.AggregateExpr) and is_filtered(expression.expr):
        return operands(expression.expr)
    if isinstance(expression, promql_parser.Call) and expression.func.name in ("absent", "label_replace"):
        return operands(expression.args[0])
    return [expression]


def is_filtered(expression: Any) -> bool:
    """Whether the expression may be empty because of a comparison within it."""
    return operands(expression) != [expression]


def chosen(expression: str) -> str:
    """A panel's expression with the dashboard's variables filled in, as by Grafana."""
    for variable, value in (("$__rate_interval", "30s"), ("$namespace", NAMESPACE), ("$venue", ".*")):
        expression = expression.replace(variable, value)
    assert "$" not in expression
    return expression


@pytest.mark.parametrize(("title", "expression"), TARGETS, ids=[f"{title}: {expr}"[:60] for title, expr in TARGETS])
def test_every_panel_shows_data(watched: Watched, title: str, expression: str) -> None:
    """Each panel's expression parses, and gives at least one series with a number."""
    promql_parser.parse(chosen(expression))
    assert has_numbers(watched, chosen(expression)), title


@pytest.mark.parametrize("rule", RECORDED, ids=lambda rule: rule["record"])
def test_every_recording_rule_gives_data(watched: Watched, rule: dict[str, str]) -> None:
    """Each recording rule's expression gives data, and so does its recorded name."""
    promql_parser.parse(rule["expr"])
    assert has_numbers(watched, rule["expr"])
    assert has_numbers(watched, rule["record"])


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_compares_existing_data(watched: Watched, rule: dict[str, str]) -> None:
    """Each operand of an alert has data; an alert without operands could never fire."""
    compared = operands(promql_parser.parse(rule["expr"]))
    assert compared
    for operand in compared:
        assert has_numbers(watched, operand.prettify()), operand.prettify()


def has_numbers(watched: Watched, expression: str) -> bool:
    return any(
        float(sample["value"][1]) == float(sample["value"][1]) for sample in watched.prometheus.samples(expression)
    )


def test_prometheus_evaluates_all_rules(watched: Watched) -> None:
    """Prometheus evaluates every rule without an error."""
    rules = [rule for group in watched.prometheus.ask("rules")["groups"] for rule in group["rules"]]
    assert len(rules) == len(RECORDED) + len(ALERTS)
    assert {rule["name"]: rule["health"] for rule in rules if rule["health"] != "ok"} == {}


def test_prometheus_has_who_changed_what(watched: Watched) -> None:
    """Each kind of change by the name of its key, from which the marks of the dashboard are made."""
    seen = watched.prometheus.samples("sum by (kind, key) (adlrisk_changes_total) > 0")
    assert {(sample["metric"]["kind"], sample["metric"]["key"]) for sample in seen} == {
        ("patch", "ops"),
        ("reset", "ops"),
        ("record", "ops"),
    }
    (marks,) = json.loads(FILE.read_text())["annotations"]["list"]
    marked = watched.prometheus.samples(chosen(marks["expr"]))
    assert {sample["metric"]["kind"] for sample in marked} == {"patch", "reset"}
    turned_away = watched.prometheus.samples("sum by (key) (adlrisk_callers_turned_away_total) > 0")
    assert {"none", "unknown"} <= {sample["metric"]["key"] for sample in turned_away}


def test_prometheus_has_every_endpoint_and_problem(watched: Watched) -> None:
    """Prometheus has each route and method, and each problem type that a request can cause."""
    seen = watched.prometheus.samples("sum by (route, method) (adlrisk_http_requests_total) > 0")
    found = {(sample["metric"]["route"], sample["metric"]["method"]) for sample in seen}
    assert {(endpoint.path, endpoint.method) for endpoint in ENDPOINTS} <= found
    problems = watched.prometheus.samples("sum by (type) (adlrisk_problems_total) > 0")
    assert {case.slug for case in FAILURES} | {"overloaded"} <= {sample["metric"]["type"] for sample in problems}


def test_the_histogram_has_exemplars(watched: Watched) -> None:
    """Prometheus, which scrapes OpenMetrics, has exemplars with the load's trace ids."""
    found = watched.prometheus.ask(
        "query_exemplars",
        query='adlrisk_http_request_duration_seconds_bucket{route="/score"}',
        start="0",
        end="9999999999",
    )
    ids = [exemplar["labels"]["trace_id"] for series in found for exemplar in series["exemplars"]]
    assert ids
    assert all(re.fullmatch("[0-9a-f]{32}", id_) for id_ in ids)


def test_a_market_event_fires_its_alert(watched: Watched) -> None:
    """When positions at one venue turn high, that venue's alert fires, and no other's."""
    watched.load.alarmed, watched.load.alarm = "okx", 1.0
    try:
        until(lambda: "AdlriskHighScoresRise" in watched.prometheus.firing(), "the alert")
    finally:
        watched.load.alarm = 0.05
    alerts = watched.prometheus.ask("alerts")["alerts"]
    told = {alert["labels"]["venue"] for alert in alerts if alert["labels"]["alertname"] == "AdlriskHighScoresRise"}
    assert told == {"okx"}


def test_a_dead_store_fires_its_alert_until_it_is_back(watched: Watched) -> None:
    """When Redis stops, AdlriskStoreDegraded fires; when it starts, the alert resolves; scores never fail."""
    before = watched.load.rounds
    watched.store.kill()
    try:
        until(lambda: "AdlriskStoreDegraded" in watched.prometheus.firing(), "the alert")
    finally:
        watched.store.start()
    until(lambda: "AdlriskStoreDegraded" not in watched.prometheus.firing(), "its end")
    assert watched.load.rounds > before
    failed = watched.prometheus.samples('sum(adlrisk_http_requests_total{route="/score", status=~"5.."})')
    assert [sample["value"][1] for sample in failed] == ["0"]


def test_the_rules_differ_from_the_chart_in_durations_only() -> None:
    """All durations, intervals, offsets and steps of subqueries are shortened, and nothing else."""
    text = shortened(RULES.read_text())
    assert not re.search(r"(for|interval): \d+[mh]|offset \d+[mhd]|:\d+[mhd]\]", text)
    assert len(text.splitlines()) == len(Path(RULES).read_text().splitlines())
