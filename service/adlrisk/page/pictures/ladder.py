"""A ladder: the five steps of a queue from its front, each with who stands on it, and the step that is one's own."""

from collections.abc import Sequence
from typing import Final

import htpy
from htpy import Element
from msgspec import Struct

from adlrisk.page.pictures.figure import draw, show_place, write

_STEP_HEIGHT: Final = 46
_BETWEEN: Final = 4
_BASELINES: Final = (19, 37)  # of the name and of what stands on it, which a telephone has no room for in one line
_MARKER_WIDTH: Final = 8


class Rung(Struct, frozen=True, kw_only=True):
    """A step: its name, what stands on it in words, and whether one's own position does."""

    name: str
    text: str
    is_own: bool


def draw_ladder(name: str, *, rungs: Sequence[Rung], title: str, description: str) -> Element:
    """The steps from top to bottom; one's own is filled, has a marker at its left, and says "you"."""
    return draw(
        name,
        title=title,
        description=description,
        height=len(rungs) * (_STEP_HEIGHT + _BETWEEN),
        content=[_draw_rung(rung, top=index * (_STEP_HEIGHT + _BETWEEN)) for index, rung in enumerate(rungs)],
    )


def _draw_rung(rung: Rung, *, top: int) -> Element:
    css = "on-fill" if rung.is_own else ""
    return htpy.g[
        htpy.rect(
            class_="fifth fifth-here" if rung.is_own else "fifth", x="0", y=top, width="100%", height=_STEP_HEIGHT
        ),
        htpy.rect(class_="rung-marker", x="0", y=top, width=_MARKER_WIDTH, height=_STEP_HEIGHT)
        if rung.is_own
        else None,
        write(rung.name, x=show_place(_MARKER_WIDTH + 8), y=top + _BASELINES[0], css=f"strong {css}".strip()),
        write(
            f"{rung.text}, you" if rung.is_own else rung.text,
            x=show_place(_MARKER_WIDTH + 8),
            y=top + _BASELINES[1],
            css=f"in {css}",
        ),
    ]
