"""``POST /plan``: amounts, costs and candidates worked out by hand, and what an option says besides."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from adlrisk.api.endpoints.plan.answer import answer_plan, plan_in_turns
from adlrisk.api.endpoints.plan.schema import PlanRequest
from adlrisk.domain.planning.search.least import finish
from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import MarketRecord
from adlrisk.venues.catalogue import load_catalogue
from adlrisk.venues.market_records import MarketKey, StoredRecord

CATALOGUE = load_catalogue()
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
CALM = {"funding_rate": 0.0, "funding_interval_hours": 8, "liquidation_spike": False, "thin_liquidity": False}
RATE = {"maintenance_margin_rate": 0.01}
WINNER = {"side": "short", "size": 10, "entry_price": 2_000, "mark_price": 1_800, "margin": 1_000}


def plan(position: dict[str, Any] | None = None, **given: Any) -> dict[str, Any]:
    request = {"venue": "okx", "target": "low", **given}
    if position is not None:
        request = {"market": CALM, "margin_mode": "isolated", **request, "position": position}
    answer = answer_plan(msgspec.convert(request, PlanRequest), venues=CATALOGUE, now=NOW)
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(answer))
    return plain


def option(answer: dict[str, Any], action: str) -> dict[str, Any]:
    found: dict[str, Any] = next(option for option in answer["options"] if option["action"] == action)
    return found


def flat(**fields: Any) -> dict[str, Any]:
    """A long of 1,000 at its entry."""
    return {"side": "long", "size": 10, "entry_price": 100, "mark_price": 100, **fields}


def test_least_margin_turns_leverage_off() -> None:
    """1,000 at 20x has 50 behind it: less than 15x takes more than 66.666, 16.67 in cents, or 17 in whole units."""
    fine = plan(flat(margin=50), target={"score": 0})
    assert option(fine, "add_margin")["amount"] == 16.67
    assert option(fine, "add_margin")["cost"] == {"margin": 16.67, "fees": 0.0, "slippage": 0.0}
    assert option(fine, "add_margin")["turns_off"] == ["leverage"]
    assert option(plan(flat(margin=50), target={"score": 0}, margin_step=1), "add_margin")["amount"] == 17.0


def test_fewest_lots_turn_leverage_off_at_cross_margin() -> None:
    """1,000 over 50 is 20x: below 15x leaves less than 7.5 contracts, so 2.6 of 10 are closed in lots of 0.2."""
    answer = plan(flat(equity=50), target={"score": 0}, margin_mode="cross", lot_size=0.2, taker_fee=0.001)
    assert option(answer, "reduce_size")["amount"] == 2.6
    assert option(answer, "reduce_size")["cost"] == {"margin": 0.0, "fees": 0.26, "slippage": None}
    assert option(answer, "reduce_size")["request"]["position"]["size"] == 7.4


def test_isolated_position_is_not_helped_by_a_smaller_size() -> None:
    """Isolated margin is released in proportion, so the option has no amount, changes nothing, and says why."""
    smaller = option(plan(flat(margin=50), target={"score": 0}), "reduce_size")
    assert (smaller["amount"], smaller["reaches_target"], smaller["turns_off"]) == (None, False, [])
    assert "in proportion" in smaller["does_not_change"][0]


def test_roll_turns_profit_into_margin() -> None:
    """The short's profit of 2,000 joins its margin of 1,000, at an entry of 1,800, for two fees of 0.05 % of 18,000."""
    rolled = option(plan(WINNER, target={"score": 0}), "roll")
    assert rolled["request"]["position"]["margin"] == 3_000.0
    assert rolled["request"]["position"]["entry_price"] == 1_800.0
    assert rolled["cost"]["fees"] == pytest.approx(18.0)
    assert (rolled["after"]["score"], rolled["turns_off"]) == (0, ["profit"])


def test_pair_reaches_what_no_option_reaches_alone() -> None:
    """A profit of 11 % needs a roll and 30x a smaller size or margin: only both together lead to 0."""
    position = {**WINNER, "margin": None, "equity": 600}
    answer = plan(position, target={"score": 0}, margin_mode="cross")
    reaching = [option["action"] for option in answer["options"] if option["reaches_target"]]
    assert reaching == ["close", "roll_and_reduce_size", "roll_and_add_margin"]
    assert option(answer, "roll_and_add_margin")["amount"] == 600.01  # 18,000 / 15, and a cent
    assert option(answer, "roll_and_reduce_size")["request"]["position"]["size"] == pytest.approx(5.0)


def test_cross_leg_is_judged_by_gross_leverage() -> None:
    """Legs of 1,000 and 500 over 75 make 20x; closing the larger to less than 625 brings both below 15x."""
    legs = [{**flat(), "id": "a"}, {**flat(size=5), "id": "b"}]
    answer = plan(positions=legs, leg="a", wallet_balance=75, target={"score": 0}, lot_size=0.01)
    assert answer["now"]["gross_leverage"] == 20.0
    assert answer["now"]["effective_leverage"] == pytest.approx(1_000 / 75)
    smaller = option(answer, "reduce_size")
    assert smaller["amount"] == 3.76
    assert smaller["request"]["positions"][1]["size"] == 5.0
    assert option(answer, "add_margin")["request"]["wallet_balance"] == 100.01


def test_others_maintenance_margin_stands_still() -> None:
    """Of 30 that were sent 25 belong to other positions: once half is closed, 27.5 are due."""
    position = flat(equity=60, maintenance_margin=30, maintenance_margin_rate=0.005)
    answer = plan(position, target={"score": 0}, margin_mode="cross", lot_size=5)
    assert option(answer, "reduce_size")["amount"] == 5.0
    assert option(answer, "reduce_size")["request"]["position"]["maintenance_margin"] == 27.5


def test_slippage_walks_the_side_that_is_traded() -> None:
    """Buying 10 back takes 4 asks 1.8 above the mark and 6 asks 3.6 above; selling them again, 10 bids 0.9 below."""
    depth = {
        "asks": [{"offset": 0.001, "size": 4}, {"offset": 0.002, "size": 10}],
        "bids": [{"offset": 0.0005, "size": 10}],
    }
    answer = plan(WINNER, target={"score": 0}, depth=depth)
    assert option(answer, "close")["cost"]["slippage"] == pytest.approx(4 * 1.8 + 6 * 3.6)
    assert option(answer, "roll")["cost"]["slippage"] == pytest.approx(4 * 1.8 + 6 * 3.6 + 10 * 0.9)


def test_slippage_along_a_curve_takes_what_is_left_of_it() -> None:
    """A quarter of the depth makes a fill go four times as far."""
    whole, quarter = (
        option(plan(WINNER, target={"score": 0}, depth={"size_for_one_percent": 100, "shape": 1, **left}), "close")
        for left in ({}, {"depth_left": 0.25})
    )
    assert quarter["cost"]["slippage"] == pytest.approx(4 * whole["cost"]["slippage"])


def test_slippage_takes_what_is_left_in_whole_lots() -> None:
    """Half of a level of 5 is 2.5, of which lots of 1 take 2; then the next level, half of 20, has to give 8."""
    levels = [{"offset": 0.001, "size": 5}, {"offset": 0.002, "size": 20}]
    answer = plan(WINNER, target={"score": 0}, lot_size=1, depth={"levels": levels, "depth_left": 0.5})
    assert option(answer, "close")["cost"]["slippage"] == pytest.approx(2 * 1.8 + 8 * 3.6)


def test_slippage_of_an_inverse_contract_is_in_its_base_currency() -> None:
    """1,000 contracts of 1 dollar sold at 9,900 instead of 10,000 lose 1,000 · (1/9,900 − 1/10,000)."""
    position = {"side": "long", "size": 1_000, "entry_price": 8_000, "mark_price": 10_000, "margin": 0.1}
    depth = {"levels": [{"offset": 0.01, "size": 5_000}]}
    answer = plan({**position, "contract": "inverse"}, target={"score": 0}, depth=depth)
    assert option(answer, "close")["cost"]["slippage"] == pytest.approx(1_000 / 9_900 - 1_000 / 10_000)
    assert option(answer, "close")["cost"]["fees"] == pytest.approx(0.0005 * 0.1)


@pytest.mark.parametrize("size", [10, 0.001])
def test_slippage_along_a_curve_is_exact_for_any_size(size: float) -> None:
    """Where 100 contracts stand within 1 %, a fill of n goes n/100 % far, and on average half of that."""
    answer = plan({**WINNER, "size": size}, target={"score": 0}, depth={"size_for_one_percent": 100, "shape": 1})
    assert option(answer, "close")["cost"]["slippage"] == pytest.approx(1_800 * size * (size / 100 / 100) / 2)


def mean_below(x: float) -> float:
    """The mean of u/(1 - u) from 0 to ``x``."""
    return -math.log(1 - x) / x - 1


def mean_above(x: float) -> float:
    """The mean of u/(1 + u) from 0 to ``x``."""
    return 1 - math.log(1 + x) / x


@pytest.mark.parametrize(("side", "mean"), [("long", mean_below), ("short", mean_above)])
def test_slippage_along_a_curve_of_an_inverse_contract(side: str, mean: Callable[[float], float]) -> None:
    """30 % into the book it is the integral of what each contract loses: u/(1 - u) of bids, u/(1 + u) of asks."""
    position = {"side": side, "size": 3_000, "entry_price": 9_900, "mark_price": 10_000, "margin": 0.01}
    depth = {"size_for_one_percent": 100, "shape": 1}
    answer = plan({**position, "contract": "inverse"}, target={"score": 0}, depth=depth)
    assert option(answer, "close")["cost"]["slippage"] == pytest.approx(3_000 * mean(0.3) / 10_000)


def test_slippage_in_a_depth_of_nothing_is_unknown() -> None:
    """A depth that is left by so little that it is 0, or so thin that no double holds the distance, fills nothing."""
    for size, left in ((10, 1e-320), (1e15, 1e-10)):
        depth = {"size_for_one_percent": 1e-12, "shape": 0.1, "depth_left": left}
        answer = plan(
            {**WINNER, "size": size, "margin": 1e15 if size > 10 else 1_000}, target={"score": 0}, depth=depth
        )
        assert option(answer, "close")["cost"]["slippage"] is None


def test_slippage_along_a_curve_ends_at_half_of_the_price() -> None:
    """Where shape is 1 and 100 contracts stand within 1 %, there are 5,000 within 50 %, and none beyond."""
    depth = {"size_for_one_percent": 100, "shape": 1}
    for size, known in ((5_000, True), (5_001, False)):
        answer = plan({**WINNER, "size": size, "margin": 1e7}, target={"score": 0}, depth=depth)
        assert (option(answer, "close")["cost"]["slippage"] is not None) is known


def test_depth_too_small_to_fill_leaves_slippage_unknown() -> None:
    """What the order book cannot fill has no price: slippage is null, and the option comes after those that fill."""
    answer = plan(WINNER, target={"score": 0}, depth={"levels": [{"offset": 0.001, "size": 9}]})
    assert option(answer, "close")["cost"]["slippage"] is None


def test_reduce_only_orders_are_resized_to_what_is_left() -> None:
    """An order that is larger than the rest is listed with the rest, one on the other side is left alone."""
    orders = [{"id": "stop", "side": "sell", "size": 10}, {"id": "take", "side": "sell", "size": 7}]
    orders.append({"id": "other", "side": "buy", "size": 10})
    answer = plan(flat(equity=50), target={"score": 0}, margin_mode="cross", lot_size=0.2, orders=orders)
    assert option(answer, "reduce_size")["orders"] == [{"id": "stop", "old_size": 10.0, "new_size": 7.4}]
    assert [order["new_size"] for order in option(answer, "close")["orders"]] == [0.0, 0.0]
    assert option(answer, "add_margin")["orders"] == []


def test_signals_of_the_market_are_not_yours() -> None:
    """Funding, stress and the meter are listed as nobody's to turn off, and the target behind them is out of reach."""
    stressed = {**CALM, "funding_rate": 0.01, "liquidation_spike": True}
    answer = plan({**WINNER, "adl_meter": 5}, market=stressed)
    assert [each["signal"] for each in answer["not_yours"]] == ["funding", "market_stress", "adl_meter"]
    assert answer["reachable"] is False
    assert [each["action"] for each in answer["options"] if each["reaches_target"]] == ["close"]


def test_reached_target_needs_no_option() -> None:
    """Who is at the target already is told so, and nothing else."""
    answer = plan(flat(margin=500))
    assert (answer["reached"], answer["reachable"], answer["options"], answer["candidate"]) == (True, True, [], None)


def test_unknown_backing_is_not_guessed() -> None:
    """Without equity, margin or leverage no margin and no size is computed; a roll needs none of them."""
    answer = plan({**WINNER, "margin": None}, target={"score": 0}, margin_mode="cross")
    assert sorted(option["action"] for option in answer["options"]) == ["close", "hedge", "roll"]


def test_candidate_is_told_how_large_it_may_be() -> None:
    """With 100 behind it, 1,499 is below 15x and 1,500 is not; for 1,000, 66.67 is enough and 66.66 is not."""
    answer = plan(flat(margin=100, **RATE), target={"score": 0}, candidate=True, lot_size=0.1)
    assert answer["candidate"] == {"largest_size": 14.9, "least_margin": 66.67}


def test_candidate_in_an_account_counts_its_other_legs() -> None:
    """Beside 500 with 100 behind both, less than 1,000 may be opened; 1,000 needs more than 100."""
    legs = [{**flat(**RATE), "id": "new"}, {**flat(size=5, **RATE), "id": "old"}]
    answer = plan(positions=legs, leg="new", wallet_balance=100, target={"score": 0}, lot_size=0.1, candidate=True)
    assert answer["candidate"] == {"largest_size": 9.9, "least_margin": 100.01}


def test_candidate_that_no_size_helps_has_none() -> None:
    """Where the market alone misses the target, neither a size nor a margin has it."""
    stressed = {**CALM, "funding_rate": 0.01, "liquidation_spike": True}
    answer = plan(flat(margin=100, **RATE), market=stressed, candidate=True)
    assert answer["candidate"] == {"largest_size": 0.0, "least_margin": None}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"positions": [{**flat(), "id": "a"}], "leg": "b"}, "unknown-id"),
        ({"position": flat(margin=50, margin_mode="cross"), "margin_mode": "isolated"}, "margin-mode-mismatch"),
        ({"position": flat(margin=50), "margin_mode": "isolated", "lot_size": 3}, "not-a-lot-multiple"),
    ],
)
def test_contradiction_is_refused(given: dict[str, Any], problem: str) -> None:
    """A leg that is not there, two margin modes and a size in no whole lots are refused by name."""
    with pytest.raises(RefusedError) as refused:
        plan(**given)
    assert refused.value.problem == problem


def test_lot_of_the_market_record_is_taken() -> None:
    """Where the request has no lot size, size comes in that of the symbol's record: 2.6 of 10 in lots of 0.2."""
    market = MarketRecord(lot_size=0.2)
    record = StoredRecord(market=market, observed_at=NOW, source="a test", ttl_seconds=60)
    request = {"venue": "okx", "symbol": "X", "position": flat(equity=50), "market": CALM, "margin_mode": "cross"}
    turns = plan_in_turns(
        msgspec.convert({**request, "target": {"score": 0}}, PlanRequest),
        venues=CATALOGUE,
        now=NOW,
        records={MarketKey("okx", "X"): record},
    )
    smaller = next(option for option in finish(turns).options if option.action == "reduce_size")
    assert smaller.amount == 2.6
