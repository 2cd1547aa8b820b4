"""The sections of a result, one after the other, each from the answers of the API that it shows."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import htpy as h
import msgspec

from adlrisk.page.calls import Exchange
from adlrisk.page.form.bodies import HEDGE_LEG, LEG, build_score, has_hedge
from adlrisk.page.form.fields import FIELDS, FORMAT
from adlrisk.page.form.render import FORM_ADDRESS
from adlrisk.page.form.submitted import Submitted
from adlrisk.page.numbers import render_number
from adlrisk.page.result import Result
from adlrisk.page.sections.account import render_account
from adlrisk.page.sections.answer import describe_score, render_answer
from adlrisk.page.sections.commands import render_commands
from adlrisk.page.sections.if_adl_hits import render_if_adl_hits
from adlrisk.page.sections.price_axis import render_price_axis
from adlrisk.page.sections.refusals import render_refusal
from adlrisk.page.sections.ways_out import render_ways_out
from adlrisk.page.sections.what_triggers import render_fall, render_what_triggers

# What an exposure needs, where nothing of it is known, so that it is not asked for.
_NOT_ASKED: Final = {
    "errors": [
        {"pointer": f"/{name}", "detail": "not known: give it, or a symbol whose market record has it"}
        for name in ("open_interest", "entries", "size_for_one_percent", "insurance_fund", "volatility")
    ]
}
_TARGETS: Final = {"watch": "a score of 6 or less (watch)", "low": "a score of 2 or less (low)"}


def render_sections(
    submitted: Submitted, result: Result, score: Mapping[str, Any], *, origin: str, with_key: bool
) -> Iterator[h.Node]:
    """All sections, each rendered when it is asked for."""
    values = submitted.values
    request = msgspec.json.decode(msgspec.json.encode(build_score(values)))
    card = result.card.answer if result.card.problem is None else None
    yield h.p("#summary.hidden")[describe_score(score)]
    yield render_answer(score, fall=_render_fall(result, request["position"], score["state"]))
    if has_hedge(values):
        sides = {LEG: values["side"], HEDGE_LEG: values["hedge_side"]}
        yield render_account(result.score.answer, sides=sides)
    given_fill = result.partials[0] if "fill_price" in values else None
    yield render_price_axis(
        request=request,
        score=score,
        card=card,
        partial=given_fill.answer if given_fill is not None and given_fill.problem is None else None,
    )
    yield _render_ways_out(result, request["position"])
    yield _render_if_adl_hits(result, request["position"], card)
    yield _render_triggers(result, request["position"])
    yield render_commands(
        result.shown_as_commands,
        origin=origin,
        with_key=with_key,
        json_address=None if submitted.key else _address({**values, FORMAT: "json"}),
    )


def _render_fall(result: Result, position: Mapping[str, Any], state: Mapping[str, Any]) -> h.Node:
    """What a fall of the price by 10 % leads to, as far as it is known."""
    liquidation, lowest = state["liquidation_price"], 0.9 * position["mark_price"]
    first: h.Node = None
    if position["side"] == "long" and liquidation is not None and liquidation >= lowest:
        first = [h.strong["Liquidation on the way, at ", render_number(liquidation)], ". "]
    exposure = result.exposure
    told = None if exposure is None or exposure.problem else render_fall(exposure.answer, size=position["size"])
    needs = h.a(href="#what-triggers")["What it needs"]
    return [first, told or [h.strong["ADL: ", h.span(".unknown")["unknown"]], ". ", needs]]


def _render_ways_out(result: Result, position: Mapping[str, Any]) -> h.Node:
    problem = result.plan.problem
    if problem is not None:
        return render_refusal(problem, title="Ways out", css_id="ways-out")
    return render_ways_out(
        result.plan.answer,
        side=position["side"],
        settlement=position.get("settlement"),
        target=_TARGETS[result.target],
        address_of=_find_address,
    )


def _render_if_adl_hits(result: Result, position: Mapping[str, Any], card: Mapping[str, Any] | None) -> h.Node:
    problem = _find_problem(*result.partials)
    if problem is not None:
        return render_refusal(problem, title="If an ADL hits", css_id="if-adl-hits")
    return render_if_adl_hits(
        [exchange.answer for exchange in result.partials],
        mark_price=position["mark_price"],
        card=card,
        settlement=position.get("settlement"),
    )


def _render_triggers(result: Result, position: Mapping[str, Any]) -> h.Node:
    problem = _NOT_ASKED if result.exposure is None else result.exposure.problem
    if result.exposure is None or problem is not None:
        return render_refusal(problem or _NOT_ASKED, title="What would trigger it", css_id="what-triggers")
    fund = msgspec.json.decode(result.exposure.body).get("fund", {})
    return render_what_triggers(
        result.exposure.answer,
        fund_balance=fund.get("balance"),
        size=position["size"],
        settlement=position.get("settlement"),
    )


def _find_problem(*exchanges: Exchange) -> Mapping[str, Any] | None:
    return next((exchange.problem for exchange in exchanges if exchange.problem is not None), None)


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
