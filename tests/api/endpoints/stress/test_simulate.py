"""``POST /adl/simulate``: the worked example, what is refused, and that its layouts and formats agree."""

import copy
import json
from typing import Any

import httpx
import msgspec
import pytest

from support.large_books import in_columns
from support.running import assert_problem, example

WORKED: dict[str, Any] = example("adl-simulate.request")
PACKED = "application/msgpack"


def simulate(client: httpx.Client, **changes: Any) -> dict[str, Any]:
    """The answer to the worked example with some of its fields changed."""
    response = client.post("/adl/simulate", json={**WORKED, **changes})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def closed_of(answer: dict[str, Any]) -> dict[str, float]:
    """What ADL closed of each position that it touched."""
    return {position["id"]: position["closed"] for position in answer["positions"] if position["closed"]}


def test_a_richer_fund_closes_both_levels(client: httpx.Client) -> None:
    """With 20 in the fund 4 + 4 are closed for 5.88 + 7.76, and the last 2 go to b: the figures of the design."""
    answer = simulate(client, fund={"balance": 20})
    (step,) = answer["steps"]
    assert step["market"]["size"] == 8.0
    assert step["market"]["paid_by_fund"] == pytest.approx(13.64, abs=1e-9)
    assert step["fund"]["after"] == pytest.approx(6.36, abs=1e-9)
    assert step["left_over"] == {"fund": 0.0, "depth": 2.0}
    assert step["adl"] == {"size": 2.0, "mean_fill_price": 95.0, "accounts": 1, "haircut": 2.0, "uncovered": 0.0}
    assert [(position["id"], position["outcome"], position["remaining"]) for position in answer["positions"]] == [
        ("a", "liquidated", 0.0),
        ("b", "reduced", 4.0),
    ]


def test_a_poor_fund_pays_for_a_part_of_a_level(client: httpx.Client) -> None:
    """With 8 it pays for the first level and 1.09278350 of the second, and the rest goes to b, or to both by size."""
    answer = simulate(client)
    (step,) = answer["steps"]
    assert step["market"]["size"] == 5.0927835
    assert step["left_over"] == {"fund": 4.9072165, "depth": 0.0}
    assert step["adl"]["haircut"] == pytest.approx(4.9072165, abs=1e-9)
    assert closed_of(answer) == {"b": 4.9072165}
    assert closed_of(simulate(client, policy="pro_rata_size")) == {"b": 2.9443299, "c": 1.9628866}


def test_an_answer_says_what_it_went_by(client: httpx.Client) -> None:
    """Policy, formula and its source, confidence, fill price and assumptions; a formula of one's own has none."""
    answer = simulate(client)
    rules = ("policy", "formula", "formula_source", "confidence", "fill_price_rule")
    assert [answer[name] for name in rules] == ["venue", "pnl_leverage", "venue", "documented", "bankruptcy"]
    assert any("The insurance fund holds 8 " in sentence for sentence in answer["assumptions"])
    own = simulate(client, formula="pnl_leverage", fill_price=94.5, policy="pro_rata_size")
    assert [own[name] for name in rules] == ["pro_rata_size", "pnl_leverage", "request", None, "given"]
    assert own["steps"][0]["adl"]["mean_fill_price"] == 94.5
    assert simulate(client, fill_price="mark")["steps"][0]["adl"]["mean_fill_price"] == 94.0


@pytest.mark.parametrize(
    ("fund", "says"),
    [
        ({"balance": 8}, "holds 8 and pays for closings beyond bankruptcy prices until 0 is left"),
        ({"balance": -3}, "holds -3 and pays for nothing, unless margin that closings leave over"),
        ({"balance": 5, "floor": 5}, "takes it above 5."),
    ],
)
def test_a_fund_that_cannot_pay_is_not_said_to_pay(client: httpx.Client, fund: dict[str, float], says: str) -> None:
    """At its floor and below, the sentence of the fund says that it pays for nothing."""
    answer = simulate(client, fund=fund)
    assert (answer["steps"][0]["market"]["paid_by_fund"] > 0.0) == (fund["balance"] == 8)
    assert any(says in sentence for sentence in answer["assumptions"])


def test_the_lot_is_told_as_it_was_sent(client: httpx.Client) -> None:
    """A whole number has no decimals, a small one no exponent."""
    for lot_size, told in ((1, "lots of 1 contracts"), (0.5, "lots of 0.5 contracts"), (1e-8, "lots of 0.00000001 ")):
        assert told in simulate(client, lot_size=lot_size)["assumptions"][-1]


def test_rows_columns_and_messagepack_have_the_same_answer(client: httpx.Client) -> None:
    """However the book comes and the answer goes, it is the same."""
    answer = simulate(client)
    columns = in_columns(WORKED)
    assert client.post("/adl/simulate", json=columns).json() == answer
    headers = {"content-type": PACKED, "accept": PACKED}
    for request in (WORKED, columns):
        packed = client.post("/adl/simulate", content=msgspec.msgpack.encode(request), headers=headers)
        assert msgspec.msgpack.decode(packed.content) == answer
    in_layout = simulate(client, layout="columns")
    listed = in_layout.pop("columns")
    assert [dict(zip(listed, row, strict=True)) for row in zip(*listed.values(), strict=True)] == answer["positions"]
    assert in_layout == {name: part for name, part in answer.items() if name != "positions"}


def test_the_same_request_has_the_same_bytes(client: httpx.Client) -> None:
    """Nothing of the answer depends on when or how often it is asked for."""
    request = {**WORKED, "marks": [99.0, 94.0, 97.0, 91.0], "permanent_impact": 0.5}
    bodies = {client.post("/adl/simulate", json=request).content for _ in range(3)}
    assert len(bodies) == 1


def test_asked_positions_come_in_the_order_of_the_request(client: httpx.Client) -> None:
    """Untouched ones among them; without ids those that were touched, and none for an empty list."""
    told = simulate(client, ids=["c", "a"])["positions"]
    assert [(position["id"], position["outcome"], position["step"]) for position in told] == [
        ("c", "untouched", None),
        ("a", "liquidated", 0),
    ]
    assert simulate(client, ids=[])["positions"] == []
    assert simulate(client, marks=[100])["positions"] == []


def test_book_and_fund_are_carried_from_mark_to_mark(client: httpx.Client) -> None:
    """What the first mark leaves is what the second finds; nobody is liquidated twice."""
    answer = simulate(client, marks=[94, 94])
    first, second = answer["steps"]
    assert second["fund"]["before"] == first["fund"]["after"]
    assert (second["rounds"], second["liquidated"]["accounts"]) == (0, 0)


def test_permanent_impact_moves_the_mark_by_its_share_of_the_displacement(client: httpx.Client) -> None:
    """The last level touched is at 93.06, 0.94 below the mark of 94: half of that stays, and the mark is 93.53."""
    (step,) = simulate(client, fund={"balance": 20}, permanent_impact=0.5)["steps"]
    assert step["mark_after"] == pytest.approx(93.53, abs=1e-12)
    assert simulate(client)["steps"][0]["mark_after"] == 94.0


def test_the_fall_of_the_fund_is_the_venues_where_it_is_its_rule(client: httpx.Client) -> None:
    """BloFin's fund pays down to 70 % of its peak (its card: a fall of 30 %); a fall of the request goes before."""
    book = {"venue": "blofin", "formula": "pnl_leverage", "fill_price": "bankruptcy"}
    by_card = simulate(client, **book, fund={"balance": 10, "peak": 10})
    assert by_card["steps"] == simulate(client, **book, fund={"balance": 10, "floor": 7})["steps"]
    own = simulate(client, **book, fund={"balance": 10, "peak": 10, "drawdown": 0.5})
    assert own["steps"] == simulate(client, **book, fund={"balance": 10, "floor": 5})["steps"]
    assert own["steps"] != by_card["steps"]


def test_a_missing_fund_says_why_it_is_needed(client: httpx.Client) -> None:
    """Neither fund nor order book has a default: the problem names the field."""
    for name in ("fund", "depth"):
        request = {field: part for field, part in WORKED.items() if field != name}
        problem = assert_problem(client.post("/adl/simulate", json=request), "input-required", 422, pointer=f"/{name}")
        assert "required, but missing" in problem["detail"]
    document = client.get("/openapi.json").json()
    assert "not a rich one" in json.dumps(document["components"]["schemas"]["SimulateRequestWithColumns"])


def test_refusals_point_into_the_layout_of_the_request(client: httpx.Client) -> None:
    """A maintenance margin, a margin and a lot that are wrong are named in rows and in columns."""
    request = copy.deepcopy(WORKED)
    request["positions"][1]["size"] = 6.000000001
    for sent, pointer in ((request, "/positions/1/size"), (in_columns(request), "/columns/size/1")):
        assert_problem(client.post("/adl/simulate", json=sent), "not-a-lot-multiple", 422, pointer=pointer)
    del request["maintenance_margin_rate"]
    request["positions"][1] |= {"size": 6}
    request["positions"][0] |= {"maintenance_margin": 1}
    for sent, pointer in (
        (request, "/positions/1/maintenance_margin_rate"),
        (in_columns(request), "/columns/maintenance_margin_rate/1"),
    ):
        response = client.post("/adl/simulate", json=sent)
        problem = assert_problem(response, "maintenance-margin-required", 422, pointer=pointer)
        assert "maintenance_margin_rate for all" in problem["detail"]
