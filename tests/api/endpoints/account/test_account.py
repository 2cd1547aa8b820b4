"""``POST /account``: market records, cards, metrics, formats and limits; its figures have tests of their own."""

import asyncio
import io
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

import adlrisk
from adlrisk.api.app import create_app
from adlrisk.api.dispatch.endpoint import NO_RECORDS, Call
from adlrisk.api.endpoints.account.account import ACCOUNT
from adlrisk.api.endpoints.account.schema import AccountRequest
from adlrisk.api.http.headers import Headers
from adlrisk.settings import Settings
from support.running import ADMIN_KEY, WRITABLE, RunningServer, assert_problem, example, without_age

REQUEST = example("account.request")
RECORD = {"contract": "linear", "contract_size": 0.01, "source": "a test", "ttl_seconds": 600}
TIERS = [{"up_to_notional": 1_000, "rate": 0.01}, {"up_to_notional": None, "rate": 0.02, "amount": 10}]


def leg(id_: str, **given: Any) -> dict[str, Any]:
    """A long of 100 contracts of 0.01 at 1,000: a notional of 1,000."""
    calm = {"id": id_, "side": "long", "size": 100, "entry_price": 1_000, "mark_price": 1_000, "contract_size": 0.01}
    return {**calm, **given}


def account(*legs: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {"venue": "binance", "wallet_balance": 500, "positions": list(legs), **given}


@pytest.fixture
def own() -> Iterator[httpx.Client]:
    """An operator's client of a service that no other test uses."""
    with ExitStack() as running:
        server = running.enter_context(RunningServer(WRITABLE, log=io.StringIO()))
        yield running.enter_context(httpx.Client(base_url=server.url, headers={"x-api-key": ADMIN_KEY}))


def total(client: httpx.Client, name: str, **labels: str) -> float:
    return sum(
        sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def test_maintenance_margin_comes_from_the_records_tiers(own: httpx.Client) -> None:
    """Each leg is in the tier of its own notional: 1,000 · 1 % + (2,000 · 2 % − 10); a sent rate decides."""
    own.put("/venues/binance/markets/BTCUSDT", json={**RECORD, "maintenance_tiers": TIERS}).raise_for_status()
    small, large = leg("small", symbol="BTCUSDT"), leg("large", symbol="BTCUSDT", size=200, side="short")
    answer = own.post("/account", json=account(small, large)).json()
    assert answer["account"]["maintenance_margin"] == 10 + 30
    assert [one["market"]["status"] for one in answer["positions"]] == ["used", "used"]
    own_rate = {**large, "maintenance_margin_rate": 0.005}
    assert own.post("/account", json=account(small, own_rate)).json()["account"]["maintenance_margin"] == 10 + 10


def test_records_of_a_venue_are_found_by_its_alias(own: httpx.Client) -> None:
    """An account at `binanceusdm` has the records, the card and the metrics of `binance`."""
    own.put("/venues/binance/markets/BTCUSDT", json={**RECORD, "maintenance_tiers": TIERS}).raise_for_status()
    answer = own.post("/account", json=account(leg("one", symbol="BTCUSDT"), venue="binanceusdm")).json()
    assert (answer["venue"]["id"], answer["account"]["maintenance_margin"]) == ("binance", 10)
    assert total(own, "adlrisk_scores_total", venue="binance") == 1


@pytest.mark.parametrize("field", ["contract", "contract_size"])
def test_a_leg_that_contradicts_its_record_refuses_the_request(own: httpx.Client, field: str) -> None:
    """One of the two scales every figure of the account wrongly, so there is no answer; it names the leg."""
    record = {**RECORD, field: {"contract": "inverse", "contract_size": 0.1}[field]}
    own.put("/venues/generic/markets/BTCUSDT", json=record).raise_for_status()
    request = account(leg("other"), leg("one", symbol="BTCUSDT"), venue="generic")
    assert_problem(own.post("/account", json=request), "contract-mismatch", 422, pointer=f"/positions/1/{field}")


def test_a_contract_that_the_venue_does_not_have_refuses_the_request(client: httpx.Client) -> None:
    """Binance's inverse contracts are at another venue of the catalogue."""
    request = account(leg("one", contract="inverse"))
    assert_problem(client.post("/account", json=request), "contract-mismatch", 422, pointer="/positions/0/contract")


def test_a_leg_whose_figures_disagree_leaves_the_account_unknown(client: httpx.Client) -> None:
    """With a contract size that is a hundred times too large nobody knows what the leg adds: null, not a wrong sum."""
    wrong = leg("wrong", contract_size=1, notional=1_000, maintenance_margin_rate=0.01)
    answer = client.post("/account", json=account(leg("right", maintenance_margin_rate=0.01), wrong)).json()
    right, problem = answer["positions"]
    assert (problem["type"], problem["errors"][0]["pointer"]) == ("/problems/figures-disagree", "/positions/1/notional")
    assert "contract_size 0.01 would fit" in problem["detail"]
    assert {name for name, value in answer["account"].items() if value is not None} == {"wallet_balance", "missing"}
    assert (right["state"]["equity"], right["state"]["liquidation_price"]) == (None, None)
    wrong["margin_mode"] = "isolated"
    answer = client.post("/account", json=account(leg("right", maintenance_margin_rate=0.01), wrong)).json()
    assert (answer["account"]["equity"], answer["account"]["maintenance_margin"]) == (500, 10)


def test_a_leg_that_cannot_be_read_leaves_the_wallet_balance_unknown(client: httpx.Client) -> None:
    """The PnL between equity and wallet balance is not known, so Binance's key is not either; a loser's is 0.

    With the wallet balance the key is 200/400 · 10/500.
    """
    legs = leg("winner", mark_price=1_200), leg("loser", mark_price=900), {"id": "unreadable"}
    request = account(*legs, equity=500, wallet_balance=None, maintenance_margin=10)
    answer = client.post("/account", json=request).json()
    winner, loser, _ = answer["positions"]
    assert answer["account"]["missing"] == ["positions"]
    assert (winner["queue"], loser["queue"]["priority"]) == (None, 0)
    assert [name for name in winner["missing"] if name in request] == ["positions", "wallet_balance"]
    assert winner["signals"][0]["reason"] == "Gross leverage of the account is unknown while a leg cannot be read."
    known = client.post("/account", json={**request, "wallet_balance": 400}).json()["positions"][0]
    assert known["queue"]["priority"] == pytest.approx(0.01)
    assert known["missing"][0] == "positions"


@pytest.mark.parametrize(
    ("names", "known"),
    [
        ({"symbol": "ETHUSDT"}, True),
        ({"symbol": "BTCUSDT"}, False),
        ({}, True),  # it stands alone
        ({"symbol": "BTC/USDT:USDT"}, False),  # not a name of the venue, so it could be any
        ({"symbol": 5}, False),
        ({"symbl": "ETHUSDT"}, False),  # a name that may be misspelled
        ({"symbol": "ETHUSDT", "underlying": ""}, True),  # of another symbol, whatever it is a bet on
    ],
)
def test_only_what_needs_an_unreadable_leg_is_unknown(client: httpx.Client, names: Any, known: bool) -> None:
    """A leg's bankruptcy price is known unless the unreadable one may be of its symbol."""
    unreadable = {"id": "unreadable", "side": "sell", **names}
    request = account(leg("readable", symbol="BTCUSDT"), unreadable, equity=500, wallet_balance=None)
    answer = client.post("/account", json=request).json()
    assert (answer["positions"][0]["state"]["bankruptcy_price"] is not None) is known
    (underlying,) = answer["underlyings"]
    assert (underlying["net_notional"] is not None) is (known and names.get("underlying") != "")
    assert underlying["first"] == "readable"


def test_a_leg_that_cannot_be_scored_leaves_the_first_unknown(client: httpx.Client) -> None:
    """Its place in the queue is not known, so neither is which leg is likelier to be taken; what they net is."""
    refused, other = leg("refused", symbol="BTCUSDT", adl_meter=7), leg("other", symbol="BTCUSDT", side="short")
    (underlying,) = client.post("/account", json=account(refused, other)).json()["underlyings"]
    assert (underlying["net_notional"], underlying["first"], underlying["if_taken"]) == (0, None, None)


def test_markets_are_given_by_symbol(client: httpx.Client) -> None:
    """Each leg has the market of its symbol; a leg without one has none."""
    legs = leg("a", symbol="A"), leg("b", symbol="B"), leg("c")
    markets = {"A": {"funding_rate": 0.01}, "B": {"funding_rate": -0.02}}
    answer = client.post("/account", json=account(*legs, venue="bybit", markets=markets)).json()
    assert ["funding_rate" in one["missing"] for one in answer["positions"]] == [False, False, True]
    markets["A"]["funding_interval_hours"] = markets["B"]["funding_interval_hours"] = 8
    answer = client.post("/account", json=account(*legs, venue="bybit", markets=markets)).json()
    assert [one["signals"][2]["value"] for one in answer["positions"]] == [0.01, -0.02, None]


def test_problems_of_legs_have_their_ids(client: httpx.Client) -> None:
    """A client finds each leg by its id, also one that cannot be decoded or scored; what has none gets none."""
    request = account(leg("a"), leg("b", side="sell"), leg("c", adl_meter=7))
    request["positions"].append(7)
    positions = client.post("/account", json=request).json()["positions"]
    assert [(one.get("id"), "type" in one) for one in positions] == [
        ("a", False), ("b", True), ("c", True), (None, True),
    ]  # fmt: skip


def test_legs_are_counted_as_scores_and_problems(own: httpx.Client) -> None:
    """Each scored leg is a score in the metrics, each leg with a problem a problem; the request is one request."""
    own.post("/account", json=account(leg("a"), leg("b", side="sell"), leg("c"))).raise_for_status()
    assert total(own, "adlrisk_scores_total", venue="binance") == 2
    assert total(own, "adlrisk_signals_total", signal="leverage", outcome="unknown") == 2
    assert total(own, "adlrisk_problems_total", type="invalid-request") == 1
    assert total(own, "adlrisk_http_requests_total", route="/account", status="200") == 1


def test_both_formats_have_the_same_answer(client: httpx.Client) -> None:
    """MessagePack in and out says what JSON says, problems in the place of legs included."""
    request = {**REQUEST, "positions": [*REQUEST["positions"], {"id": "bad"}]}
    headers = {"content-type": "application/msgpack", "accept": "application/msgpack"}
    packed = client.post("/account", content=msgspec.msgpack.encode(request), headers=headers)
    plain = client.post("/account", json=request).json()
    answer = msgspec.msgpack.decode(packed.raise_for_status().content)
    for one in (plain, answer):
        assert one["positions"][-1].pop("instance")
    assert answer == plain


def test_the_library_gives_the_same_answer(client: httpx.Client) -> None:
    """`adlrisk.account` takes the JSON body, or its Structs, and answers what the service does."""
    plain = client.post("/account", json=REQUEST).json()
    structs = msgspec.convert(REQUEST, type=adlrisk.Account)
    for request in (REQUEST, structs):
        assert without_age(msgspec.json.decode(msgspec.json.encode(adlrisk.account(request)))) == without_age(plain)


def test_the_library_puts_the_error_of_a_leg_in_its_place() -> None:
    """A leg that cannot be scored has its error among the positions, and counts in the account nevertheless."""
    request = account(leg("a", adl_meter=7), leg("b"))
    refused, scored = adlrisk.account(request).positions
    assert (refused.problem, refused.path) == ("meter-out-of-scale", ("positions", 0, "adl_meter"))
    assert (scored.id, scored.signals[0].value) == ("b", 4.0)  # both legs' 2,000 over 500
    with pytest.raises(adlrisk.RefusedError, match="already used"):
        adlrisk.account(account(leg("a"), leg("a")))
    with pytest.raises(adlrisk.ValidationError, match="/positions/0/margin"):
        adlrisk.account(account(leg("a", margin=5)))
    with pytest.raises(adlrisk.ValidationError, match="/positions/1/underlying"):
        adlrisk.account(account(leg("a"), leg("b", underlying="\ud800")))


def test_the_size_of_a_body_is_limited(client: httpx.Client) -> None:
    """Up to 1 MiB is read, and no more."""
    request = msgspec.json.encode(REQUEST)
    for size, status in ((1 << 20, 200), ((1 << 20) + 1, 413)):
        body = request + b" " * (size - len(request))
        answer = client.post("/account", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == status


def test_the_largest_account_lets_others_have_their_turn() -> None:
    """A thousand legs of one symbol, each with a kink of its own, are worked off in pieces, none of them long.

    The bound is relative to the whole, so that it holds on a machine of any speed.
    """
    legs = [
        leg(f"{index}", symbol="BTCUSDT", side="short" if index % 2 else "long", size=100 + index,
            maintenance_margin_rate=0.01, maintenance_amount=index / 100)
        for index in range(1_000)
    ]  # fmt: skip
    context = create_app(Settings(log_level="error")).context
    body = msgspec.json.decode(msgspec.json.encode(account(*legs, wallet_balance=1e6)), type=AccountRequest)
    asyncio.run(context.start())
    best = 1.0
    for _ in range(5):
        pieces = run_timed(Call(context=context, headers=Headers(()), request_id="large", body=body))
        assert len(pieces) > 10
        best = min(best, max(pieces) / sum(pieces))
    assert best < 0.25


def run_timed(call: Call) -> list[float]:
    """Seconds that each turn of the handler takes."""
    steps = ACCOUNT.handle(call)  # type: ignore[operator]  # a function, as it is no BulkHandler
    pieces: list[float] = []
    records: Any = None
    while True:
        started = time.perf_counter()
        try:
            needed = steps.send(records)
        except StopIteration:
            return [*pieces, time.perf_counter() - started]
        pieces.append(time.perf_counter() - started)
        records = NO_RECORDS if needed is None else dict.fromkeys(needed, "absent")


def test_what_ends_the_account_is_the_nearer_danger_of_all_its_legs(client: httpx.Client) -> None:
    """A long of 100,000 on 1,050 ends with a fall of 0.05 %, and with it hedge and a leg of another symbol."""
    legs = [
        {"id": name, "symbol": symbol, "side": side, "size": size, "entry_price": 100, "mark_price": 100,
         "maintenance_margin_rate": 0.01}
        for name, symbol, side, size in (
            ("big", "B", "long", 1000), ("hedge", "B", "short", 1), ("other", "C", "long", 1),
        )
    ]  # fmt: skip
    answer = client.post("/account", json={"venue": "binance", "equity": 1050, "positions": legs}).json()
    assert answer["account"]["nearest_liquidation"]["falls"] == pytest.approx(-0.000485, abs=1e-6)
    assert [part["nearer_danger"]["danger"] for part in answer["positions"]] == ["liquidation"] * 3
    assert "once all marks have moved" in answer["positions"][1]["nearer_danger"]["reason"]
    calm = client.post("/account", json={"venue": "binance", "equity": 150_000, "positions": legs}).json()
    assert [part["nearer_danger"]["danger"] for part in calm["positions"]] == ["none"] * 3


def test_who_hedges_is_not_told_to_close_part(client: httpx.Client) -> None:
    """Closing part of a leg that hedges opens the account: 14 against 14 is at no risk, 14 against 1 ends at −4.4 %."""
    legs = [
        {"id": side, "symbol": "A", "side": side, "size": 14, "entry_price": 100, "mark_price": 100,
         "maintenance_margin_rate": 0.03}
        for side in ("long", "short")
    ]  # fmt: skip
    answer = client.post("/account", json={"venue": "okx", "equity": 100, "positions": legs}).json()
    for part in answer["positions"]:
        (action,) = [action for action in part["actions"] if action["action"] == "reduce_size"]
        assert action["reason"].startswith("Closing one side of a hedge alone leaves the account more exposed")
        assert action["amount"] is None
    legs[1]["size"] = 5  # the long is now the larger side: closing part of it is what helps
    larger = client.post("/account", json={"venue": "okx", "equity": 100, "positions": legs}).json()["positions"]
    said = [[action["reason"] for action in part["actions"] if action["action"] == "reduce_size"] for part in larger]
    assert [reasons[0].startswith("Closing one side of a hedge") for reasons in said] == [False, True]
