"""The depth of the order book as the contracts within 1 %: the fit, and that it falls at once and recovers slowly."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.collect.adapters.shared import DEPTH_BANDS
from adlrisk.collect.record.book_depth import BookDepth, follow_depth, size_for_one_percent

NOON = 1_795_003_200.0
SHAPE = 1.16  # of the design: the median of 21 order books

books = st.dictionaries(st.sampled_from(DEPTH_BANDS), st.floats(min_value=0.0, max_value=1e15), min_size=1)


def fitted(sizes: dict[int, float]) -> float | None:
    return size_for_one_percent(follow_depth(None, sizes, now=NOON))


def test_size_within_one_percent_is_what_stands_there() -> None:
    """Where the book reaches 1 %, what it holds there counts, whatever it holds nearer to mid."""
    assert fitted({100: 300.0, 30: 299.0, 10: 1.0, 3: 0.0}) == 300.0


@pytest.mark.parametrize("band", DEPTH_BANDS)
def test_size_follows_from_a_book_of_the_law_by_any_band(band: int) -> None:
    """Of a book with 1,000·(u / 1 %)^1.16 contracts within u, each band gives 1,000."""
    assert fitted({band: 1_000.0 * (band / 100.0) ** SHAPE}) == pytest.approx(1_000.0, rel=1e-5)


def test_widest_band_counts() -> None:
    """A book that ends at 0.3 % is continued from there by the law, not from its first levels."""
    assert fitted({30: 100.0, 10: 99.0, 3: 98.0}) == pytest.approx(100.0 / 0.3**SHAPE, rel=1e-5)


@given(books, books, st.floats(min_value=-1e9, max_value=1e9))
def test_book_that_empties_lowers_the_size_at_once(before: dict[int, float], after: dict[int, float], t: float) -> None:
    """The size is never above what the book holds now, whenever the look before was, and is positive and stored."""
    first = follow_depth(None, before, now=NOON)
    then = follow_depth(first, after, now=NOON + t)
    alone = follow_depth(None, after, now=NOON)
    assert then.size <= alone.size * (1.0 + 1e-12)
    assert then.size >= min(first.size, alone.size)
    assert 1e-12 <= (size_for_one_percent(then) or 0.0) <= 1e15
    assert msgspec.json.decode(msgspec.json.encode(then), type=BookDepth) == then


def test_recovery_takes_ten_minutes_however_often_the_book_is_read() -> None:
    """Of a rise from 10 to 1,010, 1 − 1/e is there after ten minutes, in one look or in twenty."""
    emptied = follow_depth(None, {100: 10.0}, now=NOON)
    once = follow_depth(emptied, {100: 1_010.0}, now=NOON + 600.0)
    often = emptied
    for look in range(1, 21):
        often = follow_depth(often, {100: 1_010.0}, now=NOON + 30.0 * look)
    for depth in (once, often):
        assert depth.size == pytest.approx(10.0 + 1_000.0 * (1.0 - math.exp(-1.0)))
    assert follow_depth(often, {100: 1_010.0}, now=NOON + 86_400.0).size == pytest.approx(1_010.0)
    assert follow_depth(often, {100: 20.0}, now=NOON + 630.0).size == 20.0


def test_clock_that_goes_back_lets_nothing_recover_and_stops_no_recovery() -> None:
    """Set back by an hour, the size stays for one look, and goes on from there."""
    emptied = follow_depth(None, {100: 10.0}, now=NOON)
    back = follow_depth(emptied, {100: 1_010.0}, now=NOON - 3_600.0)
    assert back.size == 10.0
    assert follow_depth(back, {100: 1_010.0}, now=NOON - 3_000.0).size == pytest.approx(642.12, abs=0.01)


def test_side_that_is_empty_within_the_band_is_next_to_no_depth() -> None:
    """A reader that needs a positive size gets the least there is, not an unknown one."""
    assert fitted({100: 0.0}) == 1e-12
    assert size_for_one_percent(None) is None
