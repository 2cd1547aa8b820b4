"""Messages about wrong values: what is allowed, and what was probably meant."""

import json
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from adlrisk.api.endpoints.adl.schema import AllocateRequest, PartialRequest
from adlrisk.api.endpoints.queue.schema import RankRequest
from adlrisk.api.endpoints.score.schema import ScoreRequest
from adlrisk.api.http import codecs
from adlrisk.api.http.problems import ProblemError
from adlrisk.api.http.repairs.symbols import guess_symbol
from adlrisk.api.http.validation import decode_body
from adlrisk.venues.catalogue import load_catalogue
from adlrisk.venues.overrides import VenuePatch
from support.running import example

SCORE = example("score.request")
PARTIAL = example("adl-partial.request")
COLUMNS = example("queue-rank-columns.request")


EVENT = {"from": "2026-12-10T13:15:00Z", "to": "2026-12-10T14:00:00Z", "what": "CPI release"}
SIZE = "must be a positive number of contracts (of base coin where `contract_size` is 1) such as 0.5"
TIME = "must be text such as 2026-11-18T12:00:00Z, with seconds and offset, of the years 2000 to 2100"


def detail_of(kind: Any, request: Any, *, codec: codecs.Codec = codecs.JSON) -> tuple[str, str]:
    """Pointer and detail of the problem with a body."""
    with pytest.raises(ProblemError) as refused:
        decode_body(codec.build_decoder(kind), codec.encode(request))
    (error,) = refused.value.errors
    assert refused.value.slug == "invalid-request"
    assert len(refused.value.problem(instance="x").detail) <= 200
    return error.pointer, error.detail


def problem_of(kind: Any, request: Any, codec: codecs.Codec) -> ProblemError | None:
    """The problem with a body, if it has one."""
    try:
        decode_body(codec.build_decoder(kind), codec.encode(request))
    except ProblemError as error:
        return error
    return None


def with_field(path: str, value: Any) -> dict[str, Any]:
    """The worked example of a score with one value set."""
    request: dict[str, Any] = json.loads(json.dumps(SCORE))
    *steps, last = path.split(".")
    target = request
    for step in steps:
        target = target[step]
    target[last] = value
    return request


@pytest.mark.parametrize("codec", [codecs.JSON, codecs.MSGPACK])
@pytest.mark.parametrize(
    ("path", "value", "detail"),
    [
        ("position.side", "sell", "must be `long` or `short`, not 'sell': use `short`"),
        ("position.side", "buy", "must be `long` or `short`, not 'buy': use `long`"),
        ("position.side", "LONG", "must be `long` or `short`, not 'LONG': use `long`"),
        ("position.side", "Short", "must be `long` or `short`, not 'Short': use `short`"),
        ("position.side", -1, "must be `long` or `short`, not -1: use `short`"),
        ("position.side", "BOTH", "must be `long` or `short`, not 'BOTH': the sign of positionAmt says which"),
        ("position.side", "net", "must be `long` or `short`, not 'net': the sign of pos says which"),
        ("position.side", "flat", "must be `long` or `short`, not 'flat'"),
        ("position.adl_meter", {"LONG": 4, "SHORT": 1},
         "must be a number, not an object: send the reading of the side that is held"),
        ("position.adl_meter", [4, 1], "must be a number, not an array"),
        ("position.margin", {"LONG": 4}, "must be a number, not an object"),
        ("position.side", None, "must be `long` or `short`, not null"),
        ("position.side", True, "must be `long` or `short`, not true"),
        ("position.contract", "USDT", "must be `linear` or `inverse`, not 'USDT': use `linear`"),
        ("position.contract", "COIN-M", "must be `linear` or `inverse`, not 'COIN-M': use `inverse`"),
        ("position.contract", "swap", "must be `linear` or `inverse`, not 'swap'"),
        ("position.size", "10", "must be a number, not text: send 10, without quotation marks"),
        ("position.size", " +10 ", "must be a number, not text: send 10, without quotation marks"),
        ("position.size", "1,000.5", "must be a number, not text: send 1000.5, without quotation marks"),
        ("position.size", "50%", f"{SIZE}, not text"),
        ("position.size", "0x10", f"{SIZE}, not text"),
        ("position.size", "-5", "must be a number, not text; a size has no sign, `side` `short` is the minus"),
        ("position.maintenance_margin_rate", "1e999%", "must be a number, not text"),
        ("position.maintenance_margin_rate", "150%", "must be a number, not text"),
        ("as_of", 1, "must be text such as 2026-11-18T12:00:00Z, with seconds and offset, of the years 2000 to 2100"),
        ("position.size", "1,5", f"{SIZE}, not text"),
        ("position.size", "9" * 50, f"{SIZE}, not text"),
        ("position.size", "ten", f"{SIZE}, not text"),
        ("position.size", None, f"{SIZE}, not null"),
        ("position.size", False, f"{SIZE}, not true or false"),
        ("position.size", [1], f"{SIZE}, not an array"),
        ("position.size", -10, f"{SIZE}, not -10; a size has no sign, `side` `short` is the minus"),
        ("position.size", 0, f"{SIZE}, not 0; a position of size 0 is closed"),
        ("position.size", 1e16, "must be at most 1000000000000000, not 1e16"),
        ("position.margin", 0, "must be at least 1e-12, not 0; leave out what is 0 because there is none"),
        ("venue", 5, "must be the id of a venue in text, such as `okx`, not a number; GET /venues lists them"),
        ("symbol", {}, "must be text, the venue's own id of the contract such as `BTCUSDT`, not an object"),
        ("position", [], "must be an object, not an array"),
        ("market.liquidation_spike", "yes", "must be true or false, not text"),
        ("market.liquidation_spike", 1, "must be true or false, not a number"),
        ("position.leverage", "10x", "must be a number, not text: send 10, without quotation marks"),
        ("position.maintenance_margin_rate", "0.5%", "must be a number, a fraction: send 0.005 for '0.5%'"),
        ("position.maintenance_margin_rate", 1.5, "must be below 1, not 1.5; it is a fraction: 0.01 is 1 %"),
        ("market.funding_rate", "-0.01 %", "must be a number, a fraction: send -0.0001 for '-0.01 %'"),
        ("as_of", 1763467200, ("must be text such as 2026-11-18T12:00:00Z, with seconds and offset, "
         "of the years 2000 to 2100: use 2025-11-18T12:00:00Z")),
        ("as_of", 1763467200000, ("must be text such as 2026-11-18T12:00:00Z, with seconds and offset, "
         "of the years 2000 to 2100: use 2025-11-18T12:00:00Z")),
        ("as_of", 1e300, TIME),
        ("as_of", "2026-11-18", ("must be text such as 2026-11-18T12:00:00Z, with seconds and offset, "
         "of the years 2000 to 2100")),
        ("as_of", "2026-02-30T00:00:00Z", f"the calendar has no such day; {TIME}"),
        ("market.adl_rating", "HIGH", "must be `low` or `medium` or `high`, not 'HIGH': use `high`"),
        ("market.adl_rating", "extreme", "must be `low` or `medium` or `high`, not 'extreme'"),
        ("market.settles_at", "2026-12-01T08:00:00", TIME),
        ("market.settles_at", 1796112000000, f"{TIME}: use 2026-12-01T08:00:00Z"),
        ("market.settles_at", "2026-02-30T00:00:00Z", f"the calendar has no such day; {TIME}"),
        ("market.symbolAdlRisk", "high", "unknown field: did you mean `adl_rating`?"),
        ("market.deliveryDate", 1796112000000, "unknown field: did you mean `settles_at`?"),
        ("position.adl_meter_before", {"LONG": 4, "SHORT": 1},
         "must be a number, not an object: send the reading of the side that is held"),
        ("symbol", "BTC USDT", ("must be the venue's own id of the contract, as its API gives it, such as "
         "`BTCUSDT`: 1 to 64 of A-Z a-z 0-9 : . _ @ -")),
        ("symbol", "BTC/USDT:USDT", ("must be the venue's own id of the contract, probably `BTCUSDT`, not a unified "
         "symbol such as 'BTC/USDT:USDT'")),
        ("symbol", "BTC/USDT:USDT-260327", ("must be the venue's own id of the contract, as its API gives it, not a "
         "unified symbol such as 'BTC/USDT:USDT-260327'")),
    ],
)  # fmt: skip
def test_a_detail_says_what_is_allowed_and_the_repair(codec: codecs.Codec, path: str, value: Any, detail: str) -> None:
    """In both formats, at the place of the value."""
    assert detail_of(ScoreRequest, with_field(path, value), codec=codec) == ("/" + path.replace(".", "/"), detail)


@pytest.mark.parametrize("digits", [19, 20, 30, 400, 4_000, 5_000, 60_000, 70_000])
@pytest.mark.parametrize("path", ["as_of", "position.side", "position.size", "venue", "symbol"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_integers_of_any_length_are_refused_by_name(path: str, digits: int, sign: str) -> None:
    """Beyond doubles, beyond 64 bits, and beyond what Python converts at all."""
    body = json.dumps(with_field(path, "HOLE")).replace('"HOLE"', sign + "9" * digits).encode()
    with pytest.raises(ProblemError) as refused:
        decode_body(codecs.JSON.build_decoder(ScoreRequest), body)
    assert refused.value.slug == "invalid-request"
    assert len(refused.value.errors[0].detail) <= 200


@pytest.mark.parametrize(
    ("kind", "request_", "pointer", "part"),
    [
        (PartialRequest, {**PARTIAL, "margin_mode": "crossed"}, "/margin_mode", "not 'crossed': use `cross`"),
        (PartialRequest, {**PARTIAL, "margin_mode": "ISOLATED"}, "/margin_mode", "use `isolated`"),
        (RankRequest, {**COLUMNS, "layout": "table"}, "/layout", "must be `rows` or `columns`, not 'table'"),
        (
            RankRequest,
            {**COLUMNS, "columns": {**COLUMNS["columns"], "side": ["sell"]}},
            "/columns/side/0",
            "not 'sell': use `short`",
        ),
        (
            AllocateRequest,
            {**example("adl-allocate.request"), "policies": ["fifo"]},
            "/policies/0",
            "must be `venue` or `pro_rata_size`",
        ),
        (
            AllocateRequest,
            {**example("adl-allocate.request"), "fill_price": "60000"},
            "/fill_price",
            "must be `bankruptcy` or `mark` or a positive number, not '60000'",
        ),
        (
            RankRequest,
            {**COLUMNS, "columns": {**COLUMNS["columns"], "id": [1, 2, 3]}},
            "/columns/id/0",
            "must be text, not a number",
        ),
        (VenuePatch, {"contracts": ["coin-m"]}, "/contracts/0", "must be `linear` or `inverse`, not 'coin-m': use"),
        (VenuePatch, {"score": {"events": [{**EVENT, "from": "2026-12-10"}]}}, "/score/events/0/from", TIME),
        (
            VenuePatch,
            {"score": {"events": [{**EVENT, "to": 1796911200000}]}},
            "/score/events/0/to",
            "use 2026-12-10T14:00:00Z",
        ),
        (
            VenuePatch,
            {"score": {"events": [EVENT, {**EVENT, "what": " CPI"}]}},
            "/score/events/1/what",
            "must be 1 to 100 characters",
        ),
        (VenuePatch, {"score": {"events": [EVENT] * 101}}, "/score/events", "must have at most 100 items, not 101"),
        (
            VenuePatch,
            {"score": {"thin_sessions": [{"from": "Sat", "to": "Sun 23:00"}]}},
            "/score/thin_sessions/0/from",
            "must be a minute of a week such as `Sat 20:00`, UTC",
        ),
        (VenuePatch, {"execution": {"price": "index"}}, "/execution/price", "or `unknown`, not 'index'"),
    ],
)
def test_other_requests_are_explained_as_well(kind: Any, request_: Any, pointer: str, part: str) -> None:
    """Books, partial closes, allocations and changes of cards have the same messages."""
    found, detail = detail_of(kind, request_)
    assert found == pointer
    assert part in detail


def test_a_large_body_is_not_read_again() -> None:
    """What is allowed is said without the value that was sent."""
    count = 20_000
    columns = {"id": [f"{n}" for n in range(count)], "side": ["long"] * (count - 1) + ["sell"], "size": [1] * count}
    request = {**COLUMNS, "columns": {**columns, "entry_price": [1] * count}}
    assert detail_of(RankRequest, request) == (f"/columns/side/{count - 1}", "must be `long` or `short`")


# Ids as the venues' own API documentation and ccxt's samples of their answers have them.
@pytest.mark.parametrize(
    ("venue", "unified", "own"),
    [
        ("aster", "ETH/USDT:USDT", "ETHUSDT"), ("binance", "BTC/USDT:USDT", "BTCUSDT"),
        ("binance", "BTC/USDT", "BTCUSDT"), ("binance_coinm", "BTC/USD:BTC", "BTCUSD_PERP"),
        ("bingx", "BTC/USDT:USDT", "BTC-USDT"), ("bingx", "BNB/USD:BNB", "BNB-USD"),
        ("bitget", "BTC/USDT:USDT", "BTCUSDT"), ("bitget", "BTC/USDC:USDC", "BTCPERP"),
        ("bitmex", "BTC/USD:BTC", "XBTUSD"), ("bitmex", "BTC/USDT:USDT", "XBTUSDT"),
        ("bybit", "BTC/USDT:USDT", "BTCUSDT"), ("bybit", "BTC/USDC:USDC", "BTCPERP"),
        ("bybit", "BTC/USD:BTC", "BTCUSD"), ("cryptocom", "RUNE/USD:USD", "RUNEUSD-PERP"),
        ("deribit", "BTC/USD:BTC", "BTC-PERPETUAL"), ("deribit", "BTC/USD", "BTC-PERPETUAL"),
        ("deribit", "AAVE/USDC:USDC", "AAVE_USDC-PERPETUAL"), ("dydx", "BTC/USDC:USDC", "BTC-USD"),
        ("gate", "BTC/USDT:USDT", "BTC_USDT"), ("gate", "BTC/USD:BTC", "BTC_USD"),
        ("htx", "BTC/USDT:USDT", "BTC-USDT"), ("htx", "BTC/USD:BTC", "BTC-USD"),
        ("hyperliquid", "BTC/USDC:USDC", "BTC"), ("kraken", "BTC/USD:USD", "PF_XBTUSD"),
        ("kraken", "BTC/USD:BTC", "PI_XBTUSD"), ("kraken", "ETH/USD:USD", "PF_ETHUSD"),
        ("kucoin", "BTC/USDT:USDT", "XBTUSDTM"), ("kucoin", "BTC/USD:BTC", "XBTUSDM"),
        ("kucoin", "ETH/USDT:USDT", "ETHUSDTM"), ("mexc", "BTC/USDT:USDT", "BTC_USDT"),
        ("okx", "BTC/USDT:USDT", "BTC-USDT-SWAP"), ("okx", "BTC/USD:BTC", "BTC-USD-SWAP"),
        ("okx", "btc/usdt", "BTC-USDT-SWAP"), ("paradex", "BTC/USD:USDC", "BTC-USD-PERP"),
        ("phemex", "BTC/USDT:USDT", "BTCUSDT"), ("phemex", "BTC/USD:BTC", "BTCUSD"),
        ("lighter", "BTC/USDC:USDC", None), ("gmx", "BTC/USDC:USDC", None), ("generic", "BTC/USDT:USDT", None),
        ("okx", "BTC/USDT:USDT-260327", None), ("okx", "/", None), ("nowhere", "BTC/USDT", None),
    ],
)  # fmt: skip
def test_a_unified_symbol_has_its_likely_id(venue: str, unified: str, own: str | None) -> None:
    """As the venue writes it; nothing where the convention is not known."""
    assert guess_symbol(unified, venue) == own


def test_an_alias_has_the_symbols_of_its_venue() -> None:
    """A venue named by ccxt's id is the same venue."""
    for alias, venue in load_catalogue().aliases.items():
        for unified in ("BTC/USDT:USDT", "BTC/USD:BTC"):
            assert guess_symbol(unified, alias) == guess_symbol(unified, venue), alias


_anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=50), inner, max_size=3),
    max_leaves=5,
)
_PATHS = [f"position.{name}" for name in SCORE["position"]] + ["venue", "symbol", "as_of", "market.funding_rate"]


@given(st.sampled_from([*_PATHS, "position", "market"]), _anything, st.sampled_from([codecs.JSON, codecs.MSGPACK]))
def test_whatever_is_sent_the_message_is_short(path: str, value: Any, codec: codecs.Codec) -> None:
    """Any value at any place is taken, or is a problem of one short line that quotes little of it."""
    problem = problem_of(ScoreRequest, with_field(path, value), codec)
    if problem is None:
        return
    assert problem.slug in {"invalid-request", "malformed-body"}
    (error,) = problem.errors
    assert len(error.detail) <= 200
    assert error.detail.isprintable()
    if isinstance(value, str) and len(value) > 40:
        assert value[:40] not in error.detail


def test_a_body_that_only_looks_like_json_is_explained() -> None:
    """MessagePack with keys of any kind, and text after spaces, still get the decoder's own message."""
    packed = msgspec.msgpack.encode({(1, 2): 3, "venue": 5})
    with pytest.raises(ProblemError):
        decode_body(codecs.MSGPACK.build_decoder(ScoreRequest), packed)
    with pytest.raises(ProblemError) as refused:
        decode_body(codecs.JSON.build_decoder(ScoreRequest), b" " * 100 + b'{"position":{"side":"sell"}}')
    assert refused.value.errors[0].detail == "must be `long` or `short`, not 'sell': use `short`"
