"""The page of a book: the form, what is wrong with it, and the sections of its result."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import htpy as h
import msgspec

from adlrisk.page.book.bodies import FullBook, Values, has_chain, read_fund_balance
from adlrisk.page.book.fields import LABELS, find_field
from adlrisk.page.book.form import render_sample
from adlrisk.page.book.policies import render_policies
from adlrisk.page.book.queue.ladder import render_ladder
from adlrisk.page.book.result import BookResult
from adlrisk.page.calls import Exchange
from adlrisk.page.form.checking import Message
from adlrisk.page.form.render import ERRORS_ID, mark_outcome, render_error_summary
from adlrisk.page.sections.commands import render_commands
from adlrisk.page.sections.what_triggers import render_what_triggers
from adlrisk.venues.catalogue import Catalogue

_LONGEST_COMMAND: Final = 16 << 10  # bytes of a body that is shown as a command


def render_book_page(messages: tuple[Message, ...], *, needs_key: bool, form: h.Node, result: h.Node) -> h.Node:
    """The page, with the form and the result beside it."""
    return [
        h.h1["Where am I in the queue?"],
        h.p(".lead")[
            "From the positions of a contract follows the queue of an auto-deleveraging (ADL): who is closed before "
            "you, what each way to share out a bankrupt position does to you, and which move of the price leads there. "
            "The book is not stored, and the result has no address to share."
        ],
        render_sample(needs_key=needs_key),
        render_error_summary(messages, labels=LABELS),
        h.div(".columns")[
            h.div(".inputs")[form],
            h.div("#result")[mark_outcome(messages), result],
        ],
    ]


def render_book_sections(
    values: Values, result: BookResult | None, *, venues: Catalogue, origin: str, with_key: bool
) -> Iterator[h.Node]:
    """The sections of a result, each rendered when it is asked for; ``None`` before anything was sent."""
    if result is None or result.book is None:
        yield _render_nothing(result)
        return
    yield _render_ladder(result.rank, result.book, venues)
    yield _render_policies(result.allocate, result.book)
    yield _render_chain(values, result.exposure, result.book)
    short = [exchange for exchange in result.exchanges if len(exchange.body) <= _LONGEST_COMMAND]
    if short:
        yield render_commands(short, origin=origin, with_key=with_key, json_address=None)
    else:
        yield _render_long_commands(result)


def _render_nothing(result: BookResult | None) -> h.Element:
    if result is None:
        return h.section(".empty")[
            h.h2["The queue comes here"],
            h.p["Five steps, from who is closed first to who is closed last, and you among them."],
        ]
    return h.section(".empty")[
        h.h2["No queue yet"],
        h.p["Something in the form is wrong: ", h.a(href=f"#{ERRORS_ID}")["what it is"], "."],
    ]


def _render_ladder(rank: Exchange | None, book: FullBook, venues: Catalogue) -> h.Node:
    if rank is None:
        return None
    if rank.problem is not None:
        choice = h.p["Or choose what the queue is ", h.a(href="#formula")["ranked by"], "."]
        return _refuse("ladder", "Your place in the queue", rank.problem, choice)
    venue = venues.get(rank.answer["venue"]["id"])
    return render_ladder(rank.answer, own_id=book.own_id, meter=venue.rules.meter if venue else None)


def _render_policies(allocate: Exchange | None, book: FullBook) -> h.Node:
    title = "Ways to share out a bankrupt position"
    if allocate is None:
        return h.section("#policies")[
            h.h2[title],
            h.p["Fill in size and price of a ", h.a(href="#bankrupt_size")["bankrupt position"], " to compare them."],
        ]
    if allocate.problem is not None:
        return _refuse("policies", title, allocate.problem)
    size = book.own.get("size")
    return render_policies(
        allocate.answer,
        request=msgspec.json.decode(allocate.body),
        own_id=book.own_id,
        own_size=float(size) if isinstance(size, int | float) else None,
    )


def _render_chain(values: Values, exposure: Exchange | None, book: FullBook) -> h.Node:
    if exposure is None:
        missing = "which position is yours" if has_chain(values) else "the insurance fund and the order book"
        field = "own_id" if has_chain(values) else "fund_balance"
        return h.section("#what-triggers")[
            h.h2["What would trigger it"],
            h.p["Unknown as long as it is not said: ", h.a(href=f"#{field}")[missing], "."],
        ]
    if exposure.problem is not None:
        return _refuse("what-triggers", "What would trigger it", exposure.problem)
    size = book.own.get("size")
    return render_what_triggers(
        exposure.answer,
        size=float(size) if isinstance(size, int | float) else None,
        fund_balance=read_fund_balance(values),
    )


def _refuse(css_id: str, title: str, problem: Mapping[str, Any], *more: h.Node) -> h.Element:
    """In place of a section: what the API needs for it."""
    errors = problem.get("errors") or [{"pointer": "", "detail": problem["detail"]}]
    return h.section(f"#{css_id}")[
        h.h2[title],
        h.p[h.strong["Unknown"], ", which is neither likely nor unlikely. To answer this, the API needs:"],
        h.ul[(h.li[_point(error["pointer"].split("/")[1:]), error["detail"]] for error in errors)],
        more,
    ]


def _point(steps: list[str]) -> h.Node:
    name = find_field(steps)
    return None if name is None else [h.a(href=f"#{name}")[LABELS[name]], ": "]


def _render_long_commands(result: BookResult) -> h.Element:
    """What is asked of the API, where the book is too long for commands to copy."""
    return h.section("#api")[
        h.h2["The same from the API"],
        h.p["Every number above is in the answer of one of these, with the book in its body:"],
        h.ul[(h.li[h.code[f"{exchange.method} {exchange.path}"]] for exchange in result.exchanges)],
        h.p[h.a(href="/docs")["What they take and answer"]],
    ]
