"""Conditions: spikes, thin liquidity, the fund's peak, high open interest, and the drawdown that starts an ADL."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.domain.rules.conditions import (
    Conditions,
    DrawdownRule,
    FundRule,
    OpenInterestRule,
    SpikeRule,
    ThinRule,
    adl_trigger,
    drawdown_trigger,
    fund_peak,
    liquidation_spike,
    open_interest_high,
    thin_liquidity,
)

SPIKE = SpikeRule(floor=1_000.0, times_baseline=5.0, least_windows=3)
THIN = ThinRule(share_of_median=0.5, least_samples=3)
BYBIT = DrawdownRule(starts_at=-0.3, stops_above=-0.25)  # bybit-exchange/docs, adl-alert at 072c197d

NOTIONALS = st.floats(min_value=0.0, max_value=1e15)


def spike(recent: float, before: list[float], *, is_complete: bool = True) -> bool | None:
    """Whether it is a spike by the rule of these tests."""
    return liquidation_spike(recent, is_complete=is_complete, before=before, rule=SPIKE)


@pytest.mark.parametrize(
    ("recent", "before", "expected"),
    [
        (1_000.0, [200.0, 200.0, 200.0], True),  # five times the mean, and at the floor
        (999.0, [200.0, 200.0, 200.0], False),  # below both
        (999.0, [0.0, 0.0, 0.0], False),  # beyond any baseline, and below the floor
        (1_000.0, [0.0, 0.0, 0.0], True),  # no liquidations before
        (1_000.0, [201.0, 200.0, 200.0], False),  # a little less than five times
        (3_000.0, [0.0, 0.0, 1_800.0], True),  # the mean counts (600), not the largest
        (2_999.0, [0.0, 0.0, 1_800.0], False),
    ],
)
def test_a_spike_reaches_the_floor_and_the_multiple_of_the_baseline(
    recent: float, before: list[float], expected: bool
) -> None:
    """A spike reaches both the floor and the given multiple of the mean of earlier windows."""
    assert spike(recent, before) is expected


def test_without_a_baseline_only_calm_is_known() -> None:
    """With too few earlier windows, less than the floor is no spike, and more is unknown."""
    assert spike(999.0, [0.0, 0.0]) is False
    assert spike(1e9, [0.0, 0.0]) is None
    assert spike(999.0, []) is False


def test_an_incomplete_window_can_show_a_spike_but_not_calm() -> None:
    """In a window with gaps the observed part can prove a spike, but not its absence."""
    assert spike(1_000.0, [200.0] * 3, is_complete=False) is True
    assert spike(999.0, [200.0] * 3, is_complete=False) is None
    assert spike(1_000.0, [201.0] * 3, is_complete=False) is None


@given(recent=NOTIONALS, more=NOTIONALS, before=st.lists(NOTIONALS, max_size=6))
def test_more_liquidations_never_end_a_spike(recent: float, more: float, before: list[float]) -> None:
    """A spike remains one when more is liquidated."""
    if spike(recent, before):
        assert spike(min(recent + more, 1e15), before) is True


@pytest.mark.parametrize(
    ("depth", "before", "expected"),
    [
        (49.0, [100.0, 300.0, 90.0], True),  # the median is 100
        (50.0, [100.0, 300.0, 90.0], False),  # exactly half is not below
        (99.0, [100.0, 300.0, 90.0, 300.0], True),  # the median of four is 200, between the middle two
        (100.0, [100.0, 300.0, 90.0, 300.0], False),
        (0.0, [0.0, 0.0, 0.0], False),  # no depth, as before
        (0.0, [100.0, 100.0], None),  # too few to say
    ],
)
def test_a_thin_book_is_below_a_share_of_the_median(depth: float, before: list[float], expected: bool | None) -> None:
    """A book is thin below a share of the earlier median; with too few samples that is unknown."""
    assert thin_liquidity(depth, before=before, rule=THIN) is expected


@given(before=st.lists(NOTIONALS, min_size=3, max_size=9), seed=st.randoms(use_true_random=False))
def test_the_order_of_depths_does_not_matter(before: list[float], seed: object) -> None:
    """Earlier depths count the same in any order."""
    mixed = list(before)
    seed.shuffle(mixed)  # type: ignore[attr-defined]  # a Random
    assert thin_liquidity(1.0, before=before, rule=THIN) == thin_liquidity(1.0, before=mixed, rule=THIN)


def test_bybit_example_1_a_loss_of_35_percent_triggers() -> None:
    """A pool of 1M, a contract 350,000 below its peak: -0.35, triggered, until above -0.25."""
    ratio = (-350_000.0 - 0.0) / 1_000_000.0
    at = {"balance": 1_000_000.0, "trigger_balance": 1.0, "rule": BYBIT}
    assert ratio == pytest.approx(-0.35)
    assert drawdown_trigger(pnl_ratio=ratio, was_on=False, **at) is True  # type: ignore[arg-type]
    assert drawdown_trigger(pnl_ratio=-0.25, was_on=True, **at) is True  # type: ignore[arg-type]
    assert drawdown_trigger(pnl_ratio=-0.2499, was_on=True, **at) is False  # type: ignore[arg-type]


def test_bybit_example_2_the_boundary_triggers() -> None:
    """A pool of 2M, a contract that falls from +1M to +400,000: -0.3, which equals the limit and triggers."""
    ratio = (400_000.0 - 1_000_000.0) / 2_000_000.0
    triggered = drawdown_trigger(pnl_ratio=ratio, balance=2_000_000.0, trigger_balance=1.0, was_on=False, rule=BYBIT)
    assert ratio == pytest.approx(-0.3)
    assert triggered is True


def test_bybit_example_3_an_empty_pool_triggers() -> None:
    """A pool of 0 triggers whatever the contract's PnL, until it is above 0."""
    assert adl_trigger(balance=0.0, drawdown=False) is True
    assert adl_trigger(balance=-1.0, drawdown=None) is True
    assert adl_trigger(balance=0.01, drawdown=False) is False


def test_between_start_and_stop_the_state_stays() -> None:
    """Between the two ratios a drawdown keeps its state, which is unknown without earlier observations."""
    for was_on in (True, False, None):
        at = drawdown_trigger(pnl_ratio=-0.28, balance=1e6, trigger_balance=1e4, was_on=was_on, rule=BYBIT)
        assert at is was_on
    assert adl_trigger(balance=1e6, drawdown=None) is None


def test_a_small_pool_is_not_triggered_by_drawdown() -> None:
    """At or below the trigger balance a drawdown starts nothing; an active one goes on."""
    at = {"pnl_ratio": -0.5, "trigger_balance": 1e4, "rule": BYBIT}
    assert drawdown_trigger(balance=1e4, was_on=False, **at) is False  # type: ignore[arg-type]
    assert drawdown_trigger(balance=1e4, was_on=True, **at) is True  # type: ignore[arg-type]
    assert drawdown_trigger(balance=1e4 + 1.0, was_on=False, **at) is True  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        (
            {"drawdown": {"starts_at": -0.2, "stops_above": -0.3}},
            "^Contradicting field `stops_above`: .* it starts - at",
        ),
        ({"drawdown": {"starts_at": 0.3, "stops_above": 0.0}}, "starts_at"),
        ({"spike": {"window_minutes": 0}}, "window_minutes"),
        ({"spike": {"ratio": 5.0}}, "ratio"),
        ({"thin": {"share_of_median": 0.0}}, "share_of_median"),
    ],
)
def test_an_invalid_rule_is_refused(given_: dict[str, object], field: str) -> None:
    """A card whose conditions contradict themselves, or have an unknown field, is refused by the field."""
    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.convert(given_, Conditions)


def test_a_rule_may_stop_where_it_starts() -> None:
    """A drawdown that stops just above its start is a valid rule."""
    rule = DrawdownRule(starts_at=-0.3, stops_above=-0.3)
    at = {"balance": 1e6, "trigger_balance": 1e4, "was_on": None, "rule": rule}
    assert drawdown_trigger(pnl_ratio=-0.3, **at) is True  # type: ignore[arg-type]
    assert drawdown_trigger(pnl_ratio=-0.2999, **at) is False  # type: ignore[arg-type]


FUND = FundRule(window_hours=8.0, longest_gap_minutes=60)


def hourly(*balances: float, until: int = 0) -> dict[int, float]:
    """Balances an hour apart, the last at ``until``."""
    return {until - 3600 * (len(balances) - 1 - index): balance for index, balance in enumerate(balances)}


@pytest.mark.parametrize(
    ("balances", "now", "expected"),
    [
        (hourly(5.0, 6.0, 7.0, 9.0, 4.0, 4.0, 4.0, 4.0, 3.0), 0, 9.0),  # nine balances span the eight hours
        (hourly(6.0, 7.0, 9.0, 4.0, 4.0, 4.0, 4.0, 3.0), 0, None),  # the first hour is not known
        (hourly(99.0, 5.0, *[4.0] * 8), 0, 5.0),  # the largest is an hour older than the window
        (hourly(99.0, *[4.0] * 8, until=-1), 0, 99.0),  # it held when the window began
        (hourly(99.0, *[4.0] * 9, until=-1), 0, 4.0),  # another had taken its place
        (hourly(*[4.0] * 9), 3600, 4.0),  # the latest is an hour old
        (hourly(*[4.0] * 9), 3601, None),  # it is older
        (hourly(*[-2.0] * 9), 0, None),  # a fund that owes has no peak to fall from
        (hourly(*[0.0] * 9), 0, None),
        ({}, 0, None),
    ],
)
def test_fund_peak_is_the_largest_balance_of_a_watched_window(
    balances: dict[int, float], now: int, expected: float | None
) -> None:
    """The peak is known only if the balances cover the window from its beginning to now, without a long gap."""
    assert fund_peak(balances, now=now, rule=FUND) == expected


@given(gone=st.integers(min_value=1, max_value=7))
def test_fund_peak_is_unknown_if_a_balance_was_missed(gone: int) -> None:
    """Without any one of the hourly balances in the window there is a gap in which the peak may have been."""
    balances = hourly(*[4.0] * 9)
    del balances[-3600 * gone]
    assert fund_peak(balances, now=0, rule=FUND) is None


INTEREST = OpenInterestRule(percentile=0.9, least_samples=10)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (9.1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], True),  # the ninth of ten is the 90th percentile
        (9.0, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], False),  # equal is not above; the order does not matter
        (8.0, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], False),
        (5.0, [5.0] * 10, False),  # open interest that never moved is not high
        (99.0, [1.0] * 9, None),  # too few
        (10.1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], True),  # of eleven it is the tenth
        (9.9, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], False),
    ],
)
def test_open_interest_is_high_above_its_percentile(now: float, before: list[float], expected: bool | None) -> None:
    """Open interest is compared with the nearest-rank percentile of the samples before."""
    assert open_interest_high(now, before=before, rule=INTEREST) is expected


@given(
    now=NOTIONALS,
    before=st.lists(NOTIONALS, min_size=10, max_size=60),
    percentile=st.floats(min_value=0.01, max_value=0.99),
)
def test_high_open_interest_exceeds_the_share_of_samples(now: float, before: list[float], percentile: float) -> None:
    """High is above at least the percentile's share of the samples; not high is at or below some sample."""
    rule = OpenInterestRule(percentile=percentile, least_samples=10)
    exceeded = sum(sample < now for sample in before)
    if open_interest_high(now, before=before, rule=rule):
        assert exceeded >= percentile * len(before) * (1.0 - 1e-9)
    else:
        assert exceeded < percentile * len(before) + 1.0
