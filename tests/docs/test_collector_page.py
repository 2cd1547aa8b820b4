"""docs/collector.md against the collector's code."""

import re

import msgspec

from adlrisk.collect.adapters import SOURCES
from adlrisk.collect.adapters.shared import DEPTH_BANDS
from adlrisk.collect.adapters.source import FIELDS_OF_CALL
from adlrisk.collect.record import book_depth, entry_trail, volatility
from adlrisk.collect.record.market_record import RECORD_TTL_SECONDS, WRITE_INTERVAL_SECONDS
from adlrisk.collect.schedule import MAX_AGE_INTERVALS, POLL_INTERVAL_SECONDS
from adlrisk.domain.position.bounds import SMALLEST_POSITIVE
from adlrisk.domain.position.entries import MAX_ENTRIES
from adlrisk.domain.position.market import MarketRecord
from adlrisk.domain.rules.conditions import Conditions
from adlrisk.domain.stress.depth import Depth
from support.running import ROOT

PAGE = (ROOT / "docs" / "collector.md").read_text()


def test_the_table_of_fields_matches_the_adapters() -> None:
    """The table has each field of a record, and says yes for exactly the venues whose adapter fills it."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line[:1] == "|"]
    start = next(index for index, line in enumerate(lines) if line[0] == "field of the record")
    venues = lines[start][1:]
    assert venues == list(SOURCES)
    said = {line[0].strip("`"): line[1:] for line in lines[start + 2 : start + 2 + len(MarketRecord.__struct_fields__)]}
    assert list(said) == list(MarketRecord.__struct_fields__)
    for field, cells in said.items():
        assert cells == ["yes" if field in SOURCES[venue].filled_fields else "–" for venue in venues], field


def test_the_figures_match_the_code() -> None:
    """The windows, floors, shares, intervals and lifetimes on the page are those in force."""
    text = " ".join(PAGE.split())
    conditions = Conditions()
    spike, thin = conditions.spike, conditions.thin
    assert f"in the last {spike.window_minutes} minutes is at least {spike.floor:,.0f} in quote currency" in text
    assert f"at least {spike.times_baseline:g} times the mean of the {spike.window_minutes}-minute windows" in text
    assert f"of the last {spike.baseline_hours:g} hours. Less than that floor" in text
    assert f"more needs {spike.least_windows} windows" in text
    assert f"heard for less than {spike.least_heard:.0%}".replace("%", " %") in text
    assert thin.share_of_median == 0.5
    assert f"the median of the last {thin.trailing_hours:g} hours" in text
    assert f"every 5 minutes, {thin.least_samples} at least" in text
    assert "within 1 %, 0.3 %, 0.1 % and 0.03 %" in text
    assert [band / 100 for band in DEPTH_BANDS] == [1.0, 0.3, 0.1, 0.03]
    assert MAX_AGE_INTERVALS == 3.0
    assert "is used for three of its intervals; then" in text
    fund, interest = conditions.fund, conditions.open_interest
    assert f"of the last {fund.window_hours:g} hours. It is known once" in text
    assert f"no more than {fund.longest_gap_minutes} minutes between two" in text
    assert f"above the {interest.percentile:.0%}".replace("%", "th percentile") in text
    assert f"samples of the last {interest.trailing_days} days" in text
    assert f"A sample every 4 hours is kept; {interest.least_samples} of them, three weeks, are needed" in text
    assert interest.least_samples * 4 == 21 * 24
    assert f"written every {WRITE_INTERVAL_SECONDS:g} s and lasts {RECORD_TTL_SECONDS:g}" in text


def test_the_figures_of_the_trails_match_the_code() -> None:
    """How long a gap may be, from when on each trail says something, and how it is stored, are as the page says."""
    text = " ".join(PAGE.split())
    assert f"Beyond {MAX_ENTRIES} prices, neighbours are merged" in text
    assert f"left out while it is below {entry_trail.LEAST_SEEN * 100:.0f} %" in text
    assert f"a gap of more than {entry_trail.WATCHED_SECONDS / 60:.0f} minutes" in text
    days = entry_trail.FORGOTTEN_SECONDS / 3600
    assert f"a {days:.0f}th is lost for each hour of it" in text
    assert f"after {days:.0f} hours the trail begins anew" in text
    assert f"stand size · (u / 1 %)^{Depth(size_for_one_percent=1.0).shape:g} contracts" in text
    assert f"63 % are there after {book_depth.RECOVERY_SECONDS / 60:.0f} minutes" in text
    assert f"without a single order within the band is {SMALLEST_POSITIVE:g} contracts" in text
    assert f"marks {volatility.STEP_SECONDS / 60:.0f} minutes apart" in text
    assert f"A gap of more than {volatility.LONGEST_GAP_SECONDS / 60:.0f} minutes" in text
    week, day = volatility.WEEK_SECONDS / 86_400, volatility.DAY_SECONDS / 3600
    assert f"the larger of the last {day:.0f} hours' and the last {week:.0f} days'" in text
    assert f"until marks of {volatility.LEAST_OF_WEEK_SECONDS / 3600:.0f} hours were seen" in text
    assert f"the day counts from {volatility.LEAST_OF_DAY_SECONDS / 3600:.0f} hours on" in text


def test_the_table_of_calls_matches_the_schedule() -> None:
    """The table says how often each call is made and which fields it fills."""
    rows = [re.fullmatch(r"\| `(\w+)` \| (\d+) s \| (.+) \|", line) for line in PAGE.splitlines()]
    said = {row[1]: (float(row[2]), tuple(re.findall(r"`(\w+)`", row[3]))) for row in rows if row}
    assert said == {call: (seconds, FIELDS_OF_CALL[call]) for call, seconds in POLL_INTERVAL_SECONDS.items()}


def test_the_weights_match_the_schedule() -> None:
    """What a market costs at Binance and Gate in a minute follows from how often each call is made."""
    text = " ".join(PAGE.split())
    each: dict[str, float] = {call: 60.0 / seconds for call, seconds in POLL_INTERVAL_SECONDS.items()}
    single = ("mark", "funding", "insurance", "rating", "open_interest")
    weight = 20.0 * each["depth"] + sum(each[call] for call in single)  # of /depth with 1,000 levels, and of the others
    assert f"a weight of {weight:g} a minute" in text
    assert f"{20.0 * each['depth']:g} for the order book, {each['mark']:g} for mark prices" in text
    assert f"is called {each['mark'] + each['funding'] + each['open_interest']:g} times a minute" in text


def test_every_condition_has_a_figure_on_the_page() -> None:
    """Each market condition of the rule card is described on the page."""
    assert {field.name for field in msgspec.structs.fields(Conditions)} == {
        "spike",
        "thin",
        "fund",
        "open_interest",
        "drawdown",
        "note",
    }
    for name in ("Liquidation spike", "Thin liquidity", "Largest balance", "High open interest", "drawdown"):
        assert re.search(name, PAGE)
