"""Step 1: equity against maintenance margin of the accounts, as the mark price falls."""

from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.chain.style import LONG, LOSS, REST, SHORT, SMALL, set_up
from figures.chain.worked_example import equity_at, known, maintenance_at, request_of, score_at
from figures.rendering import render, with_sign

_LOWEST: Final = 93.0


def due() -> str:
    """Who is due: the long is, the shorts gain what it loses."""
    request = request_of()

    def draw(figure: Figure) -> None:
        long, shorts = figure.subplots(1, 2, width_ratios=(1.5, 1.0))
        _draw_long(long, request)
        _draw_shorts(shorts, request)
        figure.supxlabel("mark price, falling to the right", fontsize=9.0)

    return render(draw, width=8.0, height=3.8)


def _draw_long(axes: Axes, request: dict[str, Any]) -> None:
    prices = (request["mark_price"], _LOWEST)
    maintenance = [maintenance_at("a", price) for price in prices]
    axes.fill_between(prices, maintenance, color=REST, linewidth=0.0)
    axes.plot(prices, maintenance, color=LOSS, linewidth=1.6, linestyle="--")
    axes.plot(prices, [equity_at("a", price) for price in prices], color=LONG, linewidth=2.2)
    axes.axhline(0.0, color="black", linewidth=0.8)
    axes.text(98.1, 36.0, "equity of the long a", color=LONG, fontsize=SMALL)
    axes.text(99.9, 12.0, "maintenance margin", color=LOSS, fontsize=SMALL)
    _mark_events(axes, request)
    set_up(axes, _describe(request, "a"))
    _frame(axes, prices)


def _mark_events(axes: Axes, request: dict[str, Any]) -> None:
    (mark,) = request["marks"]
    state = score_at("a", request["mark_price"]).state
    due_at, bankrupt_at = known(state.liquidation_price), known(state.bankruptcy_price)
    at_mark = with_sign(equity_at("a", mark))
    for price, text, offset in (
        (due_at, f"due from {due_at:.2f} on", (8.0, 24.0)),
        (bankrupt_at, f"bankrupt at {bankrupt_at:g}", (14.0, 12.0)),
        (mark, f"equity at {mark:g}: {at_mark}", (-110.0, -14.0)),
    ):
        equity = equity_at("a", price)
        axes.plot([price], [equity], marker="o", markersize=4.5, color=LONG)
        axes.annotate(
            text,
            (price, equity),
            xytext=offset,
            textcoords="offset points",
            fontsize=SMALL,
            arrowprops={"arrowstyle": "-", "linewidth": 0.6, "shrinkA": 0.0, "shrinkB": 3.0},
        )


def _draw_shorts(axes: Axes, request: dict[str, Any]) -> None:
    prices = (request["mark_price"], _LOWEST)
    margins = []
    for account, style in (("b", "-."), ("c", "-")):
        equities = [equity_at(account, price) for price in prices]
        maintenance = [maintenance_at(account, price) for price in prices]
        axes.plot(prices, equities, color=SHORT, linewidth=2.2, linestyle=style)
        axes.plot(prices, maintenance, color=LOSS, linewidth=1.2, linestyle="--")
        axes.text(99.8, equities[0] + 30.0, f"equity of the short {account}", fontsize=SMALL)
        margins.append(f"{maintenance[0]:g}")
    axes.axhline(0.0, color="black", linewidth=0.8)
    axes.text(99.8, 18.0, f"both maintenance margins\n({' and '.join(margins)} at first)", color=LOSS, fontsize=SMALL)
    axes.set_ylim(-20.0, 480.0)
    set_up(axes, f"{_describe(request, 'b')};\n{_describe(request, 'c')}")
    _frame(axes, prices)


def _describe(request: dict[str, Any], account: str) -> str:
    (row,) = [position for position in request["positions"] if position["id"] == account]
    return f"{row['side']} {account}: {row['size']} from {row['entry_price']}, margin {row['margin']}"


def _frame(axes: Axes, prices: tuple[float, float]) -> None:
    axes.set_xlim(*prices)
    axes.set_ylabel("settlement currency", fontsize=SMALL)
    axes.tick_params(labelsize=SMALL)
