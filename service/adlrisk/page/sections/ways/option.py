"""One option of a plan: what to do, whether it reaches the target, what it costs, leads to, leaves and makes worse."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import htpy
from htpy import Element, Node
from msgspec import Struct

from adlrisk.page.numbers import DIGITS, UNKNOWN, format_leverage, format_number, render_leverage, render_number
from adlrisk.page.sections.ways.words import ALL_DIGITS, SIGNALS, add_unit, describe_step, is_open, show_score

_WITHOUT_MARGIN: Final = f"{UNKNOWN}: the other venue decides it"
AddressOf = Callable[[Mapping[str, Any]], str | None]

_DANGERS: Final = {"liquidation": "liquidation", "adl": "an ADL", "none": "neither of them", "unknown": UNKNOWN}


class Bounds(Struct, frozen=True, kw_only=True):
    """What figures after an option are not rounded across: mark price, and threshold of leverage, as far as known."""

    mark_price: float | None = None
    leverage: float | None = None

    def render_price(self, price: float) -> Element:
        """A price that is rounded, but not across the mark price."""
        return render_number(price, apart_from=() if self.mark_price is None else (self.mark_price,))

    def render_leverage(self, leverage: float | None) -> Element:
        """A leverage that is rounded, but not across the threshold."""
        return render_leverage(leverage, apart_from=() if self.leverage is None else (self.leverage,))


def render_option(
    option: Mapping[str, Any],
    *,
    account: Mapping[str, Any] | None,
    side: str,
    currency: str,
    bounds: Bounds,
    address_of: AddressOf,
) -> Element:
    """An option as an item of a list; ``account`` has the figures of the account as it is, if there is one."""
    reaches = option["reaches_target"]
    is_certain = reaches and not is_open(option["after"])
    return htpy.li(class_="option option-reaches" if is_certain else "option")[
        htpy.h3[describe_step(option, side=side, currency=currency)],
        htpy.p(".option-outcome")[
            htpy.strong[_judge(reaches=reaches, is_certain=is_certain)],
            f"; score after it {show_score(option['after'])}",
            None if option["amount"] is not None else "; no amount of it changes the score",
        ],
        _list(option["makes_worse"], heading="⚠ Makes worse", css="option-worse"),
        _render_figures(option, account=account, currency=currency, bounds=bounds),
        _list(option["does_not_change"], heading="Does not change"),
        _list(list(map(_describe_order, option["orders"])), heading="Orders to change"),
        _render_check(option["request"], address_of=address_of),
    ]


def _judge(*, reaches: bool, is_certain: bool) -> str:
    if is_certain:
        return "✓ reaches the target"
    return "? reaches the target as far as is known" if reaches else "✗ does not reach the target"


def _render_figures(
    option: Mapping[str, Any], *, account: Mapping[str, Any] | None, currency: str, bounds: Bounds
) -> Element:
    cost, after = option["cost"], option["after"]
    off = ", ".join(SIGNALS[signal] for signal in option["turns_off"])
    figures: list[tuple[str, Node]] = [
        ("Margin to add", _show_cost(cost["margin"], currency, unknown=_WITHOUT_MARGIN, digits=ALL_DIGITS)),
        ("Fees", _show_cost(cost["fees"], currency, unknown=UNKNOWN)),
        ("Slippage", _show_cost(cost["slippage"], currency, unknown=_without_slippage(option))),
        ("Leverage after", _show_after(option, after["effective_leverage"], render=bounds.render_leverage)),
        ("Liquidation after", _show_after(option, after["liquidation_price"], render=bounds.render_price)),
        ("Ranking key after", _show_after(option, after["priority"], render=render_number)),
    ]
    if after["fifth"] is not None:
        figures.append(("In the queue after", f"fifth {after['fifth']} of 5, the first is closed first"))
    if account is not None and option["account"] is not None:
        figures += _compare_accounts(account, option["account"], bounds=bounds)
    figures += [
        ("Nearer danger after", _DANGERS.get(after["danger"], after["danger"])),
        ("Turns off", off or "no signal"),
    ]
    return htpy.dl(".figures")[(htpy.div[htpy.dt[name], htpy.dd[text]] for name, text in figures)]


def _compare_accounts(before: Mapping[str, Any], after: Mapping[str, Any], *, bounds: Bounds) -> list[tuple[str, Node]]:
    """Leverage of the account after an option, with that of before."""
    return [
        (name, [bounds.render_leverage(after[field]), f" (now {format_leverage(before[field])})"])
        for name, field in (("Account: leverage", "gross_leverage"), ("Account: net exposure", "net_leverage"))
    ]


def _show_cost(value: float | None, currency: str, *, unknown: str, digits: int = DIGITS) -> Node:
    if value is None:
        return htpy.span(".unknown")[unknown]
    return [render_number(value, digits=digits), add_unit("", currency)] if value else "none"


def _without_slippage(option: Mapping[str, Any]) -> str:
    if option["action"] == "hedge":
        return f"{UNKNOWN}: its order book is another"
    return f"{UNKNOWN}: no order book deep enough"


def _show_after(option: Mapping[str, Any], value: float | None, *, render: Callable[[float], Element]) -> Node:
    if option["action"] == "close":
        return "nothing is left"
    return render(value) if value is not None else f"none, or {UNKNOWN}"


def _describe_order(order: Mapping[str, Any]) -> Node:
    old, new = (format_number(order[size], digits=ALL_DIGITS) for size in ("old_size", "new_size"))
    change = f"cancel it ({old} contracts)" if order["new_size"] == 0.0 else f"from {old} to {new} contracts"
    return [htpy.strong[order["id"]], f": {change}, or it could open the opposite side"]


def _list(items: Sequence[Node], *, heading: str, css: str = "") -> Node:
    if not items:
        return None
    return htpy.div(class_=css or None)[htpy.h4[heading], htpy.ul(".notes")[(htpy.li[item] for item in items)]]


def _render_check(request: Mapping[str, Any] | None, *, address_of: AddressOf) -> Node:
    if request is None:
        return None
    address = address_of(request)
    if address is not None:
        return htpy.p[htpy.a(href=address)["See the position after it"]]
    path = "/account" if "positions" in request else "/score"
    return htpy.details[
        htpy.summary["Check it"],
        htpy.p["Send this to ", htpy.code[f"POST {path}"], ": its answer has the figures above."],
        htpy.pre[htpy.code[json.dumps(request, ensure_ascii=False)]],
    ]
