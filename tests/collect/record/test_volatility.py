"""The volatility of the mark: what is measured, from when on, and what gaps and clocks do to it."""

import math
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.collect.record.volatility import MarkTrail, extend_marks, measure_volatility

NOON = 1_795_003_200.0  # a multiple of four hours
HOUR, DAY = 3600.0, 86_400.0
STEP = 300.0
Look = tuple[float, float]  # seconds since the one before, and the mark

# Changes by 0.1 % every five minutes, of which a year has 105,120.
CALM = 0.001 * math.sqrt(105_120.0)


def follow(looks: Iterable[Look], *, trail: MarkTrail | None = None) -> MarkTrail:
    now = NOON if trail is None else trail.at
    for seconds, mark in looks:
        now += seconds
        trail = extend_marks(trail, mark, now=now)
    assert trail is not None
    return trail


def swing(hours: float, *, by: float = 0.001, every: float = STEP) -> list[Look]:
    """Marks that go up and down by so much, as a logarithm."""
    return [(every, 100.0 * math.exp(by * (place % 2))) for place in range(round(hours * HOUR / every) + 1)]


def measured(trail: MarkTrail) -> float | None:
    return measure_volatility(trail, now=trail.at)


def test_volatility_is_that_of_the_changes() -> None:
    """A change of 0.1 % every five minutes is 32.4 % a year."""
    assert measured(follow(swing(25.0))) == pytest.approx(CALM, rel=1e-4)


def test_volatility_does_not_depend_on_how_often_the_mark_is_read() -> None:
    """Marks between two that are five minutes apart change nothing, and neither do longer steps of the same rate."""
    often = [(STEP / 30.0, mark) for _, mark in swing(25.0) for _ in range(30)]
    seldom = swing(25.0, by=0.001 * math.sqrt(3.0), every=3.0 * STEP)
    assert measured(follow(often)) == pytest.approx(CALM, rel=0.01)
    assert measured(follow(seldom)) == pytest.approx(CALM, rel=1e-4)


def test_volatility_is_unknown_until_a_day_was_seen() -> None:
    """23 hours are too little, and hours without marks do not count; after a restart it goes on."""
    trail = follow(swing(23.0))
    assert measured(trail) is None
    trail = follow(swing(0.8), trail=follow([(10 * HOUR, 100.0)], trail=trail))
    assert measured(trail) is None
    stored = msgspec.json.decode(msgspec.json.encode(trail), type=MarkTrail)
    assert measured(follow(swing(0.5), trail=stored)) == pytest.approx(CALM, rel=0.01)
    assert measure_volatility(None, now=NOON) is None


def test_gap_of_more_than_an_hour_counts_neither_as_time_nor_as_a_change() -> None:
    """The mark fell by half meanwhile: what happened within the gap is not known."""
    trail = follow(swing(25.0))
    trail = follow([(2 * HOUR, 50.0), *((seconds, mark / 2.0) for seconds, mark in swing(1.0))], trail=trail)
    assert measured(trail) == pytest.approx(CALM, rel=0.01)


def test_gap_of_less_than_an_hour_counts_with_its_time() -> None:
    """A fall by a tenth over 50 minutes is one change: the same, whether the minutes between were seen or not."""
    fall = [(STEP, 100.0)] * 9 + [(STEP, 90.0)]
    seen, unseen = follow([*swing(25.0), *fall]), follow([*swing(25.0), (10 * STEP, 90.0)])
    assert measured(unseen) == measured(seen)
    assert (measured(seen) or 0.0) > 2.0 * CALM


def test_storm_shows_within_the_day_and_is_not_forgotten_after_it() -> None:
    """Six days of calm and half a day at ten times as much: the last day counts then, and the week a day later."""
    storm = follow(swing(12.0, by=0.01), trail=follow(swing(6 * 24.0)))
    now = measured(storm)
    assert now == pytest.approx(CALM * math.sqrt((100.0 + 2.0 / 3.0) / (5.0 / 3.0)), rel=0.01)  # 12 of 20 hours
    later = measured(follow(swing(24.0), trail=storm))
    assert later == pytest.approx(CALM * math.sqrt((100.0 * 12.0 + 156.0) / 168.0), rel=0.02)
    assert measured(follow(swing(8 * 24.0), trail=storm)) == pytest.approx(CALM, rel=0.01)


def test_mark_that_never_moves_has_no_volatility() -> None:
    """A source that repeats one mark for a day says nothing of the market."""
    assert measured(follow(swing(25.0, by=0.0))) is None


def test_mark_that_moves_by_rounding_alone_has_no_volatility() -> None:
    """What is less than a record may say is left out of it."""
    assert measured(follow(swing(25.0, by=1e-12))) is None


@pytest.mark.parametrize("jump", [-2 * HOUR, -30 * DAY, 2 * HOUR, 30 * DAY])
def test_jump_of_the_clock_counts_neither_as_time_nor_as_a_change(jump: float) -> None:
    """Set back or ahead, the clock costs at most what has gone out of the week, or is in the future."""
    trail = follow([*swing(25.0), (jump, 130.0), *((seconds, 1.3 * mark) for seconds, mark in swing(25.0))])
    assert measured(trail) == pytest.approx(CALM, rel=1e-4)
    assert all(slot <= trail.at for slot in trail.slots)


def test_change_of_unit_makes_volatility_unknown() -> None:
    """Marks a thousand times higher from one minute to the next are no move of the market: above 2,000 % is absurd."""
    trail = follow([*swing(25.0), (STEP, 1e9)])
    assert measured(trail) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from((10.0, 300.0, 3_600.0, 3_601.0, -50.0, 1e6, 14_400.0)),
            st.floats(min_value=1e-12, max_value=1e15),
        ),
        min_size=1,
    ),
    st.floats(min_value=-1e6, max_value=1e6),
)
def test_any_marks_give_a_bounded_volatility_or_none(looks: list[Look], later: float) -> None:
    """Whatever was seen and whenever it is asked for: a number fit for a record, or unknown; and it can be stored."""
    trail = follow([*swing(25.0), *looks])
    found = measure_volatility(trail, now=trail.at + later)
    assert found is None or 1e-6 <= found <= 20.0
    assert msgspec.json.decode(msgspec.json.encode(trail), type=MarkTrail) == trail


def test_marks_of_months_stay_small() -> None:
    """Only a week is kept, in slots of four hours: less than 2 kB."""
    trail = follow(swing(24.0 * 60, by=0.00123456789, every=310.0))
    assert len(trail.slots) <= 43
    assert len(msgspec.json.encode(trail)) < 2_000
