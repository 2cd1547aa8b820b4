"""The history of a contract: the conditions that are judged from it, and that it survives a restart."""

import math
from datetime import UTC, datetime

import msgspec
import pytest

from adlrisk.collect.adapters.observation import FundReading, InsurancePool, Liquidation, Observation
from adlrisk.collect.record.history import MarketHistory
from adlrisk.domain.rules.conditions import Conditions, DrawdownRule, OpenInterestRule, SpikeRule, ThinRule

NOON = 1_795_003_200.0  # a multiple of 300, so that windows begin here
WINDOW = 300.0
CONDITIONS = Conditions(
    spike=SpikeRule(floor=1_000.0, times_baseline=5.0, least_windows=3), thin=ThinRule(least_samples=3)
)


def moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def liquidation(at: float, notional: float) -> Liquidation:
    return Liquidation(at=moment(at), side="long", price=1.0, notional=notional)


def observe(*liquidations: Liquidation, since: float | None) -> Observation:
    return Observation(liquidations=liquidations, covered_since=None if since is None else moment(since))


def cover(history: MarketHistory, *, since: float, until: float, notional: float = 0.0, every: float = 10.0) -> None:
    """Cover the time from ``since`` to ``until`` in steps of ``every``, with ``notional`` liquidated in each."""
    at = since
    while at < until:
        history.add_liquidations(observe(*([liquidation(at, notional)] if notional else []), since=at), now=at + every)
        history.judge_liquidation_spike(now=at + every)
        at += every


def test_spike_is_unknown_without_a_stream() -> None:
    """Without any observation, whether liquidations spike is unknown."""
    assert MarketHistory(CONDITIONS).judge_liquidation_spike(now=NOON) is None


def test_covered_window_without_liquidations_is_calm() -> None:
    """A covered window without liquidations is calm, and a partly covered one is unknown."""
    history = MarketHistory(CONDITIONS)
    cover(history, since=NOON, until=NOON + 260.0)
    assert history.judge_liquidation_spike(now=NOON + 260.0) is None
    cover(history, since=NOON + 260.0, until=NOON + 300.0)
    assert history.judge_liquidation_spike(now=NOON + 300.0) is False


def test_window_tolerates_a_gap_of_a_tenth() -> None:
    """A window counts as covered with a gap of a tenth, in which another collector takes over, but not with more."""
    for gap, expected in ((30.0, False), (31.0, None)):
        history = MarketHistory(CONDITIONS)
        cover(history, since=NOON, until=NOON + 200.0)
        cover(history, since=NOON + 200.0 + gap, until=NOON + 300.0 + gap, every=100.0)
        assert history.judge_liquidation_spike(now=NOON + 300.0 + gap) is expected


def test_spike_is_unknown_after_a_minute_of_silence() -> None:
    """More than a minute after the last observation the spike is unknown."""
    history = MarketHistory(CONDITIONS)
    cover(history, since=NOON, until=NOON + 600.0)
    assert history.judge_liquidation_spike(now=NOON + 660.0) is False
    assert history.judge_liquidation_spike(now=NOON + 661.0) is None


def test_spike_is_judged_against_earlier_windows() -> None:
    """Ten times the total of earlier windows is a spike, four times is not; the baseline excludes the window."""
    for times, expected in ((10.0, True), (4.0, False)):
        history = MarketHistory(CONDITIONS)
        cover(history, since=NOON, until=NOON + 6 * WINDOW, notional=10.0)  # 300 a window
        now = NOON + 7 * WINDOW
        cover(history, since=NOON + 6 * WINDOW, until=now, notional=10.0 * times)
        assert history.judge_liquidation_spike(now=now) is expected


def test_history_survives_a_restart() -> None:
    """A collector that continues a stored history judges as the one that stored it."""
    history = MarketHistory(CONDITIONS)
    cover(history, since=NOON, until=NOON + 6 * WINDOW, notional=10.0)
    for slot in range(4):
        history.add_depths({100: 100.0}, now=NOON + slot * WINDOW)
    continued = MarketHistory(CONDITIONS, history.encode())
    now = NOON + 7 * WINDOW
    cover(continued, since=NOON + 6 * WINDOW, until=now, notional=100.0)
    assert continued.judge_liquidation_spike(now=now) is True
    assert continued.judge_thin_liquidity({100: 49.0}, now=now) is True
    assert continued.judge_thin_liquidity({100: 50.0}, now=now) is False
    assert MarketHistory(CONDITIONS).judge_thin_liquidity({100: 49.0}, now=now) is None


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\xff",
        b"[]",
        b"[" * 100_000,
        b'{"window_minutes":5,"liquidated":{"1":-5.0}}',
        b'{"window_minutes":5,"depths":{"now":{"100":5.0}}}',
        b'{"window_minutes":5,"depths":{"1":{"100":1e999}}}',
        b'{"window_minutes":5,"fund":{"1":1e999}}',
        b'{"window_minutes":5,"open_interest":{"1":-5.0}}',
        b'{"window_minutes":5,"entries":{"at":1.0,"interest":5.0,"mark":1.0,"seen":0.5,"bins":[[1.0,0.5]]}}',
        b'{"window_minutes":5,"entries":{"at":1e999,"interest":5.0,"mark":1.0,"seen":0.5,"bins":[[1.0,1.0]]}}',
        b'{"window_minutes":5,"marks":{"at":1.0,"mark":0.0}}',
        b'{"window_minutes":5,"marks":{"at":1.0,"mark":5.0,"slots":{"0":[-1.0,5.0]}}}',
        b'{"window_minutes":5,"book":{"at":1.0,"size":-5.0}}',
        b'{"version":2,"window_minutes":5}',
        b'{"version":2,"window_minutes":5,"newer":1}',
        b'{"window_minutes":6,"liquidated":{"1":5.0},"covered":[[1.0,2.0]],"windows":{"0":5.0}}',
    ],
)
def test_unusable_history_is_started_anew(stored: bytes) -> None:
    """A malformed history, or one of another version, is discarded; so are liquidations of other windows."""
    assert MarketHistory(CONDITIONS, stored).encode() == MarketHistory(CONDITIONS).encode()


def test_history_of_a_newer_release_is_continued() -> None:
    """Unknown fields are ignored, and the known ones are used."""
    history = MarketHistory(CONDITIONS)
    for slot in range(3):
        history.add_depths({100: 100.0}, now=NOON + slot * WINDOW)
    newer = b'{"newer":{"anything":[1]},' + history.encode()[1:]
    assert MarketHistory(CONDITIONS, newer).encode() == history.encode()
    assert MarketHistory(CONDITIONS, newer).judge_thin_liquidity({100: 49.0}, now=NOON + 3 * WINDOW) is True


def test_old_entries_are_pruned() -> None:
    """A day later windows and depths no longer count, and the history stays small however long it runs."""
    history = MarketHistory(CONDITIONS)
    cover(history, since=NOON, until=NOON + 6 * WINDOW, notional=10.0)
    for slot in range(4):
        history.add_depths({100: 100.0}, now=NOON + slot * WINDOW)
    later = NOON + 86_400.0 + 7 * WINDOW
    assert history.judge_thin_liquidity({100: 1.0}, now=later) is None
    cover(history, since=later, until=later + 2 * WINDOW, notional=100.0)
    assert history.judge_liquidation_spike(now=later + 2 * WINDOW) is None  # well above the floor, and no baseline
    assert len(history.encode()) < 5_000


def test_future_entries_are_pruned() -> None:
    """Entries dated in the future, by a clock that ran ahead, do not count."""
    ahead = MarketHistory(CONDITIONS)
    for slot in range(4):
        ahead.add_depths({100: 100.0}, now=NOON + 86_400.0 + slot * WINDOW)
    assert ahead.judge_thin_liquidity({100: 1.0}, now=NOON) is None


def test_depth_is_not_compared_with_its_own_slot() -> None:
    """The depths of the current five minutes are not in the baseline."""
    history = MarketHistory(CONDITIONS)
    for slot in range(3):
        history.add_depths({100: 100.0}, now=NOON + slot * WINDOW)
    for second in range(0, 200, 15):
        history.add_depths({100: 10.0}, now=NOON + 3 * WINDOW + second)
    assert history.judge_thin_liquidity({100: 10.0}, now=NOON + 3 * WINDOW + 200.0) is True
    short = MarketHistory(CONDITIONS)
    for slot in range(3):
        short.add_depths({100: 100.0}, now=NOON + slot * WINDOW)
    assert short.judge_thin_liquidity({100: 10.0}, now=NOON + 2 * WINDOW) is None  # two before, three are needed


def test_overlapping_window_is_not_in_the_baseline() -> None:
    """Of three complete windows one overlaps the last five minutes, and two are too few for a baseline."""
    history = MarketHistory(CONDITIONS)
    now = NOON + 3 * WINDOW + 100.0
    cover(history, since=NOON, until=now, notional=50.0)  # 1,500 in a window, above the floor
    assert history.judge_liquidation_spike(now=now) is None
    cover(history, since=now, until=now + 200.0, notional=50.0)
    assert history.judge_liquidation_spike(now=now + 200.0) is False


def test_future_liquidation_does_not_count() -> None:
    """A liquidation dated in the future never counts, and the span of its observation is not covered."""
    history = MarketHistory(CONDITIONS)
    cover(history, since=NOON, until=NOON + 4 * WINDOW, notional=10.0)
    now = NOON + 5 * WINDOW
    history.add_liquidations(observe(liquidation(now + 90.0, 1e9), since=NOON + 4 * WINDOW), now=now)
    assert history.judge_liquidation_spike(now=now) is None
    cover(history, since=now, until=now + 2 * WINDOW)
    assert history.judge_liquidation_spike(now=now + 2 * WINDOW) is False


def test_depth_is_compared_within_its_band() -> None:
    """The widest band with enough samples is judged; a wider one that the book reaches only now is not."""
    history = MarketHistory(CONDITIONS)
    for slot in range(3):
        history.add_depths({10: 100.0, 3: 40.0}, now=NOON + slot * WINDOW)
    now = NOON + 3 * WINDOW
    assert history.judge_thin_liquidity({30: 90.0, 10: 49.0, 3: 40.0}, now=now) is True
    assert history.judge_thin_liquidity({30: 10.0, 10: 50.0, 3: 1.0}, now=now) is False
    assert history.judge_thin_liquidity({3: 19.0}, now=now) is True
    assert history.judge_thin_liquidity({100: 1.0, 30: 1.0}, now=now) is None
    assert history.judge_thin_liquidity({}, now=now) is None


def pool(**given: float) -> InsurancePool:
    return InsurancePool(**{"balance": 1e6, "trigger_balance": 1e4, "starts_at": -0.3, "stops_above": -0.25} | given)


def test_drawdown_lasts_until_it_stops_even_over_a_restart() -> None:
    """Between the ratios of start and stop a drawdown stays as it was, also for another collector."""
    history = MarketHistory(Conditions())
    assert history.judge_adl_trigger(pool(pnl_ratio=-0.28)) is None
    assert history.judge_adl_trigger(pool(pnl_ratio=-0.30)) is True
    assert MarketHistory(Conditions(), history.encode()).judge_adl_trigger(pool(pnl_ratio=-0.28)) is True
    assert history.judge_adl_trigger(pool(pnl_ratio=-0.2)) is False
    assert history.judge_adl_trigger(pool(pnl_ratio=-0.28)) is False


def test_venue_ratios_take_precedence_over_the_card() -> None:
    """The contract's own ratios count, else the card's; a partial or contradictory pair leaves the trigger unknown."""
    history = MarketHistory(Conditions(drawdown=DrawdownRule(starts_at=-0.3, stops_above=-0.25)))
    assert history.judge_adl_trigger(pool(pnl_ratio=-0.35, starts_at=-1.0, stops_above=-0.95)) is False
    bare = InsurancePool(balance=1e6, trigger_balance=1e4, pnl_ratio=-0.35)
    assert history.judge_adl_trigger(bare) is True
    positive = InsurancePool(balance=1e6, trigger_balance=1e4, pnl_ratio=-0.1, starts_at=0.3, stops_above=0.5)
    assert history.judge_adl_trigger(positive) is None
    half = InsurancePool(balance=1e6, trigger_balance=1e4, pnl_ratio=-0.35, starts_at=-0.3)
    assert history.judge_adl_trigger(half) is None
    assert MarketHistory(Conditions()).judge_adl_trigger(bare) is None


def test_empty_pool_always_triggers() -> None:
    """An empty pool triggers even if nothing is known of drawdowns."""
    assert MarketHistory(Conditions()).judge_adl_trigger(InsurancePool(balance=0.0)) is True
    assert MarketHistory(Conditions()).judge_adl_trigger(InsurancePool(balance=1.0)) is None


HOUR = 3600.0


def watch_fund(
    history: MarketHistory, *balances: float, since: float, every: float = 60.0, hours: float = 1.0, contracts: int = 9
) -> float:
    """Read each balance for ``hours``, ``every`` so many seconds; the time of the last reading."""
    at = since
    for balance in balances:
        for _ in range(round(hours * HOUR / every)):
            at += every
            history.add_fund_balance(balance, FundReading(at=moment(at), contracts=contracts), now=at)
    return at


def test_fund_peak_is_known_after_its_window() -> None:
    """After eight hours of readings the peak is their largest, and it is forgotten eight hours later."""
    history = MarketHistory(Conditions())
    now = watch_fund(history, 70.0, 90.0, 80.0, 80.0, 80.0, 80.0, 80.0, since=NOON)
    assert history.judge_fund_peak(now=now) is None  # seven hours
    now = watch_fund(history, 60.0, 60.0, since=now)
    assert history.judge_fund_peak(now=now) == 90.0
    now = watch_fund(history, *[60.0] * 9, since=now)
    assert history.judge_fund_peak(now=now) == 60.0
    assert len(msgspec.json.decode(history.encode())["fund"]) <= 55  # nine hours, one in ten minutes


def test_fund_peak_is_unknown_after_a_gap() -> None:
    """Two hours without a reading may have hidden a higher balance: the window has to be watched anew."""
    history = MarketHistory(Conditions())
    now = watch_fund(history, *[70.0] * 9, since=NOON)
    assert history.judge_fund_peak(now=now) == 70.0
    now = watch_fund(history, 70.0, since=now + 2 * HOUR)
    assert history.judge_fund_peak(now=now) is None
    now = watch_fund(history, *[70.0] * 8, since=now)
    assert history.judge_fund_peak(now=now) == 70.0


def test_balance_that_the_venue_no_longer_updates_gives_no_peak() -> None:
    """Readings count at the venue's time: an old balance, read again and again, does not watch the fund."""
    history = MarketHistory(Conditions())
    now = watch_fund(history, *[70.0] * 9, since=NOON)
    stuck = FundReading(at=moment(now), contracts=9)
    for minute in range(1, 62):
        history.add_fund_balance(70.0, stuck, now=now + 60.0 * minute)
    assert history.judge_fund_peak(now=now + 61 * 60.0) is None


def test_peak_of_another_fund_does_not_count() -> None:
    """A contract that the venue moves to a fund of its own does not seem to have lost the shared one."""
    history = MarketHistory(Conditions())
    now = watch_fund(history, *[1e9] * 9, since=NOON, contracts=400)
    now = watch_fund(history, 1e9, since=now, contracts=403)  # listings
    assert history.judge_fund_peak(now=now) == 1e9
    now = watch_fund(history, *[5e6] * 8, since=now, contracts=1)
    assert history.judge_fund_peak(now=now) is None
    now = watch_fund(history, 5e6, since=now, contracts=1)
    assert history.judge_fund_peak(now=now) == 5e6


INTEREST = Conditions(open_interest=OpenInterestRule(least_samples=10))


def sample_interest(history: MarketHistory, *samples: float, since: float) -> float:
    """One sample every four hours; the time of the next."""
    for index, sample in enumerate(samples):
        history.add_open_interest(sample, now=since + index * 4 * HOUR)
    return since + len(samples) * 4 * HOUR


def test_open_interest_is_judged_against_earlier_samples() -> None:
    """It is unknown until there are enough, and never compared with itself."""
    history = MarketHistory(INTEREST)
    now = sample_interest(history, 1, 2, 3, 4, 5, 6, 7, 8, 9, since=NOON)
    history.add_open_interest(100.0, now=now)
    assert history.judge_open_interest_high(100.0, now=now) is None  # nine before
    now = sample_interest(history, 10.0, since=now)
    assert history.judge_open_interest_high(9.1, now=now) is True
    assert history.judge_open_interest_high(9.0, now=now) is False


def test_month_of_open_interest_stays_small_and_older_samples_are_dropped() -> None:
    """Polled every minute, a month is one sample every four hours, and what is older than 30 days does not count."""
    history = MarketHistory(INTEREST)
    now = sample_interest(history, *[123_456_789.0] * 400, since=NOON)
    for minute in range(30):
        history.add_open_interest(987_654_321.0, now=now + 60.0 * minute)
    assert history.judge_open_interest_high(123_456_790.0, now=now) is False
    assert len(msgspec.json.decode(history.encode())["open_interest"]) <= 181
    assert len(history.encode()) < 6_000
    assert history.judge_open_interest_high(1.0, now=now + 31 * 24 * HOUR) is None


def test_fund_and_open_interest_survive_a_restart() -> None:
    """Another collector continues the fund's window and the samples of open interest."""
    history = MarketHistory(INTEREST)
    now = watch_fund(history, *[70.0] * 9, since=NOON)
    sample_interest(history, *range(1, 11), since=now - 41 * HOUR)
    continued = MarketHistory(INTEREST, history.encode())
    assert continued.judge_fund_peak(now=now) == 70.0
    assert continued.judge_open_interest_high(9.1, now=now) is True


def test_other_window_keeps_what_does_not_depend_on_it() -> None:
    """A card whose windows have another length starts liquidations anew, and keeps fund and open interest."""
    history = MarketHistory(INTEREST)
    now = watch_fund(history, *[70.0] * 9, since=NOON)
    sample_interest(history, *range(1, 11), since=now - 41 * HOUR)
    cover(history, since=now - 300.0, until=now)
    assert history.judge_liquidation_spike(now=now) is False
    other = msgspec.structs.replace(INTEREST, spike=SpikeRule(window_minutes=4))
    continued = MarketHistory(other, history.encode())
    assert continued.judge_liquidation_spike(now=now) is None
    assert continued.judge_fund_peak(now=now) == 70.0
    assert continued.judge_open_interest_high(9.1, now=now) is True


def follow_market(history: MarketHistory, *, since: float, hours: float, mark: float = 100.0) -> float:
    """A minute after the other: a mark, seconds later open interest, which grows by 2 % in every other, and depths.

    Returns the time of the last.
    """
    for minute in range(round(hours * 60.0)):
        since += 60.0
        history.add_mark_price(mark * (1.0 + 0.001 * (minute % 2)), now=since - 4.0)
        history.add_open_interest(1e6 * (1.0 + 0.02 * (minute % 2)), now=since)
        history.add_depth_sizes({100: 500.0}, now=since)
    return since


def test_mark_and_open_interest_of_about_the_same_time_make_the_entries() -> None:
    """Whichever comes first, a reading is paired with a mark at most 30 s away, and counts once."""
    for first, second in ((0.0, 29.0), (29.0, 0.0)):
        history = MarketHistory(CONDITIONS)
        for at, mark, interest in ((NOON, 100.0, 1_000.0), (NOON + 60.0, 110.0, 2_000.0)):
            events = [(at + first, history.add_mark_price, mark), (at + second, history.add_open_interest, interest)]
            for moment_of, add, number in sorted(events, key=lambda event: event[0]):
                add(number, now=moment_of)
                add(number, now=moment_of)
        assert history.measure_entries_seen(now=NOON + 90.0) == 0.5
        assert [entry.price for entry in history.list_entries(now=NOON + 90.0)] == [100.0, 110.0]


def test_open_interest_without_a_mark_of_its_time_makes_no_entries() -> None:
    """A mark that is 31 s older or younger says nothing of what was opened, nor does one that never came."""
    history = MarketHistory(CONDITIONS)
    history.add_mark_price(100.0, now=NOON)
    history.add_open_interest(1_000.0, now=NOON + 31.0)
    history.add_mark_price(100.0, now=NOON + 62.1)
    assert history.measure_entries_seen(now=NOON + 62.1) is None
    assert history.list_entries(now=NOON + 62.1) == ()


def test_reading_that_is_in_the_trail_is_not_read_again() -> None:
    """Later marks do not make it younger: five minutes after it nothing is said."""
    history = MarketHistory(CONDITIONS)
    history.add_mark_price(100.0, now=NOON)
    history.add_open_interest(1_000.0, now=NOON)
    history.add_mark_price(100.0, now=NOON + 25.0)
    assert history.measure_entries_seen(now=NOON + 300.0) == 0.0
    assert history.measure_entries_seen(now=NOON + 310.0) is None


def test_trails_survive_a_restart() -> None:
    """Another collector has the entries, the volatility and the depth, and goes on with each."""
    history = MarketHistory(CONDITIONS)
    now = follow_market(history, since=NOON, hours=25.0)
    continued = MarketHistory(CONDITIONS, history.encode())
    assert continued.list_entries(now=now) == history.list_entries(now=now) != ()
    assert continued.measure_volatility(now=now) == history.measure_volatility(now=now) is not None
    assert continued.measure_size_for_one_percent() == 500.0
    seen = continued.measure_entries_seen(now=now) or 0.0
    now = follow_market(continued, since=now + 15.0, hours=1.0, mark=90.0)  # a takeover of a quarter of a minute
    assert (continued.measure_entries_seen(now=now) or 0.0) >= seen
    assert 90.0 in {round(entry.price) for entry in continued.list_entries(now=now)}


def test_full_history_stays_below_its_size_on_the_page() -> None:
    """Everything at its largest, a month of it, is less than 45 kB in Redis."""
    history = MarketHistory(Conditions())
    for slot in range(30 * 6):
        history.add_open_interest(123_456_789.0 + slot, now=NOON - slot * 4 * HOUR)
    for slot in range(300):
        at = NOON - slot * WINDOW
        history.add_depths({100: 123_456_789.0, 30: 12_345_678.0, 10: 1_234_567.0, 3: 123_456.0}, now=at)
    for minute in range(1 - 8 * 1440, 1):
        now = NOON + 60.0 * minute
        history.add_mark_price(61_234.5 * 1.9 ** math.sin(minute / 300.0), now=now)
        history.add_open_interest(1e9 + 1e7 * (minute % 7), now=now)
        history.add_depth_sizes({100: 123_456.789}, now=now)
    watch_fund(history, *[123_456_789.25] * 9, since=NOON - 9 * HOUR)
    cover(history, since=NOON - 25 * HOUR, until=NOON - 1_200.0, notional=123_456.789, every=30.0)
    cover(history, since=NOON - 1_200.0, until=NOON, notional=123_456.789, every=1.0)  # one a second
    history.judge_fund_peak(now=NOON)
    assert len(history.list_entries(now=NOON)) == 100
    assert len(history.encode()) < 45_000


class FormerHistory(msgspec.Struct, kw_only=True):
    """The stored form of the release before fund and open interest."""

    version: int = 1
    window_minutes: int
    liquidated: dict[int, float] = {}
    covered: list[tuple[float, float]] = []
    windows: dict[int, float] = {}
    depths: dict[int, dict[int, float]] = {}
    drawdown: bool | None = None


def test_history_passes_between_this_release_and_the_one_before() -> None:
    """In a rolling update either release reads what the other has stored; what only one knows starts anew."""
    history = MarketHistory(CONDITIONS)
    for slot in range(3):
        history.add_depths({100: 100.0}, now=NOON + slot * WINDOW)
    watch_fund(history, 70.0, since=NOON)
    follow_market(history, since=NOON, hours=1.0)
    former = msgspec.json.decode(history.encode(), type=FormerHistory)
    assert len(former.depths) == 3
    later = MarketHistory(CONDITIONS, msgspec.json.encode(former))
    assert later.judge_thin_liquidity({100: 49.0}, now=NOON + 3 * WINDOW) is True
    assert later.judge_fund_peak(now=NOON + 3 * WINDOW) is None
    assert later.measure_entries_seen(now=NOON + HOUR) is None
    assert later.measure_size_for_one_percent() is None
