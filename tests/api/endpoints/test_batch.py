"""``POST /scores``: ids of items, and answers in brief."""

import io
import json
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest

from adlrisk.api.endpoints.score.schema import ScoresItem
from adlrisk.api.endpoints.shared.batch import build_item_decoder
from adlrisk.api.http import codecs
from adlrisk.api.http.problems import ProblemError
from support.hostile.failure_cases import JSON, MSGPACK, WORKED, changed
from support.running import ADMIN_KEY, WRITABLE, RunningServer, assert_problem, example

ALONE = example("score-position-alone.request")
TRIGGERED = example("score-trigger.request")
DETAILS = pytest.mark.parametrize("detail", ["full", "brief"])
# Items that cannot be scored, each with an id that can be read: type, and pointer within the item.
BROKEN: dict[str, tuple[dict[str, Any], str, str]] = {
    "a wrong value": (changed("position.size", -1), "invalid-request", "/position/size"),
    "an unknown field": ({**WORKED, "lever": 3}, "invalid-request", "/lever"),
    "no position": ({"venue": "okx"}, "invalid-request", "/position"),
    "an unknown venue": (changed("venue", "nowhere"), "unknown-venue", "/venue"),
    "a reading off the scale": (changed("position.adl_meter", 9), "meter-out-of-scale", "/position/adl_meter"),
    "more bytes than a score may have": ({**WORKED, "x": "x" * 70_000}, "body-too-large", ""),
}


def post(client: httpx.Client, items: list[Any], **more: Any) -> list[Any]:
    """The results of a batch, which are the same in both formats."""
    body = {**more, "items": items}
    answer = client.post("/scores", json=body)
    assert answer.status_code == 200, answer.text
    headers = {**MSGPACK, "accept": "application/msgpack", "x-request-id": answer.headers["x-request-id"]}
    packed = client.post("/scores", content=msgspec.msgpack.encode(body), headers=headers)
    results: list[Any] = answer.json()["results"]
    assert [without_words(each) for each in msgspec.msgpack.decode(packed.content)["results"]] == [
        without_words(each) for each in results
    ]
    return results


def without_words(result: dict[str, Any]) -> dict[str, Any]:
    """The result without the sentences of a problem: the formats have other names for types."""
    if "type" not in result:
        return result
    return {**result, "detail": "", "errors": [error["pointer"] for error in result["errors"]]}


def shorten(full: dict[str, Any]) -> dict[str, Any]:
    """What the brief answer has of a full one."""
    return {
        **({"id": full["id"]} if "id" in full else {}),
        **{name: full[name] for name in ("score", "score_upper", "band", "band_upper")},
        "standing": full["standing"]["place"],
        "danger": full["nearer_danger"]["danger"],
        "alerts": [alert["alert"] for alert in full["alerts"]],
        "liquidation_price": full["state"]["liquidation_price"],
    }


@DETAILS
def test_ids_come_back_with_scores_and_problems(client: httpx.Client, detail: str) -> None:
    """A client finds the result of each item by its id, whatever became of it."""
    items = [{**item, "id": f"{place}: {name}"} for place, (name, (item, _, _)) in enumerate(BROKEN.items())]
    results = post(client, [*items, {**WORKED, "id": "good"}], detail=detail)
    assert [result["id"] for result in results] == [*(item["id"] for item in items), "good"]
    assert results[-1]["score"] == 8
    for place, (result, (_, slug, pointer)) in enumerate(zip(results[:-1], BROKEN.values(), strict=True)):
        assert result["type"] == f"/problems/{slug}"
        assert result["errors"][0]["pointer"] == f"/items/{place}{pointer}"


@DETAILS
def test_an_id_is_read_beside_text_that_is_not_utf8(client: httpx.Client, detail: str) -> None:
    """What is skipped to find the id need not be valid."""
    body = b'{"detail":"%b","items":[{"venue":"\xff","id":"a"},{"position":{"side":[[1]]},"id":"b"}]}' % detail.encode()
    results = client.post("/scores", content=body, headers=JSON).json()["results"]
    assert [(result["id"], result["status"]) for result in results] == [("a", 400), ("b", 400)]


def test_an_item_of_megabytes_is_not_searched_for_an_id(client: httpx.Client) -> None:
    """A turn can only end between items, so an id is looked for in an item of up to 1 MiB, sixteen times a score's."""
    items = [{"x": "x" * (size - len('{"x":"","id":"a"}')), "id": "a"} for size in (1 << 20, (1 << 20) + 1)]
    body = b'{"items":[%b]}' % b",".join(msgspec.json.encode(item) for item in items)
    within, beyond = client.post("/scores", content=body, headers=JSON).json()["results"]
    assert [result["status"] for result in (within, beyond)] == [413, 413]
    assert (within["id"], "id" in beyond) == ("a", False)


@pytest.mark.parametrize("id_", [7, "", "x" * 65, True, ["a"], {"a": "b"}, 1.5], ids=repr)
def test_what_is_no_id_is_named_and_not_returned(client: httpx.Client, id_: Any) -> None:
    """An id is text of 1 to 64 characters; the item of another is a problem that names the field."""
    wrong, good = post(client, [{**WORKED, "id": id_}, {**WORKED, "id": "x" * 64}])
    assert (wrong["status"], wrong["errors"][0]["pointer"]) == (400, "/items/0/id")
    assert "id" not in wrong
    assert good["id"] == "x" * 64


@DETAILS
@pytest.mark.parametrize("item", [7, None, "id", [], ["id"], {}, {"id": None}], ids=repr)
def test_an_item_without_an_id_has_a_problem_without_one(client: httpx.Client, item: Any, detail: str) -> None:
    """No id is made up."""
    (result,) = post(client, [item], detail=detail)
    assert (result["status"], result.get("id", "none")) == (400, "none")


def test_equal_ids_are_only_returned(client: httpx.Client) -> None:
    """Results come in the order of the items, so ids need not differ; the last of two in one item counts."""
    assert [result["id"] for result in post(client, [{**WORKED, "id": "same"}] * 3)] == ["same"] * 3
    twice = json.dumps(WORKED)[:-1].encode() + b',"id":"first","id":"last"}'
    (result,) = client.post("/scores", content=b'{"items":[%b]}' % twice, headers=JSON).json()["results"]
    assert result["id"] == "last"


def test_items_without_ids_are_answered_as_alone_to_the_byte(client: httpx.Client) -> None:
    """A batch without ids is the answers of `POST /score`, unchanged; null is no id."""
    items = [WORKED, ALONE, TRIGGERED, example("score-inverse.request")]
    alone = [client.post("/score", json=item).content for item in items]
    for sent in (items, [{**item, "id": None} for item in items]):
        for more in ({}, {"detail": "full"}):
            answer = client.post("/scores", json={"items": sent, **more})
            assert answer.content == b'{"results":[' + b",".join(alone) + b"]}"


def test_a_single_score_takes_no_id(client: httpx.Client) -> None:
    """`id` and `detail` belong to a batch; alone they are fields that are not known."""
    for name in ("id", "detail"):
        problem = client.post("/score", json={**WORKED, name: "full"})
        assert_problem(problem, "invalid-request", 400, pointer=f"/{name}")
        assert "unknown field" in problem.json()["errors"][0]["detail"]


@pytest.mark.parametrize("detail", ["short", "", None, 1, True, "FULL", ["brief"]], ids=repr)
def test_another_detail_is_refused(client: httpx.Client, detail: Any) -> None:
    """There are two; the request is refused, since no item of it can be answered as was meant."""
    problem = client.post("/scores", json={"items": [WORKED], "detail": detail})
    assert_problem(problem, "invalid-request", 400, pointer="/detail")


def test_brief_results_have_the_contracts_fields(client: httpx.Client) -> None:
    """Names and order of the fields are the contract's, and none has more in it."""
    (with_id, without) = post(client, [{**TRIGGERED, "id": "a"}, TRIGGERED], detail="brief")
    fields = ["score", "score_upper", "band", "band_upper", "standing", "danger", "alerts", "liquidation_price"]
    assert list(with_id) == ["id", *fields]
    assert list(without) == fields
    assert with_id["alerts"] == ["settlement_near", "fund_drawn_down", "open_interest_high"]


def test_brief_results_match_the_worked_example(client: httpx.Client) -> None:
    """8 of 10 in the front half of Binance's queue, and the liquidation price of the design."""
    (result,) = post(client, [WORKED], detail="brief")
    price = result.pop("liquidation_price")
    assert price == pytest.approx(2079.21, abs=0.005)
    assert result == {
        "score": 8,
        "score_upper": 8,
        "band": "high",
        "band_upper": "high",
        "standing": "front",
        "danger": "adl",
        "alerts": [],
    }


def test_brief_results_use_market_records() -> None:
    """What a record fills in is in the brief answer as in the full one, and its lookup is counted alike."""
    record = {
        "funding_rate": 0.01, "liquidation_spike": True, "adl_trigger": True, "adl_rating": "high",
        "maintenance_tiers": [{"rate": 0.05}], "ttl_seconds": 3600,
    }  # fmt: skip
    position = {**ALONE["position"], "leverage": 20}
    named: dict[str, Any] = {"venue": "okx", "position": position, "symbol": "BTC-USDT-SWAP"}
    items = [
        {**named, "id": "used"},
        {**named, "id": "absent", "symbol": "ETH-USDT-SWAP"},
        {**named, "id": "out of time", "as_of": "2020-01-01T00:00:00Z"},
        {**named, "id": "given", "market": {"liquidation_spike": False, "adl_trigger": False}},
        {**named, "id": "contradicts", "position": {**position, "contract": "inverse"}},
    ]
    with (
        RunningServer(WRITABLE, log=io.StringIO()) as server,
        httpx.Client(base_url=server.url, headers={"x-api-key": ADMIN_KEY}) as client,
    ):
        assert client.put("/venues/okx/markets/BTC-USDT-SWAP", json={**record, "contract": "linear"}).status_code < 300
        full, brief = (post(client, items, detail=detail) for detail in ("full", "brief"))
    assert brief[:4] == [shorten(result) for result in full[:4]]
    assert brief[4] == full[4] | {"instance": brief[4]["instance"]}
    assert brief[0]["alerts"] == ["adl_in_progress", "venue_rates_high"]
    assert brief[0] != brief[1]


def test_errors_of_items_keep_no_frames() -> None:
    """Ten thousand errors with their causes and frames, freed together, would hold up all other requests for 0.1 s."""
    settings = SimpleNamespace(max_score_bytes=65_536)
    call: Any = SimpleNamespace(codec=codecs.JSON, context=SimpleNamespace(settings=settings))
    error = build_item_decoder(call, ScoresItem, field="items")(0, msgspec.Raw(b'{"position":5}'))
    assert isinstance(error, ProblemError)
    assert (error.__traceback__, error.__cause__, error.__context__) == (None, None, None)


@pytest.mark.parametrize("id_", [r"moon \ud83d", r"\ude00 moon", r"\ud83d\ud83d\ude00"])
def test_half_an_emoji_is_named(client: httpx.Client, id_: str) -> None:
    """JSON with half a surrogate pair is refused as a whole, in words that say what it is."""
    body = f'{{"items": [{json.dumps(ALONE)[:-1]}, "id": "{id_}"}}]}}'.encode()
    answer = client.post("/scores", content=body, headers=JSON)
    assert_problem(answer, status=400, slug="malformed-body")
    assert "half of an emoji" in answer.json()["detail"]
    whole = body.replace(id_.encode(), rb"\ud83d\ude00")
    assert client.post("/scores", content=whole, headers=JSON).json()["results"][0]["id"] == "😀"
