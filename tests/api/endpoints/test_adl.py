"""``POST /adl/partial`` and ``POST /adl/allocate`` over HTTP: documented examples, layouts, and large books."""

import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from adlrisk.domain.deleverage.policies import POLICIES
from adlrisk.settings import Settings
from support.running import RunningServer, assert_problem, example

PACKED = "application/msgpack"
PARTIAL: dict[str, Any] = example("adl-partial.request")
ALLOCATE: dict[str, Any] = example("adl-allocate.request")
POLICIES_COMPARED: dict[str, Any] = example("adl-allocate-policies.request")
FILL = ["id", "closed", "closed_lots", "remaining", "realized_pnl", "haircut", "leverage_after"]


def test_partial_close_matches_the_worked_example(client: httpx.Client) -> None:
    """domain.md: 4 of 10 ETH at 1,800: short 6, +1,200 open, +800 realized, 40 % gone; 400 missed at 1,700."""
    answer = client.post("/adl/partial", json=PARTIAL).json()
    assert list(answer) == [
        "closed_size", "fill_price", "realized_pnl", "exposure_removed", "before", "after", "scenarios",
        "account", "orders", "venue",
    ]  # fmt: skip
    assert (answer["closed_size"], answer["fill_price"], answer["realized_pnl"]) == (4, 1800, 800)
    assert answer["exposure_removed"] == pytest.approx(0.4)
    assert (answer["before"]["size"], answer["before"]["unrealized_pnl"]) == (10, 2000)
    assert (answer["after"]["size"], answer["after"]["unrealized_pnl"]) == (6, 1200)
    scenario = answer["scenarios"][0]
    assert scenario == {"price": 1700, "pnl_without_adl": 3000, "pnl_with_adl": 2600, "missed_profit": 400}
    assert answer["venue"]["id"] == "binance"


def test_partial_close_and_score_show_the_same_state(client: httpx.Client) -> None:
    """A position has one state, whichever endpoint shows it."""
    score = client.post("/score", json={"venue": "binance", "position": PARTIAL["position"]}).json()
    before = client.post("/adl/partial", json=PARTIAL).json()["before"]
    assert before == {"size": 10, **score["state"]}
    assert list(before) == ["size", *score["state"]]


@pytest.mark.parametrize(("entry", "pnl"), [(100_000, 12_000), (88_900, 900), (87_000, -1_000)])
def test_partial_close_matches_kucoins_documented_settlements(client: httpx.Client, entry: float, pnl: float) -> None:
    """KuCoin, article 26686471898009: shorts settled at 88,000 make 12,000, 900 and −1,000 a coin."""
    position = {"side": "short", "size": 1, "entry_price": entry, "mark_price": 86_000, "leverage": 5}
    request = {"venue": "kucoin", "position": position, "close": {"fraction": 1}, "fill_price": 88_000}
    answer = client.post("/adl/partial", json=request).json()
    assert answer["realized_pnl"] == pnl
    assert answer["after"]["margin"] == 0
    assert answer["after"]["effective_leverage"] is None


def test_partial_close_defaults_to_the_generic_venue(client: httpx.Client) -> None:
    """A partial close does not need a venue."""
    request = {name: part for name, part in PARTIAL.items() if name != "venue"}
    assert client.post("/adl/partial", json=request).json()["venue"]["id"] == "generic"


def test_partial_close_takes_the_margin_mode_of_the_position(client: httpx.Client) -> None:
    """Cross: all margin of 1,000 and the 800 of 4 ETH stay; isolated, the default: 6 of 10 parts of the margin."""
    for mode, margin in (("cross", 1800), ("isolated", 600), (None, 600)):
        request = {**PARTIAL, "position": {**PARTIAL["position"], "margin_mode": mode}}
        assert client.post("/adl/partial", json=request).json()["after"]["margin"] == margin


def test_partial_close_uses_the_maintenance_basis(client: httpx.Client) -> None:
    """The liquidation price before and after is by the basis of the request, else of the venue, as in a score."""
    prices = {
        basis: client.post(
            "/adl/partial", json={**PARTIAL, "position": {**PARTIAL["position"], "maintenance_basis": basis}}
        ).json()["after"]["liquidation_price"]
        for basis in ("mark", "entry", None)
    }
    assert prices["mark"] == prices[None] == pytest.approx(2079.2079, abs=1e-4)
    assert prices["entry"] == pytest.approx(2080.0)  # 2,000 + (1,000 − 1 % of 20,000) / 10


def test_allocation_matches_bitmexs_documented_example(client: httpx.Client) -> None:
    """BitMEX, autoDeleveragingExamples: a short of 20 at 650 closes 10 of the first and 10 of the second's 20."""
    answer = client.post("/adl/allocate", json=ALLOCATE).json()
    assert list(answer) == [
        "requested_lots", "fill_price", "fill_price_rule", "same_side", "ineligible", "formula", "formula_source",
        "confidence", "results", "venue",
    ]  # fmt: skip
    assert (answer["formula"], answer["formula_source"], answer["confidence"]) == (
        "pnl_leverage",
        "venue",
        "documented",
    )
    assert (answer["requested_lots"], answer["fill_price"], answer["fill_price_rule"]) == (20, 650, "bankruptcy")
    (result,) = answer["results"]
    assert list(result) == [
        "policy", "closed_lots", "uncovered_lots", "accounts_hit", "accounts_closed", "largest_share",
        "top_leverage_after", "total_haircut", "fills",
    ]  # fmt: skip
    assert [list(fill) for fill in result["fills"]] == [FILL, FILL]
    assert [(fill["id"], fill["closed"], fill["remaining"]) for fill in result["fills"]] == [
        ("2", 10, 0),
        ("5", 10, 10),
    ]
    assert (result["policy"], result["closed_lots"], result["uncovered_lots"]) == ("venue", 20, 0)


def test_allocation_matches_vegas_documented_shares(client: httpx.Client) -> None:
    """Wins of 1,400 and 700 with 1,600 to collect: 1,067 and 533."""
    positions = [
        {"id": name, "side": "long", "size": 2000, "entry_price": entry, "leverage": 2}
        for name, entry in (("a", 99.3), ("b", 99.65))
    ]
    request = {
        "venue": "generic",
        "mark_price": 100,
        "bankrupt": {"side": "short", "size": 1600, "bankruptcy_price": 100},
        "lot_size": 1,
        "policies": ["pro_rata_profit"],
        "fill_price": "mark",
        "positions": positions,
    }
    (result,) = client.post("/adl/allocate", json=request).json()["results"]
    assert [fill["closed_lots"] for fill in result["fills"]] == [1067, 533]


def test_one_request_compares_all_policies(client: httpx.Client) -> None:
    """All six come in the order of the request, each adds up, and the last leaves the lowest top leverage."""
    answer = client.post("/adl/allocate", json={**POLICIES_COMPARED, "layout": "rows"}).json()
    assert [result["policy"] for result in answer["results"]] == list(POLICIES)
    assert (answer["same_side"], answer["ineligible"]) == (1, 1)
    for result in answer["results"]:
        assert result["closed_lots"] + result["uncovered_lots"] == answer["requested_lots"] == 2000
        assert sum(fill["closed_lots"] for fill in result["fills"]) == result["closed_lots"]
    tops = [result["top_leverage_after"] for result in answer["results"]]
    assert min(tops) == tops[-1] < tops[0]


def transposed(answer: Any) -> Any:
    """Return an answer in columns as the answer in rows."""
    for result in answer["results"]:
        columns = result.pop("columns")
        assert list(columns) == FILL
        result["fills"] = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return answer


@pytest.mark.parametrize("request_", [ALLOCATE, POLICIES_COMPARED], ids=["one", "six"])
def test_rows_and_columns_hold_the_same_fills(client: httpx.Client, request_: dict[str, Any]) -> None:
    """Fills in rows and in columns, in JSON and in MessagePack, are the same answer."""
    plain = client.post("/adl/allocate", json={**request_, "layout": "rows"}).json()
    assert transposed(client.post("/adl/allocate", json={**request_, "layout": "columns"}).json()) == plain
    for layout in ("rows", "columns"):
        packed = client.post(
            "/adl/allocate",
            content=msgspec.msgpack.encode({**request_, "layout": layout}),
            headers={"content-type": PACKED, "accept": PACKED},
        )
        answer = msgspec.msgpack.decode(packed.content)
        assert (transposed(answer) if layout == "columns" else answer) == plain


@pytest.mark.parametrize(
    ("venue", "fill_price", "expected"),
    [
        ("bitmex", None, (650, "bankruptcy")),
        ("hyperliquid", None, (655, "mark")),
        ("bitmex", "mark", (655, "mark")),
        ("hyperliquid", "bankruptcy", (650, "bankruptcy")),
        ("generic", 652.5, (652.5, "given")),
    ],
)
def test_request_overrides_the_venues_fill_price(
    client: httpx.Client, venue: str, fill_price: Any, expected: tuple[float, str]
) -> None:
    """The fill price is the card's rule, unless the request names a rule or a number."""
    answer = client.post("/adl/allocate", json={**ALLOCATE, "venue": venue, "fill_price": fill_price}).json()
    assert (answer["fill_price"], answer["fill_price_rule"]) == expected


def test_allocation_reports_uncovered_lots(client: httpx.Client) -> None:
    """150 lots against 100: under every policy the other 50 are uncovered, and not spread."""
    request = {**ALLOCATE, "policies": list(POLICIES), "bankrupt": {**ALLOCATE["bankrupt"], "size": 150}}
    for result in client.post("/adl/allocate", json=request).json()["results"]:
        assert (result["closed_lots"], result["uncovered_lots"], result["accounts_closed"]) == (100, 50, 6)
        assert result["top_leverage_after"] == 0


def test_venue_without_a_queue_allows_other_policies(client: httpx.Client) -> None:
    """Where chance picks (dYdX), the queue is refused, and what needs none is answered."""
    request = {**ALLOCATE, "venue": "dydx", "policies": ["pro_rata_size", "min_max_leverage"]}
    answer = client.post("/adl/allocate", json=request).json()
    assert [result["closed_lots"] for result in answer["results"]] == [20, 20]
    for policy in ("venue", "pro_rata_score"):
        refused = client.post("/adl/allocate", json={**request, "policies": [policy]})
        assert_problem(refused, "venue-has-no-queue", 422, pointer="/venue")


def test_request_may_name_the_formula(client: httpx.Client) -> None:
    """The formula decides the queue and who is in it: at mark over entry the flat long 3 is not, and 1 is first."""
    positions = [
        {"id": "1", "side": "long", "size": 10, "entry_price": 109, "margin": 45},  # 110/109 · 20, p·L 20/109
        {"id": "2", "side": "long", "size": 10, "entry_price": 100, "margin": 120},  # 1.1 · 5, p·L 0.5
        {"id": "3", "side": "long", "size": 10, "entry_price": 110, "margin": 500},
    ]
    request = {
        "venue": "dydx",
        "mark_price": 110,
        "bankrupt": {"side": "short", "size": 15, "bankruptcy_price": 110},
        "lot_size": 1,
        "positions": positions,
    }
    closed = {}
    for formula in ("pnl_leverage", "price_ratio_leverage"):
        answer = client.post("/adl/allocate", json={**request, "formula": formula}).json()
        assert (answer["formula"], answer["formula_source"], answer["confidence"]) == (formula, "request", None)
        (result,) = answer["results"]
        closed[formula] = (answer["ineligible"], [(fill["id"], fill["closed"]) for fill in result["fills"]])
    assert closed == {
        "pnl_leverage": (0, [("2", 10), ("1", 5)]),
        "price_ratio_leverage": (1, [("1", 10), ("2", 5)]),
    }


def test_allocation_without_a_queue_names_no_formula(client: httpx.Client) -> None:
    """Where the venue has no queue and the request names no formula, formula, source and confidence are null."""
    answer = client.post("/adl/allocate", json={**ALLOCATE, "venue": "dydx", "policies": ["pro_rata_size"]}).json()
    assert (answer["formula"], answer["formula_source"], answer["confidence"]) == (None, None, None)


def large_book(count: int) -> dict[str, Any]:
    """Return a book of longs and shorts around 100, in lots of 0.001."""
    return {
        "venue": "bitmex",
        "mark_price": 100.0,
        "bankrupt": {"side": "long", "size": count * 0.625, "bankruptcy_price": 101.0},
        "lot_size": 0.001,
        "policies": list(POLICIES),
        "columns": {
            "id": [f"account-{number}" for number in range(count)],
            "side": ["short", "long", "short"] * (count // 3) + ["short"] * (count % 3),
            "size": [round(1.0 + number % 977 * 0.001, 3) for number in range(count)],
            "entry_price": [90.0 + number % 23 for number in range(count)],
            "leverage": [1.0 + number % 11 for number in range(count)],
        },
    }


@pytest.fixture(scope="module")
def through_worker() -> Iterator[httpx.Client]:
    """A server that sends every book of more than a kilobyte to its worker."""
    with (
        RunningServer(Settings(inline_book_bytes=1024), log=io.StringIO()) as running,
        httpx.Client(base_url=running.url, timeout=120) as connected,
    ):
        yield connected


@pytest.mark.parametrize("layout", ["rows", "columns"])
def test_worker_allocates_a_book_of_100_000_under_all_policies(through_worker: httpx.Client, layout: str) -> None:
    """Each policy adds up exactly, and no position is closed beyond its size."""
    request = {**large_book(100_000), "layout": layout}
    response = through_worker.post("/adl/allocate", json=request)
    assert response.status_code == 200, response.text[:500]
    answer = response.json()
    assert answer["requested_lots"] == 62_500_000
    size = dict(zip(request["columns"]["id"], request["columns"]["size"], strict=True))
    for result in answer["results"]:
        if layout == "rows":
            lots = {fill["id"]: fill["closed_lots"] for fill in result["fills"]}
        else:
            lots = dict(zip(result["columns"]["id"], result["columns"]["closed_lots"], strict=True))
        assert sum(lots.values()) == result["closed_lots"]
        assert result["closed_lots"] + result["uncovered_lots"] == 62_500_000
        assert len(lots) == result["accounts_hit"] > 10
        assert all(0 < closed <= round(size[account] * 1000) for account, closed in lots.items())
    assert sum(result["uncovered_lots"] == 0 for result in answer["results"]) >= 3


def test_worker_allocates_like_the_service(through_worker: httpx.Client, client: httpx.Client) -> None:
    """A book gets the same answer from the worker as inline, problems included."""
    request = {**large_book(900), "layout": "rows"}
    body, headers = json.dumps(request).encode(), {"content-type": "application/json"}
    worked = through_worker.post("/adl/allocate", content=body, headers=headers)
    assert worked.status_code == 200
    assert worked.content == client.post("/adl/allocate", content=body, headers=headers).content
    request["columns"]["size"][6] = 1.0005
    refused = through_worker.post("/adl/allocate", json=request)
    assert_problem(refused, "not-a-lot-multiple", 422, pointer="/columns/size/6")
