"""The figure of docs/cross-margin.md: a hedged account before and after one of its legs is taken."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adlrisk import Account, AccountAnswer, account
from figures.rendering import EXAMPLES, render, with_sign

_BEFORE, _AFTER = "#33566b", "#b2452f"


class _State(NamedTuple):
    """The account before, or after, one of its legs has been taken."""

    name: str
    color: str
    request: Account
    answer: AccountAnswer
    net_notional: float


def leg_taken() -> str:
    """A hedged account before and after the likelier of its two legs is taken: what is left open, and what ends it."""
    request = msgspec.json.decode((EXAMPLES / "account-hedge.request.json").read_bytes(), type=Account)
    answer = account(request)
    (pair,) = answer.underlyings
    taken = pair.if_taken
    if taken is None or taken.net_notional_after is None or pair.net_notional is None:
        raise ValueError("The example does not say what would be left")
    rest = msgspec.structs.replace(
        request,
        wallet_balance=None,
        equity=taken.equity_after,
        positions=[leg for leg in request.positions if leg.id != pair.first],
    )
    states = (
        _State("before", _BEFORE, request, answer, pair.net_notional),
        _State(
            f"after the {pair.first} is taken, filled at mark", _AFTER, rest, account(rest), taken.net_notional_after
        ),
    )

    def draw(figure: Figure) -> None:
        exposure, room = figure.subplots(1, 2, width_ratios=(1.2, 1.2))
        _draw_exposure(exposure, states)
        _draw_room(room, states)
        figure.legend(loc="outside lower center", ncols=2, frameon=False)

    return render(draw, width=8.0, height=3.8)


def _draw_exposure(axes: Axes, states: Sequence[_State]) -> None:
    names = [*(leg.id for leg in states[0].request.positions), "net"]
    for place, state in enumerate(states):
        held = _signed_notionals(state)
        amounts = [held.get(name, 0.0) for name in names]
        bars = axes.bar(
            [index + 0.44 * (place - 0.5) for index in range(len(names))],
            amounts,
            color=state.color,
            width=0.4,
            label=state.name,
        )
        axes.bar_label(bars, labels=[with_sign(amount) for amount in amounts], padding=2.0, fontsize=7.5)
    axes.axhline(0.0, color="black", linewidth=0.8)
    axes.set_xticks(range(len(names)), names)
    axes.tick_params(axis="x", length=0.0)
    axes.set_yticks([])
    axes.margins(y=0.14)
    axes.set_title(f"exposure at the mark price, {_currency(states)} (negative: short)", fontsize=9.0)
    axes.spines[["top", "right", "bottom", "left"]].set_visible(False)


def _signed_notionals(state: _State) -> Mapping[str, float]:
    held = {
        leg.id: (1.0 if leg.side == "long" else -1.0) * scored.state.notional
        for leg, scored in zip(state.request.positions, state.answer.positions, strict=True)
    }
    return {**held, "net": state.net_notional}


def _draw_room(axes: Axes, states: Sequence[_State]) -> None:
    """Margin free at other prices, down to the price that ends the account."""
    leg = states[0].request.positions[0]
    mark = leg.mark_price
    ends = {
        state.name: price
        for state in states
        for scored in state.answer.positions
        if (price := scored.state.liquidation_price) is not None
    }
    margin = 0.2 * (max(ends.values()) - min(ends.values()))
    lowest, highest = min(ends.values()) - margin, max(ends.values()) + margin
    for state in states:
        end = ends[state.name]
        outer = highest if end < mark else lowest
        prices = [end + (outer - end) * step / _STEPS for step in range(_STEPS + 1)]
        axes.plot(prices, [_margin_free(state, price) for price in prices], color=state.color, linewidth=1.8)
        _name_end(axes, state, end=end, mark=mark)
    before, after = (_margin_free(state, mark) for state in states)
    free = max(before, after)
    taken = states[0].answer.underlyings[0].first
    _name_released(axes, leg=taken, mark=mark, before=before, after=after)
    axes.axvline(mark, color="black", linewidth=0.8, linestyle=":")
    axes.annotate(
        f"now {mark:,.0f}", (mark, 2.0 * free), xytext=(4.0, -9.0), textcoords="offset points", ha="left", fontsize=8.0
    )
    axes.set_xlim(lowest, highest)
    axes.set_ylim(0.0, 2.0 * free)
    axes.set_xlabel(f"mark price of {leg.symbol}")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_title(f"equity less maintenance margin, {_currency(states)}; liquidation at 0", fontsize=9.0)
    axes.spines[["top", "right"]].set_visible(False)


_STEPS: Final = 40


def _currency(states: Sequence[_State]) -> str:
    (currency,) = {leg.settlement for leg in states[0].request.positions}
    if currency is None:
        raise ValueError("The example does not say what its legs settle in")
    return currency


def _name_released(axes: Axes, *, leg: str | None, mark: float, before: float, after: float) -> None:
    """Say why more margin is free once ``leg`` is closed: it needs no maintenance margin any more."""
    axes.annotate("", (mark, after), xytext=(mark, before), arrowprops={"arrowstyle": "->", "shrinkA": 0, "shrinkB": 0})
    axes.annotate(
        f"maintenance margin\nof the {leg} released: {with_sign(after - before)}",
        (mark, after),
        xytext=(-12.0, 0.0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=8.0,
    )


def _name_end(axes: Axes, state: _State, *, end: float, mark: float) -> None:
    axes.plot([end], [0.0], marker="o", color=state.color, clip_on=False)
    axes.annotate(
        f"{end:,.0f}\n{with_sign(100.0 * (end - mark) / mark, digits=1)} %",
        (end, 0.0),
        xytext=(-4.0, 12.0) if end < mark else (7.0, 5.0),
        textcoords="offset points",
        ha="center" if end < mark else "left",
        color=state.color,
        fontsize=8.0,
    )


def _margin_free(state: _State, price: float) -> float:
    """Equity less maintenance margin with all legs marked at ``price``."""
    moved = msgspec.structs.replace(
        state.request,
        wallet_balance=state.answer.account.wallet_balance,
        equity=None,
        positions=[msgspec.structs.replace(leg, mark_price=price) for leg in state.request.positions],
    )
    free = account(moved).account.margin_free
    if free is None:
        raise ValueError("The example does not say what the margin is")
    return free
