"""Conditions: liquidation spikes, thin liquidity, and the drawdown that starts a deleveraging."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.domain.rules.conditions import (
    Conditions,
    DrawdownRule,
    SpikeRule,
    ThinRule,
    adl_trigger,
    drawdown_trigger,
    liquidation_spike,
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
