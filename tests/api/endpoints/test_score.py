"""``POST /score`` and ``POST /scores`` over HTTP."""

import asyncio
import json
from typing import Any

import httpx
import msgspec
import pytest

from adlrisk.api.app import create_app
from adlrisk.api.bulk.job import BulkHandler
from adlrisk.api.dispatch.endpoint import Call, Endpoint, PageHandler, Records
from adlrisk.api.dispatch.respond import run
from adlrisk.api.endpoints.score.batch import SCORES, handle_scores
from adlrisk.api.endpoints.score.schema import ScoreRequest, ScoresRequest
from adlrisk.api.endpoints.score.score import SCORE
from adlrisk.api.http.headers import Headers
from adlrisk.settings import Settings
from adlrisk.venues.market_records import MarketKey
from support.hostile.failure_cases import WORKED, changed
from support.running import example


def test_score_matches_the_worked_example(client: httpx.Client) -> None:
    """The design's worked example scores 8 of 10, with the design's numbers."""
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
    assert (answer["market"]["symbol"], answer["market"]["status"]) == ("ETHUSDT", "absent")
    assert answer["as_of"] == "2026-11-18T12:00:00Z"
    # u/max(1, W) · MM/e = 2000/1000 · 180/3000
    assert answer["queue"]["priority"] == pytest.approx(0.12)
    assert answer["venue"]["source"] == "catalogue"


def test_score_of_the_position_alone_matches_the_worked_example(client: httpx.Client) -> None:
    """Without market and meter the score is 2, could be 8, and the answer names what is missing."""
    answer = client.post("/score", json=example("score-position-alone.request")).json()
    assert (answer["score"], answer["score_upper"]) == (2, 8)
    assert (answer["band"], answer["band_upper"]) == ("low", "high")
    assert answer["missing"] == ["funding_rate", "liquidation_spike", "adl_meter"]


def test_answer_has_the_contracts_fields(client: httpx.Client) -> None:
    """Names and order of the fields are the contract's."""
    answer = client.post("/score", json=WORKED).json()
    assert list(answer) == [
        "score", "max_score", "score_upper", "band", "band_upper", "standing", "nearer_danger", "guidance",
        "signals", "missing", "state", "queue", "trigger", "alerts", "actions", "market", "venue", "as_of",
    ]  # fmt: skip
    assert list(answer["state"]) == [
        "notional", "entry_notional", "unrealized_pnl", "pnl_to_notional", "return_on_entry",
        "return_on_margin", "margin", "equity", "profit_share", "effective_leverage", "bankruptcy_price",
        "liquidation_price", "liquidation_distance",
    ]  # fmt: skip
    for signal in answer["signals"]:
        of_profit = ["profit_share", "criterion"] if signal["signal"] == "profit" else []
        assert list(signal) == [
            "signal", "points", "fired", "near", "applicable", "value", "threshold", "source", "reason", *of_profit,
        ]  # fmt: skip
    for action in answer["actions"]:
        assert list(action) == ["action", "applies_to", "for", "reason", "amount", "unit"]
    assert list(answer["queue"]) == ["formula", "priority", "eligible", "confidence", "alternatives"]
    assert list(answer["venue"]) == ["id", "revision", "source", "facts_age_days"]


def test_as_of_defaults_to_the_clock(client: httpx.Client) -> None:
    """Without `as_of` the service's clock decides, and the answer shows its time."""
    answer = client.post("/score", json=changed("as_of", ...)).json()
    assert answer["as_of"] == "2026-11-18T12:00:00Z"


def test_same_request_gives_the_same_answer(client: httpx.Client) -> None:
    """An answer is a pure function of the request, so retries are safe."""
    first, second = (client.post("/score", json=WORKED) for _ in range(2))
    assert first.content == second.content


def test_optional_fields_may_be_null(client: httpx.Client) -> None:
    """Null is the same as leaving an optional field out."""
    given = changed("position.adl_meter", None)
    left_out = changed("position.adl_meter", ...)
    assert client.post("/score", json=given).json() == client.post("/score", json=left_out).json()


def test_batch_keeps_order_and_invalid_items_affect_no_other(client: httpx.Client) -> None:
    """Scores and problems come in the order of the items, and each problem has a pointer into the body."""
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


def test_item_that_is_not_utf8_affects_no_other(client: httpx.Client) -> None:
    """An item whose text cannot be decoded yields a problem in its place."""
    good = client.build_request("POST", "/score", json=WORKED).content
    body = b'{"items":[{"venue":"\xff"},' + good + b"]}"
    results = client.post("/scores", content=body, headers={"content-type": "application/json"}).json()["results"]
    assert results[0]["type"] == "/problems/malformed-body"
    assert results[0]["errors"][0]["pointer"] == "/items/0"
    assert results[1]["score"] == 8


def test_batch_of_ten_thousand_is_answered(client: httpx.Client) -> None:
    """The largest batch is within the default limits and is answered completely."""
    results = client.post("/scores", json={"items": [WORKED] * 10_000}, timeout=60).json()["results"]
    assert len(results) == 10_000
    assert all(result["score"] == 8 for result in results)


def finish(steps: Any, records: Records) -> Any:
    """The answer of a handler that is sent the records it has asked for, and its turns."""
    try:
        step = steps.send(records)
        while step is None:
            step = next(steps)
    except StopIteration as done:
        return done.value
    raise AssertionError(step)


@pytest.mark.parametrize("endpoint", [SCORE, SCORES], ids=["score", "batch"])
def test_answers_use_the_rules_in_force_after_records_are_read(endpoint: Endpoint) -> None:
    """A change of the card while a score waits for its market record is in the answer."""
    context = create_app(Settings(log_level="error")).context
    item = msgspec.json.encode({**WORKED, "venue": "okx", "symbol": "BTC-USDT-SWAP"})
    single = msgspec.json.decode(item, type=ScoreRequest)
    body = single if endpoint is SCORE else ScoresRequest(items=[msgspec.Raw(item)])
    assert not isinstance(endpoint.handle, BulkHandler | PageHandler)
    steps = endpoint.handle(Call(context=context, headers=Headers(()), request_id="one", body=body))
    needed = next(step for step in steps if step is not None)  # a batch may have been given a turn before
    assert list(needed) == [MarketKey("okx", "BTC-USDT-SWAP")]
    before = context.venues["okx"].ref.revision
    patched = asyncio.run(context.live_rules.patch("okx", {"score": {"leverage": 99.0}}))
    result = finish(steps, {MarketKey("okx", "BTC-USDT-SWAP"): "absent"})
    answer = json.loads(b"".join(result.pieces) if endpoint is SCORES else msgspec.json.encode(result))
    (scored,) = answer["results"] if endpoint is SCORES else (answer,)
    assert scored["venue"]["revision"] == patched.ref.revision != before


def test_long_batch_yields_every_few_milliseconds() -> None:
    """While thousands of positions are scored, the event loop turns many times, so other requests are answered."""
    context = create_app(Settings(log_level="error")).context
    body = ScoresRequest(items=[msgspec.Raw(msgspec.json.encode(WORKED))] * 5_000)
    call = Call(context=context, headers=Headers(()), request_id="batch", body=body)

    async def turns_during_the_batch() -> int:
        batch = asyncio.ensure_future(run(handle_scores(call), context.live_rules.records, turns=context.turns))
        turns = 0
        while not batch.done():
            turns += 1
            await asyncio.sleep(0)
        assert len(json.loads(b"".join((await batch).pieces))["results"]) == 5_000
        return turns

    # At 30 microseconds or more a position and turns of a millisecond there are some 150; without, there are 2.
    assert asyncio.run(turns_during_the_batch()) >= 20
