"""``POST /plan`` with the others of the contract: where it is answered, what it is counted as, and what is refused."""

import gzip
import json
from typing import Any

import httpx
import msgspec
import pytest

from adlrisk import RefusedError, plan
from adlrisk.api.bulk.job import Job, TooManyRowsError, run_job
from adlrisk.api.endpoints.plan.plan_book import PLAN_BOOK
from adlrisk.venues.catalogue import load_catalogue
from support.builders import WEDNESDAY
from support.hostile.failure_cases import JSON
from support.redis_servers import wait_for
from support.running import assert_problem, example, serving
from support.sockets import HEAD, connected, seen

REQUEST: dict[str, Any] = example("plan-book.request")
OTHERS: dict[str, list[Any]] = REQUEST["book"]["columns"]

JOB = Job(
    operation="planPosition",
    body_media_type="application/json",
    answer_media_type="application/json",
    request_id="one",
    now=WEDNESDAY,
)


def among(times: int, **given: Any) -> dict[str, Any]:
    """The example among so many times its book."""
    columns = {name: column * times for name, column in OTHERS.items()}
    columns["id"] = [str(number) for number in range(len(columns["id"]))]
    return {**REQUEST, "book": {"columns": columns}, **given}


def test_place_is_worked_out_by_hand() -> None:
    """The short's key is 10 % at 12x, 1.2; of the others b has 0.559, d 0.538, a 60/119, and all hold 110 contracts.

    Behind the first 22 it is once b (8), d (5) and a (12) are before it, with a key below 60/119: equity above 3,570,
    or 4.2 contracts left. With profit made margin its key is 0, and all but h, who loses, are before it: 85 contracts.
    """
    options = {option.action: option for option in plan(REQUEST).options}
    assert plan(REQUEST).now.fifth == 1
    assert (options["add_margin"].amount, options["add_margin"].after.fifth) == (2071.0, 2)
    assert (options["reduce_size"].amount, options["reduce_size"].after.fifth) == (5.8, 2)
    assert options["roll"].after.fifth == 4
    assert options["close"].after.fifth is None


@pytest.mark.parametrize("times", [1, 30, 1_000], ids=["in process", "some hundred", "in the worker"])
def test_book_of_any_size_is_answered_alike(client: httpx.Client, times: int) -> None:
    """In process, by the worker, compressed, or sent without a length: the plan is that of the library."""
    request = among(times)
    expected = without_venue(json.loads(msgspec.json.encode(plan(request))))
    body = json.dumps(request).encode()
    zipped = {**JSON, "content-encoding": "gzip"}
    answers = [
        client.post("/plan", content=body, headers=JSON),
        client.post("/plan", content=iter([body]), headers=JSON),
        client.post("/plan", content=gzip.compress(body), headers=zipped),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert all(without_venue(answer.json()) == expected for answer in answers)


def without_venue(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without the venue, whose age depends on the clock."""
    return {name: part for name, part in answer.items() if name != "venue"}


def test_large_account_is_no_work_for_this_process() -> None:
    """Legs count as rows of a book, since each step of a search looks at all of them: twenty are for the worker."""
    legs = [{**example("plan-account.request")["positions"][0], "id": str(number)} for number in range(20)]
    request = {**example("plan-account.request"), "positions": legs, "leg": "0"}
    with pytest.raises(TooManyRowsError):
        run_job(JOB, [json.dumps(request).encode()], handler=PLAN_BOOK, venues=load_catalogue(), max_rows=1_500)


def test_plans_are_counted_by_outcome_wherever_they_are_made() -> None:
    """One whose target is reached already, one that is reachable, one that only a close reaches."""
    plans = [
        {**REQUEST, "target": "low"},
        REQUEST,
        among(1_000),
        {**example("plan.request"), "target": {"score": 0}},
    ]
    with serving() as (server, client):
        for request in plans:
            client.post("/plan", json=request).raise_for_status()
        for venue, outcome, times in (("okx", "reached", 1), ("okx", "reachable", 2), ("binance", "out_of_reach", 1)):
            assert seen(server, "adlrisk_plans_total", venue=venue, outcome=outcome) == times
        assert seen(server, "adlrisk_books_total", operation="planPosition", venue="okx") == 3


def test_small_plans_need_no_slot_of_books() -> None:
    """While a large book arrives another is 503, and a plan as small as a score is answered, with a book or without."""
    large = among(1_000)
    with serving(max_books=1) as (server, client):
        with connected(server, sends=HEAD % (b"/plan", 200_000) + b"{"):
            wait_for(lambda: seen(server, "adlrisk_places_taken", limit="books") == 1, "the slot taken")
            assert_problem(client.post("/plan", json=large), "overloaded", 503)
            assert client.post("/plan", json=example("plan.request")).status_code == 200
            assert client.post("/plan", json=REQUEST).status_code == 200
        wait_for(lambda: seen(server, "adlrisk_places_taken", limit="books") == 0, "the slot free again")
        assert client.post("/plan", json=large).status_code == 200


def test_book_beyond_the_limit_is_refused_by_its_pointer() -> None:
    """Before it is decoded where its commas tell, and once it is where they do not; both name the book's columns."""
    with serving(max_positions=100) as (_, client):
        for times in (13, 1_000):
            refused = client.post("/plan", json=among(times))
            assert_problem(refused, "book-too-large", 413)
            assert refused.json()["errors"][0]["pointer"] == "/book/columns"


@pytest.mark.parametrize(
    ("venue", "left_out", "lacking"), [("okx", "equity", "margin"), ("binance", "", "maintenance_margin_rate")]
)
def test_key_that_is_unknown_gives_no_place(venue: str, left_out: str, lacking: str) -> None:
    """Where a place is the target, 422 names what would settle the key; else the plan has no place."""
    position = {name: value for name, value in REQUEST["position"].items() if name != left_out}
    book = {"columns": {**OTHERS, "maintenance_margin_rate": [0.01] * len(OTHERS["id"])}}
    request = {**REQUEST, "venue": venue, "position": position, "book": book}
    with serving() as (_, client):
        assert_problem(client.post("/plan", json=request), "input-required", 422, pointer=f"/position/{lacking}")
        planned = client.post("/plan", json={**request, "target": {"score": 0}}).raise_for_status().json()
    assert planned["now"]["fifth"] is None


def test_smaller_isolated_position_begins_further_back() -> None:
    """100 before it are a quarter of 400 contracts, two fifths of 250: of 200 it keeps 50, with their share of all."""
    others = [
        {"id": "a", "side": "short", "size": 100, "entry_price": 2_000, "leverage": 50},
        {"id": "b", "side": "short", "size": 100, "entry_price": 1_810, "leverage": 1},
    ]
    position = {"side": "short", "size": 200, "entry_price": 2_000, "mark_price": 1_800, "margin": 20_000}
    request = {
        **REQUEST,
        "margin_mode": "isolated",
        "position": position,
        "book": {"positions": others},
        "lot_size": 10,
    }
    answer = plan({**request, "book": {"positions": others}, "target": {"leave_fifth": 2}})
    smaller = next(option for option in answer.options if option.action == "reduce_size")
    assert (answer.now.fifth, smaller.amount, smaller.after.fifth) == (2, 150.0, 3)
    assert smaller.request["position"]["margin"] == 5_000
    assert smaller.after.priority == pytest.approx(answer.now.priority)


def test_winner_without_a_key_has_not_left_the_queue() -> None:
    """CoinEx divides by the margin, which is negative where profit is all there is: unknown, and so not reached."""
    answer = plan({**REQUEST, "venue": "coinex"})
    assert (answer.now.fifth, answer.reached) == (None, False)


def test_cost_orders_what_the_depth_cannot_fill() -> None:
    """Two options whose slippage is unknown are in the order of their fees: a close costs half of a roll."""
    shallow = {"bids": [{"offset": 0.001, "size": 0.1}], "asks": [{"offset": 0.001, "size": 0.1}]}
    actions = [option.action for option in plan({**REQUEST, "depth": shallow}).options]
    assert actions.index("close") < actions.index("roll")


def test_place_is_the_foremost_of_likely_formulas() -> None:
    """At Hyperliquid by the price's ratio 1.2 at 5x is behind 1.01 at 16.5x, by the return 17 % is before 1 %."""
    nine = [
        {"id": str(number), "side": "short", "size": 10, "entry_price": 1_818, "leverage": 20} for number in range(9)
    ]
    position = {"side": "short", "size": 10, "entry_price": 2_160, "mark_price": 1_800, "equity": 3_600}
    answer = plan({**REQUEST, "venue": "hyperliquid", "position": position, "book": {"positions": nine}})
    assert (answer.now.fifth, answer.reached, answer.confidence) == (1, False, "disputed")


@pytest.mark.parametrize("layout", ["positions", "columns"])
def test_leg_among_the_others_is_refused(client: httpx.Client, layout: str) -> None:
    """It would count twice, so its id in the book is a duplicate, told at its place."""
    row = {"id": "me", "side": "short", "size": 10, "entry_price": 2_000, "equity": 2_500}
    book = (
        {"positions": [row]} if layout == "positions" else {"columns": {name: [value] for name, value in row.items()}}
    )
    leg = {"id": "me", "side": "short", "size": 10, "entry_price": 2_000, "mark_price": 1_800}
    request = {"venue": "okx", "positions": [leg], "wallet_balance": 500, "leg": "me", "target": "low", "book": book}
    pointer = "/book/positions/0/id" if layout == "positions" else "/book/columns/id/0"
    assert_problem(client.post("/plan", json=request), "duplicate-id", 422, pointer=pointer)


def test_errors_of_a_book_are_the_librarys() -> None:
    """The library raises its own error, with the path within the book."""
    with pytest.raises(RefusedError) as refused:
        plan({**REQUEST, "book": {"positions": [{"id": "a", "side": "long", "size": 1, "entry_price": 1}]}})
    assert refused.value.path == ("book", "positions", 0, "margin")
