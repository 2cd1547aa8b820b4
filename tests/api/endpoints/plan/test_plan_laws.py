"""``POST /plan``: the laws of its answers over drawn positions, venues and accounts, isolated and cross."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import given, settings

from adlrisk.api.endpoints.plan.answer import answer_plan
from adlrisk.api.endpoints.plan.schema import PlanRequest
from adlrisk.domain.position.errors import RefusedError
from support.fuzz.laws import rescore
from support.plans.drawn import CATALOGUE, account_plans, book_plans, ordinary_plans, whole_range_plans
from support.plans.laws import check_plan
from support.plans.ranking import rank

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


def plan(request: Mapping[str, Any]) -> dict[str, Any]:
    answer = answer_plan(msgspec.convert(request, PlanRequest), venues=CATALOGUE, now=NOW)
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(answer))
    return plain


def check(request: Mapping[str, Any], *, least: bool = True) -> None:
    check_plan(request, plan(request), lambda body: rescore(body, leg=request.get("leg")), rank, least=least)


@given(ordinary_plans())
@settings(max_examples=300)
def test_plans_of_a_position_keep_their_laws(request: dict[str, Any]) -> None:
    """Posted to `/score` each request gives what its option says, one step less misses the target, nothing is worse."""
    check(request)


@given(book_plans())
@settings(max_examples=300)
def test_plans_among_others_keep_their_laws(request: dict[str, Any]) -> None:
    """The fifth of each option is that of `/queue/rank` for the book with its position, one step less misses it."""
    check(request)


@given(account_plans())
@settings(max_examples=150)
def test_plans_of_a_leg_keep_their_laws(request: dict[str, Any]) -> None:
    """Posted to `/account` each request gives the leg what its option says, one step less misses the target."""
    check(request)


@given(whole_range_plans())
@settings(max_examples=200)
def test_plans_of_every_magnitude_keep_what_they_promise(request: dict[str, Any]) -> None:
    """Of every legal request the plan is an answer that keeps its promises, or a refusal."""
    try:
        plan(request)
    except RefusedError:
        return
    check(request, least=False)
