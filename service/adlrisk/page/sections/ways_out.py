"""Section "Ways out": what brings the position to the target, at what cost, from the answer of ``POST /plan``."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import htpy
from htpy import Element, Node

from adlrisk.page.numbers import UNKNOWN, format_number, render_number

AddressOf = Callable[[Mapping[str, Any]], str | None]

_CLOSING: Final = {"long": "sell", "short": "buy back"}
_BANDS: Final = {"low": "low", "watch": "watch", "high": "high"}
_SIGNALS: Final = {
    "leverage": "leverage",
    "profit": "profit",
    "funding": "funding",
    "market_stress": "market stress",
    "adl_meter": "the venue's ADL meter",
}


def _no_address(_: Mapping[str, Any]) -> str | None:
    return None


def render_ways_out(
    plan: Mapping[str, Any],
    *,
    side: str,
    settlement: str | None = None,
    target: str = "the target",
    address_of: AddressOf = _no_address,
) -> Element:
    """The options in the order of the answer, and what none of them turns off.

    ``target`` is what they are to reach, in words; ``address_of`` gives the address of the page for the body of a
    request, or ``None`` where there is no such address.
    """
    currency = settlement or ""
    return htpy.section("#ways-out")[
        htpy.h2["Ways out"],
        htpy.p[_sum_up(plan, target=target)],
        None if settlement or not plan["options"] else htpy.p(".note")["Costs are in settlement currency."],
        htpy.ol(".options")[
            (_render_option(one, side=side, currency=currency, address_of=address_of) for one in plan["options"])
        ]
        if plan["options"]
        else None,
        _render_candidate(plan["candidate"], currency=currency),
        _render_others(plan["not_yours"]),
    ]


def describe_step(option: Mapping[str, Any], *, side: str, currency: str) -> str:
    """What to do, in a trader's words.

    >>> describe_step({"action": "reduce_size", "amount": 4.75, "unit": "contracts"}, side="short", currency="USDT")
    'Close part: buy back 4.75 contracts'
    >>> describe_step({"action": "add_margin", "amount": None, "unit": None}, side="long", currency="USDT")
    'Add margin'
    """
    closing, amount = _CLOSING[side], option["amount"]
    unit = currency if option["unit"] == "settlement" else option["unit"]
    reopened = "Close all and open it again at the mark price, so that profit becomes margin"
    if amount is None:
        return _WITHOUT_AMOUNT[option["action"]]
    size = _add_unit(format_number(amount, digits=_ALL), unit)
    return {
        "close": f"Close all: {closing} {size}",
        "reduce_size": f"Close part: {closing} {size}",
        "add_margin": f"Add {size} of margin",
        "hedge": f"Hedge: open the opposite position of {size} elsewhere",
        "roll": f"{reopened}: {size}",
        "roll_and_add_margin": f"{reopened}; then add {size} of margin",
        "roll_and_reduce_size": f"{reopened}, but {size} less",
    }[str(option["action"])]


_ALL: Final = 12
_WITHOUT_AMOUNT: Final = {
    "close": "Close all",
    "reduce_size": "Close part",
    "add_margin": "Add margin",
    "hedge": "Hedge: open the opposite position elsewhere",
    "roll": "Close all and open it again at the mark price",
    "roll_and_add_margin": "Close all and open it again at the mark price with more margin",
    "roll_and_reduce_size": "Close all and open a smaller one at the mark price",
}


def _add_unit(text: str, unit: str) -> str:
    return f"{text} {unit}" if unit else text


def _sum_up(plan: Mapping[str, Any], *, target: str) -> str:
    now = f"The score is {_show_score(plan['now'])} now."
    if plan["reached"] and _is_open(plan["now"]):
        return f"{now} As far as it is known that is {target} already; what is unknown may add to it."
    if plan["reached"]:
        return f"{now} That is {target} already: nothing is needed."
    if plan["reachable"]:
        return f"{now} These lead to {target}, the cheapest first; then what does not."
    return f"{now} Nothing but closing leads to {target}: here is what each way does."


def _is_open(figures: Mapping[str, Any]) -> bool:
    """Whether signals are unknown that may add to the score."""
    return bool(figures["score_upper"] > figures["score"])


def _show_score(figures: Mapping[str, Any]) -> str:
    """The score with its upper end and band.

    >>> _show_score({"score": 4, "score_upper": 6, "band": "watch"})
    '4 to 6 of 10 (watch)'
    """
    score, upper = figures["score"], figures["score_upper"]
    return f"{score if score == upper else f'{score} to {upper}'} of 10 ({_BANDS[figures['band']]})"


def _render_option(option: Mapping[str, Any], *, side: str, currency: str, address_of: AddressOf) -> Element:
    reaches = option["reaches_target"]
    is_certain = reaches and not _is_open(option["after"])
    return htpy.li(class_="option option-reaches" if is_certain else "option")[
        htpy.h3[describe_step(option, side=side, currency=currency)],
        htpy.p(".option-outcome")[
            htpy.strong[_judge(reaches=reaches, is_certain=is_certain)],
            f"; score after it {_show_score(option['after'])}",
            None if option["amount"] is not None else "; no amount of it changes the score",
        ],
        _render_figures(option, currency=currency),
        _list(option["does_not_change"], heading="Does not change"),
        _list(list(map(_describe_order, option["orders"])), heading="Orders to change"),
        _render_check(option["request"], address_of=address_of),
    ]


def _judge(*, reaches: bool, is_certain: bool) -> str:
    if is_certain:
        return "✓ reaches the target"
    return "? reaches the target as far as is known" if reaches else "✗ does not reach the target"


def _render_figures(option: Mapping[str, Any], *, currency: str) -> Element:
    cost, after = option["cost"], option["after"]
    off = ", ".join(_SIGNALS[signal] for signal in option["turns_off"])
    figures = (
        ("Margin to add", _show_cost(cost["margin"], currency, unknown=f"{UNKNOWN}: the other venue decides it")),
        ("Fees", _show_cost(cost["fees"], currency, unknown=UNKNOWN)),
        ("Slippage", _show_cost(cost["slippage"], currency, unknown=_without_slippage(option))),
        ("Leverage after", _show_after(option, after["effective_leverage"], unit="×")),
        ("Liquidation after", _show_after(option, after["liquidation_price"], unit="")),
        ("Ranking key after", _show_after(option, after["priority"], unit="")),
        ("Turns off", off or "no signal"),
    )
    return htpy.dl(".figures")[(htpy.div[htpy.dt[name], htpy.dd[text]] for name, text in figures)]


def _show_cost(value: float | None, currency: str, *, unknown: str) -> Node:
    if value is None:
        return htpy.span(".unknown")[unknown]
    return [render_number(value), _add_unit("", currency)] if value else "none"


def _without_slippage(option: Mapping[str, Any]) -> str:
    if option["action"] == "hedge":
        return f"{UNKNOWN}: its order book is another"
    return f"{UNKNOWN}: no order book deep enough"


def _show_after(option: Mapping[str, Any], value: float | None, *, unit: str) -> Node:
    if option["action"] == "close":
        return "nothing is left"
    return [render_number(value), unit] if value is not None else f"none, or {UNKNOWN}"


def _describe_order(order: Mapping[str, Any]) -> Node:
    old, new = format_number(order["old_size"], digits=_ALL), format_number(order["new_size"], digits=_ALL)
    change = f"cancel it ({old} contracts)" if order["new_size"] == 0.0 else f"from {old} to {new} contracts"
    return [htpy.strong[order["id"]], f": {change}, or it could open the opposite side"]


def _list(items: Sequence[Node], *, heading: str) -> Node:
    if not items:
        return None
    return [htpy.h4[heading], htpy.ul(".notes")[(htpy.li[item] for item in items)]]


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


def _render_candidate(candidate: Mapping[str, Any] | None, *, currency: str) -> Node:
    """How large a position that is yet to be opened may be, and what has to back it at least."""
    if candidate is None:
        return None
    size = _render_limit(candidate["largest_size"], "contracts", none="no size does, or every size")
    margin = _render_limit(candidate["least_margin"], currency, none="none does, or unknown")
    return [
        htpy.h3["Before you open it"],
        htpy.ul(".notes")[
            htpy.li["Largest size that keeps the target with this margin: ", size],
            htpy.li["Least margin that keeps the target at this size: ", margin],
        ],
    ]


def _render_limit(value: float | None, unit: str, *, none: str) -> Element:
    return htpy.strong[none if value is None else [render_number(value, digits=_ALL), _add_unit("", unit)]]


def _render_others(signals: Sequence[Mapping[str, Any]]) -> Node:
    if not signals:
        return None
    return [
        htpy.h3["What nothing here turns off"],
        htpy.ul(".notes")[
            (htpy.li[htpy.strong[_SIGNALS[one["signal"]]], ": ", _mark_code(one["reason"])] for one in signals)
        ],
    ]


def _mark_code(text: str) -> Node:
    """Text whose fields stand between backticks."""
    return [htpy.code[part] if index % 2 else part for index, part in enumerate(text.split("`"))]
