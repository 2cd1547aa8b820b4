"""One's own place in a queue: in a sentence, and in the figures of the API's answer."""

from collections.abc import Iterator
from typing import Final

import htpy as h

from adlrisk.domain.rules.meter import FractionMeter, Meter
from adlrisk.page.book.queue.places import (
    FIFTH_NAMES,
    Columns,
    fifth_beginning_at,
    fifth_ending_at,
    find_equals,
    share_ahead_of,
)
from adlrisk.page.numbers import render_gain, render_leverage, render_number, render_percent

_SHORT_NAMES: Final = tuple(name.partition(",")[0] for name in FIFTH_NAMES)


def say_own_place(columns: Columns, own: int, *, meter: Meter | None) -> h.Node:
    """In a sentence where one's own position stands; in numbers below it."""
    if columns["percentile"][own] is None:
        return h.p[h.strong["You are not in the queue: "], _explain_absence(columns, own)]
    equals = find_equals(columns, own)
    fifth = fifth_beginning_at(share_ahead_of(columns, equals.start))
    return [
        h.p[
            h.strong[f"You are number {columns['rank'][own]:,}, in the {FIFTH_NAMES[fifth - 1]}."],
            " ",
            _say_ahead(columns, equals),
            _say_equals(len(equals) - 1),
        ],
        h.dl(".figures")[(h.div[h.dt[name], h.dd[value]] for name, value in _list_figures(columns, own))],
        _explain_reading(columns, own, begins=fifth, meter=meter),
    ]


def _explain_absence(columns: Columns, own: int) -> str:
    if columns["effective_leverage"][own] is None:
        return "the position is insolvent at this mark price; what is due is liquidation."
    if columns["unrealized_pnl"][own] <= 0.0:
        return "this formula ranks winners only, and the position has no profit."
    return "this formula has no ranking key for it."


def _say_ahead(columns: Columns, equals: range) -> h.Node:
    """What is surely closed before one: those with higher keys."""
    first = equals.start
    ahead = columns["size_ahead"][first]
    if not ahead:
        return "Nobody is closed before you." if len(equals) == 1 else "Nobody has a higher key."
    notional = render_number(columns["notional_ahead"][first])
    return ["Before you ", render_number(ahead), " contracts are closed, worth ", notional, " at mark."]


def _say_equals(others: int) -> h.Node:
    if not others:
        return None
    who = "1 other has" if others == 1 else f"{others:,} others have"
    return f" {who} the same key and may be closed before or after you; the fifth is that of the first of you."


def _list_figures(columns: Columns, own: int) -> Iterator[tuple[str, h.Node]]:
    yield "Size ahead", render_number(columns["size_ahead"][own])
    yield "Queue before you", render_percent(share_ahead_of(columns, own))
    yield "Queue up to your end", render_percent(columns["percentile"][own])
    yield "ADL meter would read", render_number(columns["adl_meter"][own])
    yield "Ranking key", render_number(columns["priority"][own])
    yield "Unrealized PnL", render_gain(columns["unrealized_pnl"][own])
    yield "Effective leverage", render_leverage(columns["effective_leverage"][own])


def _explain_reading(columns: Columns, own: int, *, begins: int, meter: Meter | None) -> h.Node:
    """That a meter in levels goes by where one ends, if that is another fifth; one in fractions goes by the begin."""
    ends = fifth_ending_at(columns["percentile"][own])
    if columns["adl_meter"][own] is None or begins == ends or isinstance(meter, FractionMeter):
        return None
    return h.p(".note")[
        f"The venue's meter counts your own position in and reads as the {_SHORT_NAMES[ends - 1]}; "
        f"what is closed before you ends in the {_SHORT_NAMES[begins - 1]}."
    ]
