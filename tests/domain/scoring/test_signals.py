"""Each signal on both sides of its threshold, and what makes it unknown."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import Market
from adlrisk.domain.rules.card import Funding
from adlrisk.domain.rules.meter import FractionMeter, LevelMeter
from adlrisk.domain.rules.signal_thresholds import Event, ThinSession, Thresholds
from adlrisk.domain.scoring.score import Score
from adlrisk.domain.scoring.signal_reasons import Signal
from adlrisk.domain.scoring.signals import normalise_reading
from support.builders import CONTRACTS, LEVELS, SIDES, a_position, entry_and_mark, scored

BOTH = pytest.mark.parametrize("side", SIDES)
KINDS = pytest.mark.parametrize("contract", CONTRACTS)


def signal_of(answer: Score, name: str) -> Signal:
    return next(signal for signal in answer.signals if signal.signal == name)


@BOTH
@KINDS
@pytest.mark.parametrize(
    ("leverage", "fired"), [(15.0, True), (15.001, True), (14.999, False), (15 * (1 - 1e-12), True)]
)
def test_leverage_fires_at_the_threshold(side: str, contract: str, leverage: float, fired: bool) -> None:
    """15× fires, also if only rounding makes it smaller; 14.999× does not."""
    signal = signal_of(scored(a_position(side=side, contract=contract, leverage=leverage)), "leverage")
    assert signal.fired is fired
    assert signal.points == (2 if fired else 0)
    assert signal.value == pytest.approx(leverage)
    assert signal.threshold == 15.0


@BOTH
@KINDS
def test_insolvency_fires_the_leverage_signal(side: str, contract: str) -> None:
    """With no equity left the leverage signal fires and shows no value."""
    mark = 80.0 if side == "long" else 130.0
    signal = signal_of(scored(a_position(side=side, contract=contract, mark_price=mark, leverage=10)), "leverage")
    assert (signal.fired, signal.value) == (True, None)


@BOTH
@KINDS
@pytest.mark.parametrize(
    ("pnl", "fired"), [(0.03, False), (0.0301, True), (0.0299, False), (0.03 * (1 + 1e-12), False), (-0.5, False)]
)
def test_profit_fires_above_the_threshold(side: str, contract: str, pnl: float, fired: bool) -> None:
    """Exactly 3 % of the notional is not above 3 %; 3.01 % is."""
    entry, mark = entry_and_mark(side, contract, pnl)
    position = a_position(side=side, contract=contract, entry_price=entry, mark_price=mark, leverage=0.8)
    signal = signal_of(scored(position), "profit")
    assert signal.value == pytest.approx(pnl)
    assert signal.fired is fired


@BOTH
@pytest.mark.parametrize(("margin", "fired"), [(1.0, True), (1.001, False), (0.999, True)])
def test_profit_fires_at_half_of_the_equity(side: str, margin: float, fired: bool) -> None:
    """A profit of 1 with a margin of 1 is half of the equity, however small it is."""
    mark = 101.0 if side == "long" else 99.0
    signal = signal_of(scored(a_position(side=side, mark_price=mark, margin=margin)), "profit")
    assert signal.value is not None
    assert signal.value < 0.03
    assert signal.fired is fired


def test_zero_funding_shows_no_negative_zero() -> None:
    """A rate of −0.0 is 0.0 per eight hours, and nobody pays."""
    signal = signal_of(scored(a_position(), Market(funding_rate=-0.0)), "funding")
    assert (str(signal.value), "nobody pays" in signal.reason) == ("0.0", True)


@pytest.mark.parametrize("direction", [1.0, -1.0])
@pytest.mark.parametrize(
    ("rate", "interval", "fired"),
    [
        (0.001, 8.0, True),
        (0.000999, 8.0, False),
        (0.001 * (1 - 1e-12), 8.0, True),
        (0.0005, 4.0, True),
        (0.000499, 4.0, False),
        (0.000125, 1.0, True),
        (0.001, 16.0, False),
    ],
)
def test_funding_fires_per_eight_hours_in_either_direction(
    direction: float, rate: float, interval: float, fired: bool
) -> None:
    """The rate is converted to eight hours and fires from 0.1 % on, paid or received."""
    market = Market(funding_rate=rate * direction, funding_interval_hours=interval)
    signal = signal_of(scored(a_position(), market), "funding")
    assert signal.fired is fired
    assert signal.value == pytest.approx(direction * rate * 8 / interval)


def test_funding_interval_comes_from_the_request_then_the_card() -> None:
    """The request's interval takes precedence, then the card's; without both the signal is unknown."""
    rate = Market(funding_rate=0.0005)
    assert signal_of(scored(a_position(), rate, funding=Funding(interval_hours=4.0)), "funding").fired is True
    own = Market(funding_rate=0.0005, funding_interval_hours=8.0)
    assert signal_of(scored(a_position(), own, funding=Funding(interval_hours=4.0)), "funding").fired is False
    unknown = scored(a_position(), rate, funding=Funding())
    assert signal_of(unknown, "funding").fired is None
    assert "funding_interval_hours" in unknown.missing
    assert "funding_rate" not in unknown.missing


SATURDAY = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        (SATURDAY + timedelta(hours=19, minutes=59, seconds=59), False),
        (SATURDAY + timedelta(hours=20), True),
        (SATURDAY + timedelta(hours=46, minutes=59, seconds=59), True),
        (SATURDAY + timedelta(hours=47), False),
        (datetime(2026, 11, 22, 0, 30, tzinfo=timezone(timedelta(hours=5))), False),  # Saturday 19:30 UTC
        (datetime(2026, 11, 21, 15, 30, tzinfo=timezone(timedelta(hours=-5))), True),  # Saturday 20:30 UTC
    ],
)
def test_thin_session_runs_from_saturday_evening_to_sunday_night(moment: datetime, inside: bool) -> None:
    """Saturday 20:00 to Sunday 23:00 UTC counts as thin, its end excluded, in any time zone."""
    signal = signal_of(scored(a_position(), Market(liquidation_spike=False), as_of=moment), "market_stress")
    assert signal.fired is inside
    assert signal.source == ("clock" if inside else "request")


def test_a_session_may_cross_the_end_of_the_week() -> None:
    """A session from Sunday to Monday covers both ends of the week and nothing between."""
    score = Thresholds(thin_sessions=(ThinSession(start="Sun 22:00", to="Mon 02:00"),))
    for hours, inside in ((45.9, False), (46.0, True), (49.9, True), (50.0, False)):
        moment = SATURDAY + timedelta(hours=hours)
        answer = scored(a_position(), Market(liquidation_spike=False), as_of=moment, score=score)
        assert signal_of(answer, "market_stress").fired is inside, hours


@pytest.mark.parametrize(
    ("spike", "thin", "weekend", "fired", "source"),
    [
        (True, None, False, True, "request"),
        (True, False, True, True, "request"),
        (False, True, False, True, "request"),
        (None, True, False, True, "request"),
        (None, None, True, True, "clock"),
        (False, None, True, True, "clock"),
        (False, False, True, False, "request"),
        (False, None, False, False, "request"),
        (None, None, False, None, None),
        (None, False, False, None, None),
        (None, False, True, None, None),
    ],
)
def test_market_stress_truth_table(
    spike: bool | None, thin: bool | None, weekend: bool, fired: bool | None, source: str | None
) -> None:
    """Any of spike, thin books and thin session fires; calm takes a known absence of a spike."""
    moment = SATURDAY + timedelta(hours=22) if weekend else SATURDAY - timedelta(days=3)
    answer = scored(a_position(), Market(liquidation_spike=spike, thin_liquidity=thin), as_of=moment)
    signal = signal_of(answer, "market_stress")
    assert (signal.fired, signal.source, signal.value, signal.threshold) == (fired, source, None, None)
    assert ("liquidation_spike" in answer.missing) is (fired is None)


LEVELS_AROUND_ZERO = LevelMeter(
    field="adl",
    endpoint="GET /adl",
    levels=(5, 4, 3, 2, 1),
    also_lowest=(0,),
    none=(6,),
    direction_confidence="documented",
)
REVERSED = LevelMeter(field="adl", endpoint="GET /adl", levels=(1, 2, 3, 4, 5), direction_confidence="documented")
FRACTION = FractionMeter(field="rank", endpoint="GET /rank", direction_confidence="documented")


@pytest.mark.parametrize(
    ("meter", "reading", "place"),
    [
        *[(LEVELS, level, level / 4) for level in range(5)],
        *[(LEVELS_AROUND_ZERO, level, (level - 1) / 4) for level in range(1, 6)],
        (LEVELS_AROUND_ZERO, 0, 0.0),
        *[(REVERSED, level, (5 - level) / 4) for level in range(1, 6)],
        *[(FRACTION, share, share) for share in (0.0, 0.5, 0.5001, 1.0)],
    ],
)
def test_a_reading_is_normalised_on_the_venue_scale(meter: Any, reading: float, place: float) -> None:
    """Levels are spread evenly in the card's order, fractions are used as they are; only past the middle it fires."""
    signal = signal_of(scored(a_position(adl_meter=float(reading)), meter=meter), "adl_meter")
    assert signal.value == pytest.approx(place)
    assert signal.fired is (place > 0.5)


def test_a_reading_is_judged_by_its_own_card() -> None:
    """The same reading of the same meter, one after the other, under each card's own threshold."""
    for limit, fired in ((0.5, True), (0.8, False), (0.5, True)):
        answer = scored(a_position(adl_meter=3.0), meter=LEVELS, score=Thresholds(adl_meter=limit))
        signal = signal_of(answer, "adl_meter")
        assert (signal.value, signal.fired, signal.threshold) == (0.75, fired, limit)


@pytest.mark.parametrize(("first", "second"), [(0.0, -0.0), (-0.0, 0.0)])
def test_a_zero_reading_is_never_negative(first: float, second: float) -> None:
    """A zero reads the same with either sign, whichever comes first: 0, in the last place."""
    answers = [scored(a_position(adl_meter=reading)) for reading in (first, second)]
    signals = [signal_of(answer, "adl_meter") for answer in answers]
    assert [signal.reason.split(". ")[0] for signal in signals] == [
        "adl reads 0 (4, 3, 2, 1, 0 from reduced first to last)"
    ] * 2
    assert [str(signal.value) for signal in signals] == ["0.0", "0.0"]


def test_a_reading_that_means_no_rank_is_unknown() -> None:
    """A reading listed under `none` is not a low rank."""
    answer = scored(a_position(adl_meter=6.0), meter=LEVELS_AROUND_ZERO)
    assert signal_of(answer, "adl_meter").fired is None
    assert "adl_meter" in answer.missing


def test_a_venue_without_a_meter_leaves_the_signal_unknown() -> None:
    """If there is no meter, no field counts as missing."""
    answer = scored(a_position(), meter=None)
    assert signal_of(answer, "adl_meter").fired is None
    assert "adl_meter" not in answer.missing
    with pytest.raises(RefusedError) as refused:
        scored(a_position(adl_meter=1.0), meter=None)
    assert refused.value.problem == "venue-has-no-meter"


@pytest.mark.parametrize(
    ("meter", "reading"), [(LEVELS, 5.0), (LEVELS, 2.5), (LEVELS, -1.0), (FRACTION, 1.01), (FRACTION, -0.01)]
)
def test_a_reading_off_the_scale_is_refused(meter: Any, reading: float) -> None:
    """A reading beyond or between the levels is refused, and the refusal states the scale."""
    with pytest.raises(RefusedError) as refused:
        scored(a_position(adl_meter=reading), meter=meter)
    assert refused.value.problem == "meter-out-of-scale"
    assert refused.value.path == ("position", "adl_meter")
    assert "reduced first" in refused.value.detail


def test_levels_that_are_no_fifths_stand_where_they_begin() -> None:
    """A level's place is the share of the queue behind its begin: one that ends at the middle is of the front half."""
    meter = LevelMeter(
        field="grade",
        endpoint="GET /grade",
        levels=(4, 3, 2, 1, 0),
        shares=(0.05, 0.13, 0.27, 0.5, 1.0),
        direction_confidence="documented",
    )
    places = [normalise_reading(float(level), meter) for level in meter.levels]
    assert places == pytest.approx([1.0, 0.95, 0.87, 0.73, 0.0])


EVENTS = Thresholds(
    events=(
        Event(start="2026-11-18T11:30:00Z", to="2026-11-18T12:30:00Z", what="CPI release"),
        Event(start="2026-11-18T21:00:00+09:00", to="2026-11-18T22:00:00+09:00", what="rate decision"),
    )
)


@pytest.mark.parametrize(
    ("minutes", "what"), [(-31, None), (-30, "CPI"), (0, "CPI"), (29, "CPI"), (30, "rate"), (59, "rate"), (60, None)]
)
@pytest.mark.parametrize("thin", [None, False])
def test_an_event_of_the_card_is_market_stress(minutes: int, what: str | None, thin: bool | None) -> None:
    """From its first moment to just before its end, in any time zone, also where liquidity is reported normal."""
    as_of = datetime(2026, 11, 18, 12, tzinfo=UTC) + timedelta(minutes=minutes)
    market = Market(liquidation_spike=False, thin_liquidity=thin)
    signal = signal_of(scored(a_position(), market, as_of=as_of, score=EVENTS), "market_stress")
    assert signal.fired is (what is not None)
    assert signal.source == ("request" if what is None else "clock")
    assert (what or "No liquidation spike") in signal.reason


def test_an_event_says_what_and_until_when() -> None:
    """It comes after what the request reports, and before the weekly session, of which it is the reason."""
    as_of = SATURDAY + timedelta(hours=21)
    event = Event(start="2026-11-21T20:30:00Z", to="2026-11-21T22:00:00Z", what="Network upgrade, height 900000")
    score = Thresholds(events=(event,))
    for market, reason in (
        (Market(), "An event of the venue's card is on until 2026-11-21 22:00 UTC: Network upgrade, height 900000."),
        (Market(liquidation_spike=True), "Liquidations are spiking."),
        (Market(thin_liquidity=True), "Liquidity is reported thin."),
    ):
        assert signal_of(scored(a_position(), market, as_of=as_of, score=score), "market_stress").reason == reason


@pytest.mark.parametrize(
    ("position", "fired", "near", "share", "criterion"),
    [
        ({"mark_price": 110, "margin": 90}, True, True, 0.1, "pnl_to_notional"),  # 9.1 % of the notional, share 10/100
        ({"mark_price": 110, "margin": 5}, True, True, 10 / 15, "pnl_to_notional"),  # both: the notional is named
        ({"mark_price": 102, "margin": 1}, True, True, 2 / 3, "profit_share"),  # 1.96 %, but two thirds of the equity
        ({"mark_price": 102, "margin": 2.5}, False, True, 2 / 4.5, None),  # 44 % of the equity: near the half
        ({"mark_price": 102.5, "margin": 90}, False, True, 2.5 / 92.5, None),  # 2.44 % of the notional: near 3 %
        ({"mark_price": 101, "margin": 90}, False, False, 1 / 91, None),
        ({"mark_price": 90, "margin": 90}, False, False, 0.0, None),
        ({"mark_price": 101, "leverage": None}, None, None, None, None),  # nothing says what backs it
        ({"mark_price": 110, "leverage": None}, True, True, None, "pnl_to_notional"),
    ],
)
def test_the_profit_signal_says_what_fired_it(
    position: dict[str, Any], fired: bool | None, near: bool | None, share: float | None, criterion: str | None
) -> None:
    """Its value is PnL over notional; beside it stand the share of equity and which of the two fired."""
    signal = scored(a_position(**position)).signals[1]
    assert (signal.fired, signal.near, signal.criterion) == (fired, near, criterion)
    assert signal.profit_share == (None if share is None else pytest.approx(share))


def test_near_covers_what_fired_and_what_almost_did() -> None:
    """15× fires, 12× is near, 11.9× is neither; a signal that is unknown is not known to be near."""
    near = {leverage: scored(a_position(leverage=leverage)).signals[0].near for leverage in (15.0, 12.0, 11.9)}
    assert near == {15.0: True, 12.0: True, 11.9: False}
    assert [signal.near for signal in scored(a_position()).signals[2:]] == [None, None, None]


def test_a_venue_without_a_meter_widens_no_range() -> None:
    """Its signal does not apply: it is unknown, adds nothing to `score_upper`, and nothing is missing for it."""
    market = Market(funding_rate=0.0, liquidation_spike=False)
    with_meter, without = scored(a_position(), market), scored(a_position(), market, meter=None)
    assert [answer.signals[4].applicable for answer in (with_meter, without)] == [True, False]
    assert [answer.score_upper for answer in (with_meter, without)] == [2, 0]
    assert (with_meter.missing, without.missing) == (("adl_meter",), ())
    assert without.signals[4].fired is None
    assert all(signal.applicable for signal in without.signals[:4])
