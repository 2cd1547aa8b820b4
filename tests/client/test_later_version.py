"""Answers of a later version of the service: with enum values and fields that this one does not know."""

import io
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import msgspec
import pytest

from adlrisk.api.http.problems import Problem
from adlrisk.client import ProblemError, UnreadableAnswerError
from adlrisk.domain.rules.meter import LevelMeter
from support.client.both import WAYS, Way, connect, to_json
from support.client.calls import CALLS, METHODS, ClientCall
from support.running import ADMIN_KEY, ROOT, WRITABLE, RunningServer, load_script

LATER = load_script(ROOT / "tests" / "clients" / "later_version.py")
DOCUMENT = json.loads((ROOT / "openapi" / "openapi.json").read_bytes())
WITH_STRUCTS = [call for call in CALLS if METHODS[call.endpoint.operation_id] not in {"metrics", "openapi"}]
FORMATS = pytest.mark.parametrize("json_", [False, True], ids=["msgpack", "json"])
BOTH = pytest.mark.parametrize("way", WAYS)


@pytest.fixture(scope="module")
def answers() -> Iterator[httpx2.Client]:
    """Asks the service of this version."""
    with (
        RunningServer(WRITABLE, log=io.StringIO()) as server,
        httpx2.Client(base_url=server.url, headers={"authorization": f"Bearer {ADMIN_KEY}"}, timeout=60.0) as client,
    ):
        client.put("/venues/binance/markets/BTCUSDT", json={"funding_rate": 0.001})
        yield client


def renew(answer: Any, call: ClientCall) -> Any:
    """``answer`` with a new value for each open enum, and a new field in each object."""
    operation = DOCUMENT["paths"][call.endpoint.path][call.endpoint.method.lower()]
    return LATER.renew(answer, operation["responses"]["200"]["content"]["application/json"]["schema"], DOCUMENT)


def without_later_fields(answer: Any) -> Any:
    if isinstance(answer, list):
        return [without_later_fields(item) for item in answer]
    if isinstance(answer, dict):
        return {name: without_later_fields(value) for name, value in answer.items() if name != "a_later_field"}
    return answer


def answering(content: Any, *, json_: bool, status: int = 200, media_type: str | None = None) -> httpx2.MockTransport:
    """A service that answers everything with ``content``."""
    encoded = msgspec.json.encode(content) if json_ else msgspec.msgpack.encode(content)
    named = media_type or ("application/json" if json_ else "application/msgpack")
    return httpx2.MockTransport(lambda _: httpx2.Response(status, content=encoded, headers={"content-type": named}))


@BOTH
@FORMATS
@pytest.mark.parametrize("call", WITH_STRUCTS, ids=lambda call: call.name)
def test_answer_of_a_later_version_is_read(answers: httpx2.Client, call: ClientCall, way: Way, json_: bool) -> None:
    """It is of the same Struct, has every field of this version with the value that was sent, and no other field."""
    known = answers.request(call.endpoint.method, call.path, json=call.body).json()
    later = renew(known, call)
    assert later != known
    with connect(way, "http://x", json=json_, transport=answering(later, json_=json_)) as client:
        answer = call.make(client)
    assert isinstance(answer, call.endpoint.answers[200].type)
    assert to_json(answer) == without_later_fields(later)


@FORMATS
def test_new_value_comes_with_the_same_methods_and_kinds(answers: httpx2.Client, json_: bool) -> None:
    """What is inside is of its Struct too, and properties work, so that nothing but the value is new to a bot."""
    card = answers.get("/venues/okx").json()
    card["ranking"]["formula"] = card["mechanism"] = card["confidence"] = "a-later-value"
    with connect("sync", "http://x", json=json_, transport=answering(card, json_=json_)) as client:
        read = client.venue("okx")
    assert (read.ranking.formula, read.mechanism, read.confidence) == ("a-later-value",) * 3
    assert isinstance(read.meter, LevelMeter)
    assert str(read.checked) == min(source["read"] for source in card["sources"])
    assert repr(read).startswith("VenueCard(")


@FORMATS
def test_object_of_a_new_kind_is_a_dict(answers: httpx2.Client, json_: bool) -> None:
    """A meter with a scale that this version does not know is what was sent; everything else is as usual."""
    card = answers.get("/venues/okx").json()
    card["meter"] = {"scale": "a-later-scale", "field": "adl", "colours": ["green", "red"]}
    with connect("sync", "http://x", json=json_, transport=answering(card, json_=json_)) as client:
        read = client.venue("okx")
    assert read.meter == card["meter"]
    assert read.name == card["name"]


@BOTH
@FORMATS
def test_items_of_a_later_version_are_told_apart(way: Way, json_: bool) -> None:
    """A problem of a new type with new fields is a ``Problem`` in its place."""
    problem = {
        "type": "/problems/a-later-type", "title": "t", "status": 422, "detail": "d", "instance": "i", "errors": [],
        "id": "x", "a_later_field": 1,
    }  # fmt: skip
    brief = {
        "id": "y", "score": 3, "score_upper": 3, "band": "odd", "band_upper": "odd", "standing": "beside",
        "danger": "x", "alerts": ["later"], "liquidation_price": None, "type": "a score",
    }  # fmt: skip
    with connect(
        way, "http://x", json=json_, transport=answering({"results": [problem, brief]}, json_=json_)
    ) as client:
        refused, scored = client.scores(items=[{}, {}], detail="brief").results
    assert isinstance(refused, Problem)
    assert (refused.type, refused.id) == ("/problems/a-later-type", "x")
    assert (scored.band, scored.alerts) == ("odd", ("later",))


@BOTH
def test_problem_of_a_later_version_is_a_problem(way: Way) -> None:
    """Its slug is the one that was sent."""
    problem = {"type": "/problems/later2", "title": "t", "status": 451, "detail": "d", "instance": "i", "more": [1]}
    service = answering(problem, json_=True, status=451, media_type="application/problem+json")
    with (
        connect(way, "http://x", transport=service) as client,
        pytest.raises(ProblemError, match="451 later2: d") as it,
    ):
        client.venues()
    assert (it.value.slug, it.value.title, it.value.request_id, it.value.errors) == ("later2", "t", "i", ())


@BOTH
@FORMATS
@pytest.mark.parametrize(
    "wrong", [{}, [], None, 1, {"venues": {}}, {"venues": [{"id": "x"}]}, {"venues": [{"id": 1}]}], ids=str
)
def test_what_has_another_shape_is_no_answer(way: Way, json_: bool, wrong: Any) -> None:
    """Tolerance is for what is new: a field that is missing or of another type is an error, with the decoder's."""
    with (
        connect(way, "http://x", json=json_, transport=answering(wrong, json_=json_)) as client,
        pytest.raises(UnreadableAnswerError, match="GET /venues: answered 200 with what cannot be decoded") as error,
    ):
        client.venues()
    assert isinstance(error.value.__cause__, msgspec.ValidationError)
