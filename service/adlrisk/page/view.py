"""The page of a position: form, errors, and the sections of its result."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import htpy as h
import msgspec

from adlrisk.page.calls import Exchange
from adlrisk.page.commands import render_commands
from adlrisk.page.examples import render_examples
from adlrisk.page.form.bodies import HEDGE_LEG, LEG, build_score, find_field, has_hedge
from adlrisk.page.form.checking import Message
from adlrisk.page.form.fields import FIELDS, FORMAT
from adlrisk.page.form.render import ERRORS_ID, FORM_ADDRESS, mark_outcome, render_error_summary, render_form, show_text
from adlrisk.page.form.submitted import Submitted
from adlrisk.page.result import Result
from adlrisk.page.sections.account import render_account
from adlrisk.page.sections.answer import describe_score, render_answer
from adlrisk.page.sections.if_adl_hits import render_if_adl_hits
from adlrisk.page.sections.price_axis import render_price_axis
from adlrisk.page.sections.ways_out import render_ways_out
from adlrisk.page.sections.what_triggers import render_what_triggers
from adlrisk.venues.catalogue import Catalogue

# What an exposure needs, where nothing of it is known, so that it is not asked for.
_NOT_ASKED: Final = {
    "errors": [
        {"pointer": f"/{name}", "detail": "not known: give it, or a symbol whose market record has it"}
        for name in ("open_interest", "entries", "size_for_one_percent", "insurance_fund", "volatility")
    ]
}
_TARGETS: Final = {"watch": "a score of 6 or less (watch)", "low": "a score of 2 or less (low)"}


def render_position_page(
    submitted: Submitted,
    *,
    messages: tuple[Message, ...],
    venues: Catalogue,
    needs_key: bool,
    result: h.Node,
) -> h.Node:
    """The page: what it is, errors if any, the form, and the result beside it."""
    return [
        h.h1["Will the exchange close my position?"],
        h.p(".lead")[
            "Auto-deleveraging (ADL): a venue closes winners by force when a bankrupt position on the other side "
            "cannot be covered. Enter a position; what you leave empty counts as unknown, never as low."
        ],
        render_examples(),
        render_error_summary(messages),
        _render_ignored(submitted.unknown),
        h.div(".columns")[
            h.div(".inputs")[render_form(submitted.values, messages, venues=venues, needs_key=needs_key),],
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


def render_result(
    submitted: Submitted, result: Result, score: Mapping[str, Any], *, origin: str, with_key: bool
) -> h.Node:
    """All sections of a result."""
    values = submitted.values
    request = msgspec.json.decode(msgspec.json.encode(build_score(values)))
    position, settlement = request["position"], request["position"].get("settlement")
    card = result.card.answer if result.card.problem is None else None
    partials = None if _find_refusal(*result.partials) else [each.answer for each in result.partials]
    return [
        h.p("#summary.hidden")[describe_score(score)],
        render_answer(score),
        _render_account(result, values) if has_hedge(values) else None,
        render_price_axis(
            request=request,
            score=score,
            card=card,
            partial=partials[0] if partials and "fill_price" in values else None,
        ),
        _render_refusal(result.plan.problem, "Ways out", "ways-out")
        or render_ways_out(
            result.plan.answer,
            side=position["side"],
            settlement=settlement,
            target=_TARGETS[result.target],
            address_of=_find_address,
        ),
        _render_refusal(_find_refusal(*result.partials), "If an ADL hits", "if-adl-hits")
        or render_if_adl_hits(partials or (), mark_price=position["mark_price"], card=card, settlement=settlement),
        _render_triggers(result, position),
        render_commands(
            result.shown_as_commands,
            origin=origin,
            with_key=with_key,
            json_address=None if submitted.key else _address({**values, FORMAT: "json"}),
        ),
    ]


def _render_account(result: Result, values: Mapping[str, str]) -> h.Node:
    sides = {LEG: values["side"], HEDGE_LEG: values["hedge_side"]}
    return render_account(result.score.answer, sides=sides)


def _render_triggers(result: Result, position: Mapping[str, Any]) -> h.Node:
    problem = _NOT_ASKED if result.exposure is None else result.exposure.problem
    if result.exposure is None or problem is not None:
        return _render_refusal(problem, "What would trigger it", "what-triggers")
    return render_what_triggers(
        result.exposure.answer,
        mark_price=position["mark_price"],
        size=position["size"],
        settlement=position.get("settlement"),
    )


def _find_refusal(*exchanges: Exchange) -> Mapping[str, Any] | None:
    return next((exchange.problem for exchange in exchanges if exchange.problem is not None), None)


def _render_refusal(problem: Mapping[str, Any] | None, title: str, css_id: str) -> h.Node:
    """In place of a section: what the API needs for it; ``None`` where it was answered."""
    if problem is None:
        return None
    errors = problem.get("errors")
    if not errors:
        return h.section(f"#{css_id}")[h.h2[title], h.p[h.strong["Unknown"], f": {problem['detail']}."]]
    return h.section(f"#{css_id}")[
        h.h2[title],
        h.p[h.strong["Unknown"], ", which is neither likely nor unlikely. To answer this, the API needs:"],
        h.ul[(h.li[_render_need(error["pointer"], error["detail"])] for error in errors)],
    ]


def _render_need(pointer: str, detail: str) -> h.Node:
    name = find_field(pointer)
    if name is None:
        return detail
    return [h.a(href=f"#{name}")[FIELDS[name].label], f": {detail}"]


def _render_ignored(names: tuple[str, ...]) -> h.Node:
    if not names:
        return None
    listed = ", ".join(show_text(name) or "(no name)" for name in names[:20])
    return h.p(".notice")["Not fields of this form, and ignored: ", h.code[listed], "."]


def _find_address(body: Mapping[str, Any]) -> str | None:
    """The address of the page for the body of a score; ``None`` where a body has what the form has not."""
    if "position" not in body:
        return None
    given = {**body, **body["position"], **body.get("market", {})}
    fields = {name: value for name, value in given.items() if name not in ("position", "market")}
    if not fields.keys() <= FIELDS.keys():
        return None
    return _address({name: _write(value) for name, value in fields.items() if value is not None})


def _write(value: Any) -> str:
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _address(fields: Mapping[str, str]) -> str:
    return f"{FORM_ADDRESS}?{urlencode(fields)}"
