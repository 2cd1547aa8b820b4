"""Section "The account": what backs both positions, and what is left if an ADL takes one, from ``POST /account``."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import htpy as h

from adlrisk.page.numbers import UNKNOWN, render_change, render_gain, render_leverage, render_number, render_percent

_FIGURES: Final = (
    ("Equity", "equity", render_number),
    ("Maintenance margin", "maintenance_margin", render_number),
    ("Margin ratio (liquidation at 100 %)", "margin_ratio", render_percent),
    ("Free margin", "margin_free", render_number),
    ("Gross leverage", "gross_leverage", render_leverage),
    ("Net leverage", "net_leverage", render_leverage),
)


def render_account(answer: Mapping[str, Any], *, sides: Mapping[str, str]) -> h.Element:
    """The account's figures, the score of each of its positions, and what an ADL of one would leave open.

    ``sides`` are those of its positions by id.
    """
    account = answer["account"]
    names = {leg_id: f"{leg_id} ({side})" for leg_id, side in sides.items()}
    return h.section("#account")[
        h.h2["The account"],
        h.dl(".account")[(h.div[h.dt[name], h.dd[render(account[field])]] for name, field, render in _FIGURES)],
        _render_liquidation(account["nearest_liquidation"]),
        (_render_underlying(underlying, names) for underlying in answer["underlyings"]),
        _render_legs(answer["positions"], names),
    ]


def _render_liquidation(nearest: Mapping[str, Any] | None) -> h.Node:
    if nearest is None:
        return h.p["When the account would be liquidated is ", h.span(".unknown")[UNKNOWN], "."]
    moves = [nearest[way] for way in ("falls", "rises") if nearest[way] is not None]
    if not moves:
        return h.p["No move of all prices together liquidates the account."]
    reached = [[" or " if index else "", render_change(move)] for index, move in enumerate(moves)]
    return h.p["If all prices move together, the account is liquidated at ", reached, "."]


def _render_underlying(underlying: Mapping[str, Any], names: Mapping[str, str]) -> h.Node:
    first, taken = underlying["first"], underlying["if_taken"]
    if first is None or taken is None:
        return h.p["Which of the positions an ADL would take first is ", h.span(".unknown")[UNKNOWN], "."]
    return h.p[
        "An ADL would likelier take the ",
        h.strong[names[first]],
        ": the net notional goes from ",
        render_gain(underlying["net_notional"]),
        " to ",
        render_gain(taken["net_notional_after"]),
        ", and the other is left alone." if len(underlying["legs"]) > 1 else ".",
    ]


def _render_legs(legs: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> h.Element:
    return h.ul(".notes")[
        (
            h.li[
                h.strong[names[leg["id"]].capitalize()],
                ": score ",
                h.data(value=str(leg["score"]))[str(leg["score"])],
                f" of {leg['max_score']}",
                f" ({leg['band']}, may be {leg['band_upper']})"
                if leg["band"] != leg["band_upper"]
                else f" ({leg['band']})",
            ]
            for leg in legs
        )
    ]
