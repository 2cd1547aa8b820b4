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
_BEFORE_END: Final = 5.0
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
    """Curves between two axes, the ticks of ``y`` inside on the left, those of ``x`` below."""
    share = _share_width(curves)
    marks = [place_label(one.label, share * x.scale.place(one.value)) for one in uprights]
    rows = stack(marks)
    top = _CAPTION + 6.0 + _ROW * (max(rows, default=-1) + 1)
    bottom = top + _PLOT
    ticks = list_ticks(y.scale, at_most=_TICKS_UP)
    return draw(
        name,
        title=title,
        description=description,
        height=bottom + _BELOW + _ROW + 4.0,
        content=[
            write(y.caption, x="0", y=_CAPTION, css="soft"),
            [_draw_upright(mark, row=row, bottom=bottom) for mark, row in zip(marks, rows, strict=True)],
            [_draw_grid_line(tick, y.scale, top=top, share=share) for tick in ticks],
            _stretch(_draw_lines(curves, band=band, x=x.scale, y=y.scale), top=top, share=share),
            [write(y.write(tick), x="0", y=_down(tick, y.scale, top=top) - 3.0, css="soft figures") for tick in ticks],
            _draw_foot(x, bottom=bottom, share=share),
            _label_ends(curves, scale=y.scale, top=top, share=share),
        ],
    )


def _share_width(curves: Sequence[Curve]) -> float:
    """The share of the width that is left to the plot by the labels at the ends of ``curves``."""
    widest = max((width_of(curve.label) for curve in curves if curve.label), default=-_BEFORE_END)
    return 1.0 - (widest + _BEFORE_END) / NARROWEST


def _down(value: float, scale: Scale, *, top: float) -> float:
    return top + (1.0 - scale.place(value)) * _PLOT


def _draw_upright(mark: PlacedLabel, *, row: int, bottom: float) -> Element:
    x, y = percent(mark.place), _CAPTION + _ROW * (row + 1)
    return htpy.g[
        htpy.line(".upright", x1=x, x2=x, y1=show_place(y + 3.0), y2=show_place(bottom)),
        write(mark.text, x=x, y=y, anchor=mark.anchor),
    ]


def _draw_grid_line(value: float, scale: Scale, *, top: float, share: float) -> Element:
    y = show_place(_down(value, scale, top=top))
    return htpy.line(".zero" if value == 0.0 else ".grid", x1="0", x2=percent(share), y1=y, y2=y)


def _stretch(content: Node, *, top: float, share: float) -> Element:
    """``content`` across ``share`` of the width, however wide that is; its lines keep their width."""
    return htpy.svg(
        x="0",
        y=show_place(top),
        width=percent(share),
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
        [
            htpy.polyline(
                class_=f"curve {curve.css}", points=_join(curve.points, x=x, y=y), vector_effect="non-scaling-stroke"
            )
            for curve in curves
        ],
    ]


def _join(points: Iterable[Point], *, x: Scale, y: Scale) -> str:
    return " ".join(
        f"{show_place(x.place(across) * _WIDTH)},{show_place(_down(up, y, top=0.0))}" for across, up in points
    )


def _draw_foot(axis: Axis, *, bottom: float, share: float) -> Node:
    """The axis from left to right with its ticks and its caption."""
    y = show_place(bottom)
    ticks = _label_ticks(axis, share=share)
    return [
        htpy.line(".axis", x1="0", x2=percent(share), y1=y, y2=y),
        [
            htpy.line(
                ".tick", x1=percent(tick.place), x2=percent(tick.place), y1=y, y2=show_place(bottom + _TICK_LENGTH)
            )
            for tick in ticks
        ],
        [
            write(tick.text, x=percent(tick.place), y=bottom + _BELOW, anchor=tick.anchor, css="figures")
            for tick in ticks
        ],
        write(axis.caption, x=percent(share), y=bottom + _BELOW + _ROW, anchor="end", css="soft"),
    ]


def _label_ticks(axis: Axis, *, share: float) -> list[PlacedLabel]:
    """As many ticks as can be labelled in one row."""
    labels: list[PlacedLabel] = []
    for at_most in range(_MOST_TICKS, 1, -1):
        ticks = list_ticks(axis.scale, at_most=at_most)
        labels = [place_label(axis.write(tick), share * axis.scale.place(tick)) for tick in ticks]
        if not any(stack(labels)):
            return labels
    return labels[:1]


def _label_ends(curves: Sequence[Curve], *, scale: Scale, top: float, share: float) -> Node:
    """The labels of curves at their right ends, apart from each other."""
    ends = sorted((_down(curve.points[-1][1], scale, top=top), curve.label) for curve in curves if curve.label)
    places = spread([end for end, _ in ends], gap=_END_GAP, low=top + 8.0, high=top + _PLOT - 2.0)
    return [
        write(label, x=percent(share + _BEFORE_END / NARROWEST), y=place)
        for place, (_, label) in zip(places, ends, strict=True)
    ]
