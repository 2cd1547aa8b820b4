"""``POST /adl/exposure``: a position of one's own, cases and paths, and that layouts and formats agree."""

from typing import Any

import httpx
import msgspec
import pytest

from support.large_books import in_columns
from support.running import assert_problem, example

REQUEST: dict[str, Any] = example("adl-exposure.request")
PACKED = "application/msgpack"
OWN: dict[str, Any] = REQUEST["position"]


def expose(client: httpx.Client, request: dict[str, Any]) -> dict[str, Any]:
    """The answer to ``request``."""
    response = client.post("/adl/exposure", json=request)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def without(request: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: part for name, part in request.items() if name not in names}


def test_a_position_of_ones_own_is_one_of_the_book(client: httpx.Client) -> None:
    """It is answered for as if it stood last in the book as `you`, whatever id it was given, in rows and columns."""
    named = {**without(REQUEST, "position"), "positions": [*REQUEST["positions"], {**OWN, "id": "you"}]}
    expected = expose(client, {**named, "ids": ["you", "b"]})
    assert [position["id"] for position in expected["range"]] == ["you", "b"]
    assert expose(client, REQUEST) == expected
    assert expose(client, in_columns(REQUEST)) == expected
    assert expose(client, {**REQUEST, "ids": ["b", "you"]}) == expected


@pytest.mark.parametrize("name", ["maintenance_margin", "maintenance_amount", "equity"])
def test_a_field_that_only_ones_own_position_has_is_added_to_the_columns(client: httpx.Client, name: str) -> None:
    """A column that no position of the book has is filled for the others with what is absent."""
    own = {**OWN, name: 3.5}
    assert expose(client, in_columns({**REQUEST, "position": own})) == expose(client, {**REQUEST, "position": own})


def test_one_may_ask_for_ones_own_position_alone(client: httpx.Client) -> None:
    """`ids` are not needed then; with neither, the problem says what to give."""
    alone = expose(client, without(REQUEST, "ids"))
    assert [position["id"] for position in alone["range"]] == ["you"]
    response = client.post("/adl/exposure", json=without(REQUEST, "ids", "position"))
    problem = assert_problem(response, "invalid-request", 400, pointer="/ids")
    assert "ids" in problem["detail"]
    assert "position" in problem["detail"]


def test_each_case_is_answered_on_both_paths_in_the_order_of_the_request(client: httpx.Client) -> None:
    """Names come back as they were sent; the default cases are calm, typical and severe."""
    cases = expose(client, {**REQUEST, "liquidity": {"b ü": 0.5, "a": 1}})["cases"]
    assert [(case["case"], case["path"], case["depth_left"]) for case in cases] == [
        ("b ü", "gap", 0.5),
        ("b ü", "walk", 0.5),
        ("a", "gap", 1.0),
        ("a", "walk", 1.0),
    ]
    defaults = expose(client, without(REQUEST, "liquidity"))["cases"][::2]
    assert {case["case"]: case["depth_left"] for case in defaults} == {"calm": 1.0, "typical": 0.29, "severe": 0.06}


def test_a_gap_is_a_simulation_of_one_mark(client: httpx.Client) -> None:
    """At each move of the gap: what is liquidated and deleveraged, and the fund, are those of a step at that mark."""
    request = {**without(REQUEST, "position"), "liquidity": {"calm": 1}}
    curve = expose(client, request)["cases"][0]["curve"]
    for point in curve:
        step = client.post(
            "/adl/simulate",
            json={**without(request, "moves", "liquidity", "ids"), "marks": [100 * (1 + point["move"])]},
        ).json()["steps"][0]
        assert point["liquidated_size"] == step["liquidated"]["size"]
        assert point["left_over"] == step["left_over"]
        assert point["adl_size"] == step["adl"]["size"]
        assert point["fund_after"] == step["fund"]["after"]


def test_the_nearest_fall_is_where_the_margin_is_used_up(client: httpx.Client) -> None:
    """Long a has 50 on 1,000 at 1 %, so it is due from 95 / 0.99 on; without levels all of it is left to b."""
    request = {
        **without(REQUEST, "position", "ids"),
        "ids": ["b"],
        "depth": {"levels": [{"offset": 0.5, "size": 1e-8}]},
        "liquidity": {"none": 1},
    }
    for case in expose(client, request)["cases"]:
        down = case["positions"][0]["nearest"]["down"]
        assert 0.0 <= (95 / 0.99 / 100 - 1) - down <= 0.0001
        assert case["positions"][0]["nearest"]["up"] is None


def test_rows_columns_and_messagepack_have_the_same_answer(client: httpx.Client) -> None:
    """However the book comes and the answer goes, it is the same."""
    answer = expose(client, REQUEST)
    headers = {"content-type": PACKED, "accept": PACKED}
    for request in (REQUEST, in_columns(REQUEST)):
        packed = client.post("/adl/exposure", content=msgspec.msgpack.encode(request), headers=headers)
        assert msgspec.msgpack.decode(packed.content) == answer


def test_what_is_wrong_with_ones_own_position_is_said_at_it(client: httpx.Client) -> None:
    """Pointers lead to `position`, not to an index behind the end of the book, in both layouts."""
    for wrong, slug, pointer in (
        (without(OWN, "leverage"), "margin-required", "/position/margin"),
        ({**OWN, "size": 2.0000000001}, "not-a-lot-multiple", "/position/size"),
    ):
        for request in (REQUEST, in_columns(REQUEST)):
            response = client.post("/adl/exposure", json={**request, "position": wrong})
            assert_problem(response, slug, 422, pointer=pointer)
    rates = [{**position, "maintenance_margin_rate": 0.01} for position in REQUEST["positions"]]
    request = {**without(REQUEST, "maintenance_margin_rate"), "positions": rates}
    response = client.post("/adl/exposure", json=request)
    assert_problem(response, "maintenance-margin-required", 422, pointer="/position/maintenance_margin_rate")


def test_the_id_you_is_kept_for_ones_own_position(client: httpx.Client) -> None:
    """A book that has it already is refused where it stands, but only beside a `position`."""
    rows = [*REQUEST["positions"][:2], {**REQUEST["positions"][2], "id": "you"}]
    request = {**REQUEST, "positions": rows}
    for sent, pointer in ((request, "/positions/2/id"), (in_columns(request), "/columns/id/2")):
        assert_problem(client.post("/adl/exposure", json=sent), "duplicate-id", 422, pointer=pointer)
    assert expose(client, {**without(request, "position"), "ids": ["you"]})["range"][0]["id"] == "you"
