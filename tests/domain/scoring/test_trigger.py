"""The trigger: what of it is known, how far the fund has fallen, and where it comes from."""

from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.domain.position.market import Market, MarketRecord, complete_request
from adlrisk.domain.scoring.trigger import Trigger, drawdown_of
from support.builders import WEDNESDAY, a_position, markets, scored

FUNDS = st.floats(-1e15, 1e15)
PEAKS = st.floats(1e-12, 1e15)


def trigger_of(*, cached: frozenset[str] = frozenset(), **known: Any) -> Trigger:
    """The trigger of a market of which this is known."""
    found = scored(a_position(), Market(**known), cached=cached).trigger
    assert found is not None
    return found


def test_nothing_known_is_no_trigger() -> None:
    """Null, not a trigger that is calm; a peak without a balance, and open interest, say nothing of it."""
    assert scored(a_position(), Market()).trigger is None
    assert (
        scored(a_position(), Market(fund_peak=100.0, open_interest_high=True, liquidation_spike=True)).trigger is None
    )


@pytest.mark.parametrize(
    "known",
    [{"adl_trigger": False}, {"insurance_fund": 0.0}, {"adl_rating": "low"}, {"settles_at": "2030-01-01T00:00:00Z"}],
)
def test_one_thing_known_leaves_the_others_unknown(known: dict[str, Any]) -> None:
    """What is given is shown, all else is null, and the reason does not say that no ADL is on unless that is known."""
    found = trigger_of(**known)
    shown = {"adl_on": found.adl_on, "insurance_fund": found.insurance_fund, "rating": found.rating,
             "settles_at": found.settles_at}  # fmt: skip
    (value,) = known.values()
    assert [part for part in shown.values() if part is not None] == [value]
    assert found.fund_drawdown is None
    assert ("no auto-deleveraging is on" in found.reason) == ("adl_trigger" in known)


@pytest.mark.parametrize(
    ("fund", "peak", "drawdown", "said"),
    [
        (800_000.0, 1_000_000.0, 0.2, "holds 800000, 20 % below its peak of 1000000"),
        (7_000.0, 9_000.0, 2 / 9, "holds 7000, 22.22 % below its peak of 9000"),
        (1_000_000.0, 1_000_000.0, 0.0, "0 % below its peak"),
        (0.0, 500.0, 1.0, "is used up: its balance is 0, 100 % below"),
        (-0.0, 500.0, 1.0, "is used up: its balance is 0, 100 % below"),
        (-5.0, 100.0, 1.05, "is used up: its balance is -5, 105 % below"),
        (-5.0, None, None, "its balance is -5; how far it has fallen is unknown without fund_peak"),
        (101.0, 100.0, None, "holds 101, more than the peak given, 100: how far it has fallen is unknown"),
        (100.000001, 100.0, None, "holds 100.000001, more than the peak given, 100: how"),
        (100.0 * (1.0 + 1e-12), 100.0, 0.0, "0 % below its peak of 100"),
    ],
)
def test_the_fall_of_the_fund(fund: float, peak: float | None, drawdown: float | None, said: str) -> None:
    """1 − fund / peak: above 1 for a fund that owes, unknown without a peak or with one that is out of date."""
    found = trigger_of(insurance_fund=fund, fund_peak=peak)
    assert found.fund_drawdown == (None if drawdown is None else pytest.approx(drawdown, rel=1e-15))
    assert said in found.reason
    assert str(found.insurance_fund) != "-0.0"


@given(fund=FUNDS, peak=PEAKS)
def test_the_fall_is_exact_to_the_last_bits(fund: float, peak: float) -> None:
    """Compared with exact fractions; null exactly where the balance is above the peak."""
    found = drawdown_of(fund, peak)
    if found is None:
        assert fund > peak
        return
    exact = max(Fraction(0), 1 - Fraction(fund) / Fraction(peak))
    assert abs(Fraction(found) - exact) <= exact * Fraction(1, 2**51) + (fund > peak)
    assert fund <= peak * (1.0 + 2e-9)


@given(fund=FUNDS, other=FUNDS, peak=PEAKS)
def test_a_smaller_fund_has_not_fallen_less(fund: float, other: float, peak: float) -> None:
    """Of two balances with one peak the smaller has the larger fall, or the larger one's is unknown."""
    smaller, larger = sorted((fund, other))
    fall, less = drawdown_of(smaller, peak), drawdown_of(larger, peak)
    assert less is None or (fall is not None and fall >= less)


@pytest.mark.parametrize(
    ("hours", "said"),
    [(-1, "was to be settled at 2026-11-18 11:00 UTC, which is past"), (1, "settled at 2026-11-18 13:00 UTC.")],
)
def test_a_settlement_that_is_past_is_said_to_be(hours: int, said: str) -> None:
    """It is shown as it was given, and raises no alert."""
    at = (WEDNESDAY + timedelta(hours=hours)).isoformat()
    answer = scored(a_position(), Market(settles_at=at))
    assert answer.trigger is not None
    assert answer.trigger.settles_at == at
    assert said in answer.trigger.reason
    assert [alert.alert for alert in answer.alerts] == ["settlement_near"] * (hours > 0)


def test_the_source_is_the_record_where_it_filled_in_anything_shown() -> None:
    """`cache` with one field of the record's, `request` without; other fields of the record do not count."""
    record = MarketRecord(adl_rating="low", funding_rate=0.001)
    completed = complete_request(a_position(), Market(adl_trigger=False), record)
    assert scored(a_position(), completed.market, cached=completed.filled).trigger == trigger_of(
        cached=frozenset({"adl_rating"}), adl_trigger=False, adl_rating="low"
    )
    assert trigger_of(cached=frozenset({"adl_rating"}), adl_rating="low").source == "cache"
    assert trigger_of(cached=frozenset({"funding_rate", "open_interest_high"}), adl_rating="low").source == "request"


@given(market=markets)
def test_the_trigger_changes_no_points(market: Market) -> None:
    """The five signals, their points and the ranking key are the same with and without."""
    answer = scored(a_position(), market)
    without = scored(
        a_position(),
        Market(
            funding_rate=market.funding_rate,
            funding_interval_hours=market.funding_interval_hours,
            liquidation_spike=market.liquidation_spike,
            thin_liquidity=market.thin_liquidity,
        ),
    )
    assert (answer.signals, answer.score, answer.score_upper, answer.missing, answer.queue) == (
        without.signals, without.score, without.score_upper, without.missing, without.queue
    )  # fmt: skip
