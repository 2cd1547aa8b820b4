"""Scales and ticks of axes."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.page.pictures.scale import Scale, list_ticks, scale_of
from support.pictures import HOSTILE

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=1), finite, finite)
def test_a_scale_places_values_in_their_order_between_0_and_1(values: list[float], one: float, other: float) -> None:
    """Whatever the range, each value has a place from 0 to 1, and a larger value none before that of a smaller."""
    scale = scale_of(values, margin=0.05)

    places = [scale.place(min(one, other)), scale.place(max(one, other))]

    assert 0.0 <= places[0] <= places[1] <= 1.0


@given(st.lists(finite, min_size=2))
def test_a_scale_holds_all_values_it_is_made_of(values: list[float]) -> None:
    """The least of the values is not below the scale, and the largest not above."""
    scale = scale_of(values, margin=0.1)

    assert scale.low <= min(values)
    assert max(values) <= scale.high


@given(finite, finite, st.integers(min_value=2, max_value=6))
def test_ticks_rise_within_the_scale_and_are_as_few_as_asked_for(one: float, other: float, at_most: int) -> None:
    """Ticks are distinct, rising, on the scale but for rounding, and at most as many as asked for."""
    scale = Scale(low=min(one, other), high=max(one, other))

    ticks = list_ticks(scale, at_most=at_most)

    assert 1 <= len(ticks) <= at_most
    assert all(before < after for before, after in itertools.pairwise(ticks))
    beyond = 1e-8 * (scale.high / 2.0 - scale.low / 2.0)
    assert scale.low - beyond <= ticks[0]
    assert ticks[-1] <= scale.high + beyond


@pytest.mark.parametrize("values", HOSTILE)
def test_ticks_exist_for_hostile_ranges(values: list[float]) -> None:
    """A range of any size, also of one value, has a tick."""
    assert list_ticks(scale_of(values), at_most=4)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (1260.0, 2340.0, [1500.0, 2000.0]),
        (0.0, 1640.0, [0.0, 500.0, 1000.0, 1500.0]),
        (-0.136, 0.136, [-0.1, 0.0, 0.1]),
        (0.00001, 0.000035, [0.00001, 0.00002, 0.00003]),
    ],
)
def test_ticks_are_the_roundest_numbers_that_fit(low: float, high: float, ticks: list[float]) -> None:
    """Ticks are multiples of 1, 2 or 5 times a power of ten, the finest step of which at most four fit."""
    assert list_ticks(Scale(low=low, high=high), at_most=4) == ticks
