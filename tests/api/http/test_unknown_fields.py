"""Messages about unknown fields: the field that was meant, and the work that a hostile name can cause."""

import difflib
from typing import Any

import httpx
import msgspec
import pytest

from adlrisk.api.endpoints.account.schema import AccountRequest, Leg
from adlrisk.api.endpoints.adl.schema import PartialRequest
from adlrisk.api.endpoints.queue.schema import RankRequest
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.http import codecs
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.http.validation import decode_body
from support.running import example

SCORE, ACCOUNT = example("score.request"), example("account.request")
RANK, COLUMNS = example("queue-rank.request"), example("queue-rank-columns.request")
LEG = ACCOUNT["positions"][0]
BOTH = pytest.mark.parametrize("codec", [codecs.JSON, codecs.MSGPACK], ids=["JSON", "MessagePack"])


def in_position(**given: Any) -> dict[str, Any]:
    return {**SCORE, "position": {**SCORE["position"], **given}}


def detail_of(kind: Any, request: Any, codec: codecs.Codec) -> tuple[str, str]:
    """Pointer and detail of the problem with a body."""
    with pytest.raises(ProblemError) as refused:
        decode_body(codec.build_decoder(kind), codec.encode(request))
    (error,) = refused.value.errors
    return error.pointer, error.detail


@BOTH
@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("entry_prise", "entry_price"), ("entryPrice", "entry_price"), ("mark-price", "mark_price"),
        ("walletBalance", "wallet_balance"), ("wallet_balnce", "wallet_balance"), ("contractSize", "contract_size"),
        ("ContractSize", "contract_size"), ("maintenanceMargin", "maintenance_margin"), ("leverages", "leverage"),
        ("lever", "leverage"),
        # Binance, OKX, Bybit and ccxt
        ("unRealizedProfit", "unrealized_pnl"), ("upl", "unrealized_pnl"), ("unrealisedPnl", "unrealized_pnl"),
        ("positionAmt", "size"), ("contracts", "size"), ("qty", "size"), ("avgPx", "entry_price"),
        ("positionSide", "side"), ("maintMargin", "maintenance_margin"), ("adlQuantile", "adl_meter"),
        ("maintenanceMarginPercentage", "maintenance_margin_rate"),
    ],
)  # fmt: skip
def test_a_name_that_is_nearly_right_has_the_field_that_was_meant(codec: codecs.Codec, sent: str, meant: str) -> None:
    """A slip of the pen, another case, or the name that a venue or ccxt has for it."""
    expected = f"/position/{sent}", f"unknown field: did you mean `{meant}`?"
    assert detail_of(ScoreRequest, in_position(**{sent: 1}), codec) == expected


@BOTH
@pytest.mark.parametrize("sent", ["foo", "", "€", "e", "isolatedMargin", "mmr", "id", "x" * 64, "entry_price" * 9])
def test_a_name_that_is_like_none_has_no_guess(codec: codecs.Codec, sent: str) -> None:
    """Nor has one that means different figures at different venues."""
    assert detail_of(ScoreRequest, in_position(**{sent: 1}), codec)[1] == "unknown field"


@BOTH
@pytest.mark.parametrize(
    ("kind", "request_", "pointer", "meant"),
    [
        (AccountRequest, {"market": {}, **ACCOUNT}, "/market", "markets"),
        (AccountRequest, {"legs": [LEG], **ACCOUNT}, "/legs", "positions"),
        (AccountRequest, {"exchange": "okx", **ACCOUNT}, "/exchange", "venue"),
        (Leg, {**LEG, "marginType": "cross"}, "/marginType", "margin_mode"),
        (ScoreRequest, {**SCORE, "market": {"fundingRate": 0.1}}, "/market/fundingRate", "funding_rate"),
        (PartialRequest, {**example("adl-partial.request"), "marginMode": "cross"}, "/marginMode", "margin_mode"),
        (
            RankRequest,
            {**RANK, "positions": [*RANK["positions"], {"entryPrice": 1}]},
            f"/positions/{len(RANK['positions'])}/entryPrice",
            "entry_price",
        ),
        (RankRequest, {**COLUMNS, "columns": {"entryPrice": [1]}}, "/columns/entryPrice", "entry_price"),
    ],
)
def test_the_guess_is_a_field_of_the_object_that_has_it(
    codec: codecs.Codec, kind: Any, request_: Any, pointer: str, meant: str
) -> None:
    """At the top, in a list, and in an object that may be left out."""
    assert detail_of(kind, request_, codec) == (pointer, f"unknown field: did you mean `{meant}`?")


@BOTH
def test_a_position_in_a_leg_belongs_in_the_leg_itself(codec: codecs.Codec) -> None:
    """As `POST /score` has it; also with nothing before it that could be missing."""
    wrapped = {"id": "btc", "symbol": "BTCUSDT", "position": SCORE["position"]}
    detail = "unknown field: what is in it belongs one level up, without this object around it"
    assert detail_of(Leg, wrapped, codec) == ("/position", detail)
    assert detail_of(Leg, {**LEG, "position": {"colour": "red"}}, codec) == ("/position", "unknown field")


@BOTH
def test_legs_and_items_have_the_guess_in_their_place(client: httpx.Client, codec: codecs.Codec) -> None:
    """Over HTTP, beside legs and items that are right."""
    wrong = {"entryPrice": 60000}
    for path, request, field, answered in (
        ("/account", {**ACCOUNT, "positions": [LEG, {"id": "x", **wrong}]}, "positions/1", "positions"),
        ("/scores", {"items": [SCORE, {"position": wrong}]}, "items/1/position", "results"),
    ):
        headers = {"content-type": codec.media_types[0], "accept": codec.media_types[0]}
        answer = client.post(path, content=codec.encode(request), headers=headers).raise_for_status()
        decode = msgspec.json.decode if codec is codecs.JSON else msgspec.msgpack.decode
        assert decode(answer.content)[answered][1]["errors"] == [
            {"pointer": f"/{field}/entryPrice", "detail": "unknown field: did you mean `entry_price`?"}
        ]


def test_hostile_names_are_compared_with_few_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """One name of a body at most, only if it is short, and only with fields of its length and first letter."""
    compared = []

    def record(name: str, alike: list[str], **_: object) -> list[str]:
        compared.append((name, alike))
        return []

    monkeypatch.setattr(difflib, "get_close_matches", record)
    many = {f"entry_prise_{n}": 1 for n in range(1_000)}
    for request in (in_position(**many), in_position(**{"e" * 60_000: 1}), in_position(**{"e" * 33: 1})):
        assert detail_of(ScoreRequest, request, codecs.JSON)[1] == "unknown field"
    ((name, alike),) = compared
    assert (name, alike) == ("entryprise0", ["entryprice"])
