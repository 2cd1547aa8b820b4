"""Section "Prices": where entry, mark, liquidation, bankruptcy and the fill of an ADL are, from the answer of a score.

It takes the body and the answer of ``POST /score``, the card of the venue (``GET /venues/{venue}``) for the rule of its
fill price and, where a fill price was given, the answer of ``POST /adl/partial``.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import htpy
from htpy import Element, Node
from msgspec import Struct

from adlrisk.page.numbers import find_digits, format_change, format_number, render_number
from adlrisk.page.pictures.figure import frame, tabulate
from adlrisk.page.pictures.price_marks import PriceMark, Shape, Stretch, draw_price_marks
from adlrisk.page.sections.forced_fill import FillRule, find_fill_rule

_NAME: Final = "prices"
_FURTHEST: Final = 1000.0  # times the mark price: what is said of a distance beyond
_DIGITS: Final = 7
_AT_MARK: Final = "the mark price now; it is filled at the mark price of that moment"
_WITHOUT_BACKING: Final = "unknown without margin, leverage or account equity"
_WITHOUT_FILL: Final[Mapping[FillRule, str]] = {
    "bankruptcy": "not known beforehand: the venue fills at the bankruptcy price of the position that is liquidated, "
    "which can be worse than the mark price",
    "unknown": "unknown: at which price the venue fills is not published",
    "nobody": "none: this venue closes nobody's position by ADL",
    "unread": "unknown: the rules of the venue could not be read",
}


class _Price(Struct, frozen=True, kw_only=True, gc=False):
    """A price of the position: known, or ``None`` and why."""

    name: str
    price: float | None
    shape: Shape
    css: str
    note: str


def render_price_axis(
    *,
    request: Mapping[str, Any],
    score: Mapping[str, Any],
    card: Mapping[str, Any] | None = None,
    partial: Mapping[str, Any] | None = None,
) -> Element:
    """The prices that are known on one axis, and those that are not by name."""
    position, state = request["position"], score["state"]
    mark = position["mark_price"]
    prices = (
        _Price(name="Mark", price=mark, shape="disc", css="price-of-mark", note="where the market is now"),
        _Price(name="Entry", price=position["entry_price"], shape="ring", css="price-of-entry", note="your average"),
        _find_liquidation(position, state),
        _find_bankruptcy(state),
        _find_fill(mark, card=card, partial=partial),
    )
    known = [price for price in prices if price.price is not None]
    return htpy.section("#prices")[
        htpy.h2["Prices"],
        htpy.div(".beside")[
            frame(
                draw_price_marks(
                    _NAME,
                    marks=[_label(price, mark=mark) for price in known],
                    stretches=_list_stretches(position, state),
                    title=f"Prices of this {position['side']}, highest on top",
                    description=f"{'; '.join(_say(price, mark=mark) for price in prices)}.",
                ),
                caption="In brackets: how far from the mark price",
                numbers=_list_numbers(prices, mark=mark),
            ),
            _explain(prices, state=state),
        ],
    ]


def _find_liquidation(position: Mapping[str, Any], state: Mapping[str, Any]) -> _Price:
    note = "the venue takes over the position here"
    if state["liquidation_price"] is None:
        has_rate = position.get("maintenance_margin_rate") or position.get("maintenance_margin")
        if state["equity"] is None:
            note = _WITHOUT_BACKING
        elif has_rate:
            note = "none: no price within reach leads to it"
        else:
            note = "unknown without a maintenance margin rate, or out of reach"
    return _Price(
        name="Liquidation",
        price=state["liquidation_price"],
        shape="triangle",
        css="price-of-liquidation",
        note=note,
    )


def _find_bankruptcy(state: Mapping[str, Any]) -> _Price:
    note = "equity is 0 here"
    if state["bankruptcy_price"] is None:
        is_known = state["equity"] is not None
        note = "none: no price within reach uses up the equity" if is_known else _WITHOUT_BACKING
    return _Price(
        name="Bankruptcy", price=state["bankruptcy_price"], shape="square", css="price-of-bankruptcy", note=note
    )


def _find_fill(mark: float, *, card: Mapping[str, Any] | None, partial: Mapping[str, Any] | None) -> _Price:
    """The price at which an ADL would fill: as given for a partial close, else by the venue's rule."""
    rule = find_fill_rule(card)
    if rule == "mark":
        price, note = mark, _AT_MARK
    else:
        price, note = None, _WITHOUT_FILL[rule]
    if partial is not None and partial["fill_price"] != mark and rule != "nobody":
        price, note = partial["fill_price"], "the fill price that was given"
    return _Price(name="ADL fill", price=price, shape="diamond", css="price-of-fill", note=note)


def _list_stretches(position: Mapping[str, Any], state: Mapping[str, Any]) -> Sequence[Stretch]:
    """The way from entry to mark, and all that is beyond the liquidation price."""
    entry, mark, liquidation = position["entry_price"], position["mark_price"], state["liquidation_price"]
    css = "price-profit" if state["unrealized_pnl"] >= 0.0 else "price-loss"
    way = Stretch(low=min(entry, mark), high=max(entry, mark), css=css)
    if liquidation is None:
        return (way,)
    is_long = position["side"] == "long"
    beyond = Stretch(
        low=None if is_long else liquidation,
        high=liquidation if is_long else None,
        css="price-liquidated",
        is_hatched=True,
    )
    return (way, beyond)


def _label(price: _Price, *, mark: float) -> PriceMark:
    value = price.price or 0.0
    away = "" if price.name == "Mark" else f" ({_show_distance(value, mark)})"
    return PriceMark(
        price=value,
        heading=f"{price.name}{away}",
        text=_write(value, mark=mark),
        shape=price.shape,
        css=price.css,
    )


def _say(price: _Price, *, mark: float) -> str:
    if price.price is None:
        return f"{price.name}: {price.note}"
    value = _write(price.price, mark=mark)
    return f"{price.name} {value}, {_show_distance(price.price, mark)} from the mark price"


def _write(price: float, *, mark: float) -> str:
    """A price that is rounded, but not onto the mark price.

    >>> _write(49999.99996, mark=50000.0), _write(2079.207920792079, mark=1800.0)
    ('49,999.99996', '2,079.208')
    """
    return format_number(price, digits=find_digits(price, apart_from=(mark,), least=_DIGITS))


def _show_distance(price: float, mark: float) -> str:
    r"""How far a price is from the mark price.

    >>> _show_distance(2079.2, 1800.0), _show_distance(1e9, 0.00001234), _show_distance(5.0, 5.0)
    ('+15.51\xa0%', 'over +100,000\xa0%', '0\xa0%')
    """
    change = price / mark - 1.0
    if not math.isfinite(change) or abs(change) > _FURTHEST:
        return f"over {format_change(math.copysign(_FURTHEST, change))}"
    return format_change(change)


def _list_numbers(prices: Sequence[_Price], *, mark: float) -> Element:
    return tabulate(
        "Prices in quote currency",
        columns=("", "Price", "From mark"),
        rows=[
            (
                price.name,
                render_number(price.price, digits=_DIGITS, apart_from=(mark,)),
                _show_distance(price.price, mark),
            )
            for price in prices
            if price.price is not None
        ],
    )


def _explain(prices: Sequence[_Price], *, state: Mapping[str, Any]) -> Node:
    """What the parts of the axis mean, and what is not drawn and why."""
    *_, liquidation, _bankruptcy, fill = prices
    pnl = state["unrealized_pnl"]
    solid = (
        f"Solid: from entry to mark, an unrealized {'profit' if pnl > 0.0 else 'loss'} of {format_number(abs(pnl))}."
    )
    return htpy.ul(".notes")[
        htpy.li[solid] if pnl else None,
        htpy.li["Hatched: beyond the liquidation price."] if liquidation.price is not None else None,
        htpy.li[htpy.strong[fill.name], f": {fill.note}."] if fill.price is not None else None,
        (htpy.li[htpy.strong[price.name], f": {price.note}."] for price in prices if price.price is None),
    ]
