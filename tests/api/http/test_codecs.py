"""JSON and MessagePack give the same answers everywhere."""

import json
from typing import Any

import httpx
import msgspec
import pytest

from adlrisk.api.app import ENDPOINTS
from adlrisk.api.dispatch.endpoint import Endpoint
from adlrisk.api.endpoints.venues.markets import GET_MARKET, PUT_MARKET
from adlrisk.api.http import codecs
from support.hostile.failure_cases import WORKED, changed
from support.running import example, path_of

PACKED = "application/msgpack"
NEGOTIATED = [endpoint for endpoint in ENDPOINTS if endpoint.negotiates]
REQUESTS = [
    (endpoint, name) for endpoint in NEGOTIATED for name in (endpoint.body.examples if endpoint.body else ("",))
]


def ask(client: httpx.Client, endpoint: Endpoint, name: str, *, sends: str, accepts: str) -> Any:
    """Return the decoded answer of an endpoint to an example, sent and accepted in the given media types."""
    headers = {"accept": accepts, "x-request-id": "same"}
    content = b""
    if name:
        codec = codecs.CODECS[sends]
        content, headers["content-type"] = codec.encode(example(f"{name}.request")), sends
    response = client.request(endpoint.method, path_of(endpoint), content=content, headers=headers)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == accepts
    assert "accept" in response.headers["vary"].lower()
    decode = msgspec.json.decode if accepts == "application/json" else msgspec.msgpack.decode
    return decode(response.content)


@pytest.mark.parametrize(("endpoint", "name"), REQUESTS, ids=lambda part: part if isinstance(part, str) else part.path)
def test_both_formats_give_equal_answers(
    client: httpx.Client, admin: httpx.Client, endpoint: Endpoint, name: str
) -> None:
    """Every endpoint answers the same in all combinations of request and answer format."""
    asked = admin if endpoint.path.startswith("/venues/{venue}") else client
    if endpoint is GET_MARKET:  # of a record that outlives the test
        admin.put(path_of(PUT_MARKET), json={"ttl_seconds": 86_400}).raise_for_status()
    plain = ask(asked, endpoint, name, sends="application/json", accepts="application/json")
    for sends in endpoint.body.media_types if endpoint.body else codecs.MEDIA_TYPES:
        for accepts in codecs.MEDIA_TYPES:
            assert ask(asked, endpoint, name, sends=sends, accepts=accepts) == plain, (sends, accepts)


ACCEPTS = [
    ("*/*", "application/json"),
    ("", "application/json"),
    ("application/*", "application/json"),
    ("text/html, application/json", "application/json"),
    ("application/msgpack", "application/msgpack"),
    ("application/x-msgpack", "application/x-msgpack"),
    ("application/msgpack, */*;q=0.1", "application/msgpack"),
    ("application/json;q=0.5, application/msgpack", "application/msgpack"),
    ("application/json, application/msgpack;q=0.9", "application/json"),
    ("text/html, */*;q=0.1", "application/json"),
    ("application/msgpack;q=0, */*", "application/json"),
    ("application/json;q=0, */*", "application/msgpack"),
    ("application/JSON", "application/json"),
    ("application/json;q=nan, application/msgpack", "application/msgpack"),
    (", ,", "application/json"),
]


@pytest.mark.parametrize(("accept", "chosen"), ACCEPTS)
def test_accept_decides_the_format(client: httpx.Client, accept: str, chosen: str) -> None:
    """The best match by quality wins, JSON among equals; a quality of 0 excludes a format."""
    response = client.post("/score", json=WORKED, headers={"accept": accept})
    assert response.headers["content-type"] == chosen


def test_several_accept_headers_are_one_list(client: httpx.Client) -> None:
    """Two header lines are the same as one list."""
    headers = [("accept", "text/html"), ("accept", PACKED)]
    assert client.get("/venues", headers=headers).headers["content-type"] == PACKED


def test_each_format_has_its_own_etag(client: httpx.Client) -> None:
    """A strong ETag identifies the bytes: the tag of one format does not match the other."""
    plain, packed = (client.get("/venues/okx", headers={"accept": kind}) for kind in ("application/json", PACKED))
    assert plain.headers["etag"] != packed.headers["etag"]
    crossed = client.get("/venues/okx", headers={"accept": PACKED, "if-none-match": plain.headers["etag"]})
    assert crossed.status_code == 200
    same = client.get("/venues/okx", headers={"accept": PACKED, "if-none-match": packed.headers["etag"]})
    assert same.status_code == 304


def test_errors_are_problem_json_in_either_format(client: httpx.Client) -> None:
    """A MessagePack client gets its errors as problem+json, like every client."""
    headers = {"content-type": PACKED, "accept": PACKED}
    content = msgspec.msgpack.encode(changed("position.size", -1))
    response = client.post("/score", content=content, headers=headers)
    assert response.headers["content-type"] == "application/problem+json"
    assert json.loads(response.content)["errors"][0]["pointer"] == "/position/size"


def test_problems_in_a_batch_have_the_batchs_format(client: httpx.Client) -> None:
    """A problem among results is encoded like the results."""
    content = msgspec.msgpack.encode({"items": [WORKED, changed("position.size", -1), 7]})
    response = client.post("/scores", content=content, headers={"content-type": PACKED, "accept": PACKED})
    results = msgspec.msgpack.decode(response.content)["results"]
    assert results[0]["score"] == 8
    assert [result["errors"][0]["pointer"] for result in results[1:]] == ["/items/1/position/size", "/items/2"]


@pytest.mark.parametrize("number", [1e15, 1e-12, 1e14, 3])
def test_bounds_are_inclusive(client: httpx.Client, number: float) -> None:
    """The largest and the smallest number are scored, in both formats, with finite numbers only."""
    position = {"side": "short", "size": number, "entry_price": number, "mark_price": number, "leverage": 10}
    for contract in ("linear", "inverse"):
        request = {"position": {**position, "contract": contract}}
        plain = client.post("/score", json=request)
        assert plain.status_code == 200
        content = msgspec.msgpack.encode(request)
        packed = client.post("/score", content=content, headers={"content-type": PACKED, "accept": PACKED})
        assert msgspec.msgpack.decode(packed.content) == plain.json()
        assert plain.json()["state"]["effective_leverage"] == pytest.approx(10)
