"""How the figures are drawn: as SVG that is the same on every machine."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib.figure import Figure

EXAMPLES: Final = Path(__file__).parents[2] / "openapi" / "examples"

CLOSED, KEPT = "#b2452f", "#e4e1da"


def render(draw: Callable[[Figure], None], *, width: float, height: float) -> str:
    """The SVG of what ``draw`` draws, in inches; on white, so that it is legible on dark pages too."""
    with mpl.rc_context():
        mpl.rcdefaults()  # the same file on every machine, whatever its owner's settings
        mpl.rcParams.update({"svg.hashsalt": "adlrisk", "svg.fonttype": "none", "font.size": 9.0})
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return drawn.getvalue()


def with_sign(number: float, *, digits: int = 0) -> str:
    """``number`` with its sign, the minus as a typographer sets it; 0 has none."""
    return f"{number:+,.{digits}f}".replace("-", "−") if number else "0"
