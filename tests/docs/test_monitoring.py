"""Dashboard, alert rules, runbooks and documentation against each other, without a Prometheus."""

import json
import re
from datetime import timedelta
from typing import Any

import promql_parser
import pytest
import yaml

from adlrisk.api.app import ENDPOINTS
from adlrisk.collect.schedule import POLL_INTERVAL_SECONDS
from adlrisk.telemetry.collector_metrics import COLLECTOR_FAMILIES
from adlrisk.telemetry.definitions import FAMILIES
from adlrisk.telemetry.slo import PERIOD_DAYS, SERVICE_LEVELS, WITHOUT_OBJECTIVE, ServiceLevel
from adlrisk.telemetry.watch_metrics import WATCH_FAMILIES
from dashboard import grafana
from level_rules import with_level_rules
from support.running import ROOT

RULES_FILE = ROOT / "helm" / "adlrisk" / "files" / "rules.yaml"
RULES = [rule for group in yaml.safe_load(RULES_FILE.read_text())["groups"] for rule in group["rules"]]
ALERTS = [rule for rule in RULES if "alert" in rule]
RECORDED = {rule["record"] for rule in RULES if "record" in rule}
PANELS = [panel for panel in json.loads(grafana.FILE.read_text())["panels"] if panel["type"] != "row"]
RUNBOOKS = ROOT / "docs" / "runbooks"
MONITORING = (ROOT / "docs" / "monitoring.md").read_text()
SUFFIXES = {
    "counter": ("_total",),
    "gauge": ("",),
    "info": ("_info",),
    "histogram": ("_bucket", "_sum", "_count"),
}
DECLARED = (*FAMILIES, *COLLECTOR_FAMILIES, *WATCH_FAMILIES)
OURS = {family.name + suffix: family for family in DECLARED for suffix in SUFFIXES[family.kind]}
PROMETHEUS_LABELS = {"namespace", "job", "instance", "le"}
OTHERS = re.compile(r"up|ALERTS|process_\w+|python_gc_\w+|kube_deployment_\w+")


def expressions() -> list[str]:
    """Every PromQL expression of the dashboard and the rules."""
    shown = [target["expr"] for panel in PANELS for target in panel["targets"]]
    return [expression.replace("$__rate_interval", "5m") for expression in (*shown, *(rule["expr"] for rule in RULES))]


def selectors(expression: Any) -> list[Any]:
    """The selectors in an expression."""
    if isinstance(expression, promql_parser.VectorSelector):
        return [expression]
    if isinstance(expression, promql_parser.MatrixSelector):
        return [expression.vector_selector]
    parts = [getattr(expression, name, None) for name in ("expr", "lhs", "rhs")]
    parts += getattr(expression, "args", None) or []
    return [selector for part in parts if part is not None for selector in selectors(part)]


def test_the_dashboard_is_current() -> None:
    """`make generated` would write the same JSON."""
    assert grafana.FILE.read_text() == grafana.dashboard(), "run make generated"


@pytest.mark.parametrize("expression", expressions())
def test_expressions_use_existing_metrics(expression: str) -> None:
    """Each metric is declared, recorded or the client library's own, and has the labels that are selected."""
    named = selectors(promql_parser.parse(expression))
    assert named
    for selector in named:
        asked = {matcher.name for matcher in selector.matchers.matchers}
        if selector.name in OURS:
            assert asked <= {*OURS[selector.name].labels, *PROMETHEUS_LABELS}, selector.prettify()
        else:
            assert selector.name in RECORDED or OTHERS.fullmatch(selector.name), selector.name


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel["title"])
def test_every_panel_is_described(panel: dict[str, Any]) -> None:
    """Each panel has a description of a sentence or more, a unit, and no duplicate expression."""
    assert len(panel["description"]) > 60
    assert panel["type"] == "heatmap" or panel["fieldConfig"]["defaults"]["unit"]
    asked = [target["expr"] for target in panel["targets"]]
    assert len(set(asked)) == len(asked)
    assert all("$namespace" in expression for expression in asked)


def test_panels_do_not_overlap() -> None:
    """Each cell of the grid belongs to one panel at most, and no panel lies outside."""
    taken: set[tuple[int, int]] = set()
    for panel in PANELS:
        grid = panel["gridPos"]
        cells = {(grid["x"] + x, grid["y"] + y) for x in range(grid["w"]) for y in range(grid["h"])}
        assert max(x for x, _ in cells) < 24
        assert not taken & cells, panel["title"]
        taken |= cells


def test_the_dashboard_has_its_variables() -> None:
    """The dashboard can be filtered by data source, namespace and venue."""
    variables = json.loads(grafana.FILE.read_text())["templating"]["list"]
    assert [variable["name"] for variable in variables] == ["datasource", "namespace", "venue"]


def test_rules_are_those_of_the_service_levels() -> None:
    """`make generated` would write the same rules."""
    text = RULES_FILE.read_text()
    assert with_level_rules(text) == text, "run make generated"


def test_each_route_is_in_one_service_level() -> None:
    """Every endpoint belongs to one group of the table, or is named as without an objective; groups name no others."""
    named = [*WITHOUT_OBJECTIVE, *(route for level in SERVICE_LEVELS for route in level.routes)]
    assert sorted(named) == sorted({endpoint.path for endpoint in ENDPOINTS})


@pytest.mark.parametrize("level", SERVICE_LEVELS, ids=lambda level: level.name)
def test_latency_targets_are_bounds_of_the_histogram(level: ServiceLevel) -> None:
    """The histogram has a bucket that ends at the target."""
    (duration,) = [family for family in FAMILIES if family.name == "adlrisk_http_request_duration_seconds"]
    assert level.seconds in duration.buckets


def test_alerts_count_in_the_period_of_the_objectives() -> None:
    """The seconds by which the alerts say how long a budget lasts are those of the period."""
    told = [rule["expr"] for rule in ALERTS if "adlrisk:burn" in rule["expr"]]
    assert len(told) == 4
    seconds = {number for expression in told for number in re.findall(r"(\d+) / \(adlrisk:burn", expression)}
    assert seconds == {str(PERIOD_DAYS * 86400)}
    assert f"adlrisk:burn:rate{PERIOD_DAYS}d" in RECORDED


def ranges(expression: Any) -> list[timedelta]:
    """The ranges that are taken of series as they are; those of subqueries are of computed values."""
    if isinstance(expression, promql_parser.MatrixSelector):
        return [expression.range]
    parts = [getattr(expression, name, None) for name in ("expr", "lhs", "rhs")]
    parts += getattr(expression, "args", None) or []
    return [found for part in parts if part is not None for found in ranges(part)]


def test_every_range_holds_two_of_the_slowest_scrapes() -> None:
    """Of scrapes every two minutes, which the chart allows, one may fail: nothing looks at less than five minutes."""
    annotations = json.loads(grafana.FILE.read_text())["annotations"]["list"]
    marks = [mark["expr"] for mark in annotations if "expr" in mark]
    assert len(marks) == 1
    for expression in (*marks, *(rule["expr"] for rule in RULES)):
        assert all(taken >= timedelta(minutes=5) for taken in ranges(promql_parser.parse(expression))), expression


def test_the_alert_of_unanswered_calls_excludes_rare_calls() -> None:
    """AdlriskVenueUnanswered excludes exactly the calls that are made less often than every two minutes."""
    (excluded,) = re.findall(r'call!~"([^"]+)"', RULES_FILE.read_text())
    assert set(excluded.split("|")) == {call for call, seconds in POLL_INTERVAL_SECONDS.items() if seconds > 120.0}


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_every_alert_has_a_runbook(alert: dict[str, Any]) -> None:
    """The alert links to it, it has every heading, and the runbooks' index lists it with the alert's severity."""
    name, severity = alert["alert"], alert["labels"]["severity"]
    assert severity in ("page", "ticket")
    assert {"summary", "description", "runbook_url"} == set(alert["annotations"])
    assert alert["annotations"]["runbook_url"] == f"docs/runbooks/{name}.md"
    text = (RUNBOOKS / f"{name}.md").read_text()
    assert text.startswith(f"# {name}\n")
    assert {"## Impact", "## Diagnosis", "## Mitigation"} <= set(text.splitlines())
    assert re.search(rf"\[{name}\]\({name}\.md\) *\| *{severity} *\|", (RUNBOOKS / "README.md").read_text())


def test_every_runbook_belongs_to_an_alert() -> None:
    """There is no runbook of an alert that no longer exists."""
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == {"README", *(alert["alert"] for alert in ALERTS)}


@pytest.mark.parametrize("path", sorted(RUNBOOKS.glob("*.md")), ids=lambda path: path.stem)
def test_queries_in_runbooks_use_existing_metrics(path: Any) -> None:
    """Each query in a runbook parses and uses existing metrics."""
    for block in re.findall(r"```promql\n(.*?)```", path.read_text(), re.DOTALL):
        for query in re.split(r"\n\s*\n", re.sub(r"#.*", "", block).strip()):
            test_expressions_use_existing_metrics(query)


def test_monitoring_is_documented() -> None:
    """The page names every row of the dashboard, and every target with its number."""
    for row in grafana.ROWS:
        assert f"**{row.title}**" in MONITORING
    for level in SERVICE_LEVELS:
        assert row_of(level) in MONITORING.splitlines(), row_of(level)
    for route in WITHOUT_OBJECTIVE:
        assert f"`{route}`" in MONITORING


def row_of(level: ServiceLevel) -> str:
    """The row of the documentation's table."""
    time = f"{level.seconds:g} s" if level.seconds >= 1 else f"{level.seconds * 1000:g} ms"
    routes = ", ".join(f"`{route}`" for route in level.routes)
    return f"| {level.name} | {routes} | {level.availability * 100:g} % | {level.latency * 100:g} % within {time} |"
