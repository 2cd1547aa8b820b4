"""The dashboard as a picture: its layout, and in each panel what a Prometheus holds for it.

Grafana draws it better; this shows it where there is none, in the documentation.
"""

import hashlib
import io
import json
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from msgspec import Struct

from dashboard.grafana import FILE

os.environ.setdefault("MPLCONFIGDIR", str(Path(__file__).parents[2] / ".venv" / "matplotlib"))

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

_COLUMNS: Final = 24  # of Grafana's grid
_INCHES: Final = (0.68, 0.42)  # of one of its cells
_GAP: Final = (0.62, 1.6)  # cells left for axes and legend, at the left and below
_TITLE: Final = 0.75  # and for the title
_POINTS: Final = 90
_LEGEND: Final = 8  # entries, before it says that there are more
_RATE_INTERVAL: Final = "10s"
_COLOURS: Final = {"green": "#37872d", "yellow": "#d9a514", "red": "#c4162a"}
_SCALES: Final[dict[str, tuple[tuple[float, str], ...]]] = {
    "percentunit": ((0.01, " %"),),
    "s": ((86400.0, " d"), (3600.0, " h"), (1.0, " s"), (1e-3, " ms"), (1e-6, " µs")),
    "bytes": ((2.0**30, " GiB"), (2.0**20, " MiB"), (2.0**10, " KiB"), (1.0, " B")),
    "reqps": ((1.0, "/s"),),
    "short": ((1.0, ""),),
}

Series = tuple[str, list[float], list[float]]  # name, seconds since the beginning, values


class Source(Protocol):
    """Where the data comes from."""

    def history(self, expression: str, *, start: float, end: float, step: float) -> list[dict[str, Any]]:
        """The values of an expression over time, a list of series."""


class _Span(Struct, frozen=True):
    start: float
    end: float


def picture(source: Source, *, start: float, end: float) -> str:
    """The committed dashboard with the data from ``start`` to ``end``, Unix times; an SVG."""
    panels = json.loads(FILE.read_text())["panels"]
    height = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in panels)
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.hashsalt": "adlrisk", "svg.fonttype": "none", "font.size": 7.5})
        figure = Figure(figsize=(_COLUMNS * _INCHES[0], height * _INCHES[1]))
        for panel in panels:
            axes = figure.add_axes(_place(panel["gridPos"], height, is_row=panel["type"] == "row"))
            if panel["type"] == "row":
                axes.axis("off")
                axes.text(0.0, 0.5, panel["title"], fontsize=12, weight="bold", va="center")
            else:
                _draw(axes, panel, _data(panel, source, _Span(start, end)))
        drawn = io.StringIO()
        metadata = {"Date": None, "Creator": None, "Description": revision()}
        figure.savefig(drawn, format="svg", metadata=metadata)
    return "".join(f"{line.rstrip()}\n" for line in drawn.getvalue().splitlines())


def revision() -> str:
    """Which dashboard a picture shows: it is drawn into it, so that a stale one can be told."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()[:12]


def _place(grid: dict[str, int], height: int, *, is_row: bool) -> tuple[float, float, float, float]:
    left, below, above = (0.2, 0.0, 0.0) if is_row else (*_GAP, _TITLE)
    bottom = height - grid["y"] - grid["h"] + below
    return (
        (grid["x"] + left) / _COLUMNS,
        bottom / height,
        (grid["w"] - left - 0.25) / _COLUMNS,
        (grid["h"] - below - above) / height,
    )


def _data(panel: dict[str, Any], source: Source, span: _Span) -> list[Series]:
    found: list[Series] = []
    for target in panel["targets"]:
        expression = target["expr"].replace("$__rate_interval", _RATE_INTERVAL)
        expression = expression.replace("$namespace", ".*").replace("$venue", ".*")
        step = (span.end - span.start) / _POINTS
        for series in source.history(expression, start=span.start, end=span.end, step=step):
            name = target["legendFormat"].replace("__auto", "")
            for label, value in series["metric"].items():
                name = name.replace("{{" + label + "}}", value)
            name = re.sub(r"{{\w+}}", "", name)  # a label that this series does not have
            times = [float(moment) - span.start for moment, _ in series["values"]]
            if target["instant"] and times[-1] < span.end - span.start - 1.5 * step:
                continue  # it is no more
            found.append((name, times, [float(value) for _, value in series["values"]]))
    return sorted(found)


def _draw(axes: Axes, panel: dict[str, Any], series: list[Series]) -> None:
    axes.set_title(panel["title"], loc="left", fontsize=8.5, weight="bold")
    axes.spines[["top", "right"]].set_visible(False)
    if not series:
        axes.axis("off")
        axes.text(0.5, 0.5, "no data", ha="center", va="center", color="#888888")
        return
    _DRAWERS[panel["type"]](axes, panel, series)


def _draw_stat(axes: Axes, panel: dict[str, Any], series: list[Series]) -> None:
    axes.axis("off")
    lines = [f"{name}{': ' if name else ''}{_written(values[-1], panel)}" for name, _, values in series]
    colour = _colour(series[0][2][-1], panel)
    axes.text(0.5, 0.5, "\n".join(lines), ha="center", va="center", fontsize=17, weight="bold", color=colour)


def _draw_lines(axes: Axes, panel: dict[str, Any], series: list[Series]) -> None:
    stacked = panel["fieldConfig"]["defaults"]["custom"].get("stacking", {}).get("mode") == "normal"
    fixed = _fixed_colours(panel)
    if stacked:
        series.sort(key=lambda one: [*fixed].index(one[0]) if one[0] in fixed else len(fixed))
        times = max((times for _, times, _ in series), key=len)
        rows = [_aligned(times, series_times, values) for _, series_times, values in series]
        colours = [fixed[name] for name, _, _ in series] if fixed else None
        axes.stackplot(times, rows, labels=[name for name, _, _ in series], colors=colours, alpha=0.75)
    else:
        for name, times, values in series:
            axes.plot(times, values, label=name, linewidth=1.1)
        _draw_thresholds(axes, panel)
    axes.set_ylim(bottom=0.0)
    axes.yaxis.set_major_formatter(lambda value, _: _written(value, panel))
    axes.locator_params(axis="y", nbins=5)
    _draw_minutes(axes)
    axes.grid(axis="y", linewidth=0.3)
    _draw_legend(axes)


def _fixed_colours(panel: dict[str, Any]) -> dict[str, str]:
    found = panel["fieldConfig"]["overrides"]
    return {one["matcher"]["options"]: _COLOURS[one["properties"][0]["value"]["fixedColor"]] for one in found}


def _draw_thresholds(axes: Axes, panel: dict[str, Any]) -> None:
    highest = axes.get_ylim()[1]
    for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1:]:
        if step["value"] <= highest:
            axes.axhline(step["value"], color=_COLOURS[step["color"]], linewidth=0.8, linestyle="--")


def _draw_legend(axes: Axes) -> None:
    handles, names = axes.get_legend_handles_labels()
    if len(names) > _LEGEND:
        names = [*names[: _LEGEND - 1], f"and {len(names) - _LEGEND + 1} more"]
    if any(names):
        shown = handles[: len(names)]
        under = axes.legend(shown, names, loc="upper left", fontsize=6.0, frameon=False, ncols=4, columnspacing=1.0)
        under.set_bbox_to_anchor((-0.02, -0.14), transform=axes.transAxes)


def _draw_bars(axes: Axes, panel: dict[str, Any], series: list[Series]) -> None:
    ranked = sorted((values[-1], name) for name, _, values in series)
    bars = axes.barh([name for _, name in ranked], [value for value, _ in ranked], height=0.7, color="#3274d9")
    axes.bar_label(bars, labels=[_written(value, panel) for value, _ in ranked], padding=2.0, fontsize=6.5)
    axes.tick_params(axis="y", length=0.0, pad=-4.0, labelsize=6.5)
    for label in axes.get_yticklabels():
        label.set_horizontalalignment("left")
    axes.xaxis.set_visible(False)
    axes.margins(x=0.18)


def _draw_table(axes: Axes, panel: dict[str, Any], series: list[Series]) -> None:
    axes.axis("off")
    lines = [f"{_written(values[-1], panel):>10}   {name}" for name, _, values in series[:_LEGEND]]
    axes.text(0.0, 1.0, "\n".join(lines), va="top", family="monospace", linespacing=1.5)


def _draw_heatmap(axes: Axes, panel: dict[str, Any], series: list[Series]) -> None:
    """Prometheus' buckets hold all that are smaller too: each less the one below it is what falls into it."""
    del panel
    ordered = sorted(series, key=lambda one: float(one[0].replace("+Inf", "inf")))
    times = ordered[-1][1]
    rows = [_aligned(times, series_times, values) for _, series_times, values in ordered]
    below = [[0.0] * len(times), *rows[:-1]]
    pairs = zip(rows, below, strict=True)
    cells = [[max(0.0, here - under) for here, under in zip(*pair, strict=True)] for pair in pairs]
    axes.pcolormesh(times, range(len(cells)), cells, cmap="YlOrRd", shading="nearest", rasterized=True)
    axes.set_yticks(range(0, len(ordered), 2), [name for name, _, _ in ordered[::2]])
    _draw_minutes(axes)


def _draw_minutes(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MultipleLocator(60.0))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value / 60.0:g} min")


def _aligned(times: Sequence[float], known_times: Sequence[float], values: Sequence[float]) -> list[float]:
    known = dict(zip(known_times, values, strict=True))
    return [0.0 if (value := known.get(moment, 0.0)) != value else value for moment in times]


def _written(value: float, panel: dict[str, Any]) -> str:
    unit = panel["fieldConfig"]["defaults"].get("unit", "short")
    scales = _SCALES[unit]
    factor, suffix = next((scale for scale in scales if abs(value) >= scale[0]), scales[-1])
    return f"{value / factor:.4g}{suffix}"


def _colour(value: float, panel: dict[str, Any]) -> str:
    steps = panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    reached = [step["color"] for step in steps if step["value"] is None or value >= step["value"]]
    return _COLOURS[reached[-1]]


_DRAWERS: Final[dict[str, Callable[[Axes, dict[str, Any], list[Series]], None]]] = {
    "stat": _draw_stat,
    "timeseries": _draw_lines,
    "bargauge": _draw_bars,
    "table": _draw_table,
    "heatmap": _draw_heatmap,
}
