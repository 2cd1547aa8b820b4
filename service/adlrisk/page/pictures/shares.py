"""Shares of one amount, one bar below the other."""

from collections.abc import Sequence
from typing import Final

import htpy
from htpy import Element
from msgspec import Struct

from adlrisk.page.numbers import format_number, format_percent
from adlrisk.page.pictures.figure import draw, percent, write
from adlrisk.page.pictures.scale import Scale

_ROW_HEIGHT: Final = 42
_BASELINE: Final = 13
_BAR_TOP: Final = 19
_BAR_HEIGHT: Final = 14


class Share(Struct, frozen=True, kw_only=True):
    """What is ``closed`` ``of`` an amount; ``None`` where that is not known."""

    name: str
    closed: float
    of: float | None

    @property
    def text(self) -> str:
        """What is closed, in words."""
        if not self.closed:
            return "nothing"
        if self.of is None:
            return format_number(self.closed)
        return f"{format_number(self.closed)} of {format_number(self.of)} ({format_percent(self.closed / self.of)})"


def draw_shares(name: str, *, shares: Sequence[Share], title: str, description: str) -> Element:
    """A bar for each share, over the whole amount; the largest share is the whole where the amount is not known."""
    largest = max((share.closed for share in shares), default=0.0)
    return draw(
        name,
        title=title,
        description=description,
        height=len(shares) * _ROW_HEIGHT,
        content=[
            _draw_share(share, Scale(low=0.0, high=share.of or largest), top=index * _ROW_HEIGHT)
            for index, share in enumerate(shares)
        ],
    )


def _draw_share(share: Share, scale: Scale, *, top: int) -> Element:
    bar: dict[str, str | int] = {"x": "0", "y": top + _BAR_TOP, "height": _BAR_HEIGHT}
    return htpy.g[
        write(share.name, x="0", y=top + _BASELINE, css="strong"),
        write(share.text, x="100%", y=top + _BASELINE, anchor="end"),
        htpy.rect(".bar-back", bar, width="100%"),
        htpy.rect(".bar-known", bar, width=percent(scale.place(share.closed))) if share.closed else None,
    ]
