"""What all pictures share: an SVG with its title and description, tables of the same numbers, and patterns."""

from collections.abc import Iterable, Sequence
from typing import Final, Literal

import htpy
from htpy import Element, Node

Anchor = Literal["start", "middle", "end"]

_HATCH_SIZE: Final = 6


def draw(name: str, *, title: str, description: str, height: float, content: Node, width: str = "100%") -> Element:
    """A picture called ``name``, which is unique on its page; its ``content`` is in CSS pixels and percentages."""
    return htpy.svg(
        ".picture",
        role="img",
        aria_labelledby=f"{name}-title",
        aria_describedby=f"{name}-description",
        width=width,
        height=show_place(height),
    )[htpy.title(id=f"{name}-title")[title], htpy.desc(id=f"{name}-description")[description], content]


def hatch(name: str) -> Element:
    """The definition of a hatch, which elements of the same picture fill themselves with: see ``hatch_fill``."""
    return htpy.defs[
        htpy.pattern(
            id=f"{name}-hatch",
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
            width=_HATCH_SIZE,
            height=_HATCH_SIZE,
        )[htpy.line(".hatch-line", x1="0", y1="0", x2="0", y2=_HATCH_SIZE)]
    ]


def hatch_fill(name: str) -> str:
    """What fills an element with the hatch of the picture ``name``."""
    return f"url(#{name}-hatch)"


def write(text: str, *, x: str, y: float, css: str = "", anchor: Anchor = "start") -> Element:
    """A line of text, which stands on ``y``."""
    where = None if anchor == "start" else anchor
    return htpy.text(class_=f"label {css}".strip(), x=x, y=show_place(y), text_anchor=where)[text]


def percent(place: float) -> str:
    """A place from 0 to 1 as an attribute.

    >>> percent(0.5), percent(1 / 3)
    ('50%', '33.33%')
    """
    return f"{_shorten(f'{100.0 * place:.2f}')}%"


def show_place(place: float) -> str:
    """A place as an attribute, to a tenth of a CSS pixel.

    >>> show_place(12.0), show_place(0.126)
    ('12', '0.1')
    """
    return _shorten(f"{place:.1f}")


def tabulate(caption: str, *, columns: Sequence[str], rows: Iterable[Sequence[Node]]) -> Element:
    """A table whose first column names its rows; where it is too wide, it is scrolled, by keyboard too."""
    return htpy.div(
        ".table-scroll", role="region", aria_label=caption, tabindex="0"
    )[
        htpy.table[
            htpy.caption[caption],
            htpy.thead[
                htpy.tr[(htpy.th(scope="col")[column] if column else htpy.td for column in columns)]  # over the names
            ],
            htpy.tbody[(htpy.tr[htpy.th(scope="row")[row[0]], (htpy.td[cell] for cell in row[1:])] for row in rows)],
        ]
    ]


def frame(picture: Node, *, caption: Node, numbers: Node, summary: str = "The numbers") -> Element:
    """A picture under its caption, and its numbers to unfold."""
    return htpy.figure(".picture-frame")[
        htpy.figcaption[caption], picture, htpy.details[htpy.summary[summary], numbers]
    ]


def _shorten(text: str) -> str:
    return text.rstrip("0").rstrip(".")
