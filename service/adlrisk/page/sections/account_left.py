"""What an ADL of a leg leaves of its account: rows of figures for each share that is closed, and the other leg."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import htpy
from htpy import Node

from adlrisk.page.numbers import UNKNOWN, render_change, render_leverage, render_number


def _show_liquidation(answer: Mapping[str, Any], way: str) -> Node:
    """How far all prices together may move that way until the account is liquidated."""
    nearest = answer["account"]["after"]["nearest_liquidation"]
    if nearest is None:
        return htpy.span(".unknown")[UNKNOWN]
    return "none" if nearest[way] is None else render_change(nearest[way])


# By its name, how each is found in an answer of `POST /adl/partial`.
ACCOUNT_ROWS: Final[Mapping[str, Callable[[Mapping[str, Any]], Node]]] = {
    "Account: equity": lambda answer: render_number(answer["account"]["after"]["equity"]),
    "Account: leverage": lambda answer: render_leverage(answer["account"]["after"]["gross_leverage"]),
    "Account: net exposure": lambda answer: render_leverage(answer["account"]["after"]["net_leverage"]),
    "Account: liquidation by a fall": lambda answer: _show_liquidation(answer, "falls"),
    "Account: liquidation by a rise": lambda answer: _show_liquidation(answer, "rises"),
}


def say_what_is_left(answer: Mapping[str, Any]) -> Node:
    """What a close of the whole leg leaves; nothing of a close that leaves some of it."""
    if answer["after"]["size"] > 0.0:
        return None
    before, after = answer["account"]["before"], answer["account"]["after"]
    if after["gross_notional"] == 0.0:
        return htpy.p["Closed whole, it leaves no other position that backs itself with the account."]
    is_hedged = abs(before["net_notional"]) < before["gross_notional"]
    return htpy.p[
        "Closed whole, it leaves ",
        htpy.strong["the other position, unhedged" if is_hedged else "the other position"],
        ": a notional of ",
        render_number(after["gross_notional"]),
        " at ",
        render_leverage(after["gross_leverage"]),
        " of the account's equity.",
    ]
