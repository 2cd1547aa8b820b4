"""Grafana's JSON of the dashboard, written to the chart by ``make generated``."""

import json
from pathlib import Path
from typing import Any, Final

from grafana_foundation_sdk.builders import bargauge, common, heatmap, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders import dashboard as builders
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as options
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import prometheus as queries
from grafana_foundation_sdk.models import units

from dashboard import collector, requests, risk, runtime, slo, store, watch
from dashboard.panel import VENUES, Kind, Panel, Query, Row, Unit

ROWS: Final = (slo.ROW, risk.ROW, requests.ROW, store.ROW, collector.ROW, watch.ROW, runtime.ROW)
FILE: Final = Path(__file__).parents[1] / "adlrisk" / "files" / "dashboard.json"

_SOURCE: Final = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
_CHANGE: Final = "{{venue}}: {{kind}} by {{key}}"
_UNITS: Final[dict[Unit, str]] = {
    "ratio": units.PercentUnit,
    "seconds": units.Seconds,
    "bytes": units.BytesIEC,
    "per second": units.RequestsPerSecond,
    "count": units.Short,
    "burn": units.Short,
}
_BUILDERS: Final[dict[Kind, Any]] = {
    "stat": stat.Panel,
    "lines": timeseries.Panel,
    "stacked": timeseries.Panel,
    "bars": bargauge.Panel,
    "table": table.Panel,
    "heatmap": heatmap.Panel,
}


def dashboard() -> str:
    """The dashboard's JSON."""
    made = (
        builders.Dashboard("adlrisk")
        .uid("adlrisk")
        .description(
            "Service level objectives, risk by venue, requests, store, collectors, watch and runtime of adlrisk."
        )
        .tags(["adlrisk"])
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .time("now-6h", "now")
        .refresh("30s")
        .readonly()
        .annotation(_changes())
        .with_variable(_datasource())
        .with_variable(_variable("namespace", "label_values(adlrisk_build_info, namespace)"))
        .with_variable(_variable("venue", 'label_values(adlrisk_scores_total{namespace=~"$namespace"}, venue)'))
    )
    number = 0
    for row in ROWS:
        made = made.with_row(_row(row, number := number + 1))
        for panel in row.panels:
            made = made.with_panel(_panel(panel, number := number + 1))
    content = json.loads(JSONEncoder().encode(made.build()))
    for annotation in content["annotations"]["list"]:  # Prometheus's own field, which the library does not have
        annotation["titleFormat"] = _CHANGE
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _changes() -> builders.AnnotationQuery:
    """Marks in all panels where parameters were changed; records, which may change each second, are left out.

    Over five minutes, since ``increase`` needs two samples and the chart allows a scrape every two. A series begins
    with its first change, of which there is no increase, so one that was not there in the hour before counts too.
    """
    changes = f'adlrisk_changes_total{{kind!="record", {VENUES}}}'
    first = f"last_over_time({changes}[5m]) unless last_over_time({changes}[1h] offset 5m)"
    return (
        builders.AnnotationQuery()
        .name("Changes of parameters")
        .datasource(_SOURCE)
        .enable(enable=True)
        .icon_color("purple")
        .expr(f"sum by (venue, kind, key) (increase({changes}[5m]) > 0 or {first})")
    )


def _datasource() -> builders.DatasourceVariable:
    return builders.DatasourceVariable("datasource").label("Prometheus").type("prometheus")


def _variable(name: str, query: str) -> builders.QueryVariable:
    """A variable that defaults to all values; a Prometheus without that label matches too."""
    return (
        builders.QueryVariable(name)
        .label(name)
        .datasource(_SOURCE)
        .query(query)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".*")
        .current(models.VariableOption(selected=True, text="All", value="$__all"))
    )


def _row(row: Row, number: int) -> builders.Row:
    return builders.Row(row.title).id(number)


def _panel(panel: Panel, number: int) -> Any:
    made = (
        _BUILDERS[panel.kind]()
        .id(number)
        .title(panel.title)
        .description(panel.description)
        .span(panel.width)
        .height(panel.height)
        .datasource(_SOURCE)
    )
    if panel.kind != "heatmap":  # its cells have their own scale
        made = made.unit(_UNITS[panel.unit]).thresholds(_thresholds(panel.bad))
    for name, colour in panel.colours.items():
        fixed = {"mode": "fixed", "fixedColor": colour}
        made = made.override_by_name(name, [models.DynamicConfigValue(id_val="color", value=fixed)])
    for letter, query in zip("ABCDEFGH", panel.queries, strict=False):
        made = made.with_target(_target(panel, query, letter))
    return _with_options(made, panel)


def _target(panel: Panel, query: Query, letter: str) -> prometheus.Dataquery:
    made = prometheus.Dataquery().expr(query.expr).legend_format(query.legend or "__auto").ref_id(letter)
    if panel.kind in ("stat", "bars", "table"):
        made = made.instant()
    else:
        made = made.range().exemplar("histogram_quantile" in query.expr)
    if panel.kind == "table":
        made = made.format(queries.PromQueryFormat.TABLE)
    if panel.kind == "heatmap":
        made = made.format(queries.PromQueryFormat.HEATMAP)
    return made


def _with_options(made: Any, panel: Panel) -> Any:
    """The options that each kind of panel needs."""
    match panel.kind:
        case "stat":
            several = bool(panel.queries[0].legend)
            mode = options.BigValueTextMode.VALUE_AND_NAME if several else options.BigValueTextMode.VALUE
            made = made.text_mode(mode).reduce_options(_last())
        case "bars":
            made = made.reduce_options(_last()).orientation(options.VizOrientation.HORIZONTAL)
        case "lines" | "stacked":
            made = made.min(0).show_points(options.VisibilityMode.NEVER).legend(_legend())
            if panel.kind == "stacked":
                made = made.fill_opacity(60).stacking(
                    common.StackingConfig().mode(options.StackingMode.NORMAL).group("A")
                )
            if panel.bad:
                lines = common.GraphThresholdsStyleConfig().mode(options.GraphTresholdsStyleMode.DASHED)
                made = made.thresholds_style(lines)
            if panel.unit == "ratio":
                made = made.axis_soft_max(1)
    return made


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .show_legend(show_legend=True)
        .display_mode(options.LegendDisplayMode.LIST)
        .placement(options.LegendPlacement.BOTTOM)
    )


def _thresholds(bad: tuple[float, float] | None) -> builders.ThresholdsConfig:
    """Green, yellow and red upwards, or red, yellow and green where low values are bad."""
    steps: list[tuple[float | None, str]]
    if bad is None:
        steps = [(None, "green")]
    elif bad[0] <= bad[1]:
        steps = [(None, "green"), (bad[0], "yellow"), (bad[1], "red")]
    else:
        steps = [(None, "red"), (bad[1], "yellow"), (bad[0], "green")]
    return (
        builders.ThresholdsConfig()
        .mode(models.ThresholdsMode.ABSOLUTE)
        .steps([models.Threshold(value=value, color=color) for value, color in steps])
    )


if __name__ == "__main__":
    FILE.write_text(dashboard())
