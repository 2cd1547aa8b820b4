"""What is judged from what was seen over time, and what of it outlives a restart."""

from datetime import UTC, datetime

import pytest

from adlrisk.collect.adapters.observation import Finding, Liquidation, Pool
from adlrisk.collect.record.history import Trail
from adlrisk.domain.rules.conditions import Conditions, DrawdownRule, SpikeRule, ThinRule

NOON = 1_795_003_200.0  # a multiple of 300, so that windows begin here
WINDOW = 300.0
CONDITIONS = Conditions(
    spike=SpikeRule(floor=1_000.0, times_baseline=5.0, least_windows=3), thin=ThinRule(least_samples=3)
)


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def liquidation(at: float, notional: float) -> Liquidation:
    return Liquidation(at=moment(at), side="long", price=1.0, notional=notional)


def told(*liquidations: Liquidation, since: float | None) -> Finding:
    return Finding(liquidations=liquidations, covered_since=None if since is None else moment(since))


def listened(trail: Trail, *, since: float, until: float, notional: float = 0.0, every: float = 10.0) -> None:
    """Listen from one moment to another, with so much liquidated in each step."""
    at = since
    while at < until:
        trail.heard(told(*([liquidation(at, notional)] if notional else []), since=at), now=at + every)
        trail.liquidation_spike(now=at + every)
        at += every


def test_nothing_heard_is_unknown() -> None:
    """Without a word from the venue nothing is known of liquidations."""
    assert Trail(CONDITIONS).liquidation_spike(now=NOON) is None


def test_silence_heard_for_a_window_is_calm() -> None:
    """A window in which the venue was heard and told nothing is calm, and one heard in part is unknown."""
    trail = Trail(CONDITIONS)
    listened(trail, since=NOON, until=NOON + 260.0)
    assert trail.liquidation_spike(now=NOON + 260.0) is None
    listened(trail, since=NOON + 260.0, until=NOON + 300.0)
    assert trail.liquidation_spike(now=NOON + 300.0) is False


def test_a_short_gap_is_forgiven_and_a_long_one_is_not() -> None:
    """A window counts as heard with a gap of a tenth, within which another takes over, and not with more."""
    for gap, expected in ((30.0, False), (31.0, None)):
        trail = Trail(CONDITIONS)
        listened(trail, since=NOON, until=NOON + 200.0)
        listened(trail, since=NOON + 200.0 + gap, until=NOON + 300.0 + gap, every=100.0)
        assert trail.liquidation_spike(now=NOON + 300.0 + gap) is expected


def test_what_was_heard_too_long_ago_is_unknown() -> None:
    """A minute after the venue was last heard nothing is known."""
    trail = Trail(CONDITIONS)
    listened(trail, since=NOON, until=NOON + 600.0)
    assert trail.liquidation_spike(now=NOON + 660.0) is False
    assert trail.liquidation_spike(now=NOON + 661.0) is None


def test_a_spike_stands_out_of_the_windows_before() -> None:
    """Ten times what windows before had is a spike; four times is not; the window itself is no baseline."""
    for times, expected in ((10.0, True), (4.0, False)):
        trail = Trail(CONDITIONS)
        listened(trail, since=NOON, until=NOON + 6 * WINDOW, notional=10.0)  # 300 a window
        now = NOON + 7 * WINDOW
        listened(trail, since=NOON + 6 * WINDOW, until=now, notional=10.0 * times)
        assert trail.liquidation_spike(now=now) is expected


def test_a_baseline_outlives_a_restart() -> None:
    """What was seen is judged the same by whoever takes it up where it was left."""
    trail = Trail(CONDITIONS)
    listened(trail, since=NOON, until=NOON + 6 * WINDOW, notional=10.0)
    for slot in range(4):
        trail.saw_depths({100: 100.0}, now=NOON + slot * WINDOW)
    again = Trail(CONDITIONS, trail.encoded())
    now = NOON + 7 * WINDOW
    listened(again, since=NOON + 6 * WINDOW, until=now, notional=100.0)
    assert again.liquidation_spike(now=now) is True
    assert again.thin_liquidity({100: 49.0}, now=now) is True
    assert again.thin_liquidity({100: 50.0}, now=now) is False
    assert Trail(CONDITIONS).thin_liquidity({100: 49.0}, now=now) is None


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b'{"window_minutes":5,"liquidated":{"1":-5.0}}',
        b'{"window_minutes":5,"depths":{"now":{"100":5.0}}}',
        b'{"window_minutes":5,"depths":{"1":{"100":1e999}}}',
        b'{"version":2,"window_minutes":5}',
        b'{"version":2,"window_minutes":5,"newer":1}',
        b'{"window_minutes":6}',
    ],
)
def test_a_trail_that_cannot_be_read_is_begun_anew(kept: bytes) -> None:
    """What another hand, another version or other windows left is not judged from."""
    assert Trail(CONDITIONS, kept).encoded() == Trail(CONDITIONS).encoded()


def test_a_trail_of_a_newer_release_is_taken_up() -> None:
    """Fields that are not known are passed over, and what is known is judged from as ever."""
    trail = Trail(CONDITIONS)
    for slot in range(3):
        trail.saw_depths({100: 100.0}, now=NOON + slot * WINDOW)
    newer = b'{"newer":{"anything":[1]},' + trail.encoded()[1:]
    assert Trail(CONDITIONS, newer).encoded() == trail.encoded()
    assert Trail(CONDITIONS, newer).thin_liquidity({100: 49.0}, now=NOON + 3 * WINDOW) is True


def test_what_is_old_is_let_go() -> None:
    """A day later windows and depths no longer count, and a trail stays small however long it runs."""
    trail = Trail(CONDITIONS)
    listened(trail, since=NOON, until=NOON + 6 * WINDOW, notional=10.0)
    for slot in range(4):
        trail.saw_depths({100: 100.0}, now=NOON + slot * WINDOW)
    later = NOON + 86_400.0 + 7 * WINDOW
    assert trail.thin_liquidity({100: 1.0}, now=later) is None
    listened(trail, since=later, until=later + 2 * WINDOW, notional=100.0)
    assert trail.liquidation_spike(now=later + 2 * WINDOW) is None  # well above the floor, and no baseline
    assert len(trail.encoded()) < 5_000


def test_what_lies_ahead_is_let_go() -> None:
    """What a clock that ran ahead left is not judged from."""
    ahead = Trail(CONDITIONS)
    for slot in range(4):
        ahead.saw_depths({100: 100.0}, now=NOON + 86_400.0 + slot * WINDOW)
    assert ahead.thin_liquidity({100: 1.0}, now=NOON) is None


def test_a_depth_is_not_compared_with_itself() -> None:
    """The depths of the current five minutes are no baseline."""
    trail = Trail(CONDITIONS)
    for slot in range(3):
        trail.saw_depths({100: 100.0}, now=NOON + slot * WINDOW)
    for second in range(0, 200, 15):
        trail.saw_depths({100: 10.0}, now=NOON + 3 * WINDOW + second)
    assert trail.thin_liquidity({100: 10.0}, now=NOON + 3 * WINDOW + 200.0) is True
    short = Trail(CONDITIONS)
    for slot in range(3):
        short.saw_depths({100: 100.0}, now=NOON + slot * WINDOW)
    assert short.thin_liquidity({100: 10.0}, now=NOON + 2 * WINDOW) is None  # two before, three are needed


def test_a_window_that_reaches_into_the_last_one_is_no_baseline() -> None:
    """Of three windows that are over, one still overlaps the last five minutes: with two there is no baseline."""
    trail = Trail(CONDITIONS)
    now = NOON + 3 * WINDOW + 100.0
    listened(trail, since=NOON, until=now, notional=50.0)  # 1,500 in a window, above the floor
    assert trail.liquidation_spike(now=now) is None
    listened(trail, since=now, until=now + 200.0, notional=50.0)
    assert trail.liquidation_spike(now=now + 200.0) is False


def test_a_liquidation_of_a_time_to_come_is_no_liquidation() -> None:
    """What a broken clock dates ahead neither counts now nor later, and the time in which it was told is not known."""
    trail = Trail(CONDITIONS)
    listened(trail, since=NOON, until=NOON + 4 * WINDOW, notional=10.0)
    now = NOON + 5 * WINDOW
    trail.heard(told(liquidation(now + 90.0, 1e9), since=NOON + 4 * WINDOW), now=now)
    assert trail.liquidation_spike(now=now) is None
    listened(trail, since=now, until=now + 2 * WINDOW)
    assert trail.liquidation_spike(now=now + 2 * WINDOW) is False


def test_a_band_is_compared_with_itself_only() -> None:
    """The widest band seen often enough is judged: a wider one that the book reaches only now says nothing yet."""
    trail = Trail(CONDITIONS)
    for slot in range(3):
        trail.saw_depths({10: 100.0, 3: 40.0}, now=NOON + slot * WINDOW)
    now = NOON + 3 * WINDOW
    assert trail.thin_liquidity({30: 90.0, 10: 49.0, 3: 40.0}, now=now) is True
    assert trail.thin_liquidity({30: 10.0, 10: 50.0, 3: 1.0}, now=now) is False
    assert trail.thin_liquidity({3: 19.0}, now=now) is True
    assert trail.thin_liquidity({100: 1.0, 30: 1.0}, now=now) is None
    assert trail.thin_liquidity({}, now=now) is None


def pool(**given: float) -> Pool:
    return Pool(**{"balance": 1e6, "trigger_balance": 1e4, "starts_at": -0.3, "stops_above": -0.25} | given)


def test_a_drawdown_goes_on_until_it_stops_and_over_a_restart() -> None:
    """Between start and stop a drawdown is as it was, also for another collector."""
    trail = Trail(Conditions())
    assert trail.adl_trigger(pool(pnl_ratio=-0.28)) is None
    assert trail.adl_trigger(pool(pnl_ratio=-0.30)) is True
    assert Trail(Conditions(), trail.encoded()).adl_trigger(pool(pnl_ratio=-0.28)) is True
    assert trail.adl_trigger(pool(pnl_ratio=-0.2)) is False
    assert trail.adl_trigger(pool(pnl_ratio=-0.28)) is False


def test_the_venue_comes_before_its_card_and_half_a_rule_is_none() -> None:
    """What the venue says of a contract counts, the card where it says nothing, and nothing where it says half."""
    trail = Trail(Conditions(drawdown=DrawdownRule(starts_at=-0.3, stops_above=-0.25)))
    assert trail.adl_trigger(pool(pnl_ratio=-0.35, starts_at=-1.0, stops_above=-0.95)) is False
    bare = Pool(balance=1e6, trigger_balance=1e4, pnl_ratio=-0.35)
    assert trail.adl_trigger(bare) is True
    positive = Pool(balance=1e6, trigger_balance=1e4, pnl_ratio=-0.1, starts_at=0.3, stops_above=0.5)
    assert trail.adl_trigger(positive) is None
    half = Pool(balance=1e6, trigger_balance=1e4, pnl_ratio=-0.35, starts_at=-0.3)
    assert trail.adl_trigger(half) is None
    assert Trail(Conditions()).adl_trigger(bare) is None


def test_an_empty_pool_triggers_whatever_else_is_said() -> None:
    """A pool with nothing in it is a trigger, with nothing known of drawdowns."""
    assert Trail(Conditions()).adl_trigger(Pool(balance=0.0)) is True
    assert Trail(Conditions()).adl_trigger(Pool(balance=1.0)) is None
