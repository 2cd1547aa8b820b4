"""``POST /fills/classify``: every fill has a kind in its place, as the card in force says, and is never logged."""

import io
import itertools
import json
import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import numpy as np
import pytest

import adlrisk
from adlrisk.api.app import create_app
from adlrisk.api.dispatch.endpoint import Call, Encoded, Steps
from adlrisk.api.endpoints.fills.classify import _handle_classify
from adlrisk.api.endpoints.fills.schema import FillsRequest
from adlrisk.api.endpoints.shared import batch
from adlrisk.api.http.headers import Headers
from adlrisk.domain.rules.classification import ClassifiedFill
from adlrisk.settings import Settings
from adlrisk.venues.catalogue import load_catalogue
from support.fill_facts import FILLS
from support.hostile.failure_cases import JSON, MSGPACK
from support.running import EXAMPLES, serving, without_age

ADL = {"execType": "AdlTrade", "execQty": "0.5"}
OWN = {"execType": "Trade", "createType": "CreateByUser"}


def post(client: httpx.Client, venue: str, fills: list[Any]) -> list[dict[str, Any]]:
    """The results, which are the same in both formats and in the library."""
    body = {"venue": venue, "fills": fills}
    answer = client.post("/fills/classify", json=body).raise_for_status().json()
    packed = client.post(
        "/fills/classify", content=msgspec.msgpack.encode(body), headers={**MSGPACK, "accept": "application/msgpack"}
    )
    assert msgspec.msgpack.decode(packed.content) == answer
    assert msgspec.to_builtins(adlrisk.classify_fills(body).results) == answer["results"]
    assert answer["venue"]["id"] == load_catalogue()[venue].rules.id
    results: list[dict[str, Any]] = answer["results"]
    return results


def kinds_of(results: list[dict[str, Any]]) -> list[str]:
    return [result["kind"] for result in results]


@pytest.mark.parametrize("venue", sorted(FILLS))
def test_documented_fills_have_their_kinds_in_order(client: httpx.Client, venue: str) -> None:
    """As the venue gives them, and as ccxt does, with fields of its own that say something else."""
    fills = [fill.raw for fill in FILLS[venue]]
    unified = {"timestamp": 1, "datetime": "", "type": "limit", "text": "web", "dir": "Open Long", "category": 1}
    told = [(fill.kind, fill.side_of) for fill in FILLS[venue]]
    for sent in (fills, [{**unified, "info": fill} for fill in fills]):
        assert [(result["kind"], result["side_of"]) for result in post(client, venue, sent)] == told


def test_a_venue_without_rules_knows_no_fill(client: httpx.Client) -> None:
    """Nothing is `own` by default, at a venue of which nothing is known or at none that is listed."""
    for venue in ("generic", "bingx", "lbank"):
        assert kinds_of(post(client, venue, [ADL, OWN, {}, None])) == ["unknown"] * 4


@pytest.mark.parametrize("count", [1, 99, 100, 101, 10_000])
def test_each_fill_has_its_result_in_its_place(client: httpx.Client, count: int) -> None:
    """However many there are, and wherever blocks of results begin."""
    sent = [(ADL, OWN, None)[index % 3] for index in range(count)]
    expected = [("adl", "own", "unknown")[index % 3] for index in range(count)]
    assert kinds_of(post(client, "bybit", sent)) == expected


def test_a_fill_has_the_size_limit_of_a_score(client: httpx.Client) -> None:
    """Beyond 64 KiB it is unknown and affects no other, since a turn can only end between fills."""
    fills = [json.dumps(ADL)[:-1] + " " * (size - len(json.dumps(ADL))) + "}" for size in (65_536, 65_537)]
    body = f'{{"venue":"bybit","fills":[{",".join([*fills, json.dumps(OWN)])}]}}'
    results = client.post("/fills/classify", content=body, headers=JSON).json()["results"]
    assert kinds_of(results) == ["adl", "unknown", "own"]
    assert results[1]["note"] == "It cannot be read: The item may be at most 65536 bytes long"
    megabytes = json.dumps({"venue": "bybit", "fills": [{**ADL, "x": "x" * (7 << 20)}, ADL]})
    answer = client.post("/fills/classify", content=megabytes, headers=JSON).json()
    assert kinds_of(answer["results"]) == ["unknown", "adl"]


def test_other_requests_have_their_turn_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that takes 0.25 ms for a fill yields after every fifth at the latest, and works on where it was."""
    clock = itertools.count()
    monkeypatch.setattr(batch, "time", SimpleNamespace(perf_counter=lambda: next(clock) / 4_000))
    body = msgspec.json.encode({"venue": "bybit", "fills": [ADL, OWN] * 500})
    context = create_app(Settings(), log=io.StringIO()).context
    request = msgspec.json.decode(body, type=FillsRequest)
    turns, encoded = drive(_handle_classify(Call(context=context, headers=Headers(()), request_id="a", body=request)))
    assert turns >= 1_000 // 5
    assert kinds_of(json.loads(b"".join(encoded.pieces))["results"]) == ["adl", "own"] * 500


def drive(steps: Steps[Encoded]) -> tuple[int, Encoded]:
    """How often a handler yields, and what it returns."""
    for turns in itertools.count():
        try:
            assert next(steps) is None
        except StopIteration as ended:
            return turns, ended.value
    raise LookupError


def test_fills_are_counted_by_venue_and_kind() -> None:
    """Each fill counts once, under the venue's own id, whatever name the request has for it."""
    with serving() as (_, client):
        fills = [{"fillType": "maker"}, {"fillType": "unwindCounterparty"}, {"fillType": "maker"}, 7]
        post(client, "krakenfutures", fills)
        counted = [line for line in client.get("/metrics").text.splitlines() if line.startswith("adlrisk_fills_total")]
    assert sorted(counted) == [
        f'adlrisk_fills_total{{kind="{kind}",venue="kraken"}} {2.0 * times}'  # in both formats
        for kind, times in (("adl", 1), ("own", 2), ("unknown", 1))
    ]


def test_no_fill_is_logged() -> None:
    """Neither ids nor amounts nor unknown values are in a log line, at the most talkative level."""
    private = ("of-a-trader-alone", "31415.9265", "NeverHeardOf")
    fills = [
        {**ADL, "execId": private[0], "execQty": private[1]},
        {"execType": private[2]},
        {"timestamp": 1, "datetime": "", "info": {**OWN, "execId": private[0]}},
        private[0],
    ]
    with serving(log_level="debug") as (server, client):
        post(client, "bybit", fills)
        broken = json.dumps({"venue": "bybit", "fills": fills})
        for body in (broken[:-1], broken.replace("bybit", "nowhere"), broken.replace('"fills"', f'"{private[0]}"')):
            assert client.post("/fills/classify", content=body, headers=JSON).status_code in (400, 422)
        lines = server.log.getvalue()
        assert len(server.log_lines()) >= 5
    assert not [word for word in private if word in lines]


def test_a_card_of_the_operators_decides(tmp_path: Path) -> None:
    """Rules of a local card are followed like those of a bundled one, and unknown stays what they do not know."""
    card = (Path(load_catalogue.__code__.co_filename).parent / "cards" / "lbank.toml").read_text()
    rule = '[[fills.rules]]\nkind = "adl"\nfield = "a.b"\nequals = "true"\nconfidence = "inferred"\nnote = "Ours."\n'
    (tmp_path / "lbank.toml").write_text(f"{card}\n{rule}")
    with serving(cards_dir=str(tmp_path)) as (_, client):
        body = {"venue": "lbank", "fills": [{"a": {"b": True}}, {"a": {"b": 1}}]}
        answer = client.post("/fills/classify", json=body).json()
    marker = {"field": "a.b", "value": "true"}
    known = {"kind": "adl", "side_of": None, "marker": marker, "confidence": "inferred", "note": "Ours."}
    assert answer["results"][0] == known
    assert kinds_of(answer["results"]) == ["adl", "unknown"]
    assert answer["venue"]["source"] == "local"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("fills-*.request.json")), ids=lambda path: path.name)
def test_library_and_service_answer_alike(client: httpx.Client, path: Path) -> None:
    """The same request gives the same answer with and without HTTP, as a dict and as a Struct."""
    request = json.loads(path.read_bytes())
    answered = client.post("/fills/classify", json=request).json()
    for given in (request, adlrisk.Fills(**request), {**request, "fills": tuple(request["fills"])}):
        found = json.loads(msgspec.json.encode(adlrisk.classify_fills(given)))
        assert without_age(found) == without_age(answered)


class Odd:
    """A value that no format has."""


def test_the_library_takes_fills_of_any_type() -> None:
    """What no rule knows is unknown, also what JSON lacks, and what contains itself."""
    within: dict[str, Any] = {}
    within["info"] = within
    endless: list[Any] = []
    endless.append(endless)
    strange = [Odd(), Decimal(4), endless, within, {"execType": Odd()}, {"execType": 10**5000}, {Odd(): 1}, b"AdlTrade"]
    strange += [np.str_("x"), {"execType": np.str_("Funding")}]
    answer = adlrisk.classify_fills({"venue": "bybit", "fills": strange})
    assert [fill.kind for fill in answer.results] == ["unknown"] * 9 + ["funding"]
    assert all(isinstance(fill, ClassifiedFill) for fill in answer.results)


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"venue": "bybit"}, "/fills: required"),
        ({"fills": [ADL]}, "/venue: required"),
        ({"venue": "bybit", "fills": []}, "/fills: must not be empty"),
        ({"venue": "bybit", "fills": [0] * 10_001}, "/fills: must have at most 10000 items, not 10001"),
        ({"venue": "bybit", "fills": "AdlTrade"}, "/fills: must be an array, not text"),
        ({"venue": 7, "fills": [ADL]}, "/venue: must be"),
        ({"venue": "bybit", "fills": [ADL], "symbol": "X"}, "/symbol: unknown field"),
        (adlrisk.Fills(venue="bybit", fills=[]), "/fills: must not be empty"),
        (adlrisk.Fills(venue="bybit", fills=iter([ADL])), "/fills: must be an array"),  # type: ignore[arg-type]
        ([ADL], "the request: must be an object, not an array"),
        (None, "the request: must be an object, not null"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_the_library_refuses_what_the_service_does(request_: Any, says: str) -> None:
    """A request that is none is a ValidationError that names the field."""
    with pytest.raises(adlrisk.ValidationError, match=re.escape(says)):
        adlrisk.classify_fills(request_)
    with pytest.raises(adlrisk.UnknownVenueError):
        adlrisk.classify_fills({"venue": "nowhere", "fills": [ADL]})
