"""Bars: a value with the part of it that is not known, and a range."""

from collections.abc import Callable
from typing import Final

import htpy
from htpy import Element

from adlrisk.page.pictures.figure import Anchor, draw, hatch, hatch_fill, percent
from adlrisk.page.pictures.figure import write as write_text
from adlrisk.page.pictures.scale import Scale, list_ticks

_BAR_TOP: Final = 2
_BAR_HEIGHT: Final = 22
_TICK_TOP: Final = _BAR_TOP + _BAR_HEIGHT
_TICK_LENGTH: Final = 5
_TICK_LABEL: Final = 44
_HEIGHT: Final = 50
_ROOM: Final = 1.2  # beyond the most of a range, so that its end shows


def draw_bar(
    name: str, *, value: float, upper: float, end: float, title: str, description: str, css: str, step: float = 2.0
) -> Element:
    """A bar from 0 to ``value`` of ``end``, hatched on to ``upper``: what it may be at most while some is unknown."""
    scale = Scale(low=0.0, high=end)
    known, possible = scale.place(value), scale.place(max(value, upper))
    return draw(
        name,
        title=title,
        description=description,
        height=_HEIGHT,
        content=[
            hatch(name),
            _bar("bar-back", start=0.0, stop=1.0),
            _bar("bar-unknown", start=known, stop=possible, fill=hatch_fill(name)) if possible > known else None,
            _bar(f"bar-known {css}", start=0.0, stop=known) if known > 0.0 else None,
            [_tick(count * step / end, str(round(count * step))) for count in range(round(end / step) + 1)],
        ],
    )


def draw_range(
    name: str, *, least: float, most: float, write: Callable[[float], str], title: str, description: str
) -> Element:
    """A bar from 0 to ``least``, hatched on to ``most``, on a scale of its own."""
    scale = Scale(low=0.0, high=most * _ROOM if most > 0.0 else 1.0)
    return draw(
        name,
        title=title,
        description=description,
        height=_HEIGHT,
        content=[
            hatch(name),
            _bar("bar-back", start=0.0, stop=1.0),
            _bar("bar-unknown", start=scale.place(least), stop=scale.place(most), fill=hatch_fill(name)),
            _bar("bar-known", start=0.0, stop=scale.place(least)),
            [_tick(scale.place(tick), write(tick)) for tick in list_ticks(scale, at_most=3)],
        ],
    )


def _bar(css: str, *, start: float, stop: float, fill: str | None = None) -> Element:
    return htpy.rect(
        class_=css, x=percent(start), y=_BAR_TOP, width=percent(stop - start), height=_BAR_HEIGHT, fill=fill
    )


def _tick(place: float, text: str) -> Element:
    anchor: Anchor = "start" if place <= 0.0 else "end" if place >= 1.0 else "middle"
    x = percent(place)
    return htpy.g[
        htpy.line(".tick", x1=x, x2=x, y1=_TICK_TOP, y2=_TICK_TOP + _TICK_LENGTH),
        write_text(text, x=x, y=_TICK_LABEL, anchor=anchor),
    ]
