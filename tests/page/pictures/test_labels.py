"""Places of labels."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.page.pictures.labels import NARROWEST, place_label, spread, stack

places = st.lists(st.floats(min_value=0.0, max_value=200.0), min_size=1, max_size=8).map(sorted)


@given(places, st.floats(min_value=1.0, max_value=60.0))
def test_spread_keeps_labels_apart_in_order_and_within_bounds(wanted: list[float], gap: float) -> None:
    """Labels keep their order, stay within bounds, and are the gap apart, or evenly closer where there is no room."""
    found = spread(wanted, gap=gap, low=0.0, high=200.0)

    least = gap if len(wanted) == 1 else min(gap, 200.0 / (len(wanted) - 1))
    assert all(after - before >= least - 1e-9 for before, after in itertools.pairwise(found))
    assert found[0] >= -1e-9
    assert found[-1] <= 200.0 + 1e-9


@given(places)
def test_spread_leaves_labels_that_do_not_meet(wanted: list[float]) -> None:
    """Labels that are apart already stay where they are."""
    apart = [place for place, before in zip(wanted, [-99.0, *wanted], strict=False) if place - before >= 20.0]

    assert spread(apart, gap=20.0, low=0.0, high=200.0) == pytest.approx(apart)


@given(st.lists(st.tuples(st.text("0", min_size=1, max_size=12), st.floats(min_value=0.0, max_value=1.0)), max_size=8))
def test_labels_of_a_row_do_not_meet(given_labels: list[tuple[str, float]]) -> None:
    """No two labels of one row overlap in the narrowest picture, and none reaches over its ends."""
    labels = [place_label(text, place) for text, place in given_labels]
    rows = stack(labels)

    assert all(label.start >= -1e-9 and label.stop <= NARROWEST + 1e-9 for label in labels)
    for (one, row), (other, same) in itertools.combinations(zip(labels, rows, strict=True), 2):
        assert row != same or one.stop <= other.start or other.stop <= one.start
