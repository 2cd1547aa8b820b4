"""Alerts: the condition of each on both sides, their order, and what they say and advise."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import Market
from adlrisk.domain.rules.card import Ranking, TriggerRule
from adlrisk.domain.rules.meter import FractionMeter, LevelMeter
from adlrisk.domain.scoring.score import Score
from support.builders import LEVELS, WEDNESDAY, a_position, markets, moments, positions, scored

# The table of the design, and the fields that each needs.
NEEDS = {
    "adl_in_progress": ("adl_trigger",),
    "settlement_near": ("settles_at",),
    "fund_drawn_down": ("insurance_fund", "fund_peak"),
    "venue_rates_high": ("adl_rating",),
    "meter_rising": ("adl_meter_before", "adl_meter"),
    "open_interest_high": ("open_interest_high",),
}
FALLS = TriggerRule(drawdown=0.3)
LAST_HOUR = TriggerRule(settlement_hours=1.0)
LONGEST = 25  # words


def names(answer: Score) -> list[str]:
    return [alert.alert for alert in answer.alerts]


def reason_of(answer: Score, name: str) -> str:
    (reason,) = [alert.reason for alert in answer.alerts if alert.alert == name]
    return reason


def in_(left: timedelta) -> str:
    return (WEDNESDAY + left).isoformat()


def test_all_alerts_come_in_the_order_of_the_table() -> None:
    """With everything raised at once."""
    market = Market(
        adl_trigger=True, insurance_fund=50.0, fund_peak=100.0, adl_rating="high", settles_at=in_(timedelta(hours=2)),
        open_interest_high=True,
    )  # fmt: skip
    answer = scored(a_position(adl_meter=2.0, adl_meter_before=1.0), market, trigger=FALLS)
    assert names(answer) == list(NEEDS)


def test_nothing_known_raises_nothing() -> None:
    """Nor does what is known to be calm."""
    assert scored(a_position(), Market()).alerts == ()
    calm = Market(
        adl_trigger=False, insurance_fund=100.0, fund_peak=100.0, adl_rating="medium", open_interest_high=False,
        settles_at=in_(timedelta(days=30)),
    )  # fmt: skip
    assert scored(a_position(adl_meter=2.0, adl_meter_before=2.0), calm, trigger=FALLS).alerts == ()


def test_guidance_begins_with_an_adl_that_is_on() -> None:
    """Whatever the band; no other alert does that."""
    for leverage in (1.0, 40.0):
        market = Market(adl_trigger=True, liquidation_spike=leverage > 1.0, funding_rate=0.002 * (leverage > 1.0))
        answer = scored(a_position(leverage=leverage), market)
        assert answer.band == ("low" if leverage == 1.0 else "watch")
        assert answer.guidance.startswith("The venue says that an auto-deleveraging is on. ")
    others = Market(adl_trigger=False, adl_rating="high", open_interest_high=True)
    assert scored(a_position(), others).guidance == scored(a_position(), Market()).guidance


@pytest.mark.parametrize("mechanism", ["socialised", "none"])
def test_an_adl_at_a_venue_that_has_none_is_doubted(mechanism: Any) -> None:
    """The request says one thing and the card another: the alert stands and says so."""
    answer = scored(
        a_position(), Market(adl_trigger=True), mechanism=mechanism, ranking=Ranking(), mechanism_note="shared out"
    )
    assert reason_of(answer, "adl_in_progress").endswith("Its card says that it has none: find out which is right.")


@pytest.mark.parametrize(
    ("left", "near"),
    [
        (timedelta(0), True),
        (timedelta(hours=23, minutes=59, seconds=59), True),
        (timedelta(hours=24), False),
        (timedelta(seconds=-1), False),
    ],
)
def test_a_settlement_is_near_within_a_day(left: timedelta, near: bool) -> None:
    """From the moment itself to just under 24 hours before, in any time zone; then there is an action, the first."""
    for offset in ("+00:00", "+09:00", "-05:30"):
        zone = datetime.fromisoformat(f"2026-01-01T00:00:00{offset}").tzinfo
        market = Market(settles_at=(WEDNESDAY + left).astimezone(zone).isoformat(), liquidation_spike=True)
        answer = scored(a_position(leverage=20.0), market)
        assert names(answer) == ["settlement_near"] * near
        assert (answer.actions[0].action == "close_before_settlement") is near
        assert len(answer.actions) > 1


@pytest.mark.parametrize(
    ("left", "card", "alert", "action"),
    [
        (
            timedelta(hours=5, minutes=20, seconds=30),
            TriggerRule(),
            "The contract is settled at 2026-11-18 17:20 UTC, in 5 h 20 min.",
            (
                "Close the position before 2026-11-18 17:20 UTC, when the contract is settled: afterwards no trade can "
                "close it."
            ),
        ),
        (
            timedelta(hours=5),
            LAST_HOUR,
            (
                "The contract is settled at 2026-11-18 17:00 UTC, in 5 h. In the last hour before it the insurance "
                "fund does not support liquidations: what the order book does not take goes to ADL."
            ),
            (
                "Close the position by 2026-11-18 16:00 UTC: from then on the insurance fund supports no liquidations; "
                "the contract is settled at 2026-11-18 17:00 UTC."
            ),
        ),
        (
            timedelta(hours=1),
            LAST_HOUR,
            (
                "The contract is settled at 2026-11-18 13:00 UTC, in 1 h. Until then the insurance fund does not "
                "support liquidations: what the order book does not take goes to ADL."
            ),
            (
                "Close the position before 2026-11-18 13:00 UTC, when the contract is settled: until then the "
                "insurance fund does not support liquidations."
            ),
        ),
        (
            timedelta(seconds=30),
            TriggerRule(settlement_hours=1e15),
            (
                "The contract is settled at 2026-11-18 12:00 UTC, in less than a minute. Until then the insurance fund "
                "does not support liquidations: what the order book does not take goes to ADL."
            ),
            (
                "Close the position before 2026-11-18 12:00 UTC, when the contract is settled: until then the "
                "insurance fund does not support liquidations."
            ),
        ),
    ],
)
def test_a_settlement_says_when_and_what_happens_before(
    left: timedelta, card: TriggerRule, alert: str, action: str
) -> None:
    """The last hours without the fund, ahead or begun; the action names the time by which to close."""
    answer = scored(a_position(), Market(settles_at=in_(left)), trigger=card)
    assert reason_of(answer, "settlement_near") == alert
    assert answer.actions[0].reason == action


@pytest.mark.parametrize(
    ("fund", "raised", "said"),
    [
        (85.01, False, ""),
        (85.0, True, "15 % below its peak, at or above 15 %, half of the 30 % at which the venue deleverages"),
        (85.0 * (1 + 1e-13), True, "15 %"),
        (84.9, True, "15.1 % below its peak, at or above 15 %, half of the 30 %"),
        (70.0, True, "30 % below its peak, at or above the 30 % at which the venue deleverages"),
        (-1.0, True, "101 % below its peak"),
    ],
)
def test_half_of_the_venues_drawdown_raises_an_alert(fund: float, raised: bool, said: str) -> None:
    """BloFin deleverages at a fall of 30 %: the alert begins at 15 %, rounding allowed for."""
    market = Market(insurance_fund=fund, fund_peak=100.0)
    answer = scored(a_position(), market, trigger=FALLS)
    assert names(answer) == ["fund_drawn_down"] * raised
    assert said in "".join(alert.reason for alert in answer.alerts)
    assert scored(a_position(), market, trigger=TriggerRule()).alerts == ()  # no such rule at the venue


@given(peak=st.floats(1e-12, 1e15), funds=st.tuples(*[st.floats(-1e15, 1e15)] * 2), limit=st.floats(1e-6, 1.0))
def test_a_further_fall_never_takes_the_alert_back(peak: float, funds: tuple[float, ...], limit: float) -> None:
    """Of two balances, if the larger raises it, so does the smaller."""
    smaller, larger = (
        scored(a_position(), Market(insurance_fund=fund, fund_peak=peak), trigger=TriggerRule(drawdown=limit))
        for fund in sorted(funds)
    )
    assert set(names(larger)) <= set(names(smaller))


REVERSED = LevelMeter(field="rank", endpoint="GET /rank", levels=(1, 2, 3, 4, 5), direction_confidence="documented")
LOW_TWICE = LevelMeter(
    field="adl", endpoint="GET /adl", levels=(5, 4, 3, 2, 1), also_lowest=(0,), direction_confidence="documented"
)
NO_RANK = LevelMeter(
    field="adl", endpoint="GET /adl", levels=(5, 4, 3, 2, 1), none=(0,), direction_confidence="documented"
)
FRACTION = FractionMeter(field="share", endpoint="GET /share", direction_confidence="documented")


@pytest.mark.parametrize(
    ("meter", "before", "now", "said"),
    [
        (LEVELS, 2.0, 3.0, "adl 2 to 3, place 0.5 to 0.75"),
        (LEVELS, 3.0, 3.0, None),
        (LEVELS, 3.0, 2.0, None),
        (LEVELS, None, 4.0, None),
        (LEVELS, 0.0, None, None),
        (REVERSED, 3.0, 1.0, "rank 3 to 1, place 0.5 to 1"),
        (REVERSED, 1.0, 3.0, None),
        (LOW_TWICE, 0.0, 1.0, None),
        (LOW_TWICE, 0.0, 2.0, "adl 0 to 2, place 0 to 0.25"),
        (NO_RANK, 0.0, 5.0, None),
        (NO_RANK, 5.0, 0.0, None),
        (FRACTION, 0.3, 0.35, "(place 0.3 to 0.35, where 1 is"),
        (FRACTION, 0.3, 0.3000001, "(place 0.3 to 0.3000001, where 1 is"),
        (FRACTION, 0.3, 0.3 * (1 + 1e-12), None),
        (FRACTION, 0.35, 0.3, None),
    ],
)
def test_a_meter_rises_by_its_place(meter: Any, before: float | None, now: float | None, said: str | None) -> None:
    """By the place in the queue and not by the number; a reading without rank is unknown, before as now."""
    answer = scored(a_position(adl_meter=now, adl_meter_before=before), meter=meter)
    assert names(answer) == ([] if said is None else ["meter_rising"])
    if said is not None:
        assert said in reason_of(answer, "meter_rising")


@pytest.mark.parametrize(
    ("card", "problem", "said"),
    [
        ({"meter": None}, "venue-has-no-meter", "leave adl_meter_before out"),
        ({}, "meter-out-of-scale", "adl cannot read 7"),
    ],
)
def test_an_earlier_reading_must_be_the_venues(card: dict[str, Any], problem: str, said: str) -> None:
    """At a venue without a meter, or off its scale, it is refused by name, with and without a reading of now."""
    for now in (None, 1.0):
        if card and now is not None:
            continue  # refused for the reading of now
        with pytest.raises(RefusedError) as refused:
            scored(a_position(adl_meter=now, adl_meter_before=7.0), **card)
        assert (refused.value.problem, refused.value.path) == (problem, ("position", "adl_meter_before"))
        assert said in refused.value.detail


@given(
    position=positions(adl_meter_before=None) | positions(adl_meter_before=1.0),
    market=markets,
    as_of=moments,
    drawdown=st.none() | st.floats(0.01, 1.0),
    hours=st.none() | st.floats(1e-12, 1e15),
)
def test_an_alert_never_appears_without_its_fields(
    position: Any, market: Market, as_of: datetime, drawdown: float | None, hours: float | None
) -> None:
    """What an alert rests on was given; their order is the table's, and no sentence is longer than 25 words."""
    answer = scored(position, market, as_of=as_of, trigger=TriggerRule(drawdown=drawdown, settlement_hours=hours))
    found = names(answer)
    assert found == [name for name in NEEDS if name in found]
    for name in found:
        given_ = [getattr(market, field, None) or getattr(position, field, None) for field in NEEDS[name]]
        zeros = [getattr(market, field, None) == 0.0 or getattr(position, field, None) == 0.0 for field in NEEDS[name]]
        assert all(known or zero for known, zero in zip(given_, zeros, strict=True)), name
    texts = [alert.reason for alert in answer.alerts] + [
        action.reason for action in answer.actions[:1] if "settle" in action.action
    ]
    texts += [] if answer.trigger is None else [answer.trigger.reason]
    for sentence in [part for text in texts for part in re.split(r"(?<=[.]) (?=[A-Z])", text)]:
        assert len(sentence.split()) <= LONGEST, sentence


@given(market=markets, as_of=moments)
def test_an_unknown_field_raises_no_alert_that_it_did_not_raise(market: Market, as_of: datetime) -> None:
    """Leaving out what is known of the trigger takes alerts away, and never adds one."""
    known = scored(a_position(), market, as_of=as_of, trigger=FALLS)
    for fields in NEEDS.values():
        if not hasattr(market, fields[0]):
            continue
        less = {name: getattr(market, name) for name in market.__struct_fields__ if name not in fields}
        assert set(names(scored(a_position(), Market(**less), as_of=as_of, trigger=FALLS))) <= set(names(known))


def test_times_are_told_in_utc() -> None:
    """Whatever offset they were given with."""
    market = Market(settles_at="2026-11-19T02:30:00+09:00")
    assert "2026-11-18 17:30 UTC" in reason_of(
        scored(a_position(), market, as_of=WEDNESDAY.astimezone(UTC)), "settlement_near"
    )
