"""Every method of both clients against the service: what it answers is what plain HTTP answers, in either format."""

import io
import itertools
import json
import math
from collections.abc import Iterator
from typing import Any

import httpx2
import msgspec
import pytest

from adlrisk.api.app import ENDPOINTS, create_app
from adlrisk.api.http.problems import Problem
from adlrisk.client import AsyncClient, Client
from support.client.both import WAYS, InProcess, Way, connect, to_json
from support.client.calls import CALLS, METHODS, ClientCall, is_for_browsers
from support.running import ADMIN_KEY, WEDNESDAY, WRITABLE, RunningServer

FORMATS = pytest.mark.parametrize("json_", [False, True], ids=["msgpack", "json"])
BOTH = pytest.mark.parametrize("way", WAYS)

NOT_ALIKE = {"getMetrics"}  # counts each request


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """The shipped server, which an operator may change."""
    with RunningServer(WRITABLE, log=io.StringIO()) as running:
        yield running


@pytest.fixture(scope="module")
def in_process() -> Iterator[InProcess]:
    """The application without a socket."""
    settings = msgspec.structs.replace(WRITABLE, inline_book_bytes=1 << 30, log_level="error")
    app = create_app(settings, clock=lambda: WEDNESDAY, log=io.StringIO())
    app.context.worker_pool._inline_rows = math.inf  # noqa: SLF001 (else long work would go to a worker)
    transport = InProcess(app)
    transport.start()
    yield transport
    transport.stop()


@pytest.fixture(
    scope="module", params=itertools.product(["server", "in-process"], WAYS, ["msgpack", "json"]), ids="-".join
)
def pair(
    request: pytest.FixtureRequest, server: RunningServer, in_process: InProcess
) -> Iterator[tuple[Any, httpx2.Client]]:
    """Each kind of client, of the server and of the application without one, and one of plain HTTP to the same."""
    where, way, form = request.param
    transport = in_process if where == "in-process" else None
    key = {"authorization": f"Bearer {ADMIN_KEY}"}
    with (
        connect(
            way, server.url, api_key=ADMIN_KEY, json=form == "json", read_timeout=60.0, transport=transport
        ) as client,
        httpx2.Client(base_url=server.url, headers=key, timeout=60.0, transport=transport) as plain,
    ):
        yield client, plain


def without_instances(answer: Any) -> Any:
    """An answer without the ids of its request, which problems among its items have."""
    if isinstance(answer, list):
        return [without_instances(item) for item in answer]
    if isinstance(answer, dict):
        return {name: without_instances(value) for name, value in answer.items() if name != "instance"}
    return answer


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_method_answers_what_plain_http_answers(pair: tuple[Any, httpx2.Client], call: ClientCall) -> None:
    """To each example of each endpoint, the method's Struct has what the JSON of the endpoint has, and nothing else."""
    client, plain = pair
    if METHODS[call.endpoint.operation_id] == "market":
        client.put_market(*call.arguments, funding_rate=0.001)
    answer, expected = call.make(client), plain.request(call.endpoint.method, call.path, json=call.body)
    assert expected.status_code == 200, expected.text
    if call.endpoint.operation_id == "getMetrics":  # counts each request
        assert isinstance(answer, str)
        assert answer.partition(" ")[0] == expected.text.partition(" ")[0] == "#"
        return
    kind = call.endpoint.answers[200].type
    assert type(answer) is (kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else dict)
    assert without_instances(to_json(answer)) == without_instances(expected.json())


def test_every_endpoint_has_a_method() -> None:
    """All but pages for browsers, in both clients, and no method is of another endpoint."""
    operations = {endpoint.operation_id for endpoint in ENDPOINTS if not is_for_browsers(endpoint)}
    assert operations == set(METHODS)
    for client, ends in ((Client, {"close"}), (AsyncClient, {"aclose"})):
        public = {name for name in vars(client) if not name.startswith("_")}
        assert public == {*METHODS.values(), "from_ccxt", *ends}


@BOTH
@FORMATS
def test_items_are_structs_or_problems(server: RunningServer, way: Way, json_: bool) -> None:
    """A score, a brief score and a leg have their Structs in the list, and one that is refused is a problem there."""
    position = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 100, "margin": 50}
    wrong = {**position, "size": -1}
    with connect(way, server.url, json=json_) as client:
        for detail, kind in (("full", "ScoreAnswer"), ("brief", "BriefScore")):
            items = [{"position": position}, {"position": wrong, "id": "wrong"}]
            good, bad = client.scores(items=items, detail=detail).results
            assert type(good).__name__ == kind
            assert isinstance(bad, Problem)
            assert (bad.id, bad.errors[0].pointer) == ("wrong", "/items/1/position/size")
        legs = [{**position, "margin_mode": "isolated", "id": "a"}, {**wrong, "margin_mode": "isolated", "id": "b"}]
        good, bad = client.account(venue="okx", positions=legs).positions
        assert (type(good).__name__, good.id) == ("ScoredLeg", "a")
        assert isinstance(bad, Problem)


@BOTH
@FORMATS
def test_the_format_is_the_one_that_was_chosen(way: Way, json_: bool) -> None:
    """Bodies and answers are MessagePack, or JSON where that was asked for; nothing else is accepted."""
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        problem = {"type": "/problems/not-found", "title": "", "status": 404, "detail": "", "instance": "i"}
        return httpx2.Response(404, content=json.dumps(problem), headers={"content-type": "application/problem+json"})

    with (
        connect(way, "http://x", json=json_, transport=httpx2.MockTransport(answer), api_key="k") as client,
        pytest.raises(Exception, match="not-found"),
    ):
        client.score(position={"side": "long"})
    media_type = "application/json" if json_ else "application/msgpack"
    assert seen[0].headers["content-type"] == seen[0].headers["accept"] == media_type
    assert seen[0].headers["authorization"] == "Bearer k"
    decode = msgspec.json.decode if json_ else msgspec.msgpack.decode
    assert decode(seen[0].content) == {"position": {"side": "long"}}


@BOTH
def test_a_change_with_if_match_is_made_once(server: RunningServer, way: Way) -> None:
    """The revision of the card is what it goes by; a stale one is the problem that says so, and a reset undoes it."""
    with connect(way, server.url, api_key=ADMIN_KEY) as client:
        before = client.venue("bybit").venue.revision
        changed = client.patch("bybit", if_match=before, score={"leverage": 7.0})
        assert changed.score.leverage == 7.0
        with pytest.raises(Exception, match="precondition-failed"):
            client.patch("bybit", if_match=before, score={"leverage": 8.0})
        assert client.venue("bybit").score.leverage == 7.0
        assert client.reset("bybit", if_match=changed.venue.revision).venue.revision == before
