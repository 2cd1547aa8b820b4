"""What a plan must not call a way out: insolvency, a liquidation that is due, and figures of a tier that is left."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from adlrisk import RefusedError, plan
from adlrisk.api.endpoints.plan.answer import plan_in_turns
from adlrisk.api.endpoints.plan.schema import PlanRequest
from adlrisk.domain.planning.search.least import finish
from adlrisk.domain.position.market import MaintenanceTier, Market, MarketRecord
from adlrisk.domain.position.position import Position
from adlrisk.venues.catalogue import load_catalogue
from adlrisk.venues.market_records import MarketKey, StoredRecord

CALM = {"funding_rate": 0.0, "funding_interval_hours": 8, "liquidation_spike": False, "thin_liquidity": False}
CATALOGUE = load_catalogue()
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
RATE = {"maintenance_margin_rate": 0.01}
WEDNESDAY = "2026-11-18T12:00:00Z"
SHORT: dict[str, Any] = {"side": "short", "size": 10, "entry_price": 1_700, "mark_price": 1_800, "adl_meter": 1}


def planned(position: dict[str, Any], **given: Any) -> dict[str, Any]:
    request = {
        "venue": "okx",
        "market": CALM,
        "margin_mode": "isolated",
        "target": "low",
        "as_of": "2026-11-18T12:00:00Z",
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(plan({**request, "position": position, **given})))
    return plain


def option(answer: dict[str, Any], action: str) -> dict[str, Any]:
    found: dict[str, Any] = next(option for option in answer["options"] if option["action"] == action)
    return found


def test_insolvent_position_has_no_target() -> None:
    """500 of margin less a loss of 1,000: its score is low, but it has nothing, until 500.01 more stand behind it."""
    answer = planned({**SHORT, "margin": 500}, target={"score": 10})
    assert (answer["reached"], answer["now"]["score"]) == (False, 2)
    assert option(answer, "add_margin")["amount"] == 500.01


def test_position_past_its_liquidation_price_has_no_target() -> None:
    """1,100 of margin less 1,000 is below 1 % of 18,000: 80.01 more makes it 180.01."""
    answer = planned({**SHORT, "margin": 1_100, "maintenance_margin_rate": 0.01}, target={"score": 10})
    assert (answer["reached"], answer["now"]["danger"]) == (False, "liquidation")
    margin = option(answer, "add_margin")
    assert margin["amount"] == 80.01
    assert any(sentence.startswith("Liquidation: ") for sentence in margin["does_not_change"])


def test_candidate_must_stand_above_its_maintenance_margin() -> None:
    """A long of 1,000 needs more than 10 behind it at 1 %, whatever the score allows: and 10 carry less than 1,000."""
    position = {"side": "long", "size": 10, "entry_price": 100, "mark_price": 100, "maintenance_margin_rate": 0.01}
    answer = planned({**position, "margin": 10}, candidate=True, lot_size=0.1)
    assert answer["candidate"] == {"largest_size": 9.9, "least_margin": 10.01}


def test_maintenance_margin_of_a_candidate_grows_with_its_size() -> None:
    """Of 18 that were sent 3.6 are its own, 0.4 % of 900; beside the others' 14.4, 45 carry 8 of 3.6, and not 9."""
    position = {
        "side": "short", "size": 1, "entry_price": 900, "mark_price": 900, "equity": 45,
        "maintenance_margin_rate": 0.004, "maintenance_margin": 18,
    }  # fmt: skip
    answer = planned(position, margin_mode="cross", candidate=True, lot_size=1, target={"score": 10})
    assert answer["candidate"]["largest_size"] == 8.0


def test_whole_numbers_may_have_a_point() -> None:
    """A score of 2.0 is 2, as everywhere in the API."""
    assert planned({**SHORT, "margin": 5_000}, target={"score": 2.0})["reached"] is True


def test_candidate_must_be_whole_lots() -> None:
    """A size that is no multiple of the lot is refused, as in any plan."""
    position = {"side": "long", "size": 0.5, "entry_price": 1, "mark_price": 1, "margin": 1, **RATE}
    with pytest.raises(RefusedError, match="no whole number"):
        planned(position, candidate=True, lot_size=1)


def test_candidate_beyond_the_last_tier_is_unknown() -> None:
    """Above the record's last tier nobody knows what is needed, so that no larger size is promised."""
    record = MarketRecord(
        maintenance_tiers=(
            MaintenanceTier(up_to_notional=1_000, rate=0.01),
            MaintenanceTier(up_to_notional=5_000, rate=0.02, amount=10),
        )
    )
    stored = StoredRecord(market=record, observed_at=NOW, source="a test", ttl_seconds=60)
    request = PlanRequest(
        venue="okx",
        symbol="X",
        position=Position(side="long", size=5, entry_price=100, mark_price=100, margin=200, adl_meter=1),
        market=msgspec.convert(CALM, Market),
        margin_mode="isolated",
        target="watch",
        candidate=True,
        lot_size=1,
    )
    turns = plan_in_turns(request, venues=CATALOGUE, now=NOW, records={MarketKey("okx", "X"): stored})
    candidate = finish(turns).candidate
    assert candidate is not None
    assert candidate.largest_size == 50.0


def test_candidate_without_a_maintenance_rate_is_unknown() -> None:
    """Nobody knows when it is liquidated, so neither size nor margin is told, and `missing` names the rate."""
    position = {"side": "long", "size": 10, "entry_price": 100, "mark_price": 100, "margin": 10}
    answer = planned(position, candidate=True)
    assert answer["candidate"] is None
    assert "maintenance_margin_rate" in answer["missing"]


def test_candidate_without_backing_is_unknown() -> None:
    """Where nothing says what backs it, neither is told."""
    position = {"side": "long", "size": 10, "entry_price": 100, "mark_price": 100, "maintenance_margin_rate": 0.01}
    answer = planned(position, candidate=True)
    assert answer["candidate"] is None
    assert "margin" in answer["missing"]


def test_candidate_has_no_options() -> None:
    """What is not held yet is neither closed nor rolled nor hedged."""
    position = {"side": "long", "size": 10, "entry_price": 100, "mark_price": 100, "margin": 20}
    answer = planned({**position, "maintenance_margin_rate": 0.01}, candidate=True, target={"score": 0})
    assert (answer["reached"], answer["options"], answer["reachable"]) == (False, [], True)


def test_option_that_misses_the_target_takes_the_least_that_lowers_the_score() -> None:
    """12,345·10 from 0.45644 at 0.37318: 1,010 make the score 4; the profit of 22 % stays, whatever is added."""
    position = {
        "side": "short", "size": 12_345, "contract_size": 10,
        "entry_price": 0.45644, "mark_price": 0.37318, "equity": 2_062.21,
    }  # fmt: skip
    thin = {**CALM, "thin_liquidity": True}
    answer = planned(position, market=thin, margin_mode="cross", margin_step=10)
    margin = option(answer, "add_margin")
    assert (answer["now"]["score"], margin["after"]["score"], margin["reaches_target"]) == (6, 4, False)
    assert margin["amount"] == 1_010


def test_maintenance_amount_shrinks_with_the_size() -> None:
    """A tier's 2 % less 5,000 is 9,400 for 720,000; 150 of 400, of a tier nobody sent, need 3,525 at most."""
    position = {
        "side": "short", "size": 400, "entry_price": 2_000, "mark_price": 1_800, "equity": 20_000,
        "maintenance_margin_rate": 0.02, "maintenance_amount": 5_000,
    }  # fmt: skip
    answer = planned(position, margin_mode="cross", lot_size=50, target={"score": 0})
    smaller = option(answer, "reduce_size")
    assert smaller["amount"] == 250
    assert smaller["request"]["position"]["maintenance_amount"] == 1_875
    # 20,000 - 150·(p - 1,800) = 2 % of 150·p - 1,875
    assert smaller["after"]["liquidation_price"] == pytest.approx(291_875 / 153)


def test_lot_is_not_taken_for_other_legs() -> None:
    """A leg alone in its account is kept up by its lot: nothing is said of legs that there are not."""
    leg = {"id": "a", "symbol": "X", "side": "long", "size": 2, "entry_price": 98.6, "mark_price": 100, "adl_meter": 1}
    request = {
        "venue": "okx", "equity": 5, "markets": {"X": CALM}, "positions": [leg],
        "leg": "a", "target": {"score": 0}, "lot_size": 1,
    }  # fmt: skip
    told = [sentence for option in plan(request).options for sentence in option.does_not_change]
    assert not any("other legs" in sentence for sentence in told)


def test_hedge_of_a_smaller_roll_is_told_to_be_open() -> None:
    """Whatever closes a part of what is hedged elsewhere leaves the hedge open by as much."""
    position = {"side": "short", "size": 10, "entry_price": 2_000, "mark_price": 1_800, "equity": 700, "hedged": True}
    answer = planned(position, margin_mode="cross", target={"score": 0}, lot_size=0.1)
    assert "hedge elsewhere" in option(answer, "roll_and_reduce_size")["does_not_change"][-1]
