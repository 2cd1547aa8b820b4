"""What is sent: what was given, in plain values, and nothing else."""

from collections import OrderedDict
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import httpx2
import msgspec
import numpy as np
import pytest

from adlrisk import BookColumns, Leg, Market, Position
from adlrisk.api.endpoints.score.schema import ScoresItem
from adlrisk.client import ClientError, UnsendableError
from adlrisk.venues.overrides import ThresholdsPatch
from support.client.both import WAYS, Way, connect

FORMATS = pytest.mark.parametrize("json_", [False, True], ids=["msgpack", "json"])
BOTH = pytest.mark.parametrize("way", WAYS)
POSITION: dict[str, Any] = {"side": "long", "size": 1.0, "entry_price": 100.0, "mark_price": 100.0}


def send(method: str, *parts: str, way: Way = "sync", json_: bool = False, **fields: Any) -> Any:
    """The body that the call sends."""
    bodies: list[bytes] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        bodies.append(request.content)
        return httpx2.Response(404)

    with (
        connect(way, "http://x", json=json_, transport=httpx2.MockTransport(refuse)) as client,
        pytest.raises(ClientError, match="answered 404"),
    ):
        getattr(client, method)(*parts, **fields)
    return (msgspec.json.decode if json_ else msgspec.msgpack.decode)(bodies[0])


@BOTH
@FORMATS
def test_struct_sends_what_it_was_given(way: Way, json_: bool) -> None:
    """Fields with their default are left out, so that a service that does not know them yet is not bothered by them."""
    options: dict[str, Any] = {"way": way, "json_": json_}
    assert send("score", position=Position(**POSITION), **options) == {"position": POSITION}
    assert send("score", position=Position(**POSITION), market=Market(), **options)["market"] == {}
    leg = Leg(id="a", margin_mode="isolated", margin=5.0, **POSITION)
    assert send("account", venue="okx", positions=[leg], **options) == {
        "venue": "okx",
        "positions": [{**POSITION, "id": "a", "margin_mode": "isolated", "margin": 5.0}],
    }
    item = ScoresItem(id="x", position=Position(**POSITION), as_of="2026-11-18T12:00:00Z")
    expected = {"id": "x", "position": POSITION, "as_of": "2026-11-18T12:00:00Z"}
    assert send("scores", items=[item], **options) == {"detail": "full", "items": [expected]}


def test_null_is_sent_where_it_was_given() -> None:
    """In a patch it restores a default, whether it is of a dict or of a Struct."""
    assert send("patch", "okx", score=ThresholdsPatch(profit=None, leverage=5.0), contracts=None) == {
        "score": {"profit": None, "leverage": 5.0},
        "contracts": None,
    }


@FORMATS
def test_values_of_other_libraries_are_plain(json_: bool) -> None:
    """Decimals, fractions, numpy's scalars and arrays, tuples, other mappings, and aware datetimes."""
    arrays: Any = {"size": np.array([1, 2]), "entry_price": (100.0, np.float32(50))}
    columns = BookColumns(id=["a", "b"], side=["long", "short"], margin=None, **arrays)
    sent = send(
        "rank",
        json_=json_,
        venue="okx",
        mark_price=Decimal("100.5"),
        contract_size=Fraction(1, 2),
        columns=OrderedDict(leverage=np.array([1.5, 2.5])),
        top=np.int64(3),
    )
    assert sent == {
        "venue": "okx", "mark_price": 100.5, "contract_size": 0.5, "columns": {"leverage": [1.5, 2.5]}, "top": 3.0
    }  # fmt: skip
    assert send("rank", json_=json_, venue="okx", mark_price=1, columns=columns)["columns"] == {
        "id": ["a", "b"], "side": ["long", "short"], "size": [1.0, 2.0], "entry_price": [100.0, 50.0]
    }  # fmt: skip
    as_of = datetime(2026, 11, 18, 12, tzinfo=UTC)
    assert send("score", json_=json_, position=POSITION, as_of=as_of)["as_of"] == "2026-11-18T12:00:00Z"


LOOP: list[Any] = []
LOOP.append(LOOP)


@BOTH
@FORMATS
@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"position": {**POSITION, "margin": float("nan")}}, "^/position/margin: nan is no number"),
        ({"position": Position(**{**POSITION, "margin": float("inf")})}, "^/position/margin: inf is no number"),
        ({"position": {**POSITION, "size": Decimal("NaN")}}, "^/position/size: nan is no number"),
        ({"position": {"size": np.array([1.0, np.nan])}}, "^/position/size/1: nan is no number"),
        ({"position": POSITION, "as_of": datetime(2026, 11, 18)}, "^/as_of: .*without a timezone"),  # noqa: DTZ001
        ({"position": {"side": b"long"}}, "^/position/side: a value of type bytes is no number, text or flag"),
        ({"position": {"size": {1, 2}}}, "^/position/size: a value of type set"),
        ({"position": {1: 2}}, "^/position/1: a field has a name that is no text"),
        ({"position": {"side": "\ud800"}}, "^the request: .*surrogates"),
        ({"position": {"size": 10**400}}, "^/position/size: an integer of more than 64 bits"),
        ({"position": {"size": LOOP}}, "nested too deeply"),
        ({"position": {"size": object()}}, "^/position/size: a value of type object"),
    ],
)
def test_what_no_request_can_have_is_not_sent(way: Way, json_: bool, fields: dict[str, Any], why: str) -> None:
    """A number that is not finite would be null in JSON, and so unknown: it is refused by its place."""
    sent: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(404)

    with (
        connect(way, "http://x", json=json_, transport=httpx2.MockTransport(answer)) as client,
        pytest.raises(UnsendableError, match=why),
    ):
        client.score(**fields)
    assert sent == []


def test_parts_of_a_path_cannot_leave_it() -> None:
    """A slash or a question mark in a venue or a symbol is a part of the name."""
    paths: list[bytes] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        paths.append(request.url.raw_path)
        return httpx2.Response(404)

    with connect("sync", "http://x/under", transport=httpx2.MockTransport(refuse)) as client:
        for venue, symbol in (("okx/override", "a?b#c"), ("ö", "BTC-USDT")):
            with pytest.raises(ClientError):
                client.market(venue, symbol)
    assert paths == [b"/under/venues/okx%2Foverride/markets/a%3Fb%23c", b"/under/venues/%C3%B6/markets/BTC-USDT"]


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x", ""])
def test_url_of_another_kind_is_refused_at_once(url: str) -> None:
    """Where the client is made, not at its first call."""
    with pytest.raises(ValueError, match="is no URL of a service"):
        connect("sync", url)
    with pytest.raises(ValueError, match="attempts must be at least 1"):
        connect("sync", "http://x", attempts=0)


@BOTH
def test_timeouts_are_those_that_were_chosen(way: Way) -> None:
    """Two seconds for a connection and ten without a byte, unless others are given."""
    seen: list[dict[str, float]] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.extensions["timeout"])
        return httpx2.Response(404)

    for given in ({}, {"connect_timeout": 0.5, "read_timeout": 60.0}):
        with (
            connect(way, "http://x", transport=httpx2.MockTransport(refuse), **given) as client,
            pytest.raises(ClientError),
        ):
            client.venues()
    assert [(timeout["connect"], timeout["read"]) for timeout in seen] == [(2.0, 10.0), (0.5, 60.0)]
