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
from adlrisk.page.result import Result
from adlrisk.page.sections.account import render_account
from adlrisk.page.sections.answer import describe_score, render_answer
from adlrisk.page.sections.commands import render_commands
from adlrisk.page.sections.if_adl_hits import render_if_adl_hits
from adlrisk.page.sections.price_axis import render_price_axis
from adlrisk.page.sections.price_fall import render_liquidation_in_fall
from adlrisk.page.sections.refusals import render_refusal
from adlrisk.page.sections.ways.option import Bounds
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
    is_planned = values.get("planned") == "true"
    yield render_answer(score, fall=_render_fall(result, request["position"], score), is_planned=is_planned)
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
    bounds = Bounds(mark_price=request["position"]["mark_price"], leverage=_find_threshold(score, "leverage"))
    yield _render_ways_out(result, request["position"], is_planned=is_planned, bounds=bounds)
    yield _render_if_adl_hits(result, request["position"], card)
    if _has_adl(score):
        yield _render_triggers(result, request["position"])
    yield render_commands(
        result.shown_as_commands,
        origin=origin,
        with_key=with_key,
        json_address=None if submitted.key else _address({**values, FORMAT: "json"}),
    )


def _render_fall(result: Result, position: Mapping[str, Any], score: Mapping[str, Any]) -> h.Node:
    """What a fall of the price by 10 % leads to, as far as it is known."""
    liquidation = render_liquidation_in_fall(score, position=position, account=result.score.answer.get("account"))
    if not _has_adl(score):
        return [liquidation, h.strong["No ADL"], ": this venue closes no positions of others' losses."]
    exposure = result.exposure
    told = None if exposure is None or exposure.problem else render_fall(exposure.answer, size=position["size"])
    needs = h.a(href="#what-triggers")["What it needs"]
    return [liquidation, told or [h.strong["ADL: ", h.span(".unknown")["unknown"]], ". ", needs]]


def _has_adl(score: Mapping[str, Any]) -> bool:
    return bool(score["standing"]["place"] != "no_adl_at_venue")


def _find_threshold(score: Mapping[str, Any], signal: str) -> float | None:
    return next((one["threshold"] for one in score["signals"] if one["signal"] == signal), None)


def _render_ways_out(result: Result, position: Mapping[str, Any], *, is_planned: bool, bounds: Bounds) -> h.Node:
    problem = result.plan.problem
    if problem is not None:
        return render_refusal(problem, title="Ways out", css_id="ways-out")
    return render_ways_out(
        result.plan.answer,
        side=position["side"],
        settlement=position.get("settlement"),
        target=_TARGETS[result.target],
        is_planned=is_planned,
        bounds=bounds,
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
