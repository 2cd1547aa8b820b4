"""Curves over two axes. They stretch with the page, while all text keeps its size and finds room at the narrowest."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import htpy
from htpy import Element, Node
from msgspec import Struct

from adlrisk.page.pictures.figure import draw, percent, show_place, write
from adlrisk.page.pictures.labels import NARROWEST, PlacedLabel, place_label, spread, stack, width_of
from adlrisk.page.pictures.scale import Scale, list_ticks

_CAPTION: Final = 13.0
_ROW: Final = 17.0
_PLOT: Final = 150.0
_TICK_LENGTH: Final = 5.0
_BELOW: Final = 18.0
_WIDTH: Final = 1000.0  # of the stretched part, in its own units
_END_GAP: Final = 15.0
_BESIDE: Final = 5.0  # between the plot and its labels
_HALF_LETTER: Final = 4.0
_BEFORE_PLOT: Final = 10.0
_MOST_TICKS: Final = 5
_TICKS_UP: Final = 4

Point = tuple[float, float]


class Axis(Struct, frozen=True, kw_only=True):
    """A scale, what is on it, and how its ticks are written."""

    scale: Scale
    caption: str
    write: Callable[[float], str]


class Curve(Struct, frozen=True, kw_only=True):
    """Points from left to right, joined by a line; its ``label``, if it has one, stands at its right end."""

    points: Sequence[Point]
    css: str
    label: str = ""


class Band(Struct, frozen=True, kw_only=True):
    """The area between two curves with the same places."""

    lower: Sequence[Point]
    upper: Sequence[Point]


class Upright(Struct, frozen=True, kw_only=True):
    """A place of the axis from left to right that is set off."""

    value: float
    label: str


class _Plot(Struct, frozen=True, kw_only=True, gc=False):
    """Where the curves are: ``left`` and ``width`` as shares of the picture's width, ``top`` in CSS pixels."""

    left: float
    width: float
    top: float
    x: Scale
    y: Scale

    @property
    def bottom(self) -> float:
        return self.top + _PLOT

    @property
    def right(self) -> float:
        return self.left + self.width

    def across(self, value: float) -> float:
        """The place of ``value`` from left to right, a share of the picture's width."""
        return self.left + self.width * self.x.place(value)

    def down(self, value: float) -> float:
        """The place of ``value`` from top to bottom, CSS pixels."""
        return self.top + (1.0 - self.y.place(value)) * _PLOT


def draw_curves(
    name: str,
    *,
    x: Axis,
    y: Axis,
    curves: Sequence[Curve],
    band: Band | None = None,
    uprights: Sequence[Upright] = (),
    title: str,
    description: str,
) -> Element:
    """Curves between two axes, the ticks of ``y`` on the left, those of ``x`` below."""
    ticks = list_ticks(y.scale, at_most=_TICKS_UP)
    left = _measure(y.write(tick) for tick in ticks)
    width = 1.0 - left - _measure(curve.label for curve in curves if curve.label)
    marks = [place_label(one.label, left + width * x.scale.place(one.value)) for one in uprights]
    rows = stack(marks)
    top = _CAPTION + _BEFORE_PLOT + _ROW * (max(rows, default=-1) + 1)
    plot = _Plot(left=left, width=width, top=top, x=x.scale, y=y.scale)
    return draw(
        name,
        title=title,
        description=description,
        height=plot.bottom + _BELOW + _ROW + 4.0,
        content=[
            write(y.caption, x="0", y=_CAPTION, css="soft"),
            [_draw_upright(mark, row=row, plot=plot) for mark, row in zip(marks, rows, strict=True)],
            [_draw_grid_line(tick, y.write(tick), plot=plot) for tick in ticks],
            _stretch(_draw_lines(curves, band=band, x=x.scale, y=y.scale), plot=plot),
            _draw_foot(x, plot=plot),
            _label_ends(curves, plot=plot),
        ],
    )


def _measure(labels: Iterable[str]) -> float:
    """The share of the narrowest picture that labels beside the plot take up."""
    widths = [width_of(label) + _BESIDE for label in labels]
    return max(widths, default=0.0) / NARROWEST


def _draw_upright(mark: PlacedLabel, *, row: int, plot: _Plot) -> Element:
    x, y = percent(mark.place), _CAPTION + _ROW * (row + 1)
    return htpy.g[
        htpy.line(".upright", x1=x, x2=x, y1=show_place(y + 3.0), y2=show_place(plot.bottom)),
        write(mark.text, x=x, y=y, anchor=mark.anchor),
    ]


def _draw_grid_line(value: float, label: str, *, plot: _Plot) -> Element:
    y = plot.down(value)
    css = "zero" if value == 0.0 else "grid"
    return htpy.g[
        htpy.line(class_=css, x1=percent(plot.left), x2=percent(plot.right), y1=show_place(y), y2=show_place(y)),
        write(label, x=percent(plot.left - _BESIDE / NARROWEST), y=y + _HALF_LETTER, anchor="end", css="soft digits"),
    ]


def _stretch(content: Node, *, plot: _Plot) -> Element:
    """``content`` across the plot, however wide that is; its lines keep their width."""
    return htpy.svg(
        x=percent(plot.left),
        y=show_place(plot.top),
        width=percent(plot.width),
        height=show_place(_PLOT),
        viewBox=f"0 0 {show_place(_WIDTH)} {show_place(_PLOT)}",
        preserveAspectRatio="none",
        overflow="visible",
    )[content]


def _draw_lines(curves: Sequence[Curve], *, band: Band | None, x: Scale, y: Scale) -> Node:
    area = None
    if band is not None:
        outline = [*band.upper, *reversed(band.lower)]
        area = htpy.polygon(".curve-band", points=_join(outline, x=x, y=y))
    return [
        area,
        [htpy.polyline(class_=f"curve {curve.css}", points=_join(curve.points, x=x, y=y)) for curve in curves],
    ]


def _join(points: Iterable[Point], *, x: Scale, y: Scale) -> str:
    return " ".join(
        f"{show_place(x.place(across) * _WIDTH)},{show_place((1.0 - y.place(up)) * _PLOT)}" for across, up in points
    )


def _draw_foot(axis: Axis, *, plot: _Plot) -> Node:
    """The axis from left to right with its ticks and its caption."""
    y = show_place(plot.bottom)
    ticks = _label_ticks(axis, plot=plot)
    return [
        htpy.line(".axis", x1=percent(plot.left), x2=percent(plot.right), y1=y, y2=y),
        [
            htpy.line(
                ".tick", x1=percent(tick.place), x2=percent(tick.place), y1=y, y2=show_place(plot.bottom + _TICK_LENGTH)
            )
            for tick in ticks
        ],
        [
            write(tick.text, x=percent(tick.place), y=plot.bottom + _BELOW, anchor=tick.anchor, css="digits")
            for tick in ticks
        ],
        write(axis.caption, x=percent(plot.right), y=plot.bottom + _BELOW + _ROW, anchor="end", css="soft"),
    ]


def _label_ticks(axis: Axis, *, plot: _Plot) -> list[PlacedLabel]:
    """As many ticks as can be labelled in one row: round numbers, or the ends where no two of these fit."""
    ends = [axis.scale.low, axis.scale.high]
    choices = [list_ticks(axis.scale, at_most=at_most) for at_most in range(_MOST_TICKS, 1, -1)]
    for ticks in (*(choice for choice in choices if len(choice) > 1), ends):
        labels = [place_label(axis.write(tick), plot.across(tick)) for tick in ticks]
        if not any(stack(labels)):
            return labels
    return labels[:1]


def _label_ends(curves: Sequence[Curve], *, plot: _Plot) -> Node:
    """The labels of curves at their right ends, apart from each other."""
    ends = sorted((plot.down(curve.points[-1][1]), curve.label) for curve in curves if curve.label)
    places = spread([end + _HALF_LETTER for end, _ in ends], gap=_END_GAP, low=plot.top + 8.0, high=plot.bottom)
    return [
        write(label, x=percent(plot.right + _BESIDE / NARROWEST), y=place)
        for place, (_, label) in zip(places, ends, strict=True)
    ]
