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
    detail = f"each key {OWN_ID}as its API gives it: 1 to 64 of A-Z a-z 0-9 : . _ @ -"
    assert detail_of(request, codec) == ("/markets", detail)
