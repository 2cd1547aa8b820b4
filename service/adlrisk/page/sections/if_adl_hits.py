"""Section "If an ADL hits": what is realized, what is left, and what profit is missed as part of a position is closed.

It needs one answer of ``POST /adl/partial`` for each of ``SHARES``, over the same ``list_scenario_prices``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import htpy
from htpy import Element, Node

from adlrisk.domain.position.bounds import LARGEST
from adlrisk.page.numbers import (
    format_briefly,
    format_gain,
    format_number,
    format_percent,
    render_gain,
    render_leverage,
    render_number,
)
from adlrisk.page.pictures.curves import Axis, Curve, Upright, draw_curves
from adlrisk.page.pictures.figure import frame, tabulate
from adlrisk.page.pictures.scale import scale_of
from adlrisk.page.sections.account_left import ACCOUNT_ROWS, say_what_is_left
from adlrisk.page.sections.forced_fill import FillRule, find_fill_rule, list_terms

SHARES: Final = (0.1, 0.25, 0.5, 1.0)

_NAME: Final = "missed"
_FURTHEST_MOVE: Final = 0.3
_MOVES_EACH_WAY: Final = 6
_PRICE_DIGITS: Final = 7


def list_scenario_prices(mark_price: float) -> list[float]:
    """The prices over which missed profit is shown, up to 30 % around the mark price.

    >>> list_scenario_prices(100.0)[::6]
    [70.0, 100.0, 130.0]
    """
    moves = [_FURTHEST_MOVE * place / _MOVES_EACH_WAY for place in range(-_MOVES_EACH_WAY, _MOVES_EACH_WAY + 1)]
    prices = [float(f"{mark_price * (1.0 + move):.{_PRICE_DIGITS}g}") for move in moves]
    return [price for price in prices if price <= LARGEST]


def render_if_adl_hits(
    answers: Sequence[Mapping[str, Any]],
    *,
    mark_price: float,
    card: Mapping[str, Any] | None = None,
    settlement: str | None = None,
) -> Element:
    """What each of ``answers`` does to the position, and the profit that is missed over a range of prices."""
    rule = find_fill_rule(card)
    if card is not None and rule == "nobody":
        return htpy.section("#if-adl-hits")[
            htpy.h2["If an ADL hits"],
            htpy.p["This venue closes nobody's position by ADL. ", card["mechanism_note"]],
        ]
    currency = settlement or "settlement currency"
    is_leg = answers[0]["account"] is not None
    return htpy.section("#if-adl-hits")[
        htpy.h2["If an ADL hits"],
        htpy.p[_explain_fill(answers[0]["fill_price"], mark_price=mark_price, rule=rule)],
        _list_outcomes(answers, mark_price=mark_price, currency=currency),
        htpy.p(".note")[f"–: nothing {'of this position ' if is_leg else ''}is left. Without fees."],
        say_what_is_left(answers[-1]) if is_leg else None,
        None if card is None else htpy.ul(".notes")[(htpy.li[term] for term in list_terms(card))],
        _draw_missed(answers, mark_price=mark_price, currency=currency),
    ]


def _explain_fill(fill: float, *, mark_price: float, rule: FillRule) -> str:
    price = f"Worked out at a fill price of {format_number(fill, digits=_PRICE_DIGITS)}"
    if fill != mark_price:
        return f"{price}, as given."
    if rule == "mark":
        return f"{price}, the mark price now: this venue fills at the mark price of that moment."
    return f"{price}, the mark price now. The true one can be worse: {_WHY_WORSE[rule]}."


_WHY_WORSE: Final[Mapping[FillRule, str]] = {
    "bankruptcy": "this venue fills at the bankruptcy price of the position that is liquidated, which nobody knows "
    "beforehand",
    "unknown": "at which price this venue fills is not published",
    "unread": "the rules of this venue could not be read",
}


def _list_outcomes(answers: Sequence[Mapping[str, Any]], *, mark_price: float, currency: str) -> Element:
    """A column for each share that is closed."""
    is_closed = [answer["closed_size"] > 0.0 for answer in answers]
    is_leg = answers[0]["account"] is not None

    def tell(name: str, find: Callable[[Mapping[str, Any]], Node]) -> list[Node]:
        return [
            name,
            *(find(one) if closed else "< 1 lot" for one, closed in zip(answers, is_closed, strict=True)),
        ]

    def render_price(value: float) -> Element:
        return render_number(value, digits=_PRICE_DIGITS, apart_from=(mark_price,))

    def render_margin(answer: Mapping[str, Any]) -> Node:
        return _show_rest(answer, render_number, "margin") if is_leg else render_number(answer["after"]["margin"])

    return tabulate(
        f"Amounts in {currency}",
        columns=("Closed", *map(format_percent, SHARES[: len(answers)])),
        rows=[
            tell("Contracts", lambda one: render_number(one["closed_size"])),
            tell("Realized", lambda one: render_gain(one["realized_pnl"])),
            tell("Contracts left", lambda one: render_number(one["after"]["size"])),
            tell("Unrealized left", lambda one: render_gain(one["after"]["unrealized_pnl"])),
            tell("Margin left", render_margin),
            tell("Leverage", lambda one: _show_rest(one, render_leverage, "effective_leverage")),
            tell("Liquidation", lambda one: _show_rest(one, render_price, "liquidation_price")),
            *(tell(name, find) for name, find in (ACCOUNT_ROWS if is_leg else {}).items()),
        ],
    )


def _show_rest(answer: Mapping[str, Any], render: Callable[[float], Element], field: str) -> Node:
    """A figure of what is left, which has none after a full close."""
    after = answer["after"]
    if after["size"] == 0.0:
        return "–"
    return htpy.span(".unknown")["none, or unknown"] if after[field] is None else render(after[field])


def _draw_missed(answers: Sequence[Mapping[str, Any]], *, mark_price: float, currency: str) -> Element:
    curves = [
        Curve(
            points=[(one["price"], one["missed_profit"]) for one in answer["scenarios"]],
            css=f"curve-{place}",
            label=format_percent(share),
        )
        for place, (share, answer) in enumerate(zip(SHARES, answers, strict=False), start=1)
    ]
    missed = [up for curve in curves for _, up in curve.points]
    scale = scale_of(across for across, _ in curves[0].points)
    uprights = [Upright(value=mark_price, label="mark")]
    liquidation = answers[0]["before"]["liquidation_price"]
    if liquidation is not None and scale.low <= liquidation <= scale.high:
        uprights.append(Upright(value=liquidation, label="liquidation"))
    return frame(
        draw_curves(
            _NAME,
            x=Axis(scale=scale, caption="price then", write=format_briefly),
            y=Axis(scale=scale_of([*missed, 0.0], margin=0.05), caption=currency, write=format_briefly),
            curves=curves,
            uprights=uprights,
            title="Profit missed over the price after an ADL",
            description="One line for each share that is closed: "
            + "; ".join(
                f"{curve.label}: from {format_gain(curve.points[0][1])} at {format_number(curve.points[0][0])} "
                f"to {format_gain(curve.points[-1][1])} at {format_number(curve.points[-1][0])}"
                for curve in curves
            )
            + ". Below 0 the ADL has saved that much.",
        ),
        caption="Profit that you miss as the price moves on without a liquidation; below 0 the ADL has saved it",
        numbers=tabulate(
            f"Missed profit in {currency}",
            columns=("Price", *(curve.label for curve in curves)),
            rows=[
                (
                    format_number(row[0]["price"], digits=_PRICE_DIGITS),
                    *(format_gain(one["missed_profit"]) for one in row),
                )
                for row in zip(*(answer["scenarios"] for answer in answers), strict=True)
            ],
        ),
    )
