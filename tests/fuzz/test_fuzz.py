"""Fuzzing of every endpoint with a body: generated valid requests, damaged ones, and arbitrary bytes.

Two thousand in the test run; ``make fuzz`` sends many times as many under several seeds.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, target

from adlrisk.api.endpoints.account.schema import AccountRequest
from adlrisk.api.endpoints.fills.schema import FillsRequest
from adlrisk.api.endpoints.score.schema import ScoresRequest
from support.fuzz.damaged import with_damaged_bytes, with_damaged_values
from support.fuzz.drawn import REQUESTS
from support.fuzz.in_process import JSON, METHODS, PACKED, Answer, InProcess
from support.fuzz.laws import LAWS
from support.running import example

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
often = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
every_endpoint = pytest.mark.parametrize("path", REQUESTS)

# Requests with items that are decoded one by one.
_WITH_ITEMS: dict[str, Any] = {
    "/scores": ScoresRequest,
    "/account": AccountRequest,
    "/fills/classify": FillsRequest,
}

Tally = Counter[tuple[str, str, int]]


@pytest.fixture(scope="module")
def service() -> Iterator[InProcess]:
    with InProcess() as running:
        yield running


@pytest.fixture(scope="module")
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Requests by kind, endpoint and status, printed at the end of a long run."""
    counted: Tally = Counter()
    yield counted
    if "FUZZ_EXAMPLES" in os.environ:
        with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
            print()  # noqa: T201 (the report of make fuzz)
            for (kind, path, status), count in sorted(counted.items()):
                print(f"{kind:14} {METHODS[path]:5} {path:34} {status} {count:8}")  # noqa: T201
            print(f"requests in all: {counted.total()}")  # noqa: T201


def ask(service: InProcess, path: str, body: bytes, *, sent: str = JSON) -> Answer:
    """The sane answer, in the format of the request; before a change of a venue, its bundled card is restored."""
    if path == "/venues/{venue}":
        service.ask("DELETE", "/venues/coinex/override")
    filled = path.replace("{venue}", "coinex").replace("{symbol}", "FUZZ")
    return service.ask(METHODS[path], filled, body, sent=sent, accepted=sent)


def decoded(body: bytes, codec: ModuleType, path: str) -> Any:
    """The decoded request; nothing for a batch with an item that is not UTF-8, which fails no other item."""
    try:
        return codec.decode(body)
    except (UnicodeDecodeError, msgspec.DecodeError):
        codec.decode(body, type=_WITH_ITEMS[path])
        return None


def outcome(answer: Answer) -> Any:
    """What both formats must agree on: the whole answer, or the problem and its place."""
    if answer.status < 400:
        return _without_type_names(answer.content)
    return answer.status, answer.content["type"], [error["pointer"] for error in answer.content["errors"]]


def _without_type_names(content: dict[str, Any]) -> Any:
    """The answer; problems of single items omit type names: null is called None in MessagePack."""
    lists = [name for name in ("results", "positions") if name in content]
    shown = {
        name: [{key: part for key, part in item.items() if key not in ("detail", "errors")} for item in content[name]]
        for name in lists
    }
    return {**content, **shown}


def largest_number(content: Any) -> float:
    """The largest absolute value of all numbers."""
    if isinstance(content, dict):
        return largest_number(list(content.values()))
    if isinstance(content, list):
        return max(map(largest_number, content), default=0.0)
    return abs(content) if isinstance(content, int | float) else 0.0


@every_endpoint
def test_valid_requests_are_answered_by_the_laws(service: InProcess, tally: Tally, path: str) -> None:
    """The request matches the schema, both formats have the same answer, and it satisfies every law."""

    @often
    @given(REQUESTS[path])
    def holds(request: dict[str, Any]) -> None:
        answer = ask(service, path, json.dumps(request).encode())
        tally["legal", path, answer.status] += 2
        assert answer.status in (200, 422), answer.content
        assert outcome(ask(service, path, msgspec.msgpack.encode(request), sent=PACKED)) == outcome(answer)
        if answer.status == 200:
            LAWS[path](request, answer.content)
            if path != "/account":  # it has so many values that climbing takes minutes
                target(min(largest_number(answer.content), 1e300), label="largest number of an answer")

    holds()


@every_endpoint
def test_damaged_requests_have_the_same_answer_in_both_formats(service: InProcess, tally: Tally, path: str) -> None:
    """Whatever was damaged, the answer is sane, the formats agree, and answers to valid requests satisfy the laws."""

    @often
    @given(with_damaged_values(REQUESTS[path]))
    def holds(request: Any) -> None:
        answer = ask(service, path, json.dumps(request).encode())
        tally["damaged values", path, answer.status] += 2
        assert outcome(ask(service, path, msgspec.msgpack.encode(request), sent=PACKED)) == outcome(answer)
        if answer.status == 200:
            LAWS[path](request, answer.content)

    holds()


@every_endpoint
@pytest.mark.parametrize("sent", [JSON, PACKED])
def test_damaged_bytes_have_a_sane_answer(service: InProcess, tally: Tally, path: str, sent: str) -> None:
    """Whatever was overwritten, the answer is sane, and answers to valid requests satisfy the laws."""
    codec = msgspec.json if sent == JSON else msgspec.msgpack

    @often
    @given(with_damaged_bytes(REQUESTS[path].map(codec.encode)))
    def holds(body: bytes) -> None:
        answer = ask(service, path, body, sent=sent)
        tally[f"bytes, {codec.__name__[-4:]}", path, answer.status] += 1
        if answer.status == 200 and (request := decoded(body, codec, path)) is not None:
            LAWS[path](request, answer.content)

    holds()


@every_endpoint
@pytest.mark.parametrize("sent", [JSON, PACKED])
def test_arbitrary_bytes_are_refused(service: InProcess, tally: Tally, path: str, sent: str) -> None:
    """Any bytes have a sane answer, which is 400 unless they are an empty map and that is valid."""

    @often
    @given(st.binary(max_size=64))
    def holds(body: bytes) -> None:
        answer = ask(service, path, body, sent=sent)
        tally["any bytes", path, answer.status] += 1
        assert answer.status == 400 or body.strip() in (b"{}", b"\x80", b"\xde\0\0", b"\xdf\0\0\0\0")

    holds()


TAMPERED: list[tuple[str, str, str, Any]] = [
    ("/score", "score", "/score", 6),
    ("/score", "score", "/score_upper", 10),
    ("/score", "score", "/band", "watch"),
    ("/score", "score", "/signals/0/fired", None),
    ("/score", "score-trigger", "/trigger", None),
    ("/score", "score-trigger", "/trigger/fund_drawdown", 0.17),
    ("/score", "score-trigger", "/trigger/insurance_fund", None),
    ("/score", "score-trigger", "/trigger/source", "cache"),
    ("/score", "score-trigger", "/alerts", []),
    ("/score", "score-trigger", "/alerts/1/alert", "venue_rates_high"),
    ("/score", "score-trigger", "/actions/0/action", "add_margin"),
    ("/score", "score", "/state/notional", 18000.0000001),
    ("/score", "score", "/state/unrealized_pnl", -2000.0),
    ("/score", "score", "/state/equity", 3000.00001),
    ("/score", "score", "/state/effective_leverage", None),
    ("/score", "score", "/state/bankruptcy_price", 2099.9999),
    ("/score", "score", "/state/liquidation_price", 2101.0),
    ("/scores", "scores", "/results/0/state/notional", 1.0),
    ("/scores", "scores-brief", "/results/0/id", "candidate-2"),
    ("/scores", "scores-brief", "/results/2/id", "candidate-2"),
    ("/scores", "scores-brief", "/results/0/score_upper", 6),
    ("/scores", "scores-brief", "/results/0/standing", "back"),
    ("/scores", "scores-brief", "/results/0/danger", "none"),
    ("/scores", "scores-brief", "/results/0/alerts", []),
    ("/scores", "scores-brief", "/results/0/liquidation_price", 47690.7630522),
    ("/score", "score", "/state/liquidation_price", 2079.2078),
    ("/score", "score", "/state/return_on_margin", None),
    ("/account", "account", "/account/equity", 15800.01),
    ("/account", "account", "/account/wallet_balance", 9999.0),
    ("/account", "account", "/account/maintenance_margin", 641.9),
    ("/account", "account", "/account/margin_ratio", None),
    ("/account", "account", "/account/gross_notional", 138000.1),
    ("/account", "account", "/account/net_notional", 138000.0),
    ("/account", "account", "/account/net_leverage", 1.0),
    ("/account", "account", "/account/nearest_liquidation/falls", -0.5),
    ("/account", "account", "/account/nearest_liquidation/rises", 0.5),
    ("/account", "account", "/account/missing", ["equity"]),
    ("/account", "account", "/positions/0/id", "btc-short"),
    ("/account", "account", "/positions/0/state/equity", 10000.0),
    ("/account", "account", "/positions/0/state/liquidation_price", 43000.0),
    ("/account", "account", "/positions/0/state/bankruptcy_price", 55000.0),
    ("/account", "account", "/positions/0/signals/0/value", 4.0),
    ("/account", "account", "/positions/3/state/liquidation_price", 130.0),
    ("/account", "account", "/underlyings/0/legs", ["btc-long"]),
    ("/account", "account", "/underlyings/0/net_notional", -12000.0),
    ("/account", "account", "/underlyings/0/if_taken/net_notional_after", 0.0),
    ("/account", "account-hedge", "/positions/0/state/liquidation_price", 43290.05),
    ("/account", "account-hedge", "/positions/1/state/liquidation_price", 60000.0),
    ("/account", "account-hedge", "/underlyings/0/first", None),
    ("/plan", "plan", "/now/score", 6),
    ("/plan", "plan", "/reachable", False),
    ("/plan", "plan", "/options/1/after/score", 4),
    ("/plan", "plan", "/options/1/reaches_target", False),
    ("/plan", "plan", "/options/1/request/position/margin", 2999.0),
    ("/queue/rank", "queue-rank", "/queues/long/size", 41.0),
    ("/queue/rank", "queue-rank", "/queues/long/positions/1/rank", 1),
    ("/queue/rank", "queue-rank", "/queues/long/positions/1/percentile", 0.99),
    ("/queue/rank", "queue-rank", "/queues/long/positions/1/size_ahead", 0.0),
    ("/queue/rank", "queue-rank", "/queues/long/positions/0/priority", -1.0),
    ("/queue/rank", "queue-rank", "/queues/short/count", 3),
    ("/adl/partial", "adl-partial", "/closed_size", 4.00001),
    ("/adl/partial", "adl-partial", "/exposure_removed", 0.41),
    ("/adl/partial", "adl-partial", "/scenarios/0/missed_profit", 0.0),
    ("/adl/partial", "adl-partial", "/after/unrealized_pnl", 1200.001),
    ("/adl/allocate", "adl-allocate", "/requested_lots", 21),
    ("/adl/allocate", "adl-allocate", "/results/0/uncovered_lots", 1),
    ("/adl/allocate", "adl-allocate", "/results/0/fills/0/closed_lots", 1000),
    ("/adl/allocate", "adl-allocate", "/results/0/fills/0/remaining", 0.5),
    ("/adl/allocate", "adl-allocate", "/results/0/largest_share", 0.1),
    ("/adl/allocate", "adl-allocate", "/results/0/total_haircut", 1e9),
    ("/adl/allocate", "adl-allocate", "/same_side", 3),
    ("/adl/simulate", "adl-simulate", "/steps/0/mark_price", 94.5),
    ("/adl/simulate", "adl-simulate", "/steps/0/mark_after", 93.0),
    ("/adl/simulate", "adl-simulate", "/steps/0/liquidated/size", 9.9999999),
    ("/adl/simulate", "adl-simulate", "/steps/0/liquidated/accounts", 2),
    ("/adl/simulate", "adl-simulate", "/steps/0/market/size", 5.0927836),
    ("/adl/simulate", "adl-simulate", "/steps/0/market/paid_by_fund", 7.9999),
    ("/adl/simulate", "adl-simulate", "/steps/0/left_over/depth", 1e-8),
    ("/adl/simulate", "adl-simulate", "/steps/0/fund/before", 8.5),
    ("/adl/simulate", "adl-simulate", "/steps/0/fund/after", -0.1),
    ("/adl/simulate", "adl-simulate", "/steps/0/adl/size", 4.9072164),
    ("/adl/simulate", "adl-simulate", "/steps/0/adl/uncovered", 1.0),
    ("/adl/simulate", "adl-simulate", "/positions/0/outcome", "reduced"),
    ("/adl/simulate", "adl-simulate", "/positions/1/step", None),
    ("/adl/simulate", "adl-simulate", "/positions/1/closed", 4.9072164),
    ("/adl/simulate", "adl-simulate", "/positions/1/remaining", 2.0),
    ("/adl/exposure", "adl-exposure", "/cases/0/path", "walk"),
    ("/adl/exposure", "adl-exposure", "/cases/0/curve/0/weight", 0.02),
    ("/adl/exposure", "adl-exposure", "/cases/0/curve/0/adl_size", 0.0),
    ("/adl/exposure", "adl-exposure", "/cases/0/market/probability", 1.0),
    ("/adl/exposure", "adl-exposure", "/cases/0/market/probability_fund_used_up", 0.0),
    ("/adl/exposure", "adl-exposure", "/cases/0/market/expected_haircut", 0.0),
    ("/adl/exposure", "adl-exposure", "/cases/0/positions/0/probability", 0.011),
    ("/adl/exposure", "adl-exposure", "/cases/0/positions/0/expected_closed", 0.0),
    ("/adl/exposure", "adl-exposure", "/cases/0/positions/0/worst", None),
    ("/adl/exposure", "adl-exposure", "/cases/0/positions/0/nearest/down", None),
    ("/adl/exposure", "adl-exposure", "/cases/0/positions/0/id", "b"),
    ("/adl/exposure", "adl-exposure", "/range/0/probability/least", 0.01),
    ("/adl/exposure", "adl-exposure", "/range/0/nearest/down", -0.01),
    ("/fills/classify", "fills-classify", "/results/1/kind", "own"),
    ("/fills/classify", "fills-classify", "/results/1/side_of", "bankrupt"),
    ("/fills/classify", "fills-classify", "/results/1/marker", None),
    ("/fills/classify", "fills-classify", "/results/1/marker/value", "Trade"),
    ("/fills/classify", "fills-classify", "/results/4/kind", "own"),
    ("/fills/classify", "fills-classify", "/results/4/note", None),
    ("/fills/classify", "fills-classify-ccxt", "/results/1/kind", "own"),
    ("/fills/classify", "fills-classify-ccxt", "/venue/id", "krakenfutures"),
    ("/venues/{venue}", "venue-patch", "/score/leverage", 1.0),
    ("/venues/{venue}/markets/{symbol}", "market", "/funding_rate", 1.0),
]


@pytest.mark.parametrize(("path", "name", "pointer", "value"), TAMPERED, ids=str)
def test_the_laws_detect_a_wrong_answer(path: str, name: str, pointer: str, value: Any) -> None:
    """An example's answer satisfies the laws, and with one value changed it does not."""
    request, answer = example(f"{name}.request"), example(f"{name}.answer")
    LAWS[path](request, answer)
    *steps, last = pointer.split("/")[1:]
    part = answer
    for step in steps:
        part = part[int(step)] if isinstance(part, list) else part[step]
    assert part[last] != value
    part[last] = value
    with pytest.raises(AssertionError):
        LAWS[path](request, answer)
