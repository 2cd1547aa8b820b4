"""Simulations whose inputs come from the market record of a symbol, and books made up of aggregates, over HTTP."""

from typing import Any

import httpx
import pytest

from support.running import assert_problem

RECORD: dict[str, Any] = {
    "contract": "linear",
    "lot_size": 1,
    "maintenance_tiers": [{"up_to_notional": 1000, "rate": 0.01}, {"rate": 0.05}],
    "insurance_fund": 100.0,
    "open_interest": 5000,
    "entries": [{"price": 96, "share": 0.5}, {"price": 104, "share": 0.5}],
    "entries_seen": 0.75,
    "size_for_one_percent": 40,
    "volatility": 1.5,
    "source": "a test",
    "ttl_seconds": 3600,
}
OWN = {"id": "mine", "side": "short", "size": 10, "entry_price": 104, "leverage": 10}
ALONE: dict[str, Any] = {"venue": "bitmex", "symbol": "X", "mark_price": 100, "position": OWN}
BOOK: dict[str, Any] = {
    "venue": "bitmex",
    "mark_price": 100,
    "maintenance_margin_rate": 0.01,
    "positions": [
        {"id": "a", "side": "long", "size": 10, "entry_price": 100, "margin": 50},
        {"id": "b", "side": "short", "size": 10, "entry_price": 100, "margin": 500},
    ],
    "marks": [94],
}

FUNDED: dict[str, Any] = {**BOOK, "fund": {"balance": 8}, "depth": {"size_for_one_percent": 8}}


def put_record(admin: httpx.Client, symbol: str, **changed: Any) -> None:
    record = {name: value for name, value in {**RECORD, **changed}.items() if value is not None}
    assert admin.put(f"/venues/bitmex/markets/{symbol}", json=record).status_code < 300


def exposure(admin: httpx.Client, **changed: Any) -> Any:
    return admin.post("/adl/exposure", json={**ALONE, **changed})


def test_a_symbol_and_a_position_are_enough(admin: httpx.Client) -> None:
    """Book, fund, depth, volatility, lot and rate come from the record, and the answer shows them with their age."""
    put_record(admin, "X")
    answer = exposure(admin).json()
    assert answer["filled"] == {
        "insurance_fund": 100,
        "fund_peak": None,
        "size_for_one_percent": 40,
        "open_interest": 5000,
        "entries": RECORD["entries"],
        "entries_seen": 0.75,
        "volatility": 1.5,
        "lot_size": 1,
        "maintenance_margin_rate": 0.01,
        "position_tier": {**RECORD["maintenance_tiers"][0], "amount": 0},
    }
    assert (answer["market"]["status"], answer["market"]["source"]) == ("used", "a test")
    assert 0.0 <= answer["market"]["age_seconds"] < 60.0
    assert answer["confidence"] == "approximation"
    assert len(answer["cases"]) == 6
    (mine,) = answer["range"]
    assert mine["id"] == "you"
    assert 0.0 < mine["probability"]["most"] <= 1.0
    assumed = " ".join(answer["assumptions"])
    for figure in ("5000 contracts", "75 % of the open interest", "150 % a year", "our own estimate"):
        assert figure in assumed


def test_ones_own_position_needs_no_id(admin: httpx.Client) -> None:
    """It is `you` in the answer, with an id or without."""
    put_record(admin, "ID")
    without = {name: value for name, value in OWN.items() if name != "id"}
    assert (
        exposure(admin, symbol="ID", position=without).json()["range"] == exposure(admin, symbol="ID").json()["range"]
    )


def test_an_answer_says_that_the_venue_has_no_queue(admin: httpx.Client) -> None:
    """Ranked by a formula of the request, or shared out by size, the assumptions say what the venue does instead."""
    for choice in ({"formula": "pnl_leverage"}, {"policy": "pro_rata_size"}):
        answer = admin.post("/adl/simulate", json={**FUNDED, "venue": "dydx", "fill_price": "mark", **choice}).json()
        assert any("not what dYdX v4 is known to do" in sentence for sentence in answer["assumptions"])
    refused = admin.post("/adl/simulate", json={**FUNDED, "venue": "dydx", "fill_price": "mark"})
    problem = assert_problem(refused, "venue-has-no-queue", 422)
    assert "a policy without ranking, such as pro_rata_size" in problem["detail"]


def test_an_answer_says_what_is_known_of_the_venues_fills(admin: httpx.Client) -> None:
    """Where the venue's fill price is used, the card's note is an assumption: OKX's changes once its fund is empty."""
    known = "the bankruptcy price once the security fund is nearly empty"
    for sent, is_told in (({}, True), ({"fill_price": "bankruptcy"}, False)):
        answer = admin.post("/adl/simulate", json={**FUNDED, "venue": "okx", **sent}).json()
        assert any(known in sentence for sentence in answer["assumptions"]) is is_told


def test_the_record_gives_what_sending_it_gives(admin: httpx.Client) -> None:
    """Sent in the request, the record's inputs lead to the same cases."""
    put_record(admin, "SAME")
    mix = admin.get("/venues/bitmex").json()["leverage_mix"]
    sent = {
        "symbol": None,
        "lot_size": 1,
        "fund": {"balance": 100},
        "depth": {"size_for_one_percent": 40},
        "moves": {"volatility": 1.5},
        "cohorts": {
            "open_interest": 5000,
            "entries": RECORD["entries"],
            "leverage": mix,
            "maintenance_margin_rate": 0.01,
        },
    }
    of_record, of_request = exposure(admin, symbol="SAME").json(), exposure(admin, **sent).json()
    assert of_record["cases"] == of_request["cases"]
    assert of_request["market"] is None
    assert set(of_request["filled"].values()) == {None}


def test_a_small_simulation_reads_the_record_too(admin: httpx.Client) -> None:
    """Handled in process, with a book of its own, it takes fund and depth from the record."""
    put_record(admin, "SMALL", insurance_fund=8.0)
    answer = admin.post("/adl/simulate", json={**BOOK, "symbol": "SMALL", "lot_size": 1}).json()
    (step,) = answer["steps"]
    assert step["fund"]["before"] == 8
    assert answer["filled"]["insurance_fund"] == 8
    assert answer["filled"]["open_interest"] is None
    assert answer["confidence"] == "documented"


def test_what_the_request_gives_stands_over_the_record(admin: httpx.Client) -> None:
    """A fund of its own is used, and `filled` has none."""
    put_record(admin, "OWN")
    answer = exposure(admin, symbol="OWN", fund={"balance": 7}).json()
    assert answer["filled"]["insurance_fund"] is None
    assert {point["fund_after"] for point in answer["cases"][0]["curve"] if point["move"] == 0.0} == {7}


@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ("insurance_fund", "/fund"),
        ("size_for_one_percent", "/depth"),
        ("open_interest", "/cohorts/open_interest"),
        ("entries", "/cohorts/entries"),
        ("volatility", "/moves/volatility"),
    ],
)
def test_what_the_record_lacks_is_named(admin: httpx.Client, field: str, pointer: str) -> None:
    """Each input that is in neither is refused with its pointer and the record's field."""
    put_record(admin, f"NO-{field}", **{field: None})
    problem = assert_problem(exposure(admin, symbol=f"NO-{field}"), "input-required", 422)
    assert [each["pointer"] for each in problem["errors"]] == [pointer]
    assert f"has no {field}" in problem["detail"]


def test_all_that_is_missing_is_named_at_once(admin: httpx.Client) -> None:
    """Without a record all five inputs are listed."""
    problem = assert_problem(exposure(admin, symbol="NOTHING"), "input-required", 422)
    assert [each["pointer"] for each in problem["errors"]] == [
        "/fund",
        "/depth",
        "/cohorts/open_interest",
        "/cohorts/entries",
        "/moves/volatility",
    ]
    assert "no market record of NOTHING" in problem["detail"]


def test_a_record_that_has_expired_is_not_used(admin: httpx.Client) -> None:
    """At a later time than it is valid for, its inputs are missing."""
    put_record(admin, "OLD", observed_at="2026-11-18T12:00:00Z", ttl_seconds=86_400)
    problem = assert_problem(exposure(admin, symbol="OLD", as_of="2026-11-20T12:00:00Z"), "input-required", 422)
    assert "not valid at as_of" in problem["detail"]


def test_a_record_of_another_contract_is_refused(admin: httpx.Client) -> None:
    """Contract and contract size scale all amounts, so they must agree."""
    put_record(admin, "SCALED", contract_size=0.01)
    problem = assert_problem(exposure(admin, symbol="SCALED"), "contract-mismatch", 422)
    assert problem["errors"][0]["pointer"] == "/contract_size"


@pytest.mark.parametrize("volatility", [5e-324, 9e-7, 21.0])
def test_a_record_takes_no_volatility_that_an_exposure_would_not(admin: httpx.Client, volatility: float) -> None:
    """The record's volatility has the bounds of the request's, for it takes its place."""
    own = exposure(admin, moves={"volatility": volatility})
    assert assert_problem(own, "invalid-request", 400)["errors"][0]["pointer"] == "/moves/volatility"
    put = admin.put("/venues/bitmex/markets/STILL", json={**RECORD, "volatility": volatility})
    assert assert_problem(put, "invalid-request", 400)["errors"][0]["pointer"] == "/volatility"


def test_a_large_position_of_ones_own_has_the_tier_of_its_size(admin: httpx.Client) -> None:
    """Cohorts are small accounts of the first tier, the own position is what it is, as in a score."""
    tiers = [{"up_to_notional": 1000, "rate": 0.01}, {"up_to_notional": 20_000, "rate": 0.05, "amount": 40}]
    put_record(admin, "TIERS", maintenance_tiers=tiers)
    large = {**OWN, "size": 100}
    answer = exposure(admin, symbol="TIERS", position=large).json()
    sent = {**large, "maintenance_margin_rate": 0.05, "maintenance_amount": 40}
    expected = exposure(admin, symbol="TIERS", position=sent).json()
    assert (answer["cases"], answer["range"]) == (expected["cases"], expected["range"])
    assert answer["filled"]["position_tier"] == tiers[1]
    assert (answer["filled"]["maintenance_margin_rate"], expected["filled"]["position_tier"]) == (0.01, None)
    same_rate = exposure(admin, symbol="TIERS", position={**large, "maintenance_margin_rate": 0.01}).json()
    assert answer["cases"] != same_rate["cases"]


def test_a_position_beyond_the_last_tier_needs_a_rate(admin: httpx.Client) -> None:
    """Which rate it has is not known, and none is assumed."""
    put_record(admin, "TOP", maintenance_tiers=[{"up_to_notional": 1000, "rate": 0.01}])
    refused = exposure(admin, symbol="TOP", position={**OWN, "size": 11})
    problem = assert_problem(refused, "maintenance-margin-required", 422)
    assert problem["errors"][0]["pointer"] == "/position/maintenance_margin_rate"
    given = exposure(admin, symbol="TOP", position={**OWN, "size": 11}, maintenance_margin_rate=0.01)
    assert given.json()["filled"]["position_tier"] is None


def test_a_second_book_is_refused(admin: httpx.Client) -> None:
    """Positions and cohorts contradict each other."""
    problem = assert_problem(
        admin.post("/adl/simulate", json={**BOOK, "cohorts": {"open_interest": 1}}), "invalid-request", 400
    )
    assert problem["errors"][0]["pointer"] == "/cohorts"


def test_the_venues_mix_of_leverage_can_be_changed(admin: httpx.Client) -> None:
    """A patched mix makes another book, and is not called our own estimate."""
    put_record(admin, "MIX")
    before = exposure(admin, symbol="MIX").json()
    patched = admin.patch("/venues/bitmex", json={"leverage_mix": [{"leverage": 20, "share": 1}]})
    assert patched.json()["leverage_mix"] == [{"leverage": 20, "share": 1}]
    try:
        after = exposure(admin, symbol="MIX").json()
    finally:
        assert admin.patch("/venues/bitmex", json={"leverage_mix": None}).status_code == 200
    assert after["cases"] != before["cases"]
    assert "our own estimate" not in " ".join(after["assumptions"])
    assert exposure(admin, symbol="MIX").json()["cases"] == before["cases"]


def test_a_mix_that_is_not_all_is_refused(admin: httpx.Client) -> None:
    """Shares that sum to less than 1 are no mix, on the card and in a request."""
    part = [{"leverage": 20, "share": 0.5}]
    problem = assert_problem(admin.patch("/venues/bitmex", json={"leverage_mix": part}), "invalid-card", 422)
    assert problem["errors"][0]["pointer"] == "/leverage_mix"
    problem = assert_problem(exposure(admin, leverage_mixes={"x": part}), "invalid-request", 400)
    assert problem["errors"][0]["pointer"].startswith("/leverage_mixes")


def test_the_range_is_over_all_mixes(admin: httpx.Client) -> None:
    """Each case is worked out for each mix, under its name, and the range spans all of them."""
    put_record(admin, "MIXES")
    mixes = {
        "low": [{"leverage": 2, "share": 1}],
        "high": [{"leverage": 10, "share": 0.5}, {"leverage": 20, "share": 0.5}],
    }
    answer = exposure(admin, symbol="MIXES", leverage_mixes=mixes, liquidity={"calm": 1, "severe": 0.06}).json()
    assert [(case["case"], case["path"], case["leverage_mix"]) for case in answer["cases"]] == [
        (case, path, mix) for mix in mixes for case in ("calm", "severe") for path in ("gap", "walk")
    ]
    found = [case["positions"][0]["probability"] for case in answer["cases"]]
    assert answer["range"][0]["probability"] == {"least": min(found), "most": max(found)}
    assert min(found) < max(found)
    alone = exposure(
        admin, symbol="MIXES", leverage_mixes={"high": mixes["high"]}, liquidity={"calm": 1, "severe": 0.06}
    )
    assert alone.json()["cases"] == answer["cases"][4:]


@pytest.mark.parametrize(
    "given", [{"positions": BOOK["positions"]}, {"cohorts": {"leverage": [{"leverage": 2, "share": 1}]}}]
)
def test_mixes_beside_another_book_are_refused(admin: httpx.Client, given: dict[str, Any]) -> None:
    """A book has no mix to replace, and cohorts with a mix of their own have one too many."""
    mixes = {"x": [{"leverage": 20, "share": 1}]}
    problem = assert_problem(exposure(admin, leverage_mixes=mixes, **given), "invalid-request", 400)
    assert "leverage_mixes" in problem["detail"]


def test_too_many_cohorts_are_refused_before_the_work(admin: httpx.Client) -> None:
    """A hundred entries of a hundred leverages in four mixes, 401 moves and 8 cases are more than 1e8."""
    entries = [{"price": 100 + step / 1000, "share": 0.01} for step in range(100)]
    mix = [{"leverage": 1 + step / 100, "share": 0.01} for step in range(100)]
    problem = assert_problem(
        exposure(
            admin,
            symbol=None,
            fund={"balance": 1},
            depth={"size_for_one_percent": 1},
            moves={"volatility": 1, "points": 401},
            cohorts={"open_interest": 1e6, "entries": entries, "maintenance_margin_rate": 0.001},
            lot_size=1,
            leverage_mixes=dict.fromkeys("abcd", mix),
            liquidity=dict.fromkeys("abcdefgh", 1),
        ),
        "simulation-too-large",
        413,
    )
    assert problem["errors"][0]["pointer"] == "/moves"
