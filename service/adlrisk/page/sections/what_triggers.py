"""Section "What would trigger it": ADL and insurance fund over the move of the price, from ``POST /adl/exposure``.

Fund, depth, open interest, entry prices and volatility come from the market record of the symbol, or are given. The
answer to a given book is rendered alike.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import htpy
from htpy import Element, Node

from adlrisk.page.numbers import format_change, format_number, render_number, render_percent
from adlrisk.page.sections.triggers.probability import draw_probability
from adlrisk.page.sections.triggers.quantities import (
    Quantities,
    draw_quantity,
    gather_quantities,
    show_span,
    tabulate_quantities,
)

_ASKED_FALL: Final = -0.1


def render_what_triggers(
    answer: Mapping[str, Any],
    *,
    fund_balance: float | None,
    size: float | None = None,
    settlement: str | None = None,
) -> Element:
    """How probable an ADL of the first position asked for is in the model, and what leads to it.

    ``fund_balance`` is the one that was given, ``None`` where the market record filled it in. ``size`` is that of the
    position, for the share of it that is closed.
    """
    balance = answer["filled"]["insurance_fund"] if fund_balance is None else fund_balance
    currency = settlement or "settlement currency"
    asked, cases = answer["range"][0], answer["cases"]
    found = gather_quantities(cases, id_=asked["id"], currency=currency, fund_balance=balance)
    return htpy.section("#what-triggers")[
        htpy.h2["What would trigger it"],
        htpy.p[htpy.strong[_say_nearest(asked["nearest"])]],
        _say_fall(found, size=size, settlement=settlement),
        draw_probability(asked, cases=cases),
        htpy.p(".note")[f"Solid the worst, dashed the mildest of {len(cases)} cases; nobody can forecast a cascade."],
        htpy.div(".charts")[
            draw_quantity("adl-size", found.adl),
            draw_quantity("fund-left", found.fund),
            draw_quantity("your-share", found.closed),
        ],
        htpy.details[
            htpy.summary["The numbers"],
            tabulate_quantities((found.adl, found.fund, found.closed)),
        ],
        _list_record(answer, currency=currency),
        htpy.details[
            htpy.summary["What the model takes for granted"],
            htpy.ul(".notes")[(htpy.li[sentence] for sentence in answer["assumptions"])],
        ],
    ]


def render_fall(answer: Mapping[str, Any], *, size: float) -> Node:
    """What ADL closes of the position where the price falls by 10 %; ``None`` where no fall was worked out."""
    found = gather_quantities(answer["cases"], id_=answer["range"][0]["id"], currency="")
    index = _find_fall(found)
    if index is None:
        return None
    return [
        htpy.strong[f"ADL closes {show_span(found.closed, index)} of your {format_number(size)} contracts"],
        f" {_name_fall(found.adl.moves, index)}, in this model. ",
        htpy.a(href="#what-triggers")["What would trigger it"],
    ]


def _find_fall(found: Quantities) -> int | None:
    """The move nearest to a fall of 10 %, as an index; ``None`` where no fall was worked out."""
    moves = found.adl.moves
    return None if moves[0] >= 0.0 else min(range(len(moves)), key=lambda one: abs(moves[one] - _ASKED_FALL))


def _name_fall(moves: Sequence[float], index: int) -> str:
    which = "the furthest that was worked out" if moves[0] > _ASKED_FALL else "the move nearest to −10 %"
    return f"at {format_change(moves[index])}, {which}"


def _say_nearest(nearest: Mapping[str, Any]) -> str:
    r"""Which fall and which rise first lead to an ADL of the position, in the worst case.

    >>> _say_nearest({"down": -0.25, "up": None})
    'In the worst case an ADL first reaches you at a move of −25\xa0%; no rise worked out does.'
    """
    reached = [format_change(nearest[way]) for way in ("down", "up") if nearest[way] is not None]
    spared = [word for way, word in (("down", "fall"), ("up", "rise")) if nearest[way] is None]
    if not reached:
        return "No move that was worked out leads to an ADL of yours, in any case."
    rest = f"; no {spared[0]} worked out does" if spared else ""
    return f"In the worst case an ADL first reaches you at a move of {' or '.join(reached)}{rest}."


def _say_fall(found: Quantities, *, size: float | None, settlement: str | None) -> Node:
    """What a fall of 10 %, or the move that is nearest to it, leads to."""
    moves, index = found.adl.moves, _find_fall(found)
    if index is None:
        return None
    yours = "contracts of yours" if size is None else f"of your {format_number(size)} contracts"
    return htpy.p[
        f"If the price falls by 10 %: {_name_fall(moves, index)}, ADL closes "
        f"{show_span(found.closed, index)} {yours} and {show_span(found.adl, index)} of all; the insurance fund is "
        f"left with {show_span(found.fund, index)}{f' {settlement}' if settlement else ''}."
    ]


def _list_record(answer: Mapping[str, Any], *, currency: str) -> Node:
    """What the market record filled in."""
    filled, market = answer["filled"], answer["market"]
    if market is None or market["status"] != "used":
        return None
    figures = (
        ("Insurance fund", "insurance_fund", currency, render_number),
        ("Depth within 1 %", "size_for_one_percent", "contracts", render_number),
        ("Open interest of one side", "open_interest", "contracts", render_number),
        ("Volatility of a year", "volatility", "", render_percent),
    )
    return htpy.p(".note")[
        f"From the market record of {market['symbol']}, observed at {market['observed_at']}: ",
        [
            [f"{name} ", render(filled[field]), f" {unit}; ".replace(" ;", ";")]
            for name, field, unit, render in figures
            if filled[field] is not None
        ],
        "the rest as given.",
    ]
