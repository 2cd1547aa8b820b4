"""``POST /plan`` over HTTP: what its options promise is what ``/score`` and ``/account`` answer."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings

from support.plans.drawn import ordinary_plans
from support.plans.laws import check_plan
from support.running import example


def check(client: httpx.Client, request: Mapping[str, Any]) -> None:
    def rescore(body: Mapping[str, Any]) -> Mapping[str, Any]:
        path = "/account" if "positions" in body else "/score"
        answer = client.post(path, json=body).raise_for_status().json()
        if path == "/score":
            return dict(answer)
        return next(leg for leg in answer["positions"] if leg["id"] == request["leg"])

    def rank(body: Mapping[str, Any]) -> Mapping[str, Any]:
        return dict(client.post("/queue/rank", json=body).raise_for_status().json())

    plan = client.post("/plan", json=request).raise_for_status().json()
    check_plan(request, plan, rescore, rank)


@pytest.mark.parametrize("name", ["plan", "plan-account", "plan-book", "plan-candidate"])
def test_options_of_the_examples_keep_their_promise(client: httpx.Client, name: str) -> None:
    """Each request of an example's options, posted as it is, is answered with what the option says."""
    check(client, example(f"{name}.request"))


def test_options_of_drawn_positions_keep_their_promise(client: httpx.Client) -> None:
    """So is each request of the options of any other position."""

    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(ordinary_plans())
    def holds(request: dict[str, Any]) -> None:
        check(client, request)

    holds()
