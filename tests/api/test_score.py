"""``POST /score`` and ``POST /scores`` over HTTP."""

import copy
from typing import Any

import httpx
import pytest

from running import assert_problem, example

WORKED = example("score.request")


def changed(path: str, value: Any) -> dict[str, Any]:
    """The worked example with one value set, or removed where ``value`` is ``...``."""
    request: dict[str, Any] = copy.deepcopy(WORKED)
    *steps, last = path.split(".")
    target = request
    for step in steps:
        target = target[step]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return request


def test_worked_example(client: httpx.Client) -> None:
    """The worked example of the design scores 8 of 10 with the design's numbers."""
    answer = client.post("/score", json=WORKED).json()
    assert (answer["score"], answer["score_upper"], answer["band"]) == (8, 8, "high")
    assert [signal["fired"] for signal in answer["signals"]] == [False, True, True, True, True]
    state = answer["state"]
    assert (state["notional"], state["unrealized_pnl"], state["equity"]) == (18000, 2000, 3000)
    assert state["effective_leverage"] == 6
    assert state["bankruptcy_price"] == 2100
    assert state["liquidation_price"] == pytest.approx(2079.21, abs=0.005)
    assert state["profit_share"] == pytest.approx(0.6667, abs=5e-5)
    assert answer["signals"][4]["value"] == 0.75
    assert answer["missing"] == []
    assert answer["market"] is None
    assert answer["as_of"] == "2026-11-18T12:00:00Z"
    # u/max(1, W) · MM/e = 2000/1000 · 180/3000
    assert answer["queue"]["priority"] == pytest.approx(0.12)
    assert answer["venue"]["source"] == "catalogue"


def test_worked_example_of_the_position_alone(client: httpx.Client) -> None:
    """Without market and meter the score is 2, could be 8, and the answer names what is missing."""
    answer = client.post("/score", json=example("score-position-alone.request")).json()
    assert (answer["score"], answer["score_upper"]) == (2, 8)
    assert (answer["band"], answer["band_upper"]) == ("low", "high")
    assert answer["missing"] == ["funding_rate", "liquidation_spike", "adl_meter"]


def test_answer_has_the_fields_of_the_contract_in_their_order(client: httpx.Client) -> None:
    """Field names and order of the contract."""
    answer = client.post("/score", json=WORKED).json()
    assert list(answer) == [
        "score", "max_score", "score_upper", "band", "band_upper", "guidance", "signals", "missing", "state",
        "queue", "actions", "market", "venue", "as_of",
    ]  # fmt: skip
    assert list(answer["state"]) == [
        "notional", "entry_notional", "unrealized_pnl", "pnl_to_notional", "return_on_entry",
        "return_on_margin", "margin", "equity", "profit_share", "effective_leverage", "bankruptcy_price",
        "liquidation_price", "liquidation_distance",
    ]  # fmt: skip
    for signal in answer["signals"]:
        assert list(signal) == ["signal", "points", "fired", "value", "threshold", "source", "reason"]
    for action in answer["actions"]:
        assert list(action) == ["action", "applies_to", "reason"]
    assert list(answer["queue"]) == ["formula", "priority", "eligible", "confidence"]
    assert list(answer["venue"]) == ["id", "revision", "source"]


def test_as_of_defaults_to_the_clock(client: httpx.Client) -> None:
    """Without as_of the service's clock decides, and the answer says which moment that was."""
    answer = client.post("/score", json=changed("as_of", ...)).json()
    assert answer["as_of"] == "2026-11-18T12:00:00Z"


def test_the_same_request_gives_the_same_answer(client: httpx.Client) -> None:
    """An answer is a pure function of the request: retries are safe."""
    first, second = (client.post("/score", json=WORKED) for _ in range(2))
    assert first.content == second.content


def test_an_optional_field_may_be_null(client: httpx.Client) -> None:
    """Null is the same as leaving an optional field out."""
    given = changed("position.adl_meter", None)
    left_out = changed("position.adl_meter", ...)
    assert client.post("/score", json=given).json() == client.post("/score", json=left_out).json()


BROKEN = [
    ("position.size", 0, "/position/size"),
    ("position.size", -1, "/position/size"),
    ("position.size", 1e16, "/position/size"),
    ("position.size", "10", "/position/size"),
    ("position.size", ..., "/position/size"),
    ("position.mark_price", ..., "/position/mark_price"),
    ("position.side", "buy", "/position/side"),
    ("position.margin", ..., "/position/margin"),
    ("position.margin", None, "/position/margin"),
    ("position.leverage", 1e16, "/position/leverage"),  # not used, bounded all the same
    ("position.maintenance_margin_rate", 1, "/position/maintenance_margin_rate"),
    ("position.maintenance_margin_rate", 0, "/position/maintenance_margin_rate"),
    ("position.maintenance_amount", -1, "/position/maintenance_amount"),
    ("position.adl_meter", "3", "/position/adl_meter"),
    ("position.contract", "quanto", "/position/contract"),
    ("position.lever", 3, "/position/lever"),
    ("position", ..., "/position"),
    ("position", [], "/position"),
    ("market.funding", 0.1, "/market/funding"),
    ("market.funding_interval_hours", 0, "/market/funding_interval_hours"),
    ("market.liquidation_spike", "yes", "/market/liquidation_spike"),
    ("as_of", "2026-11-18T12:00:00", "/as_of"),
    ("as_of", "1999-12-31T23:59:59Z", "/as_of"),
    ("as_of", "2101-01-01T00:00:00Z", "/as_of"),
    ("as_of", 1763467200, "/as_of"),
    ("as_of", "2026-02-30T00:00:00Z", "/as_of"),
    ("as_of", "2026-11-18 12:00:00Z", "/as_of"),
    ("as_of", "2026-11-18T12:00:00Z\n", "/as_of"),
    ("symbol", "BTC USDT", "/symbol"),
    ("symbol", "BTCUSDT\n", "/symbol"),
    ("symbol", "", "/symbol"),
    ("symbol", "X" * 65, "/symbol"),
    ("a/b~c", 1, "/a~1b~0c"),
]


@pytest.mark.parametrize(("path", "value", "pointer"), BROKEN)
def test_what_breaks_the_schema_is_named(client: httpx.Client, path: str, value: Any, pointer: str) -> None:
    """A request that breaks the schema is 400, with a pointer to the field at fault."""
    assert_problem(client.post("/score", json=changed(path, value)), "invalid-request", 400, pointer=pointer)


IMPOSSIBLE = [
    ("venue", "nowhere", "unknown-venue", "/venue"),
    ("venue", "", "unknown-venue", "/venue"),
    ("position.adl_meter", 5, "meter-out-of-scale", "/position/adl_meter"),
    ("position.adl_meter", 1.5, "meter-out-of-scale", "/position/adl_meter"),
]


@pytest.mark.parametrize(("path", "value", "slug", "pointer"), IMPOSSIBLE)
def test_what_is_impossible_is_refused(client: httpx.Client, path: str, value: Any, slug: str, pointer: str) -> None:
    """A well-formed request that cannot be answered is 422 under its own type."""
    assert_problem(client.post("/score", json=changed(path, value)), slug, 422, pointer=pointer)


def test_a_batch_answers_in_order_and_one_bad_item_fails_no_other(client: httpx.Client) -> None:
    """Scores and problems stand where their items stood, each with a pointer into the body."""
    items = [
        WORKED,
        changed("position.size", -1),
        "not even an object",
        changed("venue", "nowhere"),
        changed("position.adl_meter", 9),
        example("score-inverse.request"),
    ]
    response = client.post("/scores", json={"items": items})
    assert response.status_code == 200
    results = response.json()["results"]
    assert results[0] == client.post("/score", json=WORKED).json()
    assert results[5] == client.post("/score", json=items[5]).json()
    problems = [(result["type"], result["status"], result["errors"][0]["pointer"]) for result in results[1:5]]
    assert problems == [
        ("/problems/invalid-request", 400, "/items/1/position/size"),
        ("/problems/invalid-request", 400, "/items/2"),
        ("/problems/unknown-venue", 422, "/items/3/venue"),
        ("/problems/meter-out-of-scale", 422, "/items/4/position/adl_meter"),
    ]
    assert {result["instance"] for result in results[1:5]} == {response.headers["x-request-id"]}


def test_text_that_is_not_utf8_in_one_item_fails_no_other(client: httpx.Client) -> None:
    """An item whose text cannot be decoded is a problem at its place."""
    good = client.build_request("POST", "/score", json=WORKED).content
    body = b'{"items":[{"venue":"\xff"},' + good + b"]}"
    results = client.post("/scores", content=body, headers={"content-type": "application/json"}).json()["results"]
    assert results[0]["type"] == "/problems/malformed-body"
    assert results[0]["errors"][0]["pointer"] == "/items/0"
    assert results[1]["score"] == 8


@pytest.mark.parametrize(("items", "pointer"), [([], "/items"), ([{}] * 10_001, "/items"), (None, "/items")])
def test_a_batch_has_one_to_ten_thousand_items(client: httpx.Client, items: Any, pointer: str) -> None:
    """An empty batch, and one of 10,001 items, are refused whole."""
    assert_problem(client.post("/scores", json={"items": items}), "invalid-request", 400, pointer=pointer)


def test_a_batch_of_ten_thousand_is_answered(client: httpx.Client) -> None:
    """The largest batch fits the default limits and comes back complete."""
    results = client.post("/scores", json={"items": [WORKED] * 10_000}, timeout=60).json()["results"]
    assert len(results) == 10_000
    assert all(result["score"] == 8 for result in results)
