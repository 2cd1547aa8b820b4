"""Section "Ways out": what brings the position to the target, at what cost, from the answer of ``POST /plan``."""

from collections.abc import Mapping, Sequence
from typing import Any

import htpy
from htpy import Element, Node

from adlrisk.page.numbers import render_number
from adlrisk.page.sections.ways.option import AddressOf, render_option
from adlrisk.page.sections.ways.words import ALL_DIGITS, SIGNALS, add_unit, is_open, show_score


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
    options = [
        render_option(option, account=plan["account"], side=side, currency=currency, address_of=address_of)
        for option in plan["options"]
    ]
    return htpy.section("#ways-out")[
        htpy.h2["Ways out"],
        htpy.p[_sum_up(plan, target=target)],
        _say_missing(plan),
        None if settlement or not options else htpy.p(".note")["Costs are in settlement currency."],
        htpy.ol(".options")[options] if options else None,
        _render_candidate(plan["candidate"], currency=currency),
        _render_others(plan["not_yours"]),
    ]


def _sum_up(plan: Mapping[str, Any], *, target: str) -> str:
    now = f"The score is {show_score(plan['now'])} now."
    if plan["reached"] and is_open(plan["now"]):
        return f"{now} As far as it is known that is {target} already; what is unknown may add to it."
    if plan["reached"]:
        return f"{now} That is {target} already: nothing is needed."
    if plan["candidate"] is not None:
        opened = f"{now} It would not be opened at {target}"
        return f"{opened}, but can be." if plan["reachable"] else f"{opened}, and no size or margin changes that."
    if plan["reachable"]:
        return f"{now} These lead to {target}, the cheapest first; then what does not."
    return f"{now} Nothing but closing leads to {target}: here is what each way does."


def _say_missing(plan: Mapping[str, Any]) -> Node:
    """What would settle the unknown part of the score."""
    if not plan["missing"]:
        return None
    fields = ", ".join(field.replace("_", " ") for field in plan["missing"])
    return htpy.p(".note")[f"Unknown, and what each way is judged without: {fields}."]


def _render_candidate(candidate: Mapping[str, Any] | None, *, currency: str) -> Node:
    """How large a position that is yet to be opened may be, and what has to back it at least."""
    if candidate is None:
        return None
    largest = candidate["largest_size"]
    size = _render_limit(largest or None, "contracts", none="nothing limits it" if largest is None else "no lot has it")
    margin = _render_limit(candidate["least_margin"], currency, none="nothing has it")
    return [
        htpy.h3["Before you open it"],
        htpy.ul(".notes")[
            htpy.li["Largest size that has the target with what backs it: ", size],
            htpy.li["Least that has to back it, at this size, to have the target: ", margin],
        ],
    ]


def _render_limit(value: float | None, unit: str, *, none: str) -> Element:
    return htpy.strong[none if value is None else [render_number(value, digits=ALL_DIGITS), add_unit("", unit)]]


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
