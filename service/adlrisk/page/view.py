"""The page of a position: what it is, errors, the form, and the place of the result."""

from collections.abc import Mapping
from typing import Any

import htpy as h

from adlrisk.page.examples import render_examples
from adlrisk.page.form.checking import Message
from adlrisk.page.form.render import ERRORS_ID, OUTCOME_ID, mark_outcome, render_error_summary, show_text
from adlrisk.page.form.submitted import Submitted


def render_position_page(
    submitted: Submitted,
    *,
    messages: tuple[Message, ...],
    form: h.Node,
    result: h.Node,
    score: Mapping[str, Any] | None,
) -> h.Node:
    """The page: what it is, errors if any, the form, and the result beside it, or below it on a telephone."""
    return [
        h.h1["Will the exchange close my position?"],
        h.p(".lead")[
            "Auto-deleveraging (ADL): a venue closes winners by force when a bankrupt position on the other side "
            "cannot be covered. Enter a position; what you leave empty counts as unknown, never as low."
        ],
        render_examples(),
        _render_glance(score),
        render_error_summary(messages),
        _render_ignored(submitted.unknown),
        h.div(".columns")[
            h.div(".inputs")[form],
            h.div("#result")[mark_outcome(messages), result],
        ],
        h.p("#said.hidden", role="status"),
    ]


def render_nothing_yet() -> h.Node:
    """What stands in the place of a result before anything was asked."""
    return h.section(".empty")[
        h.h2["The answer comes here"],
        h.p["Whether you are next, what would have to happen, and what you can do about it."],
        h.p["Venue, side, size, entry and mark price are needed. The rest makes it sharper."],
    ]


def render_no_result(messages: tuple[Message, ...]) -> h.Node:
    """What stands in its place where something is wrong."""
    is_of_fields = any(message.field for message in messages)
    why = (
        "Something in the form is wrong; it is named beside its field." if is_of_fields else "The API has not answered."
    )
    return h.section(".empty")[h.h2["No answer yet"], h.p[why, " ", h.a(href=f"#{ERRORS_ID}")["What is wrong"]]]


def _render_glance(score: Mapping[str, Any] | None) -> h.Element:
    """The result in a line, where the form stands before it."""
    if score is None:
        return h.p("#glance")
    band, highest = score["band"], score["band_upper"]
    said = f"{score['score']} of {score['max_score']}, {band}{f', may be {highest}' if highest != band else ''}"
    return h.p("#glance")[h.a(href=f"#{OUTCOME_ID}")[f"Score {said}: see the answer"]]


def _render_ignored(names: tuple[str, ...]) -> h.Node:
    if not names:
        return None
    listed = ", ".join(show_text(name) or "(no name)" for name in names[:20])
    return h.p(".notice")["Not fields of this form, and ignored: ", h.code[listed], "."]
