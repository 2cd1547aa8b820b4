"""The exposure: what each move leads to in every case of liquidity on both paths, and how much the move weighs."""

from typing import Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adlrisk import ExposureAnswer
from adlrisk.domain.stress.likelihood import ExposureCase, Path
from figures.chain.style import LONG, LOSS, REST, SHORT, SMALL, set_up
from figures.chain.worked_example import expose_example
from figures.rendering import render

_STYLES: Final = {"calm": (SHORT, "-"), "typical": (LOSS, "--"), "severe": (LONG, "-.")}
_TITLES: Final[dict[Path, str]] = {"gap": "gap: the price jumps there", "walk": "walk: it goes there in small steps"}


def exposure() -> str:
    """Contracts closed by ADL over the moves down, with the moves' weights below."""
    answer = expose_example()
    if any(point.adl_size for case in answer.cases for point in case.curve if point.move > 0.0):
        raise ValueError("Moves up close something too, and the figure does not show them")

    def draw(figure: Figure) -> None:
        curves, weights = figure.subplots(2, 2, sharex=True, sharey="row", height_ratios=(2.2, 1.0))
        for path, above, below in zip(_TITLES, curves, weights, strict=True):
            _draw_path(above, answer, path)
            _draw_weights(below, answer.cases[0])
        curves[0].set_ylabel("closed by ADL, contracts")
        weights[0].set_ylabel("weight of\nthe move, %")
        figure.supxlabel("move of the mark price, %, falling to the right (no move up closes anything)", fontsize=9.0)
        figure.legend(*curves[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)

    return render(draw, width=8.0, height=4.8)


def _draw_path(axes: Axes, answer: ExposureAnswer, path: Path) -> None:
    for case in answer.cases:
        if case.path == path:
            color, style = _STYLES[case.case]
            moves, sizes = [100.0 * point.move for point in case.curve], [point.adl_size for point in case.curve]
            label = f"{case.case}: {case.depth_left:g} of the depth left"
            axes.plot(moves, sizes, color=color, linestyle=style, linewidth=2.0, label=label, drawstyle="steps-mid")
    axes.set_ylim(-0.3, 10.5)
    axes.set_xlim(1.0, -12.6)
    set_up(axes, _TITLES[path])


def _draw_weights(axes: Axes, case: ExposureCase) -> None:
    moves = [100.0 * point.move for point in case.curve]
    weights = [100.0 * point.weight for point in case.curve]
    axes.bar(moves, weights, width=moves[1] - moves[0], color=REST, edgecolor="#8f8a7c", linewidth=0.4)
    axes.annotate(
        "and all beyond",
        (moves[0], weights[0]),
        xytext=(3.0, 4.0),
        textcoords="offset points",
        fontsize=SMALL,
        ha="right",
    )
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    set_up(axes, "")
