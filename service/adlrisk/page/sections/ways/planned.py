"""A position that is only planned: which actions of a score apply to it, and how far it may go."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import htpy
from htpy import Element, Node

from adlrisk.page.numbers import render_number
from adlrisk.page.sections.ways.words import ALL_DIGITS, add_unit, is_open

_OF_HELD_POSITIONS: Final = frozenset({"take_profit", "keep_margin_buffer", "close_before_settlement"})

_NEAR_LIQUIDATION: Final = (
    " At them the liquidation can be as good as due, reached by the least move: the score counts conditions of an ADL, "
    "not the distance to liquidation."
)


def list_planned_actions(actions: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of the actions of a score that do not presuppose that the position is held."""
    return [action for action in actions if action["action"] not in _OF_HELD_POSITIONS]


def sum_up_plan(plan: Mapping[str, Any], *, target: str) -> str:
    """What a planned position that misses its target can still be."""
    missed = f"Opened as planned it would not have {target}"
    if plan["candidate"] is None:
        return f"{missed}."
    if plan["reachable"]:
        return f"{missed}: below is how large it may be, or what has to back it."
    return f"{missed}, at any size and with any margin."


def render_limits(plan: Mapping[str, Any], *, currency: str, target: str) -> Node:
    """How large the position may be, what has to back it at least, and what these limits do not say."""
    return [
        htpy.h3["Before you open it"],
        _list_limits(plan["candidate"], currency=currency, target=target),
        _warn(plan) if plan["candidate"] is not None and any(plan["candidate"].values()) else None,
    ]


def _list_limits(candidate: Mapping[str, Any] | None, *, currency: str, target: str) -> Element:
    if candidate is None:
        return htpy.p[
            "How large it may be is ",
            htpy.span(".unknown")["unknown"],
            ": that needs what backs it, and a maintenance margin rate.",
        ]
    largest = candidate["largest_size"]
    size = _render_limit(largest or None, "contracts", none="nothing limits it" if largest is None else "no lot has it")
    margin = _render_limit(candidate["least_margin"], currency, none="nothing has it")
    return htpy.ul(".notes")[
        htpy.li[f"Largest size that has {target}, with what backs it: ", size],
        htpy.li[f"Least that has to back it, at this size, to have {target}: ", margin],
    ]


def _warn(plan: Mapping[str, Any]) -> Element:
    """What the limits are silent about: how near a liquidation is there, and what is unknown."""
    unknown: Node = None
    if is_open(plan["now"]):
        upper = plan["now"]["score_upper"]
        unknown = (
            f" Unknown signals count as not fired here: if they fire, the score is up to {upper} of 10 as planned."
        )
    return htpy.p(".notice")[htpy.strong["Stay well inside these limits."], _NEAR_LIQUIDATION, unknown]


def _render_limit(value: float | None, unit: str, *, none: str) -> Element:
    return htpy.strong[none if value is None else [render_number(value, digits=ALL_DIGITS), add_unit("", unit)]]
