"""Step 3: what the insurance fund holds before, what it pays for, and where it stops."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.chain.style import LONG, LOSS, SMALL, set_up
from figures.chain.worked_example import POOR_FUND, RICH_FUND, Level, bankruptcy_price_of, simulate_example, walk_levels
from figures.rendering import render, with_sign


def fund() -> str:
    """A fund of 20 that has something left, and one of 8 that is used up."""

    def draw(figure: Figure) -> None:
        for axes, given in zip(figure.subplots(1, 2, sharey=True), (RICH_FUND, POOR_FUND), strict=True):
            _draw_fund(axes, given)
        figure.supylabel("insurance fund, settlement currency", fontsize=9.0)

    return render(draw, width=8.0, height=3.8)


def _draw_fund(axes: Axes, given: dict[str, Any]) -> None:
    answer = simulate_example(fund=given)
    step = answer.steps[0]
    levels = walk_levels(answer)
    bankruptcy = bankruptcy_price_of(answer)
    _bar(axes, 0, bottom=0.0, height=step.fund.before, color=LONG, label=f"{step.fund.before:g}")
    balance = step.fund.before
    for place, level in enumerate(levels, start=1):
        cost = level.closed * (bankruptcy - level.price)
        balance -= cost
        _bar(axes, place, bottom=balance, height=cost, color=LOSS, label=with_sign(-cost, digits=2))
    _bar(axes, len(levels) + 1, bottom=0.0, height=step.fund.after, color=LONG, label=f"{step.fund.after:.2f}")
    names = [_name(level) for level in levels]
    axes.set_xticks(range(len(levels) + 2), ["before", *names, "after"], fontsize=SMALL)
    axes.tick_params(axis="x", length=0.0)
    axes.set_xlabel(_left_over(step.left_over.fund, step.left_over.depth), fontsize=9.0)
    axes.axhline(0.0, color="black", linewidth=0.8)
    axes.set_ylim(0.0, 1.12 * RICH_FUND["balance"])
    set_up(axes, f"a fund of {step.fund.before:g}")


def _bar(axes: Axes, place: int, *, bottom: float, height: float, color: str, label: str) -> None:
    axes.bar(place, height, bottom=bottom, color=color, width=0.62)
    axes.text(place, bottom + height + 0.3, label, fontsize=9.0, ha="center", va="bottom")


def _name(level: Level) -> str:
    closed = f"all {level.size:g}" if level.closed == level.size else f"{level.closed:.2f} of {level.size:g}"
    return f"at {level.price:.2f}:\n{closed} bids"


def _left_over(fund: float, depth: float) -> str:
    if fund:
        return f"the fund cannot pay for the rest: {fund:.2f} left over"
    return f"no bid is left for the rest: {depth:g} left over"
