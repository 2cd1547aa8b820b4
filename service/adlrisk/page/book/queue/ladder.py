"""Section "Your place in the queue": the steps of each side's queue, from ``POST /queue/rank`` in columns.

A position stands on the step that it begins in, by what is closed before it: however large it is, number 1 is on the
first.
"""

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import htpy as h
from msgspec import Struct

from adlrisk.domain.rules.card_words import CONFIDENCES, FORMULA_TITLES
from adlrisk.domain.rules.meter import Meter
from adlrisk.page.book.queue.own_place import say_own_place
from adlrisk.page.book.queue.places import FIFTH_NAMES, Columns, fifth_beginning_at, find_begins
from adlrisk.page.form.render import show_text
from adlrisk.page.numbers import (
    format_number,
    format_percent,
    render_gain,
    render_leverage,
    render_number,
    render_percent,
)
from adlrisk.page.pictures.figure import frame, tabulate
from adlrisk.page.pictures.ladder import Rung, draw_ladder

_AT_FRONT: Final = 5  # positions of a queue that are listed from its front
_AROUND: Final = 2  # and on either side of one's own


class Step(Struct, frozen=True, kw_only=True):
    """A fifth of a queue: the places, from 0, of the first and last position in it; none where it is empty."""

    first: int | None = None
    last: int | None = None

    @property
    def count(self) -> int:
        """How many positions are in it."""
        return 0 if self.first is None or self.last is None else self.last - self.first + 1


def find_steps(columns: Columns) -> list[Step]:
    """The five steps of a queue whose positions are in its order, those in no fifth last."""
    begins = find_begins(columns)
    ends = [bisect_right(begins, fifth, key=fifth_beginning_at) for fifth in range(1, len(FIFTH_NAMES) + 1)]
    return [Step(first=begin, last=end - 1) if end > begin else Step() for begin, end in itertools.pairwise([0, *ends])]


def render_ladder(answer: Mapping[str, Any], *, own_id: str | None, meter: Meter | None) -> h.Element:
    """The section: which rule ranks, and for each side its steps, with one's own position among them if it has one.

    ``meter`` is the venue's.
    """
    return h.section("#ladder")[
        h.h2["Your place in the queue" if own_id is not None else "The queue"],
        h.p(".note")[_describe_rule(answer), " A position stands in the fifth that it begins in."],
        (_render_side(side, queue, own_id=own_id, meter=meter) for side, queue in answer["queues"].items()),
    ]


def _describe_rule(answer: Mapping[str, Any]) -> h.Node:
    title = FORMULA_TITLES.get(answer["formula"], answer["formula"])
    if answer["formula_source"] == "request":
        return f"Ranked by {title}, the formula that you chose."
    confidence = answer["confidence"]
    sure = "unknown" if confidence is None else f"{confidence} ({CONFIDENCES[confidence]})"
    return [
        f"Ranked by {title}, the formula of ",
        h.a(href=f"/page/venues/{answer['venue']['id']}")[answer["venue"]["id"]],
        f". How sure that is: {sure}.",
    ]


def _render_side(side: str, queue: Mapping[str, Any], *, own_id: str | None, meter: Meter | None) -> h.Node:
    columns: Columns = queue["columns"]
    own = columns["id"].index(own_id) if own_id in columns["id"] else None
    heading = h.h3[f"The {side}s"]
    own_place = None if own is None else say_own_place(columns, own, meter=meter)
    if not queue["eligible"]:
        return [heading, h.p[f"None of {_count(queue['count'], side)} is in the queue."], own_place]
    steps = find_steps(columns)
    return [
        heading,
        own_place,
        h.p(".note")[
            f"{queue['eligible']:,} of {_count(queue['count'], side)} in the queue, ",
            render_number(queue["size"]),
            " contracts, worth ",
            render_number(queue["notional"]),
            " at mark.",
        ],
        frame(
            _draw_steps(side, columns, steps, own),
            caption=f"The queue of the {side}s, from its front",
            numbers=_tabulate_steps(side, columns, steps, own),
            summary="The steps in numbers",
        ),
        _list_positions(side, columns, queue["eligible"], own),
    ]


def _count(count: int, side: str) -> str:
    return f"{count:,} {side}{'' if count == 1 else 's'}"


def _draw_steps(side: str, columns: Columns, steps: Sequence[Step], own: int | None) -> h.Element:
    rungs = [
        Rung(name=name, text=_describe_step(columns, step), is_own=_holds(step, own))
        for name, step in zip(FIFTH_NAMES, steps, strict=True)
    ]
    told = "; ".join(f"{rung.name}: {rung.text}{', you' if rung.is_own else ''}" for rung in rungs)
    title = f"The five steps of the queue of the {side}s"
    return draw_ladder(f"ladder-{side}", rungs=rungs, title=title, description=f"{told}.")


def _describe_step(columns: Columns, step: Step) -> str:
    if step.first is None:
        return "nobody begins here"
    ahead = format_number(columns["size_ahead"][step.first])
    return f"{step.count:,} position{'' if step.count == 1 else 's'}, {ahead} ahead"


def _holds(step: Step, own: int | None) -> bool:
    return own is not None and step.first is not None and step.last is not None and step.first <= own <= step.last


def _tabulate_steps(side: str, columns: Columns, steps: Sequence[Step], own: int | None) -> h.Element:
    return tabulate(
        f"Steps of the {side}s",
        columns=("step", "positions", "ranks", "contracts ahead", "queue up to its end", "ranking keys"),
        rows=(_step_row(name, columns, step, own) for name, step in zip(FIFTH_NAMES, steps, strict=True)),
    )


def _step_row(name: str, columns: Columns, step: Step, own: int | None) -> Sequence[h.Node]:
    called = f"{name} (you)" if _holds(step, own) else name
    if step.first is None or step.last is None:
        return (called, "0", "none", "none", "none", "none")
    first, last, key = columns["rank"][step.first], columns["rank"][step.last], columns["priority"]
    return (
        called,
        f"{step.count:,}",
        f"{first:,}" if first == last else f"{first:,} to {last:,}",
        render_number(columns["size_ahead"][step.first]),
        render_percent(columns["percentile"][step.last]),
        [render_number(key[step.first]), [" to ", render_number(key[step.last])] if first != last else None],
    )


def _list_positions(side: str, columns: Columns, eligible: int, own: int | None) -> h.Element:
    """The front of the queue, and those around one's own position."""
    around = range(max(0, own - _AROUND), own + _AROUND + 1) if own is not None and own < eligible else range(0)
    places = sorted({*range(_AT_FRONT), *around} & set(range(eligible)))
    names = (
        "position",
        "rank",
        "size",
        "contracts ahead",
        "queue up to it",
        "ranking key",
        "unrealized PnL",
        "leverage",
    )
    listed = f"The first {min(_AT_FRONT, eligible)}{' and those around you' if around else ''}, of the {side}s"
    return h.details[h.summary[listed], tabulate(listed, columns=names, rows=_list_rows(columns, places, own))]


def _list_rows(columns: Columns, places: Sequence[int], own: int | None) -> Iterator[Sequence[h.Node]]:
    for before, place in zip((-1, *places), places, strict=False):
        if place > before + 1:
            yield ("…", *[""] * 7)
        id_ = show_text(columns["id"][place])
        yield (
            h.strong[f"{id_} (you)"] if place == own else id_,
            f"{columns['rank'][place]:,}",
            render_number(columns["size"][place]),
            render_number(columns["size_ahead"][place]),
            format_percent(columns["percentile"][place]),
            render_number(columns["priority"][place]),
            render_gain(columns["unrealized_pnl"][place]),
            render_leverage(columns["effective_leverage"][place]),
        )
