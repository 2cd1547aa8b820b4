"""Messages about wrong values in an account: its legs, whose venue it names, and its markets by symbol."""

from typing import Any

import httpx
import msgspec
import pytest

from adlrisk.api.endpoints.account.schema import AccountRequest
from adlrisk.api.http import codecs
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.http.validation import decode_body
from support.running import example

ACCOUNT = example("account.request")
LEG = ACCOUNT["positions"][0]
OWN_ID = "must be the venue's own id of the contract, "
BOTH = pytest.mark.parametrize("codec", [codecs.JSON, codecs.MSGPACK], ids=["JSON", "MessagePack"])


def answer_to(client: httpx.Client, request: Any, codec: codecs.Codec) -> Any:
    """The answer to an account sent in a format, or the problem."""
    headers = {"content-type": codec.media_types[0], "accept": codec.media_types[0]}
    answer = client.post("/account", content=codec.encode(request), headers=headers)
    packed = answer.headers["content-type"] in codecs.MSGPACK.media_types
    return msgspec.msgpack.decode(answer.content) if packed else answer.json()


def detail_of(request: Any, codec: codecs.Codec) -> tuple[str, str]:
    """Pointer and detail of the problem with an account."""
    with pytest.raises(ProblemError) as refused:
        decode_body(codec.build_decoder(AccountRequest), codec.encode(request))
    (error,) = refused.value.errors
    return error.pointer, error.detail


@BOTH
@pytest.mark.parametrize(
    ("venue", "own"), [("binance", "BTCUSDT"), ("binanceusdm", "BTCUSDT"), ("okx", "BTC-USDT-SWAP")]
)
def test_a_unified_symbol_of_a_leg_has_the_id_of_the_accounts_venue(
    client: httpx.Client, codec: codecs.Codec, venue: str, own: str
) -> None:
    """The leg names no venue, its account does."""
    request = {**ACCOUNT, "venue": venue, "positions": [LEG, {**LEG, "id": "x", "symbol": "BTC/USDT:USDT"}]}
    (error,) = answer_to(client, request, codec)["positions"][1]["errors"]
    detail = f"{OWN_ID}probably `{own}`, not a unified symbol such as 'BTC/USDT:USDT'"
    assert error == {"pointer": "/positions/1/symbol", "detail": detail}


@BOTH
def test_a_unified_symbol_among_the_markets_has_its_likely_id(codec: codecs.Codec) -> None:
    """The keys of `markets` are symbols as well, and the wrong one is named."""
    request = {**ACCOUNT, "markets": {"ETHUSDT": {}, "BTC/USDT:USDT": {}}}
    detail = f"each key {OWN_ID}probably `BTCUSDT`, not a unified symbol such as 'BTC/USDT:USDT'"
    assert detail_of(request, codec) == ("/markets", detail)
    request = {**ACCOUNT, "markets": {"ETHUSDT": {}, "BTC USDT": {}}}
    detail = f"each key {OWN_ID}as its API gives it, such as `BTCUSDT`: 1 to 64 of A-Z a-z 0-9 : . _ @ -"
    assert detail_of(request, codec) == ("/markets", detail)


@BOTH
@pytest.mark.parametrize(
    ("market", "detail"),
    [
        ({"funding_rate": "0.0001"}, "funding_rate: must be a number, not text: send 0.0001, without quotation marks"),
        ({"funding_rate": "0.01%"}, "funding_rate: must be a number, a fraction: send 0.0001 for '0.01%'"),
        ({"funding_interval_hours": 1e16}, "funding_interval_hours: must be at most 1000000000000000, not 1e16"),
        ({"liquidation_spike": "no"}, "liquidation_spike: must be true or false, not text"),
        ({"fundingRate": 0.1}, "fundingRate: unknown field: did you mean `funding_rate`?"),
        ("calm", "must be an object, not text"),
    ],
)
def test_a_wrong_value_in_a_market_is_named_by_its_symbol(codec: codecs.Codec, market: Any, detail: str) -> None:
    """Beside markets that are right; the pointer ends at the map, whose keys the decoder does not say."""
    request = {**ACCOUNT, "markets": {"BTCUSDT": {}, "ETHUSDT": market, "SOLUSDT": {"funding_rate": 0.1}}}
    assert detail_of(request, codec) == ("/markets", f"in 'ETHUSDT': {detail}")


@BOTH
def test_in_a_large_account_the_market_is_not_named(codec: codecs.Codec) -> None:
    """A body beyond 64 KiB is not read again, and what is wrong is said all the same."""
    request = {**ACCOUNT, "positions": [LEG] * 700, "markets": {"BTCUSDT": {"funding_rate": "0.0001"}}}
    assert len(codec.encode(request)) > 64 << 10
    assert detail_of(request, codec) == ("/markets", "in one of its values: funding_rate: must be a number, not text")


@BOTH
def test_lengths_are_said_in_plain_words(client: httpx.Client, codec: codecs.Codec) -> None:
    """Of lists, of maps and of text."""
    assert detail_of({**ACCOUNT, "positions": []}, codec) == ("/positions", "must not be empty")
    markets: dict[str, Any] = {f"{n}": {} for n in range(1_001)}
    assert detail_of({**ACCOUNT, "positions": [1] * 1_001}, codec) == (
        "/positions",
        "must have at most 1000 items, not 1001",
    )
    assert detail_of({**ACCOUNT, "markets": markets}, codec) == ("/markets", "must have at most 1000 entries, not 1001")
    legs = [{**LEG, "id": ""}, {**LEG, "id": "x" * 65}, 5]
    answer = answer_to(client, {**ACCOUNT, "positions": legs}, codec)
    assert [leg["errors"][0] for leg in answer["positions"]] == [
        {"pointer": "/positions/0/id", "detail": "must not be empty"},
        {"pointer": "/positions/1/id", "detail": "must have at most 64 characters, not 65"},
        {"pointer": "/positions/2", "detail": "must be an object, not a number"},
    ]


@BOTH
def test_legs_of_one_id_are_told_to_have_their_own(client: httpx.Client, codec: codecs.Codec) -> None:
    """However long the id is, the repair is in the answer."""
    for id_, quoted in (("btc", "'btc'"), ("b" * 64, f"'{'b' * 32}…'")):
        request = {**ACCOUNT, "positions": [{**LEG, "id": id_}, {**LEG, "id": id_}]}
        detail = f"{quoted} is already used at index 0: give each leg an id of its own"
        answer = answer_to(client, request, codec)
        assert (answer["type"], answer["errors"]) == (
            "/problems/duplicate-id",
            [{"pointer": "/positions/1/id", "detail": detail}],
        )
