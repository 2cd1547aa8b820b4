"""The values and reasons of each signal, in full, for positions computed by hand."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from adlrisk.domain.position.errors import RefusedError
from adlrisk.domain.position.market import Market
from adlrisk.domain.rules.card import Funding
from adlrisk.domain.rules.meter import FractionMeter, LevelMeter
from support.builders import WEDNESDAY, a_position, scored

SATURDAY_NIGHT = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
LEVELS = LevelMeter(
    field="adl",
    endpoint="GET /adl",
    levels=(5, 4, 3, 2, 1),
    also_lowest=(0, -1),
    none=(6, 7),
    direction_confidence="documented",
)
FRACTION = FractionMeter(field="rank", endpoint="GET /rank", direction_confidence="documented")
SHOWN = ("points", "fired", "value", "threshold", "source", "reason")


def shown(index: int, fields: dict[str, Any], market: Market | None = None, **given: Any) -> dict[str, Any]:
    """The signal at ``index`` of the answer, as a dict."""
    signal = scored(a_position(**fields), market, **given).signals[index]
    return {name: getattr(signal, name) for name in SHOWN}


def expected(points: int, *rest: Any) -> dict[str, Any]:
    fired, value, threshold, source, reason = rest
    near = value if value is None else pytest.approx(value, rel=1e-12)
    return dict(zip(SHOWN, (points, fired, near, threshold, source, reason), strict=True))


@pytest.mark.parametrize(
    ("fields", "signal"),
    [
        (
            {"leverage": 15.0},
            (2, True, 15.0, 15.0, "request", "Effective leverage 15× is at or above the threshold of 15×."),
        ),
        (
            {"leverage": 10.0},
            (0, False, 10.0, 15.0, "request", "Effective leverage 10× is below the threshold of 15×."),
        ),
        (
            {"mark_price": 80.0, "margin": 10.0},
            (
                2,
                True,
                None,
                15.0,
                "request",
                ("Equity is -10: losses have used up the margin, so the position is beyond any leverage."),
            ),
        ),
    ],
)
def test_leverage_reason_states_the_threshold(fields: dict[str, Any], signal: tuple[Any, ...]) -> None:
    """Leverage and the threshold; without equity, the equity."""
    assert shown(0, fields) == expected(*signal)


@pytest.mark.parametrize(
    ("fields", "signal"),
    [
        (
            {"mark_price": 110.0},  # 10 of a notional of 110 and of an equity of 60
            (
                2,
                True,
                10 / 110,
                (
                    "Unrealized PnL is 9.091 % of the notional, above 3 %, and makes up 16.67 % of the "
                    "equity, below 50 %."
                ),
            ),
        ),
        (
            {"mark_price": 101.0, "margin": 1.0},  # 1 of a notional of 101 and of an equity of 2
            (
                2,
                True,
                1 / 101,
                (
                    "Unrealized PnL is 0.9901 % of the notional, not above 3 %, and makes up 50 % of the "
                    "equity, at or above 50 %."
                ),
            ),
        ),
        (
            {"mark_price": 80.0},
            (0, False, -0.25, "Unrealized PnL is -25 % of the notional, not above 3 %."),
        ),
        (
            {"entry_price": 96.9999997},
            (
                2,
                True,
                0.030000003,
                (
                    "Unrealized PnL is 3.0000003 % of the notional, above 3 %, and makes up 5.66 % "
                    "of the equity, below 50 %."
                ),
            ),
        ),
        (
            {"mark_price": 101.0, "margin": 1.0000004},
            (
                0,
                False,
                1 / 101,
                (
                    "Unrealized PnL is 0.9901 % of the notional, not above 3 %, and makes up 49.99999 % "
                    "of the equity, below 50 %."
                ),
            ),
        ),
    ],
)
def test_profit_reason_states_notional_and_equity(fields: dict[str, Any], signal: tuple[Any, ...]) -> None:
    """Both comparisons, each number with as many digits as its verdict needs."""
    points, fired, value, reason = signal
    assert shown(1, fields) == expected(points, fired, value, 0.03, "request", reason)


@pytest.mark.parametrize(
    ("rate", "signal"),
    [
        (0.0012, (2, True, "Funding is 0.12 % per 8 h (longs pay shorts), in size at or above 0.1 %.")),
        (-0.0012, (2, True, "Funding is -0.12 % per 8 h (shorts pay longs), in size at or above 0.1 %.")),
        (0.0, (0, False, "Funding is 0 % per 8 h (nobody pays), in size below 0.1 %.")),
        (-0.00099999997, (0, False, "Funding is -0.099999997 % per 8 h (shorts pay longs), in size below 0.1 %.")),
        (0.0005, (0, False, "Funding is 0.05 % per 8 h (longs pay shorts), in size below 0.1 %.")),
    ],
)
def test_funding_reason_states_who_pays(rate: float, signal: tuple[int, bool, str]) -> None:
    """The sign says who pays, the absolute value is compared; a value from a record has the source `cache`."""
    points, fired, reason = signal
    market = Market(funding_rate=rate)
    assert shown(2, {}, market) == expected(points, fired, rate, 0.001, "request", reason)
    for name in ("funding_rate", "funding_interval_hours"):
        found = shown(2, {}, market, cached=frozenset({name, "liquidation_spike"}))
        assert found == expected(points, fired, rate, 0.001, "cache", reason)
    others = frozenset({"liquidation_spike", "thin_liquidity", "maintenance_margin_rate"})
    assert shown(2, {}, market, cached=others)["source"] == "request"


@pytest.mark.parametrize(
    ("market", "card", "missing"),
    [
        (Market(), {}, ("funding_rate",)),
        (Market(), {"funding": Funding()}, ("funding_rate", "funding_interval_hours")),
        (Market(funding_rate=0.01), {"funding": Funding()}, ("funding_interval_hours",)),
    ],
)
def test_unknown_funding_names_the_missing_fields(
    market: Market, card: dict[str, Any], missing: tuple[str, ...]
) -> None:
    """Without rate or interval the signal is unknown and names what is missing."""
    reason = f"Unknown without {' and '.join(missing)}."
    assert shown(2, {}, market, **card) == expected(0, None, None, 0.001, None, reason)
    answer = scored(a_position(), market, **card)
    assert tuple(name for name in answer.missing if name.startswith("funding")) == missing


CALM_HOUR = "No liquidation spike, and the hour is outside the thin sessions."


@pytest.mark.parametrize(
    ("market", "as_of", "signal"),
    [
        (Market(liquidation_spike=True), WEDNESDAY, (2, True, "request", "Liquidations are spiking.")),
        (Market(thin_liquidity=True), WEDNESDAY, (2, True, "request", "Liquidity is reported thin.")),
        (Market(), SATURDAY_NIGHT, (2, True, "clock", "Sat 22:30 UTC is in a session of thin liquidity.")),
        (
            Market(),
            SATURDAY_NIGHT.astimezone(timezone(timedelta(hours=9))),
            (2, True, "clock", "Sat 22:30 UTC is in a session of thin liquidity."),
        ),
        (
            Market(),
            WEDNESDAY,
            (
                0,
                None,
                None,
                (
                    "Unknown without liquidation_spike: liquidity is not known to be thin, "
                    "but that does not rule out a spike."
                ),
            ),
        ),
        (
            Market(liquidation_spike=False, thin_liquidity=False),
            SATURDAY_NIGHT,
            (0, False, "request", "No liquidation spike, and liquidity is reported normal."),
        ),
        (Market(liquidation_spike=False), WEDNESDAY, (0, False, "request", CALM_HOUR)),
    ],
)
def test_market_stress_reason_states_the_cause(market: Market, as_of: datetime, signal: tuple[Any, ...]) -> None:
    """The reason states what fired, or what is known to be calm."""
    points, fired, source, reason = signal
    assert shown(3, {}, market, as_of=as_of) == expected(points, fired, None, None, source, reason)


def test_either_field_of_stress_can_come_from_the_record() -> None:
    """Calm based on a record in either field has the source `cache`; funding's fields do not count."""
    calm = Market(liquidation_spike=False, thin_liquidity=False)
    for name, source in (("liquidation_spike", "cache"), ("thin_liquidity", "cache"), ("funding_rate", "request")):
        assert shown(3, {}, calm, cached=frozenset({name}))["source"] == source, name


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
def test_the_local_time_zone_does_not_matter() -> None:
    """Sessions are in UTC: Saturday 22:30 UTC is in the session on a machine where it is Sunday 07:30."""
    session = shown(3, {}, Market(liquidation_spike=False), as_of=SATURDAY_NIGHT)
    assert (session["source"], session["reason"]) == ("clock", "Sat 22:30 UTC is in a session of thin liquidity.")
    before = shown(3, {}, Market(liquidation_spike=False), as_of=SATURDAY_NIGHT - timedelta(hours=10))
    assert (before["fired"], before["reason"]) == (False, CALM_HOUR)


@pytest.mark.parametrize(
    ("reading", "meter", "signal"),
    [
        (None, None, (0, None, None, None, "Made-up publishes no ADL meter that is known.")),
        (None, LEVELS, (0, None, None, None, "Unknown without adl_meter: adl (GET /adl).")),
        (6.0, LEVELS, (0, None, None, None, "adl reads 6, which means no position or no rank.")),
        (
            4.0,
            LEVELS,
            (
                2,
                True,
                0.75,
                "request",
                (
                    "adl reads 4 (5, 4, 3, 2, 1 from reduced first to last, 0, -1 last as well, "
                    "6, 7 for no rank). Place 0.75, where 1 is the front of the queue, is above 0.5."
                ),
            ),
        ),
        (
            0.25,
            FRACTION,
            (
                0,
                False,
                0.25,
                "request",
                (
                    "rank reads 0.25 (from 1, reduced first, to 0). Place 0.25, where 1 is the "
                    "front of the queue, is not above 0.5."
                ),
            ),
        ),
        (
            0.5000001,
            FRACTION,
            (
                2,
                True,
                0.5000001,
                "request",
                (
                    "rank reads 0.5 (from 1, reduced first, to 0). Place 0.5000001, where 1 "
                    "is the front of the queue, is above 0.5."
                ),
            ),
        ),
    ],
)
def test_the_meter_reason_states_the_venue_scale(reading: float | None, meter: Any, signal: tuple[Any, ...]) -> None:
    """The venue's reading, its scale, and the normalised place."""
    points, fired, value, source, reason = signal
    found = shown(4, {"adl_meter": reading}, meter=meter)
    assert found == expected(points, fired, value, 0.5, source, reason)


@pytest.mark.parametrize(
    ("reading", "meter", "problem", "detail"),
    [
        (1.0, None, "venue-has-no-meter", "Made-up publishes no ADL meter that is known; leave adl_meter out"),
        (
            8.0,
            LEVELS,
            "meter-out-of-scale",
            "adl cannot read 8: it runs 5, 4, 3, 2, 1 from reduced first to last, 0, -1 last as well, 6, 7 for no rank",
        ),
        (1.5, FRACTION, "meter-out-of-scale", "rank cannot read 1.5: it runs from 1, reduced first, to 0"),
    ],
)
def test_a_refused_reading_states_the_scale(reading: float, meter: Any, problem: str, detail: str) -> None:
    """The refusal locates the field in the request and states the venue's scale."""
    with pytest.raises(RefusedError) as refused:
        scored(a_position(adl_meter=reading), meter=meter)
    assert (refused.value.problem, refused.value.path) == (problem, ("position", "adl_meter"))
    assert refused.value.detail == str(refused.value) == detail


def test_a_zero_reading_shows_no_negative_zero() -> None:
    """The last place is 0.0, even if the venue sends −0.0."""
    assert str(shown(4, {"adl_meter": -0.0}, meter=FRACTION)["value"]) == "0.0"
