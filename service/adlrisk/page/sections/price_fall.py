"""The row "If the price falls 10 %?": first whether the position is liquidated on the way, then what ADL closes."""

from collections.abc import Mapping
from typing import Any, Final

import htpy as h

from adlrisk.page.numbers import render_change, render_number

FALL: Final = 0.1


def render_liquidation_in_fall(
    score: Mapping[str, Any], *, position: Mapping[str, Any], account: Mapping[str, Any] | None
) -> h.Node:
    """What a fall of 10 % does to the position itself, from its score; ``account`` has its figures beside a hedge."""
    if _is_due(score["state"]):
        return h.strong["Liquidation is due already"], ". "
    if account is not None:
        return _render_account(account["nearest_liquidation"])
    if position["side"] != "long":
        return None  # a fall is its profit
    return _render_long(score["state"], lowest=position["mark_price"] * (1.0 - FALL))


def _is_due(state: Mapping[str, Any]) -> bool:
    equity, distance = state["equity"], state["liquidation_distance"]
    return (equity is not None and equity <= 0.0) or (distance is not None and distance <= 0.0)


def _render_account(nearest: Mapping[str, Any] | None) -> h.Node:
    if nearest is None:
        return _UNKNOWN
    falls = nearest["falls"]
    if falls is None or falls < -FALL:
        return None
    return h.strong["Liquidation of the account on the way, at ", render_change(falls)], ". "


def _render_long(state: Mapping[str, Any], *, lowest: float) -> h.Node:
    liquidation, bankruptcy = state["liquidation_price"], state["bankruptcy_price"]
    if liquidation is not None:
        if liquidation < lowest:
            return None
        return h.strong["Liquidation on the way, at ", render_number(liquidation)], ". "
    if bankruptcy is not None and bankruptcy >= lowest:
        return h.strong["Liquidation on the way, before it is bankrupt at ", render_number(bankruptcy)], ". "
    if state["equity"] is not None and bankruptcy is None:
        return None  # no price above 0 takes all that backs it
    return _UNKNOWN


_UNKNOWN: Final = (h.strong["Liquidation: ", h.span(".unknown")["unknown"]], ". ")
