"""Prices on an upright axis, highest on top, each with its label; labels keep apart where prices are nearly equal."""

from collections.abc import Sequence
from typing import Final, Literal

import htpy
from htpy import Element, Node
from msgspec import Struct

from adlrisk.page.pictures.figure import draw, hatch, hatch_fill, show_place, write
from adlrisk.page.pictures.labels import NARROWEST, spread
from adlrisk.page.pictures.scale import Scale, scale_of

Shape = Literal["disc", "ring", "triangle", "square", "diamond"]

_LABEL_GAP: Final = 40.0  # two lines of text
_TOP: Final = 18.0
_AXIS: Final = 13.0
_HALF_BAR: Final = 5.0
_LEADER: Final = 24.0
_TO_LABEL: Final = 42.0
_LABEL: Final = 46.0
_LINE: Final = 16.0
_RADIUS: Final = 6.0
_DISC: Final = 7.5  # so that another mark at the same price does not hide it
_MARGIN: Final = 0.06  # of the range, at either end
_ONE_LABEL_MORE: Final = 1.25  # so that the prices' own distances show


class PriceMark(Struct, frozen=True, kw_only=True, gc=False):
    """A price on the axis, and what its label says in two lines."""

    price: float
    heading: str
    text: str
    shape: Shape
    css: str


class Stretch(Struct, frozen=True, kw_only=True, gc=False):
    """A part of the axis between two prices; ``None`` is the end of the axis in that direction."""

    low: float | None
    high: float | None
    css: str
    is_hatched: bool = False


def draw_price_marks(
    name: str, *, marks: Sequence[PriceMark], stretches: Sequence[Stretch], title: str, description: str
) -> Element:
    """An axis with ``marks``, of which there is one at least, and ``stretches`` of it set off."""
    scale = scale_of((mark.price for mark in marks), margin=_MARGIN)
    falling = sorted(marks, key=lambda mark: -mark.price)
    length = _LABEL_GAP * len(marks) * _ONE_LABEL_MORE
    end = _TOP + length
    own = [_down(mark.price, scale, length) for mark in falling]
    labels = spread(own, gap=_LABEL_GAP, low=_TOP, high=end - _LINE)
    return draw(
        name,
        title=title,
        description=description,
        width=str(NARROWEST),
        height=end + _LINE,
        content=[
            hatch(name),
            _bar("price-bar", top=_TOP, bottom=end),
            [_stretch(name, one, scale=scale, length=length) for one in stretches],
            [_mark(mark, at=at, label=label) for mark, at, label in zip(falling, own, labels, strict=True)],
        ],
    )


def _down(price: float, scale: Scale, length: float) -> float:
    return _TOP + (1.0 - scale.place(price)) * length


def _bar(css: str, *, top: float, bottom: float, fill: str | None = None) -> Element:
    return htpy.rect(
        class_=css,
        x=show_place(_AXIS - _HALF_BAR),
        y=show_place(top),
        width=show_place(2.0 * _HALF_BAR),
        height=show_place(bottom - top),
        fill=fill,
    )


def _stretch(name: str, stretch: Stretch, *, scale: Scale, length: float) -> Element:
    top = _TOP if stretch.high is None else _down(stretch.high, scale, length)
    bottom = _TOP + length if stretch.low is None else _down(stretch.low, scale, length)
    return _bar(stretch.css, top=top, bottom=bottom, fill=hatch_fill(name) if stretch.is_hatched else None)


def _mark(mark: PriceMark, *, at: float, label: float) -> Element:
    corners = ((_AXIS, at), (_LEADER, at), (_TO_LABEL, label))
    leader = " ".join(f"{show_place(x)},{show_place(y)}" for x, y in corners)
    return htpy.g(class_=f"price-mark {mark.css}")[
        htpy.polyline(".leader", points=leader),
        _shape(mark.shape, at),
        write(mark.heading, x=show_place(_LABEL), y=label + 4.0, css="strong"),
        write(mark.text, x=show_place(_LABEL), y=label + 4.0 + _LINE, css="digits"),
    ]


def _shape(shape: Shape, at: float) -> Node:
    if shape in ("disc", "ring"):
        radius = _DISC if shape == "disc" else _RADIUS
        return htpy.circle(class_=f"point {shape}", cx=show_place(_AXIS), cy=show_place(at), r=show_place(radius))
    corners = ((_AXIS + x * _RADIUS, at + y * _RADIUS) for x, y in _CORNERS[shape])
    points = " ".join(f"{show_place(x)},{show_place(y)}" for x, y in corners)
    return htpy.polygon(class_=f"point {shape}", points=points)


_CORNERS: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "triangle": ((0.0, -1.2), (1.1, 0.9), (-1.1, 0.9)),
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0.0, -0.9), (0.9, 0.0), (0.0, 0.9), (-0.9, 0.0)),
}
