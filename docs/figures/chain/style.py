"""Colours of the chain's figures, which differ in grey too, and what their axes have in common."""

from typing import Final

from matplotlib.axes import Axes

LONG: Final = "#14344a"  # dark in grey
SHORT: Final = "#7c9db3"  # medium
LOSS: Final = "#c8553d"  # medium, and hatched where it stands beside SHORT
REST: Final = "#e4e1da"  # light

SMALL: Final = 8.0


def set_up(axes: Axes, title: str) -> None:
    """Give ``axes`` its title, and take the frame away where there is no scale."""
    axes.set_title(title, fontsize=9.0, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
