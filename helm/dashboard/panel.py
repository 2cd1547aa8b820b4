"""Rows, panels and queries of the dashboard, and the selectors that queries share."""

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

Kind = Literal["stat", "lines", "stacked", "bars", "table", "heatmap"]
Unit = Literal["ratio", "seconds", "bytes", "per second", "count", "burn"]

HERE: Final = 'namespace=~"$namespace"'
VENUES: Final = f'{HERE}, venue=~"$venue"'
ASKED: Final = f'{HERE}, route!~"/health/.*|/metrics"'
RATE: Final = "[$__rate_interval]"
OF_US: Final = "* on (namespace, job, instance) group_left () adlrisk_build_info{" + HERE + "}"


class Query(Struct, frozen=True):
    """A PromQL expression, and the name of its series in the legend."""

    expr: str
    legend: str = ""


class Panel(Struct, frozen=True, kw_only=True):
    """A panel. ``bad`` holds the thresholds of yellow and red; where the second is smaller, low values are bad."""

    title: str
    description: str
    queries: tuple[Query, ...]
    kind: Kind = "lines"
    unit: Unit = "count"
    width: int = 8
    height: int = 7
    bad: tuple[float, float] | None = None
    colours: Mapping[str, str] = {}  # of series by name; the order is that of stacking, from below


class Row(Struct, frozen=True, kw_only=True):
    """Panels under a heading."""

    title: str
    panels: tuple[Panel, ...]
