"""Section "Ways out": what brings the position to the target, at what cost, from the answer of ``POST /plan``."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import htpy
from htpy import Element, Node

from adlrisk.page.sections.ways.option import AddressOf, Bounds, render_option
from adlrisk.page.sections.ways.planned import render_limits, sum_up_plan
from adlrisk.page.sections.ways.words import SIGNALS, is_open, show_score

_NO_BOUNDS: Final = Bounds()


def _no_address(_: Mapping[str, Any]) -> str | None:
    return None


def render_ways_out(
    plan: Mapping[str, Any],
    *,
    side: str,
    settlement: str | None = None,
    target: str = "the target",
    is_planned: bool = False,
    bounds: Bounds = _NO_BOUNDS,
    address_of: AddressOf = _no_address,
) -> Element:
    """The options in the order of the answer, and what none of them turns off.

    ``target`` is what they are to reach, in words; a position that ``is_planned`` has limits instead; no figure is
    rounded across the ``bounds``; ``address_of`` gives the address of the page for the body of a request, or ``None``
    where there is no such address.
    """
    currency = settlement or ""
    options = [
        render_option(
            option, account=plan["account"], side=side, currency=currency, bounds=bounds, address_of=address_of
        )
        for option in plan["options"]
    ]
    return htpy.section("#ways-out")[
        htpy.h2["Ways out"],
        htpy.p[_sum_up(plan, target=target, is_planned=is_planned)],
        _say_missing(plan),
        None if settlement or not options else htpy.p(".note")["Costs are in settlement currency."],
        htpy.ol(".options")[options] if options else None,
        render_limits(plan, currency=currency, target=target) if is_planned else None,
        _render_others(plan["not_yours"]),
    ]


def _sum_up(plan: Mapping[str, Any], *, target: str, is_planned: bool) -> str:
    now = f"The score is {show_score(plan['now'])} now."
    if plan["reached"] and is_open(plan["now"]):
        return f"{now} As far as it is known that is {target} already; what is unknown may add to it."
    if plan["reached"]:
        return f"{now} That is {target} already: nothing is needed."
    if is_planned:
        return f"{now} {sum_up_plan(plan, target=target)}"
    if plan["reachable"]:
        return f"{now} These lead to {target}, the cheapest first; then what does not."
    return f"{now} Nothing but closing leads to {target}: here is what each way does."


def _say_missing(plan: Mapping[str, Any]) -> Node:
    """What would settle the unknown part of the score."""
    if not plan["missing"]:
        return None
    fields = ", ".join(field.replace("_", " ") for field in plan["missing"])
    return htpy.p(".note")[f"Unknown, and what each way is judged without: {fields}."]


def _render_others(signals: Sequence[Mapping[str, Any]]) -> Node:
    if not signals:
        return None
    return [
        htpy.h3["What nothing here turns off"],
        htpy.ul(".notes")[
            (htpy.li[htpy.strong[SIGNALS[one["signal"]]], ": ", _mark_code(one["reason"])] for one in signals)
        ],
    ]


def _mark_code(text: str) -> Node:
    """Text whose fields stand between backticks."""
    return [htpy.code[part] if index % 2 else part for index, part in enumerate(text.split("`"))]
