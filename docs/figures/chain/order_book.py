"""Step 2: the long walks down through the bids, and the fund pays below its bankruptcy price."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.chain.style import LONG, LOSS, REST, SMALL, set_up
from figures.chain.worked_example import RICH_FUND, Level, bankruptcy_price_of, simulate_example, walk_levels
from figures.rendering import render

_LOWEST, _HIGHEST = 92.7, 95.4


def order_book() -> str:
    """Price against size, with a fund of 20, which pays for all that the bids take."""
    answer = simulate_example(fund=RICH_FUND)
    (step,) = answer.steps
    bankruptcy = bankruptcy_price_of(answer)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        first = 0.0
        for level in walk_levels(answer):
            _draw_level(axes, level, first=first, bankruptcy=bankruptcy)
            first += level.closed
        _draw_rest(axes, first=first, size=step.left_over.depth, bankruptcy=bankruptcy)
        _draw_price(axes, bankruptcy, "-", f"bankruptcy price of a: {bankruptcy:g}")
        _draw_price(axes, step.mark_price, ":", f"mark price {step.mark_price:g}")
        axes.set_xlim(0.0, step.liquidated.size)
        axes.set_ylim(_LOWEST, _HIGHEST)
        axes.set_xlabel("contracts of a, in the order of closing")
        axes.set_ylabel("price")
        closed = f"{step.market.size:g} of {step.liquidated.size:g}"
        set_up(axes, f"closing {closed} costs the fund ({step.fund.before:g}) {step.market.paid_by_fund:.2f}")

    return render(draw, width=7.0, height=3.8)


def _draw_price(axes: Axes, price: float, style: str, text: str) -> None:
    axes.axhline(price, color="black", linewidth=1.0, linestyle=style)
    axes.annotate(
        text,
        (1.0, price),
        xycoords=("axes fraction", "data"),
        xytext=(-3.0, 3.0),
        textcoords="offset points",
        fontsize=SMALL,
        ha="right",
    )


def _draw_level(axes: Axes, level: Level, *, first: float, bankruptcy: float) -> None:
    """A level, and what closing at it costs up to the bankruptcy price."""
    cost, middle = bankruptcy - level.price, first + 0.5 * level.closed
    axes.bar(first, cost, bottom=level.price, width=level.closed, align="edge", color=LOSS, alpha=0.35, edgecolor=LOSS)
    axes.plot([first, first + level.closed], [level.price] * 2, color=LONG, linewidth=3.0, solid_capstyle="butt")
    axes.text(
        middle, level.price - 0.07, f"bids at {level.price:.2f}: {level.size:g}", fontsize=SMALL, ha="center", va="top"
    )
    axes.text(
        middle,
        bankruptcy - 0.5,
        f"the fund pays\n{level.closed:g} × {cost:.2f} = {level.closed * cost:.2f}",
        ha="center",
        va="center",
    )


def _draw_rest(axes: Axes, *, first: float, size: float, bankruptcy: float) -> None:
    """The contracts for which no level is there."""
    axes.bar(
        first,
        bankruptcy - _LOWEST,
        bottom=_LOWEST,
        width=size,
        align="edge",
        color=REST,
        hatch="////",
        edgecolor="white",
        linewidth=0.0,
    )
    axes.text(
        first + 0.5 * size,
        93.4,
        f"no bid is left\nfor the last {size:g}:\nleft over",
        ha="center",
        va="center",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 2.0},
    )
